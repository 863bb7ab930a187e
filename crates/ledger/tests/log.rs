//! The log from outside: appending, reading, publishing, opening again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{Place, append, record, verifier};
use ledger::proof::{LogProof, verify_consistency, verify_inclusion};
use ledger::{AppendError, Hash, Log, OpenError, verify};
use std::sync::Arc;

#[test]
fn what_was_recorded_is_read_back_before_and_after_publication_and_after_opening_again() {
    let place = Place::new();
    let log = place.create();
    append(&log, 0..600);
    let root = log.root();
    let all = |log: &Log| -> Vec<_> { log.iter(0).map(|stored| stored.unwrap().record).collect() };
    let expected: Vec<_> = (0..600).map(record).collect();
    assert_eq!(all(&log), expected, "from the write-ahead log");
    assert_eq!(log.publish_now().unwrap().size, 600);
    assert_eq!(all(&log), expected, "from bundles and write-ahead log");
    append(&log, 600..700);
    drop(log);
    let log = place.open();
    assert_eq!((log.size(), log.published().size), (700, 600));
    assert_eq!(log.published().root, root);
    assert_eq!(all(&log), (0..700).map(record).collect::<Vec<_>>());
    assert_eq!(log.read(299).unwrap().record, record(299));
    assert_eq!(log.iter(650).next().unwrap().unwrap().index, 650);
    assert!(log.read(700).is_err());
}

#[test]
fn the_entries_alone_are_those_of_the_records_wherever_they_lie() {
    let place = Place::new();
    let log = place.create();
    append(&log, 0..600);
    log.publish_now().unwrap();
    append(&log, 600..700);
    for from in [0, 255, 256, 511, 599, 650, 699, 700] {
        let alone: Vec<_> = log.entries(from).map(Result::unwrap).collect();
        let expected: Vec<_> = (from..700).map(|n| (n, record(n).entry)).collect();
        assert_eq!(alone, expected, "from {from}");
    }
}

#[test]
fn a_log_of_every_size_up_to_600_opens_again_with_the_same_root() {
    let place = Place::new();
    place.create();
    let mut roots = Vec::new();
    for size in (0..600).step_by(7) {
        let log = place.open();
        assert_eq!(log.size(), size);
        roots.last().inspect(|root| assert_eq!(**root, log.root()));
        append(&log, size..size + 7);
        if size % 3 == 0 {
            log.publish_now().unwrap();
        }
        roots.push(log.root());
    }
    assert_eq!(
        place.open().publish_now().unwrap().root,
        *roots.last().unwrap()
    );
    let report = verify(
        &place.dir(),
        &verifier(),
        Some(&place.anchor()),
        &mut |_, _| Ok(()),
    )
    .unwrap();
    assert_eq!(
        (report.records, report.unpublished),
        (report.checkpoint.size, Some(0))
    );
}

