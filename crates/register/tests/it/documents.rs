//! Documents that are wrong, each with the error that a steward reads: file, line, what was expected, what to do.

use crate::common::{AGREEMENT, POLICY};
use register::documents::{agreement, policy, promise, schema};

const PROMISE: &str = "\
promise: no-friends
made: 2014-04-30
summary: Apps will not get friends' data any more.
address: https://sample.example/news/2014
form: absolute
scope:
  verbs: [read]
  reaches: [friend]
";

/// Name, what is replaced, by what.
type Slip = (&'static str, &'static str, &'static str);

const AGREEMENTS: &[Slip] = &[
    ("an unknown key", "in-return:", "in-exchange:"),
    (
        "a slip in a limit",
        "retention-days: 30",
        "retension-days: 30",
    ),
    ("a missing key", "in-return: Search traffic.\n", ""),
    ("a key twice", "version: 1\n", "version: 1\nversion: 2\n"),
    ("a number that is none", "version: 1\n", "version: one\n"),
    ("a version nought", "version: 1\n", "version: 0\n"),
    ("not yaml", "notices: []", "notices: [ }"),
    (
        "an id with capitals",
        "agreement: findr-search",
        "agreement: Findr Search",
    ),
    (
        "a role that is none",
        "service-provider",
        "extension-of-ourselves",
    ),
    (
        "an empty term",
        "until: 2028-01-01T00:00:00Z",
        "until: 2026-01-01T00:00:00Z",
    ),
    (
        "a moment without a zone",
        "from: 2026-01-01T00:00:00Z",
        "from: 2026-01-01",
    ),
    (
        "nobody signs",
        "[{ officer: findr-officer, name: Finn Dorr, title: Head of Data }]",
        "[]",
    ),
    (
        "nobody approved",
        "approvals: [{ by: privacy review, on: 2026-11-01 }]",
        "approvals: []",
    ),
    ("a day that is none", "on: 2026-11-01", "on: 2026-02-30"),
    ("a verb that is none", "verb: read", "verb: browse"),
    ("hiding as a verb", "verb: read", "verb: conceal"),
    (
        "hiding as a key",
        "needed: true",
        "needed: true\n    hidden: true",
    ),
    (
        "the same power twice",
        "reach: directory",
        "reach: friend, retention-days: 90",
    ),
    (
        "a prefix that looks like dpv's",
        "category: pd:Name",
        "category: dpv-pd:Name",
    ),
    (
        "a category of another vocabulary",
        "category: pd:Name",
        "category: dpv:Name",
    ),
    (
        "a purpose from the categories",
        "purpose: dpv:ServicePersonalisation",
        "purpose: pd:Name",
    ),
    (
        "a category without a prefix",
        "category: pd:Name",
        "category: Name",
    ),
    ("a reach that is none", "reach: own", "reach: Everyone"),
    (
        "a legal basis that is none",
        "legal-basis: consent",
        "legal-basis: legitimate-interest",
    ),
    (
        "a legal basis of no vocabulary",
        "legal-basis: consent",
        "legal-basis: law:A6",
    ),
    (
        "a window of nothing",
        "retention-days: 30",
        "retention-days: 30\n    window-days: 0",
    ),
    (
        "a span that is none",
        "retention-days: 30",
        "retention-days: 30\n    frequency: { times: 3, per: fortnight }",
    ),
    (
        "no words for people",
        "in-words: Findr sees your name.",
        "in-words: ''",
    ),
    (
        "a notice that is no hash",
        "notices: []",
        "notices: [deadbeef]",
    ),
];

const PROMISES: &[Slip] = &[
    ("a form that is none", "form: absolute", "form: forever"),
    (
        "a date on an absolute promise",
        "form: absolute",
        "form: absolute\nuntil: 2030-01-01T00:00:00Z",
    ),
    ("dated without a date", "form: absolute", "form: dated"),
    (
        "dated backwards",
        "form: absolute",
        "form: dated\nfrom: 2030-01-01T00:00:00Z\nuntil: 2029-01-01T00:00:00Z",
    ),
    ("a scope of nothing", "reaches: [friend]", "reaches: []"),
    (
        "an address nobody can read",
        "https://sample.example/news/2014",
        "our archive",
    ),
    ("an unknown scope", "reaches: [friend]", "people: [ada]"),
];

const POLICIES: &[Slip] = &[
    (
        "no categories",
        "[pd:Name, pd:EmailAddress, social:Post]",
        "[]",
    ),
    (
        "no days at all",
        "power-lapses-after-days: 90",
        "power-lapses-after-days: 0",
    ),
    (
        "days below nought",
        "power-lapses-after-days: 90",
        "power-lapses-after-days: -1",
    ),
    (
        "consent as another basis",
        "consent-at-most-days: 365",
        "consent-at-most-days: 365\nother-bases: [{ power: 0000000000000000000000000000000000000000000000000000000000000000, basis: consent, because: we can }]",
    ),
];

fn table(
    slips: &[Slip],
    sound: &str,
    parse: impl Fn(&str) -> Result<(), register::documents::Problems>,
) -> String {
    parse(sound).unwrap();
    let row = |(name, from, to): &Slip| {
        assert!(
            sound.contains(from),
            "{name}: {from:?} is not in the sound document"
        );
        let said = parse(&sound.replacen(from, to, 1)).expect_err(name);
        assert!(said.problems.iter().all(|p| p.line > 0), "{name}: {said}");
        format!("# {name}\n{said}\n")
    };
    slips.iter().map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn bad_agreements_are_told_with_place_expectation_and_advice() {
    let parse = |text: &str| agreement::parse("agreements/findr-search.yaml", text).map(drop);
    insta::assert_snapshot!(table(AGREEMENTS, AGREEMENT, parse));
}

#[test]
fn bad_promises_are_told_with_place_expectation_and_advice() {
    let parse = |text: &str| promise::parse("promises/no-friends.yaml", text).map(drop);
    insta::assert_snapshot!(table(PROMISES, PROMISE, parse));
}

#[test]
fn bad_policies_are_told_with_place_expectation_and_advice() {
    let parse = |text: &str| policy::parse("policy.yaml", text).map(drop);
    insta::assert_snapshot!(table(POLICIES, POLICY, parse));
}

#[test]
fn several_problems_of_one_document_are_told_together() {
    let text = AGREEMENT
        .replace("verb: read", "verb: browse")
        .replace("category: pd:Name", "category: Name");
    let said = agreement::parse("a.yaml", &text).unwrap_err();
    assert!(said.problems.len() >= 2, "{said}");
}

#[test]
fn a_document_far_too_long_is_refused_unread() {
    let text = format!("{AGREEMENT}# {}\n", "x".repeat(2 << 20));
    assert!(
        agreement::parse("a.yaml", &text)
            .unwrap_err()
            .to_string()
            .contains("bytes")
    );
}

#[test]
fn aliases_that_multiply_are_refused_and_not_expanded() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x]\n".to_owned();
    for (new, old) in ["b", "c", "d", "e", "f", "g", "h"]
        .iter()
        .zip(["a", "b", "c", "d", "e", "f", "g"])
    {
        text.push_str(&format!(
            "{new}: &{new} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n"
        ));
    }
    assert!(agreement::parse("a.yaml", &text).is_err());
}

