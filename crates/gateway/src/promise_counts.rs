//! How often each promise made the gateway refuse, since the ledger began.
//!
//! The ledger has it (`specs/ledger-entry.md`, code 401), and anybody who holds the log can add it up. So that a page need
//! not read the whole log, the sums are kept here as they are recorded, and beside the log in a file that says up to which
//! entry it has counted. The file is worth nothing by itself: where it is missing, broken, or of another log, the entries
//! are counted again, in the background. One of a newer version is refused: the program does not start.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use decide::PromiseId;
use ledger::entry::{Digest16, Entry};
use ledger::{Hash, Log, ReadError};
use serde::{Deserialize, Serialize};

use crate::refusals::BY_PROMISE;

const VERSION: u32 = 1;
/// The file is written anew when so many entries have come since, also if none of them counts anything.
const OFTEN: u64 = 1 << 16;

/// The sums.
pub(crate) struct PromiseCounts {
    path: PathBuf,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    sums: BTreeMap<String, u64>,
    /// All entries before the one that was the next when counting began have been counted.
    whole: bool,
    /// What the file says, so that it is not written for nothing.
    saved: Option<(u64, u64)>,
}

/// What a promise comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    /// How often, as far as it has been counted.
    pub(crate) times: u64,
    /// Whether all older entries have been counted.
    pub(crate) whole: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u32,
    /// How many entries have been counted.
    entries: u64,
    /// The leaf hash of the last of them: another log, or one that went another way, has another.
    leaf: String,
    sums: BTreeMap<String, u64>,
}

/// A newer program wrote the file; it stays as it is.
#[derive(Debug, thiserror::Error)]
#[error(
    "{}: format version {found}, this program knows {VERSION}; use the newer program, or remove the file: everything is counted again then",
    path.display()
)]
pub struct NewerCounts {
    /// The file.
    path: PathBuf,
    /// Its version.
    found: u64,
}

/// What files of every version have.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

impl PromiseCounts {
    /// Beside the log in `directory`. Nothing but the version is read before [`PromiseCounts::catch_up`].
    ///
    /// # Errors
    /// The file is of a newer version.
    pub(crate) fn open(directory: &Path) -> Result<Self, NewerCounts> {
        let path = directory.join("promise-counts.json");
        let text = fs::read(&path).unwrap_or_default();
        match serde_json::from_slice::<Versioned>(&text) {
            Ok(Versioned { version: found }) if found > u64::from(VERSION) => {
                Err(NewerCounts { path, found })
            }
            _ => Ok(Self {
                path,
                counted: Mutex::default(),
            }),
        }
    }

    /// How often this promise made the gateway refuse. What is not in the ledger yet (the present minute's) is not counted.
    pub(crate) fn of(&self, promise: &PromiseId) -> Count {
        let counted = self.counted();
        let times = counted.sums.get(&key(promise)).copied().unwrap_or(0);
        Count {
            times,
            whole: counted.whole,
        }
    }

    /// What has just been recorded.
    pub(crate) fn add(&self, promise: &PromiseId, many: u32) {
        let mut counted = self.counted();
        add(&mut counted.sums, key(promise), u64::from(many));
    }

    /// Counts the entries before `end` that the file does not know, unless told to stop. Blocks for as long as reading
    /// them takes.
    ///
    /// # Errors
    /// The log cannot be read; the sums stay as they are, and do not call themselves whole.
    pub(crate) fn catch_up(
        &self,
        log: &Log,
        end: u64,
        stopping: &dyn Fn() -> bool,
    ) -> Result<(), ReadError> {
        let (from, mut sums) = match self.kept(log, end) {
            Some(kept) => (kept.entries, kept.sums),
            None => (0, BTreeMap::new()),
        };
        for entry in log.entries(from) {
            let (index, bytes) = entry?;
            if index >= end {
                break;
            }
            if index.is_multiple_of(1 << 12) && stopping() {
                return Ok(());
            }
            if let Ok(Entry::Refusals(refusals)) = Entry::parse(&bytes)
                && let [(BY_PROMISE, many)] = refusals.counts.as_slice()
            {
                let promise = hex::encode(refusals.header.operation.0);
                add(&mut sums, promise, u64::from(*many));
            }
        }
        let mut counted = self.counted();
        for (promise, times) in sums {
            add(&mut counted.sums, promise, times);
        }
        counted.whole = true;
        Ok(())
    }

    /// Writes the sums down, if there is something new. Call it where nothing is being recorded that is to be added.
    pub(crate) fn save(&self, log: &Log) {
        let (entries, sums) = {
            let counted = self.counted();
            (log.size(), counted.whole.then(|| counted.sums.clone()))
        };
        let Some(sums) = sums.filter(|_| entries > 0) else {
            return;
        };
        let total = sums.values().fold(0, |a: u64, b| a.saturating_add(*b));
        let saved = self.counted().saved;
        let stale =
            saved.is_none_or(|(at, then)| then != total || entries.saturating_sub(at) >= OFTEN);
        if !stale {
            return;
        }
        match self.write(log, entries, sums) {
            Ok(()) => self.counted().saved = Some((entries, total)),
            Err(error) => {
                tracing::warn!(%error, "how often each promise made us refuse is not written down; it is counted again at the next start");
            }
        }
    }

