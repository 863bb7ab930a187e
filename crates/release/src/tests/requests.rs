//! What a request can say, and what is refused.

use super::{RequestRefused, load, prepare};
use crate::api::{Api, Me, Routed};
use crate::cursor::CursorKey;
use crate::request::Call;
use decide::{ConnectionId, PartnerId, PersonNo};

const NOTES: &str = r##"
openapi: 3.0.3
info: { title: Notes, version: "1" }
paths:
  /people/{person}/notes:
    parameters:
      - { name: person, in: path, required: true, schema: { type: string }, x-countersign: { person: own } }
    get:
      operationId: notes
      x-countersign:
        verb: read
        reach: friend
        order: none
        page: { items: /list, size: n, default-size: 3, max-size: 7, cursor: c, after: /after }
      parameters:
        - { name: n, in: query, schema: { type: integer } }
        - { name: c, in: query, schema: { type: string } }
        - { name: about, in: query, schema: { type: string }, x-countersign: { touches: ["pd:Name", "pd:Age"] } }
        - { name: language, in: query, schema: { type: string, enum: [en, de] }, x-countersign: { pass: true } }
        - { name: year, in: query, schema: { type: integer, minimum: 2000, maximum: 2030 }, x-countersign: { pass: true } }
        - { name: debug, in: query, schema: { type: string } }
        - { name: X-Trace, in: header, schema: { type: string } }
      responses: { "200": { description: Notes, content: { application/json: { schema: { $ref: "#/components/schemas/Page" } } } } }
    post:
      operationId: addNote
      x-countersign: { verb: write, reach: own, concerns: "pd:Name" }
      responses: { "201": { description: Added } }
  /people/{person}/notes/{note}:
    get:
      operationId: note
      x-countersign: { verb: read, reach: friend }
      parameters:
        - { name: person, in: path, required: true, schema: { type: string }, x-countersign: { person: own } }
        - { name: note, in: path, required: true, schema: { type: string }, x-countersign: { record: true } }
      responses: { "200": { description: A note, content: { application/vnd.notes+json: { schema: { $ref: "#/components/schemas/Note" } } } } }
  /people/{person}/notes/export:
    get: { operationId: exportNotes, responses: { "200": { description: All } } }
components:
  schemas:
    Page:
      type: object
      properties:
        list: { type: array, items: { $ref: "#/components/schemas/Note" } }
        after: { type: string }
    Note:
      type: object
      x-countersign: { people: [{ at: id }] }
      properties: { id: { type: string, x-countersign: { category: "pd:UID", identifies: true } } }
"##;

#[track_caller]
fn asks(target: &str, upstream: &str) {
    let api = load(NOTES);
    assert_eq!(prepare(&api, target).unwrap().upstream(), upstream);
}

#[track_caller]
fn is_refused(target: &str, why: &str) {
    let api = load(NOTES);
    assert_eq!(prepare(&api, target).unwrap_err().to_string(), why);
}

#[test]
fn the_platform_is_asked_in_our_own_words() {
    asks("/people/me/notes", "/people/ada/notes?n=3");
    asks("/people/ada/notes?n=5&", "/people/ada/notes?n=5");
    asks("/people/%61da/notes?n=500", "/people/ada/notes?n=7");
    asks(
        "/people/me/notes?year=2024&language=de",
        "/people/ada/notes?language=de&year=2024&n=3",
    );
    asks(
        "/people/me/notes?about=a+b%26c%C3%A4",
        "/people/ada/notes?about=a%20b%26c%C3%A4&n=3",
    );
    asks("/people/me/notes/a%2Fb%3F", "/people/ada/notes/a%2Fb%3F");
}

#[test]
fn parameters_that_the_plan_does_not_name_are_refused() {
    is_refused(
        "/people/me/notes?fields=email",
        "the parameter `fields` is not among those this operation accepts",
    );
    is_refused(
        "/people/me/notes?debug=1",
        "the parameter `debug` is not among those this operation accepts",
    );
    is_refused(
        "/people/me/notes?X-Trace=1",
        "the parameter `X-Trace` is not among those this operation accepts",
    );
    is_refused(
        "/people/me/notes?person=bert",
        "the parameter `person` is not among those this operation accepts",
    );
    is_refused(
        "/people/me/notes?n=1&n=2",
        "the parameter `n` is given more than once",
    );
    is_refused(
        "/people/me/notes?%6e=1&n=2",
        "the parameter `n` is given more than once",
    );
}

