//! What the tests of the log share: a log in a temporary directory, records that are told apart.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses its own part"
)]

use ledger::files::{Files, RealFiles};
use ledger::note::{Signer, VerifierKey};
use ledger::{IdempotencyKey, Log, Options, Record};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub const ORIGIN: &str = "countersign.sample.example/ledger";

pub fn signer() -> Signer {
    Signer::from_seed(ORIGIN, [7; 32]).unwrap()
}

pub fn verifier() -> VerifierKey {
    signer().verifier().clone()
}

/// A log's directory and its anchor, both going when this goes.
pub struct Place {
    root: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
        }
    }

    /// In memory where the system offers that: for tests of thousands of syncs, which prove nothing about the disk.
    pub fn in_memory() -> Self {
        let root = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self {
            root: root.unwrap(),
        }
    }

    pub fn dir(&self) -> PathBuf {
        self.root.path().join("log")
    }

    pub fn anchor(&self) -> PathBuf {
        self.root.path().join("anchor")
    }

    /// Small segments, an anchor, and no publication that a test did not ask for.
    pub fn options(&self) -> Options {
        self.options_on(Arc::new(RealFiles))
    }

    pub fn options_on(&self, files: Arc<dyn Files>) -> Options {
        let mut options = Options::new(signer());
        options.anchor = Some(self.anchor());
        options.segment_bytes = 4 << 10;
        options.publish_every = Duration::from_secs(3600);
        options.files = files;
        options
    }

    pub fn create(&self) -> Log {
        Log::create(&self.dir(), self.options()).unwrap()
    }

    pub fn open(&self) -> Log {
        Log::open(&self.dir(), self.options()).unwrap()
    }

    /// A log with `count` records, all published, and closed.
    pub fn with(count: u64) -> Self {
        let place = Self::new();
        let log = place.create();
        append(&log, 0..count);
        log.publish_now().unwrap();
        place
    }

    /// Every file in the log's directory, relative, sorted.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        walk(&self.dir(), &mut found);
        found.sort();
        found
    }
}

pub fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found)
        } else {
            found.push(path)
        }
    }
}

/// A record like no other, with parts of different lengths.
pub fn record(number: u64) -> Record {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&number.to_be_bytes());
    Record {
        entry: format!("entry {number} {}", "e".repeat((number % 37) as usize)).into_bytes(),
        tags: format!("tags {number}").into_bytes(),
        details: format!("details {number} {}", "d".repeat((number % 11) as usize)).into_bytes(),
        key: IdempotencyKey(key),
    }
}

pub fn append(log: &Log, numbers: std::ops::Range<u64>) {
    for number in numbers {
        let recorded = log.record_blocking(record(number), number).unwrap();
        assert_eq!((recorded.index(), *recorded.carried()), (number, number));
    }
}

/// Copies a directory, as a disk image would be copied.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target)
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
