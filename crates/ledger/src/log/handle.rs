//! The log as its users hold it.
#![expect(clippy::todo, unused_variables, reason = "skeleton")]

use super::{
    AppendError, Checkpoint, Failure, OpenError, Options, PublishError, ReadError, Record,
    Recorded, Stored,
};
use crate::Hash;
use std::path::Path;

/// An open log. Share it in an `Arc`; dropping the last one stops its threads without publishing
/// (call [`Log::publish_now`] before a graceful stop).
#[derive(Debug)]
pub struct Log {}

impl Log {
    /// Makes a new, empty log in a missing or empty directory, and opens it.
    pub fn create(dir: &Path, options: Options) -> Result<Self, OpenError> {
        todo!()
    }

    /// Opens the log in `dir`; a missing one is an error. Verifies what can be verified quickly.
    pub fn open(dir: &Path, options: Options) -> Result<Self, OpenError> {
        todo!()
    }

    /// Appends `record` and gives `carry` back once the record is durable.
    ///
    /// Waits while the queue is full. Dropping the future does not undo the append. A record that
    /// was appended before (same key, same entry) is given its first index.
    pub async fn record<T>(&self, record: Record, carry: T) -> Result<Recorded<T>, AppendError> {
        todo!()
    }

    /// [`Log::record`] for threads; must not be called from async code.
    pub fn record_blocking<T>(&self, record: Record, carry: T) -> Result<Recorded<T>, AppendError> {
        todo!()
    }

    /// How many entries are durable.
    pub fn size(&self) -> u64 {
        todo!()
    }

    /// Size and root of the tree over all durable entries.
    pub fn tree(&self) -> (u64, Hash) {
        todo!()
    }

    /// The root of the tree over all durable entries.
    pub fn root(&self) -> Hash {
        self.tree().1
    }

    /// The last checkpoint that was signed and published.
    pub fn published(&self) -> Checkpoint {
        todo!()
    }

    /// Publishes tiles and a checkpoint over all that is durable now. Blocks.
    pub fn publish_now(&self) -> Result<Checkpoint, PublishError> {
        todo!()
    }

    /// One record.
    pub fn read(&self, index: u64) -> Result<Stored, ReadError> {
        todo!()
    }

    /// Records from `from` to the present end, read as they are asked for.
    pub fn iter(&self, from: u64) -> Iter<'_> {
        todo!()
    }

    /// Why the log stopped, if it did.
    pub fn failure(&self) -> Option<Failure> {
        todo!()
    }

    /// Waits until the log stops by a failure; the program then ends.
    pub async fn failed(&self) -> Failure {
        todo!()
    }
}

/// Records in order; see [`Log::iter`].
#[derive(Debug)]
pub struct Iter<'a> {
    log: &'a Log,
}

impl Iterator for Iter<'_> {
    type Item = Result<Stored, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        todo!()
    }
}
