//! The form of a ledger entry: header, people's leaves, tags, details. Bytes: `specs/ledger-entry.md`.
//!
//! An entry holds no name, no plain identifier and no count of people. A disclosure's header commits
//! to a small Merkle tree with one blinded leaf per person, padded; the tags lie in a blob beside the
//! log, from which an auditor without secrets recomputes that tree; the details lie encrypted in a
//! second blob, one part for auditors and one slot per person under a key that can be destroyed.
//! What is to happen at the platform is an intent, of the same form, and before anybody is told what became
//! of it there is an outcome, which names its intent.

mod cache;
mod details;
mod draft;
mod header;
mod intents;
mod key;
mod keys;
mod outcome;
mod parse;
mod people;
mod seal;
mod time;

pub use cache::{PeriodSecrets, PersonSecrets};
pub use details::{Details, LedgerKey};
pub use draft::{
    DisclosureDraft, EntrySeed, IntentDraft, OutcomeDraft, PersonPart, RefusalsDraft, SealError,
};
pub use header::{Digest16, Header, Kind};
pub use intents::{Intents, Misplaced};
pub use key::{EnrolmentCommitment, EnrolmentSalt, PersonKey, Tag, TagKey};
pub use keys::DISCLOSURES;
pub use outcome::{Became, Ending, Known};
pub use parse::{Disclosure, Entry, EntryError, Outcome, Refusals, check};
pub use people::{PersonProof, Tags};
pub use time::{Minute, Period};

/// A slice of bytes being read from the front; every read checks that enough is left.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }
}
