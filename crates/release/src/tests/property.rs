//! Whatever the plan, the answer and the consents: what leaves is part of the answer, and holds nothing of refused
//! records.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{PersonNo, load, prepare, reduced, town};

/// A source of choices; proptest shrinks the choices themselves.
pub(super) struct Choices(pub(super) std::vec::IntoIter<u8>);

impl Choices {
    pub(super) fn below(&mut self, n: u8) -> u8 {
        self.0.next().unwrap_or(0) % n
    }
}

const CATEGORIES: [&str; 3] = ["pd:Name", "pd:Age", "pd:City"];
const PEOPLE: u8 = 6;

/// A schema of an object, random; records name their person in `id`.
fn object(choices: &mut Choices, depth: u8, record: bool) -> Value {
    let mut properties = Map::new();
    let mut schema = json!({ "type": "object" });
    if record {
        schema["x-countersign"] =
            json!({ "people": [{ "at": "id" }], "inherit": choices.below(4) > 0 });
        let identifies = choices.below(3) > 0;
        let mut note = json!({ "category": "pd:UID" });
        if identifies {
            note["identifies"] = true.into();
        }
        properties.insert(
            "id".to_owned(),
            json!({ "type": "string", "x-countersign": note }),
        );
    }
    for n in 0..choices.below(5) {
        properties.insert(format!("m{n}"), member(choices, depth));
    }
    schema["properties"] = properties.into();
    schema
}

fn member(choices: &mut Choices, depth: u8) -> Value {
    let category = CATEGORIES[usize::from(choices.below(3))];
    let mut schema = match choices.below(if depth == 0 { 3 } else { 8 }) {
        0 => return json!({ "type": "string" }),
        1 => json!({ "type": "string", "x-countersign": { "category": category } }),
        2 => {
            json!({ "type": "array", "items": { "type": "string" }, "x-countersign": { "category": category } })
        }
        3 => object(choices, depth - 1, false),
        4 | 5 => object(choices, depth - 1, true),
        6 => json!({ "type": "array", "items": object(choices, depth - 1, true) }),
        _ => json!({ "type": "object", "additionalProperties": object(choices, depth - 1, false),
            "x-countersign": { "keys": { "category": "pd:UID" } } }),
    };
    if schema["type"] != "string" && schema["x-countersign"].get("category").is_none() {
        let notes = schema
            .as_object_mut()
            .unwrap()
            .entry("x-countersign")
            .or_insert_with(|| json!({}));
        notes["structure"] = true.into();
    }
    schema
}

/// An answer, mostly of this schema. Every text names its record's person.
fn answer(choices: &mut Choices, schema: &Value, person: u8) -> Value {
    if choices.below(24) == 0 {
        return [
            json!(null),
            json!(7),
            json!("p0"),
            json!([[]]),
            json!({ "id": "p1" }),
        ][usize::from(choices.below(5))]
        .clone();
    }
    match schema["type"].as_str() {
        Some("string") => json!(format!("of p{person}.")),
        Some("array") => (0..choices.below(4))
            .map(|_| answer(choices, &schema["items"], person))
            .collect(),
        _ if schema.get("additionalProperties").is_some() => {
            let entries = (0..choices.below(4)).map(|_| {
                let somebody = choices.below(PEOPLE);
                (
                    format!("p{somebody}"),
                    answer(choices, &schema["additionalProperties"], somebody),
                )
            });
            Value::Object(entries.collect())
        }
        _ => {
            let record = schema["x-countersign"].get("people").is_some();
            let person = if record {
                choices.below(PEOPLE)
            } else {
                person
            };
            let mut members = Map::new();
            for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                let value = if name == "id" {
                    json!(format!("p{person}"))
                } else {
                    answer(choices, schema, person)
                };
                if choices.below(8) > 0 {
                    members.insert(name.clone(), value);
                }
            }
            if choices.below(3) == 0 {
                members.insert("undeclared".to_owned(), json!("undeclared"));
            }
            members.into()
        }
    }
}

pub(super) fn is_part(part: &Value, of: &Value) -> bool {
    match (part, of) {
        (Value::Object(part), Value::Object(of)) => part
            .iter()
            .all(|(key, value)| of.get(key).is_some_and(|of| is_part(value, of))),
        (Value::Array(part), Value::Array(of)) => {
            let mut of = of.iter();
            part.iter().all(|one| of.any(|of| is_part(one, of)))
        }
        // No list or map is one in which all refuse.
        (Value::Array(part), Value::Null) => part.is_empty(),
        (Value::Object(part), Value::Null) => part.is_empty(),
        _ => part == of,
    }
}

fn document(schema: &Value) -> String {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Random", "version": "1" },
        "paths": { "/it": { "get": {
            "x-countersign": { "verb": "read", "reach": "friend" },
            "responses": { "200": { "description": "It", "content": { "application/json": { "schema": schema } } } },
        } } },
    })
    .to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, ..ProptestConfig::default() })]

    #[test]
    fn what_leaves_is_part_of_the_answer_and_holds_nothing_of_whoever_refuses(
        shape in proptest::collection::vec(any::<u8>(), 0..80),
        content in proptest::collection::vec(any::<u8>(), 0..300),
        refusing in 0_u8..64,
        half in 0_u8..3,
    ) {
        let schema = object(&mut Choices(shape.into_iter()), 3, true);
        let body = answer(&mut Choices(content.into_iter()), &schema, 0);
        prop_assume!(body.is_object());
        let api = load(&document(&schema));
        let town = town(&api, u32::from(PEOPLE));
        let agrees = |person: &u8| refusing >> person & 1 == 0;
        let agreeing: Vec<_> = (1..PEOPLE).filter(agrees).map(|p| PersonNo(u32::from(p))).collect();
        let partly = CATEGORIES[usize::from(half)];
        town.consent(&agreeing, |category, _| category.as_str() != partly);
        let walk = prepare(&api, "/it").unwrap().into_walk();
        let Some(left) = reduced(walk, body.to_string().as_bytes(), &town).unwrap() else { return Ok(()) };
        let value: Value = serde_json::from_str(&left).unwrap();
        prop_assert!(is_part(&value, &body), "{left} is not part of {body}");
        prop_assert!(!left.contains("undeclared"));
        for person in (1..PEOPLE).filter(|person| !agrees(person)) {
            let (id, text) = (format!("\"p{person}\""), format!("of p{person}."));
            prop_assert!(!left.contains(&id) && !left.contains(&text), "{left} holds data of p{person}");
        }
    }
}
