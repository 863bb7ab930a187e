//! The form of entries: what an auditor, one person, and somebody without keys can do with them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

use ledger::entry::{
    Details, Digest16, Disclosure, DisclosureDraft, EnrolmentSalt, Entry, EntryError, EntrySeed,
    LedgerKey, Minute, PersonKey, PersonPart, PersonSecrets, RefusalsDraft, SealError, Tags, check,
};
use ledger::{Hash, IdempotencyKey, Record};

const MINUTE: Minute = Minute(29_939_000);
const PEOPLE: [&str; 5] = ["ada", "bert", "cleo", "dora", "emil"];

fn key_of(person: &str) -> PersonKey {
    PersonKey::from_random(Hash::of(person.as_bytes()).0) // for tests only: real keys are drawn at random
}

fn secrets_of(person: &str) -> PersonSecrets {
    PersonSecrets::new(&key_of(person), MINUTE.period()).unwrap()
}

fn ledger_key() -> LedgerKey {
    LedgerKey::from_random([0x4c; 32])
}

fn disclosure_of(people: &[&str], seed: u8) -> Record {
    let secrets: Vec<_> = people.iter().map(|person| secrets_of(person)).collect();
    let slots: Vec<_> = people
        .iter()
        .map(|person| format!("name of {person}").into_bytes())
        .collect();
    let parts: Vec<_> = secrets
        .iter()
        .zip(&slots)
        .map(|(secrets, slot)| PersonPart { secrets, slot })
        .collect();
    draft(&parts)
        .seal(
            &ledger_key(),
            EntrySeed([seed; 32]),
            IdempotencyKey([seed; 16]),
        )
        .unwrap()
}

