//! The form of intents and outcomes: what an auditor without keys sees of what was done at the platform.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use ledger::entry::{
    Became, Details, Digest16, DisclosureDraft, Ending, Entry, EntryError, EntrySeed, IntentDraft,
    Intents, Known, LedgerKey, Minute, Misplaced, OutcomeDraft, PersonKey, PersonPart,
    PersonSecrets, Tags, check,
};
use ledger::{Hash, IdempotencyKey, Record};

const MINUTE: Minute = Minute(29_939_000);

fn ledger_key() -> LedgerKey {
    LedgerKey::from_random([0x4c; 32])
}

fn intent(seed: u8) -> Record {
    let secrets = PersonSecrets::new(&PersonKey::from_random([0x11; 32]), MINUTE.period()).unwrap();
    let people = [PersonPart {
        secrets: &secrets,
        slot: b"name",
    }];
    let draft = IntentDraft(DisclosureDraft {
        minute: MINUTE,
        partner: Digest16::of_partner("findr"),
        operation: Digest16::of_operation("sendMessage"),
        register_position: 41,
        ledger_position: 7,
        agreement: Hash([0xaa; 32]),
        people: &people,
        common: b"common",
    });
    let (seed, key) = (EntrySeed([seed; 32]), IdempotencyKey([seed; 16]));
    draft.seal(&ledger_key(), seed, key).unwrap()
}

fn outcome(of: u64, intent: &Record, ending: Ending, seed: u8) -> Record {
    let draft = OutcomeDraft {
        minute: MINUTE,
        partner: Digest16::of_partner("findr"),
        operation: Digest16::of_operation("sendMessage"),
        register_position: 42,
        ledger_position: 9,
        intent: of,
        leaf: Hash::leaf(&intent.entry),
        ending,
        common: b"status 201",
    };
    let (seed, key) = (EntrySeed([seed; 32]), IdempotencyKey([seed; 16]));
    draft.seal(&ledger_key(), seed, key).unwrap()
}

fn checked(record: &Record) -> Result<Entry, EntryError> {
    check(&record.entry, &record.tags, &record.details)
}

#[test]
fn an_intent_is_like_a_disclosure_and_is_not_one() {
    let record = intent(1);
    let Entry::Intent(read) = checked(&record).unwrap() else {
        panic!("an intent was sealed")
    };
    assert_eq!(record.entry.len(), 168);
    assert_eq!(read.agreement, Hash([0xaa; 32]));
    let ada = PersonSecrets::new(&PersonKey::from_random([0x11; 32]), MINUTE.period()).unwrap();
    let tags = Tags::parse(&record.tags).unwrap();
    let proof = tags.prove(tags.position(ada.tag()).unwrap()).unwrap();
    assert!(proof.verifies(read.people_root));
    let mut as_disclosure = record.clone();
    as_disclosure.entry[1] = 1;
    assert!(matches!(
        checked(&as_disclosure).unwrap(),
        Entry::Disclosure(_)
    ));
    assert_ne!(Hash::leaf(&as_disclosure.entry), Hash::leaf(&record.entry));
}

#[test]
fn an_outcome_names_its_intent_and_says_what_became_of_it() {
    let intent = intent(1);
    let record = outcome(8, &intent, Ending::DONE, 2);
    let Entry::Outcome(read) = checked(&record).unwrap() else {
        panic!("an outcome was sealed")
    };
    assert_eq!((record.entry.len(), record.tags.len()), (148, 0));
    assert_eq!((read.intent, read.leaf), (8, Hash::leaf(&intent.entry)));
    assert_eq!(read.ending, Ending::DONE);
    let details = Details::parse(&record.details).unwrap();
    assert_eq!(details.places(), 0);
    let common = details.open_common(&ledger_key(), &read.header.nonce);
    assert_eq!(common.unwrap(), b"status 201");
    for at in 0..record.details.len() {
        let mut altered = record.clone();
        altered.details[at] ^= 1;
        assert!(checked(&altered).is_err(), "details byte {at}");
    }
    let with_tags = Record {
        tags: vec![1],
        ..record.clone()
    };
    assert_eq!(checked(&with_tags), Err(EntryError::Unexpected));
    for length in 0..record.entry.len() {
        assert!(
            Entry::parse(&record.entry[..length]).is_err(),
            "cut to {length}"
        );
    }
}

