//! The proof that whoever sends a token holds the key it is bound to (DPoP, RFC 9449).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use http::Method;
use serde_json::json;

use crate::jws::sign_compact;
use crate::key::{Key, KeyError};

/// A proof for one request: this method, this address (its query and fragment are left out, as section 4.2 says),
/// now, once. With the access token that goes along, where there is one yet.
///
/// # Errors
/// When signing fails.
pub fn proof(
    key: &Key,
    method: &Method,
    address: &str,
    token: Option<&str>,
    now: i64,
    id: &str,
) -> Result<String, KeyError> {
    let bare = address.split(['?', '#']).next().unwrap_or_default();
    let mut claims = json!({ "jti": id, "htm": method.as_str(), "htu": bare, "iat": now });
    if let (Some(token), Some(members)) = (token, claims.as_object_mut()) {
        let hash = digest::digest(&digest::SHA256, token.as_bytes());
        members.insert("ath".into(), B64.encode(hash).into());
    }
    let header = json!({ "typ": "dpop+jwt", "jwk": key.bare_jwk() });
    sign_compact(key, header, claims.to_string().as_bytes())
}
