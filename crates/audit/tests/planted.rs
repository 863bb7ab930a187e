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
        assert_eq!(first.findings, other.findings, "{form}");
        assert_eq!(first.months, other.months, "{form}");
        assert_eq!(
            (first.totals, first.period, &first.promises),
            (other.totals, other.period, &other.promises),
            "{form}"
        );
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