fn draft<'a>(people: &'a [PersonPart<'a>]) -> DisclosureDraft<'a> {
    DisclosureDraft {
        minute: MINUTE,
        partner: Digest16::of_partner("findr"),
        operation: Digest16::of_operation("listFriends"),
        register_position: 41,
        ledger_position: 7,
        agreement: Hash([0xaa; 32]),
        people,
        common: b"2026-12-04T07:20:11.123Z listFriends",
    }
}

fn parsed(record: &Record) -> Disclosure {
    match Entry::parse(&record.entry).unwrap() {
        Entry::Disclosure(disclosure) => disclosure,
        other => panic!("a disclosure was sealed, not {other:?}"),
    }
}

#[test]
fn an_auditor_without_any_key_checks_that_entry_tags_and_details_belong_together() {
    let record = disclosure_of(&PEOPLE, 1);
    let Entry::Disclosure(disclosure) =
        check(&record.entry, &record.tags, &record.details).unwrap()
    else {
        panic!()
    };
    assert_eq!(disclosure.header.minute, MINUTE);
    assert_eq!(
        (
            disclosure.header.register_position,
            disclosure.header.ledger_position
        ),
        (41, 7)
    );
    assert_eq!(disclosure.header.partner, Digest16::of_partner("findr"));
    assert_eq!(disclosure.agreement, Hash([0xaa; 32]));
}

#[test]
fn a_byte_changed_anywhere_in_entry_tags_or_details_is_found() {
    let record = disclosure_of(&["ada", "bert"], 1);
    for at in 0..record.tags.len() {
        let mut tags = record.tags.clone();
        tags[at] ^= 1;
        assert!(
            check(&record.entry, &tags, &record.details).is_err(),
            "tags byte {at}"
        );
    }
    for at in 0..record.details.len() {
        let mut details = record.details.clone();
        details[at] ^= 1;
        let found = check(&record.entry, &record.tags, &details);
        assert!(
            matches!(found, Err(EntryError::DetailsHash { .. })),
            "details byte {at}"
        );
    }
    for at in (0..4).chain(104..168) {
        let mut entry = record.entry.clone();
        entry[at] ^= 1;
        assert!(
            check(&entry, &record.tags, &record.details).is_err(),
            "entry byte {at}"
        );
    }
    let other = disclosure_of(&["ada", "bert"], 2);
    assert!(matches!(
        check(&record.entry, &other.tags, &record.details),
        Err(EntryError::PeopleRoot { .. })
    ));
}

#[test]
fn each_person_is_shown_that_they_are_in_it_and_reads_their_own_slot() {
    let record = disclosure_of(&PEOPLE, 1);
    let (disclosure, tags) = (parsed(&record), Tags::parse(&record.tags).unwrap());
    let details = Details::parse(&record.details).unwrap();
    for person in PEOPLE {
        let secrets = secrets_of(person);
        let position = tags.position(secrets.tag()).unwrap();
        let proof = tags.prove(position).unwrap();
        assert!(proof.verifies(disclosure.people_root));
        assert_eq!(Hash::of(details.slot(position).unwrap()), proof.slot);
        let slot = details
            .open_slot(position, &secrets, &disclosure.header.nonce)
            .unwrap();
        assert_eq!(slot, format!("name of {person}").into_bytes());
        let mut forged = proof.clone();
        forged.tag = secrets_of("somebody else").tag();
        assert!(!forged.verifies(disclosure.people_root));
    }
    assert_eq!(tags.position(secrets_of("somebody else").tag()), None);
}

#[test]
fn a_persons_proof_does_not_let_anybody_elses_tag_be_tried_out() {
    // Two real people and two of padding. Whoever holds ada's proof, and even knows bert's tag and the
    // digest of his slot, cannot confirm that he is a sibling: his blind is missing.
    let record = disclosure_of(&["ada", "bert"], 3);
    let tags = Tags::parse(&record.tags).unwrap();
    let (ada, bert) = (secrets_of("ada"), secrets_of("bert"));
    let proof = tags.prove(tags.position(ada.tag()).unwrap()).unwrap();
    let of_bert = tags.prove(tags.position(bert.tag()).unwrap()).unwrap();
    assert_ne!(proof.blind, of_bert.blind);
    let leaf = |blind: &[u8], tag: &[u8], slot: &[u8]| {
        Hash::leaf(&[b"countersign person 1\n", blind, tag, slot].concat())
    };
    let true_leaf = leaf(&of_bert.blind, &bert.tag().0, &of_bert.slot.0);
    let guesses = [
        leaf(&proof.blind, &bert.tag().0, &of_bert.slot.0),
        leaf(&[0; 32], &bert.tag().0, &of_bert.slot.0),
    ];
    assert!(
        guesses
            .iter()
            .all(|guess| *guess != true_leaf && !proof.siblings.contains(guess))
    );
    // What the proof shows of bert at most is one hash over his true leaf.
    let shown = format!("{proof:?}");
    assert!(
        !shown.contains(&Hash(bert.tag().0).to_string())
            && !shown.contains(&Hash(of_bert.blind).to_string())
    );
}

#[test]
fn a_slot_opens_under_its_own_key_only_and_not_under_the_ledgers() {
    let record = disclosure_of(&PEOPLE, 1);
    let (disclosure, details) = (parsed(&record), Details::parse(&record.details).unwrap());
    let tags = Tags::parse(&record.tags).unwrap();
    let position = tags.position(secrets_of("ada").tag()).unwrap();
    let nonce = &disclosure.header.nonce;
    assert_eq!(
        details.open_slot(position, &secrets_of("bert"), nonce),
        None
    );
    let another_month = PersonSecrets::new(&key_of("ada"), Minute(0).period()).unwrap();
    assert_eq!(details.open_slot(position, &another_month, nonce), None);
    let as_if_the_ledgers =
        PersonSecrets::new(&PersonKey::from_random([0x4c; 32]), MINUTE.period()).unwrap();
    assert_eq!(details.open_slot(position, &as_if_the_ledgers, nonce), None);
    assert_eq!(
        details.open_common(&ledger_key(), nonce).unwrap(),
        draft(&[]).common
    );
    assert_eq!(
        details.open_common(&LedgerKey::from_random([1; 32]), nonce),
        None
    );
}

#[test]
fn once_a_key_is_destroyed_the_slot_stays_shut_and_every_check_still_passes() {
    let record = disclosure_of(&PEOPLE, 1);
    let tags = Tags::parse(&record.tags).unwrap();
    let position = tags.position(secrets_of("ada").tag()).unwrap();
    // The key is gone: what follows uses nothing of it.
    let disclosure = parsed(&record);
    check(&record.entry, &record.tags, &record.details).unwrap();
    assert!(
        tags.prove(position)
            .unwrap()
            .verifies(disclosure.people_root)
    );
    let bert = secrets_of("bert");
    let at = tags.position(bert.tag()).unwrap();
    let details = Details::parse(&record.details).unwrap();
    assert!(
        details
            .open_slot(at, &bert, &disclosure.header.nonce)
            .is_some(),
        "others are not touched"
    );
}

#[test]
fn the_number_of_people_shows_only_as_a_power_of_two_of_at_least_four() {
    for (people, places) in [(1, 4), (2, 4), (4, 4), (5, 8)] {
        let record = disclosure_of(&PEOPLE[..people], 1);
        assert_eq!(
            Tags::parse(&record.tags).unwrap().places(),
            places,
            "{people} people"
        );
        assert_eq!(Details::parse(&record.details).unwrap().places(), places);
        assert_eq!(record.entry.len(), 168, "whatever the number of people");
    }
}

#[test]
fn padding_cannot_be_told_from_people_by_its_bytes_or_its_place() {
    // Over many entries about one person, she is at every place about equally often.
    let mut seen = [0; 4];
    for seed in 0..200 {
        let record = disclosure_of(&["ada"], seed);
        let tags = Tags::parse(&record.tags).unwrap();
        seen[tags.position(secrets_of("ada").tag()).unwrap() as usize] += 1;
        let all: std::collections::HashSet<_> = tags.tags().collect();
        assert_eq!(all.len(), 4, "no two tags alike");
    }
    assert!(
        seen.iter().all(|count| (25..=80).contains(count)),
        "{seen:?}"
    );
}

#[test]
fn slots_of_different_content_have_one_length() {
    let (ada, bert) = (secrets_of("ada"), secrets_of("bert"));
    let parts = [
        PersonPart {
            secrets: &ada,
            slot: b"",
        },
        PersonPart {
            secrets: &bert,
            slot: &[1; 70],
        },
    ];
    let record = draft(&parts)
        .seal(&ledger_key(), EntrySeed([1; 32]), IdempotencyKey([1; 16]))
        .unwrap();
    let details = Details::parse(&record.details).unwrap();
    let lengths: Vec<_> = (0..4).map(|at| details.slot(at).unwrap().len()).collect();
    assert_eq!(lengths, [96 + 16; 4]);
    let tags = Tags::parse(&record.tags).unwrap();
    let nonce = parsed(&record).header.nonce;
    assert_eq!(
        details
            .open_slot(tags.position(ada.tag()).unwrap(), &ada, &nonce)
            .unwrap(),
        b""
    );
    assert_eq!(
        details
            .open_slot(tags.position(bert.tag()).unwrap(), &bert, &nonce)
            .unwrap(),
        [1; 70]
    );
}

#[test]
fn nothing_plain_enters_a_record_and_the_same_draft_never_gives_the_same_bytes_twice() {
    let record = disclosure_of(&PEOPLE, 1);
    let all = [
        record.entry.clone(),
        record.tags.clone(),
        record.details.clone(),
    ]
    .concat();
    for plain in PEOPLE
        .iter()
        .copied()
        .chain(["findr", "listFriends", "name of", "2026-12-04"])
    {
        assert!(
            !all.windows(plain.len())
                .any(|window| window == plain.as_bytes()),
            "{plain}"
        );
        let digest = Hash::of(plain.as_bytes()).0;
        assert!(
            !all.windows(16).any(|window| window == &digest[..16]),
            "a bare digest of {plain}"
        );
    }
    let again = disclosure_of(&PEOPLE, 2);
    let chunks = |record: &Record| -> std::collections::HashSet<Vec<u8>> {
        record.details[16..]
            .chunks(16)
            .map(<[u8]>::to_vec)
            .collect()
    };
    assert!(chunks(&record).is_disjoint(&chunks(&again)));
}

#[test]
fn a_tag_rotates_with_the_month_and_only_its_own_key_makes_it() {
    let ada = key_of("ada");
    let november = Minute(29_900_000).period();
    assert_ne!(
        ada.tag_key().tag(november),
        ada.tag_key().tag(MINUTE.period())
    );
    assert_eq!(ada.tag_key().tag(MINUTE.period()), secrets_of("ada").tag());
    assert_ne!(
        key_of("bert").tag_key().tag(november),
        ada.tag_key().tag(november)
    );
}

#[test]
fn an_enrolment_commitment_opens_with_its_key_and_salt_and_with_nothing_else() {
    let (ada, salt) = (key_of("ada"), EnrolmentSalt([5; 32]));
    let commitment = ada.commitment(salt);
    assert!(commitment.opens_with(&ada, salt));
    assert!(!commitment.opens_with(&key_of("bert"), salt));
    assert!(!commitment.opens_with(&ada, EnrolmentSalt([6; 32])));
}

#[test]
fn a_disclosure_about_nobody_or_of_another_month_is_not_sealed() {
    let seal = |draft: &DisclosureDraft<'_>| {
        draft
            .seal(&ledger_key(), EntrySeed([1; 32]), IdempotencyKey([1; 16]))
            .map(|_| ())
    };
    assert_eq!(seal(&draft(&[])), Err(SealError::Nobody));
    let (ada, old) = (
        secrets_of("ada"),
        PersonSecrets::new(&key_of("bert"), Minute(0).period()).unwrap(),
    );
    let parts = [
        PersonPart {
            secrets: &ada,
            slot: b"",
        },
        PersonPart {
            secrets: &old,
            slot: b"",
        },
    ];
    assert_eq!(seal(&draft(&parts)), Err(SealError::Period { position: 1 }));
}

