//! The register as its users hold it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use decide::{Facts, PersonNo, StaffId, Time};
use ledger::files::Files;
use ledger::{IdempotencyKey, Log, ReadError, Stored};
use tokio::sync::{mpsc, oneshot};

use crate::book::Book;
use crate::change::{Change, Position, Side};
use crate::entry::{self, Unreadable};
use crate::error::{OpenError, Refused, SnapshotError};
use crate::marks::Statement;
use crate::options::{Founding, Options};
use crate::people::People;
use crate::seal::RegisterKey;
use crate::signature::BadKey;
use crate::snapshot::{self, Entries, Unfit};
use crate::state::State;
use crate::writer::{Request, Writer};

pub(crate) const LOG: &str = "log";
pub(crate) const KEY: &str = "register.key";
const SNAPSHOT: &str = "snapshot";

/// An open register. Share it in an `Arc`; one process at a time.
pub struct Register {
    dir: PathBuf,
    state: Arc<State>,
    log: Arc<Log>,
    key: Arc<RegisterKey>,
    fill: Arc<crate::options::Fill>,
    files: Arc<dyn Files>,
    requests: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
}

impl Register {
    /// Makes a new register in a missing or empty directory, with the platform's officers, and opens it.
    ///
    /// # Errors
    /// The directory is in use or not empty, or an officer's key cannot be one.
    pub fn create(dir: &Path, options: Options, founding: Founding) -> Result<Register, OpenError> {
        let officers = founding_officers(&founding)?;
        std::fs::create_dir_all(dir).map_err(|source| at(dir, source))?;
        let mut bytes = [0; 32];
        (options.fill)(&mut bytes)?;
        let key = RegisterKey::from_random(bytes);
        let key_file = key_file(dir, &options);
        key.write(&key_file).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => OpenError::KeyExists {
                path: key_file.clone(),
            },
            _ => at(&key_file, source),
        })?;
        let log = Log::create(&dir.join(LOG), options.log.clone()).inspect_err(|_| {
            // The key of no register: it would only stand in the way of the next attempt.
            drop(std::fs::remove_file(&key_file));
        })?;
        let register = Register::start(dir, options, log, key, State::default())?;
        // In a thread of its own, so that a register can be created from async code too.
        std::thread::scope(|scope| {
            let enrol = scope.spawn(|| register.found(founding.at, officers));
            enrol.join().unwrap_or_else(|_| Err(gone().into()))
        })?;
        Ok(register)
    }

    /// Opens the register in `dir`: the snapshot, if it fits the log, then the rest of the log.
    ///
    /// # Errors
    /// There is none, it is in use, broken, or the key is another's.
    pub fn open(dir: &Path, options: Options) -> Result<Register, OpenError> {
        let key_file = key_file(dir, &options);
        let log = Log::open(&dir.join(LOG), options.log.clone())?;
        let key = RegisterKey::read(&key_file).map_err(|source| at(&key_file, source))?;
        let entries = Entries {
            size: log.size(),
            read: &|index| log.read(index),
        };
        let state = from_snapshot(dir, &key, &entries)?;
        let from = state.facts.position();
        fold_rest(dir, &key, &state, log.iter(from), options.log.remember)?;
        Register::start(dir, options, log, key, state)
    }

    fn found(&self, at: Time, officers: Vec<Change>) -> Result<(), OpenError> {
        for change in officers {
            let mut key = [0; 16];
            (self.fill)(&mut key)?;
            self.append_blocking(at, change, IdempotencyKey(key))?;
        }
        Ok(())
    }

    fn start(
        dir: &Path,
        options: Options,
        log: Log,
        key: RegisterKey,
        state: State,
    ) -> Result<Register, OpenError> {
        let (requests, inbox) = mpsc::channel(options.queue.max(1));
        let (state, log, key) = (Arc::new(state), Arc::new(log), Arc::new(key));
        let writer = Writer {
            state: state.clone(),
            log: log.clone(),
            key: key.clone(),
            fill: options.fill.clone(),
            remember: options.log.remember,
            stopped: None,
        };
        let thread = std::thread::Builder::new()
            .name("register".to_owned())
            .spawn(move || writer.run(inbox))
            .map_err(OpenError::Thread)?;
        Ok(Register {
            dir: dir.to_owned(),
            state,
            log,
            key,
            fill: options.fill,
            files: options.log.files,
            requests: Some(requests),
            writer: Some(thread),
        })
    }

    /// The facts, kept up to date while the register is open.
    #[must_use]
    pub fn facts(&self) -> &Arc<Facts> {
        &self.state.facts
    }

    /// Who is who, kept up to date while the register is open.
    #[must_use]
    pub fn people(&self) -> &Arc<People> {
        &self.state.people
    }

    /// What is known by name now. A clone of a pointer; ask again for later states.
    #[must_use]
    pub fn book(&self) -> Arc<Book> {
        self.state.book.load_full()
    }

    /// The log below, for publishing, serving tiles, and waiting for its failure.
    #[must_use]
    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// How many entries have been folded in.
    #[must_use]
    pub fn position(&self) -> Position {
        Position(self.state.facts.position())
    }

    /// Takes a change in: checked, durable, applied, in this order. Waits while the queue is full.
    ///
    /// Dropping the future does not undo the change. A key that was used before for the same change gives the first
    /// position again and changes nothing; so does a change that holds already (activity or use written down today, a
    /// notice that is there, a consent withdrawn that is not given, a connection ended that has ended), with the present
    /// position; the key of such a change may be forgotten with a restart. `at` may lie up to 5 seconds before the last event and is
    /// then moved up to it; further back is refused, unless it takes something away: that is moved up however late it comes.
    ///
    /// # Errors
    /// The change was refused, and nothing anywhere has changed; or the register has stopped.
    pub async fn append(
        &self,
        at: Time,
        change: Change,
        key: IdempotencyKey,
    ) -> Result<Position, Refused> {
        self.append_by(at, None, change, key).await
    }

    /// [`Register::append`], with the name of whoever of the platform's staff does it. It is kept with the entry, for good,
    /// and not in its public part.
    ///
    /// # Errors
    /// As [`Register::append`].
    pub async fn append_by(
        &self,
        at: Time,
        by: Option<StaffId>,
        change: Change,
        key: IdempotencyKey,
    ) -> Result<Position, Refused> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Append {
            at,
            by,
            change,
            key,
            reply,
        };
        self.sender()?.send(request).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// [`Register::append`] for threads; must not be called from async code.
    ///
    /// # Errors
    /// As [`Register::append`].
    pub fn append_blocking(
        &self,
        at: Time,
        change: Change,
        key: IdempotencyKey,
    ) -> Result<Position, Refused> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Append {
            at,
            by: None,
            change,
            key,
            reply,
        };
        self.sender()?.blocking_send(request).map_err(|_| gone())?;
        answer.blocking_recv().map_err(|_| gone())?
    }

    /// Writes a snapshot of the present state, so that the next start is quick. Blocks, and holds the writer up while
    /// facts, book and marks are copied; people are written meanwhile. Must not be called from async code.
    ///
    /// # Errors
    /// The file could not be written; the register goes on.
    pub fn snapshot(&self) -> Result<Position, SnapshotError> {
        let path = self.dir.join(SNAPSHOT);
        let failed = |source| SnapshotError {
            path: path.clone(),
            source,
        };
        let stopped = || failed(std::io::Error::other("the register has stopped"));
        let (reply, copied) = oneshot::channel();
        let sender = self.sender().map_err(|_| stopped())?;
        sender
            .blocking_send(Request::Copy { reply })
            .map_err(|_| stopped())?;
        let copied = copied.blocking_recv().map_err(|_| stopped())?;
        let position = copied.position;
        let with = snapshot::With {
            files: &*self.files,
            key: &self.key,
            fill: &*self.fill,
            entries: Entries {
                size: self.log.size(),
                read: &|index| self.log.read(index),
            },
        };
        snapshot::write(&path, &with, &copied, &self.state.people).map_err(failed)?;
        Ok(position)
    }

    /// Whether this person ever made exactly this statement of consent, whatever became of it.
    pub(crate) fn stated(&self, statement: &Statement, person: PersonNo) -> bool {
        self.state.marks().stated(statement, person)
    }

    pub(crate) fn key(&self) -> &RegisterKey {
        &self.key
    }

    fn sender(&self) -> Result<&mpsc::Sender<Request>, Refused> {
        self.requests.as_ref().ok_or_else(gone)
    }
}

