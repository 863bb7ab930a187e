//! What a platform's engineer sees when a document or an overlay is wrong: each mistake, as it is told.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, and so may what they share"
)]

use release::Api;
use serde_json::{Value, json};

/// A small platform's document, without notes.
fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Small", "version": "1" },
        "paths": {
            "/people/{person}/friends": {
                "get": {
                    "operationId": "listFriends",
                    "parameters": [
                        { "name": "person", "in": "path", "required": true, "schema": { "type": "string" } },
                        { "name": "limit", "in": "query", "schema": { "type": "integer" } },
                        { "name": "cursor", "in": "query", "schema": { "type": "string" } },
                        { "name": "name", "in": "query", "schema": { "type": "string" } },
                    ],
                    "responses": { "200": { "description": "Friends", "content": { "application/json": {
                        "schema": { "$ref": "#/components/schemas/Page" } } } } },
                },
            },
            "/health": { "get": { "responses": { "200": { "description": "Well" } } } },
        },
        "components": { "schemas": {
            "Page": { "type": "object", "properties": {
                "data": { "type": "array", "items": { "$ref": "#/components/schemas/Friend" } },
                "total": { "type": "integer" },
                "after": { "type": "string" },
            } },
            "Friend": { "type": "object", "properties": {
                "id": { "type": "string" },
                "name": { "type": "string" },
                "tags": { "type": "array", "items": { "type": "string" } },
                "address": { "type": "object", "properties": { "city": { "type": "string" } } },
                "either": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
                "best": { "$ref": "#/components/schemas/Friend" },
                "seen": { "type": "string", "format": "date-time" },
            } },
        } },
    })
}

const OPERATION: &str = "$.paths['/people/{person}/friends'].get";
const FRIEND: &str = "$.components.schemas.Friend";

/// An overlay without mistakes, as actions by target.
fn actions() -> Vec<(String, Value)> {
    let page = json!({ "items": "/data", "size": "limit", "cursor": "cursor", "after": "/after" });
    let note = |target: &str, note: Value| (target.to_owned(), json!({ "x-countersign": note }));
    vec![
        note(
            OPERATION,
            json!({ "verb": "read", "reach": "friend", "order": "none", "page": page }),
        ),
        note(
            &format!("{OPERATION}.parameters[?@.name=='person']"),
            json!({ "person": "own" }),
        ),
        note(FRIEND, json!({ "people": [{ "at": "id" }] })),
        note(
            &format!("{FRIEND}.properties.id"),
            json!({ "category": "pd:UID", "identifies": true }),
        ),
        note(
            &format!("{FRIEND}.properties.name"),
            json!({ "category": "pd:Name" }),
        ),
    ]
}

fn overlay(actions: &[(String, Value)]) -> Value {
    let actions: Vec<Value> = actions
        .iter()
        .map(|(target, update)| json!({ "target": target, "update": update }))
        .collect();
    json!({ "overlay": "1.1.0", "info": { "title": "Small", "version": "1" }, "actions": actions })
}

fn told(document: &str, overlay: &str) -> String {
    match Api::load(
        document.as_bytes(),
        "platform.json",
        overlay.as_bytes(),
        "overlay.json",
    ) {
        Ok(_) => panic!("this was to be a mistake"),
        Err(errors) => errors.to_string(),
    }
}

/// The overlay with one note replaced or added.
fn with_note(target: &str, note: Value) -> String {
    let mut actions = actions();
    let update = json!({ "x-countersign": note });
    match actions.iter_mut().find(|(known, _)| known == target) {
        Some((_, known)) => *known = update,
        None => actions.push((target.to_owned(), update)),
    }
    told(&document().to_string(), &overlay(&actions).to_string())
}

fn with_document(change: impl FnOnce(&mut Value)) -> String {
    let mut document = document();
    change(&mut document);
    told(&document.to_string(), &overlay(&actions()).to_string())
}

fn with_overlay(change: impl FnOnce(&mut Value)) -> String {
    let mut overlay = overlay(&actions());
    change(&mut overlay);
    told(&document().to_string(), &overlay.to_string())
}

