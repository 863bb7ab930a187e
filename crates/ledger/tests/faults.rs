//! Every file operation failing in turn, in each of its forms.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{Place, append, copy, record, verifier};
use ledger::faults::{Fault, FaultyFiles, Op};
use ledger::{AppendError, Log, verify};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many records a log holds before the faults begin, and at the end of a sound run: a bundle and
/// several segments become full in between.
const BEFORE: u64 = 245;
const AFTER: u64 = 275;

/// A log of [`BEFORE`] records, made once and copied.
fn image() -> Place {
    Place::with(BEFORE)
}

fn copy_of(image: &Place) -> Place {
    let place = Place::new();
    copy(&image.dir(), &place.dir());
    std::fs::copy(image.anchor(), place.anchor()).unwrap();
    place
}

/// Appends until something fails, publishing now and then; gives the numbers acknowledged.
fn use_log(log: &Log) -> Vec<u64> {
    let mut acknowledged: Vec<u64> = (0..BEFORE).collect();
    for number in BEFORE..AFTER {
        match log.record_blocking(record(number), ()) {
            Ok(recorded) => {
                assert_eq!(recorded.index(), number);
                acknowledged.push(number);
            }
            Err(AppendError::Stopped(_)) => break,
            Err(other) => panic!("{other}"),
        }
        if number % 12 == 0 && log.publish_now().is_err() {
            break;
        }
    }
    let _ = log.publish_now();
    acknowledged
}

/// What must hold after any fault: opens on sound files, holds all that was acknowledged, verifies.
fn check_after(place: &Place, acknowledged: &[u64], what: &str) {
    let log =
        Log::open(&place.dir(), place.options()).unwrap_or_else(|error| panic!("{what}: {error}"));
    for number in acknowledged {
        assert_eq!(log.read(*number).unwrap().record, record(*number), "{what}");
    }
    let extra = log.size() - acknowledged.len() as u64;
    assert!(
        extra <= 1,
        "{what}: one record may be durable without having been acknowledged, not {extra}"
    );
    log.publish_now()
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    drop(log);
    let report = verify(
        &place.dir(),
        &verifier(),
        Some(&place.anchor()),
        &mut |stored, _| {
            (stored.record == record(stored.index))
                .then_some(())
                .ok_or_else(|| "another record".to_owned())
        },
    );
    let report = report.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(report.records, acknowledged.len() as u64 + extra, "{what}");
}

/// The trace of one run without faults, and where in it the log was ready.
fn trace_of_a_sound_run(image: &Place) -> (Vec<(Op, PathBuf)>, usize) {
    let (place, files) = (copy_of(image), Arc::new(FaultyFiles::default()));
    let log = Log::open(&place.dir(), place.options_on(files.clone())).unwrap();
    wait_for_spare(&files);
    let ready = files.trace().len();
    assert_eq!(use_log(&log).len() as u64, AFTER);
    (files.trace(), ready)
}

/// The spare segment is made by another thread; once its sync is noted the order of operations is settled.
fn wait_for_spare(files: &FaultyFiles) {
    while !files.trace().iter().any(|(op, _)| *op == Op::SyncAll) {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(2));
}

#[test]
fn after_any_operation_failed_once_all_that_was_acknowledged_is_there_and_verifies() {
    let image = image();
    let (trace, ready) = trace_of_a_sound_run(&image);
    let mut stopped = 0;
    // The first of every kind of operation on every kind of file; then a sample: of what is published every
    // 7th operation, of the many alike (single records written or read) every 37th.
    let kind = |at: usize| {
        let (op, path) = &trace[at];
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .replace(|c: char| c.is_ascii_hexdigit(), "");
        (
            *op as u8,
            path.ancestors()
                .nth(1)
                .unwrap()
                .file_name()
                .unwrap()
                .to_owned(),
            name,
        )
    };
    let mut seen = std::collections::HashSet::new();
    let alike = |at: usize| {
        matches!(trace[at].0, Op::ReadAt | Op::Write | Op::SyncData) && !is_published(&trace[at].1)
    };
    let chosen = |at: &usize| {
        seen.insert(kind(*at)) || at.is_multiple_of(37) || (!alike(*at) && at.is_multiple_of(7))
    };
    let numbers: Vec<_> = (ready..trace.len()).filter(chosen).collect();
    let mut tried = 0;
    for number in numbers {
        for fault in [Fault::NotDone, Fault::DoneButFailed, Fault::Half] {
            if fault == Fault::Half && trace[number].0 != Op::Write {
                continue;
            }
            tried += 1;
            let what = format!("operation {number} {:?} {fault:?}", trace[number]);
            let (place, files) = (copy_of(&image), Arc::new(FaultyFiles::default()));
            let log = Log::open(&place.dir(), place.options_on(files.clone())).unwrap();
            wait_for_spare(&files);
            files.fail_number(number, fault);
            let acknowledged = use_log(&log);
            stopped += usize::from(log.failure().is_some());
            assert!(
                log.failure().is_some() || files.is_pending(),
                "{what}: the fault went unnoticed"
            );
            drop(log);
            check_after(&place, &acknowledged, &what);
        }
    }
    // Threads interleave, so a fault near the end may find no operation with its number any more.
    assert!(
        tried > 100 && stopped > tried - 20,
        "{stopped} faults met of {tried}"
    );
}

