//! The form of a ledger entry: header, people's leaves, tags, details. Bytes: `specs/ledger-entry.md`.

mod cache;
mod draft;
mod header;
mod key;
mod time;

pub use cache::{PeriodSecrets, PersonSecrets};
pub use draft::{DisclosureDraft, EntrySeed, LedgerKey, PersonPart, RefusalsDraft, SealError};
pub use header::{Digest16, Kind};
pub use key::{EnrolmentCommitment, EnrolmentSalt, PersonKey, Tag, TagKey};
pub use time::{Minute, Period};
