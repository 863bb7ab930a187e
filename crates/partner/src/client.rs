//! A partner calling: fetch a token, then ask with it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::Deserialize;

use crate::answer::{Answer, CallError, PATIENCE};
use crate::assertion::assertion;
use crate::connect::{Connector, Roots};
use crate::dpop::{Proven, proof};
use crate::key::{Key, KeyError};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest answer that is read.
const MAX_BODY: usize = 64 << 20;

/// Time and randomness, which the program brings along.
#[derive(Clone)]
pub struct Surroundings {
    /// Seconds since 1970.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Fresh bytes, never the same twice.
    pub random: Arc<dyn Fn() -> [u8; 16] + Send + Sync>,
}

/// Where the gateway is, and what it is called.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// What requests start with, without a final slash: `https://partners.sample.example`.
    pub base: String,
    /// The authorization server's name, which assertions are addressed to.
    pub issuer: String,
    /// Where tokens are given out.
    pub token_endpoint: String,
}

/// A partner at the gateway, with its key. Connections are kept and used again. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Client {
    partner: Arc<str>,
    key: Arc<Key>,
    gateway: Arc<Gateway>,
    surroundings: Surroundings,
    /// The latest nonce that the gateway sent, if it sends any (RFC 9449 section 8).
    nonce: Arc<Mutex<Option<String>>>,
    http: legacy::Client<Connector, Full<Bytes>>,
}

/// An access token, bound to the client's key: of no use to anybody else. It does not print.
#[derive(Clone)]
pub struct Token {
    /// The reference itself.
    pub secret: Arc<str>,
    /// For how many seconds it is good from when it was given.
    pub lives: u64,
}

/// What opens the partner's own desk in a browser. Whoever follows it first is in.
#[derive(Clone, Deserialize)]
pub struct DeskLink {
    /// The address.
    pub link: String,
    /// For how many seconds it is good from when it was given.
    pub expires_in: u64,
}

impl fmt::Debug for DeskLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeskLink(secret, {} s)", self.expires_in)
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    token_type: String,
    expires_in: u64,
}

impl Client {
    /// A partner with its key, for one gateway. `roots` are needed where the gateway is called by https.
    #[must_use]
    pub fn new(
        partner: &str,
        key: Key,
        gateway: Gateway,
        roots: Option<Roots>,
        surroundings: Surroundings,
    ) -> Client {
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(Connector { roots });
        Client {
            partner: partner.into(),
            key: Arc::new(key),
            gateway: Arc::new(gateway),
            surroundings,
            nonce: Arc::default(),
            http,
        }
    }

    /// The partner's id.
    #[must_use]
    pub fn partner(&self) -> &str {
        &self.partner
    }

    /// Asks for a token: for a connection (or, without one, for a partner that acts for nobody) and one purpose.
    ///
    /// # Errors
    /// [`CallError::Refused`] with the gateway's own words when it gives none.
    pub async fn token(&self, connection: Option<&str>, purpose: &str) -> Result<Token, CallError> {
        let mut answer = self.ask_for_token(connection, purpose).await?;
        if wants_nonce(&answer) {
            answer = self.ask_for_token(connection, purpose).await?;
        }
        if answer.status != StatusCode::OK {
            return Err(CallError::Refused {
                status: answer.status,
                body: answer.text(),
            });
        }
        let given: TokenAnswer = serde_json::from_slice(&answer.body)
            .map_err(|e| CallError::NotAToken(e.to_string()))?;
        if !given.token_type.eq_ignore_ascii_case("dpop") {
            let other = format!("token_type {}", given.token_type);
            return Err(CallError::NotAToken(other));
        }
        Ok(Token {
            secret: given.access_token.into(),
            lives: given.expires_in,
        })
    }

    async fn ask_for_token(
        &self,
        connection: Option<&str>,
        purpose: &str,
    ) -> Result<Answer, CallError> {
        let mut form = vec![("grant_type", "client_credentials"), ("purpose", purpose)];
        form.extend(connection.map(|connection| ("connection", connection)));
        self.post_form(&self.gateway.token_endpoint, &form).await
    }

    /// A form to one of the endpoints for clients, with who asks (RFC 7523) and whose key (RFC 9449).
    pub(crate) async fn post_form(
        &self,
        address: &str,
        form: &[(&str, &str)],
    ) -> Result<Answer, CallError> {
        let now = (self.surroundings.now)();
        let (issuer, id) = (&self.gateway.issuer, self.fresh_id());
        let assertion = assertion(&self.key, &self.partner, issuer, now, &id)?;
        let of_client = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        let pairs = form.iter().chain(&of_client);
        let form: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={}", form_encoded(value)))
            .collect();
        let request = Request::post(address)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("DPoP", self.proof(&Method::POST, address, None)?);
        self.send(address, request, form.join("&").into()).await
    }

