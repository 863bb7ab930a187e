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

/// What the script says of pages, and whether it found nothing; `None` where it cannot run.
fn looked_at(pages: &[&Path]) -> Option<(String, bool)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/pages/check.mjs");
    let ran = match Command::new("node").arg(script).args(pages).output() {
        Ok(ran) => ran,
        Err(error) => {
            eprintln!("not checked in a browser: node: {error}");
            return None;
        }
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let says = text(&ran.stdout) + &text(&ran.stderr);
    if ran.status.code() == Some(NOT_HERE) {
        eprintln!("not checked in a browser: {says}");
        return None;
    }
    Some((says, ran.status.success()))
}

#[test]
fn the_pages_are_whole_and_accessible_wide_and_narrow_light_and_dark() {
    let directory = tempfile::tempdir().unwrap();
    let (audit, case) = (
        directory.path().join("audit.html"),
        directory.path().join("case.html"),
    );
    let report = audit::html(&shown::report()).unwrap();
    std::fs::write(&audit, &report).unwrap();
    let told = open("facebook-2018").unwrap();
    let said = judge(&told, &Asked::default()).unwrap();
    std::fs::write(&case, case::html(&told, &said, &said).unwrap()).unwrap();
    let Some((says, clean)) = looked_at(&[&audit, &case]) else {
        return;
    };
    assert!(clean, "{says}");
    // Two pages, two widths, two schemes.
    assert_eq!(says.matches("0 serious").count(), 8, "{says}");

    // The look is worth something only if it finds what is wrong.
    let wrong = r#"<p style="color:#ddd;background:#eee">pale</p><img src="https://sample.example/x.png"/></main>"#;
    std::fs::write(&audit, report.replace("</main>", wrong)).unwrap();
    let (says, clean) = looked_at(&[&audit]).unwrap();
    assert!(!clean);
    for found in [
        "asked for https://sample.example/x.png",
        "color-contrast",
        "image-alt",
    ] {
        assert!(says.contains(found), "{found} was not found: {says}");
    }
}
