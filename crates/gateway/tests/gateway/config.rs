//! Configurations that are refused, each with what the operator reads; and the documented one, which is not.

use std::fs;
use std::path::Path;

use gateway::config::PersonPlace;
use gateway::{Config, ConfigError};
use ledger::note::Signer;

const DOCUMENTED: &str = include_str!("../../../../docs/countersign.toml");

/// Every file that the documented configuration names, each with something that fits.
fn files(dir: &Path) {
    for folder in ["tls", "secrets", "platform"] {
        fs::create_dir_all(dir.join(folder)).unwrap();
    }
    let digits = "ab".repeat(32);
    for (path, text) in [
        ("tls/chain.pem", "chain"),
        ("tls/platform-authority.pem", "authority"),
        ("tls/login-authority.pem", "authority"),
        ("secrets/login-secret", "a secret of the login\n"),
        ("secrets/tls-key.pem", "key"),
        ("secrets/admin-token", "0123456789abcdef0123456789abcdef\n"),
        (
            "secrets/stella-token",
            "stella-0123456789abcdef0123456789\n",
        ),
        (
            "secrets/rhea-token",
            "rhea-0123456789abcdef0123456789abcd\n",
        ),
        ("secrets/platform-token", "service-token\n"),
        ("secrets/ledger-details.key", &digits),
        ("secrets/cursor.key", &digits),
        ("platform/openapi.json", "{}"),
        ("platform/overlay.yaml", ""),
        ("policy.yaml", ""),
        ("secrets/short-token", "short\n"),
        ("secrets/two-lines", "one\ntwo\n"),
        ("secrets/empty", ""),
        ("secrets/not-a-key", "correct horse battery staple\n"),
        ("secrets/odd-token", "to\u{1}ken\n"),
        ("tls/hook-authority.pem", "authority"),
        (
            "secrets/hook-secret",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
        ),
        ("secrets/short-hook-secret", "whsec_MfKQ9r8GKYo=\n"),
    ] {
        fs::write(dir.join(path), text).unwrap();
    }
    for log in ["ledger", "register"] {
        let signer = Signer::from_seed(&format!("countersign.sample.example/{log}"), [7; 32]);
        let path = dir.join(format!("secrets/{log}.key"));
        signer.unwrap().write(&path).unwrap();
    }
}

fn read(text: &str) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    files(dir.path());
    Config::parse(&dir.path().join("countersign.toml"), text)
}

/// The message, with the directory of this run taken out.
fn message(text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    files(dir.path());
    let path = dir.path().join("countersign.toml");
    let error = Config::parse(&path, text).map(|_| ()).unwrap_err();
    error
        .to_string()
        .replace(&format!("{}/", dir.path().display()), "")
}

#[test]
fn the_documented_configuration_is_complete_and_right() {
    let config = read(DOCUMENTED).unwrap();
    assert_eq!(
        config.listen.public_url.as_str(),
        "https://partners.sample.example"
    );
    assert_eq!(
        config.ledger.signer.name(),
        "countersign.sample.example/ledger"
    );
    let (header, value) = config.platform.credential.unwrap();
    assert_eq!(
        (header.as_str(), value.reveal().as_str()),
        ("authorization", "Bearer service-token")
    );
}

#[test]
fn the_platform_is_told_for_whom_a_partner_acts_in_one_place_or_in_none() {
    let told = |from: &str, to: &str| {
        read(&DOCUMENTED.replacen(from, to, 1))
            .unwrap()
            .platform
            .person
    };
    assert_eq!(told("", ""), None);
    assert_eq!(
        told("# person-header = ", "person-header = "),
        Some(PersonPlace::Header("x-on-behalf-of".parse().unwrap()))
    );
    assert_eq!(
        told("# person-parameter = ", "person-parameter = "),
        Some(PersonPlace::Parameter("user_id".to_owned()))
    );
}

/// The documented configuration with [asking], which stands there as a comment.
fn with_asking() -> String {
    let (before, rest) = DOCUMENTED.split_once("# [asking]").unwrap();
    let (section, after) = rest.split_once("[tokens]").unwrap();
    let mut text = format!("{before}[asking]");
    for line in section.lines() {
        let member = line.strip_prefix("# ").filter(|it| it.contains(" = "));
        text += &format!("{}\n", member.unwrap_or(line));
    }
    format!("{text}[tokens]{after}")
}

