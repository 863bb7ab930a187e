//! From an entry of the ledger to who was in it and under which powers.

use decide::{Asker, Digest, PersonNo, PowerId, Time};
use ledger::entry::{Details, Disclosure, Entry, LedgerKey, Minute, Tags};
use ledger::{Hash, Look, ReadError, Stored};
use serde::Deserialize;

use super::BreachError;
use super::people::Months;

/// Entries stand in the order in which they were committed. Refusals come up to an hour after their minute; disclosures
/// within the time of one request. Beyond this much no entry stands before an older one.
pub(super) const LATE_MS: i64 = 61 * 60_000;

/// What an entry is to a breach report.
pub(super) enum Read {
    /// Refusals, or what else holds no disclosure.
    Other,
    Disclosure(Left),
}

/// Data that may have left.
#[derive(Debug)]
pub(super) struct Left {
    /// Milliseconds; only to the minute where the details are erased.
    pub(super) at: i64,
    /// What the common part of the details says; `None` once they are erased.
    pub(super) common: Option<Common>,
    pub(super) partner: ledger::entry::Digest16,
    /// Who could be found, and by which of [`Common::powers`], as bits.
    pub(super) people: Vec<(PersonNo, u64)>,
    /// How many people, at least, were in it and cannot be found any more.
    pub(super) gone: u64,
}

/// The common part of an entry's details, as the gateway writes it, as far as it is needed here.
#[derive(Debug, Deserialize)]
pub(super) struct Common {
    at: Time,
    pub(super) asker: Asker,
    pub(super) powers: Vec<PowerId>,
    pub(super) agreements: Vec<Digest>,
}

/// The first entry that may be of the moment or later: found by halving, as the times of entries go up but for
/// [`LATE_MS`].
pub(super) fn first_since(ledger: &Look, since: Time) -> Result<u64, ReadError> {
    let since = minute_of(since.0.saturating_sub(LATE_MS));
    let (mut from, mut to) = (0, ledger.size());
    while from < to {
        let middle = from.midpoint(to);
        let entry = Entry::parse(&ledger.read(middle)?.record.entry);
        if entry.is_ok_and(|entry| entry.header().minute < since) {
            from = middle.saturating_add(1);
        } else {
            to = middle;
        }
    }
    Ok(from)
}

fn minute_of(millis: i64) -> Minute {
    let seconds = u64::try_from(millis.div_euclid(1000)).unwrap_or(0);
    Minute::of_unix_seconds(seconds).unwrap_or(Minute(u32::MAX))
}

/// Reads one entry.
pub(super) fn of(
    stored: &Stored,
    key: &LedgerKey,
    people: &mut Months<'_>,
) -> Result<Read, BreachError> {
    let wrong = |what: &str| BreachError::Entry(stored.index, what.to_owned());
    let disclosure = match Entry::parse(&stored.record.entry) {
        Ok(Entry::Disclosure(disclosure)) => disclosure,
        Ok(_) => return Ok(Read::Other),
        Err(error) => return Err(wrong(&error.to_string())),
    };
    let tags =
        Tags::parse(&stored.record.tags).ok_or_else(|| wrong("its tags are not readable"))?;
    // Erased details are another blob than the entry commits to; whole ones must open.
    let details = Details::parse(&stored.record.details)
        .filter(|_| Hash::of(&stored.record.details) == disclosure.details);
    let common = match &details {
        None => None,
        Some(details) => {
            Some(common(details, key, &disclosure).ok_or(BreachError::Key(stored.index))?)
        }
    };
    let (found, gone) = found(&tags, details.as_ref(), &disclosure, people);
    Ok(Read::Disclosure(Left {
        at: common
            .as_ref()
            .map_or(i64::from(disclosure.header.minute.0) * 60_000, |c| c.at.0),
        common,
        partner: disclosure.header.partner,
        people: found,
        gone,
    }))
}

fn common(details: &Details<'_>, key: &LedgerKey, disclosure: &Disclosure) -> Option<Common> {
    let plain = details.open_common(key, &disclosure.header.nonce)?;
    serde_json::from_slice(&plain).ok()
}

/// Who of the register is in the entry, with the bits of their slot; and how many more there must have been.
///
/// Padding looks like people. But there are as many places as the next power of two, and four at least, so more than
/// half of them are people where there are more than four.
fn found(
    tags: &Tags,
    details: Option<&Details<'_>>,
    disclosure: &Disclosure,
    people: &mut Months<'_>,
) -> (Vec<(PersonNo, u64)>, u64) {
    let header = &disclosure.header;
    let period = header.minute.period();
    let mut found = Vec::new();
    for (place, tag) in (0_u32..).zip(tags.tags()) {
        let Some(person) = people.of(period, tag) else {
            continue;
        };
        let slot = details.and_then(|details| {
            let secrets = people.secrets(person, period)?;
            details.open_slot(place, &secrets, &header.nonce)
        });
        let powers = slot.and_then(|slot| Some(u64::from_be_bytes(*slot.first_chunk()?)));
        found.push((person, powers.unwrap_or(0)));
    }
    let places = tags.tags().count();
    let least = if places > 4 { places / 2 + 1 } else { 1 };
    let gone = least.saturating_sub(found.len()) as u64;
    (found, gone)
}
