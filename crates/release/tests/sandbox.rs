//! Calls tried with invented people come out as calls do, and say why.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]

use std::collections::BTreeSet;

use decide::{Category, Reach, Reason};
use release::{
    Against, Api, Cause, Invented, Operation, Trial, Tried, Untried, can_be_tried, example, try_out,
};
use serde_json::{Value, json};

macro_rules! example_file {
    ($name:literal) => {
        include_bytes!(concat!("../../../examples/", $name)).as_slice()
    };
}

fn sample() -> Api {
    let document = include_bytes!("../../sample/openapi.json");
    load(
        document,
        example_file!("sample-social/overlay.json"),
        "json",
    )
}

fn matrix() -> Api {
    let document = example_file!("matrix/openapi.yaml");
    load(document, example_file!("matrix/overlay.yaml"), "yaml")
}

fn mastodon() -> Api {
    let document = example_file!("mastodon/openapi.yaml");
    load(document, example_file!("mastodon/overlay.yaml"), "yaml")
}

fn load(document: &[u8], overlay: &[u8], form: &str) -> Api {
    let names = ["document", "overlay"].map(|it| format!("{it}.{form}"));
    let api = Api::load(document, &names[0], overlay, &names[1]);
    api.unwrap_or_else(|errors| panic!("{errors}"))
}

fn operation<'a>(api: &'a Api, id: &str) -> &'a Operation {
    let mut all = api.operations().iter();
    all.find(|it| it.id() == id).unwrap()
}

/// What is tried, where it is not the example with everybody's consent.
struct Wanted<'a> {
    api: fn() -> Api,
    id: &'a str,
    request: Option<&'a str>,
    answer: Option<&'a str>,
    agreed: &'a [&'a str],
    listed: &'a [&'a str],
    without: &'a [&'a str],
}

impl Default for Wanted<'_> {
    fn default() -> Self {
        Wanted {
            api: sample,
            id: "listFriends",
            request: None,
            answer: None,
            agreed: &["bert", "cleo"],
            listed: &["ada", "bert", "cleo"],
            without: &[],
        }
    }
}

impl Wanted<'_> {
    fn tried(&self) -> Result<Tried, Untried> {
        let api = (self.api)();
        let operation = operation(&api, self.id);
        let example = example(operation);
        let texts = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let live = operation.pairs().iter().cloned();
        let live: Vec<(Category, Reach)> = live
            .filter(|(category, _)| !self.without.contains(&category.as_str()))
            .collect();
        let trial = Trial {
            operation: self.id,
            request: self.request.unwrap_or(&example.request),
            answer: Invented(self.answer.unwrap_or(&example.answer)),
            me: "ada",
            agreed: &texts(self.agreed).into_iter().collect(),
            listed: &texts(self.listed),
            live: &live,
        };
        try_out(&api, &trial)
    }
}

fn json_of(tried: &Tried) -> Value {
    serde_json::from_str(tried.body.as_ref().unwrap()).unwrap()
}