#[test]
fn values_out_of_bounds_are_refused() {
    is_refused(
        "/people/me/notes?n=0",
        "the parameter `n` is not acceptable: expected a number from 1 to 7",
    );
    is_refused(
        "/people/me/notes?n=many",
        "the parameter `n` is not acceptable: expected a number from 1 to 7",
    );
    is_refused(
        "/people/me/notes?language=xx",
        "the parameter `language` is not acceptable: expected en, de",
    );
    is_refused(
        "/people/me/notes?year=1999",
        "the parameter `year` is not acceptable: expected a number from 2000 to 2030",
    );
    is_refused(
        "/people/me/notes?year=%2B2024",
        "the parameter `year` is not acceptable: expected a number from 2000 to 2030",
    );
    is_refused("/people/me/notes?about=%zz", "the query cannot be decoded");
    is_refused("/people/me/notes?about=%ff", "the query cannot be decoded");
    is_refused(
        "/people/me/notes/..",
        "the parameter `note` is not acceptable: expected an id",
    );
    is_refused(
        "/people/me/notes/%2e",
        "the parameter `note` is not acceptable: expected an id",
    );
}

#[test]
fn somebody_else_is_refused_without_asking_whether_they_exist() {
    let why = "the parameter `person` names somebody other than the person who connected: expected their id or `me`";
    is_refused("/people/bert/notes", why);
    is_refused("/people/nobody-at-all/notes", why);
}

#[test]
fn cursors_from_elsewhere_are_bad_cursors() {
    let why = "the parameter `c` is not a cursor that was given out for this list";
    is_refused("/people/me/notes?c=3", why);
    is_refused("/people/me/notes?c=", why);
    let api = load(NOTES);
    let sealed = sealed(&api, "/people/me/notes?language=en");
    let with = |target: &str| {
        prepare(&api, &format!("{target}c={sealed}")).map(|prepared| prepared.upstream().to_owned())
    };
    assert_eq!(
        with("/people/me/notes?language=en&"),
        Ok("/people/ada/notes?language=en&n=5&c=up".to_owned())
    );
    assert_eq!(
        with("/people/me/notes?language=en&n=7&"),
        Ok("/people/ada/notes?language=en&n=7&c=up".to_owned())
    );
    for other in [
        "/people/me/notes?",
        "/people/me/notes?language=de&",
        "/people/me/notes?language=en&about=x&",
    ] {
        assert_eq!(with(other).unwrap_err().to_string(), why, "{other}");
    }
}

/// A cursor of this list, at the platform's cursor `up`, behind two elements.
fn sealed(api: &Api, target: &str) -> String {
    use crate::cursor::{Nonce, Nonces};
    use crate::paging::Place;
    let walk = prepare(api, target).unwrap().into_walk();
    let place = Place {
        cursor: Some("up".to_owned()),
        skip: 2,
    };
    walk.paging
        .unwrap()
        .seal
        .seal(&place, Nonces::of(Nonce([1; 12])).draw())
        .unwrap()
}

#[test]
fn a_cursor_of_another_partner_or_connection_is_a_bad_cursor() {
    let api = load(NOTES);
    let sealed = sealed(&api, "/people/me/notes");
    let query = format!("c={sealed}");
    let ask = |partner: &str, connection: &str| {
        let Routed::Mapped(route) = api.route("GET", "/people/me/notes") else {
            panic!("not routed")
        };
        let (partner, connection): (PartnerId, ConnectionId) =
            (partner.parse().unwrap(), connection.parse().unwrap());
        let (me, key) = (
            Me {
                id: "ada".to_owned(),
                no: PersonNo(0),
            },
            CursorKey::new([9; 32]),
        );
        let call = Call {
            query: Some(&query),
            body: None,
            partner: &partner,
            connection: Some(&connection),
            me: Some(&me),
            cursors: &key,
        };
        route.prepare(&call).map(|_| ())
    };
    assert_eq!(ask("findr", "c1"), Ok(()));
    assert!(matches!(
        ask("reelbox", "c1"),
        Err(RequestRefused::BadCursor { .. })
    ));
    assert!(matches!(
        ask("findr", "c2"),
        Err(RequestRefused::BadCursor { .. })
    ));
}

