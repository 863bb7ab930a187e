//! Signed JWTs as partners send them (RFC 7515, 7517, 7518, 7638): read strictly, verified by the key's own algorithm.
//!
//! The header never chooses how a signature is verified: the key does, and the header must agree. So `none`, or HMAC
//! with a public key as its secret, has nothing to be confused with.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use sha2::{Digest as _, Sha256};

/// The algorithms of the keys below, as challenges and metadata name them.
pub(crate) const ALGORITHMS: &str = "ES256 EdDSA PS256";

/// The longest JWT that is looked at, in bytes.
const LONGEST: usize = 8192;

/// A public key, by which one algorithm alone can be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// ES256: an uncompressed P-256 point.
    P256(Box<[u8; 65]>),
    /// EdDSA.
    Ed25519([u8; 32]),
    /// PS256, or of a login provider RS256.
    Rsa {
        /// The modulus, big-endian.
        n: Vec<u8>,
        /// The exponent, big-endian.
        e: Vec<u8>,
        /// Which of the two.
        padding: Padding,
    },
}

/// How an RSA key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// PS256: the only one that partners may use.
    Pss,
    /// RS256: what OpenID Connect providers sign with unless told otherwise.
    Pkcs1,
}

/// Why a JWT was not read or not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JwsFault {
    /// Not a JWT in compact form, or too long.
    Malformed,
    /// It demands an extension.
    Critical,
    /// Its `alg` is not the key's.
    Algorithm,
    /// The signature is wrong.
    Signature,
}

/// A JWT that has been taken apart, and not been verified.
pub(crate) struct Jws<'a> {
    /// Its header.
    pub(crate) header: Header,
    signed: &'a [u8],
    payload: &'a str,
    signature: Vec<u8>,
}

/// What is read of a header. Members given twice are an error; members not named here mean nothing.
#[derive(Deserialize)]
pub(crate) struct Header {
    alg: String,
    pub(crate) typ: Option<String>,
    pub(crate) kid: Option<String>,
    pub(crate) jwk: Option<Jwk>,
    crit: Option<IgnoredAny>,
}

/// A JSON Web Key, as far as it is read.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Jwk {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    pub(crate) kid: Option<String>,
    d: Option<IgnoredAny>,
    k: Option<IgnoredAny>,
}

impl<'a> Jws<'a> {
    /// Takes a JWT apart.
    pub(crate) fn read(text: &'a str) -> Result<Self, JwsFault> {
        if text.len() > LONGEST {
            return Err(JwsFault::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsFault::Malformed)?;
        if payload.contains('.') {
            return Err(JwsFault::Malformed);
        }
        let header: Header = json(header)?;
        if header.crit.is_some() {
            return Err(JwsFault::Critical);
        }
        Ok(Self {
            header,
            signed: signed.as_bytes(),
            payload,
            signature: decode(signature)?,
        })
    }

    /// The claims, if the key verifies them. Whether they may be believed otherwise is the caller's to check.
    pub(crate) fn verify<Claims: DeserializeOwned>(
        &self,
        key: &PublicKey,
    ) -> Result<Claims, JwsFault> {
        if self.header.alg != key.algorithm() {
            return Err(JwsFault::Algorithm);
        }
        if !key.verifies(self.signed, &self.signature) {
            return Err(JwsFault::Signature);
        }
        json(self.payload)
    }

    /// The claims as they stand, unverified: only to find out whose key to verify with.
    pub(crate) fn unverified<Claims: DeserializeOwned>(&self) -> Result<Claims, JwsFault> {
        json(self.payload)
    }

    /// Whether the header names an algorithm that some key could have.
    pub(crate) fn has_known_algorithm(&self) -> bool {
        ALGORITHMS.split(' ').any(|known| known == self.header.alg)
    }
}

fn decode(text: &str) -> Result<Vec<u8>, JwsFault> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| JwsFault::Malformed)
}

fn json<T: DeserializeOwned>(part: &str) -> Result<T, JwsFault> {
    serde_json::from_slice(&decode(part)?).map_err(|_| JwsFault::Malformed)
}

impl PublicKey {
    /// The key of a JWK; `None` when it is private, symmetric, of another kind, or marked for another use.
    pub(crate) fn of(jwk: &Jwk) -> Option<Self> {
        Self::padded(jwk, Padding::Pss)
    }

    /// A key of a login provider's, where an RSA key signs by RS256 unless it says PS256. Each key has one algorithm
    /// there, too.
    pub(crate) fn of_provider(jwk: &Jwk) -> Option<Self> {
        let padding = match jwk.alg.as_deref() {
            Some("PS256") => Padding::Pss,
            _ => Padding::Pkcs1,
        };
        Self::padded(jwk, padding)
    }

