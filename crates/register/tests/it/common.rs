//! A register for tests, with the cast: ada, bert, cleo, dora and emil; Findr and Tunely; Sample Social.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests, which may fail loudly"
)]

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use decide::{Event, NoticeHash, OfficerId, PartnerId, Party, PersonNo, PowerId, Time};
use jsonwebtoken::jwk::JwkSet;
use ledger::note::Signer;
use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use register::signature::{SigningKey, sign};
use register::{
    Change, Fill, Founding, IdempotencyKey, Options, Position, Refused, Register, Side,
};

pub fn fill(seed: u64) -> Arc<Fill> {
    let rng = Mutex::new(ChaCha20Rng::seed_from_u64(seed));
    Arc::new(move |bytes: &mut [u8]| {
        rng.lock().unwrap().fill_bytes(bytes);
        Ok(())
    })
}

pub fn options(seed: u64) -> Options {
    let signer = Signer::from_seed("countersign.sample.example/register", [7; 32]).unwrap();
    let mut options = Options::new(signer, fill(seed));
    // Small segments: a test's log is small, and preallocating 16 MiB each time is slow.
    options.log.segment_bytes = 4 << 20;
    options
}

pub fn time(text: &str) -> Time {
    text.parse().unwrap()
}

pub fn start() -> Time {
    time("2026-11-23T09:00:00Z")
}

/// A fresh idempotency key each time.
pub fn key() -> IdempotencyKey {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    IdempotencyKey(bytes)
}

pub fn officer_key(n: u8) -> SigningKey {
    SigningKey::ed25519(&[n; 32]).unwrap()
}

pub fn platform_key() -> SigningKey {
    officer_key(1)
}

pub fn findr_key() -> SigningKey {
    officer_key(2)
}

pub fn key_set(keys: &[(&SigningKey, &str)]) -> JwkSet {
    let public = |(key, kid): &(&SigningKey, &str)| key.public(kid).unwrap();
    JwkSet {
        keys: keys.iter().map(public).collect(),
    }
}

pub fn create(dir: &Path) -> Register {
    create_with(dir, options(1))
}

pub fn create_with(dir: &Path, options: Options) -> Register {
    let founding = Founding {
        at: start(),
        platform_officers: key_set(&[(&platform_key(), "platform-officer")]),
    };
    Register::create(dir, options, founding).unwrap()
}

pub fn reopen(dir: &Path) -> Register {
    Register::open(dir, options(2)).unwrap()
}

pub fn append(register: &Register, at: Time, change: Change) -> Result<Position, Refused> {
    register.append_blocking(at, change, key())
}

pub fn fact(register: &Register, at: Time, event: Event) -> Result<Position, Refused> {
    append(register, at, Change::Fact(event))
}

pub fn join(register: &Register, ids: &[&str]) {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    append(register, start(), Change::Join { ids }).unwrap();
}

pub fn number(register: &Register, id: &str) -> PersonNo {
    register.people().number(id).unwrap()
}

pub fn findr() -> PartnerId {
    "findr".parse().unwrap()
}

pub fn officer(id: &str) -> OfficerId {
    id.parse().unwrap()
}

pub const POLICY: &str = "\
categories: [pd:Name, pd:EmailAddress, social:Post]
power-lapses-after-days: 90
connection-quiet-after-days: 180
consent-at-most-days: 365
";

pub const NOTICE: &str = "Findr would see your name in searches.";

/// Findr's agreement: names of the one who connected, of friends, and of everybody.
pub const AGREEMENT: &str = r#"agreement: findr-search
version: 1
partner: findr
claimed-role: service-provider
in-return: Search traffic.
term: { from: 2026-01-01T00:00:00Z, until: 2028-01-01T00:00:00Z }
officers:
  platform: [{ officer: platform-officer, name: Nora Platt, title: Head of Partnerships }]
  partner: [{ officer: findr-officer, name: Finn Dorr, title: Head of Data }]
approvals: [{ by: privacy review, on: 2026-11-01 }]
notices: []
powers:
  - &power
    verb: read
    category: pd:Name
    reach: own
    purpose: dpv:ServicePersonalisation
    retention-days: 30
    legal-basis: consent
    feature: search
    needed: true
    in-words: Findr sees your name.
  - { <<: *power, reach: friend }
  - { <<: *power, reach: directory }
"#;

/// Partner, policy, notice and people; no agreement yet.
pub fn furnished(dir: &Path) -> Register {
    furnish(create(dir))
}

pub fn furnish(register: Register) -> Register {
    let jwks = key_set(&[
        (&findr_key(), "findr-officer"),
        (&officer_key(3), "findr-next"),
    ]);
    let key = jwks.keys[0].clone();
    let enrol = Change::EnrolPartner {
        partner: findr(),
        name: "Findr".to_owned(),
        jwks,
    };
    append(&register, start(), enrol).unwrap();
    let officer = Change::EnrolOfficer {
        side: Side::Partner(findr()),
        officer: officer("findr-officer"),
        key,
    };
    append(&register, start(), officer).unwrap();
    let policy = Change::SetPolicy {
        document: POLICY.to_owned(),
    };
    append(&register, start(), policy).unwrap();
    let notice = Change::PublishNotice {
        language: "en".to_owned(),
        text: NOTICE.to_owned(),
    };
    append(&register, start(), notice).unwrap();
    join(&register, &["ada", "bert", "cleo", "dora", "emil"]);
    register
}

pub fn signed(document: &str, party: Party, id: &str, key: &SigningKey) -> String {
    sign(
        "agreement.yaml",
        document,
        party,
        &officer(id),
        key,
        start(),
    )
    .unwrap()
}

pub fn signatures(document: &str) -> [String; 2] {
    [
        signed(
            document,
            Party::Platform,
            "platform-officer",
            &platform_key(),
        ),
        signed(document, Party::Partner, "findr-officer", &findr_key()),
    ]
}

/// [`furnished`], with Findr's agreement signed by both.
pub fn agreed(dir: &Path) -> Register {
    let register = furnished(dir);
    let [platform, partner] = signatures(AGREEMENT);
    let both = [platform.as_str(), partner.as_str()];
    register::take_in(
        &register,
        "findr.yaml",
        AGREEMENT.as_bytes(),
        &both,
        start(),
    )
    .unwrap();
    register
}

pub fn notice() -> NoticeHash {
    NoticeHash(register::Document::of(NOTICE).digest.0)
}

/// Findr's powers: own, friend, directory.
pub fn powers() -> Vec<PowerId> {
    let agreement = register::documents::agreement::parse("findr.yaml", AGREEMENT).unwrap();
    agreement
        .powers
        .iter()
        .map(|granted| granted.power.id())
        .collect()
}

pub fn consent(people: &[PersonNo], power: PowerId) -> Event {
    Event::ConsentGiven {
        people: people.to_vec(),
        partner: findr(),
        power,
        notice: notice(),
        until: "2027-06-01".parse().unwrap(),
    }
}

/// The facts as bytes, to compare.
pub fn image(register: &Register) -> Vec<u8> {
    serde_json::to_vec(&register.facts().image()).unwrap()
}

/// Every byte of every file under a directory.
pub fn all_bytes(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(all_bytes(&path));
        } else {
            bytes.extend(std::fs::read(&path).unwrap());
        }
    }
    bytes
}
