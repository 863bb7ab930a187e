//! Bad command lines and bad files: each with its exit code and with what the user is told.
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail loudly")]

mod support;

use std::fmt::Write as _;
use std::path::Path;

use support::{CONFIGURATION, Desk, Ran};

/// What a user sees of each run, with the desk's own path as `DIR`.
fn seen(desk: &Desk, cases: &[&[&str]]) -> String {
    let mut text = String::new();
    for args in cases {
        let Ran { code, err, .. } = desk.run(args);
        let here = desk.path().canonicalize().unwrap();
        let err = err.replace(&*here.to_string_lossy(), "DIR");
        let err = err.replace(&*desk.path().to_string_lossy(), "DIR");
        writeln!(
            text,
            "$ countersign {}\nexit {code}\n{}\n",
            args.join(" "),
            err.trim_end()
        )
        .unwrap();
    }
    text
}

#[test]
fn a_wrong_command_line_is_told_what_was_expected() {
    let desk = Desk::before_init();
    insta::assert_snapshot!(seen(
        &desk,
        &[
            &["dome"],
            &["demo", "--people", "5"],
            &["demo", "--format", "xml"],
            &["check", "--document", "openapi.json"],
            &[
                "partner",
                "enrol",
                "findr",
                "--name",
                "Findr",
                "--jwks",
                "officers.json"
            ],
            &[
                "partner",
                "enrol",
                "Findr!",
                "--name",
                "Findr",
                "--jwks",
                "officers.json",
                "--config",
                "countersign.toml"
            ],
            &["officer", "revoke", "frida", "--config", "countersign.toml"],
            &[
                "officer",
                "revoke",
                "frida",
                "--platform",
                "--partner",
                "findr",
                "--config",
                "countersign.toml"
            ],
            &[
                "consent",
                "withdraw",
                "--person",
                "ada",
                "--partner",
                "findr",
                "--power",
                "12",
                "--config",
                "countersign.toml"
            ],
            &[
                "policy",
                "set",
                "policy.yaml",
                "--admin",
                "http://127.0.0.1:1"
            ],
            &["verify", "--ledger", "ledger", "--key", "no-key"],
            &[
                "call",
                "--gateway",
                "http://127.0.0.1:1",
                "--partner",
                "findr",
                "/v1/people"
            ],
        ]
    ));
}

#[test]
fn a_file_that_is_missing_or_wrong_is_named_with_its_place() {
    let desk = Desk::before_init();
    desk.write("not.json", "{ \"openapi\": ");
    desk.write("empty-overlay.json", "{}");
    desk.write("text.txt", "no key at all");
    desk.write(
        "private.json",
        &format!("{{\"keys\": [{}]}}", desk.read("greta.jwk")),
    );
    let draft = desk.ok(&["agreement", "draft", "findr-search", "--partner", "findr"]);
    desk.write("agreement.yaml", &draft);
    desk.write(
        "conceal.yaml",
        &draft.replace("verb: read", "verb: conceal"),
    );
    desk.write(
        "bad.yaml",
        &draft
            .replace("version: 1", "version: one")
            .replace("term:", "terms:"),
    );
    desk.write(
        "policy-0.yaml",
        &desk.read("policy.yaml").replace("days: 90", "days: 0"),
    );
    let promise = desk.ok(&["promise", "draft", "friends-stay"]);
    desk.write(
        "promise.yaml",
        &promise.replace("unless-consented", "sometimes"),
    );
    insta::assert_snapshot!(seen(
        &desk,
        &[
            &[
                "check",
                "--document",
                "missing.json",
                "--overlay",
                "overlay.json"
            ],
            &[
                "check",
                "--document",
                "not.json",
                "--overlay",
                "overlay.json"
            ],
            &[
                "check",
                "--document",
                "openapi.json",
                "--overlay",
                "empty-overlay.json"
            ],
            &[
                "verify",
                "--ledger",
                "ledger",
                "--key",
                "a/ledger+00000000+AQ=="
            ],
            &["key", "new", "--out", "greta.jwk"],
            &["key", "log", "--out", "greta.jwk", "a.example/ledger"],
            &["key", "log", "--out", "new.key", "a name"],
            &["agreement", "check", "missing.yaml"],
            &["agreement", "check", "conceal.yaml"],
            &["agreement", "check", "bad.yaml"],
            &[
                "agreement",
                "sign",
                "agreement.yaml",
                "--key",
                "greta.jwk",
                "--officer",
                "greta",
                "--platform"
            ],
            &[
                "agreement",
                "sign",
                "agreement.yaml",
                "--key",
                "text.txt",
                "--officer",
                "platform-officer",
                "--platform"
            ],
            &["promise", "check", "promise.yaml"],
            &["policy", "check", "policy-0.yaml"],
            &[
                "init",
                "--config",
                "countersign.toml",
                "--officers",
                "private.json"
            ],
            &[
                "call",
                "--dir",
                "nowhere",
                "--partner",
                "findr",
                "/v1/people"
            ],
            &["demo", "--once", "--dir", "."],
        ]
    ));
}

