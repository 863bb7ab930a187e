//! People's pages in a real browser, by `scripts/pages/check.mjs`: wide and narrow, light and dark, nothing loaded, nothing
//! over the edge, nothing serious found by axe-core. Where it cannot run the test says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::browser::{At, Browser};
use crate::desk::consented;
use crate::partner_side::{asked, connected, log_in, read};
use crate::stage::Stage;
use crate::support::did_not_run;

/// What the script ends with when it cannot run here.
const NOT_HERE: i32 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let asks = asked(&stage, &mut browser, &stage.ada).await;
    // Somebody of whom much can be told: as themselves and through a friend, with something new, refused and closed.
    let of_ada = connected(&stage, &stage.ada).await;
    connected(&stage, &stage.cleo).await;
    consented(&stage, &stage.cleo).await;
    let token = of_ada["access_token"].as_str().unwrap();
    read(&stage, token, "/v1/people/me/friends?limit=100").await;
    stage.pass(86_400);
    let of_cleo = connected(&stage, &stage.cleo).await;
    let token = of_cleo["access_token"].as_str().unwrap();
    for _ in 0..3 {
        read(&stage, token, "/v1/people/me").await;
    }
    let mut cleo = Browser::saying("sec-gpc", "1");
    let desk = log_in(&mut cleo, &format!("{}/desk", stage.public), &stage.cleo).await;
    let disclosed = cleo
        .follow(&format!("{}/desk/disclosed", stage.public))
        .await;
    let record = cleo.follow(&format!("{}/desk/record", stage.public)).await;
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
        kept("disclosed.html", &disclosed),
        kept("record.html", &record),
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
