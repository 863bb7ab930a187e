//! The pages in a real browser: nothing is loaded, nothing hangs over the edge, axe-core finds nothing serious.
//!
//! Runs `scripts/pages/check.mjs`; `scripts/browser-tests` sees to what that needs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

mod shown;

use std::path::Path;
use std::process::Command;

use case::{Asked, judge, open};

/// What the script says of pages, and whether it found nothing. That it cannot run here is not "found nothing".
fn looked_at(pages: &[&Path]) -> (String, bool) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/pages/check.mjs");
    let ran = Command::new("node").arg(script).args(pages).output();
    let ran = ran.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&ran.stdout) + &text(&ran.stderr), ran.status.success())
}

#[test]
#[ignore = "needs a browser: run scripts/browser-tests"]
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
    let (says, clean) = looked_at(&[&audit, &case]);
    assert!(clean, "{says}");
    // Two pages, two widths, two schemes.
    assert_eq!(says.matches("0 serious").count(), 8, "{says}");

    // The look is worth something only if it finds what is wrong.
    let wrong = r#"<p style="color:#ddd;background:#eee">pale</p><img src="https://sample.example/x.png"/></main>"#;
    std::fs::write(&audit, report.replace("</main>", wrong)).unwrap();
    let (says, clean) = looked_at(&[&audit]);
    assert!(!clean);
    for found in [
        "asked for https://sample.example/x.png",
        "color-contrast",
        "image-alt",
    ] {
        assert!(says.contains(found), "{found} was not found: {says}");
    }
}
