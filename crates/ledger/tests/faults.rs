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
use ledger::faults::{Fault, FaultyFiles, Op, Which};
use ledger::{AppendError, Log, verify};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many records a log holds before the faults begin, and at the end of a sound run: a bundle and
/// a segment become full in between.
const BEFORE: u64 = 248;
const AFTER: u64 = 264;

/// A log of [`BEFORE`] records, made once and copied.
fn image() -> Place {
    Place::with(BEFORE)
}

fn copy_of(image: &Place) -> Place {
    let place = Place::in_memory();
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
        // Once with the bundle incomplete, and once with it full.
        if number == BEFORE + 3 && log.publish_now().is_err() {
            break;
        }
    }
    let _ = log.publish_now();
    acknowledged
}

/// What must hold after any fault: opens on sound files; holds all that was acknowledged; beyond it at most the one
/// record whose append was reported as failed, and nothing that nobody submitted; verifies.
fn check_after(place: &Place, acknowledged: &[u64], what: &str) {
    let log =
        Log::open(&place.dir(), place.options()).unwrap_or_else(|error| panic!("{what}: {error}"));
    for (number, stored) in acknowledged.iter().zip(log.iter(0)) {
        assert_eq!(stored.unwrap().record, record(*number), "{what}");
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

/// The operations of one run without faults: those of opening, and those of use.
fn operations_of_a_sound_run(image: &Place) -> (Vec<Which>, Vec<Which>) {
    let (place, files) = (copy_of(image), Arc::new(FaultyFiles::default()));
    let log = Log::open(&place.dir(), place.options_on(files.clone())).unwrap();
    let opening = files.operations();
    assert_eq!(use_log(&log).len() as u64, AFTER);
    drop(log);
    let using = files.operations();
    // How much is free is asked, and not knowing is no reason not to try.
    let counts = |which: &Which| which.op != Op::Free && !opening.contains(which);
    let using = using.into_iter().filter(counts);
    (opening.clone(), using.collect())
}

const FORMS: [Fault; 3] = [Fault::NotDone, Fault::DoneButFailed, Fault::Half];

/// Every form in which this operation can fail. A look that failed has one: whether it was done shows nowhere.
fn forms(which: &Which) -> &'static [Fault] {
    match which.op {
        Op::Write => &FORMS,
        Op::ReadAt | Op::Read | Op::List | Op::Open => &FORMS[..1],
        _ => &FORMS[..2],
    }
}

#[test]
fn after_any_operation_failed_once_all_that_was_acknowledged_is_there_and_nothing_else_and_verifies()
 {
    let image = image();
    let (_, operations) = operations_of_a_sound_run(&image);
    let (mut tried, mut never_came, mut beyond) = (0, 0, 0);
    for which in &operations {
        for &fault in forms(which) {
            tried += 1;
            let what = format!("{which:?} {fault:?}");
            let (place, files) = (copy_of(&image), Arc::new(FaultyFiles::default()));
            let log = Log::open(&place.dir(), place.options_on(files.clone())).unwrap();
            files.fail_at(which.clone(), fault);
            let acknowledged = use_log(&log);
            // The spare segment is made by a thread that the end of the test may overtake.
            let waits = which.file == "wal/spare" && files.is_pending();
            assert!(
                log.failure().is_some() || waits,
                "{what}: the fault went unnoticed"
            );
            never_came += usize::from(waits);
            drop(log);
            check_after(&place, &acknowledged, &what);
            beyond += usize::from(!files.is_pending()) * acknowledged.len();
        }
    }
    println!(
        "the ledger's commit path: {} operations on files, {tried} faults, {never_came} of them overtaken, {beyond} acknowledged records looked for",
        operations.len()
    );
    let kinds: std::collections::BTreeSet<_> = operations.iter().map(|which| which.op).collect();
    let expected = [
        Op::Create,
        Op::Open,
        Op::Write,
        Op::ReadAt,
        Op::SyncData,
        Op::SyncAll,
        Op::Read,
        Op::Rename,
        Op::SyncDir,
        Op::CreateDirs,
        Op::Remove,
        Op::RemoveDir,
        Op::List,
    ];
    assert!(
        expected.iter().all(|op| kinds.contains(op)),
        "roll-over, publishing, checkpoint, anchor and clearing away are all in it: {kinds:?}"
    );
    assert!(tried > 400 && never_came < 20, "{tried}, {never_came}");
}

#[test]
fn an_opening_in_which_any_operation_failed_is_refused_or_whole_and_the_next_one_holds_everything()
{
    // With a torn end, so that cutting it off is among the operations.
    let image = image();
    let log = image.open();
    append_more(&log, BEFORE..BEFORE + 3);
    drop(log);
    tear(&image);
    let acknowledged: Vec<u64> = (0..BEFORE + 2).collect();
    let (place, files) = (copy_of(&image), Arc::new(FaultyFiles::default()));
    drop(Log::open(&place.dir(), place.options_on(files.clone())).unwrap());
    let operations = files.operations();
    assert!(
        operations.iter().any(|which| which.op == Op::Write),
        "the cut"
    );
    let mut tried = 0;
    for which in &operations {
        for &fault in forms(which) {
            tried += 1;
            let what = format!("{which:?} {fault:?}");
            let (place, files) = (copy_of(&image), Arc::new(FaultyFiles::default()));
            files.fail_at(which.clone(), fault);
            let opened = Log::open(&place.dir(), place.options_on(files.clone()));
            let overtaken = files.is_pending() || which.file == "wal/spare";
            assert!(
                opened.is_err() || overtaken,
                "{what}: opened over a failed operation"
            );
            drop(opened);
            check_after(&place, &acknowledged, &what);
        }
    }
    println!(
        "opening a log with a torn end: {} operations on files, {tried} faults",
        operations.len()
    );
    assert!(tried > 30, "{tried}");
}

fn append_more(log: &Log, numbers: std::ops::Range<u64>) {
    for number in numbers {
        assert_eq!(
            log.record_blocking(record(number), ()).unwrap().index(),
            number
        );
    }
}

/// Cuts the last batch short, as a power cut in the middle of its write would.
fn tear(place: &Place) {
    let files = place.files();
    let wal = |path: &&PathBuf| path.extension().is_some_and(|e| e == "wal");
    let segment = files.iter().rfind(wal).unwrap();
    let mut bytes = std::fs::read(segment).unwrap();
    let last = (0..bytes.len() - 4)
        .rfind(|at| &bytes[*at..*at + 4] == b"CSB1")
        .unwrap();
    bytes[last + 50..].fill(0);
    std::fs::write(segment, bytes).unwrap();
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
