//! What the register has about one person: which entries are about them, and what each made happen.

use decide::{Event, Time};
use ledger::{Keys, ReadError, Record, key_of};

use crate::entry::{self, Kind};
use crate::register::Register;

/// The keys by which an entry of the register's log is found in an index: the tags of those it is about. Who joins has no
/// tag there, and activity is written without.
pub const HISTORY: Keys = keys;

fn keys(record: &Record) -> Option<Vec<u64>> {
    let kind = entry::kind_of(record)?;
    if kind == Kind::PeopleJoined || record.tags.is_empty() {
        return Some(Vec::new());
    }
    let (_seed, tags) = record.tags.split_first_chunk::<32>()?;
    let (tags, rest) = tags.as_chunks::<32>();
    rest.is_empty().then(|| tags.iter().map(key_of).collect())
}

/// Why an entry is not told.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The log.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The entry.
    #[error("entry {0} of the register: {1}")]
    Entry(u64, String),
}

impl Register {
    /// When the entry at this place of the log was made, and what it made happen, if it is an event. It can be about
    /// thousands of people: whoever shows it to one of them shows that one alone.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn happened(&self, index: u64) -> Result<(Time, Option<Event>), HistoryError> {
        let stored = self.log().read(index)?;
        let clear = entry::open(self.key(), &stored.record)
            .map_err(|error| HistoryError::Entry(index, error.to_string()))?;
        Ok((clear.body.at, clear.body.fact))
    }
}
