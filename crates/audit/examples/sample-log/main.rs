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
                it.people,
                it.first.map(|at| at.0),
                it.last.map(|at| at.0),
            ])
        })
        .collect();
    println!(
        "{}",
        serde_json::json!({
            "program": "countersign audit",
            "lists_s": read,
            "judging_s": judged,
            "cpu_s": processor_seconds(),
            "rows": report.totals.rows,
            "refused": report.totals.refused,
            "peak_kb": peak_kb(),
            "findings": findings,
        })
    );
}

/// What this process has had of the processors so far, in user mode and in the kernel.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 14 and 15, in hundredths of a second; the name before them may hold blanks, and ends with a bracket.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks.filter_map(|it| it.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory that this process has had at once.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    peak.and_then(|it| it.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0)
}
