//! Pages in a real browser, by the scripts of `scripts/pages`. What calls this is ignored but by `scripts/browser-tests`, which
//! has looked for a browser before.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Output};

/// Runs one of the scripts, while the gateway goes on on other threads.
pub(crate) fn run<A: AsRef<OsStr>>(script: &str, args: impl IntoIterator<Item = A>) -> Output {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/pages");
    let mut node = Command::new("node");
    node.arg(scripts.join(script)).args(args);
    tokio::task::block_in_place(|| node.output()).unwrap()
}

/// Wide and narrow, light and dark: nothing loaded, nothing over the edge, nothing serious found by axe-core.
/// Each page has a name and its text. `COUNTERSIGN_SHOTS` names a directory for pictures.
pub(crate) fn look_at(pages: &[(&str, &str)]) {
    let dir = tempfile::tempdir().unwrap();
    let kept = |(name, text): &(&str, &str)| {
        let path = dir.path().join(format!("{name}.html"));
        std::fs::write(&path, text).unwrap();
        path.into_os_string()
    };
    let files: Vec<OsString> = pages.iter().map(kept).collect();
    let shots = std::env::var_os("COUNTERSIGN_SHOTS").map(|shots| ["--shots".into(), shots]);
    let args = shots.into_iter().flatten();
    let ran = run("check.mjs", args.chain(files));
    assert!(ran.status.success(), "{}", said(&ran));
}

fn said(ran: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&ran.stdout) + &text(&ran.stderr)
}
