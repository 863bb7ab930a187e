//! The quick way against the gate's own door, access by access and person by person, and both against what was planted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "what the example uses of it"
)]

#[path = "../examples/sample-log/table.rs"]
mod table;
#[path = "../examples/sample-log/truth.rs"]
mod truth;
#[path = "../examples/sample-log/write.rs"]
mod write;

use audit::report::{Kind, Report};
use sample::accesses::AccessLog;

const LOG: AccessLog = AccessLog {
    seed: 2018,
    people: 6_000,
    rows: 120_000,
};

fn report(dir: &std::path::Path, threads: usize) -> Report {
    let audit = audit::open(&dir.join("audit.toml")).unwrap_or_else(|error| panic!("{error}"));
    audit.run(threads, decide::Time(0), &|_| {}).unwrap()
}

#[test]
fn access_by_access_the_audit_says_what_the_gate_would_have_said_and_finds_all_that_was_planted() {
    let dir = tempfile::tempdir().unwrap();
    write::all(dir.path(), LOG, "ndjson", 1);
    println!("{}", truth::compare(dir.path(), LOG));
}

/// What one report says and the other does not, line by line; empty: both say the same.
fn differences(one: &Report, other: &Report) -> Vec<String> {
    let mut all = Vec::new();
    apart("findings", &one.findings, &other.findings, &mut all);
    apart("months", &one.months, &other.months, &mut all);
    apart("promises", &one.promises, &other.promises, &mut all);
    apart("open", &one.open, &other.open, &mut all);
    apart("totals", &[one.totals], &[other.totals], &mut all);
    apart("period", &[one.period], &[other.period], &mut all);
    all
}

fn apart<T: PartialEq + std::fmt::Debug>(
    what: &str,
    one: &[T],
    other: &[T],
    all: &mut Vec<String>,
) {
    let before = all.len();
    let only = |here: &[T], there: &[T], side: &str| {
        let missing = here.iter().filter(|line| !there.contains(line));
        missing
            .map(|line| format!("{what}, only in the {side}: {line:?}"))
            .collect::<Vec<_>>()
    };
    all.extend(only(one, other, "first"));
    all.extend(only(other, one, "other"));
    if all.len() == before && one != other {
        let at = one.iter().zip(other).position(|(one, other)| one != other);
        all.push(format!(
            "{what}: the same lines in another order, from line {at:?} on: {:?} and {:?}",
            at.and_then(|at| one.get(at)),
            at.and_then(|at| other.get(at))
        ));
    }
}

#[test]
fn every_form_packing_and_number_of_threads_gives_the_same_findings() {
    let mut reports = Vec::new();
    let log = AccessLog {
        rows: 30_000,
        people: 2_000,
        ..LOG
    };
    for (form, files, threads) in [
        ("csv", 1, 1),
        ("ndjson", 3, 2),
        ("parquet", 2, 2),
        ("csv.gz", 1, 2),
        ("ndjson.zst", 2, 1),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write::all(dir.path(), log, form, files);
        let report = report(dir.path(), threads);
        assert!(
            report.not_judged.is_empty(),
            "{form}: {:?}",
            report.not_judged
        );
        assert_eq!(report.totals.rows, log.rows, "{form}");
        reports.push((form, report));
    }
    let (_, first) = &reports[0];
    for (form, other) in &reports[1..] {
        let differences = differences(first, other);
        assert!(differences.is_empty(), "{form}: {differences:#?}");
    }
    let kinds: std::collections::BTreeSet<Kind> =
        first.findings.iter().map(|finding| finding.kind).collect();
    for kind in [
        Kind::NoAgreement,
        Kind::NotSignedByPartner,
        Kind::AfterEnd,
        Kind::WhileSuspended,
        Kind::WiderThanSigned,
        Kind::LapsedUsed,
        Kind::NeverUsed,
        Kind::PersonNotAsked,
        Kind::BystanderNotAsked,
        Kind::BarIgnored,
        Kind::PromiseBroken,
        Kind::QuietPolled,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

/// Several threads meet partners and acts in whatever order the machine happens to give; here that order is turned
/// round on purpose, so that it is another one in every run.
#[test]
fn the_order_in_which_partners_and_acts_are_met_changes_nothing() {
    let log = AccessLog {
        rows: 10_000,
        people: 1_000,
        ..LOG
    };
    let dir = tempfile::tempdir().unwrap();
    write::all(dir.path(), log, "ndjson", 1);
    let forwards = report(dir.path(), 1);
    let rows = dir.path().join("log-000.ndjson");
    let text = std::fs::read_to_string(&rows).unwrap();
    let backwards: Vec<&str> = text.lines().rev().collect();
    std::fs::write(&rows, backwards.join("\n")).unwrap();
    let differences = differences(&forwards, &report(dir.path(), 1));
    assert!(differences.is_empty(), "{differences:#?}");
}
