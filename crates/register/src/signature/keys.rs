//! Officers' keys: reading a published set, judging a key, and the private half that an officer signs with.

use std::collections::BTreeSet;
use std::fmt;

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::Value;

use super::error::BadKey;

/// Members of a JWK that only a private or symmetric key has (RFC 7518, section 6).
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Reads a JWK set (RFC 7517) of public keys, as a partner publishes it or a platform hands it in.
///
/// # Errors
/// Not a set, a private key in it, or two keys with one kid. Keys of other kinds than can sign may be in it.
pub fn read_key_set(file: &str, bytes: &[u8]) -> Result<JwkSet, BadKey> {
    let bad = |what: String| BadKey::Set {
        file: file.to_owned(),
        what,
    };
    let value: Value = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
    let keys = value
        .get("keys")
        .and_then(Value::as_array)
        .ok_or_else(|| bad("no array of keys".to_owned()))?;
    let mut kids = BTreeSet::new();
    for key in keys {
        let kid = key
            .get("kid")
            .and_then(Value::as_str)
            .unwrap_or("(none)")
            .to_owned();
        if let Some(member) = PRIVATE.iter().find(|member| key.get(**member).is_some()) {
            return Err(BadKey::Private {
                file: file.to_owned(),
                kid,
                member,
            });
        }
        if kid != "(none)" && !kids.insert(kid.clone()) {
            return Err(BadKey::KidTwice {
                file: file.to_owned(),
                kid,
            });
        }
    }
    serde_json::from_value(value).map_err(|error| bad(error.to_string()))
}

/// The one algorithm by which this key signs.
pub(crate) fn algorithm(key: &Jwk) -> Result<Algorithm, BadKey> {
    let algorithm = match &key.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        _ => return Err(BadKey::Kind),
    };
    let said = key.common.key_algorithm.map(|said| said.to_string());
    if let Some(said) = said.filter(|said| said != name(algorithm)) {
        return Err(BadKey::Algorithm {
            said,
            expected: name(algorithm),
        });
    }
    let encrypts = key
        .common
        .public_key_use
        .as_ref()
        .is_some_and(|its| *its != PublicKeyUse::Signature);
    let operations = key.common.key_operations.as_ref();
    if encrypts || operations.is_some_and(|all| !all.contains(&KeyOperations::Verify)) {
        return Err(BadKey::Use);
    }
    DecodingKey::from_jwk(key).map_err(|_| BadKey::Broken)?;
    Ok(algorithm)
}

/// The name as JWS headers write it.
pub(super) fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::EdDSA => "EdDSA",
        Algorithm::ES256 => "ES256",
        _ => "another",
    }
}

/// An officer's private key. Never prints itself.
pub struct SigningKey {
    pub(super) key: EncodingKey,
    pub(super) algorithm: Algorithm,
}

impl SigningKey {
    /// Reads a private key in PEM (PKCS #8): Ed25519 or P-256.
    ///
    /// # Errors
    /// Any other key. The text is not repeated.
    pub fn from_pem(pem: &[u8]) -> Result<SigningKey, BadKey> {
        let ed = EncodingKey::from_ed_pem(pem).map(|key| SigningKey {
            key,
            algorithm: Algorithm::EdDSA,
        });
        let ec = |_| {
            EncodingKey::from_ec_pem(pem).map(|key| SigningKey {
                key,
                algorithm: Algorithm::ES256,
            })
        };
        let key = ed.or_else(ec).map_err(|_| BadKey::Pem)?;
        key.public("check").map(|_| key)
    }

    /// An Ed25519 key from 32 random bytes, drawn for it alone.
    ///
    /// # Errors
    /// The crypto library refused; it has no reason to.
    pub fn ed25519(seed: &[u8; 32]) -> Result<SigningKey, BadKey> {
        // RFC 8410: PrivateKeyInfo of version 1 around the seed.
        const HEAD: [u8; 16] = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        let key = SigningKey {
            key: EncodingKey::from_ed_der(&[&HEAD[..], seed].concat()),
            algorithm: Algorithm::EdDSA,
        };
        key.public("check").map(|_| key)
    }

    /// The key in PEM (PKCS #8), to be written to a file of mode 0600.
    #[must_use]
    pub fn to_pem(&self) -> String {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(self.key.as_bytes());
        let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        pem
    }

    /// The public half as a JWK with this kid, for a published set.
    ///
    /// # Errors
    /// The key is broken.
    pub fn public(&self, kid: &str) -> Result<Jwk, BadKey> {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).map_err(|_| BadKey::Pem)?;
        jwk.common.key_id = Some(kid.to_owned());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(jwk)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(secret)")
    }
}
