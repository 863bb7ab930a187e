//! A disk without room: what is taken, what is refused, and that nothing is lost and nothing has to be restarted.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{Place, append, record, verifier};
use ledger::faults::{Fault, FaultyFiles, Op};
use ledger::{AppendError, Log, Options, verify};
use std::sync::Arc;
use std::time::Duration;

/// Segments of 4 KiB, two of them in reserve, and a publisher that looks often.
fn options(place: &Place, files: &Arc<FaultyFiles>) -> Options {
    let mut options = place.options_on(files.clone());
    options.reserve = 2;
    options.publish_every = Duration::from_millis(5);
    options
}

fn log_on(place: &Place) -> (Log, Arc<FaultyFiles>) {
    let files = Arc::new(FaultyFiles::default());
    let log = Log::create(&place.dir(), options(place, &files)).unwrap();
    (log, files)
}

/// Waits until it is so; a test that waits in vain fails by the runner's own limit.
fn wait_until(mut it_is_so: impl FnMut() -> bool) {
    while !it_is_so() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// All three spares lie ready: 3 × 4 KiB, and what is left of the segment in use.
fn ready(log: &Log) {
    wait_until(|| log.reserve() > 3 * 4096);
}

#[test]
fn on_a_full_disk_ordinary_records_are_refused_and_reserved_ones_taken_to_the_reserves_last_byte() {
    let place = Place::in_memory();
    let (log, files) = log_on(&place);
    ready(&log);
    append(&log, 0..3);
    files.fill_disk();
    let mut taken = 3;
    let refused = loop {
        match log.record_blocking(record(taken), ()) {
            Ok(recorded) => assert_eq!(recorded.index(), taken),
            Err(error) => break error,
        }
        taken += 1;
    };
    assert!(matches!(&refused, AppendError::NoSpace(_)), "{refused}");
    assert!(log.failure().is_none() && log.shortage().is_some());
    let ready = log.reserve();
    assert!(ready >= 2 * 4096, "the reserve is whole: {ready}");
    let mut reserved = 0;
    let refused = loop {
        match log.record_reserved_blocking(record(taken), ()) {
            Ok(recorded) => assert_eq!(recorded.index(), taken),
            Err(error) => break error,
        }
        taken += 1;
        reserved += 1;
    };
    assert!(matches!(&refused, AppendError::NoSpace(_)), "{refused}");
    println!("a reserve of {ready} bytes took {reserved} more records");
    assert!(reserved >= 40, "{reserved}");
    // A repeat of what is durable needs no room.
    assert_eq!(
        log.record_reserved_blocking(record(5), ()).unwrap().index(),
        5
    );
    assert!(log.failure().is_none());

    // There is room again, and all goes on by itself.
    files.empty_disk();
    wait_until(|| log.shortage().is_none());
    assert_eq!(
        log.record_blocking(record(taken), ()).unwrap().index(),
        taken
    );
    wait_until(|| log.reserve() > 3 * 4096);
    log.publish_now().unwrap();
    drop(log);
    let log = place.open();
    for number in 0..=taken {
        assert_eq!(log.read(number).unwrap().record, record(number));
    }
    drop(log);
    let report = verify(
        &place.dir(),
        &verifier(),
        Some(&place.anchor()),
        &mut |_, _| Ok(()),
    );
    assert_eq!(report.unwrap().checkpoint.size, taken + 1);
}

#[test]
fn a_log_opened_again_on_a_full_disk_still_has_its_reserve() {
    let place = Place::in_memory();
    let (log, _) = log_on(&place);
    ready(&log);
    append(&log, 0..3);
    drop(log);
    let files = Arc::new(FaultyFiles::default());
    files.fill_disk();
    let log = Log::open(&place.dir(), options(&place, &files)).unwrap();
    assert!(log.reserve() > 3 * 4096, "{}", log.reserve());
    wait_until(|| log.shortage().is_some());
    assert!(matches!(
        log.record_blocking(record(3), ()),
        Err(AppendError::NoSpace(_))
    ));
    for number in 3..60 {
        assert_eq!(
            log.record_reserved_blocking(record(number), ())
                .unwrap()
                .index(),
            number
        );
    }
}

#[test]
fn below_what_is_to_be_kept_free_ordinary_records_are_refused_before_anything_fails() {
    // A segment has room in what is kept free, so only the threshold is in question.
    const KEPT: u64 = 1 << 20;
    let place = Place::in_memory();
    let files = Arc::new(FaultyFiles::default());
    files.say_free(KEPT - 1);
    let mut options = options(&place, &files);
    options.keep_free = KEPT;
    let log = Log::create(&place.dir(), options).unwrap();
    let refused = log.record_blocking(record(0), ()).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("1048575 bytes are free, 1048576 are to be kept free"),
        "{refused}"
    );
    let reserved = log.record_reserved_blocking(record(0), ()).unwrap();
    assert_eq!(reserved.index(), 0);
    files.say_free(KEPT);
    wait_until(|| log.shortage().is_none());
    append_at(&log, 1);
    files.fail_next(Op::Free, "log", Fault::NotDone);
    wait_until(|| log.shortage().is_some()); // not knowing counts as too little
    wait_until(|| log.shortage().is_none());
}