fn operation(change: impl FnOnce(&mut Value)) -> String {
    let mut note = actions()[0].1["x-countersign"].clone();
    change(&mut note);
    with_note(OPERATION, note)
}

fn friend(name: &str, note: Value) -> String {
    with_note(&format!("{FRIEND}.properties.{name}"), note)
}

fn parameter(name: &str, note: Value) -> String {
    with_note(&format!("{OPERATION}.parameters[?@.name=='{name}']"), note)
}

#[test]
fn the_example_without_mistakes_loads() {
    let loaded = Api::load(
        document().to_string().as_bytes(),
        "platform.json",
        overlay(&actions()).to_string().as_bytes(),
        "overlay.json",
    );
    assert!(loaded.is_ok(), "{}", loaded.unwrap_err());
}

#[test]
fn overlays_may_be_yaml_and_of_the_first_version() {
    let yaml = "
overlay: 1.0.0
info: { title: Small, version: '1' }
actions:
  - target: $.paths['/health'].get
    update: { x-countersign: { verb: delete, reach: own, concerns: pd:Name } }
";
    let loaded = Api::load(
        document().to_string().as_bytes(),
        "platform.json",
        yaml.as_bytes(),
        "overlay.yaml",
    );
    let api = loaded.unwrap();
    assert_eq!(api.operations()[0].id(), "GET /health");
    assert_eq!(api.unmapped()[0].id.as_deref(), Some("listFriends"));
}

#[test]
fn documents_that_cannot_be_read() {
    let good = overlay(&actions()).to_string();
    let mut all = String::new();
    let mut tell = |case: &str, told: String| all.push_str(&format!("--- {case}\n{told}\n\n"));
    tell(
        "not JSON",
        told("{\"openapi\": \"3.1.0\",\n  \"paths\" }", &good),
    );
    tell(
        "a key twice",
        told("{\"openapi\": \"3.1.0\",\n \"openapi\": \"3.0.0\"}", &good),
    );
    tell("both files wrong", told("[", "{"));
    tell(
        "another version",
        with_document(|d| d["openapi"] = "3.2.0".into()),
    );
    tell(
        "Swagger 2",
        told(
            "{\"swagger\": \"2.0\", \"paths\": {}}",
            &overlay(&[("$".into(), json!({}))]).to_string(),
        ),
    );
    tell(
        "no answer in JSON",
        with_document(|d| {
            let responses = &mut d["paths"]["/people/{person}/friends"]["get"]["responses"];
            *responses = json!({ "200": { "description": "x", "content": { "text/csv": {} } }, "404": { "description": "y" } });
        }),
    );
    tell(
        "a reference to nothing",
        with_document(|d| {
            d["components"]["schemas"]["Page"]["properties"]["data"]["items"] =
                json!({ "$ref": "#/components/schemas/Frend" })
        }),
    );
    tell(
        "a reference to another file",
        with_document(|d| {
            d["components"]["schemas"]["Page"]["properties"]["data"]["items"] =
                json!({ "$ref": "friend.json" })
        }),
    );
    tell(
        "a circle of references",
        with_document(|d| {
            d["components"]["schemas"]["Page"] = json!({ "$ref": "#/components/schemas/Page" })
        }),
    );
    tell(
        "types that exclude each other",
        with_document(|d| {
            d["components"]["schemas"]["Friend"]["properties"]["name"] =
                json!({ "allOf": [{ "type": "string" }, { "type": "integer" }] });
        }),
    );
    tell(
        "a body",
        with_document(|d| {
            d["paths"]["/people/{person}/friends"]["get"]["requestBody"] =
                json!({ "required": true })
        }),
    );
    tell(
        "an undeclared path parameter",
        with_document(|d| {
            d["paths"]["/people/{person}/friends"]["get"]["parameters"][0]["name"] = "human".into();
        })
        .replace("human", "person"),
    );
    insta::assert_snapshot!(all);
}

