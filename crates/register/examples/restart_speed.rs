//! How long a register takes to open: 1 million people and 1 million consents, from a snapshot and from the whole log.
//!
//! `cargo run --release -p register --example restart_speed [PEOPLE]`
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement: it may fail loudly, and prints what it measured"
)]

use std::error::Error;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use decide::{NoticeHash, Time};
use ledger::note::Signer;
use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use register::documents::{agreement, policy};
use register::load::{self, PeopleForm};
use register::{Change, Document, Founding, IdempotencyKey, Options, Register};

fn main() -> Result<(), Box<dyn Error>> {
    let people = std::env::args()
        .nth(1)
        .map_or(Ok(1_000_000), |n| n.parse::<u32>())?;
    let dir = tempfile::tempdir()?;
    let home = dir.path().join("register");
    fill(&home, people)?;
    for (what, snapshot) in [
        ("whole log", false),
        ("snapshot", true),
        ("snapshot", true),
        ("snapshot", true),
    ] {
        let (before, cpu) = (Instant::now(), cpu_ms()?);
        let register = Register::open(&home, options()?)?;
        let took = format!("{:?} ({} ms of CPU)", before.elapsed(), cpu_ms()? - cpu);
        println!(
            "open from {what}: {took}, {} people, {} MB resident",
            register.people().len(),
            resident_mb()?
        );
        if !snapshot {
            let before = Instant::now();
            register.snapshot()?;
            let bytes = std::fs::metadata(home.join("snapshot"))?.len();
            println!(
                "snapshot written: {:?}, {} MB",
                before.elapsed(),
                bytes / 1_000_000
            );
        }
        look_up(&register, people)?;
    }
    Ok(())
}

/// What this thread has had of a CPU, of Linux: on a busy machine the only figure worth comparing.
fn cpu_ns() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split(' ').next().ok_or("no CPU time")?.parse()?)
}

fn cpu_ms() -> Result<u64, Box<dyn Error>> {
    Ok(cpu_ns()? / 1_000_000)
}

/// The process's resident memory, of Linux.
fn resident_mb() -> Result<u64, Box<dyn Error>> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = statm.split(' ').nth(1).ok_or("no resident size")?.parse()?;
    Ok(pages * 4096 / 1_000_000)
}

/// A list of 190 people, cold and scattered, by id.
fn look_up(register: &Register, people: u32) -> Result<(), Box<dyn Error>> {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let lists: Vec<Vec<String>> = (0..200)
        .map(|_| {
            (0..190)
                .map(|_| format!("person-{:010}", rng.next_u32() % people))
                .collect()
        })
        .collect();
    let (before, cpu) = (Instant::now(), cpu_ns()?);
    let found: usize = lists
        .iter()
        .map(|list| {
            list.iter()
                .filter(|id| register.people().number(id).is_some())
                .count()
        })
        .sum();
    println!(
        "190 people by id: {:?} a list ({} ns of CPU), {found} found",
        before.elapsed() / 200,
        (cpu_ns()? - cpu) / 200
    );
    Ok(())
}

fn fill(home: &Path, people: u32) -> Result<(), Box<dyn Error>> {
    let at: Time = "2026-11-23T09:00:00Z".parse()?;
    let founding = Founding {
        at,
        platform_officers: Default::default(),
    };
    let register = Register::create(home, options()?, founding)?;
    let partner: decide::PartnerId = "findr".parse()?;
    let document = agreement::draft(&"findr-search".parse()?, &partner);
    let power = agreement::parse("draft", &document)?
        .powers
        .first()
        .ok_or("no power")?
        .power
        .id();
    let notice = NoticeHash(Document::of("notice").digest.0);
    let changes = [
        Change::EnrolPartner {
            partner,
            name: "Findr".to_owned(),
            jwks: Default::default(),
        },
        Change::SetPolicy {
            document: policy::draft(),
        },
        Change::PublishNotice {
            language: "en".to_owned(),
            text: "notice".to_owned(),
        },
        Change::OfferAgreement { document },
    ];
    for (change, n) in changes.into_iter().zip(1u8..) {
        register.append_blocking(at, change, IdempotencyKey([n; 16]))?;
    }
    let ids: String = (0..people).map(|n| format!("person-{n:010}\n")).collect();
    let before = Instant::now();
    load::people(
        &register,
        "people",
        ids.as_bytes(),
        PeopleForm::Plain,
        at,
        |_| {},
    )?;
    println!("{people} people loaded: {:?}", before.elapsed());
    let row = |n| {
        format!(
            "{{\"person\":\"person-{n:010}\",\"partner\":\"findr\",\"power\":\"{power}\",\"notice\":\"{notice}\",\"until\":\"2027-06-01\"}}\n"
        )
    };
    let consents: String = (0..people).map(row).collect();
    let before = Instant::now();
    load::consents(&register, "consents", consents.as_bytes(), at, |_| {})?;
    println!("{people} consents loaded: {:?}", before.elapsed());
    single_appends(&register, at)?;
    register.log().publish_now()?;
    Ok(())
}

/// What one change costs its caller: queue, check, log, sync, apply.
fn single_appends(register: &Register, at: Time) -> Result<(), Box<dyn Error>> {
    let mut took = Vec::new();
    for n in 0..1_000u32 {
        let person = decide::PersonNo(n % register.people().len());
        let change = Change::Fact(decide::Event::BarSet {
            person,
            bar: decide::Bar::Everything,
        });
        let mut key = [0xee; 16];
        key.split_at_mut(4).0.copy_from_slice(&n.to_be_bytes());
        let before = Instant::now();
        register.append_blocking(at, change, IdempotencyKey(key))?;
        took.push(before.elapsed());
    }
    took.sort();
    println!(
        "one change: p50 {:?}, p99 {:?}",
        took.get(500).unwrap(),
        took.get(990).unwrap()
    );
    Ok(())
}

fn options() -> Result<Options, Box<dyn Error>> {
    let rng = Mutex::new(ChaCha20Rng::seed_from_u64(1));
    let fill = move |bytes: &mut [u8]| {
        rng.lock().unwrap().fill_bytes(bytes);
        Ok(())
    };
    let signer = Signer::from_seed("countersign.sample.example/register", [7; 32])?;
    Ok(Options::new(signer, Arc::new(fill)))
}
