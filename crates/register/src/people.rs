//! People: the platform's ids, dense numbers, and random keys.

use std::sync::Arc;

use decide::PersonNo;
use ledger::entry::PersonKey;

/// Who is who. Read by every thread while the writer adds.
#[derive(Default)]
pub struct People {}

impl People {
    /// The number of the person whom the platform calls so now. Compares whole ids.
    #[must_use]
    pub fn number(&self, _id: &str) -> Option<PersonNo> {
        None
    }

    /// The platform's id of a person; `None` when nobody has the number, or they have left.
    #[must_use]
    pub fn id(&self, _person: PersonNo) -> Option<Arc<str>> {
        None
    }

    /// The person's key, also after they have left, until it is erased.
    #[must_use]
    pub fn key(&self, _person: PersonNo) -> Option<PersonKey> {
        None
    }

    /// How many numbers have been given out.
    #[must_use]
    pub fn len(&self) -> u32 {
        0
    }

    /// Whether nobody ever joined.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