fn refusals(counts: &[(u16, u32)], seed: u8) -> Result<Record, SealError> {
    let draft = RefusalsDraft {
        minute: MINUTE,
        partner: Digest16::of_partner("reelbox"),
        operation: Digest16::of_operation("readThread"),
        register_position: 41,
        ledger_position: 7,
        counts,
    };
    draft.seal(EntrySeed([seed; 32]), IdempotencyKey([seed; 16]))
}

#[test]
fn refusals_are_counts_by_reason_without_people_and_never_hash_alike() {
    let record = refusals(&[(3, 12), (9, 1)], 1).unwrap();
    let Entry::Refusals(read) = check(&record.entry, &record.tags, &record.details).unwrap() else {
        panic!()
    };
    assert_eq!(read.counts, [(3, 12), (9, 1)]);
    assert!(record.tags.is_empty() && record.details.is_empty());
    assert_ne!(
        refusals(&[(3, 12), (9, 1)], 2).unwrap().entry,
        record.entry,
        "the nonce differs"
    );
    assert_eq!(check(&record.entry, b"x", b""), Err(EntryError::Unexpected));
    for counts in [&[][..], &[(9, 1), (3, 1)], &[(3, 1), (3, 1)], &[(3, 0)]] {
        assert_eq!(refusals(counts, 1), Err(SealError::Counts), "{counts:?}");
    }
}

