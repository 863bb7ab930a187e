//! The same flow by clients that nobody here wrote: npm's openid-client and the crate huskarl do all of it, PyPI's Authlib
//! what it knows.
//!
//! They are fetched when the test runs, as scripts/clients pins them. Where that cannot be done the test says that it did
//! not run; with COUNTERSIGN_CLIENTS=required, which scripts/browser-tests sets, it fails instead. Ada answers by the
//! scripted browser of these tests, and once more in Chromium.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::partner_side::{BACK, boxes, connected, details, log_in};
use super::stage::{Scene, Stage};
use crate::support::browser::Browser;
use crate::support::{did_not_run, key_of, pages};

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
        "back": BACK,
    })
}

/// These clients read the real clock.
fn now() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "the clients that are tried here read it, too"
    )]
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

/// A stage whose clock goes as theirs does, configured further.
async fn stage(more: &str) -> Stage {
    let scene = Scene {
        begins: now(),
        more: more.to_owned(),
        ..Scene::default()
    };
    let stage = Stage::set(scene).await;
    stage.go_by(now);
    stage
}

/// openid-client, ready to be started; `None` where it cannot be had, which has been said.
fn openid_client(dir: &Path) -> Option<Command> {
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(dir);
    if !done(&mut npm) {
        did_not_run("openid-client: npm ci did not work here");
        return None;
    }
    let mut node = Command::new("node");
    node.arg("connect.mjs").current_dir(dir);
    Some(node)
}

/// huskarl, ready to be started; `None` where its crates cannot be had, which has been said. Once they are there it has to
/// build: what compiled this test compiles it, too.
fn huskarl() -> Option<Command> {
    let cargo = |what: &str| {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo
            .args([what, "--locked"])
            .current_dir(Path::new(SCRIPTS).join("huskarl"))
            // Kept between runs, and apart from what the test itself was built of.
            .env(
                "CARGO_TARGET_DIR",
                concat!(env!("CARGO_TARGET_TMPDIR"), "/huskarl"),
            );
        cargo
    };
    if !done(cargo("fetch").args(["--target", "host-tuple"])) {
        did_not_run("huskarl: its crates could not be fetched here");
        return None;
    }
    let built = run(cargo("build").arg("--offline")).unwrap();
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "huskarl: {said}");
    let mut started = cargo("run");
    started.args(["--offline", "--quiet", "--"]);
    Some(started)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn openid_client_runs_the_whole_flow() {
    let dir = copied();
    let Some(mut client) = openid_client(dir.path()) else {
        return;
    };
    let stage = stage("").await;
    let told = run_client(&stage, &mut client, scripted).await;
    assert_whole(&stage, &told, "dpop");
}

/// Discovery, pushed request, code, tokens, proofs, renewal, revocation and what to do about a refusal are huskarl's own. It
/// has no client for introspection: scripts/clients/huskarl writes that form and reads that answer itself, with huskarl's
/// assertion and transport. Proofs must carry a nonce here, so it also does as it is told by `use_dpop_nonce`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn huskarl_runs_the_whole_flow_and_takes_up_nonces() {
    let Some(mut client) = huskarl() else {
        return;
    };
    let stage = stage("[tokens]\nnonce = true").await;
    let told = run_client(&stage, &mut client, scripted).await;
    assert_whole(&stage, &told, "DPoP");
    // Told that its token is none, it tried to renew it, and knows that only ada can help.
    assert_eq!(told["renewed"], "Reauthenticate");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a browser: run scripts/browser-tests"]
async fn both_run_it_with_consent_given_in_chromium() {
    let dir = copied();
    let both = [(openid_client(dir.path()), "dpop"), (huskarl(), "DPoP")];
    for (client, token_type) in both {
        let mut client =
            client.expect("scripts/browser-tests demands it; what is missing was said");
        let stage = stage("").await;
        let told = run_client(&stage, &mut client, in_chromium).await;
        assert_whole(&stage, &told, token_type);
    }
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

/// Ada says yes to everything in the browser of these tests; the address that she is sent back to.
async fn scripted(stage: &Stage, link: &str) -> String {
    let mut browser = Browser::default();
    let page = log_in(&mut browser, link, &stage.ada).await;
    let all = boxes(&page);
    let back = browser.press(&page, "Yes, as ticked above", &all).await;
    back.address
}

/// The same in headless Chromium.
async fn in_chromium(stage: &Stage, link: &str) -> String {
    let ran = pages::run("consent.mjs", [link, &stage.ada, BACK]);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    text(&ran.stdout).trim().to_owned()
}

/// What a client found, with ada's answer between its two halves.
async fn run_client(
    stage: &Stage,
    command: &mut Command,
    answers: impl AsyncFnOnce(&Stage, &str) -> String,
) -> Value {
    let mut client = command
        .arg(asked(stage).to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(client.stdout.take().unwrap()).lines();
    let mut line = || tokio::task::block_in_place(|| lines.next());
    let link = line().expect("an address; its errors stand above").unwrap();
    let back = answers(stage, &link).await;
    let mut stdin = client.stdin.take().unwrap();
    stdin.write_all(format!("{back}\n").as_bytes()).unwrap();
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
    let stage = stage("").await;
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
