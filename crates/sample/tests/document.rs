//! The platform's OpenAPI document against its answers: true in what it promises, and imperfect in
//! the ways that real ones are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop; clippy's own leave covers only test functions"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use sample::{OPENAPI, READS, Seed, World};
use serde_json::{Value, json};
use support::{Api, TOKEN, lists_of};

fn document() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .expect(reference),
        None => schema,
    }
}

/// Walks an answer beside its schema, and notes what is missing, undeclared, or null without leave.
#[derive(Default)]
struct Findings {
    missing: BTreeSet<String>,
    undeclared: BTreeSet<String>,
    null: BTreeSet<String>,
    wrong: BTreeSet<String>,
}

impl Findings {
    fn walk(&mut self, document: &Value, schema: &Value, value: &Value, at: &str) {
        let schema = resolved(document, schema);
        let fits = match schema["type"].as_str() {
            None => return,
            Some(_) if value.is_null() => {
                self.null.insert(at.to_owned());
                return;
            }
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("integer") => value.is_u64(),
            Some("boolean") => value.is_boolean(),
            Some(other) => panic!("a type that this test does not know: {other}"),
        };
        if !fits {
            self.wrong.insert(at.to_owned());
        }
        for item in value.as_array().into_iter().flatten() {
            self.walk(document, &schema["items"], item, &format!("{at}[]"));
        }
        if let Some(members) = value.as_object() {
            self.members(document, schema, members, at);
        }
    }

    fn members(
        &mut self,
        document: &Value,
        schema: &Value,
        members: &serde_json::Map<String, Value>,
        at: &str,
    ) {
        for required in schema["required"].as_array().into_iter().flatten() {
            let name = required.as_str().unwrap();
            if !members.contains_key(name) {
                self.missing.insert(format!("{at}.{name}"));
            }
        }
        for (name, value) in members {
            if let Some(schema) = schema["properties"].get(name) {
                self.walk(document, schema, value, &format!("{at}.{name}"));
            } else if schema["additionalProperties"].is_object() {
                self.walk(
                    document,
                    &schema["additionalProperties"],
                    value,
                    &format!("{at}.*"),
                );
            } else {
                self.undeclared.insert(format!("{at}.{name}"));
            }
        }
    }
}

/// The schema of an operation's good answer.
fn answer_schema<'d>(document: &'d Value, operation: &str) -> &'d Value {
    let operations = document["paths"].as_object().unwrap().values();
    let found = operations
        .flat_map(|path| path.as_object().unwrap().values())
        .find(|candidate| candidate["operationId"] == operation)
        .expect(operation);
    let responses = &found["responses"];
    let good = ["200", "201"]
        .into_iter()
        .find_map(|status| responses.get(status))
        .unwrap();
    &good["content"]["application/json"]["schema"]
}

/// Looks at all answers of a small world beside the document.
async fn findings() -> Findings {
    let world = World::generate(Seed(3), 60);
    let (api, document) = (Api::of(&world), document());
    let mut addresses = vec![("searchPeople", "/v1/people".to_owned())];
    for person in world.people() {
        let id = world.id_of(person);
        addresses.push(("getPerson", format!("/v1/people/{id}")));
        addresses.extend(lists_of(&id));
        let threads = world.threads(person);
        addresses.extend(
            threads
                .iter()
                .map(|t| ("listMessages", format!("/v1/threads/{}/messages", t.id))),
        );
    }
    let mut findings = Findings::default();
    for (operation, address) in addresses {
        for page in api.pages(&address).await {
            findings.walk(
                &document,
                answer_schema(&document, operation),
                &page.json(),
                operation,
            );
        }
    }
    findings
}

#[tokio::test]
async fn every_documented_required_member_occurs_with_its_type() {
    let findings = findings().await;
    assert_eq!(findings.missing, BTreeSet::new());
    assert_eq!(findings.wrong, BTreeSet::new());
}

