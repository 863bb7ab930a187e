//! Full verification of a log directory.
#![expect(clippy::todo, unused_variables, reason = "skeleton")]

use super::{Checkpoint, Stored};
use crate::note::VerifierKey;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// The checkpoint to which all tiles and entries add up.
    pub checkpoint: Checkpoint,
    /// Entries beyond it in the write-ahead log, checked by their sums only; `None` when the log is in use.
    pub unpublished: Option<u64>,
}

/// The first thing that does not add up.
#[derive(Debug, Error)]
#[error("{path}: {what}")]
pub struct VerifyError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong in it.
    pub what: String,
}

/// Re-hashes everything under `dir` against its signed checkpoint (and the anchor's).
///
/// `each` is called with every record in order (progress, and checks that the engine cannot do,
/// such as [`crate::entry::check`]); an error from it ends the verification.
pub fn verify(
    dir: &Path,
    key: &VerifierKey,
    anchor: Option<&Path>,
    each: &mut dyn FnMut(&Stored, u64) -> Result<(), String>,
) -> Result<VerifyReport, VerifyError> {
    todo!()
}
