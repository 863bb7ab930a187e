//! Each person's trail: what left about them, or was done in their name, out of the ledger; and what they have said, out of
//! the register.
//!
//! Entries are found by indices over tags (`ledger::Index`), beside the logs and made from them alone, so the path of an
//! answer pays nothing and nothing here is a second truth. What was found is kept in memory, person by person, and only for
//! those who look: nowhere on disk does a person's number stand beside what is about them.

mod kept;
mod read;
mod row;
mod said;
mod seen;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use decide::{Facts, PersonNo, Time};
use ledger::entry::{DISCLOSURES, LedgerKey};
use ledger::files::{Files, RealFiles};
use ledger::{Index, IndexError, IndexOptions, Keys, Log, ReadError};
use register::{HISTORY, HistoryError, Register};
use tokio::sync::watch;

use crate::gateway::Gateway;

use kept::Kept;
pub(crate) use row::{By, Deed, Row, What};
pub(crate) use said::Said;
use seen::Seen;

/// Entries that somebody who looks waits for, if the index is behind.
const WHILE_LOOKING: u64 = 2_000;
/// How often it is looked whether whoever follows the logs has got there, and how long in between.
const LOOKS: u32 = 20;
const A_MOMENT: Duration = Duration::from_millis(10);
/// Entries of a person that are read while they wait. The rest is read behind them.
const AT_ONCE: usize = 300;
/// Entries that are taken in before it is looked whether to stop.
const IN_A_STEP: u64 = 4_000;
/// How long the index rests when it is not behind.
const REST: Duration = Duration::from_secs(1);

/// Both indices, and what was found by them.
pub(crate) struct Trails {
    ledger: Index,
    register: Index,
    log: Arc<Log>,
    key: LedgerKey,
    of: Arc<Register>,
    kept: Kept,
    seen: Seen,
    /// Who reads on behind a page that has been answered: few at once.
    behind: Arc<tokio::sync::Semaphore>,
}

/// Why a trail cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrailError {
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The ledger.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The register.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// An entry is not what this gateway writes.
    #[error("ledger entry {0}: {1}")]
    Entry(u64, &'static str),
    /// The register's index is being made anew.
    #[error("the index of what people said is behind the register; it is being read")]
    Behind,
    /// The person's key is destroyed.
    #[error("there is no key of person number {0}")]
    NoKey(u32),
    /// Which notices they have seen cannot be kept.
    #[error("{path}: {source}")]
    Seen {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A newer program wrote which notices they have seen.
    #[error(
        "{path}: format version {found}, this program knows 1; use the newer program",
        path = path.display()
    )]
    SeenNewer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
    },
}

/// What is known of one person's trail at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    /// In the order of the ledger.
    pub(crate) rows: Vec<Row>,
    /// What the rows say, each once.
    pub(crate) whats: Vec<What>,
    /// Every entry of theirs before this one is in it.
    pub(crate) upto: u64,
    /// Whether that is all.
    pub(crate) whole: bool,
}

impl Trail {
    /// What a row says.
    pub(crate) fn what(&self, row: &Row) -> Option<&What> {
        self.whats.get(row.what as usize)
    }
}

impl Trails {
    /// Opens the indices beside the ledger. What of them cannot be used is told of in the log and made anew.
    pub(crate) fn open(
        ledger_dir: &std::path::Path,
        log: Arc<Log>,
        key: LedgerKey,
        of: Arc<Register>,
    ) -> Result<Self, TrailError> {
        let mut dir = ledger_dir.as_os_str().to_owned();
        dir.push("-index");
        let dir = PathBuf::from(dir);
        let files: Arc<dyn Files> = Arc::new(RealFiles);
        let open = |name: &str, log: &Arc<Log>, keys: Keys| -> Result<Index, IndexError> {
            let options = IndexOptions::new(dir.join(name), files.clone());
            let (index, aside) = Index::open(log.clone(), keys, options)?;
            for it in aside {
                tracing::warn!(file = %it.path.display(), why = it.why, "a part of the index is set aside and made anew from the log");
            }
            Ok(index)
        };
        Ok(Self {
            ledger: open("ledger", &log, DISCLOSURES)?,
            register: open("register", of.log(), HISTORY)?,
            seen: Seen::open(dir.join("seen"), files.clone())?,
            log,
            key,
            of,
            kept: Kept::default(),
            behind: Arc::new(tokio::sync::Semaphore::new(2)),
        })
    }

