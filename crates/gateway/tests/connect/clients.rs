//! The same flow by clients that nobody here wrote: npm's openid-client, and PyPI's Authlib for what it knows.
//!
//! They are fetched when the test runs, as scripts/clients pins them. Where that cannot be done the test says that it did
//! not run; with COUNTERSIGN_CLIENTS=required it fails instead.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::partner_side::{boxes, connected, details, log_in};
use crate::stage::Stage;
use crate::support::{did_not_run, key_of};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/clients");

/// Runs a program while the gateway goes on on other threads.
fn run(command: &mut Command) -> std::io::Result<Output> {
    tokio::task::block_in_place(|| command.stdin(Stdio::null()).output())
}

fn done(command: &mut Command) -> bool {
    run(command).is_ok_and(|output| output.status.success())
}

/// A directory with the scripts in it.
fn copied() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(SCRIPTS).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
        }
    }
    dir
}

fn asked(stage: &Stage) -> Value {
    json!({
        "issuer": stage.public,
        "id": "findr",
        "key": key_of("findr").private_jwk(),
        "details": details(stage),
        "back": "https://findr.example/back",
    })
}

/// These clients read the real clock.
async fn stage() -> Stage {
    #[expect(
        clippy::disallowed_methods,
        reason = "the clients that are tried here read it, too"
    )]
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Stage::at(i64::try_from(now.as_millis()).unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_runs_the_whole_flow() {
    let dir = copied();
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(dir.path());
    if !done(&mut npm) {
        return did_not_run("openid-client: npm ci did not work here");
    }
    let stage = stage().await;
    let told = run_client(
        &stage,
        Command::new("node")
            .arg("connect.mjs")
            .current_dir(dir.path()),
    )
    .await;
    assert_whole(&stage, &told, "dpop");
}

/// That a client got what ada gave, renewed it, asked about it, gave it back, and was refused afterwards.
fn assert_whole(stage: &Stage, told: &Value, token_type: &str) {
    assert_eq!(told["granted"]["token_type"], token_type);
    assert_eq!(
        told["granted"]["authorization_details"][0]["powers"]
            .as_array()
            .unwrap()
            .len(),
        6
    );
    for read in ["first", "second"] {
        assert_eq!(told[read]["status"], 200, "{told}");
        assert!(told[read]["body"]["email"].is_string(), "{told}");
    }
    assert_eq!(told["about"]["active"], true);
    assert_eq!(told["over"]["active"], false);
    assert_eq!(told["third"]["status"], 401, "{told}");
    assert!(stage.connections(&stage.ada).is_empty());
}

/// What a client found, with ada's browser between its two halves.
async fn run_client(stage: &Stage, command: &mut Command) -> Value {
    let mut client = command
        .arg(asked(stage).to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(client.stdout.take().unwrap()).lines();
    let mut line = || tokio::task::block_in_place(|| lines.next());
    let link = line().expect("an address; its errors stand above").unwrap();
    let mut browser = Browser::default();
    let page = log_in(&mut browser, &link, &stage.ada).await;
    let back = browser
        .press(&page, "Yes, as ticked above", &boxes(&page))
        .await;
    let mut stdin = client.stdin.take().unwrap();
    stdin
        .write_all(format!("{}\n", back.address).as_bytes())
        .unwrap();
    let told = line()
        .expect("what it found; its errors stand above")
        .unwrap();
    assert!(client.wait().unwrap().success());
    serde_json::from_str(&told).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authlib_reads_the_metadata_asks_about_a_token_and_gives_it_back() {
    let dir = copied();
    let python = dir.path().join("venv/bin/python");
    let venv = done(
        Command::new("python3")
            .args(["-m", "venv", "venv"])
            .current_dir(dir.path()),
    );
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        "requirements.txt",
    ];
    if !venv || !done(Command::new(&python).args(pip).current_dir(dir.path())) {
        return did_not_run("Authlib: a virtual environment with it could not be made here");
    }
    let stage = stage().await;
    let told = connected(&stage, &stage.ada).await;
    let mut asked = asked(&stage);
    asked["access_token"] = told["access_token"].clone();
    asked["refresh_token"] = told["refresh_token"].clone();
    let mut about = Command::new(&python);
    about
        .args(["about.py", &asked.to_string()])
        .current_dir(dir.path());
    let ran = run(&mut about).unwrap();
    let text = String::from_utf8_lossy(&ran.stdout);
    assert!(
        ran.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (
            told["before"]["active"].as_bool(),
            told["after"]["active"].as_bool()
        ),
        (Some(true), Some(false))
    );
    assert!(stage.connections(&stage.ada).is_empty());
}