    fn write(&self, log: &Log, entries: u64, sums: BTreeMap<String, u64>) -> Result<(), String> {
        let last = log
            .read(entries.saturating_sub(1))
            .map_err(|error| error.to_string())?;
        let kept = Kept {
            version: VERSION,
            entries,
            leaf: Hash::leaf(&last.record.entry).to_base64(),
            sums,
        };
        let text = serde_json::to_vec(&kept).map_err(|error| error.to_string())?;
        let fresh = self.path.with_extension("new");
        // Not synced: what a crash takes of it is noticed, and counted again.
        let written = fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, &self.path));
        written.map_err(|error| error.to_string())
    }

    /// What the file says, if it is of this log and not beyond `end`.
    fn kept(&self, log: &Log, end: u64) -> Option<Kept> {
        let bytes = fs::read(&self.path).ok()?;
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        let last = kept.entries.checked_sub(1).filter(|last| *last < end)?;
        let entry = log.read(last).ok()?.record.entry;
        let fits = kept.version == VERSION && kept.leaf == Hash::leaf(&entry).to_base64();
        fits.then_some(kept)
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(promise: &PromiseId) -> String {
    hex::encode(Digest16::of_promise(promise.as_str()).0)
}

fn add(sums: &mut BTreeMap<String, u64>, promise: String, many: u64) {
    let sum = sums.entry(promise).or_default();
    *sum = sum.saturating_add(many);
}

#[cfg(test)]
mod tests {
    use ledger::IdempotencyKey;
    use ledger::entry::{EntrySeed, Minute, RefusalsDraft};
    use ledger::note::Signer;

    use super::*;

    fn log(dir: &Path) -> Log {
        let signer = Signer::from_seed("sample.example/ledger", [1; 32]).unwrap();
        let mut options = ledger::Options::new(signer);
        options.segment_bytes = 1 << 20;
        Log::create(dir, options).unwrap()
    }

    fn record(log: &Log, what: Digest16, counts: &[(u16, u32)]) {
        let draft = RefusalsDraft {
            minute: Minute(29_000_000),
            partner: Digest16::of_partner("findr"),
            operation: what,
            register_position: 1,
            ledger_position: log.size(),
            counts,
        };
        let number = u8::try_from(log.size()).unwrap();
        let sealed = draft.seal(EntrySeed([number; 32]), IdempotencyKey([number; 16]));
        let _ = log.record_blocking(sealed.unwrap(), ()).unwrap();
    }

    fn counted(dir: &Path, log: &Log) -> PromiseCounts {
        let counts = PromiseCounts::open(dir).unwrap();
        counts.catch_up(log, log.size(), &|| false).unwrap();
        counts
    }

    fn said() -> PromiseId {
        "said".parse().unwrap()
    }

    #[test]
    fn the_ledgers_own_counts_of_a_promise_are_added_up_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let log = log(dir.path());
        let (promise, other) = (Digest16::of_promise("said"), Digest16::of_promise("other"));
        record(&log, promise, &[(BY_PROMISE, 20)]);
        record(&log, other, &[(BY_PROMISE, 7)]);
        record(&log, promise, &[(BY_PROMISE, 3)]);
        // What an operation refused, because of a promise or not, is another count.
        record(&log, Digest16::of_operation("said"), &[(300, 5), (400, 9)]);
        let before = PromiseCounts::open(dir.path()).unwrap().of(&said());
        assert_eq!((before.times, before.whole), (0, false));
        let after = counted(dir.path(), &log).of(&said());
        assert_eq!((after.times, after.whole), (23, true));
    }

    #[test]
    fn a_file_that_fits_the_log_spares_reading_it_and_any_other_is_counted_again() {
        let dir = tempfile::tempdir().unwrap();
        let log = log(dir.path());
        let promise = Digest16::of_promise("said");
        record(&log, promise, &[(BY_PROMISE, 20)]);
        counted(dir.path(), &log).save(&log);
        record(&log, promise, &[(BY_PROMISE, 1)]);
        let file = dir.path().join("promise-counts.json");
        let kept = fs::read_to_string(&file).unwrap();
        let again = |text: &str| {
            fs::write(&file, text).unwrap();
            counted(dir.path(), &log).of(&said()).times
        };
        assert_eq!(again(&kept), 21);
        // Only what came later was read: the file is believed as far as it goes.
        assert_eq!(again(&kept.replace(":20", ":500")), 501);
        let of_another_log = kept.replace("\"leaf\":\"", "\"leaf\":\"A");
        let ahead = kept.replace("\"entries\":1", "\"entries\":9");
        for unfit in [of_another_log.as_str(), &ahead, "{", ""] {
            assert_eq!(again(unfit), 21, "{unfit}");
        }
        let newer = kept.replace("\"version\":1", "\"version\":2");
        fs::write(&file, &newer).unwrap();
        let refused = PromiseCounts::open(dir.path()).err().unwrap().to_string();
        let said =
            "promise-counts.json: format version 2, this program knows 1; use the newer program";
        assert!(refused.contains(said), "{refused}");
        assert_eq!(fs::read_to_string(&file).unwrap(), newer);
    }

    #[test]
    fn what_was_told_to_stop_does_not_call_itself_whole_and_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let log = log(dir.path());
        record(&log, Digest16::of_promise("said"), &[(BY_PROMISE, 20)]);
        let counts = PromiseCounts::open(dir.path()).unwrap();
        counts.catch_up(&log, log.size(), &|| true).unwrap();
        counts.save(&log);
        assert!(!counts.of(&said()).whole);
        assert!(!dir.path().join("promise-counts.json").exists());
    }
}