    /// Takes in so many further entries of each log; whether some are left.
    fn follow(&self, most: u64) -> Result<bool, TrailError> {
        let left = self.ledger.follow(most)?;
        Ok(left + self.register.follow(most)? > 0)
    }

    /// Brings both indices up to where the logs are now, if that is not far; says where the ledger is.
    fn catch_up(&self) -> Result<u64, TrailError> {
        let (ledger, register) = (self.log.size(), self.of.log().size());
        for look in 0..LOOKS {
            // Somebody else may be at it; then there is nothing to do but to wait for them.
            if look > 0 {
                std::thread::sleep(A_MOMENT);
            }
            self.follow(WHILE_LOOKING)?;
            let behind = ledger.saturating_sub(self.ledger.size());
            let behind = behind.max(register.saturating_sub(self.register.size()));
            if behind == 0 || behind > WHILE_LOOKING {
                break;
            }
        }
        Ok(ledger)
    }

    /// The person's trail as far as it can be read at once. Blocks: not on a thread that serves.
    ///
    /// # Errors
    /// Something cannot be read; then nothing is shown rather than a part that looks whole.
    pub(crate) fn of(&self, person: PersonNo, now: Time) -> Result<Trail, TrailError> {
        let all = self.catch_up()?;
        let kept = self.kept.of(person);
        let mut trail = kept
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        self.read_on(person, now, (AT_ONCE, all), &mut trail)?;
        let copy = trail.clone();
        drop(trail); // its rows count, too
        self.kept.make_room();
        Ok(copy)
    }

    /// What the person has said, oldest first. Blocks.
    ///
    /// # Errors
    /// As [`Trails::of`]; and where the index is behind, because a record with a part left out would look whole.
    pub(crate) fn said(&self, person: PersonNo, now: Time) -> Result<Vec<Said>, TrailError> {
        let all = self.of.log().size();
        self.catch_up()?;
        if self.register.size() < all {
            return Err(TrailError::Behind);
        }
        said::of(self, person, now)
    }

    /// Until when the person has seen what was told of others' disclosures, in minutes.
    pub(crate) fn seen(&self, person: PersonNo) -> Result<u32, TrailError> {
        self.seen.of(person)
    }

    /// They have seen all that was told until this minute. Blocks.
    pub(crate) fn mark_seen(&self, person: PersonNo, minute: u32) -> Result<(), TrailError> {
        self.seen.mark(person, minute)
    }

    fn facts(&self) -> &Facts {
        self.of.facts()
    }
}

impl Gateway {
    /// Reads the person's trail on behind an answer that has left with a part of it.
    pub(crate) fn read_behind(self: &Arc<Self>, person: PersonNo, now: Time) {
        let Some(trails) = &self.trails else {
            return;
        };
        // Where enough are at it, whoever looks again reads a further part.
        let Ok(place) = trails.behind.clone().try_acquire_owned() else {
            return;
        };
        let gateway = self.clone();
        tokio::task::spawn_blocking(move || {
            let _place = place;
            let Some(trails) = &gateway.trails else {
                return;
            };
            let mut upto = None;
            while !*gateway.stopping.borrow() {
                match trails.of(person, now) {
                    // Where it does not go on, the index is behind: then there is nothing to read yet.
                    Ok(trail) if !trail.whole && upto != Some(trail.upto) => {
                        upto = Some(trail.upto)
                    }
                    _ => return,
                }
            }
        });
    }
}

/// Follows both logs until told to stop.
pub(crate) async fn keep(gateway: Arc<Gateway>, mut stopped: watch::Receiver<bool>) {
    if gateway.trails.is_none() {
        return;
    }
    let mut told: Option<String> = None;
    loop {
        let at_work = gateway.clone();
        let step = move || match &at_work.trails {
            Some(trails) => trails.follow(IN_A_STEP),
            None => Ok(false),
        };
        let behind = match tokio::task::spawn_blocking(step).await {
            Ok(Ok(behind)) => {
                told = None;
                behind
            }
            // Told once: it is tried again every second.
            Ok(Err(error)) => {
                let error = error.to_string();
                if told.as_ref() != Some(&error) {
                    tracing::error!(
                        error,
                        "the index of people's desks does not follow the logs; the desks say so"
                    );
                }
                told = Some(error);
                false
            }
            Err(_) => false,
        };
        let rest = if behind { Duration::ZERO } else { REST };
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            _ = stopped.changed() => return,
        }
    }
}

#[cfg(test)]
mod tests;
