//! Sample Social's login: a small OpenID Connect provider with one button for each of some invented people.
//!
//! An ordinary provider: discovery, code flow with PKCE, ID tokens by ES256. It has one client and no passwords: whoever
//! can reach it can be anybody, which is the point of a sample.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as B64};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::world::{PersonNo, World};

/// How long a code is good, in seconds.
const CODE_LIVES: i64 = 60;
/// How long an ID token is good, in seconds.
const TOKEN_LIVES: i64 = 300;

/// What the provider needs to be one.
#[derive(Clone)]
pub struct Login {
    /// Its issuer: where it is, without a slash at the end.
    pub issuer: String,
    /// The id of its one client.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: String,
    /// Where people are sent back to, exactly.
    pub redirect_uri: String,
    /// Whom one can be.
    pub people: Vec<PersonNo>,
    /// Seconds since 1970.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Fresh bytes, never the same twice.
    pub random: Arc<dyn Fn() -> [u8; 32] + Send + Sync>,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Why there is no provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoKey;

impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the crypto library made no key")
    }
}

impl std::error::Error for NoKey {}

struct Provider {
    login: Login,
    world: World,
    key: EcdsaKeyPair,
    codes: Mutex<HashMap<String, Code>>,
}

/// A person who has pressed their button, on the way back.
struct Code {
    person: PersonNo,
    nonce: Option<String>,
    challenge: String,
    made: i64,
}

type Parameters = HashMap<String, String>;

impl Login {
    /// Serves the provider until `stop` is done; answers under way are finished first.
    ///
    /// # Errors
    /// There is no key to be had, or the listener fails.
    pub async fn serve(
        self,
        listener: TcpListener,
        world: World,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let router = self.router(world).map_err(std::io::Error::other)?;
        axum::serve(listener, router)
            .with_graceful_shutdown(stop)
            .await
    }

    /// The provider as a router, with a key of its own.
    ///
    /// # Errors
    /// There is no key to be had.
    pub fn router(self, world: World) -> Result<Router, NoKey> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| NoKey)?;
        let provider = Arc::new(Provider {
            login: self,
            world,
            key,
            codes: Mutex::default(),
        });
        Ok(Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/authorize", get(authorize))
            .route("/be", post(be))
            .route("/token", post(token))
            .route("/jwks.json", get(keys))
            .with_state(provider))
    }
}

async fn configuration(State(provider): State<Arc<Provider>>) -> Response {
    let issuer = &provider.login.issuer;
    json_answer(
        StatusCode::OK,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks.json"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "scopes_supported": ["openid", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }),
    )
}

/// A page with a button for each person. What the client asked goes along in the form.
async fn authorize(State(provider): State<Arc<Provider>>, RawQuery(query): RawQuery) -> Response {
    let asked = parameters(query.as_deref().unwrap_or_default().as_bytes());
    if let Err(what) = provider.fits(&asked) {
        return (StatusCode::BAD_REQUEST, what).into_response();
    }
    let hidden: String = [
        "state",
        "nonce",
        "code_challenge",
        "client_id",
        "redirect_uri",
        "response_type",
        "code_challenge_method",
    ]
    .iter()
    .filter_map(|name| Some((name, asked.get(*name)?)))
    .map(|(name, value)| {
        format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{}\"/>",
            escaped(value)
        )
    })
    .collect();
    let buttons: String = provider
        .login
        .people
        .iter()
        .map(|person| {
            let name = provider.name(*person);
            let id = provider.world.id_of(*person);
            format!(
                "<p><button name=\"person\" value=\"{id}\">{}</button></p>",
                escaped(&name)
            )
        })
        .collect();
    Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\
         <title>Sample Social: log in</title><style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:3rem auto;padding:0 1rem}}\
         button{{font:inherit;padding:.6rem 1rem;min-width:16rem;text-align:left}}</style></head><body><h1>Sample Social</h1>\
         <p>Who are you? Everybody here is invented.</p><form method=\"post\" action=\"/be\">{hidden}{buttons}</form></body></html>"
    ))
    .into_response()
}

