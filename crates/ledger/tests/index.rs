//! The index beside a log, held to the slowest way to the same answer: looking through all entries.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests may fail loudly, their helpers too"
)]

mod common;

use common::Place;
use ledger::faults::{Fault, FaultyFiles, Op, Which};
use ledger::files::{Files, RealFiles};
use ledger::{IdempotencyKey, Index, IndexError, IndexOptions, Log, Record};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An entry's keys lie in its tags, eight bytes each.
fn keys(record: &Record) -> Option<Vec<u64>> {
    let (keys, rest) = record.tags.as_chunks::<8>();
    rest.is_empty()
        .then(|| keys.iter().map(|key| u64::from_be_bytes(*key)).collect())
}

/// Few keys that are common, many that are rare, and some next to each other.
fn record(number: u64, dice: &mut ChaCha8Rng) -> Record {
    let mut idempotency = [0; 16];
    idempotency[..8].copy_from_slice(&number.to_be_bytes());
    let count = dice.random_range(0..12);
    let keys = (0..count).map(|_| match dice.random_range(0..3) {
        0 => dice.random_range(0..5_u64) << 60,
        1 => u64::MAX - dice.random_range(0..4),
        _ => dice
            .random_range(0..40_u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15),
    });
    let keys: std::collections::BTreeSet<u64> = keys.collect();
    Record {
        // As a real entry commits to its tags.
        entry: format!("entry {number} {keys:?}").into_bytes(),
        tags: keys.iter().flat_map(|key| key.to_be_bytes()).collect(),
        details: Vec::new(),
        key: IdempotencyKey(idempotency),
    }
}

