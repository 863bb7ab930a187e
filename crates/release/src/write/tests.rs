//! Whom a request is about, and what the platform would get of it.

use decide::{Now, PersonNo, Verb};
use serde_json::{Value, json};

use super::Wanted;
use crate::api::{Api, Routed};
use crate::cursor::CursorKey;
use crate::error::RequestRefused;
use crate::request::Call;
use crate::tests::facts::{NOW, Town, connection, findr};
use crate::tests::{ada, load, number};

const DOCUMENT: &str = r##"
openapi: 3.1.0
info: { title: Writes, version: "1" }
paths:
  /rooms/{room}/messages:
    post:
      operationId: send
      x-countersign:
        verb: write
        reach: participant
        concerns: chat:Message
        people-from: { call: "/rooms/{room}/members", with: { room: { parameter: room } }, items: /members, id: id, complete: true,
          left: { at: state, is: [left], when: at, format: seconds } }
        own-among: true
        made: /id
      parameters:
        - { name: room, in: path, required: true, schema: { type: string }, x-countersign: { record: true } }
        - { name: at, in: query, schema: { type: string }, x-countersign: { category: "chat:Plan" } }
      requestBody: { required: true, content: { application/json: { schema: { type: object, required: [text], properties: {
        from: { type: string, x-countersign: { person: own } },
        text: { type: string, x-countersign: { category: "chat:Message" } },
        mentions: { type: array, items: { type: string }, x-countersign: { person: mentioned } },
        place: { type: string, x-countersign: { category: "chat:Place" } },
        kind: { type: string, enum: [plain, loud], x-countersign: { pass: true } },
        client: { type: string, x-countersign: { always: gateway } },
        cards: { type: array, items: { type: object, properties: { title: { type: string, x-countersign: { category: "chat:Card" } } } },
          x-countersign: { structure: true } },
        hidden: { type: boolean } } } } } }
  /posts/{post}:
    delete:
      operationId: deletePost
      x-countersign:
        verb: delete
        reach: own
        concerns: chat:Post
        people-from: { call: "/posts/{post}", with: { post: { parameter: post } }, item: /author, id: ".", complete: true }
        own-among: true
      parameters: [{ name: post, in: path, required: true, schema: { type: string }, x-countersign: { record: true } }]
  /people/{person}/tag:
    put:
      operationId: tag
      x-countersign: { verb: write, concerns: "chat:Tag", people: [{ parameter: person, reach: friend }] }
      parameters: [{ name: person, in: path, required: true, schema: { type: string }, x-countersign: { person: any } }]
"##;

fn api() -> Api {
    load(DOCUMENT)
}

fn want(api: &Api, request: &str, body: Option<&Value>) -> Result<Wanted, RequestRefused> {
    let (method, target) = request.split_once(' ').unwrap();
    let (path, query) = target
        .split_once('?')
        .map_or((target, None), |(p, q)| (p, Some(q)));
    let Routed::Mapped(route) = api.route(method, path) else {
        panic!("{request} leads nowhere")
    };
    let body = body.map(Value::to_string);
    let (partner, connected, me, key) = (findr(), connection(), ada(), CursorKey::new([9; 32]));
    let call = Call {
        query,
        body: body.as_deref().map(str::as_bytes),
        partner: &partner,
        connection: Some(&connected),
        me: Some(&me),
        cursors: &key,
    };
    route.want(&call, &number)
}

/// Ada has connected Findr; Bert and Cleo have agreed to everything, and Dora to nothing.
fn town(api: &Api, verb: Verb) -> Town {
    let of_verb = api.operations().iter().filter(|it| it.verb() == verb);
    let mut pairs: Vec<_> = of_verb.flat_map(|it| it.pairs().to_vec()).collect();
    pairs.sort();
    pairs.dedup();
    let town = Town::by(verb, 4, Some(PersonNo(0)), &pairs);
    town.consent(&[PersonNo(1), PersonNo(2)], |_, _| true);
    town
}

/// Whom it is about if it passes, after these answers to its calls.
fn about(wanted: Wanted, answer: Option<&str>, town: &Town) -> Option<Vec<u32>> {
    let mut wanted = wanted;
    for path in wanted.lookups() {
        wanted.take_people(&path, answer.map(str::as_bytes), &number);
    }
    let intended = wanted
        .decide(town.asker.clone(), &town.facts, Now::At(NOW))
        .ok()?;
    Some(
        intended
            .concerns()
            .iter()
            .map(|concern| concern.person.0)
            .collect(),
    )
}

const BOTH: &str = r#"{"members":[{"id":"ada"},{"id":"bert"}]}"#;