#[test]
fn paths_lead_to_the_operation_that_the_document_means() {
    let api = load(NOTES);
    let leads = |method: &str, path: &str| match api.route(method, path) {
        Routed::Mapped(route) => route.operation().id().to_owned(),
        Routed::Unmapped => "nowhere".to_owned(),
    };
    assert_eq!(leads("GET", "/people/me/notes"), "notes");
    assert_eq!(leads("POST", "/people/me/notes"), "addNote");
    assert_eq!(leads("GET", "/people/me/notes/7"), "note");
    // Without a plan of its own, and not a note by the name of `export` either.
    assert_eq!(leads("GET", "/people/me/notes/export"), "nowhere");
    assert_eq!(leads("GET", "/people/me/notes/%65xport"), "nowhere");
    for (method, path) in [
        ("PUT", "/people/me/notes"),
        ("GET", "/people/me/notes/"),
        ("GET", "/people//me/notes"),
        ("GET", "/"),
        ("GET", ""),
        ("GET", "people/me/notes"),
        ("get", "/people/me/notes"),
        ("GET", "/people/me/notes/7/8"),
    ] {
        let found = leads(method, path);
        assert!(
            found == "nowhere" || path == "/people/me/notes/",
            "{method} {path} leads to {found}"
        );
    }
}

#[test]
fn an_operation_for_a_person_needs_one_and_writes_wait() {
    let api = load(NOTES);
    let (partner, key) = ("findr".parse().unwrap(), CursorKey::new([9; 32]));
    let call = Call {
        query: None,
        body: None,
        partner: &partner,
        connection: None,
        me: None,
        cursors: &key,
    };
    let ask = |method: &str| match api.route(method, "/people/me/notes") {
        Routed::Mapped(route) => route.prepare(&call).map(|_| ()),
        Routed::Unmapped => panic!("not routed"),
    };
    assert_eq!(ask("GET"), Err(RequestRefused::NobodyConnected));
    assert_eq!(ask("POST"), Err(RequestRefused::NotARead));
}

#[test]
fn only_answers_of_the_described_type_have_a_plan() {
    let api = load(NOTES);
    let of = |id: &str| {
        api.operations()
            .iter()
            .find(|operation| operation.id() == id)
            .unwrap()
    };
    assert!(of("notes").is_of_type("application/json; charset=utf-8"));
    assert!(of("notes").is_of_type("Application/JSON"));
    for other in [
        "",
        "text/html",
        "application/vnd.notes+json",
        "application/jsonp",
        "application/x-ndjson",
    ] {
        assert!(!of("notes").is_of_type(other), "{other}");
    }
    assert!(of("note").is_of_type("application/vnd.notes+json"));
    assert_eq!((of("notes").status(), of("addNote").status()), (200, 0));
}

#[test]
fn filtering_needs_what_it_touches_of_everybody() {
    let api = load(NOTES);
    let town = super::town(&api, 4);
    let (bert, cleo) = (PersonNo(1), PersonNo(2));
    town.consent(&[bert, cleo], |category, _| category.as_str() != "pd:Age");
    town.consent(&[cleo], |category, _| category.as_str() == "pd:Age");
    let left = |target: &str| {
        let walk = prepare(&api, target).unwrap().into_walk();
        super::reduced(walk, br#"{"list":[{"id":"bert"},{"id":"cleo"}]}"#, &town)
    };
    let (both, one) = (
        r#"{"list":[{"id":"bert"},{"id":"cleo"}]}"#,
        r#"{"list":[{"id":"cleo"}]}"#,
    );
    assert_eq!(
        left("/people/me/notes?language=en"),
        Ok(Some(both.to_owned()))
    );
    assert_eq!(left("/people/me/notes?about=x"), Ok(Some(one.to_owned())));
}
