//! Keeping a deployment: copies made while the gateway serves, put back, and what is refused until somebody accepts a
//! loss by name; and what `doctor` says of all that can be wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests may fail loudly"
)]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use support::{CONFIGURATION, Desk, Ran};

const CONFIG: [&str; 2] = ["--config", "here/countersign.toml"];

/// A child that does not outlive the test.
struct Running(Child);

impl Running {
    fn start(desk: &Desk, args: &[&str]) -> Running {
        let child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .args(args)
            .current_dir(desk.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Running(child)
    }

    fn stop(mut self) -> Option<i32> {
        let id = self.0.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
        self.0.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A demo that stays up in `here`.
fn demo(desk: &Desk) -> Running {
    let mut demo = Running::start(desk, &["demo", "--people", "300", "--dir", "here"]);
    let out = BufReader::new(demo.0.stdout.take().unwrap());
    let up = |line: std::io::Result<String>| line.unwrap().contains("It stays up");
    assert!(out.lines().any(up));
    demo
}

fn call(desk: &Desk) -> Ran {
    desk.run(&[
        "call",
        "--dir",
        "here",
        "--partner",
        "findr",
        "/v1/people/me/friends?limit=3",
        "--format",
        "json",
    ])
}

fn with_config(desk: &Desk, args: &[&str]) -> Ran {
    desk.run(&[args, &CONFIG, &["--format", "json"]].concat())
}

/// What a finding of `doctor` says about something, by its state.
fn finding<'a>(said: &'a Value, about: &str, state: &str) -> Vec<&'a str> {
    let all = said["findings"].as_array().unwrap();
    all.iter()
        .filter(|finding| finding["about"] == about && finding["state"] == state)
        .map(|finding| finding["what"].as_str().unwrap())
        .collect()
}

fn text_of(values: &[&str]) -> String {
    values.join("\n")
}

#[test]
fn a_copy_made_under_load_is_put_back_and_what_it_lacks_has_to_be_accepted_by_number_and_name() {
    let desk = Desk::before_init();
    let running = demo(&desk);
    // A copy while three partners' calls go on.
    let (stop, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    let copied = std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    assert_eq!(call(&desk).code, 0);
                    calls.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        while calls.load(Ordering::SeqCst) < 3 {
            std::thread::sleep(Duration::from_millis(20));
        }
        let copied = with_config(&desk, &["backup", "--to", "copy"]);
        let during = calls.load(Ordering::SeqCst);
        while calls.load(Ordering::SeqCst) < during + 3 {
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::SeqCst);
        copied
    });
    assert_eq!(copied.code, 0, "{}", copied.err);
    let copied = copied.json();
    let entries = |log: &str| copied["backup"][log]["entries"].as_u64().unwrap();
    assert!(
        entries("ledger") >= 3 && entries("register") > 100,
        "{copied}"
    );
    // Something is taken away after it.
    let ended = desk.run(&[&["agreement", "end", "findr-search"][..], &CONFIG].concat());
    assert_eq!(ended.code, 0, "{}", ended.err);
    // Beside the running gateway nothing is wrong, and the copy can be checked.
    let well = with_config(&desk, &["doctor", "--deep"]);
    let said = well.json();
    assert_eq!(well.code, 0, "{}{}", well.out, well.err);
    assert!(text_of(&finding(&said, "ledger", "well")).contains("in use by process"));
    assert!(
        text_of(&finding(&said, "platform", "well")).contains("JSON"),
        "{said}"
    );
    let breach = [
        "breach",
        "--from",
        "2020-01-01T00:00:00Z",
        "--until",
        "2100-01-01T00:00:00Z",
        "--partner",
        "findr",
    ];
    let left = with_config(&desk, &breach).json();
    let made = calls.load(Ordering::SeqCst) as u64;
    assert!(
        left["report"]["answers"].as_u64().unwrap() >= made,
        "{left}"
    );
    // The end is durable when it was answered; the anchor learns of it with the next checkpoint.
    let checked = (0..200)
        .map(|_| with_config(&desk, &["restore", "--check", "--from", "copy"]))
        .inspect(|_| std::thread::sleep(Duration::from_millis(20)))
        .find(|checked| checked.json()["register"]["lost"] != 0)
        .unwrap();
    let said = checked.json();
    assert_eq!(
        (checked.code, &said["put-back"]),
        (1, &Value::Bool(false)),
        "{}",
        checked.err
    );
    assert_eq!(said["register"]["lost"], 1, "{said}");
    let mut running = running;
    drop(running.0.stdout.take());
    assert_eq!(running.stop(), Some(0));

