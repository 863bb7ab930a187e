//! The proof that whoever sends a token holds the key it is bound to (DPoP, RFC 9449).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use http::Method;
use serde_json::json;

use crate::jws::sign_compact;
use crate::key::{Key, KeyError};

/// What a proof is for: one request, with the access token that goes along where there is one yet.
#[derive(Clone, Copy, Debug)]
pub struct Proven<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// Its address. Query and fragment are left out of the proof, as section 4.2 says.
    pub address: &'a str,
    /// The access token.
    pub token: Option<&'a str>,
    /// The nonce that the server asked for, if it did (section 8).
    pub nonce: Option<&'a str>,
}

/// A proof for one request, now (in seconds since 1970), once: `id` is never used again.
///
/// # Errors
/// When signing fails.
pub fn proof(key: &Key, request: Proven<'_>, now: i64, id: &str) -> Result<String, KeyError> {
    let bare = request.address.split(['?', '#']).next();
    let mut claims = json!({
        "jti": id,
        "htm": request.method.as_str(),
        "htu": bare.unwrap_or_default(),
        "iat": now,
    });
    let hash = |token: &str| B64.encode(digest::digest(&digest::SHA256, token.as_bytes()));
    if let Some(members) = claims.as_object_mut() {
        members.extend(
            request
                .token
                .map(|token| ("ath".into(), hash(token).into())),
        );
        members.extend(request.nonce.map(|nonce| ("nonce".into(), nonce.into())));
    }
    let header = json!({ "typ": "dpop+jwt", "jwk": key.bare_jwk() });
    sign_compact(key, header, claims.to_string().as_bytes())
}