#[test]
fn overlays_that_cannot_be_applied() {
    let mut all = String::new();
    let mut tell = |case: &str, told: String| all.push_str(&format!("--- {case}\n{told}\n\n"));
    tell(
        "a target that matches nothing",
        with_note("$.components.schemas.Freind", json!({ "record": true })),
    );
    tell(
        "a target that is no path",
        with_note("components.schemas", json!({ "record": true })),
    );
    tell(
        "a target that is no object",
        with_note("$.info.title", json!({ "record": true })),
    );
    tell(
        "two at once",
        with_overlay(|o| {
            o["actions"][1]["target"] = "$.nowhere".into();
            o["actions"][3]["target"] = "$.neither".into();
        }),
    );
    tell(
        "another version",
        with_overlay(|o| o["overlay"] = "2.0.0".into()),
    );
    tell(
        "a misspelt key",
        with_overlay(|o| {
            let action = o["actions"][0].as_object_mut().unwrap();
            let update = action.remove("update").unwrap();
            action.insert("updates".to_owned(), update);
        }),
    );
    tell("no actions", with_overlay(|o| o["actions"] = json!([])));
    insta::assert_snapshot!(all);
}

#[test]
fn notes_at_operations_that_are_wrong() {
    let mut all = String::new();
    let mut tell = |case: &str, told: String| all.push_str(&format!("--- {case}\n{told}\n\n"));
    tell(
        "a misspelt key",
        operation(|n| n["raech"] = "friend".into()),
    );
    tell(
        "an unknown key",
        operation(|n| n["role"] = "service-provider".into()),
    );
    tell(
        "no verb",
        operation(|n| drop(n.as_object_mut().unwrap().remove("verb"))),
    );
    tell(
        "a verb that there is not",
        operation(|n| n["verb"] = "hide".into()),
    );
    tell(
        "a reach that there cannot be",
        operation(|n| n["reach"] = "Friends!".into()),
    );
    tell(
        "no reach",
        operation(|n| drop(n.as_object_mut().unwrap().remove("reach"))),
    );
    tell(
        "friends on behalf of nobody",
        operation(|n| n["on-behalf"] = "nobody".into()),
    );
    tell(
        "a page without its list",
        operation(|n| drop(n["page"].as_object_mut().unwrap().remove("items"))),
    );
    tell(
        "a page whose list is elsewhere",
        operation(|n| n["page"]["items"] = "/friends".into()),
    );
    tell(
        "a page whose cursor is elsewhere",
        operation(|n| n["page"]["after"] = "/paging/next".into()),
    );
    tell(
        "a page by a parameter that there is not",
        operation(|n| n["page"]["size"] = "count".into()),
    );
    tell(
        "a page that is too large by default",
        operation(|n| n["page"]["default-size"] = 500.into()),
    );
    tell(
        "an order of no category",
        operation(|n| n["order"] = json!(["Name"])),
    );
    tell(
        "a read that concerns",
        operation(|n| n["concerns"] = "pd:Name".into()),
    );
    tell(
        "a write that says nothing",
        operation(|n| n["verb"] = "write".into()),
    );
    tell("a note that is none", operation(|n| *n = "read".into()));
    tell(
        "a note where none is looked for",
        with_note("$.info", json!({ "verb": "read" })),
    );
    insta::assert_snapshot!(all);
}

/// What is told of a write whose operation and request are noted so.
fn write(operation: Value, parameter: Value, text: Value, to: Value) -> String {
    let mut document = document();
    document["paths"]["/rooms/{room}/messages"] = json!({ "post": {
        "operationId": "send",
        "x-countersign": operation,
        "parameters": [{ "name": "room", "in": "path", "required": true, "schema": { "type": "string" },
            "x-countersign": parameter }],
        "requestBody": { "content": { "application/json": { "schema": { "type": "object", "required": ["text"],
            "properties": {
                "text": { "type": "string", "x-countersign": text },
                "to": { "type": "array", "items": { "type": "string" }, "x-countersign": to },
            } } } } },
        "responses": { "201": { "description": "Sent" } },
    } });
    told(&document.to_string(), &overlay(&actions()).to_string())
}

