//! What an entry is made from; how is in `seal.rs`.

use super::{Digest16, Ending, Minute, PersonSecrets};
use crate::Hash;
use std::fmt;
use thiserror::Error;

/// 32 random bytes for one entry, drawn fresh by the caller. All of the entry's randomness (nonce,
/// blinds, order, padding) comes from it, so using one twice would betray people: it is not `Clone`.
pub struct EntrySeed(pub [u8; 32]);

impl fmt::Debug for EntrySeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntrySeed(secret)")
    }
}

/// One person concerned, and what their slot of the details says.
#[derive(Clone, Copy, Debug)]
pub struct PersonPart<'a> {
    /// Their secrets of the month in which the entry's minute lies.
    pub secrets: &'a PersonSecrets,
    /// Plain bytes of their slot; all slots are padded to the longest.
    pub slot: &'a [u8],
}

/// A disclosure to be recorded.
#[derive(Clone, Debug)]
pub struct DisclosureDraft<'a> {
    /// When, coarsened.
    pub minute: Minute,
    /// To which partner.
    pub partner: Digest16,
    /// By which operation.
    pub operation: Digest16,
    /// The register position R at which it was decided.
    pub register_position: u64,
    /// The position L of the gateway's own ledger up to which frequency was counted.
    pub ledger_position: u64,
    /// The hash of the agreement version in force.
    pub agreement: Hash,
    /// Everybody concerned, in any order; the order is not kept. Duplicates are the caller's mistake.
    pub people: &'a [PersonPart<'a>],
    /// What auditors may read of it (exact time, powers, draws, counts): opaque here, encrypted.
    pub common: &'a [u8],
}

/// Why an entry could not be made.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SealError {
    /// A disclosure concerns somebody; "nobody" is an unresolved subject and must have been refused.
    #[error("a disclosure about nobody cannot be recorded; it should have been refused")]
    Nobody,
    /// More people or bytes than the form has room for.
    #[error("{what}: {found}, at most {limit} have room")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The secrets of a person are of another month than the entry.
    #[error(
        "the secrets of person {position} in the list are of another month than the entry's minute"
    )]
    Period {
        /// Place in the draft's list.
        position: usize,
    },
    /// Reason codes are not strictly ascending, or a count is zero: two ways to write the same.
    #[error("refusals are counted once per reason code, ascending, none of them zero")]
    Counts,
    /// The cipher refused.
    #[error("encryption failed")]
    Cipher,
}

/// A write, delete or import that is about to go upstream, to be recorded before it does: of the form of a disclosure.
#[derive(Clone, Debug)]
pub struct IntentDraft<'a>(pub DisclosureDraft<'a>);

/// What became of an intent, to be recorded before anybody is told.
#[derive(Clone, Debug)]
pub struct OutcomeDraft<'a> {
    /// When it was known.
    pub minute: Minute,
    /// The partner of the intent.
    pub partner: Digest16,
    /// The operation of the intent.
    pub operation: Digest16,
    /// The register's position by then.
    pub register_position: u64,
    /// The position of the gateway's own ledger by then.
    pub ledger_position: u64,
    /// The place of the intent's entry in this log.
    pub intent: u64,
    /// The leaf hash of that entry, so that an outcome cannot be moved to another.
    pub leaf: Hash,
    /// What became of it, and how that is known.
    pub ending: Ending,
    /// What auditors may read of it: opaque here, encrypted.
    pub common: &'a [u8],
}

/// Refusals of one partner and operation over one minute, by reason code. No people.
#[derive(Clone, Debug)]
pub struct RefusalsDraft<'a> {
    /// The minute.
    pub minute: Minute,
    /// The partner refused.
    pub partner: Digest16,
    /// The operation refused.
    pub operation: Digest16,
    /// The register position at the end of the minute.
    pub register_position: u64,
    /// The position of the gateway's own ledger at the end of the minute.
    pub ledger_position: u64,
    /// How many refusals by reason code, codes ascending, no zeroes; the codes are the caller's.
    pub counts: &'a [(u16, u32)],
}