#[test]
fn the_platform_gets_what_the_plan_names_in_our_words() {
    let api = api();
    let body = json!({ "text": "Hi", "from": "me", "mentions": ["bert", "me"], "kind": "loud",
        "cards": [{ "title": "One" }, {}] });
    let wanted = want(&api, "POST /rooms/r%2F1/messages?at=8", Some(&body)).unwrap();
    assert_eq!(wanted.target, "/rooms/r%2F1/messages?at=8");
    let written: Value = serde_json::from_slice(wanted.body.as_ref().unwrap()).unwrap();
    let expected = json!({ "text": "Hi", "from": "ada", "mentions": ["bert", "ada"], "kind": "loud",
        "cards": [{ "title": "One" }, {}], "client": "gateway" });
    assert_eq!(written, expected);
    assert_eq!(wanted.lookups(), ["/rooms/r%2F1/members"]);
}

#[test]
fn what_the_plan_does_not_name_is_refused_with_its_place() {
    let api = api();
    let member = |at: &str| RequestRefused::UnnamedMember { at: at.to_owned() };
    for (body, expected) in [
        (json!({ "text": "x", "hidden": true }), member("/hidden")),
        (json!({ "text": "x", "client": "mine" }), member("/client")),
        (
            json!({ "text": "x", "cards": [{ "title": "x", "by": "dora" }] }),
            member("/cards/0/by"),
        ),
        (
            json!({}),
            RequestRefused::MissingMember {
                at: "/text".to_owned(),
            },
        ),
        (
            json!({ "text": "x", "from": "bert" }),
            RequestRefused::NotTheirOwn {
                name: "/from".to_owned(),
            },
        ),
    ] {
        let told = want(&api, "POST /rooms/r1/messages", Some(&body)).map(|_| ());
        assert_eq!(told, Err(expected), "{body}");
    }
    for body in [
        json!({ "text": "x", "mentions": "bert" }),
        json!({ "text": "x", "cards": {} }),
    ] {
        let told = want(&api, "POST /rooms/r1/messages", Some(&body)).map(|_| ());
        assert!(
            matches!(told, Err(RequestRefused::BadMember { .. })),
            "{body}: {told:?}"
        );
    }
}