    fn padded(jwk: &Jwk, padding: Padding) -> Option<Self> {
        if jwk.d.is_some() || jwk.k.is_some() || jwk.usage.as_deref().is_some_and(|u| u != "sig") {
            return None;
        }
        let member = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
        let key = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("EC", Some("P-256")) => {
                let (x, y) = (member(&jwk.x)?, member(&jwk.y)?);
                let point: [u8; 65] = [&[4][..], &x, &y].concat().try_into().ok()?;
                (x.len() == 32).then_some(Self::P256(Box::new(point)))?
            }
            ("OKP", Some("Ed25519")) => Self::Ed25519(member(&jwk.x)?.try_into().ok()?),
            ("RSA", _) => {
                let (n, e) = (member(&jwk.n)?, member(&jwk.e)?);
                // RFC 7518 section 6.3.1: no leading zero; and the sizes that aws-lc-rs verifies.
                let fits = (256..=1024).contains(&n.len()) && n.first() != Some(&0);
                (fits && !e.is_empty() && e.len() <= 5).then_some(Self::Rsa { n, e, padding })?
            }
            _ => return None,
        };
        jwk.alg
            .as_deref()
            .is_none_or(|alg| alg == key.algorithm())
            .then_some(key)
    }

    /// The one algorithm by which this key verifies.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::P256(_) => "ES256",
            Self::Ed25519(_) => "EdDSA",
            Self::Rsa {
                padding: Padding::Pss,
                ..
            } => "PS256",
            Self::Rsa {
                padding: Padding::Pkcs1,
                ..
            } => "RS256",
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            Self::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point[..])
                .verify(message, signature),
            Self::Ed25519(key) => {
                UnparsedPublicKey::new(&ED25519, &key[..]).verify(message, signature)
            }
            Self::Rsa { n, e, padding } => {
                let padding: &RsaParameters = match padding {
                    Padding::Pss => &RSA_PSS_2048_8192_SHA256,
                    Padding::Pkcs1 => &RSA_PKCS1_2048_8192_SHA256,
                };
                RsaPublicKeyComponents { n, e }.verify(padding, message, signature)
            }
        };
        verified.is_ok()
    }

    /// The SHA-256 thumbprint of RFC 7638, by which tokens are bound.
    pub(crate) fn thumbprint(&self) -> [u8; 32] {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let canonical = match self {
            Self::P256(point) => {
                let (x, y) = point.split_at(33);
                let x = text(x.get(1..).unwrap_or_default());
                format!(
                    r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{}"}}"#,
                    text(y)
                )
            }
            Self::Ed25519(x) => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, text(x)),
            Self::Rsa { n, e, .. } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(e), text(n))
            }
        };
        Sha256::digest(canonical).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwk(text: &str) -> Jwk {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_thumbprint_is_the_one_of_rfc_8037() {
        let key = PublicKey::of(&jwk(
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        ));
        let print = URL_SAFE_NO_PAD.encode(key.unwrap().thumbprint());
        assert_eq!(print, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"); // RFC 8037, appendix A.3
    }

    #[test]
    fn the_thumbprint_is_the_one_of_rfc_7638() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = PublicKey::of(&jwk(&format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB"}}"#)));
        let print = URL_SAFE_NO_PAD.encode(key.unwrap().thumbprint());
        assert_eq!(print, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"); // RFC 7638, section 3.1
    }

    #[test]
    fn private_symmetric_and_foreign_keys_are_no_keys() {
        for text in [
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"x"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","alg":"ES256"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","use":"enc"}"#,
            r#"{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            r#"{"kty":"oct","k":"c2VjcmV0"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
            r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#,
        ] {
            assert_eq!(PublicKey::of(&jwk(text)), None, "{text}");
        }
    }

    #[test]
    fn ps256_is_verified_and_the_same_key_under_rs256_is_not_unless_it_is_a_providers() {
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let public = aws_lc_rs::signature::KeyPair::public_key(&pair);
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let n = text(public.modulus().big_endian_without_leading_zero());
        let e = text(public.exponent().big_endian_without_leading_zero());
        let key = PublicKey::of(&jwk(&format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#))).unwrap();
        let signed = |alg: &str, padding: &'static dyn aws_lc_rs::signature::RsaEncoding| {
            let signed = format!(
                "{}.{}",
                text(format!(r#"{{"alg":"{alg}"}}"#).as_bytes()),
                text(b"{}")
            );
            let mut signature = vec![0; 256];
            let random = aws_lc_rs::rand::SystemRandom::new();
            pair.sign(padding, &random, signed.as_bytes(), &mut signature)
                .unwrap();
            format!("{signed}.{}", text(&signature))
        };
        let verified = |jwt: &str| Jws::read(jwt).unwrap().verify::<serde_json::Value>(&key);
        let pss = signed("PS256", &aws_lc_rs::signature::RSA_PSS_SHA256);
        assert_eq!(verified(&pss), Ok(serde_json::json!({})));
        let pkcs1 = signed("RS256", &aws_lc_rs::signature::RSA_PKCS1_SHA256);
        assert_eq!(verified(&pkcs1), Err(JwsFault::Algorithm));
        let mixed = signed("PS256", &aws_lc_rs::signature::RSA_PKCS1_SHA256);
        assert_eq!(verified(&mixed), Err(JwsFault::Signature));
        let jwk = |alg: &str| jwk(&format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB"{alg}}}"#));
        for (alg, its, other) in [("", &pkcs1, &pss), (r#","alg":"PS256""#, &pss, &pkcs1)] {
            let key = PublicKey::of_provider(&jwk(alg)).unwrap();
            let verified = |jwt: &str| Jws::read(jwt).unwrap().verify::<serde_json::Value>(&key);
            assert!(verified(its).is_ok());
            assert_eq!(verified(other), Err(JwsFault::Algorithm));
        }
    }

    #[test]
    fn what_is_not_three_parts_of_base64url_and_json_is_malformed() {
        for text in [
            "",
            "a.b",
            "a.b.c.d",
            "e30.e30.",
            "!.!.!",
            "eyJhbGciOjF9.e30.AA",
        ] {
            assert!(
                matches!(Jws::read(text), Err(JwsFault::Malformed)),
                "{text}"
            );
        }
    }
}
