//! Reads by POST: what a request's body can say, what is refused, and what the platform gets instead of it.

use super::{RequestRefused, ask, load};
use crate::check::report;

const SEARCH: &str = r##"
openapi: 3.1.0
info: { title: Search, version: "1" }
paths:
  /search:
    post:
      operationId: search
      x-countersign:
        verb: read
        reach: friend
        order: "pd:UID"
        empty: list
        page: { items: /list, cursor: c, after: /after }
      parameters:
        - { name: c, in: query, schema: { type: string } }
      requestBody:
        required: true
        content:
          application/json:
            schema: { $ref: "#/components/schemas/Search" }
          text/plain:
            schema: { type: string }
      responses: &list { "200": { description: Found, content: { application/json: { schema: { $ref: "#/components/schemas/Page" } } } } }
  /sync:
    post:
      operationId: sync
      x-countersign: { verb: read, reach: friend, order: "pd:UID", empty: list, page: { items: /list, cursor: c, after: /after } }
      parameters:
        - { name: c, in: query, schema: { type: string } }
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [presence]
              properties:
                presence: { type: string, enum: [online, offline], x-countersign: { always: offline } }
                filter:
                  type: object
                  x-countersign: { structure: true }
                  properties:
                    lazy: { type: boolean, x-countersign: { always: true } }
                    year: { type: integer, minimum: 2000, maximum: 2030, x-countersign: { pass: true } }
      responses: *list
  /plain:
    post:
      operationId: plain
      x-countersign: { verb: read, reach: friend, order: "pd:UID", empty: list, page: { items: /list, cursor: c, after: /after } }
      parameters:
        - { name: c, in: query, schema: { type: string } }
      requestBody: { content: { application/json: { schema: { type: object, properties: { debug: { type: boolean } } } } } }
      responses: *list
components:
  schemas:
    Search:
      allOf:
        - $ref: "#/components/schemas/Limited"
        - type: object
          required: [categories]
          properties:
            categories: { type: object, x-countersign: { structure: true }, properties: { events: { $ref: "#/components/schemas/Events", x-countersign: { structure: true } } } }
    Limited:
      type: object
      properties:
        limit: { type: integer, minimum: 1, maximum: 20, x-countersign: { pass: true } }
        version: { const: 2, x-countersign: { pass: true } }
    Events:
      type: object
      required: [term]
      properties:
        term: { type: string, x-countersign: { touches: "pd:Name" } }
        keys: { type: array, items: { type: string, enum: [body, topic] }, x-countersign: { pass: true } }
        rooms: { type: [array, "null"], items: { type: string }, x-countersign: { record: true } }
        near: { type: number, x-countersign: { touches: ["pd:Age", "pd:Name"] } }
        any: { x-countersign: { touches: "pd:Name" } }
        filter: { type: object, properties: { limit: { type: integer } } }
        "a/b~c": { type: boolean, x-countersign: { pass: true } }
    Page:
      type: object
      properties:
        list: { type: array, items: { $ref: "#/components/schemas/Friend" } }
        after: { type: string }
    Friend:
      type: object
      x-countersign: { people: [{ at: id }] }
      properties: { id: { type: string, x-countersign: { category: "pd:UID", identifies: true } } }
"##;

#[track_caller]
fn becomes(path: &str, sent: Option<&str>, body: Option<&str>) {
    let prepared = ask(&load(SEARCH), "POST", path, sent).unwrap();
    assert_eq!(prepared.method(), "POST");
    let written = prepared
        .body()
        .map(|body| std::str::from_utf8(body).unwrap());
    assert_eq!(written, body);
}

#[track_caller]
fn is_refused(path: &str, sent: &str, why: &str) {
    let refused = ask(&load(SEARCH), "POST", path, Some(sent)).unwrap_err();
    assert_eq!(refused.to_string(), why, "{sent}");
}

