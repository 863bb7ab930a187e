//! What somebody tries who writes messages, keys and names, or who asks: to slip by, to find out who is there, to break
//! an answer.

use bytes::Bytes;

use super::{Api, PersonNo, Walk, finish, load, prepare, reduced, town};
use crate::error::AnswerRefused;

/// An operation at this path with this note; its parameters, and the schema of its answer.
fn document(path: &str, note: &str, parameters: &str, schema: &str) -> String {
    format!(
        "
openapi: 3.1.0
info: {{ title: Adversary, version: '1' }}
paths:
  {path}:
    get:
      x-countersign: {{ verb: read, reach: friend{note} }}
      parameters: [{parameters}]
      responses:
        '200': {{ description: It, content: {{ application/json: {{ schema: {schema} }} }} }}
"
    )
}

/// A list of records of these, at `/it`.
fn list(note: &str, members: &str) -> String {
    let schema = format!(
        "{{ type: object, properties: {{ list: {{ type: array, x-countersign: {{ structure: true }}, items: {{ type: object, x-countersign: {{ {note} }}, properties: {{ {members} }} }} }} }} }}"
    );
    document("/it", "", "", &schema)
}

const ID: &str = "id: { type: string, x-countersign: { category: 'pd:UID', identifies: true } }";

/// Everybody but Dora has consented to everything; nobody asked takes longer than its answer.
fn left(api: &Api, target: &str, body: &str) -> Result<Option<String>, AnswerRefused> {
    left_but(api, target, body, &[])
}

fn left_but(
    api: &Api,
    target: &str,
    body: &str,
    refused: &[&str],
) -> Result<Option<String>, AnswerRefused> {
    let town = town(api, 200_000);
    let others: Vec<PersonNo> = (1..3).chain(4..200_000).map(PersonNo).collect();
    town.consent(&others, |category, _| !refused.contains(&category.as_str()));
    let walk = prepare(api, target).unwrap().into_walk();
    reduced(walk, body.as_bytes(), &town)
}

#[track_caller]
fn leaves(document: &str, body: &str, expected: &str) {
    let left = left(&load(document), "/it", body).unwrap();
    assert_eq!(left.as_deref().unwrap_or("nothing"), expected);
}

/// What is wrong with a document.
fn problem(document: &str) -> String {
    let overlay = super::NO_OVERLAY;
    match Api::load(
        document.as_bytes(),
        "document.yaml",
        overlay,
        "overlay.json",
    ) {
        Ok(_) => "nothing".to_owned(),
        Err(errors) => errors.to_string(),
    }
}

// What the sweep is to see.

