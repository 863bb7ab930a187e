//! Which entries of a log hold a key: an index beside it, made from it, and made anew from it whenever it is not as it
//! should be.
//!
//! A key is the first eight bytes of a tag (or of another hash that stands in an entry): all bits are random, so places
//! found by one are almost always right, and whoever looks there compares the whole tag. There is nothing in the index
//! that does not lie beside the log already: no number of a person and no key of theirs, so whose key is destroyed is
//! found in it by nobody. What an entry's keys are is the caller's to say ([`Keys`]).
//!
//! On disk: sorted *runs* of (key, entry), each over a span of entries without a gap to the next. They are written under
//! another name, synced, and renamed; several of one size are merged into one. The newest entries are in memory alone and
//! read again from the log after a restart. Form: `run.rs`.

mod error;
mod fresh;
mod open;
mod run;
mod write;

pub use error::{IndexError, SetAside};

use crate::files::Files;
use crate::{Hash, Log, Record};
use fresh::Fresh;
use run::Run;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use write::RunWriter;

/// The keys of one entry; `None` where it is not one that can be read, and then nothing after it is indexed.
pub type Keys = fn(&Record) -> Option<Vec<u64>>;

/// The key of a tag, or of another hash that stands in an entry.
pub fn key_of(hash: &[u8; 32]) -> u64 {
    let (first, _) = hash.as_chunks::<8>();
    first.first().map_or(0, |first| u64::from_be_bytes(*first))
}

/// A key and the place of an entry that has it.
type Pair = (u64, u64);

/// How an index is kept.
#[derive(Clone, Debug)]
pub struct IndexOptions {
    /// Its own directory, which is made if it is missing. Nothing else may lie there.
    pub dir: PathBuf,
    /// The file operations.
    pub files: Arc<dyn Files>,
    /// Pairs in memory before they become a run: 16 bytes each.
    pub in_memory: usize,
    /// So many runs of one size become one.
    pub merge: usize,
}

impl IndexOptions {
    /// The usual ones: at most 4 MB in memory, and merging by eights.
    pub fn new(dir: PathBuf, files: Arc<dyn Files>) -> Self {
        Self {
            dir,
            files,
            in_memory: 1 << 18,
            merge: 8,
        }
    }
}

/// An open index. Share it in an `Arc`; one process at a time, which is the one that holds the log's own lock.
pub struct Index {
    log: Arc<Log>,
    keys: Keys,
    options: IndexOptions,
    /// Held by whoever follows the log: one at a time.
    following: Mutex<()>,
    state: Mutex<State>,
}

/// What is searched. The lock is held for moments only, never over file operations.
struct State {
    runs: Vec<Arc<Run>>,
    fresh: Fresh,
}

impl State {
    /// The first entry that is not in a run.
    fn on_disk(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.to())
    }
}

impl Index {
    /// Opens the index of a log, whatever state it is in: runs that are broken, of a newer program or of another log are
    /// set aside under another name and told of, with all that come after them, and will be made anew.
    ///
    /// # Errors
    /// Directory or log cannot be read.
    pub fn open(
        log: Arc<Log>,
        keys: Keys,
        options: IndexOptions,
    ) -> Result<(Self, Vec<SetAside>), IndexError> {
        let (runs, aside) = open::runs(&log, &options)?;
        let mut state = State {
            runs,
            fresh: Fresh::default(),
        };
        state.fresh = Fresh::from(state.on_disk());
        let index = Self {
            log,
            keys,
            options,
            following: Mutex::default(),
            state: Mutex::new(state),
        };
        Ok((index, aside))
    }

    /// How many entries of the log are in it. What comes after them is not found.
    pub fn size(&self) -> u64 {
        self.state().fresh.to()
    }

    /// Takes in up to `most` further entries; returns how many are left. Blocks, on the files of log and index.
    ///
    /// Where somebody else is at it, it returns at once, with what is left for them.
    ///
    /// # Errors
    /// The log cannot be read, an entry has no readable keys, or a run cannot be written. What was found before stays, and
    /// the next call tries again. Where the log itself is short of room, nothing is written and no error: then entries
    /// wait.
    pub fn follow(&self, most: u64) -> Result<u64, IndexError> {
        let Ok(_alone) = self.following.try_lock() else {
            return Ok(self.log.size().saturating_sub(self.size()));
        };
        let mut taken = 0;
        while taken < most {
            if self.state().fresh.len() >= self.options.in_memory {
                if self.log.shortage().is_some() {
                    break;
                }
                self.write_run()?;
                self.merge()?;
            }
            let step = (most - taken).min(STEP);
            let read = self.take_in(step)?;
            taken += read;
            if read < step {
                break;
            }
        }
        Ok(self.log.size().saturating_sub(self.size()))
    }