    // Nothing is put over what is there.
    let refused = with_config(&desk, &["restore", "--from", "copy"]);
    assert_eq!(refused.code, 73, "{}", refused.err);
    for log in ["register", "ledger"] {
        fs::rename(
            desk.path().join("here").join(log),
            desk.path().join(format!("lost-{log}")),
        )
        .unwrap();
    }
    let back = with_config(&desk, &["restore", "--from", "copy"]);
    let said = back.json();
    assert_eq!(
        (back.code, &said["put-back"]),
        (1, &Value::Bool(true)),
        "{}",
        back.err
    );
    let lost = |log: &str| said[log]["lost"].as_u64().unwrap();
    assert!(lost("register") >= 1 && lost("ledger") >= 3, "{said}");

    // The gateway does not start on it, and says which command there is for it.
    let start = || desk.run(&[&["serve"][..], &CONFIG].concat());
    let refused = start();
    assert_eq!(refused.code, 74);
    assert!(
        refused.err.contains("this is an old copy of the log")
            && refused.err.contains("accept-loss"),
        "{}",
        refused.err
    );
    let sick = with_config(&desk, &["doctor", "--offline"]);
    assert_eq!(sick.code, 1);
    assert!(text_of(&finding(&sick.json(), "register", "wrong")).contains("old copy of the log"));

    // A wrong number, or one too few, is no acceptance.
    let [register, ledger] = ["register", "ledger"].map(|log| entries(log).to_string());
    let accept = |numbers: &[&str]| {
        with_config(
            &desk,
            &[&["accept-loss", "--by", "Greta"][..], numbers].concat(),
        )
    };
    for wrong in [
        vec!["--register", "7", "--ledger", &ledger],
        vec!["--register", &register],
        vec!["--ledger", &ledger],
    ] {
        let ran = accept(&wrong);
        assert_eq!(ran.code, 2, "{wrong:?}: {}", ran.err);
        assert!(ran.err.contains("look for a newer copy"), "{}", ran.err);
    }
    assert_eq!(start().code, 74, "nothing was accepted by that");
    let accepted = accept(&["--register", &register, "--ledger", &ledger]);
    assert_eq!(accepted.code, 0, "{}", accepted.err);
    let said = accepted.json();
    // The copy is of before its end, so findr's agreement is in force again in it: it must not be.
    assert!(
        said["suspended"]
            .as_array()
            .unwrap()
            .contains(&"findr-search".into()),
        "{said}"
    );
    for former in said["kept"].as_array().unwrap() {
        let former = former
            .as_str()
            .unwrap()
            .replace("here/", &format!("{}/here/", desk.path().display()));
        assert!(Path::new(&former).exists(), "{former}");
        let note = fs::read_to_string(format!("{former}.accepted")).unwrap();
        assert!(
            note.contains("\nby Greta\n") && note.contains("\nversion 1\n"),
            "{note}"
        );
    }
    let again = accept(&["--register", &register, "--ledger", &ledger]);
    assert_eq!(again.code, 2, "there is no loss any more: {}", again.err);

