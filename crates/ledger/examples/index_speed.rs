//! How fast an index follows a log, and how fast entries are found in it.
//!
//!     cargo run -p ledger --release --example index_speed -- [entries] [people per entry]
//!
//! Each entry has so many keys of a million people's. Printed: pairs a second taken in, runs and bytes on disk, and the
//! time of looking up people, one by one, in an index that was just opened.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement ends where something fails, and prints"
)]

use ledger::files::RealFiles;
use ledger::note::Signer;
use ledger::{IdempotencyKey, Index, IndexOptions, Log, Options, Record};
use std::sync::Arc;
use std::time::Instant;

const PEOPLE: u64 = 1_000_000;

fn keys(record: &Record) -> Option<Vec<u64>> {
    let (keys, rest) = record.tags.as_chunks::<8>();
    rest.is_empty()
        .then(|| keys.iter().map(|key| u64::from_be_bytes(*key)).collect())
}

/// A person's key: as random as a tag, and the same every time.
fn key_of(person: u64) -> u64 {
    let mixed = (person + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 31)
}

fn main() {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse::<u64>());
    let entries = args.next().map_or(20_000, Result::unwrap);
    let people = args.next().map_or(256, Result::unwrap);
    let dir = tempfile::tempdir().unwrap();
    let options = Options::new(Signer::from_seed("speed.example/ledger", [1; 32]).unwrap());
    let log = Arc::new(Log::create(&dir.path().join("log"), options).unwrap());
    for entry in 0..entries {
        let those = (0..people).map(|n| key_of(key_of(entry * 4096 + n) % PEOPLE));
        let record = Record {
            entry: entry.to_be_bytes().to_vec(),
            tags: those.flat_map(u64::to_be_bytes).collect(),
            details: Vec::new(),
            key: IdempotencyKey(u128::from(entry).to_be_bytes()),
        };
        drop(log.record_blocking(record, ()).unwrap());
    }
    let open = || {
        let options = IndexOptions::new(dir.path().join("index"), Arc::new(RealFiles));
        Index::open(log.clone(), keys, options).unwrap().0
    };
    let index = open();
    let began = Instant::now();
    while index.follow(4_000).unwrap() > 0 {}
    let took = began.elapsed();
    let pairs = entries * people;
    println!(
        "{pairs} pairs of {entries} entries taken in in {took:.2?}: {:.0} a second",
        pairs as f64 / took.as_secs_f64()
    );
    drop(index);
    let files = std::fs::read_dir(dir.path().join("index")).unwrap();
    let sizes: Vec<u64> = files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .collect();
    println!("{} runs, {} bytes", sizes.len(), sizes.iter().sum::<u64>());
    let index = open();
    let began = Instant::now();
    let (looked, mut found) = (2_000, 0);
    for person in 0..looked {
        found += index.find(key_of(person * 499), 0).unwrap().len();
    }
    println!(
        "{looked} people looked up, {found} entries found: {:.1?} each",
        began.elapsed() / 2_000
    );
}
