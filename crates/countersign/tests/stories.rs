//! The demo, gone through by clicking: people, partners' sites and desks in a real browser, by keyboard alone
//! (`scripts/pages/stories.mjs`). Needs node, npm and Chromium, so it is not among the ordinary tests: `scripts/browser-tests`
//! installs what it needs and runs it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail loudly"
)]

mod support;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A demo that does not outlive the test.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "needs a browser: run scripts/browser-tests"]
fn the_stories_hold_in_a_real_browser_by_keyboard_alone() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("demo");
    let demo = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["demo", "--people", "600", "--dir"])
        .arg(&place)
        .stdout(Stdio::null())
        .spawn();
    let _demo = Demo(demo.unwrap());
    // The last file that the demo writes before it stays up for everybody.
    let left = place.join("demo.json");
    let there = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(200));
        left.exists()
    });
    assert!(there, "the demo did not come up");
    let mut node = Command::new("node");
    node.arg(support::repository().join("scripts/pages/stories.mjs"));
    if let Some(shots) = std::env::var_os("COUNTERSIGN_SHOTS") {
        node.arg("--shots").arg(shots);
    }
    node.arg(env!("CARGO_BIN_EXE_countersign")).arg(&place);
    let ran = node.output().unwrap();
    let told = String::from_utf8_lossy(&ran.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{told}{wrong}");
    println!("{told}");
}