#[test]
fn it_is_about_everybody_whom_it_names_or_a_call_lists_and_one_who_refuses_is_enough() {
    let api = api();
    let town = town(&api, Verb::Write);
    let text = |more: Value| {
        let mut body = json!({ "text": "Hi" });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let left = r#"{"members":[{"id":"ada"},{"id":"bert"},{"id":"dora","state":"left","at":7}]}"#;
    let dora = r#"{"members":[{"id":"ada"},{"id":"dora"}]}"#;
    let nobody = r#"{"members":[{"id":"ada"},{"id":"nobody"}]}"#;
    let none = json!({});
    for (case, more, answer, expected) in [
        ("a room of two", &none, Some(BOTH), Some(vec![0, 1])),
        ("who has left", &none, Some(left), Some(vec![0, 1])),
        (
            "a mention",
            &json!({ "mentions": ["cleo"] }),
            Some(BOTH),
            Some(vec![0, 1, 2]),
        ),
        (
            "nobody mentioned",
            &json!({ "mentions": [] }),
            Some(BOTH),
            Some(vec![0, 1]),
        ),
        (
            "a category besides",
            &json!({ "place": "here" }),
            Some(BOTH),
            Some(vec![0, 1]),
        ),
        ("one refuses", &none, Some(dora), None),
        (
            "a mention refuses",
            &json!({ "mentions": ["dora"] }),
            Some(BOTH),
            None,
        ),
        (
            "a mention of nobody",
            &json!({ "mentions": ["zoe"] }),
            Some(BOTH),
            None,
        ),
        (
            "one mention of two",
            &json!({ "mentions": ["cleo", "zoe"] }),
            Some(BOTH),
            None,
        ),
        ("somebody unknown", &none, Some(nobody), None),
        ("an empty room", &none, Some(r#"{"members":[]}"#), None),
        ("no list", &none, Some(r#"{"members":"ada"}"#), None),
        ("no JSON", &none, Some("<p>"), None),
        ("no answer", &none, None, None),
        (
            "a room of strangers",
            &none,
            Some(r#"{"members":[{"id":"bert"}]}"#),
            None,
        ),
    ] {
        let wanted = want(&api, "POST /rooms/r1/messages", Some(&text(more.clone()))).unwrap();
        assert_eq!(about(wanted, answer, &town), expected, "{case}");
    }
    let wanted = want(&api, "POST /rooms/r1/messages", Some(&text(none))).unwrap();
    let decided = wanted.decide(town.asker.clone(), &town.facts, Now::At(NOW));
    assert!(decided.is_err(), "before the call is answered");
}

#[test]
fn a_category_is_needed_of_everybody_where_it_is_sent() {
    let api = api();
    let mut pairs: Vec<_> = api
        .operations()
        .iter()
        .flat_map(|it| it.pairs().to_vec())
        .collect();
    pairs.sort();
    pairs.dedup();
    let town = Town::by(Verb::Write, 4, Some(PersonNo(0)), &pairs);
    town.consent(&[PersonNo(1)], |category, _| {
        category.as_str() == "chat:Message"
    });
    for (request, body, passes) in [
        ("POST /rooms/r1/messages", json!({ "text": "x" }), true),
        (
            "POST /rooms/r1/messages",
            json!({ "text": "x", "place": "here" }),
            false,
        ),
        (
            "POST /rooms/r1/messages",
            json!({ "text": "x", "cards": [{ "title": "x" }] }),
            false,
        ),
        (
            "POST /rooms/r1/messages",
            json!({ "text": "x", "cards": [] }),
            true,
        ),
        (
            "POST /rooms/r1/messages?at=8",
            json!({ "text": "x" }),
            false,
        ),
    ] {
        let wanted = want(&api, request, Some(&body)).unwrap();
        assert_eq!(
            about(wanted, Some(BOTH), &town).is_some(),
            passes,
            "{request} {body}"
        );
    }
}

#[test]
fn one_author_is_asked_for_and_has_to_be_whoever_connected() {
    let api = api();
    let town = town(&api, Verb::Delete);
    for (answer, expected) in [
        (r#"{"author":"ada"}"#, Some(vec![0])),
        (r#"{"author":"bert"}"#, None),
        (r#"{"author":"nobody"}"#, None),
        (r#"{"author":["ada"]}"#, None),
        (r#"{"author":null}"#, None),
        ("{}", None),
    ] {
        let wanted = want(&api, "DELETE /posts/p1", None).unwrap();
        assert_eq!(wanted.lookups(), ["/posts/p1"]);
        assert_eq!(about(wanted, Some(answer), &town), expected, "{answer}");
    }
}

#[test]
fn whoever_connected_is_concerned_by_what_is_done_in_their_name() {
    let api = api();
    let town = town(&api, Verb::Write);
    for (person, expected) in [
        ("bert", Some(vec![0, 1])),
        ("ada", Some(vec![0])),
        ("dora", None),
    ] {
        let wanted = want(&api, &format!("PUT /people/{person}/tag"), None).unwrap();
        assert_eq!(about(wanted, None, &town), expected, "{person}");
    }
}

#[test]
fn two_requests_that_ask_for_the_same_have_one_fingerprint() {
    let api = api();
    let of = |request: &str, body: Value| want(&api, request, Some(&body)).unwrap().fingerprint();
    let first = of(
        "POST /rooms/r1/messages",
        json!({ "text": "x", "from": "me" }),
    );
    assert_eq!(
        first,
        of(
            "POST /rooms/r1/messages",
            json!({ "from": "ada", "text": "x" })
        )
    );
    assert_ne!(
        first,
        of(
            "POST /rooms/r2/messages",
            json!({ "text": "x", "from": "me" })
        )
    );
    assert_ne!(
        first,
        of(
            "POST /rooms/r1/messages",
            json!({ "text": "y", "from": "me" })
        )
    );
    assert_ne!(
        first,
        of(
            "POST /rooms/r1/messages?at=8",
            json!({ "text": "x", "from": "me" })
        )
    );
}

#[test]
fn what_was_made_is_told_unless_it_is_somebody() {
    let api = api();
    let send = api
        .operations()
        .iter()
        .find(|it| it.id() == "send")
        .unwrap();
    for (answer, expected) in [
        (r#"{"id":"m_1","text":"x"}"#, Some(json!("m_1"))),
        (
            r#"{"id":1234567890123}"#,
            Some(json!(1_234_567_890_123_u64)),
        ),
        (r#"{"id":"bert"}"#, None),
        (r#"{"id":"@bert:example.org"}"#, None),
        (r#"{"id":"m_1 bert@example.org"}"#, None),
        (r#"{"id":""}"#, None),
        (r#"{"id":1.5}"#, None),
        (r#"{"id":{"a":1}}"#, None),
        (r#"{"id":null}"#, None),
        ("[]", None),
        ("<p>", None),
    ] {
        let resolve = |id: &str| (id == "bert").then_some(PersonNo(1));
        assert_eq!(send.made(answer.as_bytes(), &resolve), expected, "{answer}");
    }
    let long = json!({ "id": "m".repeat(256) }).to_string();
    assert_eq!(send.made(long.as_bytes(), &|_| None), None);
    let tag = api.operations().iter().find(|it| it.id() == "tag").unwrap();
    assert_eq!(tag.made(br#"{"id":"m_1"}"#, &|_| None), None);
}