/// Somebody has pressed a button.
async fn be(State(provider): State<Arc<Provider>>, body: String) -> Response {
    let asked = parameters(body.as_bytes());
    if let Err(what) = provider.fits(&asked) {
        return (StatusCode::BAD_REQUEST, what).into_response();
    }
    let person = asked.get("person");
    let person = person.and_then(|id| provider.world.person_with_id(id));
    let Some(person) = person.filter(|person| provider.login.people.contains(person)) else {
        return (StatusCode::BAD_REQUEST, "there is no such person here").into_response();
    };
    let code = B64.encode((provider.login.random)());
    let kept = Code {
        person,
        nonce: asked.get("nonce").cloned(),
        challenge: asked.get("code_challenge").cloned().unwrap_or_default(),
        made: (provider.login.now)(),
    };
    provider.codes().insert(code.clone(), kept);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", &code);
    query.append_pair("iss", &provider.login.issuer);
    if let Some(state) = asked.get("state") {
        query.append_pair("state", state);
    }
    let back = format!("{}?{}", provider.login.redirect_uri, query.finish());
    (StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response()
}

async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let refused = |error: &str| json_answer(StatusCode::BAD_REQUEST, &json!({ "error": error }));
    let Login {
        client_id,
        client_secret,
        redirect_uri,
        ..
    } = &provider.login;
    // Both halves are form-encoded before they are joined (RFC 6749 section 2.3.1).
    let encoded =
        |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = format!("{}:{}", encoded(client_id), encoded(client_secret));
    let expected = format!("Basic {}", BASE64_STANDARD.encode(pair));
    let given = headers.get(header::AUTHORIZATION);
    if given.is_none_or(|given| given.as_bytes() != expected.as_bytes()) {
        return json_answer(
            StatusCode::UNAUTHORIZED,
            &json!({ "error": "invalid_client" }),
        );
    }
    let asked = parameters(body.as_bytes());
    let text = |name: &str| asked.get(name).map_or("", String::as_str);
    if text("grant_type") != "authorization_code" {
        return refused("unsupported_grant_type");
    }
    let code = provider.codes().remove(text("code"));
    let now = (provider.login.now)();
    let challenge = B64.encode(digest(&SHA256, text("code_verifier").as_bytes()));
    let fitting = code.filter(|code| {
        now.saturating_sub(code.made) < CODE_LIVES
            && code.challenge == challenge
            && text("redirect_uri") == redirect_uri
    });
    let signed = fitting.and_then(|code| provider.id_token(&code, now));
    let Some(id_token) = signed else {
        return refused("invalid_grant");
    };
    let access_token = B64.encode((provider.login.random)());
    json_answer(
        StatusCode::OK,
        &json!({ "id_token": id_token, "access_token": access_token, "token_type": "Bearer", "expires_in": TOKEN_LIVES }),
    )
}

async fn keys(State(provider): State<Arc<Provider>>) -> Response {
    // The point, uncompressed: 04, x, y.
    let point = provider.key.public_key().as_ref();
    let part = |at: usize| point.get(at..at.saturating_add(32)).unwrap_or_default();
    let (x, y) = (B64.encode(part(1)), B64.encode(part(33)));
    let key = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "alg": "ES256", "use": "sig", "kid": "1" });
    json_answer(StatusCode::OK, &json!({ "keys": [key] }))
}

impl Provider {
    /// Whether a request is one of the client's. Told to the person: there is no address to trust otherwise.
    fn fits(&self, asked: &Parameters) -> Result<(), &'static str> {
        let is = |name: &str, value: &str| asked.get(name).is_some_and(|given| given == value);
        if !is("client_id", &self.login.client_id) || !is("redirect_uri", &self.login.redirect_uri)
        {
            return Err("unknown client_id or redirect_uri");
        }
        if !is("response_type", "code") || !is("code_challenge_method", "S256") {
            return Err("expected response_type=code with a code_challenge by S256");
        }
        Ok(())
    }

    fn name(&self, person: PersonNo) -> String {
        let person = self.world.person(person);
        person.map_or_else(String::new, |person| person.name())
    }

    fn id_token(&self, code: &Code, now: i64) -> Option<String> {
        let mut claims = json!({
            "iss": self.login.issuer,
            "aud": self.login.client_id,
            "sub": self.world.id_of(code.person),
            "name": self.name(code.person),
            "iat": now,
            "exp": now.saturating_add(TOKEN_LIVES),
        });
        if let (Some(nonce), Some(members)) = (&code.nonce, claims.as_object_mut()) {
            members.insert("nonce".to_owned(), nonce.as_str().into());
        }
        let header = json!({ "alg": "ES256", "kid": "1", "typ": "JWT" });
        let signed = format!(
            "{}.{}",
            B64.encode(header.to_string()),
            B64.encode(claims.to_string())
        );
        let signature = self
            .key
            .sign(&SystemRandom::new(), signed.as_bytes())
            .ok()?;
        Some(format!("{signed}.{}", B64.encode(signature)))
    }

    fn codes(&self) -> std::sync::MutexGuard<'_, HashMap<String, Code>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parameters(text: &[u8]) -> Parameters {
    form_urlencoded::parse(text).into_owned().collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

fn json_answer(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}