/// All keys that a record here can have.
fn all_keys() -> Vec<u64> {
    let rare = (0..40_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let common = (0..5_u64).map(|n| n << 60);
    let high = (0..4).map(|n| u64::MAX - n);
    common.chain(high).chain(rare).chain([1, 77]).collect()
}

struct Stage {
    place: Place,
    log: Arc<Log>,
    dice: ChaCha8Rng,
    /// The keys of each entry.
    written: Vec<Vec<u64>>,
}

impl Stage {
    fn new(seed: u64) -> Stage {
        let place = Place::in_memory();
        let log = Arc::new(place.create());
        Stage {
            place,
            log,
            dice: ChaCha8Rng::seed_from_u64(seed),
            written: Vec::new(),
        }
    }

    fn write(&mut self, record: Record) {
        self.written.push(keys(&record).unwrap());
        drop(self.log.record_blocking(record, ()).unwrap());
    }

    /// The slow way.
    fn looked_through(&self, key: u64, from: u64) -> Vec<u64> {
        let all = (0..).zip(&self.written).skip(from as usize);
        let with = all.filter(|(_, keys)| keys.contains(&key));
        with.map(|(index, _)| index).collect()
    }

    fn happens(&mut self, entries: u64) {
        let from = self.log.size();
        for number in from..from + entries {
            let record = record(number, &mut self.dice);
            self.write(record);
        }
    }

    fn dir(&self) -> PathBuf {
        self.place.dir().join("../index")
    }

    fn options(&self, files: Arc<dyn Files>) -> IndexOptions {
        let mut options = IndexOptions::new(self.dir(), files);
        options.in_memory = 60;
        options.merge = 3;
        options
    }

    fn open(&self) -> (Index, Vec<ledger::SetAside>) {
        self.open_on(Arc::new(RealFiles)).unwrap()
    }

    fn open_on(&self, files: Arc<dyn Files>) -> Result<(Index, Vec<ledger::SetAside>), IndexError> {
        Index::open(self.log.clone(), keys, self.options(files))
    }

    fn names(&self) -> Vec<String> {
        RealFiles.list(&self.dir()).unwrap()
    }

    fn runs(&self) -> Vec<PathBuf> {
        let names = self.names().into_iter();
        let runs = names.filter(|name| name.ends_with(".run"));
        runs.map(|name| self.dir().join(name)).collect()
    }

    /// Every key is found exactly where the slow way finds it.
    fn holds(&self, index: &Index) {
        assert_eq!(index.size(), self.log.size());
        for key in all_keys() {
            for from in [0, 17, self.log.size() / 2, self.log.size()] {
                let slow = self.looked_through(key, from);
                assert_eq!(index.find(key, from).unwrap(), slow, "{key:x} from {from}");
            }
        }
    }
}

fn follow(index: &Index) {
    while index.follow(50).unwrap() > 0 {}
}

#[test]
fn it_finds_what_looking_through_all_entries_finds_at_every_size() {
    let mut stage = Stage::new(1);
    let (index, aside) = stage.open();
    assert!(aside.is_empty());
    stage.holds(&index);
    for entries in [1, 2, 30, 200, 700] {
        stage.happens(entries);
        follow(&index);
        stage.holds(&index);
    }
    let runs = stage.runs();
    assert!((1..12).contains(&runs.len()), "merged: {runs:?}");
}

#[test]
fn bundles_and_tail_are_one_log_to_it() {
    let mut stage = Stage::new(2);
    stage.happens(600);
    stage.log.publish_now().unwrap();
    stage.happens(40);
    let (index, _) = stage.open();
    follow(&index);
    stage.holds(&index);
}

#[test]
fn after_a_restart_it_goes_on_where_its_runs_end() {
    let mut stage = Stage::new(3);
    let (index, _) = stage.open();
    for _ in 0..6 {
        stage.happens(70);
        follow(&index);
    }
    drop(index);
    let (index, aside) = stage.open();
    assert!(aside.is_empty());
    assert!(0 < index.size() && index.size() < stage.log.size());
    stage.happens(5);
    follow(&index);
    stage.holds(&index);
}

#[test]
fn a_key_of_more_than_a_block_is_found_whole() {
    let mut stage = Stage::new(4);
    for number in 0..900_u64 {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&number.to_be_bytes());
        let record = Record {
            entry: number.to_be_bytes().to_vec(),
            tags: [7_u64, 8 + number % 5]
                .iter()
                .flat_map(|key| key.to_be_bytes())
                .collect(),
            details: Vec::new(),
            key: IdempotencyKey(key),
        };
        stage.write(record);
    }
    let mut options = stage.options(Arc::new(RealFiles));
    options.in_memory = 1500;
    let (index, _) = Index::open(stage.log.clone(), keys, options).unwrap();
    follow(&index);
    for key in 6..14 {
        let found = index.find(key, 0).unwrap();
        assert_eq!(found, stage.looked_through(key, 0), "{key}");
    }
}

type Spoil = fn(&Path);

fn flip(path: &Path, at: u64) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at as usize] ^= 0x10;
    std::fs::write(path, bytes).unwrap();
}

/// How a run can be other than it was written.
const SPOILT: &[(&str, Spoil)] = &[
    ("another beginning", |path| flip(path, 0)),
    ("a newer version", |path| flip(path, 11)),
    ("another span", |path| flip(path, 31)),
    ("another leaf", |path| flip(path, 45)),
    ("a pair in its first block", |path| flip(path, 4096 + 20)),
    ("its last byte", |path| {
        flip(path, std::fs::metadata(path).unwrap().len() - 1);
    }),
    ("cut short", |path| {
        let bytes = std::fs::read(path).unwrap();
        std::fs::write(path, &bytes[..bytes.len() - 100]).unwrap();
    }),
    ("empty", |path| std::fs::write(path, []).unwrap()),
    ("gone", |path| std::fs::remove_file(path).unwrap()),
    ("another run's bytes", |path| {
        let other = std::fs::read(path.with_file_name("other")).unwrap();
        std::fs::write(path, other).unwrap();
    }),
];

