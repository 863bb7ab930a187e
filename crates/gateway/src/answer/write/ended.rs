//! What became of a write, delete or import, and what the partner is told of it.

use http::Response;
use ledger::Recorded;
use ledger::entry::{Became, Ending, Known};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::body::Body;
use crate::problem::{Problem, answer};

/// What became of it. Not to be told before it is recorded: see [`Told`].
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) ending: Ending,
    pub(super) said: Said,
}

/// What the platform's answer said, as far as it is kept: in the ledger's details, so that a repeated request can be told
/// the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    /// Its status, where there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    /// The id of what was made, as the overlay names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) made: Option<Value>,
}

impl Ended {
    pub(super) fn new(ending: Ending) -> Self {
        Self {
            ending,
            said: Said::default(),
        }
    }
}

/// What became of it, and it is on the ledger. Only this becomes a response.
#[derive(Clone, Debug)]
pub(super) struct Told(Ended);

impl Told {
    pub(super) fn of(recorded: Recorded<Ended>) -> Self {
        Self(recorded.into_inner())
    }

    /// What the ledger itself says, read back.
    pub(super) fn read_back(ended: Ended) -> Self {
        Self(ended)
    }

    /// Whether it was sent at all. What was not may be asked for again under the same key.
    pub(super) fn was_sent(&self) -> bool {
        !matches!(self.0.ending.known(), Known::TakenAway | Known::NotReached)
    }

    /// The response. Of the platform's answer it holds nothing but the id of what was made.
    ///
    /// # Errors
    /// It was not done, or nobody knows.
    pub(super) fn response(&self) -> Result<Response<Body>, Problem> {
        let Ended { ending, said } = &self.0;
        match (ending.became(), ending.known()) {
            (Became::Done, _) => {
                let mut body = json!({ "outcome": "done" });
                if let (Some(made), Some(members)) = (&said.made, body.as_object_mut()) {
                    members.insert("made".to_owned(), made.clone());
                }
                Ok(answer(200, "application/json", &body))
            }
            (Became::Unknown, _) => Err(Problem::OutcomeUnknown),
            // Whoever has refused meanwhile must look like somebody whom nobody knows.
            (Became::Refused, Known::TakenAway) => Err(Problem::NotFound),
            (Became::Refused, Known::NotReached) => Err(Problem::PlatformFailed),
            // That it exists and is not to be had must look like that it does not exist.
            (Became::Refused, _) if matches!(said.status, Some(403 | 404 | 410 | 451)) => {
                Err(Problem::NotFound)
            }
            (Became::Refused, _) => Err(Problem::PlatformRefused),
        }
    }
}