#[test]
fn every_example_leaves_whole_where_everybody_agrees() {
    let apis = [sample(), mastodon(), matrix()];
    let mut tried = 0;
    for api in &apis {
        for operation in api.operations().iter().filter(|it| can_be_tried(it)) {
            let example = example(operation);
            let agreed: BTreeSet<String> = example.people.iter().cloned().collect();
            let trial = Trial {
                operation: operation.id(),
                request: &example.request,
                answer: Invented(&example.answer),
                me: &example.people[0],
                agreed: &agreed,
                listed: &example.people,
                live: operation.pairs(),
            };
            let id = operation.id();
            let came = try_out(api, &trial);
            let came = came.unwrap_or_else(|why| panic!("{id}: {why}: {example:?}"));
            assert_eq!(came.kept_out, [], "{id}: {example:?}");
            assert!(came.body.is_some(), "{id}: {example:?}");
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn who_has_not_agreed_is_not_in_the_answer_and_it_says_why() {
    let tried = Wanted {
        agreed: &["bert"],
        ..Wanted::default()
    }
    .tried()
    .unwrap();
    let body = tried.body.unwrap();
    assert!(body.contains("bert") && !body.contains("cleo"), "{body}");
    let against = Against {
        person: Some("cleo".to_owned()),
        reach: Some(Reach::Friend),
        reason: Reason::NoConsent,
    };
    let name = tried
        .kept_out
        .iter()
        .find(|it| it.category.as_str() == "pd:Name");
    assert_eq!(name.unwrap().cause, Cause::Rule(vec![against]));
    for kept in &tried.kept_out {
        assert!(!format!("{kept:?}").contains("bert"), "{kept:?}");
    }
}

#[test]
fn what_no_live_power_brings_goes_for_everybody() {
    let whole = Wanted::default().tried().unwrap();
    assert!(whole.body.unwrap().contains("City of bert"));
    let tried = Wanted {
        without: &["pd:City"],
        ..Wanted::default()
    }
    .tried()
    .unwrap();
    let body = tried.body.unwrap();
    assert!(
        !body.contains("City") && body.contains("Name of bert"),
        "{body}"
    );
    let cities = tried
        .kept_out
        .iter()
        .filter(|it| it.category.as_str() == "pd:City");
    for kept in cities {
        let Cause::Rule(against) = &kept.cause else {
            panic!("{kept:?}")
        };
        assert!(
            against.iter().all(|it| it.reason == Reason::NotGranted),
            "{against:?}"
        );
    }
}

#[test]
fn without_the_power_that_a_record_is_told_by_nothing_is_even_asked() {
    let closed = Wanted {
        without: &["social:Identifier"],
        ..Wanted::default()
    };
    assert_eq!(closed.tried(), Err(Untried::Closed));
}

#[test]
fn everybody_in_a_thread_has_to_agree() {
    let tried = Wanted {
        id: "listMessages",
        agreed: &["bert"],
        ..Wanted::default()
    };
    let body = tried.tried().unwrap().body.unwrap();
    assert!(body.contains("of bert") && !body.contains("cleo"), "{body}");
}

#[test]
fn a_member_of_a_room_who_has_not_agreed_keeps_its_messages_back() {
    let messages = |listed: &[&str]| {
        let tried = Wanted {
            api: matrix,
            id: "getMessages",
            listed,
            ..Wanted::default()
        };
        tried.tried().unwrap()
    };
    let whole = messages(&["ada", "bert", "cleo"]);
    assert_eq!(whole.kept_out, []);
    assert!(whole.body.is_some());
    // Dora is in no message, and in the room; so nothing of it is left, as if nobody knew it.
    let tried = messages(&["ada", "bert", "cleo", "dora"]);
    assert!(tried.people.contains(&"dora".to_owned()));
    assert_eq!(tried.body, None);
    let kept = format!("{:?}", tried.kept_out);
    assert!(kept.contains("dora") && !kept.contains("bert"), "{kept}");
    // Nobody knows who is in it.
    assert_eq!(messages(&[]).body, None);
}

#[test]
fn members_that_nobody_declared_are_gone_and_counted() {
    let whole = Wanted::default().tried().unwrap();
    let mut answer = json_of(&whole);
    answer["data"][0]["secret"] = json!("of bert");
    let tried = Wanted {
        answer: Some(&answer.to_string()),
        ..Wanted::default()
    }
    .tried()
    .unwrap();
    assert_eq!(tried.undeclared, whole.undeclared + 1);
    assert!(!tried.body.unwrap().contains("secret"));
}

#[test]
fn what_the_gateway_would_refuse_is_refused_here_in_its_words() {
    let with = |request: Option<&str>, answer: Option<&str>| {
        let wanted = Wanted {
            request,
            answer,
            ..Wanted::default()
        };
        wanted.tried().unwrap_err()
    };
    assert_eq!(with(Some("/nowhere"), None), Untried::NoOperation);
    assert_eq!(with(Some("/v1/people/me"), None), Untried::NoOperation);
    let another = with(Some("/v1/people/bert/friends"), None);
    assert!(matches!(another, Untried::Request(_)), "{another}");
    let unnamed = with(Some("/v1/people/me/friends?secret=1"), None);
    assert!(unnamed.to_string().contains("secret"), "{unnamed}");
    let not_json = with(None, Some("{"));
    assert!(matches!(not_json, Untried::Answer(_)), "{not_json}");
}