#[test]
fn nobody_is_asked_unless_it_is_written_out() {
    assert!(read(DOCUMENTED).unwrap().asking.is_none());
    let asking = read(&with_asking()).unwrap().asking.unwrap();
    assert_eq!(asking.secret.reveal().len(), 24);
    let short = with_asking().replace("most = 1000000\nmost-per-person = 100\n", "");
    let defaults = read(&short).unwrap().asking.unwrap();
    assert_eq!(
        (asking.most, asking.most_per_person),
        (defaults.most, defaults.most_per_person)
    );
}

/// The same of the section that is a comment there.
const BAD_ASKING: &[(&str, &str, &str)] = &[
    (
        "a member that does not exist",
        "most-per-person",
        "most-per-people",
    ),
    ("digests in the clear", "hook = \"https:", "hook = \"http:"),
    (
        "a hook without an authority",
        "authorities = \"tls/hook-authority.pem\"\n",
        "",
    ),
    (
        "a secret that is too short",
        "secrets/hook-secret",
        "secrets/short-hook-secret",
    ),
    (
        "a secret of another form",
        "secrets/hook-secret",
        "secrets/admin-token",
    ),
    ("no store", "store = \"data/asking\"\n", ""),
    ("room for nobody", "most = 1000000", "most = 0"),
];

