//! What clients can find out by themselves (RFC 8414).

use http::Response;
use serde_json::{Map, Value, json};

use super::details;
use super::jws::ALGORITHMS;
use super::{AUTHORIZE_PATH, INTROSPECT_PATH, PAR_PATH, REVOKE_PATH, TOKEN_PATH};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::problem::answer;

/// The document of `/.well-known/oauth-authorization-server`. It names no keys of this server's: tokens are opaque, and
/// nothing that it gives out is signed.
pub(crate) fn metadata(gateway: &Gateway) -> Response<Body> {
    let issuer = gateway.config.listen.public_url.as_str();
    let at = |path: &str| format!("{issuer}{path}");
    let algorithms: Vec<&str> = ALGORITHMS.split(' ').collect();
    let mut body = Map::new();
    let mut say = |name: &str, value: Value| body.insert(name.to_owned(), value);
    say("issuer", json!(issuer));
    say("token_endpoint", json!(at(TOKEN_PATH)));
    say("revocation_endpoint", json!(at(REVOKE_PATH)));
    say("introspection_endpoint", json!(at(INTROSPECT_PATH)));
    say("dpop_signing_alg_values_supported", json!(algorithms));
    for endpoint in ["token", "revocation", "introspection"] {
        let of = |what: &str| format!("{endpoint}_endpoint_auth_{what}_supported");
        say(&of("methods"), json!(["private_key_jwt"]));
        say(&of("signing_alg_values"), json!(algorithms));
    }
    if gateway.persons.is_none() {
        say("grant_types_supported", json!(["client_credentials"]));
        say("response_types_supported", json!([]));
    } else {
        let grants = ["authorization_code", "refresh_token", "client_credentials"];
        say("grant_types_supported", json!(grants));
        say("response_types_supported", json!(["code"]));
        say("response_modes_supported", json!(["query"]));
        say("authorization_endpoint", json!(at(AUTHORIZE_PATH)));
        say("pushed_authorization_request_endpoint", json!(at(PAR_PATH)));
        say("require_pushed_authorization_requests", json!(true));
        say("code_challenge_methods_supported", json!(["S256"]));
        say(
            "authorization_details_types_supported",
            json!([details::TYPE]),
        );
        say(
            "authorization_response_iss_parameter_supported",
            json!(true),
        );
    }
    let body = Value::Object(body);
    answer(200, "application/json", &body)
}
