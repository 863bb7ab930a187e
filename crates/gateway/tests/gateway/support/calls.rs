//! Calls whose every part a test can spoil before it is signed.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use partner::Key;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{PUBLIC, Told, World, key_of};

/// A JWT to be, signed when it is sent.
pub(crate) struct Jwt {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) key: Key,
    /// Sent in its place, if it is set.
    pub(crate) text: Option<String>,
}

impl Jwt {
    pub(crate) fn signed(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let signed = self.unsigned();
        let signature = self.key.sign(signed.as_bytes()).unwrap();
        format!("{signed}.{}", B64.encode(signature))
    }

    /// Header and claims, as they are signed.
    pub(crate) fn unsigned(&self) -> String {
        format!(
            "{}.{}",
            B64.encode(self.header.to_string()),
            B64.encode(self.claims.to_string())
        )
    }
}

/// A request to the token endpoint.
pub(crate) struct TokenCall {
    pub(crate) assertion: Jwt,
    pub(crate) proof: Jwt,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) path: &'static str,
}

impl TokenCall {
    /// One that is right, by this partner for its connection with ada.
    pub(crate) fn right(world: &World, partner: &str) -> TokenCall {
        let key = key_of(partner);
        let now = world.now();
        let form = [
            ("grant_type", "client_credentials".to_owned()),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
            ),
            ("connection", format!("ada-{partner}")),
            ("purpose", "dpv:ServiceProvision".to_owned()),
        ];
        TokenCall {
            assertion: Jwt {
                header: json!({ "alg": "ES256", "kid": key.thumbprint() }),
                claims: json!({ "iss": partner, "sub": partner, "aud": PUBLIC, "iat": now, "exp": now + 60, "jti": id() }),
                key,
                text: None,
            },
            proof: proof(key_of(partner), "POST", "/oauth/token", None, now),
            form: form.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            headers: vec![(
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            path: "/oauth/token",
        }
    }

    /// Puts a parameter in the place of the one of that name.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.form.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.form.retain(|(known, _)| known != name);
    }

    pub(crate) async fn send(&self, world: &World) -> Told {
        let mut form = self.form.clone();
        if !form.iter().any(|(name, _)| name == "client_assertion") {
            form.push(("client_assertion".to_owned(), self.assertion.signed()));
        }
        let body: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A")))
            .collect();
        let mut headers = self.headers.clone();
        let proof = self.proof.signed();
        if !proof.is_empty() {
            headers.push(("dpop".to_owned(), proof));
        }
        world
            .send("POST", self.path, &headers, &body.join("&"))
            .await
    }
}

/// A request to the platform's API, to an address where no operation is: who gets to hear that is let in.
pub(crate) struct ApiCall {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) authorization: Vec<String>,
    pub(crate) proof: Jwt,
    pub(crate) headers: Vec<(String, String)>,
}

impl ApiCall {
    /// One that is right, with this token of that partner's.
    pub(crate) fn right(world: &World, partner: &str, token: &str) -> ApiCall {
        ApiCall {
            method: "GET",
            path: "/nowhere?x=1",
            authorization: vec![format!("DPoP {token}")],
            proof: proof(key_of(partner), "GET", "/nowhere", Some(token), world.now()),
            headers: Vec::new(),
        }
    }

    pub(crate) async fn send(&self, world: &World) -> Told {
        let mut headers = self.headers.clone();
        headers.extend(
            self.authorization
                .iter()
                .map(|value| ("authorization".to_owned(), value.clone())),
        );
        let proof = self.proof.signed();
        if !proof.is_empty() {
            headers.push(("dpop".to_owned(), proof));
        }
        world.send(self.method, self.path, &headers, "").await
    }
}

/// A token that findr or reelbox holds for its connection with ada.
pub(crate) async fn token(world: &World, partner: &str) -> String {
    let told = TokenCall::right(world, partner).send(world).await;
    assert_eq!(told.status, 200, "{}", told.body);
    told.json()["access_token"].as_str().unwrap().to_owned()
}

fn proof(key: Key, method: &str, path: &str, token: Option<&str>, now: i64) -> Jwt {
    let mut claims =
        json!({ "htm": method, "htu": format!("{PUBLIC}{path}"), "iat": now, "jti": id() });
    if let Some(token) = token {
        claims["ath"] = B64.encode(Sha256::digest(token)).into();
    }
    Jwt {
        header: json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": bare_jwk(&key) }),
        claims,
        key,
        text: None,
    }
}

/// The public key and nothing about it.
pub(crate) fn bare_jwk(key: &Key) -> Value {
    let mut jwk = key.public_jwk();
    let members = jwk.as_object_mut().unwrap();
    for about in ["kid", "alg", "use"] {
        members.remove(about);
    }
    jwk
}

/// An id that was not used before.
pub(crate) fn id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("id-number-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
