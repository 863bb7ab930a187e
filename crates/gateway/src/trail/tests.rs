//! Trails, held to what is known of every entry from when it was written.

use std::path::Path;

use decide::{
    Asker, Behalf, Connection, ConnectionId, Digest, Event, NoticeHash, PartnerId, PowerId,
    Purpose, Verb,
};
use ledger::entry::{
    Became, Digest16, DisclosureDraft, Ending, EntrySeed, IntentDraft, Known, Minute, OutcomeDraft,
    PersonPart, PersonSecrets, RefusalsDraft,
};
use ledger::note::Signer;
use ledger::{Hash, IdempotencyKey, Record};
use register::signature::SigningKey;
use register::{Change, Founding, Options};
use serde_json::json;
use tempfile::TempDir;

use super::*;

const PEOPLE: u32 = 6;
const PARTNERS: [&str; 3] = ["findr", "reelbox", "shopfront"];
/// 29 November 2026, 23:00: the month changes soon.
const BEGINS: u32 = 29_933_220;

/// What one entry says to one person.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    person: u32,
    entry: u64,
    minute: u32,
    partner: PartnerId,
    powers: Vec<PowerId>,
    by: By,
    deed: Deed,
}

/// A small generator (xorshift): the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

struct Stage {
    dir: TempDir,
    log: Arc<Log>,
    register: Arc<Register>,
    key: LedgerKey,
    connections: Vec<ConnectionId>,
    dice: Dice,
    minute: u32,
    told: Vec<Told>,
    /// Intents whose outcome is not known, with their leaves.
    open: Vec<(u64, Hash, bool)>,
}

fn signer(log: &str) -> Signer {
    Signer::from_seed(&format!("trail.example/{log}"), [3; 32]).unwrap()
}

fn at(minute: u32) -> Time {
    Time(i64::from(minute) * 60_000)
}

fn power(n: u64) -> PowerId {
    format!("{n:064x}").parse().unwrap()
}

fn partner(n: usize) -> PartnerId {
    PARTNERS[n].parse().unwrap()
}

fn idempotency(n: u64) -> IdempotencyKey {
    IdempotencyKey(u128::from(n).to_be_bytes())
}

/// A register in which each of the first three people has connected each partner.
fn found(dir: &Path) -> (Arc<Register>, Vec<ConnectionId>) {
    let serial = std::sync::atomic::AtomicU64::new(1);
    let fill = move |bytes: &mut [u8]| {
        for chunk in bytes.chunks_mut(8) {
            let n = serial.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            chunk.copy_from_slice(&n[..chunk.len()]);
        }
        Ok(())
    };
    let mut options = Options::new(signer("register"), Arc::new(fill));
    options.log.segment_bytes = 1 << 20;
    let key = SigningKey::ed25519(&[5; 32]).unwrap();
    let keys = |kid: &str| serde_json::from_value(json!({ "keys": [key.public(kid).unwrap()] }));
    let founding = Founding {
        at: at(BEGINS),
        platform_officers: keys("steward").unwrap(),
    };
    let register = Register::create(dir, options, founding).unwrap();
    let mut n = 0;
    let mut append = |change| {
        n += 1;
        register
            .append_blocking(at(BEGINS), change, idempotency(n))
            .unwrap();
    };
    let document = "categories: [pd:Name]\npower-lapses-after-days: 90\nconnection-quiet-after-days: 90\nconsent-at-most-days: 365\n";
    append(Change::SetPolicy {
        document: document.to_owned(),
    });
    append(Change::Join {
        ids: (0..PEOPLE).map(|n| format!("person-{n}")).collect(),
    });
    let text = "What is asked.".to_owned();
    let notice = NoticeHash(Hash::of(text.as_bytes()).0);
    append(Change::PublishNotice {
        language: "en".to_owned(),
        text,
    });
    let mut connections = Vec::new();
    for name in PARTNERS {
        append(Change::EnrolPartner {
            partner: name.parse().unwrap(),
            name: name.to_owned(),
            jwks: keys(name).unwrap(),
        });
        for person in 0..3 {
            let connection: ConnectionId = format!("{name}-{person}").parse().unwrap();
            connections.push(connection.clone());
            append(Change::Fact(Event::Connected {
                connection: Connection {
                    connection,
                    person: PersonNo(person),
                    partner: name.parse().unwrap(),
                    powers: std::collections::BTreeSet::new(),
                    notice,
                    until: at(BEGINS).day().plus(decide::Days(100)),
                },
            }));
        }
    }
    (Arc::new(register), connections)
}

