//! The register as somebody sees it who does not hold its lock: read, never written.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use decide::Facts;
use ledger::Look;
use ledger::note::VerifierKey;

use crate::book::Book;
use crate::error::OpenError;
use crate::people::People;
use crate::register::{KEY, LOG, fold_rest, from_snapshot};
use crate::seal::RegisterKey;
use crate::snapshot::Entries;
use crate::state::State;

/// The register as of one moment: facts, people and book, folded up to what was durable then.
pub struct Seen {
    state: State,
    log: Look,
}

impl Seen {
    /// Looks at the register in `dir`, whether or not a process has it open. Checks what [`crate::Register::open`]
    /// checks, and changes nothing.
    ///
    /// # Errors
    /// There is none, it is broken, behind its anchor, or the key is another's.
    pub fn open(
        dir: &Path,
        verifier: &VerifierKey,
        key_file: Option<&Path>,
        anchor: Option<&Path>,
    ) -> Result<Seen, OpenError> {
        let log = Look::open(&dir.join(LOG), verifier, anchor)?;
        let key_file = key_file.map_or_else(|| dir.join(KEY), Path::to_owned);
        let key = RegisterKey::read(&key_file).map_err(|source| OpenError::Io {
            path: key_file,
            source,
        })?;
        let entries = Entries {
            size: log.size(),
            read: &|index| log.read(index),
        };
        // A snapshot may have been written after the log was looked at; then it is beyond it, and not used.
        let state = from_snapshot(dir, &key, &entries)?;
        let from = state.facts.position();
        fold_rest(dir, &key, &state, log.iter(from), 0)?;
        Ok(Seen { state, log })
    }

    /// The facts.
    #[must_use]
    pub fn facts(&self) -> &Arc<Facts> {
        &self.state.facts
    }

    /// Who is who.
    #[must_use]
    pub fn people(&self) -> &Arc<People> {
        &self.state.people
    }

    /// What is known by name.
    #[must_use]
    pub fn book(&self) -> Arc<Book> {
        self.state.book.load_full()
    }

    /// The log below.
    #[must_use]
    pub fn log(&self) -> &Look {
        &self.log
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen")
            .field("position", &self.state.facts.position())
            .finish_non_exhaustive()
    }
}
