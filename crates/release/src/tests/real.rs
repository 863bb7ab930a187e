//! What real platforms do that their documents do not say: members that mean a person only sometimes, people whom another
//! call lists, people in the address, open members, identifiers in free text.

use bytes::Bytes;
use decide::PersonNo;

use super::{Api, finish, load, number, prepare, town};
use crate::walk::Walk;

/// Ada asks. Ids are names, or `@name:home`. Everybody but who a case names has consented to everything.
pub(super) const HALL: &str = include_str!("hall.yaml");

/// Names, `@name:home`, and the numbers of the cast as platforms without names write them.
pub(super) fn who(id: &str) -> Option<PersonNo> {
    let bare = id.strip_prefix('@').and_then(|id| id.strip_suffix(":home"));
    number(bare.unwrap_or(id))
}

/// The people of every room: Ada, Bert and Cleo are there, Dora left at 100.
const PEOPLE: &str =
    r#"{"all":[{"id":"ada"},{"id":"bert"},{"id":"cleo"},{"id":"dora","state":"left","at":100}]}"#;

struct Answer<'a> {
    target: &'a str,
    body: &'a str,
    refusing: &'a [u32],
    people: Option<&'a str>,
}

impl Answer<'_> {
    fn left(&self) -> String {
        let api = load(HALL);
        let town = town(&api, 10);
        let consenting: Vec<PersonNo> = (0..10)
            .filter(|n| !self.refusing.contains(n))
            .map(PersonNo)
            .collect();
        town.consent(&consenting, |_, _| true);
        let mut walk = prepare(&api, self.target).unwrap().into_walk();
        walk.take_page(Bytes::copy_from_slice(self.body.as_bytes()), &who)
            .unwrap();
        for path in walk.lookups() {
            walk.take_people(&path, self.people.map(str::as_bytes), &who)
                .unwrap();
        }
        let decision = town.decide(&walk.question(&town.asker));
        finish(walk.settle(&decision), &town).unwrap_or_else(|| "nothing".to_owned())
    }
}

#[track_caller]
fn leaves(target: &str, body: &str, refusing: &[u32], expected: &str) {
    let answer = Answer {
        target,
        body,
        refusing,
        people: Some(PEOPLE),
    };
    assert_eq!(answer.left(), expected);
}

const EVENTS: &str = "/rooms/hall/events";
const BERT: u32 = 1;
const CLEO: u32 = 2;
const DORA: u32 = 3;
const EMIL: u32 = 4;

fn api() -> Api {
    load(HALL)
}

