//! A ledger with a known history, and what `breach` says of it.
//!
//! `BREACH_ENTRIES=100000 cargo test --workspace --locked --release --test breach every_answer -- --nocapture` measures, for
//! docs/measured.md, instead of the few entries that the other tests need.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests may fail loudly"
)]

mod support;

use std::fmt::Write as _;
use std::fs;

use decide::{Asker, Behalf, Digest, PersonNo, PowerId, Time, Verb};
use ledger::entry::{
    Digest16, DisclosureDraft, EntrySeed, LedgerKey, Minute, PersonKey, PersonPart, PersonSecrets,
    RefusalsDraft,
};
use ledger::note::Signer;
use ledger::{Hash, IdempotencyKey, Log, Record};
use register::Seen;
use serde_json::json;
use support::{Desk, HERE};

const BEGINS: i64 = 1_796_083_200_000; // 2026-12-01T00:00Z
const MINUTE: i64 = 60_000;

/// A deployment with people and an agreement, and what it takes to write entries as the gateway does.
struct Stage {
    desk: Desk,
    seen: Seen,
    ledger_key: LedgerKey,
    power: PowerId,
    agreement: Digest,
}

/// An entry to be written.
#[derive(Clone)]
struct Given {
    minute: i64,
    partner: &'static str,
    people: Vec<u32>,
    /// How many more people whose keys are nowhere.
    erased: usize,
}

impl Stage {
    fn with_people(people: usize) -> Stage {
        let (desk, power) = Desk::signed();
        let offer = [
            "agreement",
            "offer",
            "findr.yaml",
            "--signature",
            "greta.jws",
            "--signature",
            "frida.jws",
        ];
        desk.ok(&[&offer[..], &HERE].concat());
        let mut list = String::new();
        for n in 0..people {
            let _ = writeln!(list, "person-{n}");
        }
        desk.write("people.txt", &list);
        desk.ok(&[&["load", "people", "people.txt"][..], &HERE].concat());
        let signer = Signer::read(&desk.path().join("keys/register.key")).unwrap();
        let seen =
            Seen::open(&desk.path().join("register"), signer.verifier(), None, None).unwrap();
        let details = fs::read_to_string(desk.path().join("keys/details.key")).unwrap();
        let ledger_key = LedgerKey::from_random(ledger::keyfile::decode(&details).unwrap());
        let agreement = seen.book().agreements.values().next().unwrap()[0]
            .document
            .digest;
        Stage {
            desk,
            seen,
            ledger_key,
            power: power.parse().unwrap(),
            agreement,
        }
    }

    fn log(&self) -> Log {
        let signer = Signer::read(&self.desk.path().join("keys/ledger.key")).unwrap();
        Log::open(
            &self.desk.path().join("ledger"),
            ledger::Options::new(signer),
        )
        .unwrap()
    }

    fn record(&self, n: u64, given: &Given) -> Record {
        let at = BEGINS + given.minute * MINUTE + 1000;
        let minute = Minute::of_unix_seconds((at / 1000) as u64).unwrap();
        let period = minute.period();
        let key = |number: &u32| self.seen.people().key(PersonNo(*number)).unwrap();
        let gone = (0..given.erased).map(|n| PersonKey::from_random([200 + n as u8; 32]));
        let keys: Vec<PersonKey> = given.people.iter().map(key).chain(gone).collect();
        let secrets: Vec<PersonSecrets> = keys
            .iter()
            .map(|key| PersonSecrets::new(key, period).unwrap())
            .collect();
        let slot = 1_u64.to_be_bytes();
        let people: Vec<PersonPart<'_>> = secrets
            .iter()
            .map(|secrets| PersonPart {
                secrets,
                slot: &slot,
            })
            .collect();
        let asker = Asker {
            partner: given.partner.parse().unwrap(),
            behalf: Behalf::Nobody,
            purpose: "dpv:ServicePersonalisation".parse().unwrap(),
            verb: Verb::Read,
            draws: Vec::new(),
        };
        let common = json!({
            "at": Time(at), "operation": "listFriends", "asker": asker, "powers": [self.power],
            "agreements": [self.agreement], "refused": {},
        });
        let common = serde_json::to_vec(&common).unwrap();
        let draft = DisclosureDraft {
            minute,
            partner: Digest16::of_partner(given.partner),
            operation: Digest16::of_operation("listFriends"),
            register_position: self.seen.log().size(),
            ledger_position: n,
            agreement: Hash(self.agreement.0),
            people: &people,
            common: &common,
        };
        draft.seal(&self.ledger_key, seed(n), key_of(n)).unwrap()
    }

