//! One change of the register by the administration: from a request's body to its position, or to a problem.

use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use decide::{BadName, Event, PersonNo, Time};
use ledger::IdempotencyKey;
use register::{Change, Refused};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::door::Asking;
use crate::answer::unknowns::UnknownError;
use crate::gateway::Gateway;

/// What the operator is told when something is not done (RFC 9457). Unlike partners, operators are told everything.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("send `Authorization: Bearer <token>` with a token of [admin] or of [[admin.staff]]")]
    NotTheOperator,
    #[error(
        "too many wrong tokens came from this address; wait ten minutes, and look at what sends them"
    )]
    LockedOut,
    #[error(
        "this is for others to do: {0}; admin/roles.toml says who may do what, [[admin.staff]] who is what"
    )]
    NotYours(String),
    #[error(
        "this text was not drafted by one person and approved by another: POST /drafts, then let a reviewer approve it"
    )]
    NotReviewed,
    #[error("there is no such address here; the README lists them")]
    NoSuchPage,
    #[error("the address holds a name that is none: {0}")]
    Address(BadName),
    #[error("the body is not what is expected here: {0}")]
    Body(String),
    #[error("Idempotency-Key must be 32 hexadecimal digits, drawn at random for each change")]
    Key,
    #[error("the platform's id {0:?} belongs to nobody in the register: let them join first")]
    UnknownPerson(String),
    #[error("{0}")]
    Refused(#[from] Refused),
    #[error("the clock is not believed: look at it, then POST /clock/confirm")]
    Clock,
    #[error("{0}; GET /unknowns lists those that are")]
    NotUnknown(UnknownError),
    #[error("{0}")]
    Ledger(String),
    #[error("the history cannot be read: {0}")]
    History(String),
    #[error("{0}")]
    NoEntropy(#[from] crate::entropy::NoEntropy),
}

impl Problem {
    /// The status that goes with it.
    pub(super) fn status(&self) -> StatusCode {
        self.kind().0
    }

    fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotTheOperator => (StatusCode::UNAUTHORIZED, "not-the-operator"),
            Self::LockedOut => (StatusCode::TOO_MANY_REQUESTS, "locked-out"),
            Self::NotYours(_) => (StatusCode::FORBIDDEN, "not-yours"),
            Self::NotReviewed => (StatusCode::UNPROCESSABLE_ENTITY, "not-reviewed"),
            Self::NoSuchPage => (StatusCode::NOT_FOUND, "no-such-page"),
            Self::Address(_) => (StatusCode::BAD_REQUEST, "address"),
            Self::Body(_) => (StatusCode::BAD_REQUEST, "body"),
            Self::Key => (StatusCode::BAD_REQUEST, "idempotency-key"),
            Self::UnknownPerson(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unknown-person"),
            Self::Refused(Refused::Stopped(_)) => {
                (StatusCode::SERVICE_UNAVAILABLE, "register-stopped")
            }
            Self::Refused(Refused::NoSpace(_)) => (StatusCode::INSUFFICIENT_STORAGE, "no-space"),
            Self::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            Self::Clock => (StatusCode::SERVICE_UNAVAILABLE, "clock"),
            Self::NotUnknown(_) => (StatusCode::UNPROCESSABLE_ENTITY, "not-unknown"),
            Self::History(_) => (StatusCode::SERVICE_UNAVAILABLE, "history"),
            Self::Ledger(_) => (StatusCode::SERVICE_UNAVAILABLE, "ledger"),
            Self::NoEntropy(_) => (StatusCode::INTERNAL_SERVER_ERROR, "no-entropy"),
        }
    }
}

impl From<UnknownError> for Problem {
    fn from(error: UnknownError) -> Self {
        match error {
            UnknownError::NotUnknown(_) => Self::NotUnknown(error),
            other => Self::Ledger(other.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, slug) = self.kind();
        let body = serde_json::json!({
            "type": format!("urn:countersign:problem:admin:{slug}"),
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": self.to_string(),
        });
        let content_type = (header::CONTENT_TYPE, "application/problem+json");
        (status, [content_type], body.to_string()).into_response()
    }
}

/// What the operator is told when a change is in.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Done {
    /// How many entries the register holds with it.
    pub(super) position: u64,
}

/// How a handler of a change ends.
pub(super) type Outcome = Result<Json<Done>, Problem>;

/// Takes a change in. It is durable, and holds for every later question and every answer in flight, when this returns.
pub(super) async fn change(gateway: &Arc<Gateway>, asking: &Asking, change: Change) -> Outcome {
    let key = key(gateway, &asking.headers)?;
    let by = asking.caller.name.clone();
    let at = gateway.moment_of(&change).map_err(|_| Problem::Clock)?;
    let position = gateway.take_in_by(at, by, change, key).await?;
    Ok(Json(Done {
        position: position.0,
    }))
}

/// As [`change`], for an event that stands for itself.
pub(super) async fn fact(gateway: &Arc<Gateway>, asking: &Asking, event: Event) -> Outcome {
    change(gateway, asking, Change::Fact(event)).await
}

/// The caller's own key, by which a change that is sent again is recognised; or a fresh one.
fn key(gateway: &Gateway, headers: &HeaderMap) -> Result<IdempotencyKey, Problem> {
    let Some(given) = headers.get("idempotency-key") else {
        return Ok(IdempotencyKey(gateway.entropy.bytes()?));
    };
    let mut bytes = [0; 16];
    hex::decode_to_slice(given, &mut bytes).map_err(|_| Problem::Key)?;
    Ok(IdempotencyKey(bytes))
}

pub(super) fn moment(gateway: &Gateway) -> Result<Time, Problem> {
    gateway.clock.moment().map_err(|_| Problem::Clock)
}

/// The number of the person whom the platform calls so.
pub(super) fn person(gateway: &Gateway, id: &str) -> Result<PersonNo, Problem> {
    let number = gateway.register.people().number(id);
    number.ok_or_else(|| Problem::UnknownPerson(id.to_owned()))
}

/// The numbers of several people; one unknown refuses all.
pub(super) fn people(gateway: &Gateway, ids: &[String]) -> Result<Vec<PersonNo>, Problem> {
    ids.iter().map(|id| person(gateway, id)).collect()
}

/// A name out of the address.
pub(super) fn name<T: FromStr<Err = BadName>>(text: &str) -> Result<T, Problem> {
    text.parse()
        .map_err(|error: BadName| Problem::Address(error))
}

/// The body as JSON, whatever its type is said to be.
pub(super) fn json<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| Problem::Body(error.to_string()))
}

/// The body as text.
pub(super) fn text(body: &Bytes) -> Result<String, Problem> {
    let text = std::str::from_utf8(body).map_err(|error| Problem::Body(error.to_string()))?;
    Ok(text.to_owned())
}
