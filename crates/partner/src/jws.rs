//! JWS in its compact form (RFC 7515).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use serde_json::Value;

use crate::key::{Key, KeyError};

/// Header and payload, signed. `alg` must not be in `header`: it is the key's.
///
/// # Errors
/// When signing fails.
pub fn sign_compact(key: &Key, mut header: Value, payload: &[u8]) -> Result<String, KeyError> {
    if let Value::Object(members) = &mut header {
        members.insert("alg".into(), key.algorithm().as_str().into());
    }
    let mut text = format!("{}.{}", B64.encode(header.to_string()), B64.encode(payload));
    let signature = key.sign(text.as_bytes())?;
    text.push('.');
    B64.encode_string(signature, &mut text);
    Ok(text)
}