impl Stage {
    fn new(seed: u64) -> Stage {
        let dir = tempfile::tempdir().unwrap();
        let (register, connections) = found(&dir.path().join("register"));
        let mut options = ledger::Options::new(signer("ledger"));
        options.segment_bytes = 1 << 20;
        let log = Log::create(&dir.path().join("ledger"), options).unwrap();
        Stage {
            dir,
            log: Arc::new(log),
            register,
            key: LedgerKey::from_random([7; 32]),
            connections,
            dice: Dice(seed),
            minute: BEGINS,
            told: Vec::new(),
            open: Vec::new(),
        }
    }

    fn trails(&self) -> Trails {
        let (log, register) = (self.log.clone(), self.register.clone());
        Trails::open(
            &self.dir.path().join("ledger"),
            log,
            self.key.clone(),
            register,
        )
        .unwrap()
    }

    /// Something happens: mostly disclosures.
    fn happens(&mut self) {
        let skip = [0, 1, 40, 1500, 9000][self.dice.below(5) as usize];
        self.minute += if self.dice.below(4) == 0 { skip } else { 0 };
        match self.dice.below(10) {
            0 => self.refused(),
            1 => self.ended(),
            2 | 3 => self.concerns(Deed::Intended(None)),
            _ => self.concerns(Deed::Disclosed),
        }
    }

    fn concerns(&mut self, deed: Deed) {
        let of = self.dice.below(3) as usize;
        let connection = self.connections[of * 3 + self.dice.below(3) as usize].clone();
        let behalf = match self.dice.below(5) {
            0 => Behalf::Nobody,
            _ => Behalf::Connection(connection.clone()),
        };
        let powers: Vec<PowerId> = (0..1 + self.dice.below(4)).map(power).collect();
        let people: Vec<(u32, u64)> = (0..PEOPLE)
            .filter_map(|person| {
                let bits = self.dice.below(1 << powers.len());
                (bits != 0 && self.dice.below(3) > 0).then_some((person, bits))
            })
            .collect();
        if people.is_empty() {
            return;
        }
        let asker = Asker {
            partner: partner(of),
            behalf: behalf.clone(),
            purpose: "dpv:ServiceProvision".parse::<Purpose>().unwrap(),
            verb: Verb::Read,
            draws: Vec::new(),
        };
        let agreements = vec![Digest([9; 32]); powers.len()];
        let common = json!({ "at": at(self.minute), "operation": "op", "asker": asker, "powers": powers, "agreements": agreements });
        let record = self.record(&people, &common.to_string(), of, deed);
        let leaf = Hash::leaf(&record.entry);
        let recorded = self.log.record_blocking(record, ()).unwrap();
        let entry = recorded.index();
        if deed != Deed::Disclosed {
            self.open.push((entry, leaf, false));
        }
        for (person, bits) in people {
            let theirs = powers.iter().enumerate();
            let theirs = theirs.filter(|(bit, _)| bits >> bit & 1 == 1);
            self.told.push(Told {
                person,
                entry,
                minute: self.minute,
                partner: partner(of),
                powers: theirs.map(|(_, id)| *id).collect(),
                by: match &behalf {
                    Behalf::Nobody => By::Nobody,
                    Behalf::Connection(id) if id.as_str().ends_with(&format!("-{person}")) => {
                        By::Themselves
                    }
                    Behalf::Connection(_) => By::Another,
                },
                deed,
            });
        }
    }

