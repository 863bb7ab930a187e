//! After a restart: the uses of limited powers, counted again from the ledger, so that a restart is no way round a
//! frequency limit.

use decide::{Asker, Facts, Time};
use ledger::entry::{Details, Entry, Header, LedgerKey, Minute};
use ledger::{Log, ReadError, Stored};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::uses::Uses;
use crate::refusals::minute_of;

/// What is read of an entry's details.
#[derive(Deserialize)]
struct Written {
    at: Time,
    asker: Asker,
}

/// Why the uses could not be counted. Without them no limited power can be trusted, so the gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum RecountError {
    /// The ledger cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An entry is not what this gateway writes, or its details are under another key.
    #[error(
        "the details of ledger entry {0} cannot be read: is the details key the one of this ledger?"
    )]
    Details(u64),
}

/// Counts every use of the spans that have not ended at `now`. Reads nothing where no agreement limits any frequency.
pub(crate) fn recount(
    uses: &Uses,
    facts: &Facts,
    log: &Log,
    key: &LedgerKey,
    now: Time,
) -> Result<(), RecountError> {
    let Some(longest) = facts.longest_span() else {
        return Ok(());
    };
    let since = minute_of(Time(now.0.saturating_sub(longest.millis()))).unwrap_or(Minute(0));
    let first = first_since(log, Minute(since.0.saturating_sub(LATE)))?;
    for stored in log.iter(first) {
        let stored = stored?;
        let Ok(Entry::Disclosure(it) | Entry::Intent(it)) = Entry::parse(&stored.record.entry)
        else {
            continue;
        };
        let written: Written = details(&stored, key, &it.header)?;
        let per = |power| Some(facts.frequency(&written.asker.partner, power)?.per);
        uses.recount(&written.asker, per, written.at);
    }
    Ok(())
}

/// What the common part of an entry's details says.
pub(super) fn details<T: DeserializeOwned>(
    stored: &Stored,
    key: &LedgerKey,
    header: &Header,
) -> Result<T, RecountError> {
    let details = Details::parse(&stored.record.details);
    let common = details.and_then(|details| details.open_common(key, &header.nonce));
    let read = common.and_then(|common| serde_json::from_slice(&common).ok());
    read.ok_or(RecountError::Details(stored.index))
}

/// Refusals go into the ledger up to an hour after the minute they are of. Further than this an entry never stands
/// behind its time, so everything before the place that halving finds is too old.
pub(super) const LATE: u32 = 61;

/// An entry not before the minute whose predecessor is before it.
pub(super) fn first_since(log: &Log, since: Minute) -> Result<u64, ReadError> {
    let (mut from, mut to) = (0, log.size());
    while from < to {
        let middle = from.midpoint(to);
        let entry = Entry::parse(&log.read(middle)?.record.entry);
        if entry.is_ok_and(|entry| entry.header().minute < since) {
            from = middle.saturating_add(1);
        } else {
            to = middle;
        }
    }
    Ok(from)
}