    let serving = Running::start(&desk, &[&["serve"][..], &CONFIG].concat());
    let up = (0..300).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        let ran = call(&desk);
        (ran.code != 69).then_some(ran)
    });
    let up = up.unwrap();
    assert_eq!(up.code, 1, "suspended: {}{}", up.out, up.err);
    let well = with_config(&desk, &["doctor", "--deep", "--offline"]);
    assert_eq!(well.code, 0, "{}", well.out);
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn a_copy_that_was_altered_or_is_not_whole_is_not_put_back() {
    let desk = Desk::after_init();
    let config = ["--config", "countersign.toml"];
    desk.ok(&[&["backup", "--to", "copy"][..], &config].concat());
    let check = || desk.run(&[&["restore", "--check", "--from", "copy"][..], &config].concat());
    let whole = check();
    assert_eq!(whole.code, 0, "{}", whole.err);
    let manifest = desk.read("copy/backup.json");
    desk.write(
        "copy/backup.json",
        &manifest.replace("\"version\": 1", "\"version\": 2"),
    );
    let newer = check();
    assert_eq!(newer.code, 65);
    assert!(
        newer.err.contains("format version 2, this program knows 1"),
        "{}",
        newer.err
    );
    desk.write(
        "copy/backup.json",
        &manifest.replace("\"entries\": 1", "\"entries\": 2"),
    );
    let other = check();
    assert_eq!(other.code, 1);
    assert!(
        other.err.contains("but the copy was made of 2"),
        "{}",
        other.err
    );
    desk.write("copy/backup.json", &manifest);
    let segment = desk
        .path()
        .join("copy/register/log/wal/0000000000000001.wal");
    let bytes = fs::read(&segment).unwrap();
    for at in [70, bytes.len() / 2] {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        fs::write(&segment, flipped).unwrap();
        assert_eq!(check().code, 1, "a flipped bit at {at}");
    }
    fs::write(&segment, &bytes).unwrap();
    fs::remove_file(desk.path().join("copy/backup.json")).unwrap();
    let half = check();
    assert_eq!(half.code, 66);
    assert!(half.err.contains("no whole copy"), "{}", half.err);
    let over = desk.run(&[&["backup", "--to", "copy"][..], &config].concat());
    assert_eq!(over.code, 73, "{}", over.err);
}

#[test]
fn doctor_names_what_is_wrong_and_what_to_do() {
    let desk = Desk::after_init();
    desk.write(
        "countersign.toml",
        &CONFIGURATION.replace(
            "signing-key = \"keys/ledger.key\"",
            "signing-key = \"keys/ledger.key\"\nanchor = \"anchors/ledger\"",
        ),
    );
    let doctor = |more: &[&str]| {
        let args = [
            &["doctor", "--config", "countersign.toml", "--format", "json"][..],
            more,
        ]
        .concat();
        let ran = desk.run(&args);
        (ran.code, ran.json())
    };
    // No anchor is there yet although one is configured; nobody listens where the platform should be.
    let (code, said) = doctor(&[]);
    assert_eq!(code, 1, "{said}");
    assert!(text_of(&finding(&said, "ledger", "wrong")).contains("no anchor there"));
    assert!(text_of(&finding(&said, "platform", "wrong")).contains("could not be reached"));
    assert!(text_of(&finding(&said, "register", "note")).contains("no anchor is configured"));
    assert!(text_of(&finding(&said, "certificate", "note")).contains("plaintext"));
    assert!(finding(&said, "secrets", "wrong").is_empty());
    // Made right, it is well.
    fs::create_dir_all(desk.path().join("anchors")).unwrap();
    fs::copy(
        desk.path().join("ledger/checkpoint"),
        desk.path().join("anchors/ledger"),
    )
    .unwrap();
    let (code, said) = doctor(&["--offline", "--deep"]);
    assert_eq!(code, 0, "{said}");
    assert!(text_of(&finding(&said, "ledger", "note")).contains("same file system"));
    // A key that others can read; a log that is gone; no room to be kept.
    let key = desk.path().join("keys/cursor.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    fs::rename(desk.path().join("ledger"), desk.path().join("gone")).unwrap();
    let storage = format!(
        "{}\n[storage]\nkeep-free = \"90000000MiB\"\n",
        desk.read("countersign.toml")
    );
    desk.write("countersign.toml", &storage);
    let (code, said) = doctor(&["--offline"]);
    assert_eq!(code, 1);
    assert!(text_of(&finding(&said, "secrets", "wrong")).contains("cursor.key (mode 644)"));
    assert!(text_of(&finding(&said, "ledger", "wrong")).contains("no directory"));
    assert!(text_of(&finding(&said, "register", "wrong")).contains("are to be kept free"));
    let human = desk.run(&["doctor", "--config", "countersign.toml", "--offline"]);
    assert!(
        human.out.contains("to do: chmod 600") && human.out.contains("things are wrong."),
        "{}",
        human.out
    );
    assert_eq!(desk.run(&["doctor", "--config", "nowhere.toml"]).code, 78);
}
