//! By which keys an entry of the ledger is found in an index.

use super::{Entry, Tags};
use crate::{Keys, Record, key_of};

/// The tags of all places of a disclosure or an intent, padding among them, since nothing tells it apart; and for an
/// outcome the leaf hash of its intent, by which it is found from there.
pub const DISCLOSURES: Keys = keys;

fn keys(record: &Record) -> Option<Vec<u64>> {
    match Entry::parse(&record.entry).ok()? {
        Entry::Disclosure(_) | Entry::Intent(_) => {
            let tags = Tags::parse(&record.tags)?;
            Some(tags.tags().map(|tag| key_of(&tag.0)).collect())
        }
        Entry::Outcome(outcome) => Some(vec![key_of(&outcome.leaf.0)]),
        Entry::Refusals(_) => Some(Vec::new()),
    }
}
