//! People whom only the address names, values that a partner cannot set, and cursors that members of answers give.

use super::{RequestRefused, load, prepare};
use crate::api::{Api, Me, Routed};
use crate::cursor::{CursorKey, Nonce, Nonces};
use crate::paging::Place;
use crate::request::Call;
use decide::{ConnectionId, PartnerId, PersonNo};

const ROOMS: &str = r##"
openapi: 3.1.0
info: { title: Rooms, version: "1" }
paths:
  /profile/{person}/{part}:
    get:
      operationId: profile
      x-countersign: { verb: read, reach: directory }
      parameters:
        - { name: part, in: path, required: true, schema: { type: string, enum: [name, avatar] }, x-countersign: { pass: true } }
        - { name: person, in: path, required: true, schema: { type: string }, x-countersign: { person: any } }
      responses: &person { "200": { description: Somebody, content: { application/json: { schema: { $ref: "#/components/schemas/Profile" } } } } }
  /rooms/{room}/of/{person}/events:
    parameters:
      - { name: room, in: path, required: true, schema: { type: string }, x-countersign: { record: true } }
      - { name: person, in: path, required: true, schema: { type: string }, x-countersign: { person: own } }
    get:
      operationId: events
      x-countersign: { verb: read, reach: directory, empty: not-found, order: "pd:UID", page: { items: /list, cursor: c, size: n, after: /after } }
      parameters:
        - { name: c, in: query, schema: { type: string } }
        - { name: n, in: query, schema: { type: integer } }
        - { name: from, in: query, schema: { type: string }, x-countersign: { cursor: true } }
        - { name: presence, in: query, required: true, schema: { type: string, enum: [online, "off line"] }, x-countersign: { always: "off line" } }
        - { name: depth, in: query, schema: { allOf: [{ $ref: "#/components/schemas/Depth" }] }, x-countersign: { always: 3 } }
        - { name: about, in: query, schema: { type: string }, x-countersign: { touches: "pd:UID" } }
      responses: { "200": { description: Events, content: { application/json: { schema: { type: object, properties: {
        list: { type: array, items: { $ref: "#/components/schemas/Event" } }, after: { type: string } } } } } } }
components:
  schemas:
    Depth: { type: integer }
    Profile:
      type: object
      x-countersign: { people: [{ at: id }, { parameter: person }] }
      properties: { id: { type: string, x-countersign: { category: "pd:UID", identifies: true } } }
    Event:
      type: object
      x-countersign: { people: [{ at: id }] }
      properties:
        id: { type: string, x-countersign: { category: "pd:UID", identifies: true } }
        around: { type: string, x-countersign: { cursor: from } }
"##;

const EVENTS: &str = "/rooms/!a/of/me/events";

#[track_caller]
fn asks(target: &str, upstream: &str) {
    assert_eq!(prepare(&load(ROOMS), target).unwrap().upstream(), upstream);
}

#[track_caller]
fn is_refused(target: &str, why: &str) {
    let refused = prepare(&load(ROOMS), target).unwrap_err();
    assert_eq!(refused.to_string(), why, "{target}");
}

#[test]
fn somebody_is_asked_about_by_any_id_that_stays_in_its_place() {
    asks("/profile/bert/name", "/profile/bert/name");
    asks(
        "/profile/%40bert:home%2Fx/name",
        "/profile/%40bert%3Ahome%2Fx/name",
    );
    // An id by this name, not the person who connected: that is what `person: own` is for.
    asks("/profile/me/name", "/profile/me/name");
    let why = "the parameter `person` is not acceptable: expected an id";
    for person in ["", ".", "..", "%2e%2E"] {
        is_refused(&format!("/profile/{person}/name"), why);
    }
    is_refused(
        "/profile/bert/mail",
        "the parameter `part` is not acceptable: expected name, avatar",
    );
}

#[test]
fn the_walk_knows_the_paths_values_and_who_is_asked_about() {
    let text = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let walk = prepare(&load(ROOMS), "/profile/b%20ert/name")
        .unwrap()
        .into_walk();
    assert_eq!(
        walk.path_values,
        text(&[("person", "b ert"), ("part", "name")])
    );
    assert_eq!(walk.asked_people, [(0, "b ert".to_owned())]);
    let walk = prepare(&load(ROOMS), EVENTS).unwrap().into_walk();
    assert_eq!(walk.path_values, text(&[("room", "!a"), ("person", "ada")]));
    assert!(
        walk.asked_people.is_empty(),
        "the person who connected is no stranger to be asked about"
    );
}

#[test]
fn what_is_always_sent_is_sent_and_cannot_be_set() {
    let always = "depth=3&presence=off%20line";
    asks(EVENTS, &format!("/rooms/%21a/of/ada/events?{always}&n=25"));
    asks(
        &format!("{EVENTS}?about=x&n=2"),
        &format!("/rooms/%21a/of/ada/events?about=x&{always}&n=2"),
    );
    for (query, name) in [
        ("presence=online", "presence"),
        ("presence=off+line", "presence"),
        ("depth=3", "depth"),
        ("%64epth=", "depth"),
    ] {
        is_refused(
            &format!("{EVENTS}?{query}"),
            &format!("the parameter `{name}` is not among those this operation accepts"),
        );
    }
}