#[test]
fn only_what_can_be_is_said_of_an_outcome() {
    let (done, refused, unknown) = (Became::Done, Became::Refused, Became::Unknown);
    for (became, known, fits) in [
        (done, Known::Answered, true),
        (done, Known::Operator, true),
        (done, Known::TakenAway, false),
        (done, Known::NoAnswer, false),
        (refused, Known::Answered, true),
        (refused, Known::TakenAway, true),
        (refused, Known::NotReached, true),
        (refused, Known::Operator, true),
        (refused, Known::Restarted, false),
        (unknown, Known::NoAnswer, true),
        (unknown, Known::Restarted, true),
        (unknown, Known::Operator, false),
        (unknown, Known::Answered, false),
    ] {
        assert_eq!(
            Ending::new(became, known).is_some(),
            fits,
            "{became:?} {known:?}"
        );
    }
    let record = outcome(8, &intent(1), Ending::DONE, 2);
    for (at, byte) in [
        (112, 0),
        (112, 3),
        (112, 9),
        (113, 2),
        (113, 9),
        (114, 1),
        (115, 1),
    ] {
        let mut entry = record.entry.clone();
        entry[at] = byte;
        assert!(Entry::parse(&entry).is_err(), "byte {at} as {byte}");
    }
}

/// Takes records in as the entries from 0 on.
fn met(records: &[&Record]) -> Result<Intents, Misplaced> {
    let mut intents = Intents::default();
    for (index, record) in (0..).zip(records) {
        let entry = Entry::parse(&record.entry).unwrap();
        intents.take(index, &entry, Hash::leaf(&record.entry))?;
    }
    Ok(intents)
}

#[test]
fn each_intent_has_one_outcome_and_after_an_unknown_one_an_operators_word() {
    let operator = Ending::new(Became::Done, Known::Operator).unwrap();
    let (one, two) = (intent(1), intent(2));
    let of = |at: u64, intent: &Record, ending| outcome(at, intent, ending, 9);
    let open = met(&[&one, &two, &of(0, &one, Ending::DONE)]).unwrap();
    assert_eq!(open.open().map(|(at, _)| at).collect::<Vec<_>>(), [1]);
    let unknown = of(0, &one, Ending::NO_ANSWER);
    let waiting = met(&[&one, &two, &unknown]).unwrap();
    assert_eq!(waiting.unknown().map(|(at, _)| at).collect::<Vec<_>>(), [0]);
    let found = met(&[&one, &two, &unknown, &of(0, &one, operator)]).unwrap();
    assert_eq!(found.unknown().count(), 0);
    let told = |records: &[&Record]| met(records).map(|_| ()).unwrap_err();
    let done = of(0, &one, Ending::DONE);
    assert_eq!(told(&[&one, &done, &done]), Misplaced::NoIntent(0), "twice");
    assert_eq!(
        told(&[&one, &of(1, &one, Ending::DONE)]),
        Misplaced::NoIntent(1),
        "of itself"
    );
    assert_eq!(
        told(&[&one, &of(0, &two, Ending::DONE)]),
        Misplaced::Leaf(0),
        "of another"
    );
    assert_eq!(
        told(&[&one, &of(0, &one, operator)]),
        Misplaced::Known(0),
        "a word too early"
    );
    let again = [&one, &two, &unknown, &of(0, &one, Ending::DONE)];
    assert_eq!(
        told(&again),
        Misplaced::Known(0),
        "an answer after nobody knew"
    );
}

/// The vectors of specs/ledger-entry.md: whoever changes one changes the form, which is final.
#[test]
fn the_known_answers_of_the_specification_stand() {
    let specification = include_str!("../../../specs/ledger-entry.md");
    let hex = |bytes: &[u8]| {
        let bytes = bytes.iter().map(|byte| format!("{byte:02x}"));
        bytes.collect::<String>()
    };
    let stands = |what: &str, value: String| {
        assert!(
            specification.contains(&value),
            "{what} is {value}, which the specification does not have"
        );
    };
    let intent = intent(0x33);
    stands("the intent", hex(&intent.entry));
    let leaf = Hash::leaf(&intent.entry);
    stands("its leaf hash", leaf.to_string());
    let record = outcome(8, &intent, Ending::DONE, 0x33);
    stands("the outcome", hex(&record.entry));
    stands("its details", hex(&record.details));
}
