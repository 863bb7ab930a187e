//! Each person's secrets of the month, computed once.
#![expect(clippy::todo, unused_variables, reason = "skeleton")]

use super::{Period, PersonKey, Tag};
use std::sync::Arc;

/// One person's tag and prepared details key of one month.
#[derive(Debug)]
pub struct PersonSecrets {
    tag: Tag,
}

impl PersonSecrets {
    /// Computes them; some microseconds, so go through [`PeriodSecrets`].
    pub fn new(key: &PersonKey, period: Period) -> Self {
        todo!()
    }

    /// The tag.
    pub fn tag(&self) -> Tag {
        self.tag
    }
}

/// A bounded cache of [`PersonSecrets`] by the person's dense number.
#[derive(Debug)]
pub struct PeriodSecrets {}

impl PeriodSecrets {
    /// A cache for about `people` people (rounded up to a power of two).
    pub fn new(people: usize) -> Self {
        todo!()
    }

    /// The person's secrets of the month; `key` is asked for only when they are not there, and
    /// `None` from it (no such person, key destroyed) is passed on.
    pub fn get(
        &self,
        person: u32,
        period: Period,
        key: impl FnOnce() -> Option<PersonKey>,
    ) -> Option<Arc<PersonSecrets>> {
        todo!()
    }

    /// Drops what is kept of a person, to be called when their key is destroyed.
    pub fn forget(&self, person: u32) {
        todo!()
    }
}