impl Drop for Register {
    /// Lets the writer finish what it has been handed.
    fn drop(&mut self) {
        self.requests = None;
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Register")
            .field("dir", &self.dir)
            .field("position", &self.position())
            .finish_non_exhaustive()
    }
}

fn gone() -> Refused {
    Refused::Stopped("its writer has ended".to_owned())
}

fn at(path: &Path, source: std::io::Error) -> OpenError {
    OpenError::Io {
        path: path.to_owned(),
        source,
    }
}

fn key_file(dir: &Path, options: &Options) -> PathBuf {
    options.key_file.clone().unwrap_or_else(|| dir.join(KEY))
}

/// The state of the snapshot, if it fits; else that of an empty register.
pub(crate) fn from_snapshot(
    dir: &Path,
    key: &RegisterKey,
    entries: &Entries<'_>,
) -> Result<State, OpenError> {
    let path = dir.join(SNAPSHOT);
    match snapshot::read(&path, key, entries) {
        Ok(state) => Ok(state.unwrap_or_default()),
        Err(Unfit::Newer(found)) => Err(OpenError::NewerSnapshot {
            path,
            found,
            known: char::from(snapshot::VERSION),
        }),
        Err(why) => {
            tracing::warn!(%why, "the snapshot is not used; the whole log is folded instead");
            Ok(State::default())
        }
    }
}

/// Folds the entries that follow the state.
pub(crate) fn fold_rest(
    dir: &Path,
    key: &RegisterKey,
    state: &State,
    rest: impl Iterator<Item = Result<Stored, ReadError>>,
    remember: usize,
) -> Result<(), OpenError> {
    for stored in rest {
        let stored = stored.map_err(|error| entry_error(dir, state.facts.position(), error))?;
        let clear = entry::open(key, &stored.record).map_err(|error| match error {
            Unreadable::Newer(_) => OpenError::NewerEntry {
                dir: dir.to_owned(),
                index: stored.index,
                what: error.to_string(),
            },
            _ => entry_error(dir, stored.index, error),
        })?;
        state
            .fold(clear, stored.record.key, remember)
            .map_err(|error| entry_error(dir, stored.index, error))?;
    }
    Ok(())
}

fn entry_error(dir: &Path, index: u64, what: impl fmt::Display) -> OpenError {
    OpenError::Entry {
        dir: dir.to_owned(),
        index,
        what: what.to_string(),
    }
}

/// Judged before anything is made on disk.
fn founding_officers(founding: &Founding) -> Result<Vec<Change>, Refused> {
    let enrol = |key: &jsonwebtoken::jwk::Jwk| {
        crate::signature::algorithm(key)?;
        let kid = key.common.key_id.as_deref().unwrap_or_default();
        Ok(Change::EnrolOfficer {
            side: Side::Platform,
            officer: kid.parse().map_err(BadKey::Kid)?,
            key: key.clone(),
        })
    };
    founding.platform_officers.keys.iter().map(enrol).collect()
}
