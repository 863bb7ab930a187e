//! A key pair for signatures, as JWK (RFC 7517, 8037) and with its thumbprint (RFC 7638).

use std::fmt;

use aws_lc_rs::agreement;
use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};
use thiserror::Error;

/// Which signature; the names of RFC 7518 and RFC 8037.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// As `alg` says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Es256 => "ES256",
            Algorithm::EdDsa => "EdDSA",
        }
    }
}

/// Why a key cannot be made or read.
#[derive(Debug, Error)]
pub enum KeyError {
    /// Not a JWK of a kind that is known here.
    #[error(
        "not a private JWK: {0}; expected kty EC with crv P-256, or kty OKP with crv Ed25519, and a member d"
    )]
    Form(&'static str),
    /// The numbers in it are no key, or do not belong together.
    #[error("the private part does not fit: {0}")]
    Numbers(&'static str),
}

/// A key pair. Printing it shows its thumbprint and nothing secret.
pub struct Key {
    pair: Pair,
    /// The private number, as it stands in the JWK.
    secret: [u8; 32],
    thumbprint: String,
    kid: String,
}

enum Pair {
    Es256(Box<EcdsaKeyPair>),
    EdDsa(Ed25519KeyPair),
}

impl Key {
    /// The key of these 32 bytes, which must come from a generator fit for keys: they *are* the private key.
    ///
    /// # Errors
    /// When the bytes are no private key of P-256: once in 2³² draws; draw again.
    pub fn from_secret(algorithm: Algorithm, secret: [u8; 32]) -> Result<Key, KeyError> {
        let pair = match algorithm {
            Algorithm::Es256 => Pair::Es256(Box::new(p256(&secret)?)),
            Algorithm::EdDsa => Pair::EdDsa(
                Ed25519KeyPair::from_seed_unchecked(&secret)
                    .map_err(|_| KeyError::Numbers("not an Ed25519 seed"))?,
            ),
        };
        let mut key = Key {
            pair,
            secret,
            thumbprint: String::new(),
            kid: String::new(),
        };
        key.thumbprint = key.compute_thumbprint();
        key.kid.clone_from(&key.thumbprint);
        Ok(key)
    }

    /// The same key under another id than its thumbprint.
    #[must_use]
    pub fn named(mut self, kid: &str) -> Key {
        kid.clone_into(&mut self.kid);
        self
    }

    /// Reads a private JWK. Its public members, where given, must be those of the private one.
    ///
    /// # Errors
    /// When it is not a key of a known kind, or its parts do not belong together.
    pub fn from_jwk(jwk: &Value) -> Result<Key, KeyError> {
        let text = |name| jwk.get(name).and_then(Value::as_str);
        let algorithm = match (text("kty"), text("crv")) {
            (Some("EC"), Some("P-256")) => Algorithm::Es256,
            (Some("OKP"), Some("Ed25519")) => Algorithm::EdDsa,
            _ => return Err(KeyError::Form("another kty or crv")),
        };
        let secret = text("d")
            .and_then(|d| B64.decode(d).ok())
            .and_then(|d| <[u8; 32]>::try_from(d).ok())
            .ok_or(KeyError::Form("d is not 32 bytes in base64url"))?;
        let key = Key::from_secret(algorithm, secret)?;
        let public = key.public_jwk();
        for part in ["x", "y"] {
            if jwk
                .get(part)
                .is_some_and(|given| Some(given) != public.get(part))
            {
                return Err(KeyError::Numbers("x or y is not that of d"));
            }
        }
        Ok(match text("kid") {
            Some(kid) => key.named(kid),
            None => key,
        })
    }

    /// Which signature it makes.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::Es256(_) => Algorithm::Es256,
            Pair::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    /// The key's id: its thumbprint unless it was named otherwise.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half, with `kid`, `alg` and `use`.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        let mut jwk = self.bare_jwk();
        if let Value::Object(members) = &mut jwk {
            members.insert("kid".into(), self.kid.as_str().into());
            members.insert("alg".into(), self.algorithm().as_str().into());
            members.insert("use".into(), "sig".into());
        }
        jwk
    }

    /// Both halves. Whoever holds this text can sign.
    #[must_use]
    pub fn private_jwk(&self) -> Value {
        let mut jwk = self.public_jwk();
        if let Value::Object(members) = &mut jwk {
            members.insert("d".into(), B64.encode(self.secret).into());
        }
        jwk
    }

    /// Both halves in PEM (PKCS #8, RFC 5958). Whoever holds this text can sign.
    ///
    /// # Errors
    /// When the crypto library cannot write the key.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        let unwritten = |_| KeyError::Numbers("it cannot be written as PKCS #8");
        let der = match &self.pair {
            Pair::Es256(pair) => pair.to_pkcs8v1().map_err(unwritten)?,
            Pair::EdDsa(pair) => pair.to_pkcs8v1().map_err(unwritten)?,
        };
        let text = base64::prelude::BASE64_STANDARD.encode(der.as_ref());
        let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        Ok(pem)
    }

    /// The JWK thumbprint with SHA-256 (RFC 7638), base64url: what a token is bound to.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Signs; 64 bytes with either algorithm, in the form that JWS wants.
    ///
    /// # Errors
    /// When the crypto library fails, which it does only without memory or randomness.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.pair {
            Pair::Es256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| KeyError::Numbers("signing failed")),
            Pair::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }

    /// Only the members that define the key, in the order that RFC 7638 hashes them.
    pub(crate) fn bare_jwk(&self) -> Value {
        match &self.pair {
            Pair::Es256(pair) => {
                // The point, uncompressed: 04, x, y.
                let point = pair.public_key().as_ref();
                let (x, y) = point.split_at(1).1.split_at(32);
                json!({ "crv": "P-256", "kty": "EC", "x": B64.encode(x), "y": B64.encode(y) })
            }
            Pair::EdDsa(pair) => {
                json!({ "crv": "Ed25519", "kty": "OKP", "x": B64.encode(pair.public_key()) })
            }
        }
    }

    fn compute_thumbprint(&self) -> String {
        B64.encode(digest::digest(
            &digest::SHA256,
            self.bare_jwk().to_string().as_bytes(),
        ))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm())
            .field("thumbprint", &self.thumbprint)
            .finish_non_exhaustive()
    }
}

fn p256(secret: &[u8; 32]) -> Result<EcdsaKeyPair, KeyError> {
    let wrong = |_| KeyError::Numbers("not a private key of P-256");
    let private = agreement::PrivateKey::from_private_key(&agreement::ECDH_P256, secret)
        .map_err(|_| KeyError::Numbers("not a private key of P-256"))?;
    let public = private
        .compute_public_key()
        .map_err(|_| KeyError::Numbers("not a private key of P-256"))?;
    EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        secret,
        public.as_ref(),
    )
    .map_err(wrong)
}
