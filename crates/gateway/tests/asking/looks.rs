//! The pages in a real browser, by `scripts/pages/check.mjs`, as tests/connect does it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::browser::{At, Browser};
use crate::scene::Play;
use crate::support::did_not_run;

/// What the script ends with when it cannot run here.
const NOT_HERE: i32 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let play = Play::new().await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.connects_and_is_read(&play.stage.bert, "reelbox").await;
    play.days(31).await;
    let mut browser = Browser::default();
    let all = play.asked(&mut browser, &play.cleo).await;
    let one = browser.follow(&play.address("findr", 2)).await;
    let muted = play
        .answers(&mut browser, 2, "Never ask me about Findr")
        .await;
    for page in [&all, &one, &muted] {
        let body = &page.told().body;
        assert!(body.len() < 100_000, "{} bytes", body.len());
        assert!(!body.contains("<script"));
    }

    let dir = tempfile::tempdir().unwrap();
    let kept = |name: &str, at: &At| -> PathBuf {
        let path = dir.path().join(name);
        std::fs::write(&path, &at.told().body).unwrap();
        path
    };
    let files = [
        kept("asked.html", &all),
        kept("asks.html", &one),
        kept("muted.html", &muted),
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