#[test]
fn a_configuration_is_refused_before_anything_is_opened_or_bound() {
    let desk = Desk::after_init();
    desk.write(
        "unknown.toml",
        &CONFIGURATION.replace("plaintext", "plain-text"),
    );
    desk.write(
        "no-tls.toml",
        &CONFIGURATION.replace("plaintext = true\n", ""),
    );
    desk.write(
        "beyond.toml",
        &CONFIGURATION.replace("127.0.0.1:1\"\ntoken", "0.0.0.0:1\"\ntoken"),
    );
    desk.write(
        "no-key.toml",
        &CONFIGURATION.replace("keys/cursor.key", "keys/other.key"),
    );
    desk.write(
        "log.toml",
        &format!("{CONFIGURATION}\n[telemetry]\nlog = \"gateway=loud\"\n"),
    );
    desk.write("not.toml", "[listen\n");
    insta::assert_snapshot!(seen(
        &desk,
        &[
            &["serve", "--config", "missing.toml"],
            &["serve", "--config", "not.toml"],
            &["serve", "--check-config", "--config", "unknown.toml"],
            &["serve", "--check-config", "--config", "no-tls.toml"],
            &["serve", "--check-config", "--config", "beyond.toml"],
            &["serve", "--check-config", "--config", "no-key.toml"],
            &["serve", "--config", "log.toml"],
            &[
                "init",
                "--config",
                "countersign.toml",
                "--officers",
                "officers.json"
            ],
            &[
                "init",
                "--config",
                "not.toml",
                "--officers",
                "officers.json"
            ],
        ]
    ));
}

#[test]
fn what_the_register_will_not_have_is_a_no_with_its_reason() {
    let desk = Desk::after_init();
    desk.write("people.txt", "ada\nbert\n\u{7}\n");
    desk.write("consents.ndjson", "{\"person\":\"ada\"}\n");
    let power = "0".repeat(64);
    let withdraw = [
        "consent",
        "withdraw",
        "--person",
        "ada",
        "--partner",
        "findr",
        "--power",
        &power,
    ];
    let here = ["--config", "countersign.toml"];
    let away = [
        "--admin",
        "http://127.0.0.1:1",
        "--token-file",
        "platform.token",
    ];
    insta::assert_snapshot!(seen(
        &desk,
        &[
            &[&withdraw[..], &here].concat(),
            &[&withdraw[..], &away].concat(),
            &[
                "agreement",
                "end",
                "findr-search",
                "--config",
                "countersign.toml"
            ],
            &[
                "officer",
                "revoke",
                "frida",
                "--partner",
                "findr",
                "--config",
                "countersign.toml"
            ],
            &["connection", "end", "c-1", "--config", "countersign.toml"],
            &[
                "load",
                "people",
                "people.txt",
                "--config",
                "countersign.toml"
            ],
            &[
                "load",
                "consents",
                "consents.ndjson",
                "--config",
                "countersign.toml"
            ],
        ]
    ));
}

#[test]
fn every_exit_code_of_the_program_stands_in_its_document() {
    let document =
        std::fs::read_to_string(support::repository().join("docs/exit-codes.md")).unwrap();
    let help = support::run(&["--help"], Path::new(".")).out;
    let table = help.split("Exit codes:").nth(1).unwrap();
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        assert!(
            document.contains(&format!("| {code} | {meaning} |")),
            "{line}"
        );
    }
}