#[test]
fn a_message_concerns_everybody_who_is_in_its_room() {
    let body =
        r#"{"events":[{"text":"hello","type":"message","id":"m1","sender":"bert","at":200}]}"#;
    let whole = r#"{"events":[{"text":"hello","id":"m1","sender":"bert"}]}"#;
    leaves(EVENTS, body, &[], whole);
    leaves(EVENTS, body, &[CLEO], r#"{"events":[]}"#);
    leaves(EVENTS, body, &[EMIL], whole);
}

#[test]
fn whoever_left_counts_for_what_was_sent_while_they_were_there() {
    let message = |at: &str| {
        format!(r#"{{"events":[{{"type":"message","id":"m1","sender":"bert","text":"hi"{at}}}]}}"#)
    };
    let whole = r#"{"events":[{"id":"m1","sender":"bert","text":"hi"}]}"#;
    leaves(EVENTS, &message(r#","at":99"#), &[DORA], r#"{"events":[]}"#);
    leaves(
        EVENTS,
        &message(r#","at":100"#),
        &[DORA],
        r#"{"events":[]}"#,
    );
    leaves(EVENTS, &message(r#","at":101"#), &[DORA], whole);
    // What says no time is of now, as this overlay has it.
    leaves(EVENTS, &message(""), &[DORA], whole);
}

#[test]
fn membership_that_is_not_known_refuses() {
    let body = r#"{"events":[{"type":"message","id":"m1","sender":"bert","text":"hi"}]}"#;
    for people in [
        None,
        Some(""),
        Some("[]"),
        Some(r#"{"all":[]}"#),
        Some(r#"{"all":[{"id":"ada"},{"id":"nobody-known"}]}"#),
        Some(r#"{"all":[{"id":"ada"},{}]}"#),
        Some(r#"{"all":{"ada":1}}"#),
    ] {
        let answer = Answer {
            target: EVENTS,
            body,
            refusing: &[],
            people,
        };
        assert_eq!(answer.left(), r#"{"events":[]}"#, "{people:?}");
    }
}

#[test]
fn the_question_holds_nobody_while_a_call_is_awaited() {
    let api = api();
    let town = town(&api, 10);
    town.consent(&(0..10).map(PersonNo).collect::<Vec<_>>(), |_, _| true);
    let mut walk = prepare(&api, EVENTS).unwrap().into_walk();
    let body = r#"{"events":[{"type":"message","id":"m1","sender":"bert","text":"hi"}]}"#;
    walk.take_page(Bytes::from(body), &who).unwrap();
    assert_eq!(walk.lookups(), ["/rooms/hall/people"]);
    let decision = town.decide(&walk.question(&town.asker));
    assert_eq!(decision.passed(), 0);
    walk.take_people("/rooms/other/people", Some(PEOPLE.as_bytes()), &who)
        .unwrap();
    assert_eq!(walk.lookups().len(), 1, "an answer to another call is none");
    walk.take_people("/rooms/hall/people", Some(PEOPLE.as_bytes()), &who)
        .unwrap();
    assert!(walk.lookups().is_empty());
    assert!(town.decide(&walk.question(&town.asker)).passed() > 0);
}

#[test]
fn one_member_says_what_the_others_mean() {
    let body = r#"{"events":[{"type":"member","sender":"bert","key":"emil"},{"type":"other","sender":"bert"},{"sender":"bert"},{"type":7},{"type":"member","sender":"bert","key":""}]}"#;
    let number_four = body.replace("emil", "p4");
    leaves(
        EVENTS,
        &number_four,
        &[],
        r#"{"events":[{"sender":"bert","key":"p4"}]}"#,
    );
    leaves(EVENTS, &number_four, &[EMIL], r#"{"events":[]}"#);
    let twice = r#"{"events":[{"type":"message","type":"member","sender":"bert","key":"p4"}]}"#;
    let mut walk = prepare(&api(), EVENTS).unwrap().into_walk();
    let refused = walk.take_page(Bytes::from(twice), &who).unwrap_err();
    assert_eq!(
        refused,
        crate::error::AnswerRefused::Twice {
            member: "type".to_owned()
        }
    );
}

#[test]
fn whoever_is_mentioned_counts_and_may_be_missing() {
    let message = |mentions: &str| {
        format!(r#"{{"events":[{{"type":"message","id":"m1","sender":"bert"{mentions}}}]}}"#)
    };
    let whole = r#"{"events":[{"id":"m1","sender":"bert"}]}"#;
    let nothing = r#"{"events":[]}"#;
    leaves(EVENTS, &message(""), &[EMIL], whole);
    leaves(EVENTS, &message(r#","mentions":null"#), &[EMIL], whole);
    leaves(EVENTS, &message(r#","mentions":{}"#), &[EMIL], whole);
    leaves(
        EVENTS,
        &message(r#","mentions":{"users":["p4"]}"#),
        &[],
        whole,
    );
    leaves(
        EVENTS,
        &message(r#","mentions":{"users":["p4"]}"#),
        &[EMIL],
        nothing,
    );
    for odd in [
        r#"{"users":["nobody-known"]}"#,
        r#"{"users":"p4"}"#,
        r#"{"users":[{"id":"p4"}]}"#,
        r#"{"users":[null]}"#,
        r#""p4""#,
        "[]",
    ] {
        leaves(
            EVENTS,
            &message(&format!(r#","mentions":{odd}"#)),
            &[],
            nothing,
        );
    }
}

#[test]
fn a_map_of_rooms_asks_for_the_people_of_each() {
    let body = r#"{"next":"s1","rooms":{"!hall":{"events":[{"id":"m1","sender":"bert","at":50},{"id":"m2","sender":"bert","at":150}]},"!b/../c":{"events":[{"id":"m3","sender":"bert"}]}}}"#;
    let api = api();
    let mut walk = prepare(&api, "/sync").unwrap().into_walk();
    walk.take_page(Bytes::from(body), &who).unwrap();
    assert_eq!(
        walk.lookups(),
        ["/rooms/%21hall/people", "/rooms/%21b%2F..%2Fc/people"]
    );
    let left = |refusing: &[u32]| {
        let answer = Answer {
            target: "/sync",
            body,
            refusing,
            people: Some(PEOPLE),
        };
        let left: serde_json::Value = serde_json::from_str(&answer.left()).unwrap();
        assert!(left["next"].as_str().unwrap().len() > 60, "sealed");
        left["rooms"].clone()
    };
    let event = |id: &str| serde_json::json!({"id": id, "sender": "bert"});
    assert_eq!(
        left(&[]),
        serde_json::json!({"!hall": {"events": [event("m1"), event("m2")]}, "!b/../c": {"events": [event("m3")]}})
    );
    assert_eq!(
        left(&[DORA])["!hall"],
        serde_json::json!({"events": [event("m2")]})
    );
    assert_eq!(left(&[CLEO]), serde_json::json!({}));
}

#[test]
fn a_list_of_ids_of_records_goes_id_by_id() {
    let body = r#"{"joined":["!a","!b"]}"#;
    leaves("/sync", body, &[], body);
    leaves("/sync", body, &[CLEO], r#"{"joined":[]}"#);
    let api = api();
    let mut walk = prepare(&api, "/sync").unwrap().into_walk();
    walk.take_page(Bytes::from(body), &who).unwrap();
    assert_eq!(walk.lookups(), ["/rooms/%21a/people", "/rooms/%21b/people"]);
}

#[test]
fn a_part_that_identifies_takes_its_record_with_it_when_nothing_of_it_is_left() {
    let body = r#"{"receipts":[{"type":"r","read":{"bert":1,"cleo":2}}]}"#;
    leaves("/sync", body, &[], body);
    leaves(
        "/sync",
        body,
        &[CLEO],
        r#"{"receipts":[{"type":"r","read":{"bert":1}}]}"#,
    );
    leaves("/sync", body, &[CLEO, BERT], r#"{"receipts":[]}"#);
    leaves(
        "/sync",
        r#"{"receipts":[{"type":"r"}]}"#,
        &[],
        r#"{"receipts":[]}"#,
    );
}

#[test]
fn what_somebody_notes_about_another_needs_both() {
    let body = r#"{"notes":{"bert":["!a","!b"],"cleo":["!c"]}}"#;
    leaves("/sync", body, &[], body);
    leaves("/sync", body, &[BERT], r#"{"notes":{"cleo":["!c"]}}"#);
}

#[test]
fn a_person_in_the_address_is_whom_the_answer_is_about() {
    let body = r#"{"name":"Bert"}"#;
    leaves("/profile/bert", body, &[], body);
    leaves("/profile/bert", body, &[BERT], "nothing");
    leaves("/profile/nobody-known", body, &[], "nothing");
    leaves("/profile/@bert%3Ahome", body, &[BERT], "nothing");
}

#[test]
fn a_person_may_stand_in_an_address() {
    let by = |by: &str| format!(r#"[{{"by":"{by}","text":"hi"}}]"#);
    let bert = by("https://hall.example/users/bert");
    leaves("/posts", &bert, &[], &bert);
    leaves("/posts", &bert, &[BERT], "[]");
    for odd in [
        "bert",
        "https://hall.example/users/",
        "https://hall.example/users/b/ert",
        "https://far.example/users/bert",
    ] {
        leaves("/posts", &by(odd), &[], "[]");
    }
}

/// Bert's post with this text.
fn post(text: &str) -> String {
    format!(r#"[{{"by":"https://hall.example/users/bert","text":"{text}"}}]"#)
}

#[test]
fn an_identifier_in_free_text_stays_only_with_its_persons_consent_in_this_answer() {
    for cleo in [
        "ask @cleo:home!",
        "ask @CLEO:home",
        "see https://hall.example/@cleo",
        "mail cleo@hall.example",
        r"\u0040cleo:home",
        "%40cleo%3Ahome",
    ] {
        leaves("/posts", &post(cleo), &[], "[]");
    }
    // Her own post stands beside it, so she has agreed to something in this answer.
    let both = |text: &str| {
        format!(
            r#"[{{"by":"https://hall.example/users/bert","text":"{text}"}},{{"by":"https://hall.example/users/cleo","mail":"cleo@hall.example"}}]"#
        )
    };
    let with_id = both("ask @cleo:home");
    leaves("/posts", &with_id, &[], &with_id);
    leaves("/posts", &with_id, &[CLEO], "[]");
    // By a name that only her own record tells.
    let with_mail = both("mail Cleo@hall.example or https://hall.example/@cleo@hall.example");
    leaves("/posts", &with_mail, &[], &with_mail);
    leaves("/posts", &with_mail, &[CLEO], "[]");
    // Names in text are no identifiers.
    let named = post("Cleo says hello at 12:30");
    leaves("/posts", &named, &[CLEO], &named);
}

#[test]
fn whoever_is_swept_away_vouches_for_nobody() {
    let body = r#"[{"by":"https://hall.example/users/bert","text":"@cleo:home"},{"by":"https://hall.example/users/cleo","text":"@dora:home"}]"#;
    leaves("/posts", body, &[], "[]");
}

#[test]
fn a_text_that_stands_alone_goes_alone() {
    let body =
        r#"[{"by":"https://hall.example/users/bert","text":"hi","bio":"a friend of @cleo:home"}]"#;
    leaves("/posts", body, &[], &post("hi"));
}

#[test]
fn what_is_open_passes_or_goes_as_a_whole() {
    let more = |more: &str| {
        format!(
            r#"[{{"by":"https://hall.example/users/bert","more":{more}}},{{"by":"https://hall.example/users/cleo"}}]"#
        )
    };
    let harmless = more(r#"{"a":[1,{"b":null}],"c":"d"}"#);
    leaves("/posts", &harmless, &[], &harmless);
    let without = r#"[{"by":"https://hall.example/users/bert"}]"#;
    let cleo_alone = r#"[{"by":"https://hall.example/users/cleo"}]"#;
    leaves(
        "/posts",
        &harmless,
        &[CLEO],
        r#"[{"by":"https://hall.example/users/bert","more":{"a":[1,{"b":null}],"c":"d"}}]"#,
    );
    // Ids that identify themselves, as value, key or deep inside; also where a key stands twice.
    for hit in [
        r#""@dora:home""#,
        r#"{"@dora:home":1}"#,
        r#"[[{"x":["dora@far.example"]}]]"#,
        r#"{"a":"@dora:home","a":"x"}"#,
    ] {
        leaves("/posts", &more(hit), &[], cleo_alone);
    }
    assert_ne!(without, cleo_alone);
}

#[test]
fn a_bare_id_of_somebody_refused_is_found_in_what_is_open() {
    let body = |more: &str| {
        format!(
            r#"[{{"by":"https://hall.example/users/bert","more":{more}}},{{"by":"https://hall.example/users/p4"}}]"#
        )
    };
    for hit in [r#""p4""#, r#"{"p4":1}"#, r#"{"a":["p4"]}"#] {
        leaves("/posts", &body(hit), &[EMIL], "[]");
    }
    for none in [r#""p44""#, r#""xp4""#, r#"{"a":44}"#] {
        let bert = format!(r#"[{{"by":"https://hall.example/users/bert","more":{none}}}]"#);
        leaves("/posts", &body(none), &[EMIL], &bert);
    }
}

#[test]
fn drift_is_counted_and_names_nobody() {
    let api = api();
    let town = town(&api, 10);
    town.consent(&(0..10).map(PersonNo).collect::<Vec<_>>(), |_, _| true);
    let mut walk = prepare(&api, EVENTS).unwrap().into_walk();
    let body = r#"{"rest":1,"extra":1,"events":[{"type":"message","id":"m1","sender":"bert","text":"@stranger:far","user":"bert"},{"type":"odd"},{"type":"member","sender":"bert","key":"nobody-known"}]}"#;
    walk.take_page(Bytes::from(body), &who).unwrap();
    let paths = walk.lookups();
    walk.take_people(&paths[0], Some(PEOPLE.as_bytes()), &who)
        .unwrap();
    let decision = town.decide(&walk.question(&town.asker));
    let settled = walk.settle(&decision);
    let judged = settled
        .judge(decision.permit(), crate::cursor::Nonce([1; 12]))
        .unwrap();
    let drift = judged.drift();
    assert_eq!(
        (
            drift.undeclared,
            drift.unforeseen,
            drift.swept,
            drift.unresolved
        ),
        (2, 1, 1, 1)
    );
    assert_eq!((drift.lookups, drift.lookups_failed), (1, 0));
}

#[test]
fn too_many_calls_are_too_many() {
    let rooms: Vec<String> = (0..70).map(|n| format!(r#""!r{n}""#)).collect();
    let body = format!(r#"{{"joined":[{}]}}"#, rooms.join(","));
    let api = api();
    let mut walk: Walk = prepare(&api, "/sync").unwrap().into_walk();
    walk.take_page(Bytes::from(body.clone()), &who).unwrap();
    assert_eq!(walk.lookups().len(), 64);
    let answer = Answer {
        target: "/sync",
        body: &body,
        refusing: &[],
        people: Some(PEOPLE),
    };
    let left: serde_json::Value = serde_json::from_str(&answer.left()).unwrap();
    assert_eq!(left["joined"].as_array().unwrap().len(), 64);
}