#[test]
fn an_open_text_that_readers_decode_differently_does_not_leave() {
    let any = list(
        "people: [{ at: id }]",
        &format!("{ID}, any: {{ x-countersign: {{ open: true, category: 'pd:Thing' }} }}"),
    );
    let body = r#"{"list":[{"id":"bert","any":"\ud800 @dora:x.example"},{"id":"cleo","any":"x"}]}"#;
    leaves(&any, body, r#"{"list":[{"id":"cleo","any":"x"}]}"#);
}

#[test]
fn what_is_declared_to_be_somebodys_identifier_is_looked_through_for_others() {
    let names = list(
        "people: [{ at: id }]",
        &format!(
            "{ID}, handle: {{ type: string, x-countersign: {{ names: true, category: 'pd:Name' }} }}"
        ),
    );
    let body = r#"{"list":[{"id":"bert","handle":"ask @dora:x.example"},{"id":"cleo","handle":"cleo@x.example"}]}"#;
    leaves(
        &names,
        body,
        r#"{"list":[{"id":"cleo","handle":"cleo@x.example"}]}"#,
    );
}

#[test]
fn bare_ids_of_those_whom_a_call_or_an_address_named_are_known() {
    let by_address = list(
        "people: [{ at: url, form: 'https://h.example/u/{}' }]",
        "url: { type: string }, any: { x-countersign: { open: true, category: 'pd:Thing' } }",
    );
    let body = r#"{"list":[{"url":"https://h.example/u/dora","any":"x"},{"url":"https://h.example/u/bert","any":{"by":"dora"}},{"url":"https://h.example/u/bert","any":"y"}]}"#;
    leaves(&by_address, body, r#"{"list":[{"any":"y"}]}"#);
    let api = load(&rooms(
        "",
        "any: { x-countersign: { open: true, category: 'pd:Thing' } }",
    ));
    let body = r#"{"list":[{"room":"one","any":"x"},{"room":"two","any":["dora"]},{"room":"two","any":"y"}]}"#;
    let people = |path: &str| match path {
        "/rooms/one/members" => r#"["ada","dora"]"#,
        _ => r#"["ada","bert"]"#,
    };
    assert_eq!(with_people(&api, body, people), r#"{"list":[{"any":"y"}]}"#);
}

// Lists of people by a second call.

/// Records whose people a call lists by their room.
fn rooms(more: &str, members: &str) -> String {
    let from = format!(
        "people-from: {{ call: '/rooms/{{room}}/members', with: {{ room: {{ at: room }} }}, items: /, id: '.', complete: true{more} }}"
    );
    list(&from, &format!("room: {{ type: string }}, {members}"))
}

/// The same with people who may have left, and `made` in seconds.
fn left_rooms(note: &str, undated: &str) -> String {
    let from = format!(
        "{note}people-from: {{ call: '/rooms/{{room}}/members', with: {{ room: {{ at: room }} }}, items: /, id: id, complete: true, \
         left: {{ at: is, is: [gone], when: at, format: seconds{undated} }} }}"
    );
    list(
        &from,
        "room: { type: string }, made: { type: integer, x-countersign: { time: seconds } }, text: { type: string, x-countersign: { category: 'pd:Text' } }",
    )
}

fn with_people(api: &Api, body: &str, people: impl Fn(&str) -> &'static str) -> String {
    let town = town(api, 10);
    let others: Vec<PersonNo> = [1, 2, 4, 5].map(PersonNo).to_vec();
    town.consent(&others, |_, _| true);
    let mut walk = prepare(api, "/it").unwrap().into_walk();
    walk.take_page(Bytes::copy_from_slice(body.as_bytes()), &super::number)
        .unwrap();
    for path in walk.lookups() {
        let answer = people(&path);
        walk.take_people(&path, Some(answer.as_bytes()), &super::number)
            .unwrap();
    }
    let decision = town.decide(&walk.question(&town.asker));
    finish(walk.settle(&decision), &town).unwrap_or_else(|| "nothing".to_owned())
}

#[test]
fn what_was_made_when_nobody_was_there_is_not_of_the_one_who_was_there_before() {
    let api = load(&left_rooms("", ""));
    let people = |_: &str| r#"[{"id":"bert","is":"gone","at":100}]"#;
    let body = r#"{"list":[{"room":"r","made":50,"text":"a"},{"room":"r","made":150,"text":"b"}]}"#;
    assert_eq!(
        with_people(&api, body, people),
        r#"{"list":[{"text":"a"}]}"#
    );
}

#[test]
fn who_has_left_is_not_among_those_whose_undated_things_they_are() {
    let api = load(&left_rooms("own-among: true, ", ""));
    let people = |_: &str| r#"[{"id":"ada","is":"gone","at":100},{"id":"bert","is":"in","at":1}]"#;
    let body = r#"{"list":[{"room":"r","text":"a"},{"room":"r","made":50,"text":"b"},{"room":"r","made":150,"text":"c"}]}"#;
    assert_eq!(
        with_people(&api, body, people),
        r#"{"list":[{"text":"b"}]}"#
    );
}

#[test]
fn a_time_that_cannot_be_read_is_not_now() {
    let api = load(&left_rooms("", ", undated: now"));
    let people = |_: &str| r#"[{"id":"dora","is":"gone","at":100},{"id":"bert","is":"in","at":1}]"#;
    let body = r#"{"list":[{"room":"r","text":"a"},{"room":"r","made":1e9,"text":"b"},{"room":"r","made":"never","text":"c"}]}"#;
    assert_eq!(
        with_people(&api, body, people),
        r#"{"list":[{"text":"a"}]}"#
    );
}

#[test]
fn of_several_times_the_earliest_counts() {
    let two = list(
        "people: [{ at: id }]",
        &format!(
            "{ID}, made: {{ type: integer, x-countersign: {{ time: seconds }} }}, edited: {{ type: integer, x-countersign: {{ time: seconds }} }}"
        ),
    );
    let api = load(&two);
    let town = town(&api, 4);
    for body in [
        r#"{"list":[{"id":"bert","made":5,"edited":90}]}"#,
        r#"{"list":[{"id":"bert","edited":90,"made":5}]}"#,
    ] {
        let mut walk = prepare(&api, "/it").unwrap().into_walk();
        walk.take_page(Bytes::from(body), &super::number).unwrap();
        let made = walk.question(&town.asker).data[0].made;
        assert_eq!(made, Some(decide::Time(5_000)), "{body}");
    }
}

#[test]
fn people_are_asked_for_again_with_each_page() {
    let schema = "{ type: object, properties: { next: { type: string }, list: { type: array, items: { type: object, x-countersign: { people-from: { call: '/rooms/{room}/members', with: { room: { at: room } }, items: /, id: '.', complete: true } }, properties: { room: { type: string }, text: { type: string, x-countersign: { category: 'pd:Text' } } } } } } }";
    let api = load(&document(
        "/it",
        ", order: none, page: { items: /list, cursor: c, after: /next }",
        "{ name: c, in: query, schema: { type: string } }",
        schema,
    ));
    let town = town(&api, 10);
    town.consent(&[PersonNo(1)], |_, _| true);
    let mut walk = prepare(&api, "/it").unwrap().into_walk();
    let page = |text: &str, next: &str| {
        Bytes::from(format!(
            r#"{{"next":"{next}","list":[{{"room":"r","text":"{text}"}}]}}"#
        ))
    };
    walk.take_page(page("a", "2"), &super::number).unwrap();
    walk.take_people(
        "/rooms/r/members",
        Some(br#"["ada","bert"]"#),
        &super::number,
    )
    .unwrap();
    let decision = town.decide(&walk.question(&town.asker));
    assert!(walk.missing(&decision).is_some());
    // Dora came, and the second page has what she said since.
    walk.take_page(page("b", ""), &super::number).unwrap();
    assert_eq!(walk.lookups(), ["/rooms/r/members"]);
    walk.take_people(
        "/rooms/r/members",
        Some(br#"["ada","bert","dora"]"#),
        &super::number,
    )
    .unwrap();
    let decision = town.decide(&walk.question(&town.asker));
    let left = finish(walk.settle(&decision), &town).unwrap();
    assert_eq!(left, r#"{"list":[{"text":"a"}]}"#);
}

// What a request can bring about.

#[test]
fn what_a_request_touches_the_asking_person_agrees_to_as_well() {
    let schema = "{ type: object, x-countersign: { people: [own] }, properties: { name: { type: string, x-countersign: { category: 'pd:Name' } } } }";
    let parameter = "{ name: faith, in: query, schema: { type: string }, x-countersign: { touches: 'pd:Religion' } }";
    let api = load(&document("/it", "", parameter, schema));
    let signed = [("pd:Name", decide::Reach::Own)];
    let signed: Vec<_> = signed.map(|(c, r)| (c.parse().unwrap(), r)).to_vec();
    let town = super::Town::new(4, Some(PersonNo(0)), &signed);
    let ask = |target: &str| {
        let walk = prepare(&api, target).unwrap().into_walk();
        reduced(walk, br#"{"name":"Ada"}"#, &town).unwrap()
    };
    assert_eq!(ask("/it").as_deref(), Some(r#"{"name":"Ada"}"#));
    assert_eq!(ask("/it?faith=none"), None);
}

#[test]
fn who_is_among_them_the_answer_says_and_not_the_request() {
    let schema = "{ type: object, x-countersign: { people: [{ parameter: who }, { at: other }], own-among: true }, properties: { other: { type: string }, name: { type: string, x-countersign: { category: 'pd:Name' } } } }";
    let parameter = "{ name: who, in: path, required: true, schema: { type: string }, x-countersign: { person: any } }";
    let api = load(&document("/it/{who}", "", parameter, schema));
    let body = r#"{"other":"bert","name":"B"}"#;
    assert_eq!(left(&api, "/it/ada", body).unwrap(), None);
    let own = r#"{"other":"ada","name":"A"}"#;
    assert_eq!(
        left(&api, "/it/ada", own).unwrap().as_deref(),
        Some(r#"{"name":"A"}"#)
    );
}

// What nobody there and somebody who refuses have in common.

#[test]
fn null_for_a_list_or_a_map_looks_as_if_all_in_it_refused() {
    let schema = format!(
        "{{ type: object, properties: {{ list: {{ type: array, x-countersign: {{ structure: true }}, items: {{ type: object, x-countersign: {{ people: [{{ at: id }}] }}, properties: {{ {ID} }} }} }}, map: {{ type: object, additionalProperties: {{ type: string, x-countersign: {{ category: 'pd:Like' }} }}, x-countersign: {{ structure: true, keys: {{ category: 'pd:UID' }} }} }} }} }}"
    );
    let both = document("/it", "", "", &schema);
    for body in [
        r#"{"list":[{"id":"dora"}],"map":{"dora":"x"}}"#,
        r#"{"list":[],"map":{}}"#,
        r#"{"list":null,"map":null}"#,
    ] {
        leaves(&both, body, r#"{"list":[],"map":{}}"#);
    }
}

#[test]
fn null_for_a_list_that_is_refused_looks_as_if_something_were_in_it() {
    let homes = list(
        "people: [{ at: id }]",
        &format!(
            "{ID}, homes: {{ type: array, x-countersign: {{ structure: true }}, items: {{ type: object, properties: {{ city: {{ type: string, x-countersign: {{ category: 'pd:City' }} }} }} }} }}"
        ),
    );
    let api = load(&homes);
    for homes in ["null", "[]", r#"[{"city":"Elmton"}]"#] {
        let body = format!(r#"{{"list":[{{"id":"bert","homes":{homes}}}]}}"#);
        let left = left_but(&api, "/it", &body, &["pd:City"]).unwrap();
        let expected = r#"{"list":[{"id":"bert","homes":[]}]}"#;
        assert_eq!(left.as_deref(), Some(expected), "{homes}");
    }
    let body = r#"{"list":[{"id":"bert","homes":null}]}"#;
    assert_eq!(left(&api, "/it", body).unwrap().as_deref(), Some(body));
}

#[test]
fn how_many_lists_of_nobody_there_are_does_not_show() {
    let schema = format!(
        "{{ type: object, properties: {{ list: {{ type: array, x-countersign: {{ structure: true }}, items: {{ type: array, items: {{ type: object, x-countersign: {{ people: [{{ at: id }}] }}, properties: {{ {ID} }} }} }} }} }} }}"
    );
    let lists = document("/it", "", "", &schema);
    let body = r#"{"list":[[{"id":"dora"}],[{"id":"bert"}],[{"id":"dora"}]]}"#;
    leaves(&lists, body, r#"{"list":[[{"id":"bert"}]]}"#);
}

#[test]
fn how_the_platform_ends_a_list_does_not_show() {
    let schema = format!(
        "{{ type: object, properties: {{ list: {{ type: array, items: {{ type: object, x-countersign: {{ people: [{{ at: id }}] }}, properties: {{ {ID} }} }} }}, page: {{ type: object, properties: {{ after: {{ type: string }} }} }} }} }}"
    );
    let api = load(&document(
        "/it",
        ", order: none, page: { items: /list, cursor: c, after: /page/after }",
        "{ name: c, in: query, schema: { type: string } }",
        &schema,
    ));
    let town = town(&api, 4);
    town.consent(&[PersonNo(1)], |_, _| true);
    let all = |pages: &[&str]| {
        let mut walk = prepare(&api, "/it").unwrap().into_walk();
        let mut decision = None;
        for page in pages {
            if let Some(decision) = &decision {
                assert!(walk.missing(decision).is_some());
            }
            walk.take_page(Bytes::from((*page).to_owned()), &super::number)
                .unwrap();
            decision = Some(town.decide(&walk.question(&town.asker)));
        }
        let mut walk: Walk = walk;
        let decision = decision.unwrap();
        assert!(walk.missing(&decision).is_none());
        finish(walk.settle(&decision), &town).unwrap()
    };
    let none = all(&[r#"{"list":null}"#]);
    assert_eq!(none, all(&[r#"{"list":[{"id":"dora"}]}"#]));
    for end in ["null", "{}", r#"{"after":null}"#, "[]", "false"] {
        let only = format!(r#"{{"list":[{{"id":"bert"}}],"page":{end}}}"#);
        let more = r#"{"list":[{"id":"bert"}],"page":{"after":"2"}}"#;
        let last = format!(r#"{{"list":[{{"id":"dora"}}],"page":{end}}}"#);
        assert_eq!(all(&[&only]), all(&[more, &last]), "{end}");
    }
}

#[test]
fn null_for_a_record_that_was_asked_for_looks_as_if_it_refused() {
    let schema = format!(
        "{{ type: object, x-countersign: {{ people: [{{ at: id }}] }}, properties: {{ {ID} }} }}"
    );
    let api = load(&document("/it", "", "", &schema));
    for body in [r#"{"id":"dora"}"#, "{}", " null "] {
        assert_eq!(left(&api, "/it", body), Ok(None), "{body}");
    }
}

// What would break an answer for everybody in it.

#[test]
fn a_name_of_a_member_that_cannot_be_decoded_is_a_member_that_is_not_named() {
    let friends = list("people: [{ at: id }]", ID);
    let body = r#"{"list":[{"\ud800":1,"id":"bert"}],"\udc00x":2}"#;
    leaves(&friends, body, r#"{"list":[{"id":"bert"}]}"#);
}

#[test]
fn a_record_of_very_many_people_takes_no_quadratic_time() {
    let crowd = list(
        "people: [{ at: 'ids/*' }]",
        "ids: { type: array, items: { type: string } }, text: { type: string, x-countersign: { category: 'pd:Text' } }",
    );
    let ids: Vec<String> = (4..190_000).map(|n| format!("\"p{n}\"")).collect();
    let body = format!(r#"{{"list":[{{"text":"x","ids":[{}]}}]}}"#, ids.join(","));
    let begun = std::time::Instant::now();
    leaves(&crowd, &body, r#"{"list":[{"text":"x"}]}"#);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn very_many_records_within_one_of_very_many_people_are_too_much_before_they_take_the_memory() {
    let members = "ids: { type: array, items: { type: string } }, texts: { type: array, x-countersign: { structure: true }, items: { type: object, x-countersign: { people: [{ at: by }] }, properties: { by: { type: string }, text: { type: string, x-countersign: { category: 'pd:Text' } } } } }";
    let crowd = load(&list("people: [{ at: 'ids/*' }]", members));
    let ids: Vec<String> = (4..20_000).map(|n| format!("\"p{n}\"")).collect();
    let texts: Vec<String> = (20_000..28_000)
        .map(|n| format!(r#"{{"by":"p{n}","text":"x"}}"#))
        .collect();
    let body = format!(
        r#"{{"list":[{{"ids":[{}],"texts":[{}]}}]}}"#,
        ids.join(","),
        texts.join(",")
    );
    let mut walk = prepare(&crowd, "/it").unwrap().into_walk();
    let taken = walk.take_page(Bytes::from(body), &super::number);
    assert_eq!(taken, Err(AnswerRefused::TooLarge));
    assert!(
        walk.seen.subjects.len() < 9_000_000,
        "{}",
        walk.seen.subjects.len()
    );
}

#[test]
fn names_in_a_long_row_of_which_each_falls_with_the_next_take_no_quadratic_time() {
    let bios = load(&list(
        "people: [{ at: id }]",
        &format!("{ID}, bio: {{ type: string, x-countersign: {{ category: 'pd:Text' }} }}"),
    ));
    let number = |id: &str| {
        let id = id
            .strip_prefix('@')
            .and_then(|id| id.strip_suffix(":x"))
            .unwrap_or(id);
        super::number(id)
    };
    let rows = 20_000;
    let row = |n: u32| format!(r#"{{"id":"p{n}","bio":"@p{}:x"}}"#, n + 1);
    let all: Vec<String> = (4..4 + rows).map(row).collect();
    let body = format!(r#"{{"list":[{}]}}"#, all.join(","));
    let town = town(&bios, 200_000);
    let others: Vec<PersonNo> = (4..4 + rows).map(PersonNo).collect();
    town.consent(&others, |_, _| true);
    let mut walk = prepare(&bios, "/it").unwrap().into_walk();
    walk.take_page(Bytes::from(body), &number).unwrap();
    let begun = std::time::Instant::now();
    let decision = town.decide(&walk.question(&town.asker));
    assert_eq!(
        finish(walk.settle(&decision), &town).as_deref(),
        Some(r#"{"list":[]}"#)
    );
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

// Notes that would have no effect.

#[test]
fn a_note_about_people_that_would_have_no_effect_is_a_mistake() {
    let beside = document(
        "/it",
        "",
        "",
        "{ $ref: '#/components/schemas/It', x-countersign: { record: true, people: [own] } }",
    ) + "components: { schemas: { It: { type: object, x-countersign: { people: [{ at: id }] }, properties: { id: { type: string, x-countersign: { category: 'pd:UID' } } } } } }";
    assert!(
        problem(&beside).contains("second note"),
        "{}",
        problem(&beside)
    );
    let both = document(
        "/it",
        "",
        "",
        "{ allOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }] }",
    ) + "components: { schemas: { A: { type: object, x-countersign: { people: [{ at: id }] }, properties: { id: { type: string, x-countersign: { category: 'pd:UID' } } } }, B: { type: object, x-countersign: { people: [{ at: by }] }, properties: { by: { type: string } } } } }";
    assert!(problem(&both).contains("second note"), "{}", problem(&both));
    let cases = list(
        "people: [own]",
        "is: { $ref: '#/components/schemas/Either', x-countersign: { structure: true } }",
    ) + "components: { schemas: { Either: { x-countersign: { people: [{ at: id }] }, oneOf: [{ $ref: '#/components/schemas/One' }], discriminator: { propertyName: kind, mapping: { one: '#/components/schemas/One' } } }, One: { type: object, properties: { kind: { type: string }, id: { type: string }, text: { type: string, x-countersign: { category: 'pd:Text' } } } } } }";
    assert!(problem(&cases).contains("no effect"), "{}", problem(&cases));
    let scalar = document(
        "/it/{who}",
        "",
        "{ name: who, in: path, required: true, schema: { type: string }, x-countersign: { person: any } }",
        "{ type: object, x-countersign: { people: [own, { parameter: who }] }, properties: { text: { type: string, x-countersign: { category: 'pd:Text', people: [{ parameter: who }] } } } }",
    );
    assert!(
        problem(&scalar).contains("no effect"),
        "{}",
        problem(&scalar)
    );
    let array = document(
        "/it",
        "",
        "",
        "{ type: object, x-countersign: { people: [own] }, properties: { list: { type: array, x-countersign: { structure: true, people: [own] }, items: { type: object, properties: { text: { type: string, x-countersign: { category: 'pd:Text' } } } } } } }",
    );
    assert!(problem(&array).contains("no effect"), "{}", problem(&array));
}

#[test]
fn a_call_takes_its_value_from_a_member_that_stands_once() {
    let many = list(
        "people-from: { call: '/rooms/{room}/members', with: { room: { at: 'rooms/*/id' } }, items: /, id: '.', complete: true }",
        "rooms: { type: array, items: { type: object, properties: { id: { type: string } } } }, text: { type: string, x-countersign: { category: 'pd:Text' } }",
    );
    assert!(problem(&many).contains("once"), "{}", problem(&many));
}
