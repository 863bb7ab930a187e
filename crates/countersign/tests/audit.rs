//! `countersign audit`, killed: whatever lies there afterwards under a report's name is a whole report.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The reports that a run is asked for.
const REPORTS: [&str; 3] = ["report.json", "findings.csv", "report.html"];
/// What lay there before.
const FORMER: &str = "the former report";

/// A plan without any agreement, and a log of so many partners that the reports are some megabytes long: writing them
/// takes long enough to be killed at it.
fn plan(dir: &Path) {
    let write = |name: &str, text: &str| fs::write(dir.join(name), text).unwrap();
    write(
        "policy.yaml",
        "categories: [pd:Name]\npower-lapses-after-days: 90\nconnection-quiet-after-days: 180\nconsent-at-most-days: 365\n",
    );
    write(
        "mapping.toml",
        "[columns]\ntime = \"at\"\npartner = \"partner\"\nperson = \"person\"\n[otherwise]\nverb = \"read\"\ncategory = \"pd:Name\"\nreach = \"own\"\npurpose = \"dpv:ServicePersonalisation\"\n",
    );
    write(
        "audit.toml",
        "policy = \"policy.yaml\"\n[[log]]\nmapping = \"mapping.toml\"\nfiles = [\"log.csv\"]\n",
    );
    let mut log = "at,partner,person\n".to_owned();
    for row in 0..14_400 {
        let (partner, month, person) = (row % 600, row / 600 % 12 + 1, row % 997);
        let _ = writeln!(
            log,
            "2025-{month:02}-03T04:05:06Z,partner-{partner},{person}"
        );
    }
    write("log.csv", &log);
}

fn start(dir: &Path, out: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command
        .args(["audit", "--plan"])
        .arg(dir.join("audit.toml"));
    for (flag, name) in ["--json", "--csv", "--html"].iter().zip(REPORTS) {
        command.arg(flag).arg(out.join(name));
    }
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The reports without the moment at which they were made.
fn without_moment(name: &str, text: &str) -> String {
    let timed = |line: &&str| !line.contains("\"made\": ") && !line.contains(">Made ");
    match name {
        "findings.csv" => text.to_owned(),
        _ => text.lines().filter(timed).collect::<Vec<_>>().join("\n"),
    }
}

/// When a round is killed.
#[derive(Clone, Copy, Debug)]
enum When {
    /// After this share of the time that a whole run takes.
    Share(f64),
    /// So soon after anything new lies in the reports' directory: while the first report is written.
    Writing(Duration),
    /// So soon after a report of this name has come: while the next one is made.
    Stands(&'static str, Duration),
}

/// Waits until it is time, or the program has ended.
fn wait(child: &mut Child, out: &Path, whole: Duration, when: When) {
    let began = Instant::now();
    let files = || fs::read_dir(out).unwrap().count();
    let before = files();
    let stamp = |name: &str| {
        fs::metadata(out.join(name))
            .and_then(|it| it.modified())
            .ok()
    };
    let stood = match when {
        When::Stands(name, _) => stamp(name),
        _ => None,
    };
    loop {
        let now = match when {
            When::Share(share) => began.elapsed() >= whole.mul_f64(share),
            When::Writing(_) => files() != before,
            When::Stands(name, _) => stamp(name) != stood,
        };
        if now || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    if let When::Writing(later) | When::Stands(_, later) = when {
        std::thread::sleep(later);
    }
}

#[test]
fn a_killed_audit_leaves_each_report_as_it_was_or_whole() {
    let dir = tempfile::tempdir().unwrap();
    plan(dir.path());
    let out = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let code = start(dir.path(), out.path()).wait().unwrap().code();
    let whole = began.elapsed();
    assert_eq!(code, Some(1), "findings");
    let read = |dir: &Path, name: &str| fs::read_to_string(dir.join(name)).ok();
    let expected = REPORTS.map(|name| without_moment(name, &read(out.path(), name).unwrap()));
    assert!(expected[0].len() > 1_000_000, "{} bytes", expected[0].len());

    let micros = Duration::from_micros;
    let mut rounds: Vec<When> = [0.05, 0.3, 0.5, 0.7, 0.8, 0.9].map(When::Share).to_vec();
    rounds.extend([0, 300, 1_000, 3_000, 10_000].map(|at| When::Writing(micros(at))));
    rounds.extend([0, 500, 2_000].map(|at| When::Stands("report.json", micros(at))));
    rounds.extend([0, 2_000].map(|at| When::Stands("findings.csv", micros(at))));
    let (mut killed, mut unfinished, mut met) = (0, 0, Vec::new());
    for (round, when) in rounds.into_iter().enumerate() {
        let out = tempfile::tempdir().unwrap();
        let former = round % 2 == 0;
        if former {
            REPORTS
                .iter()
                .for_each(|name| fs::write(out.path().join(name), FORMER).unwrap());
        }
        let mut child = start(dir.path(), out.path());
        wait(&mut child, out.path(), whole, when);
        // SIGKILL: nothing of the program's own runs after it.
        let _ = child.kill();
        killed += usize::from(child.wait().unwrap().code().is_none());
        let mut standing = Vec::new();
        for (name, expected) in REPORTS.iter().zip(&expected) {
            match read(out.path(), name) {
                None => assert!(!former, "{when:?}: the former {name} is gone"),
                Some(text) if former && text == FORMER => {}
                Some(text) => {
                    standing.push(*name);
                    assert!(
                        without_moment(name, &text) == *expected,
                        "{when:?}: {name} is half a report of {} bytes",
                        text.len()
                    );
                }
            }
        }
        unfinished += usize::from(others(out.path()).next().is_some());
        met.push((when, standing));
    }
    println!("{killed} killed, {unfinished} with an unfinished file beside the reports: {met:#?}");
    assert!(
        killed >= 6,
        "the program had ended before it was killed: {met:#?}"
    );
}

/// What lies there under other names than the reports'.
fn others(out: &Path) -> impl Iterator<Item = PathBuf> {
    let all = fs::read_dir(out).unwrap().map(|it| it.unwrap().path());
    all.filter(|path| !REPORTS.iter().any(|name| path.ends_with(name)))
}