#[test]
fn bytes_that_are_no_entry_are_refused_by_name() {
    let record = disclosure_of(&["ada"], 1);
    let with = |at: usize, byte: u8| {
        let mut entry = record.entry.clone();
        entry[at] = byte;
        Entry::parse(&entry).unwrap_err()
    };
    assert_eq!(with(0, 2), EntryError::Newer { found: 2, known: 1 });
    assert_eq!(with(1, 5), EntryError::Kind(5), "reserved for erasures");
    assert_eq!(with(1, 99), EntryError::Kind(99));
    assert!(matches!(with(2, 1), EntryError::Form(_)));
    for length in 0..record.entry.len() {
        assert!(
            Entry::parse(&record.entry[..length]).is_err(),
            "cut to {length}"
        );
    }
    let longer = [record.entry.as_slice(), &[0]].concat();
    assert!(matches!(Entry::parse(&longer), Err(EntryError::Form(_))));
}

/// The vectors of specs/ledger-entry.md: whoever changes one changes the form, which is final.
#[test]
fn the_known_answers_of_the_specification_stand() {
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let key = PersonKey::from_random([0x11; 32]);
    let specification = include_str!("../../../specs/ledger-entry.md");
    let stands = |what: &str, value: String| {
        assert!(
            specification.contains(&value),
            "{what} is {value}, which the specification does not have"
        );
    };
    stands("partner digest", hex(&Digest16::of_partner("findr").0));
    stands(
        "operation digest",
        hex(&Digest16::of_operation("listFriends").0),
    );
    stands("tag key", hex(key.tag_key().expose()));
    stands("tag", hex(&key.tag_key().tag(MINUTE.period()).0));
    stands(
        "commitment",
        key.commitment(EnrolmentSalt([0x22; 32])).0.to_string(),
    );
    let secrets = PersonSecrets::new(&key, MINUTE.period()).unwrap();
    let parts = [PersonPart {
        secrets: &secrets,
        slot: b"name",
    }];
    let draft = DisclosureDraft {
        common: b"common",
        ..draft(&parts)
    };
    let record = draft
        .seal(
            &ledger_key(),
            EntrySeed([0x33; 32]),
            IdempotencyKey([0; 16]),
        )
        .unwrap();
    stands("entry", hex(&record.entry));
    stands("leaf hash", Hash::leaf(&record.entry).to_string());
    stands("hash of the tags blob", Hash::of(&record.tags).to_string());
    stands("details blob", hex(&record.details));
    let tags = Tags::parse(&record.tags).unwrap();
    let proof = tags.prove(tags.position(secrets.tag()).unwrap()).unwrap();
    stands("place", format!("place {}", proof.position));
    stands("blind", hex(&proof.blind));
    stands(
        "entry of refusals",
        hex(&refusals(&[(3, 12), (9, 1)], 0x33).unwrap().entry),
    );
}