    /// Reads up to so many entries, fewer where memory is full or the log ends.
    fn take_in(&self, most: u64) -> Result<u64, IndexError> {
        let from = self.size();
        let mut pairs: Vec<Pair> = Vec::new();
        let mut read = 0;
        for stored in self.log.iter(from).take(most as usize) {
            let stored = stored?;
            if pairs.len() >= self.options.in_memory {
                break; // entries about thousands of people
            }
            let keys = (self.keys)(&stored.record).ok_or(IndexError::Entry(stored.index))?;
            pairs.extend(keys.into_iter().map(|key| (key, stored.index)));
            read += 1;
        }
        self.state().fresh.add(pairs, from + read);
        Ok(read)
    }

    /// The places of the entries from `from` on that have this key, rising. Blocks. What else has the same eight bytes is
    /// among them: compare the whole.
    ///
    /// # Errors
    /// A run cannot be read or is broken. It has then been set aside with all that come after it, [`Index::size`] has gone
    /// back to where it began, and following the log makes it anew.
    pub fn find(&self, key: u64, from: u64) -> Result<Vec<u64>, IndexError> {
        let (runs, fresh) = {
            let state = self.state();
            let later = state.runs.iter().filter(|run| run.to() > from);
            let runs: Vec<Arc<Run>> = later.cloned().collect();
            (runs, state.fresh.find(key))
        };
        let mut found = Vec::new();
        for run in runs {
            if let Err(error) = run.find(&*self.options.files, key, &mut found) {
                self.set_aside(&run);
                return Err(error);
            }
        }
        found.extend(fresh);
        found.retain(|place| *place >= from);
        Ok(found)
    }

    /// Forgets a run that turned out to be broken, and what comes after it.
    fn set_aside(&self, broken: &Arc<Run>) {
        // Whoever follows must not put a run behind one that is gone.
        let _alone = self
            .following
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.forget(broken);
    }

    /// The same, for whoever follows.
    fn forget(&self, broken: &Arc<Run>) {
        let mut state = self.state();
        let Some(at) = state.runs.iter().position(|run| Arc::ptr_eq(run, broken)) else {
            return; // somebody else was faster, or it has been merged meanwhile
        };
        let gone = state.runs.split_off(at);
        state.fresh = Fresh::from(state.on_disk());
        drop(state);
        // Where this fails, the next opening finds the same and does it then.
        let _ = open::set_aside(&self.options, broken.path());
        for run in gone.iter().skip(1) {
            let _ = self.options.files.remove(run.path());
        }
    }

    /// What is in memory becomes a run.
    fn write_run(&self) -> Result<(), IndexError> {
        let (from, to, pairs) = self.state().fresh.sorted();
        let last = self.log.read(to - 1)?;
        let mut writer = RunWriter::create(&self.options, from, to)?;
        for pair in pairs {
            writer.push(pair)?;
        }
        let run = writer.finish(Hash::leaf(&last.record.entry))?;
        let mut state = self.state();
        state.runs.push(Arc::new(run));
        state.fresh = Fresh::from(to);
        Ok(())
    }

    /// While the last runs are enough of one size, they become one.
    fn merge(&self) -> Result<(), IndexError> {
        loop {
            let runs = self.state().runs.clone();
            let few = self.options.merge.max(2);
            let Some(start) = runs.len().checked_sub(few) else {
                return Ok(());
            };
            let last = runs.get(start..).unwrap_or_default();
            let level = |run: &Arc<Run>| self.level(run.pairs());
            if last.windows(2).any(|pair| match pair {
                [one, other] => level(one) != level(other),
                _ => false,
            }) {
                return Ok(());
            }
            let merged = write::merge(&self.options, last).inspect_err(|error| {
                let broken = last.iter().find(|run| error.is_of(run.path()));
                broken.into_iter().for_each(|run| self.forget(run));
            })?;
            let merged = Arc::new(merged);
            let mut state = self.state();
            let old = state.runs.split_off(start);
            state.runs.push(merged);
            drop(state);
            // Their span is covered; what cannot be removed now, the next opening removes.
            for run in old {
                let _ = self.options.files.remove(run.path());
            }
        }
    }

    /// How many times a run of this many pairs has been merged.
    fn level(&self, pairs: u64) -> u32 {
        let units = pairs / (self.options.in_memory.max(1) as u64);
        units.max(1).ilog((self.options.merge.max(2)) as u64)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries that are read before they are shown.
const STEP: u64 = 256;

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("dir", &self.options.dir)
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}
