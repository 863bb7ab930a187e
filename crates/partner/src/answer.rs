//! What comes back from a call, and why nothing does.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use hyper_util::client::legacy;
use thiserror::Error;

use crate::key::KeyError;

/// How long a call may take, body included.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What came back, refusals included.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// Why there is no answer, or no token.
#[derive(Debug, Error)]
pub enum CallError {
    /// Nobody there, or the connection broke.
    #[error("{address}: {source}")]
    Connection {
        /// What was called.
        address: String,
        /// What the connection said.
        source: legacy::Error,
    },
    /// The answer broke off.
    #[error("{address}: the answer broke off: {what}")]
    Body {
        /// What was called.
        address: String,
        /// What was wrong.
        what: String,
    },
    /// No answer in time.
    #[error("{address}: no answer within {} seconds", PATIENCE.as_secs())]
    Time {
        /// What was called.
        address: String,
    },
    /// The address is none.
    #[error("{address:?} is no address to call: {source}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        source: http::Error,
    },
    /// No token, or no link, was given.
    #[error("refused: the gateway answered {status}: {body}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// What it said.
        body: String,
    },
    /// Something else than a token.
    #[error("the token endpoint answered something else than a DPoP token: {0}")]
    NotAToken(String),
    /// Something else than a link.
    #[error("the gateway answered something else than a link to a desk: {0}")]
    NotALink(String),
    /// The key would not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Answer {
    /// The body as text, unreadable bytes replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}
