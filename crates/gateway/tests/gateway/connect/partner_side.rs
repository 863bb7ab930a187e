//! A partner's backend: pushed requests and token requests whose every part a test can spoil before it is signed.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::stage::Stage;
use crate::support::browser::{At, Browser};
use crate::support::calls::{Jwt, bare_jwk, id};
use crate::support::{Told, key_of, send};

pub(crate) const BACK: &str = "https://findr.example/back";
pub(crate) const STATE: &str = "what findr put in";
pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

/// A request to one of the endpoints for clients.
pub(crate) struct Call {
    pub(crate) path: &'static str,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) assertion: Jwt,
    pub(crate) proof: Jwt,
}

impl Call {
    pub(crate) fn to(
        stage: &Stage,
        partner: &str,
        path: &'static str,
        form: &[(&str, &str)],
    ) -> Call {
        let (key, now) = (key_of(partner), stage.now());
        let claims = json!({ "iss": partner, "sub": partner, "aud": stage.public, "iat": now, "exp": now + 60, "jti": id() });
        Call {
            path,
            form: form
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            assertion: Jwt {
                header: json!({ "alg": "ES256", "kid": key.thumbprint() }),
                claims,
                key,
                text: None,
            },
            proof: proof(stage, partner, "POST", path, None),
        }
    }

    /// A pushed request for all of Findr's powers.
    pub(crate) fn push(stage: &Stage) -> Call {
        Call::to(
            stage,
            "findr",
            "/oauth/par",
            &[
                ("client_id", "findr"),
                ("response_type", "code"),
                ("redirect_uri", BACK),
                ("state", STATE),
                ("code_challenge", &B64.encode(Sha256::digest(VERIFIER))),
                ("code_challenge_method", "S256"),
                ("authorization_details", &details(stage).to_string()),
            ],
        )
    }

    /// The exchange of a code that came back.
    pub(crate) fn redeem(stage: &Stage, code: &str) -> Call {
        Call::to(
            stage,
            "findr",
            "/oauth/token",
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", BACK),
                ("code_verifier", VERIFIER),
            ],
        )
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.form.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.form.retain(|(known, _)| known != name);
    }

    pub(crate) async fn send(&self, stage: &Stage) -> Told {
        let mut form = self.form.clone();
        let of_client = [
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
            ),
            ("client_assertion", self.assertion.signed()),
        ];
        form.extend(of_client.map(|(name, value)| (name.to_owned(), value)));
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form)
            .finish();
        let mut headers = vec![(
            "content-type".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
        )];
        let proof = self.proof.signed();
        if !proof.is_empty() {
            headers.push(("dpop".to_owned(), proof));
        }
        let to = stage.public.trim_start_matches("http://").parse().unwrap();
        send(to, "POST", self.path, &headers, &body).await
    }
}

/// All of Findr's powers in the version that governs when the stage is set.
pub(crate) fn details(stage: &Stage) -> Value {
    json!([{ "type": "countersign_powers", "agreement": "findr-friends", "version": 1, "powers": stage.powers() }])
}

/// Where a partner sends a person with a request that was taken.
pub(crate) fn link(stage: &Stage, pushed: &Told) -> String {
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    let handle = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", "findr")
        .append_pair("request_uri", &handle)
        .finish();
    format!("{}/oauth/authorize?{query}", stage.public)
}

/// Findr asks, and this person logs in and comes to the page.
pub(crate) async fn asked(stage: &Stage, browser: &mut Browser, person: &str) -> At {
    let link = link(stage, &Call::push(stage).send(stage).await);
    log_in(browser, &link, person).await
}

/// Follows a link of ours to the login and presses this person's button.
pub(crate) async fn log_in(browser: &mut Browser, link: &str, person: &str) -> At {
    let login = browser.follow(link).await;
    assert_eq!(login.status(), 200, "{login:?}");
    let form = login.form();
    let name = form.buttons.iter().find(|(_, id, _)| id == person);
    let (_, _, name) = name.unwrap_or_else(|| panic!("no {person} in {form:?}"));
    browser.press(&login, name, &[]).await
}

/// The names of all boxes of a page.
pub(crate) fn boxes(page: &At) -> Vec<String> {
    page.form()
        .boxes
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

/// A person connects Findr with everything; the code that Findr gets.
pub(crate) async fn code(stage: &Stage, person: &str) -> String {
    let mut browser = Browser::default();
    let page = asked(stage, &mut browser, person).await;
    let back = browser
        .press(&page, "Yes, as ticked above", &boxes(&page))
        .await;
    back.parameter("code").unwrap_or_else(|| panic!("{back:?}"))
}

/// A person connects Findr with everything; what its token request is answered.
pub(crate) async fn connected(stage: &Stage, person: &str) -> Value {
    let code = code(stage, person).await;
    let told = Call::redeem(stage, &code).send(stage).await;
    assert_eq!(told.status, 200, "{}", told.body);
    told.json()
}

/// Findr reads from the platform's API with its token.
pub(crate) async fn read(stage: &Stage, token: &str, path: &str) -> Told {
    let headers = [
        ("authorization".to_owned(), format!("DPoP {token}")),
        (
            "dpop".to_owned(),
            proof(stage, "findr", "GET", path, Some(token)).signed(),
        ),
    ];
    let to = stage.public.trim_start_matches("http://").parse().unwrap();
    send(to, "GET", path, &headers, "").await
}

/// Findr asks about a token.
pub(crate) async fn introspected(stage: &Stage, partner: &str, token: &str) -> Value {
    let call = Call::to(stage, partner, "/oauth/introspect", &[("token", token)]);
    let told = call.send(stage).await;
    assert_eq!(told.status, 200, "{}", told.body);
    told.json()
}

pub(crate) fn proof(
    stage: &Stage,
    partner: &str,
    method: &str,
    path: &str,
    token: Option<&str>,
) -> Jwt {
    let key = key_of(partner);
    let mut claims = json!({ "htm": method, "htu": format!("{}{path}", stage.public), "iat": stage.now(), "jti": id() });
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