#[test]
fn a_digest_is_of_the_exact_bytes_so_a_blank_makes_another_document() {
    let blank = AGREEMENT.replacen("version: 1", "version:  1", 1);
    let [a, b] =
        [AGREEMENT, &blank].map(|text| agreement::parse("a.yaml", text).unwrap().offer(text));
    assert_eq!(a.powers, b.powers);
    assert_ne!(a.digest, b.digest);
}

#[test]
fn every_template_is_sound_as_it_is_printed() {
    let text = agreement::draft(&"findr-search".parse().unwrap(), &"findr".parse().unwrap());
    let read = agreement::parse("draft", &text).unwrap();
    assert_eq!(
        (read.agreement.as_str(), read.partner.as_str()),
        ("findr-search", "findr")
    );
    let text = promise::draft(&"no-friends".parse().unwrap());
    assert_eq!(
        promise::parse("draft", &text)
            .unwrap()
            .promise
            .promise
            .as_str(),
        "no-friends"
    );
    policy::parse("draft", &policy::draft()).unwrap();
}

#[test]
fn the_published_schemas_are_those_of_the_keys_that_are_read() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/schema");
    for (name, text) in schema::all() {
        let path = dir.join(name);
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == text,
            "{name} is out of date: run UPDATE_SCHEMAS=1 cargo test -p register --test it"
        );
    }
}
