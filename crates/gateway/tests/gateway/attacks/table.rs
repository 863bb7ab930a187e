//! `docs/attacks.md`, written from the attacks themselves.

use std::fmt::Write as _;
use std::path::Path;

use super::{answered, asked, framed};

const HEAD: &str = "\
# Attacks, each tried by a test

Written from [crates/gateway/tests/gateway/attacks](../crates/gateway/tests/gateway/attacks), where each is sent byte for
byte; a test holds this table to what happens. After every one of them the gateway answers an ordinary request as before.

## By a partner with a good token

The platform hears as many requests as the last column says, each in the gateway's own words: not one byte of a header,
a target or a body that the plan does not name. `-`: the connection is closed without a word. Every answer that has a body
says `cache-control: no-store`, and every `200` is byte for byte that of an ordinary request.

| attack | told | the platform hears |
| --- | --- | --- |
";

const FRAMED: &str = "
## The same by HTTP/2

Frame by frame, over TLS. `reset`: the one request is broken off; `away`: the connection ends; each with the error's name
(RFC 9113, section 7). Signs of life that the gateway asks for are given, so nothing ends for want of them.

| attack | told | the platform hears |
| --- | --- | --- |
";

const MIDDLE: &str = "
## By the platform, or by what stands in its place

All answers with one status are one and the same, whatever the platform said, and the same for somebody who refuses as for
somebody who agrees.

| attack | the partner is told |
| --- | --- |
";

/// Compares; with `UPDATE_DOCS=1` writes.
pub(crate) fn check() {
    let mut text = HEAD.to_owned();
    let row = |text: &mut String, name: &str, told: &str, heard: usize| {
        let told = if told.is_empty() { "-" } else { told };
        writeln!(text, "| {name} | {told} | {heard} |").unwrap();
    };
    for attack in asked::attacks() {
        row(&mut text, attack.name, attack.told, attack.heard);
    }
    text.push_str(FRAMED);
    for attack in framed::attacks() {
        row(&mut text, attack.name, attack.told, attack.heard);
    }
    text.push_str(MIDDLE);
    for attack in answered::attacks() {
        writeln!(text, "| {} | {} |", attack.name, attack.told).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/attacks.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == text,
        "docs/attacks.md is not what the attacks say: run this test with UPDATE_DOCS=1 and look at the difference"
    );
}
