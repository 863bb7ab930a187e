//! What clients can find out by themselves (RFC 8414).

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde_json::json;

use super::details;
use super::jws::ALGORITHMS;
use super::{AUTHORIZE_PATH, INTROSPECT_PATH, PAR_PATH, REVOKE_PATH, TOKEN_PATH};
use crate::gateway::Gateway;
use crate::problem::answer;

/// The document of `/.well-known/oauth-authorization-server`. It names no keys of this server's: tokens are opaque, and
/// nothing that it gives out is signed.
pub(crate) fn metadata(gateway: &Gateway) -> Response<Full<Bytes>> {
    let issuer = gateway.config.listen.public_url.as_str();
    let at = |path: &str| format!("{issuer}{path}");
    let algorithms: Vec<&str> = ALGORITHMS.split(' ').collect();
    let mut body = json!({
        "issuer": issuer,
        "token_endpoint": at(TOKEN_PATH),
        "revocation_endpoint": at(REVOKE_PATH),
        "introspection_endpoint": at(INTROSPECT_PATH),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "dpop_signing_alg_values_supported": algorithms,
    });
    for endpoint in ["token", "revocation", "introspection"] {
        body[format!("{endpoint}_endpoint_auth_methods_supported")] = json!(["private_key_jwt"]);
        body[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")] = json!(algorithms);
    }
    if gateway.persons.is_some() {
        let of_people = [
            ("authorization_endpoint", json!(at(AUTHORIZE_PATH))),
            ("pushed_authorization_request_endpoint", json!(at(PAR_PATH))),
            ("require_pushed_authorization_requests", json!(true)),
            (
                "grant_types_supported",
                json!(["authorization_code", "refresh_token", "client_credentials"]),
            ),
            ("response_types_supported", json!(["code"])),
            ("response_modes_supported", json!(["query"])),
            ("code_challenge_methods_supported", json!(["S256"])),
            (
                "authorization_details_types_supported",
                json!([details::TYPE]),
            ),
            (
                "authorization_response_iss_parameter_supported",
                json!(true),
            ),
        ];
        for (name, value) in of_people {
            body[name] = value;
        }
    }
    answer(200, "application/json", &body)
}