    fn record(&self, people: &[(u32, u64)], common: &str, of: usize, deed: Deed) -> Record {
        let minute = Minute(self.minute);
        let secrets = |person: u32| {
            let key = self.register.people().key(PersonNo(person)).unwrap();
            PersonSecrets::new(&key, minute.period()).unwrap()
        };
        let secrets: Vec<PersonSecrets> =
            people.iter().map(|(person, _)| secrets(*person)).collect();
        let slots: Vec<[u8; 8]> = people.iter().map(|(_, bits)| bits.to_be_bytes()).collect();
        let parts = secrets.iter().zip(&slots);
        let parts: Vec<PersonPart<'_>> = parts
            .map(|(secrets, slot)| PersonPart { secrets, slot })
            .collect();
        let draft = DisclosureDraft {
            minute,
            partner: Digest16::of_partner(PARTNERS[of]),
            operation: Digest16::of_operation("op"),
            register_position: 1,
            ledger_position: self.log.size(),
            agreement: Hash([9; 32]),
            people: &parts,
            common: common.as_bytes(),
        };
        let (seed, key) = self.fresh();
        match deed {
            Deed::Disclosed => draft.seal(&self.key, seed, key).unwrap(),
            Deed::Intended(_) => IntentDraft(draft).seal(&self.key, seed, key).unwrap(),
        }
    }

    fn fresh(&self) -> (EntrySeed, IdempotencyKey) {
        let n = self.log.size() + 1;
        (EntrySeed(Hash::of(&n.to_be_bytes()).0), idempotency(n))
    }

    fn refused(&mut self) {
        let draft = RefusalsDraft {
            minute: Minute(self.minute.saturating_sub(30)),
            partner: Digest16::of_partner("findr"),
            operation: Digest16::of_operation("op"),
            register_position: 1,
            ledger_position: 0,
            counts: &[(3, 2)],
        };
        let (seed, key) = self.fresh();
        let record = draft.seal(seed, key).unwrap();
        drop(self.log.record_blocking(record, ()).unwrap());
    }

    /// An open intent gets its outcome, an unknown one an operator's word.
    fn ended(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let which = self.dice.below(self.open.len() as u64) as usize;
        let (intent, leaf, unknown) = self.open.swap_remove(which);
        let (became, known) = match (self.dice.below(3), unknown) {
            (0, false) => (Became::Done, Known::Answered),
            (1, false) => (Became::Refused, Known::Answered),
            (_, false) => (Became::Unknown, Known::NoAnswer),
            (0, true) => (Became::Refused, Known::Operator),
            (_, true) => (Became::Done, Known::Operator),
        };
        let draft = OutcomeDraft {
            minute: Minute(self.minute),
            partner: Digest16::of_partner("findr"),
            operation: Digest16::of_operation("op"),
            register_position: 1,
            ledger_position: 0,
            intent,
            leaf,
            ending: Ending::new(became, known).unwrap(),
            common: b"{}",
        };
        let (seed, key) = self.fresh();
        let record = draft.seal(&self.key, seed, key).unwrap();
        drop(self.log.record_blocking(record, ()).unwrap());
        if became == Became::Unknown {
            self.open.push((intent, leaf, true));
        }
        for told in self.told.iter_mut().filter(|told| told.entry == intent) {
            told.deed = Deed::Intended(Some(became));
        }
    }

    /// What the person is told, until it is whole.
    fn of(&self, trails: &Trails, person: u32) -> Vec<Told> {
        let trail = loop {
            let trail = trails.of(PersonNo(person), at(self.minute)).unwrap();
            if trail.whole {
                break trail;
            }
        };
        let rows = trail.rows.iter().map(|row| {
            let what = trail.what(row).unwrap();
            Told {
                person,
                entry: row.entry,
                minute: row.minute,
                partner: what.partner.clone().unwrap(),
                powers: what.powers.clone(),
                by: what.by,
                deed: what.deed,
            }
        });
        rows.collect()
    }

    fn holds(&self, trails: &Trails) {
        for person in 0..PEOPLE {
            let known = self.told.iter().filter(|told| told.person == person);
            let known: Vec<Told> = known.cloned().collect();
            assert_eq!(self.of(trails, person), known, "person {person}");
        }
    }
}

