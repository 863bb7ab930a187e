//! The reduced answer, once its entry is durable.

use bytes::Bytes;
use ledger::Recorded;

use crate::judged::Judged;

/// An answer that may leave.
#[derive(Debug)]
pub struct Reduced {
    index: u64,
    body: Option<Bytes>,
}

impl Reduced {
    /// The ledger entry under which it leaves.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The body; `None` when nothing is left of what was asked for. Answer that exactly as an id that the platform
    /// does not know.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.body.as_ref()
    }

    /// The body's media type.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        "application/json"
    }
}

/// Writes the reduced answer. It can be called with nothing but what the ledger has recorded.
#[must_use]
pub fn reduce(recorded: Recorded<Judged>) -> Reduced {
    let index = recorded.index();
    Reduced { index, body: None }
}
