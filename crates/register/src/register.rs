//! The register as its users hold it.
#![expect(clippy::todo, unused_variables, reason = "skeleton")]

use std::path::Path;
use std::sync::Arc;

use decide::{Facts, Time};
use ledger::{IdempotencyKey, Log};

use crate::book::Book;
use crate::change::{Change, Position};
use crate::error::{OpenError, Refused, SnapshotError};
use crate::options::{Founding, Options};
use crate::people::People;

/// An open register. Share it in an `Arc`; one process at a time.
pub struct Register {}

impl Register {
    /// Makes a new register in a missing or empty directory, with the platform's officers, and opens it.
    ///
    /// # Errors
    /// The directory is in use or not empty, or an officer's key cannot be one.
    pub fn create(dir: &Path, options: Options, founding: Founding) -> Result<Register, OpenError> {
        todo!()
    }

    /// Opens the register in `dir`: newest fitting snapshot, then the rest of the log.
    ///
    /// # Errors
    /// There is none, it is in use, broken, or the key is another's.
    pub fn open(dir: &Path, options: Options) -> Result<Register, OpenError> {
        todo!()
    }

    /// The facts, kept up to date while the register is open.
    #[must_use]
    pub fn facts(&self) -> &Arc<Facts> {
        todo!()
    }

    /// Who is who, kept up to date while the register is open.
    #[must_use]
    pub fn people(&self) -> &Arc<People> {
        todo!()
    }

    /// What is known by name now. A clone of a pointer; ask again for later states.
    #[must_use]
    pub fn book(&self) -> Arc<Book> {
        todo!()
    }

    /// The log below, for publishing, serving tiles, and waiting for its failure.
    #[must_use]
    pub fn log(&self) -> &Arc<Log> {
        todo!()
    }

    /// How many entries have been folded in.
    #[must_use]
    pub fn position(&self) -> Position {
        todo!()
    }

    /// Takes a change in: checked, durable, applied, in this order. Waits while the queue is full.
    ///
    /// Dropping the future does not undo the change. A key that was used before for the same change gives the first
    /// position again and changes nothing. `at` may lie up to 5 seconds before the last event and is then moved up to
    /// it; further back is refused.
    ///
    /// # Errors
    /// The change was refused, and nothing anywhere has changed; or the register has stopped.
    pub async fn append(
        &self,
        at: Time,
        change: Change,
        key: IdempotencyKey,
    ) -> Result<Position, Refused> {
        todo!()
    }

    /// [`Register::append`] for threads; must not be called from async code.
    ///
    /// # Errors
    /// As [`Register::append`].
    pub fn append_blocking(
        &self,
        at: Time,
        change: Change,
        key: IdempotencyKey,
    ) -> Result<Position, Refused> {
        todo!()
    }

    /// Writes a snapshot of the present state, so that the next start is quick. Blocks, and holds the writer up while
    /// the state is copied.
    ///
    /// # Errors
    /// The file could not be written; the register goes on.
    pub fn snapshot(&self) -> Result<Position, SnapshotError> {
        todo!()
    }
}
