//! Pages in a real browser, by the scripts of `scripts/pages`. Where they cannot run a test says so; with
//! `COUNTERSIGN_CLIENTS=required`, which `scripts/browser-tests` sets, it fails instead.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Output};

use super::did_not_run;

/// What a script ends with when it cannot run here.
const NOT_HERE: i32 = 3;

/// Runs one of the scripts, while the gateway goes on on other threads. `None`: it cannot run here, which has been said.
pub(crate) fn run<A: AsRef<OsStr>>(
    script: &str,
    args: impl IntoIterator<Item = A>,
) -> Option<Output> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/pages");
    let mut node = Command::new("node");
    node.arg(scripts.join(script)).args(args);
    let Ok(ran) = tokio::task::block_in_place(|| node.output()) else {
        did_not_run("pages in a browser: there is no node");
        return None;
    };
    if ran.status.code() == Some(NOT_HERE) {
        did_not_run(&said(&ran));
        return None;
    }
    Some(ran)
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
    if let Some(ran) = run("check.mjs", args.chain(files)) {
        assert!(ran.status.success(), "{}", said(&ran));
    }
}

fn said(ran: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&ran.stdout) + &text(&ran.stderr)
}