#[test]
fn a_run_that_is_not_as_written_is_never_trusted_and_made_anew() {
    for (what, spoil) in SPOILT {
        for which in [0, 1] {
            let mut stage = Stage::new(5);
            let (index, _) = stage.open();
            while stage.runs().len() < 4 {
                stage.happens(10);
                follow(&index);
            }
            drop(index);
            let runs = stage.runs();
            std::fs::copy(&runs[2], stage.dir().join("other")).unwrap();
            spoil(&runs[which]);
            let (index, mut aside) = stage.open();
            let mut errors = 0;
            // What is broken inside a block is found when it is read.
            for key in all_keys() {
                errors += usize::from(index.find(key, 0).is_err());
            }
            assert!(errors <= 1, "{what}: told once, then forgotten");
            follow(&index);
            stage.holds(&index);
            let named = aside.pop().map_or_else(String::new, |it| it.why);
            assert!(
                errors == 1 || !named.is_empty(),
                "{what} of {which}: nobody was told"
            );
            let kept = stage.names().iter().any(|name| name.ends_with(".aside"));
            assert!(kept, "{what}: the file is kept for whoever wants to look");
        }
    }
}

#[test]
fn the_index_of_another_log_is_not_this_ones() {
    let mut other = Stage::new(6);
    other.happens(200);
    let (index, _) = other.open();
    follow(&index);
    drop(index);
    let mut stage = Stage::new(7);
    stage.happens(400);
    common::copy(&other.dir(), &stage.dir());
    let (index, aside) = stage.open();
    assert_eq!(index.size(), 0);
    assert!(aside[0].why.contains("another log"), "{aside:?}");
    follow(&index);
    stage.holds(&index);
}

#[test]
fn a_log_that_is_shorter_than_its_index_is_indexed_anew() {
    let mut long = Stage::new(9);
    long.happens(300);
    let (index, _) = long.open();
    follow(&index);
    drop(index);
    let mut short = Stage::new(9);
    short.happens(100);
    common::copy(&long.dir(), &short.dir());
    let (index, aside) = short.open();
    assert!(!aside.is_empty());
    follow(&index);
    short.holds(&index);
}

/// Every operation on the files of the index fails once, in every way, and the process goes on or is started again.
#[test]
fn whatever_operation_fails_nothing_is_found_that_is_not_there_and_nothing_is_missing_in_the_end() {
    let traced = Arc::new(FaultyFiles::default());
    let run = |files: Arc<FaultyFiles>| -> Stage {
        let mut stage = Stage::new(10);
        let mut index = None;
        for round in 0..5 {
            stage.happens(30);
            // A process that could not open its index is started again by its operator.
            if index.is_none() || round == 3 {
                drop(index.take());
                index = stage.open_on(files.clone()).ok().map(|(index, _)| index);
            }
            if let Some(index) = &index {
                let _ = index.follow(10_000);
                for key in all_keys() {
                    // A fault while it is looked makes it go back, and the next call finds less; never what is not there.
                    let Ok(found) = index.find(key, 0) else {
                        continue;
                    };
                    let mut slow = stage.looked_through(key, 0);
                    slow.retain(|at| *at < index.size());
                    assert_eq!(found, slow);
                }
            }
        }
        stage
    };
    drop(run(traced.clone()));
    let operations: Vec<Which> = traced.operations();
    let kinds = [
        Op::Create,
        Op::Write,
        Op::SyncAll,
        Op::Rename,
        Op::SyncDir,
        Op::ReadAt,
        Op::Open,
        Op::Remove,
        Op::List,
    ];
    let mut tried = 0;
    for which in operations.into_iter().filter(|it| kinds.contains(&it.op)) {
        // The first two of each are enough: later ones are alike.
        if which.nth > 1 {
            continue;
        }
        for fault in [
            Fault::NotDone,
            Fault::DoneButFailed,
            Fault::Half,
            Fault::Flipped,
            Fault::NoSpace,
        ] {
            let files = Arc::new(FaultyFiles::default());
            files.fail_at(which.clone(), fault);
            let stage = run(files);
            let (index, _) = stage.open();
            for key in all_keys() {
                let _ = index.find(key, 0); // a broken block is found out here
            }
            follow(&index);
            stage.holds(&index);
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}
