//! People: the platform's ids, dense numbers, and random keys.

mod rows;
mod shards;

use std::fmt;
use std::sync::Arc;

use decide::{Day, PersonNo};
use ledger::entry::{EnrolmentSalt, PersonKey};

use crate::entry::{Part, PersonSlot};
use rows::{Row, Rows};
use shards::Shards;

/// Who is who. Read by every thread while the writer adds.
///
/// The id once, its place in a table, key and salt: a process with a million people and a million consents was measured
/// at 220 to 280 MB (`examples/restart_speed.rs`).
#[derive(Default)]
pub struct People {
    by_id: Shards,
    rows: Rows,
}

impl People {
    /// The number of the person whom the platform calls so now. Compares whole ids, never only a fingerprint.
    ///
    /// `None` when nobody joined by this id, or they have left: their number is not found by it any more, and the
    /// platform giving the id to somebody new makes a new number.
    #[must_use]
    pub fn number(&self, id: &str) -> Option<PersonNo> {
        self.by_id.get(id)
    }

    /// The platform's id of a person; `None` when nobody has the number, or they have left.
    #[must_use]
    pub fn id(&self, person: PersonNo) -> Option<Arc<str>> {
        self.rows.read(person, |row| row.id.clone()).flatten()
    }

    /// The person's key, also after they have left, until it is erased.
    #[must_use]
    pub fn key(&self, person: PersonNo) -> Option<PersonKey> {
        let secret = |row: &Row| Some(PersonKey::from_random(row.secret.as_ref()?.key));
        self.rows.read(person, secret).flatten()
    }

    /// What opens the person's enrolment commitment together with their key.
    #[must_use]
    pub fn enrolment_salt(&self, person: PersonNo) -> Option<EnrolmentSalt> {
        let salt = |row: &Row| Some(EnrolmentSalt(row.secret.as_ref()?.salt));
        self.rows.read(person, salt).flatten()
    }

    /// How many numbers have been given out, those of people who left included.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.rows.len()
    }

    /// Whether nobody ever joined.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds people with the next numbers, in order.
    pub(crate) fn join(&self, parts: impl IntoIterator<Item = Part<PersonSlot>>) {
        for part in parts {
            let row = match part {
                Part::There(slot) => Row::of(&slot),
                Part::Erased => Row::default(),
            };
            self.add(row);
        }
    }

    /// The row first and the id after it, so that whoever finds a number finds its key.
    fn add(&self, row: Row) {
        let id = row.id.clone();
        let number = self.rows.push(row);
        if let Some(id) = id {
            self.by_id.insert(id, number);
        }
    }

    /// The id is nobody's any more; the key stays until it is erased.
    pub(crate) fn leave(&self, person: PersonNo) {
        let id = self.rows.change(person, |row| row.id.take()).flatten();
        if let Some(id) = id {
            self.by_id.remove(&id, person);
        }
    }

    /// The last day on which the person's own activity was written down.
    pub(crate) fn active_on(&self, person: PersonNo) -> Option<Day> {
        self.rows.read(person, |row| row.active).flatten()
    }

    pub(crate) fn note_active(&self, person: PersonNo, day: Day) {
        self.rows.change(person, |row| row.active = Some(day));
    }
}

impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("People")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

mod image;

pub(crate) use image::bytes;

#[cfg(test)]
mod tests;
