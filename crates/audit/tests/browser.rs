//! The pages in a real browser: nothing is loaded, nothing hangs over the edge, axe-core finds nothing serious.
//!
//! Runs `scripts/pages/check.mjs` when node, npm and Chromium are there, and says so when they are not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests may fail loudly, and say why they did nothing"
)]

mod shown;

use std::path::Path;
use std::process::Command;

use case::{Asked, judge, open};

/// What the script ends with when it cannot run here.
const NOT_HERE: i32 = 3;

#[test]
fn the_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let directory = tempfile::tempdir().unwrap();
    let (audit, case) = (
        directory.path().join("audit.html"),
        directory.path().join("case.html"),
    );
    std::fs::write(&audit, audit::html(&shown::report()).unwrap()).unwrap();
    let told = open("facebook-2018").unwrap();
    let said = judge(&told, &Asked::default()).unwrap();
    std::fs::write(&case, case::html(&told, &said, &said).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/pages/check.mjs");
    let ran = match Command::new("node")
        .arg(script)
        .args([&audit, &case])
        .output()
    {
        Ok(ran) => ran,
        Err(error) => {
            eprintln!("not checked in a browser: node: {error}");
            return;
        }
    };
    let says =
        String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    if ran.status.code() == Some(NOT_HERE) {
        eprintln!("not checked in a browser: {says}");
        return;
    }
    assert!(ran.status.success(), "{says}");
    // Two pages, two widths, two schemes.
    assert_eq!(says.matches("0 serious").count(), 8, "{says}");
}
