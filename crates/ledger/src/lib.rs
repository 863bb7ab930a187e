//! The append-only log: entries as bytes, their Merkle tree, tiles, signed checkpoints, proofs.
//!
//! One engine under two logs: the *ledger* (what was disclosed) and the *register* (what governs).
//! It knows nothing of consent. Its whole promise is the order of one commit:
//!
//! 1. [`Log::record`] takes a [`Record`] and a value to *carry* (an answer about to leave);
//! 2. one committer thread writes the batch to the write-ahead log and syncs it to disk;
//! 3. only then is a [`Recorded`] made, and only a [`Recorded`] gives the carried value back.
//!
//! A caller that moves what must not leave early into `record` therefore cannot release it before
//! its entry is durable: leaving the step out does not compile. If the write or the sync fails the
//! log stops for good, and everything carried is dropped.
//!
//! Tiles and checkpoints (C2SP tlog-tiles, signed-note, tlog-checkpoint) are derived afterwards, by
//! reading back what the disk holds and hashing it again before anything is signed.
//!
//! The form of a ledger entry (header, blinded leaves, tags, details) is in [`mod@entry`] and
//! in `specs/ledger-entry.md`.

pub mod entry;
pub mod faults;
pub mod files;
pub mod hash;
mod index;
pub mod keyfile;
mod log;
pub mod note;
pub mod proof;
pub mod tile;
pub mod tree;

pub use hash::Hash;
pub use index::{Index, IndexError, IndexOptions, Keys, SetAside, key_of};
pub use log::{
    AppendError, Checkpoint, CheckpointError, Failure, IdempotencyKey, Iter, Log, Look, OpenError,
    Options, PublishError, ReadError, Record, Recorded, Shortage, Stored, VerifyError,
    VerifyReport, holder, verify,
};
