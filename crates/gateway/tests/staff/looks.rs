//! The desk's pages in a real browser, by `scripts/pages/check.mjs`: wide and narrow, light and dark, nothing loaded, nothing
//! over the edge, nothing serious found by axe-core. Where it cannot run the test says so, and fails where
//! `COUNTERSIGN_CLIENTS` demands it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::browser::At;
use crate::stage::{NAMES, Stage, Visitor, agreement};

/// What the script ends with when it cannot run here.
const NOT_HERE: i32 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let stage = Stage::new().await;
    let promise = "promise: no-friends\nmade: 2015-04-30\nsummary: Apps no longer see your friends.\n\
        address: https://sample.example/news\nform: absolute\nscope:\n  reaches: [friend]\n";
    stage.sign(1, &NAMES).await;
    stage.ok("stella", "POST", "/promises", promise).await;
    let next = [
        ("pd:Name", "own"),
        ("pd:Name", "friend"),
        ("pd:EmailAddress", "own"),
    ];
    stage
        .ok("stella", "POST", "/drafts", &agreement(2, &next))
        .await;
    let (mut stella, mut rhea) = (
        Visitor::new(&stage, "stella").await,
        Visitor::new(&stage, "rhea").await,
    );
    let dir = tempfile::tempdir().unwrap();
    let kept = |name: &str, at: &At| -> PathBuf {
        let path = dir.path().join(format!("{name}.html"));
        std::fs::write(&path, &at.told().body).unwrap();
        path
    };
    let mut files = Vec::new();
    for (name, path) in PAGES {
        files.push(kept(name, &stella.open(path).await));
    }
    let proposal = crate::proposals::propose(&stage, crate::proposals::WORDS).await;
    let digest = crate::proposals::receipt(&proposal);
    let path = format!("/desk/proposals/{digest}");
    files.push(kept("steward-proposal", &stella.open(&path).await));
    let mut nobody = crate::browser::Browser::default();
    let public = format!("http://{}/public/promises/propose", stage.world.address);
    files.push(kept("propose", &nobody.follow(&public).await));
    let reviewing = rhea.open("/desk/agreements/findr-friends").await;
    files.push(kept("steward-review", &reviewing));
    let sheet = stella.open("/desk/draft").await;
    let wrong = stella
        .fill(&sheet, "/desk/draft", &[("document", "x")])
        .await;
    files.push(kept("steward-wrong", &wrong));

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/pages/check.mjs");
    let mut node = Command::new("node");
    node.arg(script);
    if let Some(shots) = std::env::var_os("COUNTERSIGN_SHOTS") {
        node.arg("--shots").arg(shots);
    }
    let Ok(ran) = tokio::task::block_in_place(|| node.args(files).output()) else {
        return did_not_run("there is no node");
    };
    let says =
        String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    if ran.status.code() == Some(NOT_HERE) {
        return did_not_run(&says);
    }
    assert!(ran.status.success(), "{says}");
}

const PAGES: [(&str, &str); 7] = [
    ("steward-login", "/login"),
    ("steward-overview", "/desk"),
    ("steward-agreement", "/desk/agreements/findr-friends"),
    ("steward-draft", "/desk/draft"),
    ("steward-history", "/desk/history"),
    ("steward-renewals", "/desk/renewals"),
    ("steward-promises", "/desk/promises"),
];

fn did_not_run(what: &str) {
    let required = std::env::var("COUNTERSIGN_CLIENTS").is_ok_and(|value| value == "required");
    assert!(!required, "did not run: {what}");
    println!("DID NOT RUN: {what}");
}