#[test]
fn notes_at_writes_that_are_wrong() {
    let mut all = String::new();
    let mut tell = |case: &str, told: String| all.push_str(&format!("--- {case}\n{told}\n\n"));
    let members = json!({ "call": "/rooms/{room}/members", "with": { "room": { "parameter": "room" } },
        "items": "/members", "id": "id", "complete": true });
    let right = json!({ "verb": "write", "reach": "participant", "concerns": "chat:Message", "people-from": members });
    let with = |change: &dyn Fn(&mut Value)| {
        let mut note = right.clone();
        change(&mut note);
        note
    };
    let (record, text, to) = (
        json!({ "record": true }),
        json!({ "category": "chat:Message" }),
        json!({ "person": "friend" }),
    );
    let operation =
        |change: &dyn Fn(&mut Value)| write(with(change), record.clone(), text.clone(), to.clone());
    tell("a page", operation(&|n| n["order"] = "none".into()));
    tell(
        "a record that is nobody's",
        operation(&|n| {
            n.as_object_mut().unwrap().remove("people-from");
        }),
    );
    tell(
        "a call that has no value",
        operation(&|n| n["people-from"]["with"]["room"] = json!({ "at": "room" })),
    );
    tell(
        "a list and one",
        operation(&|n| n["people-from"]["item"] = "/author".into()),
    );
    tell(
        "a list that may lack somebody",
        operation(&|n| n["people-from"]["complete"] = false.into()),
    );
    tell(
        "people at a place",
        operation(&|n| n["people"] = json!([{ "at": "to/*" }])),
    );
    tell(
        "people whom no parameter names",
        operation(&|n| n["people"] = json!([{ "parameter": "to" }])),
    );
    tell(
        "a person whom it is not about",
        write(
            right.clone(),
            json!({ "person": "any" }),
            text.clone(),
            to.clone(),
        ),
    );
    tell(
        "made of a delete",
        operation(&|n| {
            n["verb"] = "delete".into();
            n["made"] = "/id".into();
        }),
    );
    tell(
        "made at no pointer",
        operation(&|n| n["made"] = "id".into()),
    );
    tell(
        "own among nobody",
        write(
            json!({ "verb": "write", "reach": "friend", "concerns": "chat:Message", "own-among": true }),
            json!({ "category": "chat:Message" }),
            text.clone(),
            to.clone(),
        ),
    );
    tell(
        "nothing says about whom",
        write(
            json!({ "verb": "write", "reach": "friend", "concerns": "chat:Message" }),
            json!({ "category": "chat:Message" }),
            text.clone(),
            json!({ "category": "chat:Message" }),
        ),
    );
    tell(
        "for nobody",
        operation(&|n| n["on-behalf"] = "nobody".into()),
    );
    tell(
        "a required member without a note",
        write(
            right.clone(),
            record.clone(),
            json!({ "touches": "pd:Name" }),
            to.clone(),
        ),
    );
    tell(
        "any person in a body",
        write(
            right.clone(),
            record.clone(),
            text.clone(),
            json!({ "person": "any" }),
        ),
    );
    tell(
        "a list of own",
        write(
            right.clone(),
            record.clone(),
            text.clone(),
            json!({ "person": "own" }),
        ),
    );
    tell(
        "a person at a read",
        operation(&|n| {
            n["verb"] = "read".into();
        }),
    );
    insta::assert_snapshot!(all);
}

