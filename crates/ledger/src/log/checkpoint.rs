//! The checkpoint: origin, size and root in a signed note (C2SP tlog-checkpoint, no extension lines).

use crate::Hash;
use crate::note::{Note, NoteError, Signer, VerifierKey};
use thiserror::Error;

/// What a checkpoint says: this log, at this size, has this root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// The log's name, its origin line.
    pub origin: String,
    /// How many entries it covers.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// Why a checkpoint is not accepted.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each message says what it means")]
pub enum CheckpointError {
    #[error("not a signed checkpoint of this log: {0}")]
    Note(#[from] NoteError),
    #[error("not a checkpoint: expected origin, size and base64 root on three lines")]
    Form,
    #[error("a checkpoint of {found:?}, not of {expected:?}")]
    Origin { found: String, expected: String },
}

impl Checkpoint {
    /// The note's text: three lines.
    pub fn body(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            self.root.to_base64()
        )
    }

    /// The checkpoint as a signed note.
    pub fn sign(&self, signer: &Signer) -> String {
        Note::sign(&self.body(), signer)
    }

    /// Reads a signed checkpoint and checks `key`'s signature and that the origin is the key's name.
    pub fn open(text: &str, key: &VerifierKey) -> Result<Self, CheckpointError> {
        let body = Note::open(text, key)?;
        let checkpoint = Self::parse(&body).ok_or(CheckpointError::Form)?;
        if checkpoint.origin != key.name() {
            return Err(CheckpointError::Origin {
                found: checkpoint.origin,
                expected: key.name().to_owned(),
            });
        }
        Ok(checkpoint)
    }

    fn parse(body: &str) -> Option<Self> {
        let mut lines = body.strip_suffix('\n')?.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty())?.to_owned();
        let size_text = lines.next()?;
        let size: u64 = size_text.parse().ok()?;
        if size.to_string() != size_text {
            return None; // "+7" and "007" parse as numbers but are not the canonical form
        }
        let root = Hash::from_base64(lines.next()?)?;
        lines
            .next()
            .is_none()
            .then_some(Self { origin, size, root })
    }
}
