//! What clients can find out by themselves (RFC 8414).

use http::Response;

use super::endpoint::{REVOKE_PATH, TOKEN_PATH};
use super::jws::ALGORITHMS;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::answer;

/// The document of `/.well-known/oauth-authorization-server`.
pub(crate) fn metadata(gateway: &Gateway) -> Response<Body> {
    let issuer = gateway.config.listen.public_url.as_str();
    let algorithms: Vec<&str> = ALGORITHMS.split(' ').collect();
    let body = serde_json::json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}{TOKEN_PATH}"),
        "revocation_endpoint": format!("{issuer}{REVOKE_PATH}"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
    });
    answer(200, "application/json", &body)
}
