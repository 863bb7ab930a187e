//! Writes a log with planted violations, and all that an audit of it needs:
//! `cargo run --release -p audit --example sample-log -- DIR FORM ROWS PEOPLE FILES`, with FORM one of `csv`, `ndjson`,
//! `parquet`, `csv.gz`, `ndjson.zst` and the like. Then `countersign audit --plan DIR/audit.toml`.
//!
//! With `run` before DIR it audits it, on FORM threads, and says how long reading lists and judging took, and how much
//! memory. With `compare` before DIR it holds the audit to the slow way and to the planted truth, access by access; the log
//! must be one file then.
#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a tool of this project's own, which may fail loudly"
)]

mod table;
mod truth;
mod write;

use std::path::Path;
use std::time::Instant;

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mode = args
        .first()
        .filter(|it| ["compare", "run"].contains(&it.as_str()))
        .cloned();
    if mode.is_some() {
        args.remove(0);
    }
    let [dir, form, numbers @ ..] = args.as_slice() else {
        panic!("DIR FORM ROWS PEOPLE FILES")
    };
    let number = |n: usize, otherwise: u64| {
        numbers
            .get(n)
            .map_or(otherwise, |it| it.parse().expect("a number"))
    };
    let log = sample::accesses::AccessLog {
        seed: 2018,
        rows: number(0, 1_000_000),
        people: number(1, 100_000),
    };
    let dir = Path::new(dir);
    match mode.as_deref() {
        Some("compare") => println!("{}", truth::compare(dir, log)),
        Some(_) => run(dir, form.parse().expect("how many threads")),
        None => write::all(dir, log, form, number(2, 1)),
    }
}

/// Audits, and says as one line of JSON what it took and what was counted.
fn run(dir: &Path, threads: usize) {
    let began = Instant::now();
    let audit = audit::open(&dir.join("audit.toml")).unwrap_or_else(|error| panic!("{error}"));
    let read = began.elapsed().as_secs_f64();
    let report = audit
        .run(threads, decide::Time(0), &|_| {})
        .expect("a report");
    let judged = began.elapsed().as_secs_f64() - read;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or("")
        .trim();
    let findings: Vec<_> = report
        .findings
        .iter()
        .map(|it| {
            serde_json::json!([
                it.partner,
                it.act.category,
                it.act.reach,
                it.kind,
                it.accesses,
                it.people
            ])
        })
        .collect();
    println!(
        "{}",
        serde_json::json!({"lists_s": read, "judging_s": judged, "rows": report.totals.rows, "refused": report.totals.refused, "peak": peak, "findings": findings})
    );
}
