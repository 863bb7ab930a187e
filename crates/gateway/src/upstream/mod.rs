//! Towards the platform: the gateway's own request with its own credentials, and the rules that an answer must obey
//! before anybody looks into it.
//!
//! Nothing of the partner's request is passed on but what the plan made of it. Of the platform's answer nothing is
//! passed on but a body that the plan has walked: no header, no status, no error text.

mod carry;
mod connect;
mod lookups;
mod probe;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LINK,
    TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use release::Operation;

use crate::config::{self, PersonPlace};
use crate::media::{is_json, is_utf8};
use crate::problem::Problem;
pub(crate) use connect::Connector;

pub use connect::AuthoritiesError;
pub use probe::{ProbeError, Probed, probe};

/// The way to the platform. Connections are kept and used again.
pub(crate) struct Upstream {
    client: Client<Connector, Full<Bytes>>,
    base: String,
    credential: Option<(HeaderName, HeaderValue)>,
    person: Option<PersonPlace>,
    idempotency: Option<HeaderName>,
    longest: usize,
    patience: Duration,
}

/// What to ask the platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'a> {
    /// Path and query, as the plan prepared them.
    pub(crate) target: &'a str,
    /// In JSON, as the plan prepared it.
    pub(crate) body: Option<&'a Bytes>,
    /// The platform's own id of the person who connected.
    pub(crate) person: Option<&'a str>,
}

/// An answer that looks as it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// What the plan walks.
    pub(crate) body: Bytes,
    /// Its `Link` headers (RFC 8288) as one, for the cursor of the next page where an overlay says that it stands there.
    pub(crate) link: Option<String>,
}

/// What an answer must be before anybody looks into it.
struct Expected<'a> {
    status: u16,
    is_of_type: &'a (dyn Fn(&str) -> bool + Sync),
}

/// Why an answer of the platform's is not used. For the operator's eyes and metrics; a partner learns at most that
/// there was one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UpstreamRefused {
    #[error("the platform does not have it")]
    NotFound,
    #[error("the platform has it and does not show it (status {0})")]
    Hidden(u16),
    #[error("the platform could not be reached, or the connection broke: {0}")]
    Unreachable(String),
    #[error("the platform did not answer in time")]
    Slow,
    #[error("the platform answered with status {0}, for which there is no plan")]
    Status(u16),
    #[error("the platform's answer has another content type than the plan is for")]
    ContentType,
    #[error("the platform's answer is compressed, which was not asked for")]
    Encoded,
    #[error(
        "the platform's answer says neither its length nor that it is chunked, so a cut would not be noticed"
    )]
    Unframed,
    #[error("the platform's answer is too large")]
    TooLarge,
    #[error("the platform's answer ended early: {0}")]
    Truncated(String),
    #[error("the gateway made a request that is none")]
    BadRequest,
}

impl UpstreamRefused {
    /// Its name in metrics and logs.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "upstream-not-found",
            Self::Hidden(_) => "upstream-hidden",
            Self::Unreachable(_) => "upstream-unreachable",
            Self::Slow => "upstream-slow",
            Self::Status(_) => "upstream-status",
            Self::ContentType => "upstream-content-type",
            Self::Encoded => "upstream-encoded",
            Self::Unframed => "upstream-unframed",
            Self::TooLarge => "upstream-too-large",
            Self::Truncated(_) => "upstream-truncated",
            Self::BadRequest => "upstream-bad-request",
        }
    }
}

impl From<UpstreamRefused> for Problem {
    fn from(refused: UpstreamRefused) -> Self {
        match refused {
            // That it exists and is not shown must look like that it does not exist.
            UpstreamRefused::NotFound | UpstreamRefused::Hidden(_) => Self::NotFound,
            UpstreamRefused::Slow => Self::PlatformSlow,
            UpstreamRefused::BadRequest => Self::Internal,
            _ => Self::PlatformFailed,
        }
    }
}

impl Upstream {
    pub(crate) fn new(
        platform: &config::Platform,
        limits: &config::Limits,
    ) -> Result<Self, AuthoritiesError> {
        let connector = Connector::new(platform.authorities.as_deref(), limits.connect_time.0)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .retry_canceled_requests(false)
            .build(connector);
        let credential = platform.credential.as_ref().and_then(|(name, secret)| {
            let mut value = HeaderValue::from_str(secret.reveal()).ok()?;
            value.set_sensitive(true);
            Some((name.clone(), value))
        });
        Ok(Self {
            client,
            base: platform.upstream.as_str().to_owned(),
            credential,
            person: platform.person.clone(),
            idempotency: platform.idempotency.clone(),
            longest: limits.upstream_body.0,
            patience: limits.upstream_time.0,
        })
    }

    /// The query parameter by which the platform is told for whom a partner acts. Partners do not set it.
    pub(crate) fn person_parameter(&self) -> Option<&str> {
        match &self.person {
            Some(PersonPlace::Parameter(name)) => Some(name),
            _ => None,
        }
    }

    /// Asks the platform for one page of an operation's answer.
    pub(crate) async fn page(
        &self,
        operation: &Operation,
        asking: Asking<'_>,
    ) -> Result<Page, UpstreamRefused> {
        let method = Method::from_bytes(operation.method().as_bytes());
        let method = method.map_err(|_| UpstreamRefused::BadRequest)?;
        let expected = Expected {
            status: operation.status(),
            is_of_type: &|text| operation.is_of_type(text),
        };
        let wait = Duration::from_secs(operation.wait().into());
        self.ask(method, asking, &expected, self.patience + wait)
            .await
    }

