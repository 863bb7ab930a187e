//! An ID token (OpenID Connect Core 1.0, section 3.1.3.7): by a key of the provider's, for us, for this login, now.

use decide::Time;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::config::Login;
use crate::oauth::{Jwk, Jws, PublicKey};

/// How far the provider's clock may be off.
const SKEW_MS: i64 = 60_000;
/// How long ago the token may have been made.
const OLDEST_MS: i64 = 600_000;

/// Why an ID token is not believed. For the operator's log; the person reads that they are not logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is no signed JWT with iss, aud, exp, iat and nonce")]
    Malformed,
    #[error("no key of the provider's verifies it by the algorithm of that key")]
    Unverified,
    #[error("its issuer is another")]
    Issuer,
    #[error("it is meant for somebody else")]
    Audience,
    #[error("it is not of now")]
    Time,
    #[error("it belongs to another login")]
    Nonce,
}

/// An ID token that is believed.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: String,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Checks an ID token.
pub(super) fn check(
    text: &str,
    keys: &[Jwk],
    login: &Login,
    nonce: &str,
    now: Time,
) -> Result<Claims, Fault> {
    let jws = Jws::read(text).map_err(|_| Fault::Malformed)?;
    let fitting = keys
        .iter()
        .filter(|jwk| jws.header.kid.is_none() || jws.header.kid == jwk.kid)
        .filter_map(PublicKey::of_provider);
    let mut verified = fitting.filter_map(|key| jws.verify::<Claims>(&key).ok());
    let claims = verified.next().ok_or(Fault::Unverified)?;
    if claims.iss != login.issuer {
        return Err(Fault::Issuer);
    }
    if !claims.is_for(&login.client_id) {
        return Err(Fault::Audience);
    }
    let ago = |seconds: i64| now.0.saturating_sub(seconds.saturating_mul(1000));
    let made = ago(claims.iat);
    if ago(claims.exp) >= SKEW_MS || !(-SKEW_MS..=OLDEST_MS).contains(&made) {
        return Err(Fault::Time);
    }
    if claims.nonce != nonce {
        return Err(Fault::Nonce);
    }
    Ok(claims)
}

impl Claims {
    /// A claim that is a text.
    pub(super) fn person(&self, claim: &str) -> Option<&str> {
        let text = self.others.get(claim)?.as_str()?;
        (!text.is_empty()).then_some(text)
    }

    fn is_for(&self, client: &str) -> bool {
        let alone = match &self.aud {
            Audience::One(one) => one == client,
            Audience::Many(many) => matches!(many.as_slice(), [one] if one == client),
        };
        alone && self.azp.as_deref().is_none_or(|party| party == client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;
    use aws_lc_rs::hmac;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use partner::{Algorithm, Key, sign_compact};
    use serde_json::json;

    const NOW: i64 = 1_000_000;

    fn login() -> Login {
        Login {
            platform: "Sample Social".to_owned(),
            issuer: "https://login.sample.example".to_owned(),
            client_id: "countersign".to_owned(),
            client_secret: Secret::new(String::new()),
            authorities: None,
            person_claim: "sub".to_owned(),
        }
    }

    fn key() -> Key {
        Key::from_secret(Algorithm::Es256, [1; 32]).unwrap()
    }

    fn claims() -> Value {
        json!({ "iss": "https://login.sample.example", "aud": "countersign", "sub": "ada", "nonce": "n", "iat": NOW, "exp": NOW + 300 })
    }

    fn signed(key: &Key, claims: &Value) -> String {
        let header = json!({ "kid": self::key().kid() });
        sign_compact(key, header, claims.to_string().as_bytes()).unwrap()
    }

    fn checked(token: &str) -> Result<Claims, Fault> {
        let jwk: Jwk = serde_json::from_value(key().public_jwk()).unwrap();
        check(token, &[jwk], &login(), "n", Time(NOW * 1000))
    }

    #[test]
    fn a_token_for_this_login_says_who_it_is() {
        let claims = checked(&signed(&key(), &claims())).unwrap();
        assert_eq!(
            (claims.person("sub"), claims.person("name")),
            (Some("ada"), None)
        );
    }

    #[test]
    fn a_token_for_anything_else_is_not_believed() {
        let cases: &[(&str, &str, Value, Fault)] = &[
            (
                "another issuer",
                "iss",
                "https://thief.example".into(),
                Fault::Issuer,
            ),
            (
                "its issuer with a slash",
                "iss",
                "https://login.sample.example/".into(),
                Fault::Issuer,
            ),
            ("another audience", "aud", "reelbox".into(), Fault::Audience),
            (
                "several audiences",
                "aud",
                json!(["countersign", "reelbox"]),
                Fault::Audience,
            ),
            ("no audience", "aud", json!([]), Fault::Audience),
            (
                "given to another party",
                "azp",
                "reelbox".into(),
                Fault::Audience,
            ),
            ("expired", "exp", (NOW - 60).into(), Fault::Time),
            ("made long ago", "iat", (NOW - 601).into(), Fault::Time),
            ("made in the future", "iat", (NOW + 61).into(), Fault::Time),
            ("another login's", "nonce", "m".into(), Fault::Nonce),
            ("without a nonce", "nonce", Value::Null, Fault::Unverified),
            ("without an end", "exp", Value::Null, Fault::Unverified),
        ];
        for (what, claim, value, fault) in cases {
            let mut claims = claims();
            claims[*claim] = value.clone();
            assert_eq!(
                checked(&signed(&key(), &claims)).err(),
                Some(*fault),
                "{what}"
            );
        }
    }

    #[test]
    fn no_other_key_and_no_other_algorithm_verifies_a_token() {
        let other = Key::from_secret(Algorithm::Es256, [2; 32]).unwrap();
        assert_eq!(
            checked(&signed(&other, &claims())).err(),
            Some(Fault::Unverified)
        );
        let body = |alg: &str| {
            let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}", part(json!({ "alg": alg })), part(claims()))
        };
        assert_eq!(
            checked(&format!("{}.", body("none"))).err(),
            Some(Fault::Unverified)
        );
        // The classic: the public key as HMAC's secret.
        let signed = body("HS256");
        let secret = hmac::Key::new(hmac::HMAC_SHA256, key().public_jwk().to_string().as_bytes());
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&secret, signed.as_bytes()));
        assert_eq!(
            checked(&format!("{signed}.{tag}")).err(),
            Some(Fault::Unverified)
        );
        assert_eq!(checked("a.b").err(), Some(Fault::Malformed));
    }
}
