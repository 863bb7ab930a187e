//! What is left of answers, case by case.

use super::{AnswerRefused, PersonNo, load, prepare, reduced, town};

/// Ada asks. Bert and Cleo have consented to everything but what a case says; Dora to nothing; Emil is unknown.
const CIRCLE: &str = r##"
openapi: 3.1.0
info: { title: Circle, version: "1" }
paths:
  /circle:
    get:
      operationId: circle
      x-countersign: { verb: read, reach: friend }
      responses:
        "200":
          description: A circle of friends
          content:
            application/json:
              schema:
                type: object
                properties:
                  friends:
                    type: array
                    items: { $ref: "#/components/schemas/Friend" }
                    x-countersign: { structure: true }
                  likes:
                    type: object
                    additionalProperties: { type: string, x-countersign: { category: "pd:Like" } }
                    x-countersign: { structure: true, keys: { category: "pd:UID", reach: friend } }
                  chat: { $ref: "#/components/schemas/Chat", x-countersign: { structure: true } }
                  numbered:
                    type: array
                    items: { $ref: "#/components/schemas/Numbered" }
                    x-countersign: { structure: true }
                  tickets:
                    type: array
                    items: { $ref: "#/components/schemas/Ticket" }
                    x-countersign: { structure: true }
                  total: { type: integer }
components:
  schemas:
    Friend:
      type: object
      x-countersign: { people: [{ at: id }] }
      properties:
        id: { type: string, x-countersign: { category: "pd:UID", identifies: true } }
        name: { type: [string, "null"], x-countersign: { category: "pd:Name" } }
        age: { type: integer, x-countersign: { category: "pd:Age" } }
        interests: { type: array, items: { type: string }, x-countersign: { category: "pd:Interest" } }
        address:
          type: [object, "null"]
          x-countersign: { structure: true }
          properties:
            street: { type: string, x-countersign: { category: "pd:PhysicalAddress" } }
            city: { type: string, x-countersign: { category: "pd:City" } }
        since: { type: string, x-countersign: { category: "pd:Friend", also: own } }
        best: { $ref: "#/components/schemas/Mini", x-countersign: { structure: true } }
        secret: { type: string }
    Mini:
      type: object
      x-countersign: { people: [{ at: id }] }
      properties:
        id: { type: string, x-countersign: { category: "pd:UID", identifies: true } }
        name: { type: string, x-countersign: { category: "pd:Name" } }
    Chat:
      type: object
      x-countersign: { people: [{ at: "members/*" }, { at: author/id }], own-among: true }
      properties:
        members: { type: array, items: { type: string } }
        author: { type: object, properties: { id: { type: string } } }
        text: { type: string, x-countersign: { category: "pd:Communication" } }
        sent: { type: string, format: date-time, x-countersign: { time: true } }
    Ticket:
      type: object
      x-countersign: { people: [{ at: owner }] }
      properties:
        owner: { type: string }
        no: { type: integer, x-countersign: { category: "pd:UID", identifies: true } }
        title: { type: string, x-countersign: { category: "pd:Name" } }
    Numbered:
      type: object
      x-countersign: { people: [{ at: id }] }
      properties:
        id: { type: integer, x-countersign: { category: "pd:UID" } }
"##;

/// What is left, where these refuse these categories.
fn left_of(body: &str, refusals: &[(u32, &str)]) -> Result<String, AnswerRefused> {
    let api = load(CIRCLE);
    let town = town(&api, 4);
    for person in [0, 1, 2] {
        town.consent(&[PersonNo(person)], |category, _| {
            !refusals.contains(&(person, category.as_str()))
        });
    }
    let walk = prepare(&api, "/circle").unwrap().into_walk();
    reduced(walk, body.as_bytes(), &town).map(|left| left.unwrap_or_else(|| "nothing".to_owned()))
}

#[track_caller]
fn leaves(body: &str, expected: &str) {
    assert_eq!(left_of(body, &[]).as_deref(), Ok(expected));
}

#[track_caller]
fn leaves_without(body: &str, refusals: &[(u32, &str)], expected: &str) {
    assert_eq!(left_of(body, refusals).as_deref(), Ok(expected));
}

#[track_caller]
fn is_refused(body: &str, why: &AnswerRefused) {
    assert_eq!(left_of(body, &[]).as_ref(), Err(why));
}

const BERT: u32 = 1;