#[test]
fn notes_at_parameters_that_are_wrong() {
    let mut all = String::new();
    let mut tell = |case: &str, told: String| all.push_str(&format!("--- {case}\n{told}\n\n"));
    tell(
        "two things at once",
        parameter("name", json!({ "touches": "pd:Name", "pass": true })),
    );
    tell(
        "anything passes",
        parameter("name", json!({ "pass": true })),
    );
    tell(
        "a person in the query",
        parameter("name", json!({ "person": "own" })),
    );
    tell(
        "somebody else",
        parameter("person", json!({ "person": "friend" })),
    );
    tell(
        "touching by the path",
        parameter("person", json!({ "touches": "pd:Name" })),
    );
    tell(
        "any person in the query",
        parameter("name", json!({ "person": "any" })),
    );
    tell(
        "a cursor in the path",
        parameter("person", json!({ "cursor": true })),
    );
    tell(
        "a path that is always the same",
        parameter("person", json!({ "always": "ada" })),
    );
    tell(
        "a parameter whose cursors no member gives",
        parameter("name", json!({ "cursor": true })),
    );
    tell(
        "a member whose cursors no parameter takes",
        friend("name", json!({ "cursor": "name" })),
    );
    tell(
        "always an object",
        parameter("name", json!({ "always": { "is": "ada" } })),
    );
    tell(
        "always of another type",
        parameter("name", json!({ "always": 7 })),
    );
    tell(
        "always and something else",
        parameter("name", json!({ "always": "ada", "pass": true })),
    );
    tell(
        "a note at a parameter of the pages",
        parameter("limit", json!({ "touches": "pd:Name" })),
    );
    tell(
        "touching nothing",
        parameter("name", json!({ "touches": [] })),
    );
    tell(
        "a path parameter without a note",
        told(&document().to_string(), &{
            let mut actions = actions();
            actions.remove(1);
            overlay(&actions).to_string()
        }),
    );
    insta::assert_snapshot!(all);
}

/// The operation as a POST with a body of this schema.
fn body(schema: &Value) -> String {
    let mut document = document();
    let path = document["paths"]["/people/{person}/friends"]
        .as_object_mut()
        .unwrap();
    let mut operation = path.remove("get").unwrap();
    operation["requestBody"] =
        json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    path.insert("post".to_owned(), operation);
    let mut actions = actions();
    for (target, _) in &mut actions {
        *target = target.replace("'].get", "'].post");
    }
    told(&document.to_string(), &overlay(&actions).to_string())
}

/// A body of one member.
fn member(schema: Value, note: Value) -> String {
    let mut schema = schema;
    schema["x-countersign"] = note;
    body(&json!({ "type": "object", "properties": { "m": schema } }))
}

#[test]
fn notes_at_bodies_that_are_wrong() {
    let mut all = String::new();
    let mut tell = |case: &str, told: String| all.push_str(&format!("--- {case}\n{told}\n\n"));
    let (text, list) = (
        || json!({ "type": "string" }),
        || json!({ "type": "array", "items": { "type": "object" } }),
    );
    let object = || json!({ "type": "object", "properties": { "x": { "type": "string" } } });
    tell("nothing named", body(&object()));
    tell("a body that is a list", body(&list()));
    tell(
        "a misspelt key",
        member(text(), json!({ "touch": "pd:Name" })),
    );
    tell(
        "two things at once",
        member(text(), json!({ "touches": "pd:Name", "record": true })),
    );
    tell("a person", member(text(), json!({ "person": "own" })));
    tell(
        "a note for answers",
        member(text(), json!({ "category": "pd:Name" })),
    );
    tell("anything passes", member(text(), json!({ "pass": true })));
    tell(
        "any number passes",
        member(
            json!({ "type": "integer", "minimum": 1 }),
            json!({ "pass": true }),
        ),
    );
    tell(
        "a list of anything passes",
        member(
            json!({ "type": "array", "items": { "type": "string" } }),
            json!({ "pass": true }),
        ),
    );
    tell(
        "a structure at a text",
        member(text(), json!({ "structure": true })),
    );
    tell(
        "a structure of which nothing is named",
        member(object(), json!({ "structure": true })),
    );
    tell(
        "touching by an object",
        member(object(), json!({ "touches": "pd:Name" })),
    );
    tell(
        "touching by a list of objects",
        member(list(), json!({ "touches": "pd:Name" })),
    );
    tell(
        "alternatives",
        member(
            json!({ "oneOf": [text(), list()] }),
            json!({ "touches": "pd:Name" }),
        ),
    );
    tell(
        "a record by true or false",
        member(json!({ "type": "boolean" }), json!({ "record": true })),
    );
    tell(
        "always of another type",
        member(text(), json!({ "always": false })),
    );
    tell(
        "always none of those that there are",
        member(
            json!({ "enum": ["online", "offline"] }),
            json!({ "always": "away" }),
        ),
    );
    let required = json!({ "type": "object", "required": ["n"], "properties": {
        "m": { "type": "string", "x-countersign": { "touches": "pd:Name" } }, "n": { "type": "string" } } });
    tell("a required member without a note", body(&required));
    let within = json!({ "type": "object", "properties": { "m": { "$ref": "#/components/schemas/Friend", "x-countersign": { "structure": true } } } });
    tell("a schema of answers", body(&within));
    insta::assert_snapshot!(all);
}

