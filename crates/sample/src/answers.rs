//! Answers and failures as bytes and headers.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::pages::Page;

/// The answer that is one record, with its `ETag`.
pub(crate) fn answer(body: Value) -> Response {
    written(StatusCode::OK, &body)
}

/// The answer that is a page: also with `X-Total-Count` and `Link`, headers that tell more than
/// somebody thinks who only reads bodies.
pub(crate) fn listed(page: Page) -> Response {
    let mut response = written(StatusCode::OK, &page.body);
    let total = page.total.map(|total| total.to_string());
    let link = page.next.map(|next| format!("<{next}>; rel=\"next\""));
    let headers = [
        (HeaderName::from_static("x-total-count"), total),
        (header::LINK, link),
    ];
    for (name, value) in headers {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The answer to a request that made something.
pub(crate) fn created(body: Value) -> Response {
    written(StatusCode::CREATED, &body)
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// No service token, or another.
    NoToken,
    /// The query cannot be decoded.
    BadQuery,
    /// A cursor that the platform never gave out.
    BadCursor(String),
    /// Nothing with this id.
    NotFound { what: &'static str, id: String },
    /// A message that cannot be read.
    BadMessage(String),
    /// Contacts that cannot be read.
    BadContacts(String),
    /// The sender takes no part in the thread.
    NotAParticipant { person: String, thread: String },
}

impl Failure {
    pub(crate) fn no(what: &'static str, id: &str) -> Self {
        Self::NotFound {
            what,
            id: id.to_owned(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, code, message) = match self {
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "unauthorized".to_owned(),
                "A valid service token is required.".to_owned(),
            ),
            Self::BadQuery => (
                StatusCode::BAD_REQUEST,
                "bad_query".to_owned(),
                "The query cannot be decoded.".to_owned(),
            ),
            Self::BadCursor(cursor) => (
                StatusCode::BAD_REQUEST,
                "bad_cursor".to_owned(),
                format!("Not a cursor of ours: {cursor}"),
            ),
            Self::NotFound { what, id } => (
                StatusCode::NOT_FOUND,
                format!("{what}_not_found"),
                format!("There is no {what} {id}."),
            ),
            Self::BadMessage(why) => (
                StatusCode::BAD_REQUEST,
                "bad_message".to_owned(),
                format!("The message cannot be read: {why}."),
            ),
            Self::BadContacts(why) => (
                StatusCode::BAD_REQUEST,
                "bad_contacts".to_owned(),
                format!("The contacts cannot be read: {why}."),
            ),
            Self::NotAParticipant { person, thread } => (
                StatusCode::FORBIDDEN,
                "not_a_participant".to_owned(),
                format!("{person} takes no part in {thread}."),
            ),
        };
        let mut response = written(
            status,
            &json!({ "error": { "code": code, "message": message } }),
        );
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn written(status: StatusCode, body: &Value) -> Response {
    let bytes = body.to_string();
    // FNV-1a, 64 bits: enough to tell two answers apart, and no promise beyond that.
    let hash = bytes.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let etag = HeaderValue::from_str(&format!("\"{hash:016x}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    (
        status,
        [(header::CONTENT_TYPE, json), (header::ETAG, etag)],
        bytes,
    )
        .into_response()
}
