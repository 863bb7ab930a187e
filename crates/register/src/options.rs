//! How a register is opened or created.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use decide::Time;
use jsonwebtoken::jwk::JwkSet;

/// Fills the slice with random bytes fit for keys. Handed in, so that the program chooses the source and tests repeat.
pub type Fill = dyn Fn(&mut [u8]) -> Result<(), NoRandomness> + Send + Sync;

/// The source of randomness failed; nothing may be made from what it gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes could be had from the operating system")]
pub struct NoRandomness;

/// How a register is opened or created. Start from [`Options::new`] and change what differs.
#[derive(Clone)]
pub struct Options {
    /// The log below: its signer (whose name is the register's origin line, for example
    /// `countersign.sample.example/register`), anchor, segments.
    pub log: ledger::Options,
    /// Where keys, salts and nonces come from.
    pub fill: Arc<Fill>,
    /// The file with the register's own key, under which details and snapshots are encrypted; `None`: `register.key`
    /// in the register's directory. Best kept on another disk: who has it and the directory can read everything.
    pub key_file: Option<PathBuf>,
    /// Changes that may wait for the writer; further callers wait.
    pub queue: usize,
}

impl Options {
    /// The defaults of the log, `register.key` in the directory, 1,024 waiting.
    #[must_use]
    pub fn new(signer: ledger::note::Signer, fill: Arc<Fill>) -> Options {
        Options {
            log: ledger::Options::new(signer),
            fill,
            key_file: None,
            queue: 1024,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("log", &self.log)
            .field("key_file", &self.key_file)
            .finish_non_exhaustive()
    }
}

/// With what a register begins.
#[derive(Clone, Debug)]
pub struct Founding {
    /// When.
    pub at: Time,
    /// The platform's officers: each key's `kid` is the officer's id.
    pub platform_officers: JwkSet,
}