/// A search for these members of `/categories/events`.
fn events(members: &str) -> String {
    format!(r#"{{"categories":{{"events":{{{members}}}}}}}"#)
}

#[test]
fn the_platform_gets_what_is_named_in_our_own_words() {
    becomes(
        "/search",
        Some(
            " { \"categories\" : {\"events\":\n{\"near\":1.50, \"term\": \"\\u0061da \\u00e4 \\\"\"} }, \"limit\": 7 } ",
        ),
        Some(r#"{"limit":7,"categories":{"events":{"term":"ada ä \"","near":1.5}}}"#),
    );
    let all =
        r#""any":["x",1,true],"keys":["topic","body"],"rooms":["!a","!b"],"term":"","a/b~c":false"#;
    becomes(
        "/search",
        Some(&events(all)),
        Some(&events(
            r#""term":"","keys":["topic","body"],"rooms":["!a","!b"],"any":["x",1,true],"a/b~c":false"#,
        )),
    );
    becomes(
        "/search",
        Some(r#"{"categories":{}}"#),
        Some(r#"{"categories":{}}"#),
    );
    becomes(
        "/search",
        Some(r#"{"categories":{},"version":2}"#),
        Some(r#"{"version":2,"categories":{}}"#),
    );
}

#[test]
fn what_is_always_sent_is_sent_whatever_the_partner_says() {
    let nothing = r#"{"presence":"offline","filter":{"lazy":true}}"#;
    becomes("/sync", None, Some(nothing));
    becomes("/sync", Some("{}"), Some(nothing));
    becomes("/sync", Some(r#"{"filter":{}}"#), Some(nothing));
    becomes(
        "/sync",
        Some(r#"{"filter":{"year":2024}}"#),
        Some(r#"{"presence":"offline","filter":{"lazy":true,"year":2024}}"#),
    );
    for (sent, at) in [
        (r#"{"presence":"online"}"#, "/presence"),
        (r#"{"presence":"offline"}"#, "/presence"),
        (r#"{"filter":{"lazy":true}}"#, "/filter/lazy"),
    ] {
        is_refused(
            "/sync",
            sent,
            &format!("the body's member `{at}` is not among those this operation accepts"),
        );
    }
}

#[test]
fn members_that_the_plan_does_not_name_are_refused_by_their_pointer() {
    for (sent, at) in [
        (r#"{"categories":{},"debug":1}"#.to_owned(), "/debug"),
        (
            events(r#""term":"x","filter":{"limit":1}"#),
            "/categories/events/filter",
        ),
        (
            events(r#""term":"x","a~1b":null"#),
            "/categories/events/a~01b",
        ),
        (
            events(r#""term":"x","":{"deep":[]}"#),
            "/categories/events/",
        ),
    ] {
        is_refused(
            "/search",
            &sent,
            &format!("the body's member `{at}` is not among those this operation accepts"),
        );
    }
}

#[test]
fn a_member_twice_and_a_member_missing_are_refused() {
    is_refused(
        "/search",
        &events(r#""term":"x","t\u0065rm":"y""#),
        "the body's member `/categories/events/term` is given more than once",
    );
    is_refused(
        "/search",
        &events(""),
        "the body's member `/categories/events/term` is missing",
    );
    is_refused(
        "/search",
        "{}",
        "the body's member `/categories` is missing",
    );
}

#[test]
fn values_that_cannot_be_accepted_are_refused_with_what_could() {
    let at = "/categories/events";
    for (members, member, expected) in [
        (r#""term":null"#, "term", "text"),
        (r#""term":["x"]"#, "term", "text"),
        (r#""term":{"$gt":""}"#, "term", "text"),
        (r#""term":"x","near":"2""#, "near", "a number"),
        (
            r#""term":"x","keys":"body""#,
            "keys",
            "a list of body, topic",
        ),
        (
            r#""term":"x","keys":["body","name"]"#,
            "keys",
            "a list of body, topic",
        ),
        (
            r#""term":"x","keys":[["body"]]"#,
            "keys",
            "a list of body, topic",
        ),
        (r#""term":"x","rooms":"!a""#, "rooms", "a list of ids"),
        (r#""term":"x","rooms":[""]"#, "rooms", "a list of ids"),
        (r#""term":"x","a/b~c":1"#, "a~1b~0c", "true, false"),
        (
            r#""term":"x","any":{}"#,
            "any",
            "text, a number, true or false, or a list of these",
        ),
        (
            r#""term":"x","any":[{}]"#,
            "any",
            "text, a number, true or false, or a list of these",
        ),
    ] {
        let why =
            format!("the body's member `{at}/{member}` is not acceptable: expected {expected}");
        is_refused("/search", &events(members), &why);
    }
    for (sent, at, expected) in [
        (r#"{"limit":21}"#, "/limit", "a number from 1 to 20"),
        (r#"{"limit":"7"}"#, "/limit", "a number from 1 to 20"),
        (r#"{"limit":7.0}"#, "/limit", "a number from 1 to 20"),
        (r#"{"version":3}"#, "/version", "2"),
        (r#"{"categories":[]}"#, "/categories", "an object"),
        (
            r#"{"categories":{"events":null}}"#,
            "/categories/events",
            "an object",
        ),
        ("[]", "", "an object"),
        ("null", "", "an object"),
    ] {
        is_refused(
            "/search",
            sent,
            &format!("the body's member `{at}` is not acceptable: expected {expected}"),
        );
    }
}

#[test]
fn what_is_not_json_is_refused_without_being_quoted() {
    for (sent, line, column) in [
        ("{\"categories\": {}", 1, 17),
        ("{\"categories\": {}} {}", 1, 20),
        ("\u{feff}{}", 1, 1),
        ("{'categories': {}}", 1, 2),
        ("{\"categories\": {},\n}", 2, 1),
        ("{\"limit\": 1e400}", 1, 15),
        ("{\"limit\": \"\\ud800\"}", 1, 18),
        ("{\"limit\": 90071992547409930000000}", 1, 33),
        (" ", 1, 1),
    ] {
        let why = format!("the body is not JSON in UTF-8 (line {line}, column {column})");
        is_refused("/search", sent, &why);
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let refused = ask(&load(SEARCH), "POST", "/search", Some(&deep)).unwrap_err();
    assert!(
        matches!(refused, RequestRefused::BodyNotJson { .. }),
        "{refused}"
    );
}

#[test]
fn a_body_is_there_where_it_must_be_and_nowhere_else() {
    let api = load(SEARCH);
    let missing = ask(&api, "POST", "/search", None).unwrap_err();
    assert_eq!(missing, RequestRefused::BodyMissing);
    // Nothing of its body has a note, and it may be left out: none is taken and none is sent.
    becomes("/plain", None, None);
    let sent = ask(&api, "POST", "/plain", Some("{}")).unwrap_err();
    assert_eq!(sent, RequestRefused::BodyNotTaken);
    let takes: Vec<bool> = api.operations().iter().map(|o| o.takes_body()).collect();
    assert_eq!(takes, [true, true, false]);
}

#[test]
fn a_search_needs_what_it_touches_of_everybody() {
    let api = load(SEARCH);
    let touched = |sent: &str| {
        let walk = ask(&api, "POST", "/search", Some(sent))
            .unwrap()
            .into_walk();
        let plan = &walk.operation.plan;
        let named = |at: &u16| plan.categories[usize::from(*at)].as_str().to_owned();
        walk.touches.iter().map(named).collect::<Vec<_>>()
    };
    assert!(touched(r#"{"categories":{}}"#).is_empty());
    assert_eq!(touched(&events(r#""term":"x""#)), ["pd:Name"]);
    assert_eq!(
        touched(&events(r#""term":"x","near":2"#)),
        ["pd:Name", "pd:Age", "pd:Name"]
    );
    let pairs = api.operations()[0].pairs();
    assert!(
        pairs
            .iter()
            .any(|(category, _)| category.as_str() == "pd:Age"),
        "asked before the platform is"
    );
}

#[test]
fn a_cursor_of_one_search_is_none_of_another() {
    use crate::cursor::{Nonce, Nonces};
    use crate::paging::Place;
    let api = load(SEARCH);
    let (ada, bert) = (events(r#""term":"ada""#), events(r#""term":"bert""#));
    let walk = ask(&api, "POST", "/search", Some(&ada))
        .unwrap()
        .into_walk();
    let place = Place {
        cursor: Some("up".to_owned()),
        skip: 0,
    };
    let seal = &walk.paging.as_ref().unwrap().seal;
    let cursor = seal
        .seal(&place, Nonces::of(Nonce([1; 12])).draw())
        .unwrap();
    let target = format!("/search?c={cursor}");
    // The same search in other bytes is the same search.
    let spaced = ada.replace(':', " : ");
    for same in [&ada, &spaced] {
        assert_eq!(
            ask(&api, "POST", &target, Some(same)).unwrap().upstream(),
            "/search?c=up"
        );
    }
    let refused = ask(&api, "POST", &target, Some(&bert)).unwrap_err();
    assert!(
        matches!(refused, RequestRefused::BadCursor { .. }),
        "{refused}"
    );
}

#[test]
fn the_report_shows_what_a_body_can_say() {
    let report = report(&load(SEARCH));
    let lines = report.operations.iter().flat_map(|operation| {
        let of = operation.id.clone();
        let taken = operation.parameters.iter();
        taken.map(move |p| format!("{of}: {} {}: {}", p.place, p.name, p.takes))
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}
