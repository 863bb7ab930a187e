//! The register of a town: an agreement signed by both sides, people, their consents and their connections.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use decide::{
    Category, Connection, ConnectionId, Day, Days, Event, LegalBasis, NoticeHash, OfficerId,
    PartnerId, PersonNo, Power, PowerId, Purpose, Reach, Verb,
};
use ledger::note::Signer;
use register::{Change, Founding, IdempotencyKey, Options, Register, Side};
use release::Api;

use super::{NOON, PURPOSE};

const NOTICE: &str = "Findr may see what you agreed to here.";

pub(super) fn fresh_key() -> IdempotencyKey {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut key = [0; 16];
    key[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    IdempotencyKey(key)
}

pub(super) fn findr() -> PartnerId {
    "findr".parse().unwrap()
}

pub(super) fn connection_of(person: PersonNo) -> ConnectionId {
    format!("c-{}", person.0).parse().unwrap()
}

pub(crate) fn until() -> Day {
    NOON.day().plus(Days(200))
}

pub(crate) fn notice() -> NoticeHash {
    NoticeHash(ledger::Hash::of(NOTICE.as_bytes()).0)
}

pub(super) fn consent(people: Vec<PersonNo>, power: PowerId) -> Event {
    Event::ConsentGiven {
        people,
        partner: findr(),
        power,
        notice: notice(),
        until: until(),
    }
}

pub(super) fn connection(id: ConnectionId, person: PersonNo, powers: &[PowerId]) -> Connection {
    let powers = powers.iter().copied().collect();
    Connection {
        connection: id,
        person,
        partner: findr(),
        powers,
        notice: notice(),
        until: until(),
    }
}

/// What becomes of a power before it is agreed on: most tests leave all as they are.
pub(crate) type Terms = fn(Power) -> Option<Power>;

/// Every power that some operation can ask for, as these terms have it.
fn powers(api: &Api, terms: Terms) -> Vec<Power> {
    let mut all: Vec<(Verb, Category, Reach)> = Vec::new();
    for operation in api.operations() {
        let pairs = operation.pairs().iter().cloned();
        all.extend(pairs.map(|(category, reach)| (operation.verb(), category, reach)));
    }
    all.sort();
    all.dedup();
    all.into_iter().map(power).filter_map(terms).collect()
}

pub(super) fn power((verb, category, reach): (Verb, Category, Reach)) -> Power {
    Power {
        verb,
        category,
        reach,
        purpose: PURPOSE.parse::<Purpose>().unwrap(),
        window: None,
        frequency: None,
        retention: Days(30),
        legal_basis: LegalBasis::Consent,
    }
}

/// A register in which everybody has connected Findr and consented to everything that an operation can ask for.
pub(super) fn found(
    dir: &Path,
    api: &Api,
    people: Vec<String>,
    findr_key: &serde_json::Value,
    terms: Terms,
) -> (Arc<Register>, Vec<PowerId>) {
    let platform_key = register::signature::SigningKey::ed25519(&[5; 32]).unwrap();
    let officer_key = register::signature::SigningKey::ed25519(&[6; 32]).unwrap();
    let register = empty(dir, &platform_key);
    let append = |change| register.append_blocking(NOON, change, fresh_key()).unwrap();
    let client_key: jsonwebtoken::jwk::Jwk = serde_json::from_value(findr_key.clone()).unwrap();
    let officer_jwk = officer_key.public("findr-officer").unwrap();
    let jwks = jsonwebtoken::jwk::JwkSet {
        keys: vec![client_key, officer_jwk.clone()],
    };
    append(Change::EnrolPartner {
        partner: findr(),
        name: "Findr".into(),
        jwks,
    });
    let officer: OfficerId = "findr-officer".parse().unwrap();
    append(Change::EnrolOfficer {
        side: Side::Partner(findr()),
        officer: officer.clone(),
        key: officer_jwk,
    });
    let powers = powers(api, terms);
    append(Change::SetPolicy {
        document: policy(&powers),
    });
    append(Change::PublishNotice {
        language: "en".into(),
        text: NOTICE.into(),
    });
    let document = agreement(&powers);
    let steward: OfficerId = "steward".parse().unwrap();
    let sign = |party, officer: &OfficerId, key| {
        register::signature::sign("agreement.yaml", &document, party, officer, key, NOON).unwrap()
    };
    let signatures = [
        sign(decide::Party::Platform, &steward, &platform_key),
        sign(decide::Party::Partner, &officer, &officer_key),
    ];
    let signatures: Vec<&str> = signatures.iter().map(String::as_str).collect();
    register::take_in(
        &register,
        "agreement.yaml",
        document.as_bytes(),
        &signatures,
        NOON,
    )
    .unwrap();
    append(Change::Join {
        ids: people.clone(),
    });
    let number = |id: &String| register.people().number(id).unwrap();
    let everybody: Vec<PersonNo> = people.iter().map(number).collect();
    let ids: Vec<PowerId> = powers.iter().map(Power::id).collect();
    for power in &ids {
        append(Change::Fact(consent(everybody.clone(), *power)));
    }
    for person in everybody {
        let connection = connection(connection_of(person), person, &ids);
        append(Change::Fact(Event::Connected { connection }));
    }
    (Arc::new(register), ids)
}

fn empty(dir: &Path, platform_key: &register::signature::SigningKey) -> Register {
    let officers = jsonwebtoken::jwk::JwkSet {
        keys: vec![platform_key.public("steward").unwrap()],
    };
    let founding = Founding {
        at: NOON,
        platform_officers: officers,
    };
    let signer = Signer::from_seed("law.example/register", [8; 32]).unwrap();
    let fill = Arc::new(|bytes: &mut [u8]| {
        use aws_lc_rs::rand::SecureRandom as _;
        aws_lc_rs::rand::SystemRandom::new()
            .fill(bytes)
            .map_err(|_| register::NoRandomness)
    });
    Register::create(dir, Options::new(signer, fill), founding).unwrap()
}

fn policy(powers: &[Power]) -> String {
    let mut categories: Vec<_> = powers
        .iter()
        .map(|power| format!("  - {}\n", power.category))
        .collect();
    categories.sort();
    categories.dedup();
    let categories = categories.concat();
    format!(
        "categories:\n{categories}power-lapses-after-days: 90\nconnection-quiet-after-days: 180\nconsent-at-most-days: 365\n"
    )
}

fn agreement(powers: &[Power]) -> String {
    let mut text = format!(
        "agreement: findr-all\nversion: 1\npartner: findr\nclaimed-role: third-party\nin-return: Nothing; this is a test.\n\
         term:\n  from: 2026-01-01T00:00:00Z\n  until: 2028-01-01T00:00:00Z\n\
         officers:\n  platform:\n    - officer: steward\n      name: Sten Ward\n      title: Steward\n\
         \x20 partner:\n    - officer: findr-officer\n      name: Finn Offer\n      title: Head of Data\n\
         approvals:\n  - by: privacy review\n    on: 2026-01-01\nnotices:\n  - {}\npowers:\n",
        notice()
    );
    for power in powers {
        text += &format!(
            "  - verb: {}\n    category: {}\n    reach: {}\n    purpose: {PURPOSE}\n    retention-days: 30\n\
             \x20   legal-basis: consent\n    feature: Everything\n    needed: true\n    in-words: Findr sees it.\n",
            power.verb, power.category, power.reach
        );
        if let Some(frequency) = power.frequency {
            let per = serde_json::to_value(frequency.per).unwrap();
            let (times, per) = (frequency.times, per.as_str().unwrap());
            text += &format!("    frequency:\n      times: {times}\n      per: {per}\n");
        }
    }
    text
}