#[test]
fn notes_at_schemas_that_are_wrong() {
    let mut all = String::new();
    let mut tell = |case: &str, told: String| all.push_str(&format!("--- {case}\n{told}\n\n"));
    tell(
        "a misspelt key",
        friend("name", json!({ "categroy": "pd:Name" })),
    );
    tell(
        "a category that is none",
        friend("name", json!({ "category": "name" })),
    );
    tell(
        "a flag in quotes",
        friend("id", json!({ "category": "pd:UID", "identifies": "yes" })),
    );
    tell("an empty note", friend("tags", json!({})));
    tell(
        "a category at an object",
        friend("address", json!({ "category": "pd:City" })),
    );
    tell(
        "a structure at a text",
        friend("name", json!({ "structure": true })),
    );
    tell(
        "a structure at a list of texts",
        friend("tags", json!({ "structure": true })),
    );
    tell(
        "both",
        friend(
            "address",
            json!({ "structure": true, "category": "pd:City" }),
        ),
    );
    tell("neither", friend("address", json!({ "nullable": false })));
    tell(
        "a note below a member without one",
        friend("address.properties.city", json!({ "category": "pd:City" })),
    );
    tell(
        "alternatives",
        friend("either", json!({ "category": "pd:Name" })),
    );
    tell(
        "a schema within itself",
        friend("best", json!({ "structure": true })),
    );
    tell(
        "a time that is none",
        friend("name", json!({ "category": "pd:Name", "time": true })),
    );
    tell(
        "an identifier without a category",
        friend("seen", json!({ "time": true, "identifies": true })),
    );
    tell(
        "a note beside the list",
        with_note(
            "$.components.schemas.Page.properties.total",
            json!({ "category": "pd:Name" }),
        ),
    );
    tell(
        "people nowhere",
        with_note(FRIEND, json!({ "people": [{ "at": "person/id" }] })),
    );
    tell(
        "people in an object",
        with_note(FRIEND, json!({ "people": [{ "at": "address" }] })),
    );
    tell(
        "people in a list without a star",
        with_note(FRIEND, json!({ "people": [{ "at": "tags" }] })),
    );
    tell(
        "people from the root",
        with_note(FRIEND, json!({ "people": [{ "at": "/id" }] })),
    );
    tell(
        "people without a place",
        with_note(FRIEND, json!({ "people": [{ "reach": "friend" }] })),
    );
    tell(
        "no people at all",
        with_note(FRIEND, json!({ "people": [] })),
    );
    tell(
        "data of nobody",
        with_note(FRIEND, json!({ "record": true })),
    );
    tell(
        "keys of an object with members",
        with_note(FRIEND, json!({ "keys": { "category": "pd:UID" } })),
    );
    tell(
        "own among nobody",
        with_note(
            FRIEND,
            json!({ "people": ["own", { "at": "id" }], "own-among": true }),
        ),
    );
    tell(
        "a category at a shared schema",
        with_note(
            FRIEND,
            json!({ "people": [{ "at": "id" }], "structure": true }),
        ),
    );
    insta::assert_snapshot!(all);
}