#[test]
fn without_room_for_a_segment_none_is_begun_and_the_log_opens_all_the_same() {
    let place = Place::in_memory();
    drop(Log::create(&place.dir(), place.options()).unwrap());
    let files = Arc::new(FaultyFiles::default());
    files.say_free(999); // less than a segment
    let log = Log::open(&place.dir(), options(&place, &files)).unwrap();
    wait_until(|| log.shortage().is_some());
    let made = files.trace();
    let made = made.iter().filter(|(op, _)| *op == Op::Create).count();
    assert_eq!(made, 0, "it took the last room from others for nothing");
    let reserved = log.record_reserved_blocking(record(0), ()).unwrap();
    assert_eq!(reserved.index(), 0);
    files.say_free(1 << 20);
    wait_until(|| log.shortage().is_none() && log.reserve() > 3 * 4096);
    append_at(&log, 1);
}

#[test]
fn any_growth_that_finds_no_room_once_is_made_up_for_and_the_log_goes_on() {
    let trial = || {
        let place = Place::in_memory();
        let files = Arc::new(FaultyFiles::default());
        let mut options = options(&place, &files);
        options.publish_every = Duration::from_secs(3600);
        let log = Log::create(&place.dir(), options).unwrap();
        wait_until(|| log.reserve() > 3 * 4096);
        append(&log, 0..250);
        (place, log, files)
    };
    let use_it = |log: &Log| {
        append(log, 250..262);
        log.publish_now()
    };
    let (_place, log, files) = trial();
    let before = files.operations();
    use_it(&log).unwrap();
    let grows = |op: Op| matches!(op, Op::Create | Op::Write | Op::CreateDirs);
    let operations: Vec<_> = files
        .operations()
        .into_iter()
        .filter(|which| grows(which.op) && !before.contains(which))
        // Into a segment that lies on the disk nothing is written that needs room.
        .filter(|which| !which.file.ends_with(".wal") && which.file != "wal/spare")
        .collect();
    for which in &operations {
        let (place, log, files) = trial();
        files.fail_at(which.clone(), Fault::NoSpace);
        let first = use_it(&log);
        assert!(
            first.is_err() && log.failure().is_none(),
            "{which:?}: {first:?} {:?}",
            log.failure()
        );
        let second = log.publish_now().unwrap();
        assert_eq!(second.size, 262, "{which:?}");
        append_at(&log, 262);
        log.publish_now().unwrap();
        drop(log);
        let report = verify(
            &place.dir(),
            &verifier(),
            Some(&place.anchor()),
            &mut |stored, _| {
                (stored.record == record(stored.index))
                    .then_some(())
                    .ok_or_else(String::new)
            },
        );
        assert_eq!(report.unwrap().records, 263, "{which:?}");
    }
    println!(
        "no room at {} operations that grow files, each made up for",
        operations.len()
    );
    assert!(operations.len() > 25, "{}", operations.len());
}

fn append_at(log: &Log, number: u64) {
    assert_eq!(
        log.record_blocking(record(number), ()).unwrap().index(),
        number
    );
}

#[test]
fn no_room_for_a_batch_that_was_promised_room_stops_the_log() {
    // A file system that copies on write can run out within a file that is all there. Nobody knows what is written then.
    let place = Place::in_memory();
    let (log, files) = log_on(&place);
    append(&log, 0..3);
    files.fail_next(Op::Write, ".wal", Fault::NoSpace);
    assert!(matches!(
        log.record_blocking(record(3), ()),
        Err(AppendError::Stopped(_))
    ));
    assert!(log.failure().is_some());
}