    /// Asks for a link that opens the partner's own desk: good once, for as many seconds as stand beside it.
    ///
    /// # Errors
    /// [`CallError::Refused`] with the gateway's own words.
    pub async fn desk_link(&self) -> Result<DeskLink, CallError> {
        let now = (self.surroundings.now)();
        let address = format!("{}/partner/link", self.gateway.base);
        // For this address alone: what gets a token opens no desk.
        let audience = format!("{}/partner/link", self.gateway.issuer);
        let assertion = assertion(&self.key, &self.partner, &audience, now, &self.fresh_id())?;
        let form = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ];
        let form = form.map(|(name, value)| format!("{name}={}", form_encoded(value)));
        let request =
            Request::post(&address).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self.send(&address, request, form.join("&").into()).await?;
        if answer.status != StatusCode::OK {
            return Err(CallError::Refused {
                status: answer.status,
                body: answer.text(),
            });
        }
        serde_json::from_slice(&answer.body).map_err(|e| CallError::NotALink(e.to_string()))
    }

    /// Where the gateway is.
    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// 256 fresh bits as text: a verifier, a state.
    pub(crate) fn handle(&self) -> String {
        format!("{}{}", self.fresh_id(), self.fresh_id())
    }

    /// Gives a token back before its time (RFC 7009): nothing is answered to it from then on, and streams that were
    /// opened with it end.
    ///
    /// # Errors
    /// [`CallError::Refused`] with the gateway's own words.
    pub async fn give_back(&self, token: &Token) -> Result<(), CallError> {
        let address = format!("{}/oauth/revoke", self.gateway.base);
        let answer = self
            .post_form(&address, &[("token", &token.secret)])
            .await?;
        if answer.status == StatusCode::OK {
            return Ok(());
        }
        Err(CallError::Refused {
            status: answer.status,
            body: answer.text(),
        })
    }

    /// Reads `path` (with its query) as the holder of `token`.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn get(&self, token: &Token, path: &str) -> Result<Answer, CallError> {
        self.call(token, Method::GET, path, None).await
    }

    /// Any call, with a JSON body where one is given. Sent again at once, with a new proof, where the gateway asks
    /// for a nonce: it has not looked at the request then.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn call(
        &self,
        token: &Token,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Answer, CallError> {
        self.call_as(token, method, path, body, None).await
    }

    /// As [`Client::call`], under an idempotency key of the caller's: the same call with the same key is carried out once.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn call_as(
        &self,
        token: &Token,
        method: Method,
        path: &str,
        body: Option<Bytes>,
        key: Option<&str>,
    ) -> Result<Answer, CallError> {
        let call = || self.call_once(token, &method, path, body.clone(), key);
        let answer = call().await?;
        if wants_nonce(&answer) {
            return call().await;
        }
        Ok(answer)
    }

    async fn call_once(
        &self,
        token: &Token,
        method: &Method,
        path: &str,
        body: Option<Bytes>,
        key: Option<&str>,
    ) -> Result<Answer, CallError> {
        let address = format!("{}{path}", self.gateway.base);
        let mut request = Request::builder().method(method).uri(&address);
        for (name, value) in self.headers(token, method, path)? {
            request = request.header(name, value);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", format!("\"{key}\""));
        }
        let body = body.unwrap_or_default();
        self.send(&address, request, body).await
    }

    /// The headers that make a request the partner's own: the token, and a fresh proof, good for this method and
    /// path, once, for a minute or so. For other clients: curl, a load generator.
    ///
    /// # Errors
    /// When signing fails.
    pub fn headers(
        &self,
        token: &Token,
        method: &Method,
        path: &str,
    ) -> Result<[(&'static str, String); 2], KeyError> {
        let address = format!("{}{path}", self.gateway.base);
        Ok([
            ("authorization", format!("DPoP {}", token.secret)),
            ("dpop", self.proof(method, &address, Some(&token.secret))?),
        ])
    }

    fn proof(
        &self,
        method: &Method,
        address: &str,
        token: Option<&str>,
    ) -> Result<String, KeyError> {
        let now = (self.surroundings.now)();
        let nonce = self
            .nonce
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let request = Proven {
            method,
            address,
            token,
            nonce: nonce.as_deref(),
        };
        proof(&self.key, request, now, &self.fresh_id())
    }

    fn fresh_id(&self) -> String {
        B64.encode((self.surroundings.random)())
    }

    async fn send(
        &self,
        address: &str,
        request: http::request::Builder,
        body: Bytes,
    ) -> Result<Answer, CallError> {
        let request = request
            .body(Full::new(body))
            .map_err(|source| CallError::Address {
                address: address.to_owned(),
                source,
            })?;
        tokio::time::timeout(PATIENCE, self.exchange(address, request))
            .await
            .unwrap_or_else(|_| {
                Err(CallError::Time {
                    address: address.to_owned(),
                })
            })
    }

    async fn exchange(
        &self,
        address: &str,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, CallError> {
        let answer = self
            .http
            .request(request)
            .await
            .map_err(|source| CallError::Connection {
                address: address.to_owned(),
                source,
            })?;
        let (parts, body) = answer.into_parts();
        if let Some(nonce) = parts
            .headers
            .get("dpop-nonce")
            .and_then(|n| n.to_str().ok())
        {
            *self.nonce.lock().unwrap_or_else(PoisonError::into_inner) = Some(nonce.to_owned());
        }
        let body = Limited::new(body, MAX_BODY)
            .collect()
            .await
            .map_err(|error| CallError::Body {
                address: address.to_owned(),
                what: match error.downcast_ref::<LengthLimitError>() {
                    Some(_) => format!("it is longer than {MAX_BODY} bytes"),
                    None => error.to_string(),
                },
            })?
            .to_bytes();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("lives", &self.lives)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings")
    }
}

/// Whether the gateway refused only because the proof had no nonce of its own. The nonce has been noted.
pub(crate) fn wants_nonce(answer: &Answer) -> bool {
    let refused = matches!(answer.status.as_u16(), 400 | 401);
    let says_so = |name| {
        let value = answer.headers.get(name).and_then(|v| v.to_str().ok());
        value.is_some_and(|value| value.contains("use_dpop_nonce"))
    };
    refused
        && answer.headers.contains_key("dpop-nonce")
        && (says_so(WWW_AUTHENTICATE) || answer.text().contains("use_dpop_nonce"))
}

/// `application/x-www-form-urlencoded`: all but the unreserved characters, escaped.
pub(crate) fn form_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