#[test]
fn records_of_many_concurrent_callers_all_get_a_place_of_their_own() {
    let place = Place::new();
    let log = Arc::new(place.create());
    let threads: Vec<_> = (0..8u64)
        .map(|thread| {
            let log = log.clone();
            std::thread::spawn(move || {
                let numbers = thread * 100..(thread + 1) * 100;
                numbers
                    .map(|n| (log.record_blocking(record(n), ()).unwrap().index(), n))
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut told: Vec<(u64, u64)> = threads
        .into_iter()
        .flat_map(|thread| thread.join().unwrap())
        .collect();
    told.sort_unstable();
    assert_eq!(
        told.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
        (0..800).collect::<Vec<_>>()
    );
    for (index, number) in told {
        assert_eq!(log.read(index).unwrap().record, record(number));
    }
}

#[tokio::test]
async fn the_async_twin_gives_the_carried_value_back_with_its_index() {
    let place = Place::new();
    let log = place.create();
    let recorded = log.record(record(0), "answer".to_owned()).await.unwrap();
    assert_eq!(
        (recorded.index(), recorded.into_inner()),
        (0, "answer".to_owned())
    );
    tokio::task::spawn_blocking(move || drop(log))
        .await
        .unwrap();
}

#[test]
fn a_key_used_again_is_given_the_first_index_and_appends_nothing_even_after_opening_again() {
    let place = Place::new();
    let log = place.create();
    append(&log, 0..300);
    assert_eq!(log.record_blocking(record(17), ()).unwrap().index(), 17);
    log.publish_now().unwrap();
    drop(log);
    let log = place.open();
    for number in [0, 17, 255, 256, 299] {
        assert_eq!(
            log.record_blocking(record(number), ()).unwrap().index(),
            number
        );
    }
    assert_eq!(log.size(), 300);
}

#[test]
fn a_key_used_again_for_another_entry_releases_nothing_and_names_the_first() {
    let place = Place::new();
    let log = place.create();
    append(&log, 0..3);
    let mut other = record(1);
    other.entry.push(b'!');
    assert!(matches!(
        log.record_blocking(other, ()),
        Err(AppendError::KeyUsed { index: 1 })
    ));
    assert_eq!(log.size(), 3);
}

#[test]
fn keys_older_than_the_window_are_no_longer_remembered() {
    let place = Place::new();
    let mut options = place.options();
    options.remember = 10;
    let log = Log::create(&place.dir(), options.clone()).unwrap();
    append(&log, 0..20);
    assert_eq!(log.record_blocking(record(10), ()).unwrap().index(), 10);
    assert_eq!(
        log.record_blocking(record(9), ()).unwrap().index(),
        20,
        "appended as new, as documented"
    );
}

#[test]
fn a_record_too_large_for_its_form_is_refused_and_the_largest_possible_is_not() {
    let place = Place::new();
    let mut options = place.options();
    options.segment_bytes = 256 << 10;
    let log = Log::create(&place.dir(), options).unwrap();
    let mut large = record(0);
    large.entry = vec![1; 65_536];
    assert!(matches!(
        log.record_blocking(large.clone(), ()),
        Err(AppendError::TooLarge { part: "entry", .. })
    ));
    large.entry.pop();
    large.details = vec![2; (256 << 10) - 65_535 - 200];
    assert_eq!(log.record_blocking(large.clone(), ()).unwrap().index(), 0);
    large.details.resize(256 << 10, 2);
    assert!(matches!(
        log.record_blocking(large, ()),
        Err(AppendError::TooLarge { .. })
    ));
    assert_eq!(log.publish_now().unwrap().size, 1);
}

#[test]
fn proofs_out_of_the_tiles_verify_for_every_entry_and_between_sizes() {
    let place = Place::new();
    let log = place.create();
    append(&log, 0..300);
    let first = log.publish_now().unwrap();
    append(&log, 300..777);
    let last = log.publish_now().unwrap();
    for index in 0..777 {
        let path = log.prove_inclusion(index, last.size).unwrap().unwrap();
        let leaf = Hash::leaf(&record(index).entry);
        assert!(
            verify_inclusion(leaf, index, last.size, &path, last.root),
            "entry {index}"
        );
        assert!(!verify_inclusion(leaf, index ^ 1, last.size, &path, last.root) || index == 776);
    }
    let path = log
        .prove_consistency(first.size, last.size)
        .unwrap()
        .unwrap();
    assert!(verify_consistency(
        first.size, first.root, last.size, last.root, &path
    ));
    assert!(!verify_consistency(
        first.size - 1,
        first.root,
        last.size,
        last.root,
        &path
    ));
    assert_eq!(
        log.prove_inclusion(0, 778).unwrap(),
        None,
        "no tree of that size is published"
    );
}

#[test]
fn a_proof_as_text_reads_back_and_verifies_and_not_for_another_entry() {
    let place = Place::new();
    let log = place.create();
    append(&log, 0..5);
    log.publish_now().unwrap();
    let checkpoint = std::fs::read_to_string(place.dir().join("checkpoint")).unwrap();
    let path = log.prove_inclusion(3, 5).unwrap().unwrap();
    let proof = LogProof {
        extra: Some(b"opening".to_vec()),
        index: 3,
        path,
        checkpoint,
    };
    let read = LogProof::parse(&proof.to_text()).unwrap();
    assert_eq!(read, proof);
    assert_eq!(read.verify(&record(3).entry, &verifier()).unwrap().size, 5);
    assert!(read.verify(&record(2).entry, &verifier()).is_err());
    assert!(LogProof::parse(&proof.to_text().replace("index 3", "index 03")).is_err());
}

#[test]
fn opening_needs_a_log_creating_needs_an_empty_place() {
    let place = Place::new();
    assert!(matches!(
        Log::open(&place.dir(), place.options()),
        Err(OpenError::Missing { .. })
    ));
    drop(place.create());
    assert!(matches!(
        Log::create(&place.dir(), place.options()),
        Err(OpenError::NotEmpty { .. })
    ));
}

#[test]
fn a_log_that_is_open_cannot_be_opened_a_second_time() {
    let place = Place::new();
    let log = place.create();
    assert!(matches!(
        Log::open(&place.dir(), place.options()),
        Err(OpenError::Locked { .. })
    ));
    drop(log);
    place.open();
}

#[test]
fn a_log_opens_only_with_the_key_that_its_origin_names() {
    let place = Place::with(3);
    let mut options = place.options();
    options.signer =
        Arc::new(ledger::note::Signer::from_seed("portalis.example/ledger", [7; 32]).unwrap());
    assert!(matches!(
        Log::open(&place.dir(), options.clone()),
        Err(OpenError::Origin { .. })
    ));
    options.signer = Arc::new(ledger::note::Signer::from_seed(common::ORIGIN, [8; 32]).unwrap());
    assert!(matches!(
        Log::open(&place.dir(), options),
        Err(OpenError::Checkpoint { .. })
    ));
}

#[test]
fn verification_runs_beside_the_process_that_writes() {
    let place = Place::new();
    let log = place.create();
    append(&log, 0..520);
    log.publish_now().unwrap();
    append(&log, 520..530);
    let mut seen = 0;
    let mut each = |stored: &ledger::Stored, _| {
        assert_eq!(stored.record, record(stored.index));
        seen += 1;
        Ok(())
    };
    let report = verify(&place.dir(), &verifier(), Some(&place.anchor()), &mut each).unwrap();
    assert_eq!(
        (report.checkpoint.size, report.unpublished, seen),
        (520, None, 512)
    );
}

#[test]
fn segments_and_partial_tiles_go_once_full_bundles_hold_their_records() {
    let place = Place::new();
    let log = place.create();
    append(&log, 0..100);
    log.publish_now().unwrap();
    append(&log, 100..1024);
    log.publish_now().unwrap();
    let names: Vec<String> = place
        .files()
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    assert!(
        !names.iter().any(|name| name.contains("/0/000.p/")),
        "{names:?}"
    );
    assert!(names.iter().any(|name| name.ends_with("tile/1/000.p/4")));
    let segments = names.iter().filter(|name| name.ends_with(".wal")).count();
    assert_eq!(segments, 1, "all but the segment in use: {names:?}");
    drop(log);
    assert_eq!(place.open().size(), 1024);
}

#[test]
fn another_process_cannot_open_a_log_that_is_open() {
    let place = Place::new();
    let log = place.create();
    let tried_elsewhere = || {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "the_other_process_of_the_test_above",
                "--nocapture",
            ])
            .env("LEDGER_TEST_DIR", place.dir())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let said = tried_elsewhere();
    assert!(
        said.contains(&format!("in use by process {}", std::process::id())),
        "{said}"
    );
    drop(log);
    assert!(tried_elsewhere().contains("it opened"));
}

/// Does nothing unless started by the test above.
#[test]
fn the_other_process_of_the_test_above() {
    let Ok(dir) = std::env::var("LEDGER_TEST_DIR") else {
        return;
    };
    let mut options = ledger::Options::new(common::signer());
    options.segment_bytes = 4 << 10;
    match Log::open(std::path::Path::new(&dir), options) {
        Ok(_) => println!("it opened"),
        Err(error) => println!("{error}"),
    }
}

#[test]
fn entries_sealed_for_people_lie_in_no_file_under_any_plain_identifier() {
    use ledger::entry::{
        Digest16, DisclosureDraft, EntrySeed, LedgerKey, Minute, PersonKey, PersonPart,
        PersonSecrets,
    };
    let place = Place::new();
    let log = place.create();
    let minute = Minute(29_939_000);
    let people = ["ada", "bert", "cleo", "dora", "emil"];
    for number in 0..300u32 {
        let key = |person: &str| PersonKey::from_random(Hash::of(person.as_bytes()).0);
        let secrets =
            people.map(|person| PersonSecrets::new(&key(person), minute.period()).unwrap());
        let slots = people.map(|person| format!("{person}@sample.example"));
        let parts: Vec<_> = secrets
            .iter()
            .zip(&slots)
            .map(|(secrets, slot)| PersonPart {
                secrets,
                slot: slot.as_bytes(),
            })
            .collect();
        let draft = DisclosureDraft {
            minute,
            partner: Digest16::of_partner("findr"),
            operation: Digest16::of_operation("listFriends"),
            register_position: 1,
            ledger_position: u64::from(number),
            agreement: Hash([1; 32]),
            people: &parts,
            common: b"findr listFriends ada@sample.example",
        };
        let mut seed = [8; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        let record = draft
            .seal(
                &LedgerKey::from_random([2; 32]),
                EntrySeed(seed),
                ledger::IdempotencyKey(id),
            )
            .unwrap();
        assert_eq!(
            log.record_blocking(record, ()).unwrap().index(),
            u64::from(number)
        );
    }
    log.publish_now().unwrap();
    let mut each = |stored: &ledger::Stored, _| {
        let ledger::Record {
            entry,
            tags,
            details,
            ..
        } = &stored.record;
        ledger::entry::check(entry, tags, details)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    drop(log);
    let report = verify(&place.dir(), &verifier(), Some(&place.anchor()), &mut each).unwrap();
    assert_eq!(
        report.records, 300,
        "every entry belongs to the blobs beside it"
    );
    // The true list of identifiers, plain and hashed in the ways that first come to mind.
    let plain = people
        .iter()
        .flat_map(|person| [format!("{person}@sample"), (*person).to_owned()]);
    let plain = plain
        .filter(|id| id.len() > 3)
        .chain(["findr".to_owned(), "listFriends".to_owned()]);
    let needles: Vec<Vec<u8>> = plain
        .flat_map(|id| {
            [
                id.clone().into_bytes(),
                Hash::of(id.as_bytes()).0[..16].to_vec(),
                Hash::leaf(id.as_bytes()).0[..16].to_vec(),
            ]
        })
        .collect();
    for path in place.files() {
        let bytes = std::fs::read(&path).unwrap();
        for needle in &needles {
            assert!(
                !bytes.windows(needle.len()).any(|window| window == needle),
                "{needle:?} in {path:?}"
            );
        }
    }
}
