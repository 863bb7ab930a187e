//! A partner's parameters under the same rule as the answer: what the plan does not name is refused.

use decide::{ConnectionId, PartnerId};

use crate::api::{Me, Route};
use crate::cursor::CursorKey;
use crate::error::RequestRefused;
use crate::walk::Walk;

/// Who calls, and with which query.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The query as it was sent, without `?`.
    pub query: Option<&'a str>,
    /// Which partner.
    pub partner: &'a PartnerId,
    /// By which connection, if the token is of one.
    pub connection: Option<&'a ConnectionId>,
    /// Whose connection it is.
    pub me: Option<&'a Me>,
    /// The key under which cursors are sealed.
    pub cursors: &'a CursorKey,
}

/// A request that may be made.
#[derive(Debug)]
pub struct Prepared {
    pub(crate) upstream: String,
    pub(crate) walk: Walk,
}

impl Prepared {
    /// What to ask the platform: path and query, encoded.
    #[must_use]
    pub fn upstream(&self) -> &str {
        &self.upstream
    }

    /// The walk that awaits the platform's answer.
    #[must_use]
    pub fn into_walk(self) -> Walk {
        self.walk
    }
}

pub(crate) fn prepare(_route: &Route, _call: &Call<'_>) -> Result<Prepared, RequestRefused> {
    Err(RequestRefused::NotARead)
}
