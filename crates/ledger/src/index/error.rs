//! What can go wrong with an index. Nothing of it is lost by that: it is made anew from its log.

use crate::ReadError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why something was not indexed or not found.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each message says what it means")]
pub enum IndexError {
    #[error(transparent)]
    Log(#[from] ReadError),
    #[error("entry {0} has no keys that this program can read; use a newer program")]
    Entry(u64),
    #[error("{path}: broken: {what}; it is set aside and made anew from the log")]
    Broken { path: PathBuf, what: &'static str },
    #[error(
        "{path}: format version {found}, this program knows {known}; it is set aside and made anew from the log"
    )]
    Newer {
        path: PathBuf,
        found: u32,
        known: u32,
    },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

impl IndexError {
    /// Whether it is this file that cannot be used.
    pub(super) fn is_of(&self, file: &Path) -> bool {
        match self {
            Self::Broken { path, .. } | Self::Newer { path, .. } | Self::Io { path, .. } => {
                path == file
            }
            Self::Log(_) | Self::Entry(_) => false,
        }
    }
}

/// A file of an index that is not used, and why. For the operator's log.
#[derive(Debug)]
pub struct SetAside {
    /// The file, by the name that it had.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

/// An operation's error with the path that it concerns.
pub(super) fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, IndexError> {
    result.map_err(|source| IndexError::Io {
        path: path.to_owned(),
        source,
    })
}
