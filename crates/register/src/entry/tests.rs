//! The form of entries: known answers, and that nothing personal stands in the clear.

use decide::{PersonNo, Time};
use ledger::entry::{EnrolmentSalt, PersonKey};

use super::*;

fn slot(n: u8, id: &str) -> PersonSlot {
    PersonSlot {
        key: PersonKey::from_random([n; 32]),
        salt: EnrolmentSalt([n + 100; 32]),
        id: id.into(),
    }
}

fn body(fact: Event) -> Body {
    Body {
        at: "2026-11-23T09:30:12.345Z".parse::<Time>().unwrap(),
        asked: Asked(7),
        fact: Some(fact),
        change: None,
        by: None,
    }
}

fn sealed(about: &About, kind: Kind, body: Body) -> Record {
    let salts = Salts {
        details: [3; 32],
        blind: [4; 32],
    };
    seal(&key(), &salts, kind, body, about, IdempotencyKey([5; 16])).unwrap()
}

fn key() -> RegisterKey {
    RegisterKey::from_random([1; 32])
}

fn joined() -> Record {
    let fact = Event::PeopleJoined {
        first: PersonNo(0),
        count: 2,
    };
    let about = About::Joining(vec![slot(11, "ada-4711"), slot(12, "bert-4712")]);
    sealed(&about, Kind::PeopleJoined, body(fact))
}

#[test]
fn an_entry_reads_back_with_the_people_who_joined() {
    let clear = open(&key(), &joined()).unwrap();
    assert_eq!(clear.body.at.to_string(), "2026-11-23T09:30:12.345Z");
    let ids: Vec<_> = clear
        .joined
        .iter()
        .map(|part| match part {
            Part::There(slot) => slot.id.to_string(),
            Part::Erased => "erased".to_owned(),
        })
        .collect();
    assert_eq!(ids, ["ada-4711", "bert-4712"]);
}

#[test]
fn the_entry_holds_no_id_no_key_and_no_time_finer_than_the_minute() {
    let record = joined();
    let everywhere = [&record.entry[..], &record.tags, &record.details].concat();
    let has = |needle: &[u8]| everywhere.windows(needle.len()).any(|w| w == needle);
    assert!(!has(b"ada-4711") && !has(&[11; 32]) && !has(b"09:30"));
    assert_eq!(record.entry[6..10], 29_923_770u32.to_be_bytes());
}

#[test]
fn one_altered_byte_of_the_details_or_the_header_is_noticed() {
    for place in [0, 1, 40, 60, 200] {
        let mut record = joined();
        record.details[place] ^= 1;
        assert!(open(&key(), &record).is_err(), "details byte {place}");
    }
    for place in 0..42 {
        let mut record = joined();
        record.entry[place] ^= 1;
        assert!(open(&key(), &record).is_err(), "entry byte {place}");
    }
}

#[test]
fn a_part_replaced_by_its_hash_leaves_the_entry_verifying() {
    let mut record = joined();
    // Walk to the second person's part and put its hash in its place.
    let mut at = 33;
    let mut starts = Vec::new();
    while at < record.details.len() {
        let length = u32::from_be_bytes(record.details[at + 1..at + 5].try_into().unwrap());
        starts.push((at, length as usize));
        at += 5 + length as usize;
    }
    let (start, length) = starts[2];
    let hash = Hash::leaf(&record.details[start + 5..start + 5 + length]);
    record.details.truncate(start);
    record.details.extend([1, 0, 0, 0, 32]);
    record.details.extend(hash.0);
    let clear = open(&key(), &record).unwrap();
    assert!(matches!(clear.joined[..], [Part::There(_), Part::Erased]));
}

#[test]
fn what_concerns_nobody_is_public_and_what_concerns_a_person_is_not() {
    let ended = Event::AgreementEnded {
        agreement: "findr-friends".parse().unwrap(),
    };
    let public = sealed(&About::Nobody, Kind::AgreementEnded, body(ended));
    assert!(String::from_utf8_lossy(&public.entry).contains("findr-friends"));
    let left = Event::PersonLeft {
        person: PersonNo(3),
    };
    let private = sealed(
        &About::People(vec![Tag([6; 32])]),
        Kind::PersonLeft,
        body(left),
    );
    assert_eq!(private.entry.len(), HEAD);
    assert_eq!(private.tags[32..], [6; 32]);
}

#[test]
fn a_document_too_long_for_an_entry_lies_in_the_details_and_reads_back() {
    let change = Change::PublishNotice {
        language: "en".to_owned(),
        text: "x".repeat(100_000),
    };
    let mut long = body(Event::NoticePublished {
        notice: decide::NoticeHash([0; 32]),
    });
    long.change = Some(change.clone());
    let record = sealed(&About::Nobody, Kind::NoticePublished, long);
    assert!(record.entry.len() < 200);
    assert_eq!(open(&key(), &record).unwrap().body.change, Some(change));
}

#[test]
fn another_key_opens_nothing() {
    let other = RegisterKey::from_random([2; 32]);
    assert!(matches!(
        open(&other, &joined()),
        Err(Unreadable::Sealed(_))
    ));
}

/// SHA-256 of entry, tags and details, computed by another program (in Python) from `specs/register-entry.md` alone.
const JOINED: [&str; 3] = [
    "80747e0efc88cb5c99745fe0a513476e076da7a4e279ea21ebe2b0311dad7124",
    "49dc8287e1cbbbeb3fe6deda07e861bfc719c884b85d9eefd4d492c0af741124",
    "4cd29d248ec897bb165df586fdf2c29cefb86916b45af917eeae4f544a26f48c",
];
const LEFT: [&str; 3] = [
    "cd6e08da2e228983e5bbe4ee7e57539aa7440550683dca880c36546d27b9f0fd",
    "47b1bbbb160792b61bb8192d19897b7e8d22b51d80db92b37c5864ec6fa7b697",
    "7d6184dd0f4355b90f81484222637951c4039e7784cffeb0ee87c977c0597cf8",
];

#[test]
fn the_bytes_are_those_that_another_program_makes_from_the_specification() {
    let left = Event::PersonLeft {
        person: PersonNo(3),
    };
    let three = About::People(vec![Tag([6; 32]), Tag([5; 32]), Tag([7; 32])]);
    let left = sealed(&three, Kind::PersonLeft, body(left));
    for (record, known) in [(joined(), JOINED), (left, LEFT)] {
        let parts = [&record.entry, &record.tags, &record.details];
        assert_eq!(parts.map(|part| Hash::of(part).to_string()), known);
    }
}
