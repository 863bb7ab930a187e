//! People's pages in a real browser, by `scripts/pages/check.mjs`: wide and narrow, light and dark, nothing loaded, nothing
//! over the edge, nothing serious found by axe-core. Where it cannot run the test says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::browser::{At, Browser};
use crate::partner_side::{asked, connected, log_in};
use crate::stage::Stage;
use crate::support::did_not_run;

/// What the script ends with when it cannot run here.
const NOT_HERE: i32 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let asks = asked(&stage, &mut browser, &stage.ada).await;
    connected(&stage, &stage.bert).await;
    let desk = log_in(
        &mut Browser::default(),
        &format!("{}/desk", stage.public),
        &stage.bert,
    )
    .await;
    let lost = browser
        .follow(&format!("{}/oauth/authorize", stage.public))
        .await;

    let dir = tempfile::tempdir().unwrap();
    let kept = |name: &str, at: &At| -> PathBuf {
        let path = dir.path().join(name);
        std::fs::write(&path, &at.told().body).unwrap();
        path
    };
    let files = [
        kept("consent.html", &asks),
        kept("desk.html", &desk),
        kept("lost.html", &lost),
    ];
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