#[tokio::test]
async fn the_document_forgets_members_that_hold_personal_data() {
    let expected = [
        "getFeed.data[]._author_cache",
        "getFeed.data[].author.picture",
        "getPerson._internal",
        "getPerson.ig_handle",
        "getPerson.legacy_name",
        "getPerson.partner_in_crime.picture",
        "listContactBook.data[]._match",
        "listFriendContacts.data[].ig_handle",
        "listFriends.data[].legacy_name",
        "listFriends.data[].profile.picture",
        "listMessages.data[]._trace",
        "listMessages.data[].from.picture",
        "listThreads.data[]._roster",
        "listThreads.data[].participants[].picture",
        "searchPeople.data[].legacy_name",
    ];
    assert_eq!(
        findings().await.undeclared,
        expected.into_iter().map(str::to_owned).collect()
    );
}

#[tokio::test]
async fn nulls_stand_where_the_document_says_string() {
    let expected = [
        "getPerson.birthday",
        "getPerson.phone",
        "listContactBook.data[].email",
        "listContactBook.data[].note",
        "listContactBook.data[].person_id",
        "listContactBook.data[].phone",
        "listFriendContacts.data[].birthday",
        "listFriendContacts.data[].phone",
    ];
    assert_eq!(
        findings().await.null,
        expected.into_iter().map(str::to_owned).collect()
    );
}

#[tokio::test]
async fn every_documented_route_is_served_and_no_other() {
    let world = World::generate(Seed(3), 60);
    let api = Api::of(&world);
    let person = world
        .people()
        .find(|p| !world.threads(*p).is_empty())
        .unwrap();
    let thread = world.threads(person).remove(0);
    let post = world.feed(person).remove(0);
    let fill = |path: &str| {
        path.replace("{person}", &world.id_of(person))
            .replace("{thread}", &thread.id)
            .replace("{message}", &world.message_id(&thread, 0))
            .replace("{post}", &world.post_id(&post))
    };
    let mut body = json!({ "from": world.id_of(person), "text": "hello" });
    body["contacts"] = json!([{ "name": "Zoe Petersson", "phone": "+998 1" }]);
    let body = body.to_string();
    let mut operations = BTreeMap::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "delete"] {
            let answer = api
                .call(&method.to_uppercase(), &fill(path), TOKEN, &body)
                .await;
            let Some(operation) = item.get(method) else {
                assert_eq!(answer.status, 405, "{method} {path}");
                continue;
            };
            let status = answer.status.as_str().to_owned();
            assert!(
                answer.status.is_success() && operation["responses"].get(&status).is_some(),
                "{method} {path}: {status}"
            );
            operations.insert(
                operation["operationId"].as_str().unwrap().to_owned(),
                status,
            );
        }
    }
    let others = [
        "sendMessage",
        "deleteMessage",
        "deletePost",
        "importContacts",
        "exportFeed",
        "streamMessages",
    ];
    // Reads that hand out nothing that another does not.
    let small = ["getPost", "listParticipants"];
    let all = READS.into_iter().chain(small).chain(others);
    assert_eq!(
        operations.into_keys().collect::<BTreeSet<_>>(),
        all.map(str::to_owned).collect()
    );
}

#[test]
fn every_reference_in_the_document_resolves() {
    fn references(document: &Value, at: &Value, found: &mut usize) {
        if at.get("$ref").is_some() {
            assert!(!resolved(document, at).is_null(), "{at}");
            *found += 1;
        }
        let members = at.as_object().into_iter().flat_map(serde_json::Map::values);
        for value in members.chain(at.as_array().into_iter().flatten()) {
            references(document, value, found);
        }
    }
    let (document, mut found) = (document(), 0);
    references(&document, &document, &mut found);
    assert!(found > 50);
}

#[test]
fn the_document_knows_nothing_of_countersign() {
    let text = OPENAPI.to_lowercase();
    for word in ["countersign", "x-", "consent", "partner\"", "agreement"] {
        assert!(!text.contains(word), "{word}");
    }
}
