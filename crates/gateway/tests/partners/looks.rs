//! The pages in a real browser, by `scripts/pages/check.mjs`. Where it cannot run the test says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::browser::Browser;
use crate::partner_side::{link, officer_inside, version};
use crate::public::promise;
use crate::stage::{Stage, officer_key};

/// What the script ends with when it cannot run here.
pub(crate) const NOT_HERE: i32 = 3;

/// Says that something outside is missing; an error where it must not be.
pub(crate) fn did_not_run(what: &str) {
    let required = std::env::var("COUNTERSIGN_CLIENTS").is_ok_and(|value| value == "required");
    assert!(!required, "did not run: {what}");
    println!("DID NOT RUN: {what}");
}

/// Wide and narrow, light and dark: nothing loaded, nothing over the edge, nothing serious found by axe-core.
pub(crate) fn look_at(files: &[PathBuf]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/pages/check.mjs");
    let mut node = Command::new("node");
    node.arg(script);
    if let Some(shots) = std::env::var_os("COUNTERSIGN_SHOTS") {
        node.arg("--shots").arg(shots);
    }
    let Ok(ran) = tokio::task::block_in_place(|| node.args(files).output()) else {
        return did_not_run("the pages in a browser: there is no node");
    };
    let says =
        String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    if ran.status.code() == Some(NOT_HERE) {
        return did_not_run(&says);
    }
    assert!(ran.status.success(), "{says}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_public_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let stage = Stage::new().await;
    stage.offer("findr", 2).await;
    stage
        .take(promise(
            "no-contacts",
            "absolute",
            "scope:\n  reaches: [contact]\n",
        ))
        .await;
    stage
        .take(promise("complete-control", "not-judgeable", "scope: {}\n"))
        .await;
    stage
        .take(promise(
            "since-2015",
            "dated",
            "from: 2015-05-01T00:00:00Z\nscope:\n  reaches: [friend]\n  verbs: [read]\n",
        ))
        .await;
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (name, page) in [
        ("public", "/public"),
        ("partners", "/public/partners"),
        ("partner", "/public/partners/findr"),
        ("agreement", "/public/agreements/findr-friends/1"),
        ("promises", "/public/promises"),
        ("ledger", "/public/ledger"),
    ] {
        let path = dir.path().join(format!("{name}.html"));
        std::fs::write(&path, stage.get(page).await.body).unwrap();
        files.push(path);
    }
    look_at(&files);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_partners_desk_is_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let stage = Stage::new().await;
    stage.offer("findr", 2).await;
    let enter = link(&stage, "findr", &officer_key("findr")).await;
    let enter = Browser::default().follow(&enter).await;
    let (mut browser, desk) = officer_inside(&stage, "findr").await;
    let to_sign = version(&stage, &mut browser, "findr", 2).await;
    let governs = version(&stage, &mut browser, "findr", 1).await;
    let calls = browser
        .follow(&format!("{}/partner/calls", stage.public))
        .await;
    let outside = Browser::default()
        .follow(&format!("{}/partner", stage.public))
        .await;
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (name, page) in [
        ("enter", enter),
        ("partner-desk", desk),
        ("to-sign", to_sign),
        ("governs", governs),
        ("calls", calls),
        ("outside", outside),
    ] {
        let path = dir.path().join(format!("{name}.html"));
        std::fs::write(&path, &page.told().body).unwrap();
        files.push(path);
    }
    look_at(&files);
}
