//! The provider as it describes itself, its keys, and the one exchange with it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use decide::Time;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::page::Failure;
use crate::config;
use crate::oauth::Jwk;
use crate::upstream::{AuthoritiesError, Connector};

/// The longest answer of the provider's that is read.
const LONGEST: usize = 256 << 10;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long its description is believed.
const KEPT_MS: i64 = 600_000;

/// The way to the provider.
pub(in super::super) struct Provider {
    login: config::Login,
    client: Client<Connector, Full<Bytes>>,
    known: Mutex<Option<(Time, Arc<About>)>>,
}

/// What the provider says about itself (OpenID Connect Discovery 1.0).
#[derive(Debug, Deserialize)]
pub(super) struct About {
    issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<serde_json::Value>,
}

impl Provider {
    pub(in super::super) fn new(
        login: &config::Login,
        limits: &config::Limits,
    ) -> Result<Self, AuthoritiesError> {
        let connector = Connector::new(login.authorities.as_deref(), limits.connect_time.0)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .retry_canceled_requests(false)
            .build(connector);
        Ok(Self {
            login: login.clone(),
            client,
            known: Mutex::default(),
        })
    }

    /// Its description, asked for when it is needed and then kept for some minutes.
    pub(super) async fn about(&self, now: Time) -> Result<Arc<About>, Failure> {
        let known = self.known().clone();
        if let Some((since, about)) = known
            && now.0.saturating_sub(since.0) < KEPT_MS
        {
            return Ok(about);
        }
        let base = self.login.issuer.trim_end_matches('/');
        let address = format!("{base}/.well-known/openid-configuration");
        let about: About = self.get(&address).await?;
        self.judge(&about)?;
        let about = Arc::new(about);
        *self.known() = Some((now, about.clone()));
        Ok(about)
    }

    /// Its keys, asked for at each login: so a key that it has taken back is never believed.
    pub(super) async fn keys(&self, now: Time) -> Result<Vec<Jwk>, Failure> {
        let about = self.about(now).await?;
        let keys: Keys = self.get(&about.jwks_uri).await?;
        // Keys of kinds that are not known here are left out, not an error.
        let read = keys.keys.into_iter().map(serde_json::from_value);
        Ok(read.filter_map(Result::ok).collect())
    }

    /// Hands a code in and gets an ID token, unread.
    pub(super) async fn exchange(
        &self,
        code: &str,
        verifier: &str,
        callback: &str,
        now: Time,
    ) -> Result<String, Failure> {
        let about = self.about(now).await?;
        let encoded =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", callback)
            .append_pair("code_verifier", verifier)
            .finish();
        let (id, secret) = (&self.login.client_id, self.login.client_secret.reveal());
        let basic = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
        let request = Request::post(&about.token_endpoint)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .body(Full::from(body));
        let answer: TokenAnswer = self.send(request).await?;
        Ok(answer.id_token)
    }

    /// Whether it speaks for itself, and no address of it is less guarded than its own name.
    fn judge(&self, about: &About) -> Result<(), Failure> {
        let scheme = |text: &str| {
            let uri: Uri = text.parse().ok()?;
            uri.scheme_str().map(str::to_owned)
        };
        let expected = scheme(&self.login.issuer);
        let addresses = [
            &about.authorization_endpoint,
            &about.token_endpoint,
            &about.jwks_uri,
        ];
        if about.issuer == self.login.issuer
            && addresses.iter().all(|address| scheme(address) == expected)
        {
            return Ok(());
        }
        tracing::error!(
            "the login provider's description names another issuer, or addresses without TLS"
        );
        Err(Failure::NotLoggedIn)
    }

    async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, Failure> {
        let request = Request::get(address).header(header::ACCEPT, "application/json");
        self.send(request.body(Full::default())).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        request: Result<Request<Full<Bytes>>, http::Error>,
    ) -> Result<T, Failure> {
        let request = request.map_err(|_| Failure::Internal)?;
        let path = request.uri().path().to_owned();
        let exchange = async {
            let (parts, body) = self.client.request(request).await.ok()?.into_parts();
            let body = Limited::new(body, LONGEST).collect().await.ok()?;
            (parts.status == StatusCode::OK).then(|| body.to_bytes())
        };
        let body = tokio::time::timeout(PATIENCE, exchange)
            .await
            .ok()
            .flatten();
        let read = body.and_then(|body| serde_json::from_slice(&body).ok());
        read.ok_or_else(|| {
            // The path is the provider's own, without a query, so it names nobody.
            tracing::warn!(path, "the login provider gave no answer that could be used");
            Failure::NotLoggedIn
        })
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<(Time, Arc<About>)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