#[test]
fn named_members_of_consenting_people_arrive_and_no_others() {
    leaves(
        r#"{"friends":[{"id":"bert","name":"Bert","secret":"s","age":40,"undeclared":{"a":[1]}}],"total":1}"#,
        r#"{"friends":[{"id":"bert","name":"Bert","age":40}]}"#,
    );
}

#[test]
fn whoever_refuses_is_not_in_the_list() {
    leaves(
        r#"{"friends":[{"id":"dora","name":"Dora"},{"id":"bert","name":"Bert"},{"id":"dora"}]}"#,
        r#"{"friends":[{"id":"bert","name":"Bert"}]}"#,
    );
    leaves(
        r#"{"friends":[{"id":"dora","name":"Dora"}]}"#,
        r#"{"friends":[]}"#,
    );
}

#[test]
fn a_refused_category_is_a_missing_member_and_a_refused_id_takes_the_record() {
    let body = r#"{"friends":[{"id":"bert","name":"Bert","age":40}]}"#;
    leaves_without(
        body,
        &[(BERT, "pd:Name")],
        r#"{"friends":[{"id":"bert","age":40}]}"#,
    );
    leaves_without(body, &[(BERT, "pd:UID")], r#"{"friends":[]}"#);
}

#[test]
fn people_who_cannot_be_resolved_refuse() {
    for id in [
        r#""emil""#,
        "null",
        // Bert's number, where text is declared.
        "1",
        r#""""#,
        "true",
        r#"["bert"]"#,
        r#"{"id":"bert"}"#,
    ] {
        leaves(
            &format!(r#"{{"friends":[{{"id":{id},"name":"X"}}]}}"#),
            r#"{"friends":[]}"#,
        );
    }
    leaves(r#"{"friends":[{"name":"X"}]}"#, r#"{"friends":[]}"#);
}

#[test]
fn the_person_may_stand_after_the_data_and_be_escaped() {
    leaves(
        r#"{"friends":[{"name":"Bert","age":1,"id":"b\u0065rt"}]}"#,
        r#"{"friends":[{"name":"Bert","age":1,"id":"b\u0065rt"}]}"#,
    );
    leaves(
        r#"{"friends":[{"n\u0061me":"Bert","id":"bert"}]}"#,
        r#"{"friends":[{"name":"Bert","id":"bert"}]}"#,
    );
}

#[test]
fn numbers_and_texts_arrive_as_they_were_written() {
    for number in ["123456789012345678901234567890", "1e400", "-0.0", "1E+2"] {
        let body = format!(r#"{{"friends":[{{"id":"bert","age":{number}}}]}}"#);
        leaves(&body, &body);
    }
    let body = "{\"friends\":[{\"id\":\"bert\",\"name\":\"\\u00e4\\n/\\/ \u{1f600}\"}]}";
    leaves(body, body);
}

#[test]
fn white_space_between_values_does_not_arrive() {
    leaves(
        " {\n \"friends\" : [ { \"id\" : \"bert\" } ] } \n",
        r#"{"friends":[{"id":"bert"}]}"#,
    );
}

#[test]
fn values_of_the_wrong_form_are_dropped() {
    for name in [r#"{"x":"Bert"}"#, r#"["Bert"]"#] {
        leaves(
            &format!(r#"{{"friends":[{{"id":"bert","name":{name}}}]}}"#),
            r#"{"friends":[{"id":"bert"}]}"#,
        );
    }
    for list in [
        r#""tea""#,
        r#"[["tea"]]"#,
        r#"[{"tea":1}]"#,
        r#"["tea",null]"#,
    ] {
        leaves(
            &format!(r#"{{"friends":[{{"id":"bert","interests":{list}}}]}}"#),
            r#"{"friends":[{"id":"bert"}]}"#,
        );
    }
    leaves(
        r#"{"friends":[{"id":"bert","address":"Main Street"}]}"#,
        r#"{"friends":[{"id":"bert"}]}"#,
    );
    leaves(r#"{"friends":{"id":"bert"},"chat":[1],"likes":3}"#, "{}");
    leaves(
        r#"{"friends":["bert",null,7,{"id":"bert"}]}"#,
        r#"{"friends":[{"id":"bert"}]}"#,
    );
}

#[test]
fn lists_of_scalars_arrive_whole() {
    let body = r#"{"friends":[{"id":"bert","interests":["tea","\u0061",1]},{"id":"cleo","interests":[]}]}"#;
    leaves(body, body);
}

#[test]
fn null_arrives_where_the_value_would() {
    let body = r#"{"friends":[{"id":"bert","name":null,"address":null}]}"#;
    leaves(body, body);
    leaves_without(
        body,
        &[(BERT, "pd:Name"), (BERT, "pd:City")],
        r#"{"friends":[{"id":"bert"}]}"#,
    );
}

#[test]
fn an_object_of_which_nothing_is_left_is_a_missing_member() {
    let body = r#"{"friends":[{"id":"bert","address":{"street":"1 Elm","city":"Elmton"}}]}"#;
    leaves(body, body);
    leaves_without(
        body,
        &[(BERT, "pd:City")],
        r#"{"friends":[{"id":"bert","address":{"street":"1 Elm"}}]}"#,
    );
    leaves_without(
        body,
        &[(BERT, "pd:City"), (BERT, "pd:PhysicalAddress")],
        r#"{"friends":[{"id":"bert"}]}"#,
    );
}

#[test]
fn a_profile_within_a_record_needs_both_people() {
    let both = |one: &str, other: &str| {
        format!(r#"{{"friends":[{{"id":"{one}","best":{{"id":"{other}","name":"N"}}}}]}}"#)
    };
    leaves(&both("bert", "cleo"), &both("bert", "cleo"));
    leaves(&both("bert", "dora"), r#"{"friends":[{"id":"bert"}]}"#);
    leaves(&both("dora", "cleo"), r#"{"friends":[]}"#);
}

#[test]
fn nobody_in_a_place_for_a_person_looks_like_somebody_who_refuses() {
    let body = r#"{"friends":[{"id":"bert","best":null}]}"#;
    leaves(body, r#"{"friends":[{"id":"bert"}]}"#);
}

#[test]
fn what_is_also_the_asking_persons_needs_them_too() {
    let body = r#"{"friends":[{"id":"bert","since":"2020-01-01"}]}"#;
    leaves(body, body);
    leaves_without(
        body,
        &[(BERT, "pd:Friend")],
        r#"{"friends":[{"id":"bert"}]}"#,
    );
}

#[test]
fn people_who_are_keys_vanish_with_their_entries() {
    leaves(
        r#"{"likes":{"dora":"a","bert":"b","emil":"c","cleo":"d"}}"#,
        r#"{"likes":{"bert":"b","cleo":"d"}}"#,
    );
    leaves(r#"{"likes":{"dora":"a"}}"#, r#"{"likes":{}}"#);
    leaves_without(
        r#"{"likes":{"bert":"b"}}"#,
        &[(BERT, "pd:Like")],
        r#"{"likes":{}}"#,
    );
    leaves(
        r#"{"likes":{"b\u0065rt":"b"}}"#,
        r#"{"likes":{"b\u0065rt":"b"}}"#,
    );
}

#[test]
fn everybody_in_a_chat_must_agree_and_the_asking_person_be_among_them() {
    let chat = |members: &str, author: &str| {
        format!(r#"{{"chat":{{"text":"hi","members":{members},"author":{author}}}}}"#)
    };
    let (bert, left) = (r#"{"id":"bert"}"#, r#"{"chat":{"text":"hi"}}"#);
    leaves(&chat(r#"["ada","bert"]"#, bert), left);
    leaves(&chat(r#"["ada"]"#, bert), left);
    for (members, author) in [
        (r#"["ada","bert","dora"]"#, bert),
        (r#"["ada","emil"]"#, bert),
        (r#"["ada",1]"#, bert),
        (r#"["ada",null]"#, bert),
        (r#"["bert","cleo"]"#, bert),
        ("[]", bert),
        ("null", bert),
        (r#""ada""#, bert),
        (r#"["ada","bert"]"#, r#"{"id":"dora"}"#),
        (r#"["ada","bert"]"#, "{}"),
        (r#"["ada","bert"]"#, "null"),
    ] {
        leaves(&chat(members, author), "{}");
    }
}

#[test]
fn a_mapped_member_that_stands_twice_refuses_the_answer() {
    let twice = |member: &str| AnswerRefused::Twice {
        member: member.to_owned(),
    };
    is_refused(r#"{"friends":[{"id":"bert","id":"dora"}]}"#, &twice("id"));
    is_refused(
        r#"{"friends":[{"id":"bert","\u0069d":"dora"}]}"#,
        &twice("id"),
    );
    is_refused(r#"{"friends":[],"friends":[]}"#, &twice("friends"));
    is_refused(r#"{"likes":{"bert":"a","b\u0065rt":"b"}}"#, &twice("*"));
    leaves(r#"{"other":1,"other":2}"#, "{}");
}

#[test]
fn what_is_no_json_refuses_the_answer() {
    for body in [
        "",
        "{",
        r#"{"friends":[]}x"#,
        r#"{"friends":[]}{}"#,
        "{'friends':[]}",
        r#"{"a":01}"#,
        r#"{"a":"\x"}"#,
        "{\"a\":\"\n\"}",
        r#"{"a":tru}"#,
    ] {
        assert!(
            matches!(left_of(body, &[]), Err(AnswerRefused::NotJson { .. })),
            "{body}"
        );
    }
    is_refused("[]", &AnswerRefused::NotAsDeclared);
    is_refused("null", &AnswerRefused::NotAsDeclared);
}

#[test]
fn a_string_that_cannot_be_decoded_takes_its_record_with_it() {
    leaves(
        r#"{"friends":[{"id":"bert","name":"\ud800"},{"id":"cleo","name":"C"}]}"#,
        r#"{"friends":[{"id":"cleo","name":"C"}]}"#,
    );
    leaves(
        r#"{"likes":{"\ud800":"a","bert":"b"}}"#,
        r#"{"likes":{"bert":"b"}}"#,
    );
}

#[test]
fn what_is_not_utf8_refuses_the_answer() {
    let api = load(CIRCLE);
    let walk = prepare(&api, "/circle").unwrap().into_walk();
    let left = reduced(walk, b"{\"other\":\"\xff\"}", &town(&api, 4));
    assert_eq!(left, Err(AnswerRefused::NotUtf8));
}

#[test]
fn depth_is_limited_even_where_nothing_is_mapped() {
    let nested = |member: &str, depth: usize| {
        format!(
            "{{\"{member}\":{}{}}}",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    for member in ["other", "total", "likes", "chat"] {
        leaves(&nested(member, 63), "{}");
        is_refused(&nested(member, 64), &AnswerRefused::TooDeep);
        is_refused(&nested(member, 200_000), &AnswerRefused::TooDeep);
    }
    is_refused(&nested("friends", 64), &AnswerRefused::TooDeep);
    let text = format!(r#"{{"other":["{}"]}}"#, "[\\\"".repeat(100));
    leaves(&text, "{}");
}

#[test]
fn a_permit_for_another_question_is_not_accepted() {
    use crate::cursor::Nonce;
    let api = load(CIRCLE);
    let town = town(&api, 4);
    let judge = |body: &'static [u8], other: &'static [u8]| {
        let settled = |body: &'static [u8]| {
            let mut walk = prepare(&api, "/circle").unwrap().into_walk();
            walk.take_page(bytes::Bytes::from_static(body), &super::number)
                .unwrap();
            let decision = town.decide(&walk.question(&town.asker));
            walk.settle(&decision)
        };
        let permit = town.decide(&settled(other).question(&town.asker)).permit();
        settled(body).judge(permit, Nonce([0; 12])).map(|_| ())
    };
    let (one, two) = (
        br#"{"friends":[{"id":"bert"}]}"#,
        br#"{"friends":[{"id":"bert","name":"B"}]}"#,
    );
    assert_eq!(judge(one, one), Ok(()));
    assert!(judge(one, two).is_err());
}

#[test]
fn ids_may_be_numbers_where_the_document_says_so() {
    leaves(
        r#"{"numbered":[{"id":1},{"id":3},{"id":"1"},{"id":1.0},{"id":2}]}"#,
        r#"{"numbered":[{"id":1},{"id":2}]}"#,
    );
}

#[test]
fn a_records_data_are_as_old_as_it_says() {
    let api = load(CIRCLE);
    let town = town(&api, 4);
    let made = |sent: &str| {
        let mut walk = prepare(&api, "/circle").unwrap().into_walk();
        let body = format!(r#"{{"chat":{{"text":"hi","members":["ada"],"sent":{sent}}}}}"#);
        walk.take_page(bytes::Bytes::from(body), &super::number)
            .unwrap();
        walk.question(&town.asker).data[0].made
    };
    assert_eq!(
        made(r#""2026-11-23T09:30:00Z""#),
        Some("2026-11-23T09:30:00Z".parse().unwrap())
    );
    assert_eq!(
        made(r#""2026-11-23""#),
        Some("2026-11-23T00:00:00Z".parse().unwrap())
    );
    assert_eq!(made(r#""yesterday""#), None);
    assert_eq!(made("null"), None);
}

#[test]
fn people_are_looked_up_once_each() {
    let api = load(CIRCLE);
    let asked = std::cell::RefCell::new(Vec::new());
    let resolve = |id: &str| {
        asked.borrow_mut().push(id.to_owned());
        super::number(id)
    };
    let friend = |id: &str| format!(r#"{{"id":"{id}","best":{{"id":"cleo"}}}}"#);
    let list = [friend("bert"), friend("cleo"), friend("bert")].join(",");
    let mut walk = prepare(&api, "/circle").unwrap().into_walk();
    let body = format!(r#"{{"friends":[{list}],"likes":{{"cleo":"x","dora":"y"}}}}"#);
    walk.take_page(bytes::Bytes::from(body), &resolve).unwrap();
    assert_eq!(asked.into_inner(), ["bert", "cleo", "dora"]);
}

#[test]
fn the_ledger_hears_of_exactly_those_of_whom_something_leaves() {
    let api = load(CIRCLE);
    let town = town(&api, 4);
    // Bert agrees to his name and not to his id: he is not in the answer, though his name alone could be.
    town.consent(&[PersonNo(1)], |category, _| category.as_str() == "pd:Name");
    town.consent(&[PersonNo(2)], |_, _| true);
    let mut walk = prepare(&api, "/circle").unwrap().into_walk();
    let body =
        r#"{"friends":[{"id":"bert","name":"B","best":{"id":"cleo"}},{"id":"cleo","name":"C"}]}"#;
    walk.take_page(bytes::Bytes::from_static(body.as_bytes()), &super::number)
        .unwrap();
    let decision = town.decide(&walk.question(&town.asker));
    let settled = walk.settle(&decision);
    let judged = settled
        .judge(decision.permit(), crate::cursor::Nonce([0; 12]))
        .unwrap();
    let people = |concerns: Vec<decide::Concern>| -> Vec<u32> {
        concerns.iter().map(|concern| concern.person.0).collect()
    };
    assert_eq!(people(judged.concerns(&town.asker)), [2]);
    assert_eq!(
        people(judged.permit().concerns(&judged.question(&town.asker))),
        [1, 2]
    );
    assert_eq!(judged.records(), (1, 3));
}

#[test]
fn a_record_without_what_identifies_it_goes() {
    leaves(
        r#"{"tickets":[{"owner":"bert","title":"a"},{"owner":"bert","no":null,"title":"b"},{"owner":"bert","no":[],"title":"c"},{"owner":"bert","no":4,"title":"d"}]}"#,
        r#"{"tickets":[{"no":4,"title":"d"}]}"#,
    );
}

#[test]
fn an_answer_of_more_pairs_than_can_be_judged_is_refused_whole() {
    const CROWD: &str = r##"
openapi: 3.1.0
info: { title: Crowd, version: "1" }
paths:
  /crowd:
    get:
      operationId: crowd
      x-countersign: { verb: read, reach: participant }
      responses: { "200": { description: A crowd, content: { application/json: { schema: { $ref: "#/components/schemas/Crowd" } } } } }
components:
  schemas:
    Crowd:
      type: object
      x-countersign: { people: [{ at: who/* }] }
      properties:
        who: { type: array, items: { type: string } }
        said: { type: array, items: { type: object, properties: { text: { type: string, x-countersign: { category: "pd:Name" } } } }, x-countersign: { structure: true } }
"##;
    let api = load(CROWD);
    let pairs = |people: u64, texts: u64| {
        let who: Vec<String> = (0..people).map(|n| format!("\"p{n}\"")).collect();
        let said = vec![r#"{"text":"x"}"#; usize::try_from(texts).unwrap()];
        let body = format!(
            r#"{{"said":[{}],"who":[{}]}}"#,
            said.join(","),
            who.join(",")
        );
        let mut walk = prepare(&api, "/crowd").unwrap().into_walk();
        walk.take_page(body.into(), &super::number)
    };
    let most = crate::walk::Walk::PAIRS;
    assert_eq!(pairs(2_000, most / 2_000), Ok(()));
    assert_eq!(pairs(2_000, most / 2_000 + 1), Err(AnswerRefused::TooLarge));
}
