//! Intents and their outcomes over a whole log: each intent has one outcome, and after an unknown one at most one more.

use super::{Became, Entry, Known};
use crate::Hash;
use std::collections::BTreeMap;
use thiserror::Error;

/// What was met so far. Feed it the entries of a log in order, from the first one on or from any place before which every
/// intent has its outcome. Holds only what is still open or unknown.
#[derive(Debug, Default)]
pub struct Intents {
    open: BTreeMap<u64, Hash>,
    unknown: BTreeMap<u64, Hash>,
}

/// An outcome that fits no intent.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Misplaced {
    /// It names an entry that is no intent, or one whose outcome is known already.
    #[error("an outcome of entry {0}, which is no intent that waits for one")]
    NoIntent(u64),
    /// The intent there has another hash.
    #[error("an outcome of entry {0}, which has another hash than the outcome says")]
    Leaf(u64),
    /// Only an operator's word follows an unknown outcome, and it follows nothing else.
    #[error("an outcome of entry {0} that says how it is known, and that cannot be so here")]
    Known(u64),
}

impl Intents {
    /// Takes in the entry at `index`, whose leaf hash in the log is `leaf`.
    pub fn take(&mut self, index: u64, entry: &Entry, leaf: Hash) -> Result<(), Misplaced> {
        match entry {
            Entry::Intent(_) => {
                self.open.insert(index, leaf);
            }
            Entry::Outcome(outcome) => {
                let at = outcome.intent;
                let first = self.open.contains_key(&at);
                let waiting = if first {
                    &mut self.open
                } else {
                    &mut self.unknown
                };
                let expected = waiting.remove(&at).ok_or(Misplaced::NoIntent(at))?;
                if expected != outcome.leaf {
                    return Err(Misplaced::Leaf(at));
                }
                if first == (outcome.ending.known() == Known::Operator) {
                    return Err(Misplaced::Known(at));
                }
                if outcome.ending.became() == Became::Unknown {
                    self.unknown.insert(at, expected);
                }
            }
            Entry::Disclosure(_) | Entry::Refusals(_) => {}
        }
        Ok(())
    }

    /// The intents without any outcome, with their leaf hashes: being carried out, or left by a crash.
    pub fn open(&self) -> impl Iterator<Item = (u64, Hash)> + '_ {
        self.open.iter().map(|(index, leaf)| (*index, *leaf))
    }

    /// The intents of which nobody knows what became, with their leaf hashes.
    pub fn unknown(&self) -> impl Iterator<Item = (u64, Hash)> + '_ {
        self.unknown.iter().map(|(index, leaf)| (*index, *leaf))
    }
}