#[test]
fn every_bad_way_of_asking_is_refused_with_its_line_and_what_to_do() {
    let text = with_asking();
    let mut table = String::new();
    for (what, from, to) in BAD_ASKING {
        assert!(text.contains(from), "{what}: {from:?}");
        let refused = message(&text.replacen(from, to, 1));
        table.push_str(&format!("## {what}\n{refused}\n\n"));
    }
    let (before, rest) = text.split_once("[login]").unwrap();
    let (_, after) = rest.split_once("[asking]").unwrap();
    let refused = message(&format!("{before}[asking]{after}"));
    table.push_str(&format!("## nowhere to answer\n{refused}\n"));
    for secret in ["MfKQ9r8GKY", "0123456789abcdef"] {
        assert!(!table.contains(secret), "{table}");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn what_the_documented_configuration_says_of_defaults_is_so() {
    let documented = read(DOCUMENTED).unwrap();
    let sections = DOCUMENTED.split_once("[tokens]").unwrap().0;
    let left_out = read(sections).unwrap();
    assert_eq!(
        format!("{:?}", documented.limits),
        format!("{:?}", left_out.limits)
    );
    assert_eq!(
        format!("{:?}", documented.tokens),
        format!("{:?}", left_out.tokens)
    );
    assert_eq!(
        documented.telemetry.log_format,
        left_out.telemetry.log_format
    );
}

#[test]
fn a_configuration_prints_none_of_its_secrets() {
    let printed = format!("{:?}", read(DOCUMENTED).unwrap());
    for secret in [
        "0123456789abcdef",
        "stella-",
        "service-token",
        "[171, 171",
        "abab",
        "\"key\"",
    ] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::load(Path::new("/nowhere/countersign.toml"))
        .map(|_| ())
        .unwrap_err();
    insta::assert_snapshot!(error);
}

const POLICY: &str = "[policy]
# The platform's settings for the rule, taken into the register when they have changed.
document = \"policy.yaml\"
";

/// What is wrong, and the change to the documented configuration that makes it so.
const BAD: &[(&str, &str, &str)] = &[
    ("not TOML", "[listen]", "[listen"),
    (
        "a member that does not exist",
        "address = \"0.0.0.0:8443\"",
        "adress = \"0.0.0.0:8443\"",
    ),
    ("a section that does not exist", "[cursor]", "[cursors]"),
    (
        "a member twice",
        "nonce = false",
        "nonce = false\nnonce = true",
    ),
    ("a section left out", POLICY, ""),
    (
        "a member left out",
        "signing-key = \"secrets/ledger.key\"\n",
        "",
    ),
    ("an address without a port", "0.0.0.0:8443", "0.0.0.0"),
    (
        "a public address without a scheme",
        "\"https://partners.sample.example\"",
        "\"partners.sample.example\"",
    ),
    (
        "a slash at the end of the upstream",
        "\"https://api.sample.example\"",
        "\"https://api.sample.example/\"",
    ),
    (
        "https without an authority",
        "authorities = \"tls/platform-authority.pem\"\n",
        "",
    ),
    (
        "a certificate without its key",
        "key = \"secrets/tls-key.pem\"\n",
        "",
    ),
    (
        "a certificate and plaintext",
        "certificate =",
        "plaintext = true\ncertificate =",
    ),
    (
        "administration for everybody",
        "127.0.0.1:8444",
        "0.0.0.0:8444",
    ),
    (
        "an administration token that can be guessed",
        "secrets/admin-token",
        "secrets/short-token",
    ),
    (
        "a token file of two lines",
        "secrets/platform-token",
        "secrets/two-lines",
    ),
    (
        "an empty token file",
        "secrets/platform-token",
        "secrets/empty",
    ),
    (
        "a token that no header can carry",
        "secrets/platform-token",
        "secrets/odd-token",
    ),
    (
        "a header's name that is none",
        "# token-header = \"x-service-token\"",
        "token-header = \"x service token\"",
    ),
    (
        "a header without a token",
        "token = \"secrets/platform-token\"\n# ",
        "",
    ),
    (
        "for whom a partner acts, told twice",
        "# person-header = \"x-on-behalf-of\"",
        "person-header = \"x-on-behalf-of\"\nperson-parameter = \"user_id\"",
    ),
    (
        "a query parameter's name that is none",
        "# person-parameter = \"user_id\"",
        "person-parameter = \"user id&x\"",
    ),
    (
        "a file that is not there",
        "platform/openapi.json",
        "platform/openapi.yaml",
    ),
    (
        "a key that is none",
        "secrets/cursor.key",
        "secrets/not-a-key",
    ),
    (
        "a signing key that is none",
        "secrets/register.key",
        "secrets/not-a-key",
    ),
    (
        "a time without a unit",
        "lifetime = \"5min\"",
        "lifetime = \"300\"",
    ),
    (
        "a number where a text belongs",
        "lifetime = \"5min\"",
        "lifetime = 300",
    ),
    (
        "tokens that live for a day",
        "lifetime = \"5min\"",
        "lifetime = \"1440min\"",
    ),
    (
        "a size with another unit",
        "request-body = \"64KiB\"",
        "request-body = \"64kB\"",
    ),
    (
        "a limit of nothing",
        "connections = 10000",
        "connections = 0",
    ),
    (
        "a head too small for a proof",
        "request-head = \"32KiB\"",
        "request-head = \"1KiB\"",
    ),
    (
        "a platform with more time than the request",
        "upstream-time = \"10s\"",
        "upstream-time = \"30s\"",
    ),
    (
        "a login where people would type in the clear",
        "public-url = \"https://partners.sample.example\"",
        "public-url = \"http://partners.sample.example\"",
    ),
    (
        "an issuer without TLS",
        "issuer = \"https://login.sample.example\"",
        "issuer = \"http://login.sample.example\"",
    ),
    (
        "an issuer without an authority",
        "authorities = \"tls/login-authority.pem\"\n",
        "",
    ),
    (
        "a platform without a name",
        "platform = \"Sample Social\"",
        "platform = \" \"",
    ),
    (
        "a claim that nobody knows",
        "person-claim = \"sub\"",
        "person-claims = \"sub\"",
    ),
    (
        "a log format that does not exist",
        "log-format = \"text\"",
        "log-format = \"xml\"",
    ),
    (
        "somebody of the staff without a role",
        "roles = [\"steward\"]",
        "roles = []",
    ),
    (
        "a role that nobody has",
        "roles = [\"steward\"]",
        "roles = [\"king\"]",
    ),
    (
        "an unknown member of the staff's",
        "name = \"rhea\"",
        "name = \"rhea\"\nage = 40",
    ),
    (
        "somebody called like the program",
        "name = \"rhea\"",
        "name = \"program\"",
    ),
    (
        "two people of one name",
        "name = \"rhea\"",
        "name = \"stella\"",
    ),
    (
        "two people with one token",
        "secrets/rhea-token",
        "secrets/stella-token",
    ),
    (
        "a token of the staff's that can be guessed",
        "secrets/rhea-token",
        "secrets/short-token",
    ),
];

#[test]
fn every_bad_configuration_is_refused_with_its_line_and_what_to_do() {
    let mut table = String::new();
    for (what, from, to) in BAD {
        assert!(
            DOCUMENTED.contains(from),
            "{what}: {from:?} is not in the documented configuration"
        );
        let refused = message(&DOCUMENTED.replacen(from, to, 1));
        table.push_str(&format!("## {what}\n{refused}\n\n"));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn no_message_about_a_secret_repeats_what_was_in_its_file() {
    for (_, from, to) in BAD {
        let refused = message(&DOCUMENTED.replacen(from, to, 1));
        for secret in [
            "correct horse",
            "a secret of the login",
            "0123456789abcdef",
            "abab",
            "to\u{1}ken",
        ] {
            assert!(!refused.contains(secret), "{refused}");
        }
    }
}
