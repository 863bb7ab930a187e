//! Measures what the ledger costs: sealing an entry about 190 people, and commits at 1 and 100 writers.
//!
//! `cargo run --release -p ledger --example measure [directory]`; the directory decides which disk is
//! measured. Says nothing about other machines: a virtual disk may acknowledge what it has not kept.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement, not part of the product"
)]

use ledger::entry::{
    Digest16, DisclosureDraft, EntrySeed, LedgerKey, Minute, PeriodSecrets, PersonKey, PersonPart,
    PersonSecrets,
};
use ledger::note::Signer;
use ledger::{Hash, IdempotencyKey, Log, Options, Record};
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const MINUTE: Minute = Minute(29_939_000);
const PEOPLE: u32 = 190;

fn key_of(person: u32) -> Option<PersonKey> {
    let mut bytes = [9; 32];
    bytes[..4].copy_from_slice(&person.to_be_bytes());
    Some(PersonKey::from_random(bytes))
}

fn seed(number: u64) -> EntrySeed {
    let mut bytes = [3; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    EntrySeed(bytes)
}

fn seal(secrets: &[Arc<PersonSecrets>], number: u64) -> Record {
    let people: Vec<_> = secrets
        .iter()
        .map(|secrets| PersonPart {
            secrets,
            slot: &[7; 24],
        })
        .collect();
    let draft = DisclosureDraft {
        minute: MINUTE,
        partner: Digest16::of_partner("findr"),
        operation: Digest16::of_operation("listFriends"),
        register_position: 1,
        ledger_position: 1,
        agreement: Hash([1; 32]),
        people: &people,
        common: &[5; 400],
    };
    let mut key = [0; 16];
    key[..8].copy_from_slice(&number.to_be_bytes());
    draft
        .seal(
            &LedgerKey::from_random([4; 32]),
            seed(number),
            IdempotencyKey(key),
        )
        .unwrap()
}

/// The quickest and the middle of many runs, in microseconds: on a busy machine the quickest is nearest
/// to what the work itself takes.
fn timed(runs: usize, mut act: impl FnMut()) -> String {
    let run = |_| {
        let start = Instant::now();
        act();
        start.elapsed().as_nanos()
    };
    let mut nanos: Vec<_> = (0..runs).map(run).collect();
    nanos.sort_unstable();
    format!(
        "{:8.2} us, median {:8.2} us",
        nanos[0] as f64 / 1000.0,
        nanos[runs / 2] as f64 / 1000.0
    )
}

fn sealing() {
    let cache = PeriodSecrets::new(1 << 12);
    let period = MINUTE.period();
    let make = timed(3000, || {
        drop(black_box(PersonSecrets::new(&key_of(1).unwrap(), period)))
    });
    println!("secrets of one person and month, computed    {make}");
    let fetch = || -> Vec<_> {
        (0..PEOPLE)
            .map(|person| cache.get(person, period, || key_of(person)).unwrap())
            .collect()
    };
    fetch();
    let hit = timed(3000, || drop(black_box(fetch())));
    println!("{PEOPLE} cached secrets looked up                 {hit}");
    for count in [1, 8, 190, 1000] {
        let secrets: Vec<_> = (0..count)
            .map(|person| cache.get(person, period, || key_of(person)).unwrap())
            .collect();
        let mut number = 0;
        let cost = timed(3000, || {
            number += 1;
            black_box(seal(&secrets, number));
        });
        let record = seal(&secrets, 0);
        println!(
            "sealing {count:5} people, cached secrets         {cost}   entry {} B, tags {} B, details {} B",
            record.entry.len(),
            record.tags.len(),
            record.details.len()
        );
    }
}

fn commits(dir: &std::path::Path, writers: u64, people: u32, time: Duration) {
    let path = dir.join(format!("measure-{writers}-{people}"));
    let signer = Signer::from_seed("countersign.sample.example/measure", [7; 32]).unwrap();
    let log = Arc::new(Log::create(&path, Options::new(signer)).unwrap());
    let period = MINUTE.period();
    let secrets: Vec<_> = (0..people)
        .map(|n| Arc::new(PersonSecrets::new(&key_of(n).unwrap(), period).unwrap()))
        .collect();
    let template = seal(&secrets, 0);
    let start = Instant::now();
    let threads: Vec<_> = (0..writers)
        .map(|writer| {
            let (log, template) = (log.clone(), template.clone());
            std::thread::spawn(move || {
                let mut micros = Vec::new();
                for number in 0.. {
                    if start.elapsed() > time {
                        break;
                    }
                    let mut record = template.clone();
                    record.key.0[..8].copy_from_slice(&(writer << 32 | number).to_be_bytes());
                    record.entry[56..64].copy_from_slice(&(writer << 32 | number).to_be_bytes());
                    let begun = Instant::now();
                    black_box(log.record_blocking(record, ()).unwrap().index());
                    micros.push(begun.elapsed().as_micros());
                }
                micros
            })
        })
        .collect();
    let mut micros: Vec<_> = threads
        .into_iter()
        .flat_map(|thread| thread.join().unwrap())
        .collect();
    let seconds = start.elapsed().as_secs_f64();
    micros.sort_unstable();
    let at = |part: usize| micros[(micros.len() - 1) * part / 1000];
    println!(
        "{writers:4} writers, {people:3} people an entry: {:8.0} commits/s, p50 {} us, p99 {} us, p99.9 {} us",
        micros.len() as f64 / seconds,
        at(500),
        at(990),
        at(999)
    );
    drop(log);
    std::fs::remove_dir_all(&path).unwrap();
}

fn main() {
    let dir = std::env::args()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    sealing();
    for (writers, people) in [(1, 1), (100, 1), (1, 190), (100, 190)] {
        commits(&dir, writers, people, Duration::from_secs(4));
    }
}