    fn write(&self, all: &[Given]) {
        let log = self.log();
        for (n, given) in (0..).zip(all) {
            assert_eq!(
                log.record_blocking(self.record(n, given), ())
                    .unwrap()
                    .index(),
                n
            );
        }
        log.publish_now().unwrap();
    }

    fn ask(&self, more: &[&str]) -> serde_json::Value {
        let args = [&["breach", "--format", "json"][..], &HERE, more].concat();
        let ran = self.desk.run(&args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.json()["report"].clone()
    }
}

fn seed(n: u64) -> EntrySeed {
    let mut seed = [3; 32];
    seed[..8].copy_from_slice(&n.to_be_bytes());
    EntrySeed(seed)
}

fn key_of(n: u64) -> IdempotencyKey {
    let mut key = [5; 16];
    key[..8].copy_from_slice(&n.to_be_bytes());
    IdempotencyKey(key)
}

fn moment(minute: i64) -> String {
    Time(BEGINS + minute * MINUTE).to_string()
}

fn given(minute: i64, partner: &'static str, people: &[u32]) -> Given {
    Given {
        minute,
        partner,
        people: people.to_vec(),
        erased: 0,
    }
}

#[test]
fn people_are_counted_by_partner_category_and_agreement_and_named_only_when_asked() {
    let stage = Stage::with_people(40);
    let all: Vec<u32> = (0..40).collect();
    stage.write(&[
        given(-90, "findr", &all),
        given(0, "findr", &[0, 1, 2]),
        given(1, "findr", &[2, 3]),
        given(2, "reelbox", &[9]),
        given(60, "findr", &[0]),
        given(200, "findr", &all),
    ]);
    let span = [moment(0), moment(61)];
    let span = ["--from", &span[0], "--until", &span[1]];
    let said = stage.ask(&span);
    assert_eq!(
        (&said["people"], &said["answers"]),
        (&json!(5), &json!(4)),
        "{said}"
    );
    let lines = said["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 2, "{said}");
    let findr = &lines[0];
    assert_eq!(
        (
            &findr["partner"],
            &findr["people"],
            &findr["answers"],
            &findr["agreement"]
        ),
        (
            &json!("findr"),
            &json!(4),
            &json!(3),
            &json!("findr-search version 1")
        )
    );
    assert!(
        findr["first"]
            .as_str()
            .unwrap()
            .starts_with("2026-12-01T00:00:01"),
        "{findr}"
    );
    assert!(
        findr["last"]
            .as_str()
            .unwrap()
            .starts_with("2026-12-01T01:00:01"),
        "{findr}"
    );
    assert!(findr.get("person").is_none() && !said.to_string().contains("person-"));
    let category = findr["category"].as_str().unwrap();
    let more = |more: &[&str]| stage.ask(&[&span[..], more].concat());
    assert_eq!(more(&["--partner", "reelbox"])["people"], 1);
    assert_eq!(more(&["--category", category])["people"], 5);
    assert_eq!(more(&["--category", "pd:FavoriteColor"])["people"], 0);
    let named = more(&["--partner", "findr", "--name-people"]);
    let of = |n: usize| &named["lines"][n];
    let ids: Vec<&str> = (0..4)
        .map(|n| of(n)["person"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["person-0", "person-1", "person-2", "person-3"]);
    assert_eq!(
        (&of(0)["answers"], &of(2)["answers"]),
        (&json!(2), &json!(2))
    );
    // As CSV, which is never written over anything.
    let csv = [
        &["breach", "--name-people", "--csv", "people.csv"][..],
        &HERE,
        &span,
    ]
    .concat();
    stage.desk.ok(&csv);
    let written = stage.desk.read("people.csv");
    assert!(
        written.starts_with("partner,category,reach,") && written.contains(",person-3,1,1,"),
        "{written}"
    );
    assert_eq!(stage.desk.run(&csv).code, 73);
    let human = stage.desk.ok(&[&["breach"][..], &HERE, &span].concat());
    assert!(
        human.contains("data about 5 people may have left in 4 answers"),
        "{human}"
    );
    let backwards = ["breach", "--from", &moment(5), "--until", &moment(5)].map(str::to_owned);
    let backwards: Vec<&str> = backwards.iter().map(String::as_str).chain(HERE).collect();
    assert_eq!(stage.desk.run(&backwards).code, 2);
}

#[test]
fn erased_people_are_counted_as_far_as_that_can_be_told_and_erased_details_are_said_to_be() {
    let stage = Stage::with_people(5);
    let log = stage.log();
    let entries = [
        // Eight places: at least five are people, and two of them can be found.
        Given {
            erased: 3,
            ..given(0, "findr", &[0, 1])
        },
        // Four places: perhaps only the one that can be found.
        Given {
            erased: 2,
            ..given(1, "findr", &[2])
        },
        Given {
            erased: 1,
            ..given(2, "findr", &[])
        },
        given(3, "findr", &[4]),
    ];
    for (n, given) in (0..).zip(&entries) {
        let mut record = stage.record(n, given);
        if n == 3 {
            record.details = Vec::new(); // as erasing leaves it
        }
        assert_eq!(log.record_blocking(record, ()).unwrap().index(), n);
    }
    let refusals = RefusalsDraft {
        minute: Minute::of_unix_seconds((BEGINS / 1000) as u64).unwrap(),
        partner: Digest16::of_partner("findr"),
        operation: Digest16::of_operation("listFriends"),
        register_position: 1,
        ledger_position: 4,
        counts: &[(300, 5)],
    };
    let record = refusals.seal(seed(99), key_of(99)).unwrap();
    assert_eq!(log.record_blocking(record, ()).unwrap().index(), 4);
    drop(log);
    let said = stage.ask(&["--from", &moment(0), "--until", &moment(9)]);
    assert_eq!(
        (&said["people"], &said["answers"]),
        (&json!(3), &json!(2)),
        "{said}"
    );
    assert_eq!(
        (&said["answers-with-erased"], &said["erased-at-least"]),
        (&json!(2), &json!(4)),
        "{said}"
    );
    assert_eq!(said["answers-without-details"], 1, "{said}");
    // Another details key is no erasure: it is said, and nothing is counted.
    stage.desk.write("keys/other.key", &"11".repeat(32));
    let text = stage
        .desk
        .read("countersign.toml")
        .replace("keys/details.key", "keys/other.key");
    stage.desk.write("other.toml", &text);
    let from = moment(0);
    let until = moment(9);
    let ran = stage.desk.run(&[
        "breach",
        "--config",
        "other.toml",
        "--from",
        &from,
        "--until",
        &until,
    ]);
    assert_eq!(ran.code, 78);
    assert!(
        ran.err.contains("details-key is the one of this ledger"),
        "{}",
        ran.err
    );
}

#[test]
fn every_answer_of_many_is_counted() {
    let asked = std::env::var("BREACH_ENTRIES").ok();
    let entries: u32 = asked.as_ref().map_or(600, |many| many.parse().unwrap());
    let people = if asked.is_some() { 100_000 } else { 300 };
    let stage = Stage::with_people(people as usize);
    let log = stage.log();
    let list = |n: u32| {
        let people: Vec<u32> = (0..10).map(|k| (n * 7919 + k * 31) % people).collect();
        given(i64::from(n) * 4320 / i64::from(entries), "findr", &people)
    };
    // Records waiting side by side share their syncs.
    std::thread::scope(|scope| {
        for part in 0..64 {
            let (log, stage, list) = (&log, &stage, &list);
            scope.spawn(move || {
                for n in (part..entries).step_by(64) {
                    let record = stage.record(u64::from(n), &list(n));
                    let _ = log.record_blocking(record, ()).unwrap().index();
                }
            });
        }
    });
    log.publish_now().unwrap();
    drop(log);
    let (from, until) = (moment(-100), moment(5000));
    let args = [
        &["breach"][..],
        &HERE,
        &["--from", &from, "--until", &until],
    ]
    .concat();
    let ran = stage.desk.run(&args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("may have left in"), "{}", ran.out);
    println!(
        "{entries} entries of 10 people each out of {people}: {}",
        ran.err.trim()
    );
    let said = stage.ask(&["--from", &from, "--until", &until]);
    assert_eq!(said["answers"], u64::from(entries), "{said}");
}
