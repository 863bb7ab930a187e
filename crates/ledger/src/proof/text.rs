//! One inclusion proof as a text that stands alone (C2SP tlog-proof, `.tlog-proof` files).

use super::verify_inclusion;
use crate::note::VerifierKey;
use crate::{Checkpoint, CheckpointError, Hash};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt::Write;
use thiserror::Error;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// That one entry is in a log: its index, the path to the root, and the signed checkpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogProof {
    /// Whatever the application adds. Nothing signs it: never trust it by itself.
    pub extra: Option<Vec<u8>>,
    /// The entry's place.
    pub index: u64,
    /// The inclusion proof, from the leaf's sibling upwards.
    pub path: Vec<Hash>,
    /// The signed checkpoint, as published.
    pub checkpoint: String,
}

/// Why a proof is not one.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each message says what it means")]
pub enum LogProofError {
    #[error("not a proof: expected {0}")]
    Form(&'static str),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error("the path does not lead from this entry to the checkpoint's root")]
    NotIncluded,
}

impl LogProof {
    /// The text form.
    pub fn to_text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\n");
        if let Some(extra) = &self.extra {
            let _ = writeln!(text, "extra {}", STANDARD.encode(extra)); // a String takes any write
        }
        let _ = writeln!(text, "index {}", self.index);
        for hash in &self.path {
            let _ = writeln!(text, "{}", hash.to_base64());
        }
        text + "\n" + &self.checkpoint
    }

    /// Reads the text form; checks nothing yet.
    pub fn parse(text: &str) -> Result<Self, LogProofError> {
        let form = LogProofError::Form;
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(form("an empty line before the checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(form(FIRST_LINE));
        }
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            Some(encoded) => {
                lines.next();
                Some(
                    STANDARD
                        .decode(encoded)
                        .map_err(|_| form("base64 after `extra `"))?,
                )
            }
            None => None,
        };
        let digits = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .ok_or(form("`index ` and a number"))?;
        let index: u64 = digits
            .parse()
            .map_err(|_| form("a number after `index `"))?;
        if index.to_string() != digits {
            return Err(form("an index without sign or leading zeroes"));
        }
        let path = lines
            .map(Hash::from_base64)
            .collect::<Option<_>>()
            .ok_or(form("one base64 hash a line"))?;
        Ok(Self {
            extra,
            index,
            path,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// Checks the checkpoint's signature and that `entry` is at the stated index beneath it.
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<Checkpoint, LogProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        let included = verify_inclusion(
            Hash::leaf(entry),
            self.index,
            checkpoint.size,
            &self.path,
            checkpoint.root,
        );
        if included {
            Ok(checkpoint)
        } else {
            Err(LogProofError::NotIncluded)
        }
    }
}