    /// Asks the platform for a stream of records. Its end, and how long it may take, are the caller's affair.
    pub(crate) async fn stream(
        &self,
        operation: &Operation,
        asking: Asking<'_>,
    ) -> Result<Incoming, UpstreamRefused> {
        let method = Method::from_bytes(operation.method().as_bytes());
        let method = method.map_err(|_| UpstreamRefused::BadRequest)?;
        let mut request = self
            .request(method, asking)
            .ok_or(UpstreamRefused::BadRequest)?;
        let accept = HeaderValue::from_str(operation.content_type());
        let accept = accept.map_err(|_| UpstreamRefused::BadRequest)?;
        request.headers_mut().insert(ACCEPT, accept);
        let expected = Expected {
            status: operation.status(),
            is_of_type: &|text| operation.is_of_type(text),
        };
        let head = tokio::time::timeout(self.patience, self.head(request, &expected));
        let (_, body) = head.await.unwrap_or(Err(UpstreamRefused::Slow))?;
        Ok(body)
    }

    /// Asks the platform for something beside the answer. `target` is path and query as the plan prepared them.
    async fn fetch(&self, target: &str, person: Option<&str>) -> Result<Bytes, UpstreamRefused> {
        let asking = Asking {
            target,
            body: None,
            person,
        };
        let expected = Expected {
            status: 200,
            is_of_type: &is_json,
        };
        let page = self
            .ask(Method::GET, asking, &expected, self.patience)
            .await?;
        Ok(page.body)
    }

    async fn ask(
        &self,
        method: Method,
        asking: Asking<'_>,
        expected: &Expected<'_>,
        patience: Duration,
    ) -> Result<Page, UpstreamRefused> {
        let request = self
            .request(method, asking)
            .ok_or(UpstreamRefused::BadRequest)?;
        tokio::time::timeout(patience, self.exchange(request, expected))
            .await
            .unwrap_or(Err(UpstreamRefused::Slow))
    }

    fn request(&self, method: Method, asking: Asking<'_>) -> Option<Request<Full<Bytes>>> {
        let mut target = Cow::Borrowed(asking.target);
        if let (Some(PersonPlace::Parameter(name)), Some(person)) = (&self.person, asking.person) {
            let joint = if target.contains('?') { '&' } else { '?' };
            let pair = form_urlencoded::Serializer::new(String::new())
                .append_pair(name, person)
                .finish();
            target = format!("{target}{joint}{pair}").into();
        }
        let uri: Uri = format!("{}{target}", self.base).parse().ok()?;
        let body = asking.body.cloned();
        let has_body = body.is_some();
        let mut request = Request::new(Full::new(body.unwrap_or_default()));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some((name, value)) = &self.credential {
            headers.insert(name.clone(), value.clone());
        }
        if let (Some(PersonPlace::Header(name)), Some(person)) = (&self.person, asking.person) {
            headers.insert(name.clone(), HeaderValue::from_str(person).ok()?);
        }
        Some(request)
    }

    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        expected: &Expected<'_>,
    ) -> Result<Page, UpstreamRefused> {
        let (headers, body) = self.head(request, expected).await?;
        let links = headers.get_all(LINK).iter();
        let links: Vec<&str> = links.filter_map(|link| link.to_str().ok()).collect();
        Ok(Page {
            body: self.read(body).await?,
            link: (!links.is_empty()).then(|| links.join(", ")),
        })
    }

    /// Sends the request and looks at the head of the answer.
    async fn head(
        &self,
        request: Request<Full<Bytes>>,
        expected: &Expected<'_>,
    ) -> Result<(HeaderMap, Incoming), UpstreamRefused> {
        let answer = self.client.request(request).await;
        // The error's own text can hold the address, and that can name people: only its kind is kept.
        let (parts, body) = answer
            .map_err(|error| UpstreamRefused::Unreachable(kind_of(&error).to_owned()))?
            .into_parts();
        if parts.status == StatusCode::NOT_FOUND {
            return Err(UpstreamRefused::NotFound);
        }
        if matches!(parts.status.as_u16(), 403 | 410 | 451) {
            return Err(UpstreamRefused::Hidden(parts.status.as_u16()));
        }
        if parts.status.as_u16() != expected.status {
            return Err(UpstreamRefused::Status(parts.status.as_u16()));
        }
        check_headers(&parts.headers, parts.version, expected)?;
        Ok((parts.headers, body))
    }

    async fn read(&self, body: Incoming) -> Result<Bytes, UpstreamRefused> {
        let read = Limited::new(body, self.longest).collect().await;
        let collected = read.map_err(|error| {
            if error.is::<LengthLimitError>() {
                UpstreamRefused::TooLarge
            } else {
                UpstreamRefused::Truncated(error.to_string())
            }
        })?;
        Ok(collected.to_bytes())
    }
}

fn kind_of(error: &hyper_util::client::legacy::Error) -> &'static str {
    if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    }
}

fn check_headers(
    headers: &HeaderMap,
    version: Version,
    expected: &Expected<'_>,
) -> Result<(), UpstreamRefused> {
    if headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|value| value != "identity")
    {
        return Err(UpstreamRefused::Encoded);
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let content_type = match (types.next(), types.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    };
    if !content_type.is_some_and(|text| (expected.is_of_type)(text) && is_utf8(text)) {
        return Err(UpstreamRefused::ContentType);
    }
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let chunked = match (codings.next(), codings.next()) {
        (None, _) => false,
        (Some(one), None) if one.as_bytes().eq_ignore_ascii_case(b"chunked") => true,
        // Further codings would still be on the body.
        _ => return Err(UpstreamRefused::Encoded),
    };
    let framed = version == Version::HTTP_2 || headers.contains_key(CONTENT_LENGTH) || chunked;
    if framed {
        Ok(())
    } else {
        Err(UpstreamRefused::Unframed)
    }
}
