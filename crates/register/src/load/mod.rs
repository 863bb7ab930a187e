//! Bulk load of people, consents and connections: streamed in batches, idempotent.
//!
//! The policy: the load stops at the first broken line. Batches before it are in, whole; of the batch with the broken
//! line nothing is. Correct the line and load the same file again: what is there already is passed over, so nothing
//! is lost and nothing is doubled. A consent that was loaded once and withdrawn since stays withdrawn.

mod connections;
mod consents;
mod lines;
mod people;

use std::fmt;

use crate::change::Position;
use crate::error::Refused;

pub use connections::connections;
pub use consents::consents;
pub use people::{PeopleForm, people};

/// Lines that are taken in together.
const BATCH: usize = 4096;

/// How far a load has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lines read, up to the last batch that is in.
    pub lines: u64,
    /// Newly taken in.
    pub taken: u64,
    /// There already.
    pub known: u64,
    /// The register's position.
    pub position: Position,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lines {
            0 => f.write_str("no line is in yet"),
            lines => write!(f, "lines 1 to {lines} are in, and are passed over then"),
        }
    }
}

/// Why a load stopped.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A line is broken, or says what cannot be.
    #[error(
        "{file}:{line}: {wrong}\n  expected: {expected}\n  to do: correct the line and load the file again; {done}"
    )]
    Line {
        /// The file as the caller named it.
        file: String,
        /// Counted from 1.
        line: u64,
        /// What is wrong. Names nobody.
        wrong: String,
        /// What was expected.
        expected: &'static str,
        /// What is in.
        done: Progress,
    },
    /// The register refused a whole batch.
    #[error(
        "{file}: lines {} to {to} were refused: {source}\n  to do: correct the cause and load the file again; {done}", done.lines + 1
    )]
    Batch {
        /// The file as the caller named it.
        file: String,
        /// The last line of the batch.
        to: u64,
        /// Why.
        source: Box<Refused>,
        /// What is in.
        done: Progress,
    },
    /// The file cannot be read.
    #[error("{file}: {source}; load the file again; {done}")]
    Io {
        /// The file as the caller named it.
        file: String,
        /// Why.
        source: std::io::Error,
        /// What is in.
        done: Progress,
    },
}
