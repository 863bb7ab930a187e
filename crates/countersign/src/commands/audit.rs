//! `audit`: access logs that some other system wrote, judged by the rule.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use audit::report::{Outcome, Place, Report};
use audit::{PlanError, Progress as So};
use serde_json::json;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, Table, print, print_json, thousands};
use crate::progress::Progress;
use crate::surroundings::now;

/// Judges, writes what was asked for, and ends with what it came to.
pub(crate) fn audit(args: &args::Audit, format: Format) -> Result<Exit, Failure> {
    let progress = Mutex::new(Progress::new(false));
    let audit = audit::open(&args.plan).map_err(|error| match &error {
        PlanError::Unreadable { .. } => Exit::NoInput.because(error),
        PlanError::Document(_) | PlanError::Unsound(_) | PlanError::Mapping(_) => {
            Exit::Document.because(error)
        }
    })?;
    let done = |text: &str| {
        progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .done(text)
    };
    done("documents and lists are read");
    let began = Instant::now();
    let told = |so: So| {
        progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .at(far(so, began))
    };
    let report = audit
        .run(usize::from(args.threads), now(), &told)
        .map_err(|error| Exit::Internal.because(error))?;
    done(&format!(
        "{} rows are judged",
        thousands(report.totals.rows)
    ));
    if let Some(path) = &args.json {
        write(path, format!("{:#}\n", json!(report)).as_bytes())?;
    }
    if let Some(path) = &args.csv {
        write(
            path,
            &audit::csv(&report).map_err(|error| Exit::Internal.because(error))?,
        )?;
    }
    if let Some(path) = &args.html {
        write(
            path,
            audit::html(&report)
                .map_err(|error| Exit::Internal.because(error))?
                .as_bytes(),
        )?;
    }
    match format {
        Format::Json => print_json(&json!(report))?,
        Format::Plain => print(&findings(&report).text(format))?,
        Format::Human => print(&summary(&report))?,
    }
    Ok(match report.outcome() {
        Outcome::Clean => Exit::Done,
        Outcome::Findings => Exit::No,
        Outcome::NotJudged => Exit::NotJudged,
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    audit::whole(path, bytes).map_err(|error| Exit::Io.at(path, error))
}

/// The logs are read twice; the second reading, which judges, takes about four times as long.
fn far(so: So, began: Instant) -> String {
    let share = |part: u64, of: u64| {
        if of == 0 {
            1.0
        } else {
            (part as f64 / of as f64).min(1.0)
        }
    };
    let read = share(so.bytes, so.of);
    let all = if so.reading == 1 {
        read * 0.2
    } else {
        0.2 + read * 0.8
    };
    let seconds = began.elapsed().as_secs_f64();
    let left = if all > 0.01 {
        format!("{:.0} s left", seconds * (1.0 - all) / all)
    } else {
        String::new()
    };
    let rate = so.bytes as f64 / 1e6 / seconds.max(0.001);
    let what = if so.reading == 1 {
        "when what was used"
    } else {
        "judging"
    };
    format!(
        "{what}: {:.0} %, {} rows, {rate:.0} MB/s, {left}",
        read * 100.0,
        thousands(so.rows)
    )
}

fn summary(report: &Report) -> String {
    let totals = &report.totals;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} rows: {} permitted ({} of them with an open question), {} refused, {} not judged\n{} people, {} partners",
        thousands(totals.rows),
        thousands(totals.permitted),
        thousands(totals.open),
        thousands(totals.refused),
        thousands(totals.not_judged),
        thousands(totals.people),
        thousands(totals.partners)
    );
    if let Some(period) = &report.period {
        let _ = writeln!(text, "from {} to {}", period.first, period.last);
    }
    if report.findings.is_empty() {
        text.push_str("\nNothing was found.\n");
    } else {
        let _ = write!(
            text,
            "\nFindings; a row can stand in several\n\n{}",
            findings(report).text(Format::Human)
        );
    }
    open_and_lost(report, &mut text);
    text
}

fn findings(report: &Report) -> Table {
    let mut table = Table::new(
        &[
            "partner", "act", "finding", "accesses", "people", "first", "last",
        ],
        &[3, 4],
    );
    for finding in &report.findings {
        let mut what = finding.kind.to_string();
        if let Some(words) = &finding.words {
            let _ = write!(
                what,
                "\n{} ({}, {})\n{}",
                words.promise, words.made, words.address, words.summary
            );
        }
        let day = |at: Option<decide::Time>| at.map(|at| at.day().to_string()).unwrap_or_default();
        table.row(vec![
            finding.partner.to_string(),
            finding.act.to_string(),
            what,
            thousands(finding.accesses),
            thousands(finding.people),
            day(finding.first),
            day(finding.last),
        ]);
    }
    table
}

fn open_and_lost(report: &Report, text: &mut String) {
    if !report.open.is_empty() {
        let mut table = Table::new(&["open question", "partner", "act", "accesses"], &[3]);
        for open in &report.open {
            let cells = [
                open.question.to_string(),
                open.partner.to_string(),
                open.act.to_string(),
            ];
            table.row([cells.to_vec(), vec![thousands(open.accesses)]].concat());
        }
        let _ = write!(text, "\n{}", table.text(Format::Human));
    }
    let place = |place: &Place| match place.line {
        Some(line) => format!("{}:{line}", place.file),
        None => place.file.clone(),
    };
    if !report.not_judged.is_empty() {
        let mut table = Table::new(&["not judged, because", "rows", "first places"], &[1]);
        for lost in &report.not_judged {
            let places: Vec<String> = lost.places.iter().map(place).collect();
            let rows = if lost.rows == 0 {
                "?".to_owned()
            } else {
                thousands(lost.rows)
            };
            table.row(vec![lost.reason.clone(), rows, places.join("\n")]);
        }
        let _ = write!(text, "\n{}", table.text(Format::Human));
    }
    for remark in &report.remarks {
        let _ = writeln!(
            text,
            "\n{}: {} ({} times)",
            place(&remark.place),
            remark.what,
            thousands(remark.times)
        );
    }
}