#[test]
fn links_to_the_next_page_do_not_say_what_is_always_sent() {
    let walk = prepare(&load(ROOMS), &format!("{EVENTS}?about=x&n=2"))
        .unwrap()
        .into_walk();
    assert_eq!(
        walk.paging.unwrap().link("sealed"),
        "/rooms/%21a/of/me/events?about=x&n=2&c=sealed"
    );
}

/// A cursor as a member of `target`'s answer gives it, for the parameter `from`.
fn given(api: &Api, target: &str, place: Place) -> String {
    let walk = prepare(api, target).unwrap().into_walk();
    let (name, seal) = walk.seals.first().unwrap();
    assert_eq!((name.as_str(), walk.seals.len()), ("from", 1));
    seal.seal(&place, Nonces::of(Nonce([1; 12])).draw())
        .unwrap()
}

fn up() -> Place {
    Place {
        cursor: Some("up&x".to_owned()),
        skip: 0,
    }
}

#[test]
fn a_cursor_that_a_member_gave_is_opened_for_the_platform_and_stays_sealed_in_links() {
    let api = load(ROOMS);
    let from = given(&api, EVENTS, up());
    // Also with other parameters than those with which it was given.
    for rest in ["", "&about=x"] {
        let prepared = prepare(&api, &format!("{EVENTS}?from={from}{rest}")).unwrap();
        assert!(
            prepared.upstream().contains("&from=up%26x&"),
            "{}",
            prepared.upstream()
        );
        let link = prepared.into_walk().paging.unwrap().link("sealed");
        assert_eq!(
            link,
            format!(
                "/rooms/%21a/of/me/events?{}from={from}&c=sealed",
                if rest.is_empty() { "" } else { "about=x&" }
            )
        );
    }
}

#[test]
fn a_cursor_from_anywhere_else_is_a_bad_cursor() {
    let api = load(ROOMS);
    let why = "the parameter `from` is not a cursor that was given out for this list";
    is_refused(&format!("{EVENTS}?from=up"), why);
    is_refused(&format!("{EVENTS}?from="), why);
    let of_page = {
        let walk = prepare(&api, EVENTS).unwrap().into_walk();
        walk.paging
            .unwrap()
            .seal
            .seal(&up(), Nonces::of(Nonce([1; 12])).draw())
            .unwrap()
    };
    is_refused(&format!("{EVENTS}?from={of_page}"), why);
    let from = given(&api, EVENTS, up());
    is_refused(&format!("/rooms/!b/of/me/events?from={from}"), why);
    is_refused(
        &format!("{EVENTS}?c={from}"),
        "the parameter `c` is not a cursor that was given out for this list",
    );
    let without = given(
        &api,
        EVENTS,
        Place {
            cursor: None,
            skip: 0,
        },
    );
    is_refused(&format!("{EVENTS}?from={without}"), why);
}

#[test]
fn a_members_cursor_is_good_for_its_partner_and_connection() {
    let api = load(ROOMS);
    let query = format!("from={}", given(&api, EVENTS, up()));
    let ask = |partner: &str, connection: &str| {
        let Routed::Mapped(route) = api.route("GET", EVENTS) else {
            panic!("not routed")
        };
        let (partner, connection): (PartnerId, ConnectionId) =
            (partner.parse().unwrap(), connection.parse().unwrap());
        let me = Me {
            id: "ada".to_owned(),
            no: PersonNo(0),
        };
        let call = Call {
            query: Some(&query),
            body: None,
            partner: &partner,
            connection: Some(&connection),
            me: Some(&me),
            cursors: &CursorKey::new([9; 32]),
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
fn what_members_give_leaves_sealed_each_in_other_bytes_and_comes_back() {
    let api = load(ROOMS);
    let town = super::town(&api, 4);
    let (bert, cleo) = (PersonNo(1), PersonNo(2));
    town.consent(&[bert, cleo], |_, _| true);
    let walk = prepare(&api, EVENTS).unwrap().into_walk();
    let page = br#"{"list":[{"id":"bert","around":"up&x"},{"id":"cleo","around":"up&x"},{"id":"dora","around":"up&x"}]}"#;
    let left = super::reduced(walk, page, &town).unwrap().unwrap();
    assert!(!left.contains("up"), "{left}");
    let left: serde_json::Value = serde_json::from_str(&left).unwrap();
    let given: Vec<&str> = left["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["around"].as_str().unwrap())
        .collect();
    assert_eq!(given.len(), 2, "dora's goes with her record");
    assert_ne!(given[0], given[1], "no nonce twice");
    for from in given {
        let prepared = prepare(&api, &format!("{EVENTS}?from={from}")).unwrap();
        assert!(prepared.upstream().contains("&from=up%26x&"));
    }
}
