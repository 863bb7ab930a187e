//! The statement by which a partner says who it is (private_key_jwt, RFC 7523).

use serde_json::json;

use crate::jws::sign_compact;
use crate::key::{Key, KeyError};

/// How long an assertion is good for, in seconds. It is used at once.
const LIVES: i64 = 60;

/// An assertion by `partner`, for the authorization server named `issuer` and nobody else.
///
/// `now` is in seconds since 1970; `id` is used once: the gateway refuses the same one again.
///
/// # Errors
/// When signing fails.
pub fn assertion(
    key: &Key,
    partner: &str,
    issuer: &str,
    now: i64,
    id: &str,
) -> Result<String, KeyError> {
    let claims = json!({
        "iss": partner,
        "sub": partner,
        "aud": issuer,
        "iat": now,
        "exp": now.saturating_add(LIVES),
        "jti": id,
    });
    let header = json!({ "typ": "JWT", "kid": key.kid() });
    sign_compact(key, header, claims.to_string().as_bytes())
}