#[test]
fn everybody_is_told_exactly_what_the_ledger_has_of_them_at_every_moment() {
    for seed in 1..5 {
        let mut stage = Stage::new(seed);
        let trails = stage.trails();
        stage.holds(&trails);
        for steps in [1, 5, 60, 300, 700] {
            (0..steps).for_each(|_| stage.happens());
            stage.holds(&trails);
            stage.holds(&trails);
        }
        assert!(stage.told.len() > 500, "{}", stage.told.len());
        drop(trails);
        // After a restart, and with nothing kept on disk at all.
        stage.holds(&stage.trails());
        std::fs::remove_dir_all(stage.dir.path().join("ledger-index")).unwrap();
        stage.holds(&stage.trails());
    }
}

#[test]
fn who_has_much_is_read_in_parts_and_nothing_is_read_twice() {
    let mut stage = Stage::new(11);
    for _ in 0..1200 {
        stage.concerns(Deed::Disclosed);
    }
    let trails = stage.trails();
    let mut lengths = Vec::new();
    loop {
        let trail = trails.of(PersonNo(0), at(stage.minute)).unwrap();
        lengths.push(trail.rows.len());
        if trail.whole {
            break;
        }
    }
    assert!(lengths.len() > 1 && lengths.is_sorted(), "{lengths:?}");
    assert_eq!(lengths[0], AT_ONCE);
    stage.holds(&trails);
}

#[test]
fn what_went_through_another_is_told_when_its_day_is_over_and_the_rest_at_once() {
    let row = Row {
        entry: 0,
        minute: BEGINS,
        what: 0,
    };
    let what = |by| What {
        partner: None,
        powers: Vec::new(),
        agreements: Vec::new(),
        purpose: None,
        by,
        deed: Deed::Disclosed,
    };
    // From 23:00 on, an hour is left of the day.
    for (by, minutes, told) in [
        (By::Themselves, 0, true),
        (By::Nobody, 0, true),
        (By::Another, 0, false),
        (By::Another, 59, false),
        (By::Another, 60, true),
        (By::Another, 6000, true),
    ] {
        assert_eq!(
            what(by).is_told(&row, BEGINS + minutes),
            told,
            "{by:?} {minutes}"
        );
    }
}

#[test]
fn whose_details_are_erased_is_told_to_whom_and_when_and_no_more() {
    let mut stage = Stage::new(21);
    let people = [(0, 1), (4, 1)];
    let record = stage.record(&people, "{}", 1, Deed::Disclosed);
    // As after an erasure: other bytes lie where the details were.
    let erased = Record {
        details: vec![0; 20],
        ..record
    };
    drop(stage.log.record_blocking(erased, ()).unwrap());
    stage.minute += 1;
    let trail = stage.trails().of(PersonNo(4), at(stage.minute)).unwrap();
    let [row] = trail.rows[..] else {
        panic!("{trail:?}")
    };
    let what = trail.what(&row).unwrap();
    assert_eq!(
        (what.partner.clone(), what.by),
        (Some(partner(1)), By::Another)
    );
    assert!(what.powers.is_empty() && what.purpose.is_none());
}

#[test]
fn what_a_person_said_is_found_and_nobody_elses() {
    let stage = Stage::new(31);
    let bar = decide::Bar::Everything;
    let person = PersonNo(1);
    let set = Change::Fact(Event::BarSet { person, bar });
    stage
        .register
        .append_blocking(at(BEGINS + 60_000), set, idempotency(900))
        .unwrap();
    let trails = stage.trails();
    let said = |person| -> Vec<String> {
        let all = trails.said(PersonNo(person), at(BEGINS + 70_000)).unwrap();
        let told = all.into_iter().map(|it| match it.event {
            Event::Connected { connection } => connection.connection.to_string(),
            Event::BarSet { person, .. } => format!("bar of {}", person.0),
            other => panic!("{other:?}"),
        });
        told.collect()
    };
    assert_eq!(said(0), ["findr-0", "reelbox-0", "shopfront-0"]);
    assert_eq!(said(1), ["findr-1", "reelbox-1", "shopfront-1", "bar of 1"]);
    assert!(said(5).is_empty());
}
