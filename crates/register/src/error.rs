//! What can go wrong, one enum per operation.

use std::io;
use std::path::PathBuf;

use decide::{AgreementId, Digest, OfficerId, PartnerId, StaffId};

use crate::change::Position;
use crate::options::NoRandomness;

/// Why a register was not opened or created.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "each message says what it means and what to do"
)]
pub enum OpenError {
    #[error(transparent)]
    Log(#[from] ledger::OpenError),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "{}: no key file can be written here, one exists; it may be another register's: name another file or move it", path.display()
    )]
    KeyExists { path: PathBuf },
    #[error(
        "entry {index} of the register in {}: {what}; check that the key file is this register's, or restore the directory from a copy", dir.display()
    )]
    Entry {
        dir: PathBuf,
        index: u64,
        what: String,
    },
    #[error("entry {index} of the register in {}: {what}", dir.display())]
    NewerEntry {
        dir: PathBuf,
        index: u64,
        what: String,
    },
    #[error(
        "{}: format version {found}, this program knows {known}; use a newer program, or remove the file: the whole log is folded then", path.display()
    )]
    NewerSnapshot {
        path: PathBuf,
        found: char,
        known: char,
    },
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error("the platform's officers cannot be enrolled: {0}")]
    Founding(#[from] Refused),
    #[error("the register's writer could not be started: {0}")]
    Thread(io::Error),
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
    #[error(transparent)]
    Key(#[from] crate::signature::BadKey),
    #[error("this does not come as a bare event: use {0}")]
    OtherWay(&'static str),
    #[error("nobody is named: an event about nobody is none")]
    Nobody,
    #[error(
        "there is no consent in force that could be renewed: it was not given, was withdrawn, or has ended"
    )]
    NotGiven,
    #[error("{found} people in one change, at most {limit} are possible: hand them in in parts")]
    TooMany { found: usize, limit: usize },
    #[error(
        "id number {place} of those who join is {what}: expected 1 to 512 bytes without control characters, each id once"
    )]
    BadId { place: usize, what: &'static str },
    #[error(
        "id number {place} of those who join is in use: if the platform gave it to somebody new, let the former person leave first"
    )]
    IdInUse { place: usize },
    #[error(
        "the key is not in the published set of {0}: the partner publishes its officers' keys itself; take its key set in first"
    )]
    ForeignKey(PartnerId),
    #[error("officer {0} is enrolled already: rotate the key instead")]
    OfficerKnown(OfficerId),
    #[error("officer {0} is not enrolled, or was revoked")]
    OfficerUnknown(OfficerId),
    #[error(
        "nobody is named who does this: drafts and reviews need a name, so that a second person can be told from the first"
    )]
    Nameless,
    #[error(
        "the term of agreement {0} is longer than a year: end it earlier, every power is to be renewed yearly"
    )]
    LongerThanAYear(AgreementId),
    #[error("agreement {0} has no draft: draft a version first")]
    NoDraft(AgreementId),
    #[error(
        "the draft of agreement {agreement} is another by now (SHA-256 {digest}): read that one"
    )]
    OtherDraft {
        agreement: AgreementId,
        digest: Digest,
    },
    #[error(
        "{by} has drafted this version of agreement {agreement}: a second person has to review it"
    )]
    OwnDraft { agreement: AgreementId, by: StaffId },
    #[error("this draft of agreement {0} was sent back: change it and draft it again")]
    SentBack(AgreementId),
    #[error("{what} has {found} bytes: expected 1 to {limit}")]
    Words {
        what: &'static str,
        found: usize,
        limit: usize,
    },
    #[error(
        "{0:?} is not where anybody can read it: expected an address beginning with https://, without blanks"
    )]
    Citation(String),
    #[error(
        "as many proposals wait for an answer as can ({0}): come back when some have been answered"
    )]
    TooManyProposals(usize),
    #[error("no proposal has SHA-256 {0}")]
    UnknownProposal(Digest),
    #[error("the proposal was answered before: an answer in public is not taken back")]
    AnsweredProposal,
    #[error(
        "the words to be shown are not those of the proposal: show them as they are, or not at all"
    )]
    OtherProposal,
    #[error("the idempotency key was used before, by another change (position {}): draw a new key for a new change", .0.0)]
    KeyUsed(Position),
    #[error(transparent)]
    Random(#[from] NoRandomness),
    #[error("the change does not fit into one entry of the log: {0}")]
    TooLarge(String),
    #[error(
        "{0}. What takes away (withdrawals, bars, ends, suspensions) is still taken in; make room for the rest"
    )]
    NoSpace(String),
    #[error("the register has stopped: {0}; stop the program, look at the disk, start again")]
    Stopped(String),
}

/// Why no snapshot was written. The register goes on; the former snapshot stands.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}; no snapshot was written, the next start folds more of the log", path.display())]
pub struct SnapshotError {
    /// The file.
    pub path: PathBuf,
    /// What happened.
    pub source: io::Error,
}