/// Tiles, bundles and checkpoints: few operations, each with a step of its own behind it.
fn is_published(path: &Path) -> bool {
    let path = path.to_string_lossy();
    path.contains("/tile/") || path.contains("checkpoint") || path.contains("anchor")
}

#[test]
fn a_failed_sync_stops_the_log_for_everybody_and_nothing_is_tried_again() {
    for fault in [Fault::NotDone, Fault::DoneButFailed] {
        let (place, files) = (Place::new(), Arc::new(FaultyFiles::default()));
        let log = Log::create(&place.dir(), place.options_on(files.clone())).unwrap();
        append(&log, 0..5);
        files.fail_next(Op::SyncData, ".wal", fault);
        assert!(matches!(
            log.record_blocking(record(5), ()),
            Err(AppendError::Stopped(_))
        ));
        let operations = files.trace().len();
        assert!(matches!(
            log.record_blocking(record(6), ()),
            Err(AppendError::Stopped(_))
        ));
        assert!(
            matches!(
                log.record_blocking(record(1), ()),
                Err(AppendError::Stopped(_))
            ),
            "not even a repeat"
        );
        assert!(log.publish_now().is_err());
        assert!(log.failure().unwrap().to_string().contains("SyncData"));
        assert_eq!(
            files.trace().len(),
            operations,
            "not one file operation after the failure"
        );
        assert_eq!(log.size(), 5);
    }
}

#[test]
fn everybody_waiting_for_a_batch_whose_sync_fails_is_told_so() {
    let (place, files) = (Place::new(), Arc::new(FaultyFiles::default()));
    let log = Arc::new(Log::create(&place.dir(), place.options_on(files.clone())).unwrap());
    files.hold_syncs();
    files.fail_next(Op::SyncData, ".wal", Fault::NotDone);
    let waiting: Vec<_> = (0..10)
        .map(|number| {
            let log = log.clone();
            std::thread::spawn(move || log.record_blocking(record(number), ()).is_err())
        })
        .collect();
    std::thread::sleep(Duration::from_millis(50));
    files.release_syncs();
    assert!(
        waiting.into_iter().all(|thread| thread.join().unwrap()),
        "every one an error"
    );
}

#[test]
fn nothing_is_acknowledged_before_the_sync_has_returned() {
    let (place, files) = (Place::new(), Arc::new(FaultyFiles::default()));
    let log = Arc::new(Log::create(&place.dir(), place.options_on(files.clone())).unwrap());
    files.hold_syncs();
    let acknowledged = Arc::new(AtomicBool::new(false));
    let thread = {
        let (log, acknowledged) = (log.clone(), acknowledged.clone());
        std::thread::spawn(move || {
            let recorded = log.record_blocking(record(0), "answer").unwrap();
            acknowledged.store(true, Ordering::SeqCst);
            recorded.into_inner()
        })
    };
    let wrote = || {
        files
            .trace()
            .iter()
            .any(|(op, path)| *op == Op::Write && path.extension().is_some_and(|e| e == "wal"))
    };
    while !wrote() {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(50));
    assert!(
        !acknowledged.load(Ordering::SeqCst),
        "written, not synced: must not be acknowledged"
    );
    assert_eq!(log.size(), 0);
    files.release_syncs();
    assert_eq!(thread.join().unwrap(), "answer");
    assert_eq!(log.size(), 1);
}

#[test]
fn nothing_is_signed_over_bytes_that_flipped_on_their_way_to_or_from_the_disk() {
    let targets = [
        (Op::Write, "tile/entries/000"),
        (Op::Write, "tile/0/000"),
        (Op::Write, "tile/1/000"),
        (Op::Write, "tags/000"),
        (Op::Write, "details/000"),
        (Op::Write, "keys/000"),
        (Op::Write, "checkpoint"),
        (Op::ReadAt, ".wal"),
        (Op::Write, ".wal"),
    ];
    for (op, part) in targets {
        let (place, files) = (Place::new(), Arc::new(FaultyFiles::default()));
        let log = Log::create(&place.dir(), place.options_on(files.clone())).unwrap();
        files.fail_next(op, part, Fault::Flipped);
        append(&log, 0..300);
        let result = log.publish_now();
        assert!(!files.is_pending(), "{op:?} {part} did not occur");
        assert!(result.is_err(), "{op:?} {part}");
        let said = log.failure().unwrap().to_string();
        assert!(
            said.contains(part) || said.contains("add up"),
            "{part}: {said}"
        );
        assert_eq!(log.published().size, 0);
        drop(log);
        if part != "checkpoint" {
            let text = std::fs::read_to_string(place.dir().join("checkpoint")).unwrap();
            assert!(
                text.contains("\n0\n"),
                "a checkpoint was written after {op:?} {part}"
            );
        }
    }
}

#[tokio::test]
async fn the_program_is_told_when_the_log_has_stopped() {
    let (place, files) = (Place::new(), Arc::new(FaultyFiles::default()));
    let log = Arc::new(Log::create(&place.dir(), place.options_on(files.clone())).unwrap());
    let watching = tokio::spawn({
        let log = log.clone();
        async move { log.failed().await.to_string() }
    });
    files.fail_next(Op::Write, ".wal", Fault::NotDone);
    assert!(log.record(record(0), ()).await.is_err());
    assert!(watching.await.unwrap().contains("Write"));
    tokio::task::spawn_blocking(move || drop(log))
        .await
        .unwrap();
}
