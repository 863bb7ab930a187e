//! What `--help` says is checked in (docs/cli.md), so that a change of the command line is seen in review.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::path::Path;

/// The help of a command and of everything below it.
fn help(of: &[&str], out: &mut String) {
    // The long form once; below it the short one says the same without repeating the common options at length.
    let ask = if of.is_empty() { "--help" } else { "-h" };
    let ran = support::run(&[of, &[ask]].concat(), Path::new("."));
    assert_eq!(ran.code, 0);
    let name = [&["countersign"], of].concat().join(" ");
    out.push_str(&format!(
        "\n## {name}\n\n```text\n{}\n```\n",
        ran.out.trim_end()
    ));
    let commands = ran.out.split("Commands:\n").nth(1).unwrap_or("");
    for line in commands.lines().take_while(|line| !line.is_empty()) {
        // A command's own line is indented by two; further lines of its description by more.
        if let Some(command) = line
            .strip_prefix("  ")
            .filter(|line| !line.starts_with(' '))
        {
            help(&[of, &[command.split(' ').next().unwrap()]].concat(), out);
        }
    }
}

#[test]
fn the_help_that_is_checked_in_is_the_help_that_is_shown() {
    let mut shown = "# The command line\n\nWritten by a test from `--help`: `UPDATE_DOCS=1 cargo test -p countersign --test help`.\n".to_owned();
    help(&[], &mut shown);
    let path = support::repository().join("docs/cli.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &shown).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == shown,
        "docs/cli.md is not what --help shows; run again with UPDATE_DOCS=1 and look at the difference"
    );
}
