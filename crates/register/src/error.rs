//! What can go wrong, one enum per operation.

use std::io;
use std::path::PathBuf;

use crate::change::Position;

/// Why a register was not opened or created.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "each message says what it means and what to do"
)]
pub enum OpenError {
    #[error(transparent)]
    Log(#[from] ledger::OpenError),
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

/// Why a change was not taken in. The register, the facts and the people are as they were.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "each message says what it means and what to do"
)]
pub enum Refused {
    #[error(transparent)]
    Invalid(#[from] decide::Invalid),
    #[error(transparent)]
    Document(#[from] crate::documents::Problems),
    #[error(transparent)]
    Signature(#[from] crate::signature::BadSignature),
    #[error("the idempotency key was used before, by another change (position {})", .0.0)]
    KeyUsed(Position),
    #[error("the register has stopped: {0}; stop the program, look at the disk, start again")]
    Stopped(String),
}

/// Why no snapshot was written. The register goes on; the former snapshot stands.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}; no snapshot was written, the next start folds more of the log", path = .path.display())]
pub struct SnapshotError {
    /// The file.
    pub path: PathBuf,
    /// What happened.
    pub source: io::Error,
}
