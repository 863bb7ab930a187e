//! The cases of `corpus/`, each against `decide` and against the plain model. `corpus/README.md` explains the format.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::support::ask;
use decide::{
    Asker, Bar, Behalf, Category, Draw, Facts, Happened, MissingFact, Now, PersonNo, Power,
    PromiseId, Reach, Reason, Time, Who,
};
use serde::Deserialize;
use serde_json::{Value, json};
use testkit::model::{Answer, Judged, Model};
use testkit::{Asked, cast};

/// A file: cases that share powers, a beginning and, where they do not say otherwise, a question.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    about: String,
    powers: BTreeMap<String, Power>,
    given: Vec<Value>,
    question: Question,
    now: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    #[serde(default)]
    instead: Option<Vec<Value>>,
    #[serde(default)]
    then: Vec<Value>,
    #[serde(default)]
    question: Option<Question>,
    #[serde(default)]
    now: Option<String>,
    expect: Vec<Expected>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    partner: String,
    #[serde(default)]
    connection: Option<String>,
    verb: decide::Verb,
    purpose: String,
    #[serde(default)]
    uses: Vec<(String, u32)>,
    data: Vec<Datum>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Datum {
    category: Category,
    people: Vec<String>,
    #[serde(default)]
    made: Option<Time>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Expected {
    Passes,
    Refused(BTreeMap<String, BTreeSet<Reason>>),
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../corpus")
}

fn files() -> Vec<(String, File)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(corpus()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "yaml") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let file = serde_saphyr::from_str(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
            files.push((name, file));
        }
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
}

