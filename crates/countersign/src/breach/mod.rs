//! Which people's data of which categories left to whom between two moments, and under which agreement: out of the
//! ledger's own details, for a report that the law wants within 72 hours.
//!
//! It counts what *may have left*: an entry is written before its answer goes. Tags become people through the keys of
//! the register; whose key is destroyed cannot be named any more, and is counted as such as far as that can be told.

mod entries;
mod people;
mod tally;

use decide::{Category, PartnerId, Time};
use ledger::entry::LedgerKey;
use ledger::{Look, ReadError};
use register::Seen;

pub(crate) use tally::{Line, Report};

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) from: Time,
    /// Not included.
    pub(crate) until: Time,
    pub(crate) partner: Option<PartnerId>,
    pub(crate) category: Option<Category>,
    /// Whether there is a line for each person.
    pub(crate) by_person: bool,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BreachError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(
        "the details of ledger entry {0} are whole and cannot be opened; check that [ledger] details-key is the one of this ledger"
    )]
    Key(u64),
    #[error("ledger entry {0}: {1}")]
    Entry(u64, String),
}

/// Reads the entries of the span and adds them up. `far` is told how many were read, and of how many.
pub(crate) fn breach(
    ledger: &Look,
    register: &Seen,
    key: &LedgerKey,
    asked: &Asked,
    far: &mut dyn FnMut(u64, u64),
) -> Result<Report, BreachError> {
    let mut people = people::Months::new(register.people());
    let mut tally = tally::Tally::new(&register.book(), asked);
    let first = entries::first_since(ledger, asked.from)?;
    let all = ledger.size().saturating_sub(first);
    for (read, stored) in (0..).zip(ledger.iter(first)) {
        far(read, all);
        let stored = stored?;
        match entries::of(&stored, key, &mut people)? {
            entries::Read::Other => {}
            entries::Read::Disclosure(left) => {
                if left.at >= asked.until.0.saturating_add(entries::LATE_MS) {
                    break;
                }
                tally.add(&left);
            }
        }
    }
    Ok(tally.report(register.people()))
}
