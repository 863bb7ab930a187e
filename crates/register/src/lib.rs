//! The register: the durable log of everything that governs, and the people it knows by number.
//!
//! [`decide`] holds the nouns and the pure fold; this crate makes the events durable (a second log by the engine of
//! the crate `ledger`), checks what the fold cannot (documents, officers' signatures), and keeps what must never stand
//! in the clear: the platform's ids of people and their tag keys.
//!
//! The order of one change: checked against the facts, appended to the log, durable, applied. A change that is refused
//! leaves nothing anywhere. When [`Register::append`] returns, every later question sees the change.
//!
//! The bytes of an entry: `specs/register-entry.md`.

mod book;
mod change;
mod check;
mod deeds;
mod entry;
mod error;
mod history;
mod look;
mod marks;
mod options;
mod people;
mod prepare;
mod prepared;
mod register;
mod seal;
mod snapshot;
mod state;
mod writer;

pub mod documents;
pub mod load;
pub mod signature;

pub use book::{
    Book, Document, Notice, Offered, Officer, OfficerKey, Partner, PromiseKept, Signed,
};
pub use change::{Change, Position, Side};
pub use check::{Checked, Remark, check};
pub use deeds::Deed;
pub use error::{OpenError, Refused, SnapshotError};
pub use history::{HISTORY, HistoryError};
pub use ledger::IdempotencyKey;
pub use look::Seen;
pub use options::{Fill, Founding, NoRandomness, Options};
pub use people::People;
pub use prepared::{
    Answer, Answered, Draft, PROPOSALS_AT_MOST, Proposal, Proposed, Review, Verdict,
};
pub use register::Register;
pub use signature::take_in::{TakeInError, Taken, take_in};