/// Names of the file become what the rule knows: people numbers, powers ids, texts hashes.
fn resolve(file: &File, value: &mut Value, within: &str) {
    let power = |name: &str| {
        let known = file.powers.get(name);
        known.unwrap_or_else(|| panic!("no power {name}"))
    };
    match value {
        Value::Object(members) => {
            let offer = members.contains_key("version");
            for (key, value) in members.iter_mut() {
                let as_offered = if key == "powers" && offer {
                    "offered"
                } else {
                    key
                };
                resolve(file, value, as_offered);
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| resolve(file, item, within)),
        Value::String(text) => match within {
            "person" | "people" | "first" => *value = json!(number(text)),
            "power" | "powers" => *value = json!(power(text).id()),
            "offered" => *value = json!(power(text)),
            "other-bases" if !text.contains(':') => *value = json!(power(text).id()),
            "notice" | "digest" => *value = json!(hash(text)),
            _ => {}
        },
        _ => {}
    }
}

fn number(name: &str) -> PersonNo {
    let known = cast::PEOPLE.iter().find(|(its, _)| *its == name);
    known.map_or_else(
        || {
            PersonNo(
                name.parse()
                    .unwrap_or_else(|_| panic!("nobody is called {name}")),
            )
        },
        |it| it.1,
    )
}

/// Any 32 bytes do, if different texts get different ones.
fn hash(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(32, 0);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn history(file: &File, case: &Case) -> Vec<Happened> {
    let mut at = json!("1970-01-01T00:00:00Z");
    let mut happened = Vec::new();
    for event in case
        .instead
        .as_ref()
        .unwrap_or(&file.given)
        .iter()
        .chain(&case.then)
    {
        let mut event = event.clone();
        resolve(file, &mut event, "");
        let members = event.as_object_mut().expect("an event is an object");
        at = members.entry("at").or_insert(at).clone();
        let read = serde_json::from_value(event.clone());
        happened.push(read.unwrap_or_else(|why| panic!("{}: {event}: {why}", case.case)));
    }
    happened
}

fn asked(file: &File, question: &Question) -> Asked {
    let mut asked = Asked::by(&question.partner);
    let use_of = |(name, ordinal): &(String, u32)| Draw {
        power: file.powers[name].id(),
        ordinal: *ordinal,
    };
    asked.asker = Asker {
        partner: cast::partner(&question.partner),
        behalf: match &question.connection {
            Some(id) => Behalf::Connection(id.parse().unwrap()),
            None => Behalf::Nobody,
        },
        purpose: cast::purpose(&question.purpose),
        verb: question.verb,
        draws: question.uses.iter().map(use_of).collect(),
    };
    for datum in &question.data {
        let people: Vec<_> = datum.people.iter().map(|text| person(text)).collect();
        asked = asked.datum_of(&datum.category, &people, datum.made);
    }
    asked
}

/// `bert friend`: who, and how they are reached.
fn person(text: &str) -> (Who, Reach) {
    let (name, reach) = text
        .split_once(' ')
        .unwrap_or_else(|| panic!("{text:?}: expected a person and a reach"));
    let who = if name == "unresolved" {
        Who::Unresolved
    } else {
        Who::Known(number(name))
    };
    (who, cast::reach(reach))
}

fn expected(question: &Question, case: &Case) -> Vec<Judged> {
    assert_eq!(
        question.data.len(),
        case.expect.len(),
        "{}: one expectation for each datum",
        case.case
    );
    let judged = |(datum, expected): (&Datum, &Expected)| {
        let of = |name: &str| match expected {
            Expected::Passes => BTreeSet::new(),
            Expected::Refused(reasons) => reasons.get(name).cloned().unwrap_or_default(),
        };
        if let Expected::Refused(reasons) = expected {
            let known = |name: &String| name == "datum" || datum.people.contains(name);
            assert!(
                reasons.keys().all(known),
                "{}: reasons for somebody who is not in it",
                case.case
            );
        }
        Judged {
            passes: matches!(expected, Expected::Passes),
            reasons: of("datum"),
            people: datum.people.iter().map(|name| of(name)).collect(),
            powers: vec![],
        }
    };
    question.data.iter().zip(&case.expect).map(judged).collect()
}

fn now(file: &File, case: &Case) -> Now {
    match case.now.as_ref().unwrap_or(&file.now).as_str() {
        "went-back" => Now::WentBack,
        "jumped-ahead" => Now::JumpedAhead,
        text => Now::At(
            text.parse()
                .unwrap_or_else(|why| panic!("{}: {why}", case.case)),
        ),
    }
}

fn differences(name: &str, file: &File, case: &Case) -> Vec<String> {
    let (facts, mut model) = (Facts::default(), Model::default());
    for happened in history(file, case) {
        if let Err(why) = facts.apply(&happened) {
            return vec![format!(
                "{name}: {}: {happened:?} cannot be: {why}",
                case.case
            )];
        }
        model.add(happened);
    }
    let question = case.question.as_ref().unwrap_or(&file.question);
    let asked = asked(file, question);
    let now = now(file, case);
    let expected = expected(question, case);
    let answers = [
        ("decide", ask(&facts, &asked, now)),
        ("the model", model.answer(&asked.question(), now)),
    ];
    let differ = |(who, mut answer): (&str, Answer)| {
        answer
            .data
            .iter_mut()
            .for_each(|judged| judged.powers.clear());
        (answer.data != expected).then(|| {
            format!(
                "{name}: {}\n  expected {expected:?}\n  {who} says {:?}",
                case.case, answer.data
            )
        })
    };
    answers.into_iter().filter_map(differ).collect()
}

#[test]
fn every_case_of_the_corpus_comes_out_as_written() {
    let mut cases = 0;
    let mut wrong = Vec::new();
    let mut sentences = BTreeSet::new();
    for (name, file) in files() {
        assert!(!file.about.is_empty());
        for case in &file.cases {
            cases += 1;
            assert!(
                sentences.insert(case.case.clone()),
                "{name}: {}: twice",
                case.case
            );
            wrong.extend(differences(&name, &file, case));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differences in {cases} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(cases >= 60, "{cases} cases");
}

/// One of each kind. The match below fails to compile when a kind is missing there, and the test when it is missing here.
fn all_reasons() -> Vec<Reason> {
    let promise: PromiseId = "p".parse().unwrap();
    vec![
        Reason::ClockWentBack,
        Reason::ClockJumpedAhead,
        Reason::Missing(MissingFact::Policy),
        Reason::Missing(MissingFact::Use),
        Reason::Missing(MissingFact::WhenMade),
        Reason::NoPeople,
        Reason::UnresolvedPerson,
        Reason::UnknownPerson,
        Reason::UnknownCategory,
        Reason::NotTheirOwn,
        Reason::UnknownPartner,
        Reason::NotGranted,
        Reason::NotSignedByPartner,
        Reason::NotSignedByPlatform,
        Reason::NotStarted,
        Reason::Ended,
        Reason::Suspended,
        Reason::Superseded,
        Reason::HandedBack,
        Reason::Lapsed,
        Reason::TooOften,
        Reason::OutsideWindow,
        Reason::BasisNotAccepted,
        Reason::NoConnection,
        Reason::ConnectionOfAnother,
        Reason::ConnectionEnded,
        Reason::NotCovered,
        Reason::ConnectionQuiet,
        Reason::NoConsent,
        Reason::Barred(Bar::Everything),
        Reason::Barred(Bar::Through(Reach::Friend)),
        Reason::Barred(Bar::Partner(cast::partner("findr"))),
        Reason::Barred(Bar::GlobalPrivacyControl),
        Reason::Promised(promise),
    ]
}

/// The place of its kind in [`all_reasons`].
fn kind(reason: &Reason) -> usize {
    match reason {
        Reason::ClockWentBack => 0,
        Reason::ClockJumpedAhead => 1,
        Reason::Missing(MissingFact::Policy) => 2,
        Reason::Missing(MissingFact::Use) => 3,
        Reason::Missing(MissingFact::WhenMade) => 4,
        Reason::NoPeople => 5,
        Reason::UnresolvedPerson => 6,
        Reason::UnknownPerson => 7,
        Reason::UnknownCategory => 8,
        Reason::NotTheirOwn => 9,
        Reason::UnknownPartner => 10,
        Reason::NotGranted => 11,
        Reason::NotSignedByPartner => 12,
        Reason::NotSignedByPlatform => 13,
        Reason::NotStarted => 14,
        Reason::Ended => 15,
        Reason::Suspended => 16,
        Reason::Superseded => 17,
        Reason::HandedBack => 18,
        Reason::Lapsed => 19,
        Reason::TooOften => 20,
        Reason::OutsideWindow => 21,
        Reason::BasisNotAccepted => 22,
        Reason::NoConnection => 23,
        Reason::ConnectionOfAnother => 24,
        Reason::ConnectionEnded => 25,
        Reason::NotCovered => 26,
        Reason::ConnectionQuiet => 27,
        Reason::NoConsent => 28,
        Reason::Barred(Bar::Everything) => 29,
        Reason::Barred(Bar::Through(_)) => 30,
        Reason::Barred(Bar::Partner(_)) => 31,
        Reason::Barred(Bar::GlobalPrivacyControl) => 32,
        Reason::Promised(_) => 33,
    }
}

#[test]
fn every_reason_has_a_case_in_the_corpus() {
    let mut met = BTreeSet::new();
    for (_, file) in files() {
        for expected in file.cases.iter().flat_map(|case| &case.expect) {
            if let Expected::Refused(people) = expected {
                met.extend(people.values().flatten().map(kind));
            }
        }
    }
    let missing: Vec<_> = all_reasons()
        .into_iter()
        .filter(|reason| !met.contains(&kind(reason)))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    let kinds: Vec<_> = all_reasons().iter().map(kind).collect();
    assert_eq!(kinds, (0..34).collect::<Vec<_>>());
}
