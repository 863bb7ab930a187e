//! What can go wrong, one enum per operation; every message says where and what to do.

use crate::Hash;
use crate::log::CheckpointError;
use crate::log::store::At;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// Why the log stopped. After it nothing is written any more: stop the program, look at the disk, start again.
#[derive(Clone, Debug)]
pub struct Failure(Arc<str>);

impl Failure {
    pub(super) fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string().into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// Why there is no room. The log has not stopped: when there is room again, it goes on by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage(Arc<str>);

impl Shortage {
    pub(super) fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string().into())
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What ended an operation: a full disk, after which the log goes on, or anything else, after which it does not.
#[derive(Debug)]
pub(super) enum Trouble {
    NoSpace(Shortage),
    Failed(Failure),
}

impl From<At> for Trouble {
    fn from(at: At) -> Self {
        if at.is_no_space() {
            Self::NoSpace(Shortage::new(at))
        } else {
            Self::Failed(Failure::new(at))
        }
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Self::Failed(Failure::new(error))
    }
}

/// Why a log was not opened or created.
#[derive(Debug, Error)]
#[expect(
    missing_docs,
    reason = "each message says what it means and what to do"
)]
pub enum OpenError {
    #[error("{dir}: no log here (no `format` file); create one deliberately with Log::create")]
    Missing { dir: PathBuf },
    #[error(
        "{dir}: not empty, so no log is created in it; name an empty directory, or open the log that is there"
    )]
    NotEmpty { dir: PathBuf },
    #[error(
        "{dir}: in use by {}; two processes must not write one log. Stop that one first, or send changes to its administration API", .holder.as_deref().unwrap_or("another process (its `lock` is held)")
    )]
    Locked {
        dir: PathBuf,
        /// Who, as they wrote it into the lock.
        holder: Option<String>,
    },
    #[error("{path}: format version {found}, this program knows {known}; use a newer program")]
    Newer {
        path: PathBuf,
        found: u32,
        known: u32,
    },
    #[error(
        "{path}: this log is {found:?}, but the key given signs for {expected:?}; check which key belongs to it"
    )]
    Origin {
        path: PathBuf,
        found: String,
        expected: String,
    },
    #[error("{path}: {source}")]
    Checkpoint {
        path: PathBuf,
        source: CheckpointError,
    },
    #[error(
        "{dir}: the log holds {found} entries, but its own signed checkpoint {expected}; entries were lost; restore the directory from a complete copy"
    )]
    SmallerThanCheckpoint {
        dir: PathBuf,
        found: u64,
        expected: u64,
    },
    #[error(
        "{dir}: the log holds {found} entries, but the anchor {anchor} has seen {expected}; this is an old copy of the log. Restore the newest copy; do not delete the anchor"
    )]
    SmallerThanAnchor {
        dir: PathBuf,
        anchor: PathBuf,
        found: u64,
        expected: u64,
    },
    #[error(
        "{dir}: at size {size} the log's root is {found}, but {signed_by} signed {expected}; the log was altered or is another one. Restore a true copy"
    )]
    RootDiffers {
        dir: PathBuf,
        signed_by: PathBuf,
        size: u64,
        found: Hash,
        expected: Hash,
    },
    #[error(
        "{anchor}: no anchor there; if this log never had one, copy {dir}/checkpoint to it; if it had, find out who removed it"
    )]
    AnchorMissing { dir: PathBuf, anchor: PathBuf },
    #[error(
        "{anchor}: an anchor for {origin:?} at size {size} is already there; that log exists or was lost, so no new one of the same name is created"
    )]
    AnchorExists {
        anchor: PathBuf,
        origin: String,
        size: u64,
    },
    #[error("{path}: broken at byte {offset}: {what}; restore this file from a copy")]
    Broken {
        path: PathBuf,
        offset: u64,
        what: String,
    },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

impl OpenError {
    pub(super) fn broken(path: &Path, offset: u64, what: impl fmt::Display) -> Self {
        Self::Broken {
            path: path.to_owned(),
            offset,
            what: what.to_string(),
        }
    }
}

/// Why a record was not appended. Whatever it carried is dropped.
#[derive(Debug, Error)]
pub enum AppendError {
    /// The record can never be appended.
    #[error("record of {found} bytes ({part}), at most {limit} are possible")]
    TooLarge {
        /// Which part is too large.
        part: &'static str,
        /// Its size in bytes.
        found: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The key was used before, by another entry; the earlier record stands and this one was not appended.
    #[error("the idempotency key was already used by entry {index}, whose bytes differ")]
    KeyUsed {
        /// The place of the first record with this key.
        index: u64,
    },
    /// There is no room for it, or what there is is kept for what takes away. It is not on disk, and the log goes on.
    #[error("no room on the disk: {0}; nothing was written")]
    NoSpace(Shortage),
    /// The log has stopped. The record may or may not be on disk: an entry means "this may have left".
    #[error("the log has stopped: {0}")]
    Stopped(Failure),
}

/// Why nothing was published; nothing was signed.
#[derive(Debug, Error)]
pub enum PublishError {
    /// There is no room for tiles. What is durable stays so, and is published when there is room again.
    #[error("no room on the disk: {0}; nothing was published")]
    NoSpace(Shortage),
    /// The log has stopped.
    #[error("the log has stopped: {0}")]
    Stopped(Failure),
}

/// Why a record was not read.
#[derive(Debug, Error)]
#[expect(
    missing_docs,
    reason = "each message says what it means and what to do"
)]
pub enum ReadError {
    #[error("entry {index} does not exist, the log has {size}")]
    OutOfRange { index: u64, size: u64 },
    #[error("{path}: broken: {what}; restore this file from a copy")]
    Broken { path: PathBuf, what: String },
    #[error("{path}: format version {found}, this program knows {known}; use a newer program")]
    Newer {
        path: PathBuf,
        found: u32,
        known: u32,
    },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}
