//! `World::without`: the platform as if it had never held somebody's data. What Countersign makes of
//! a refusal is compared with this, so this must be exact.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop; clippy's own leave covers only test functions"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use sample::{PersonNo, Seed, World};
use serde_json::{Value, json};
use support::{Answer, Api, lists_of};

const PEOPLE: u32 = 24;

fn small_world() -> World {
    World::generate(Seed(5), PEOPLE)
}

/// Every answer that the API gives to anybody about anything, by address.
async fn every_answer(world: &World) -> BTreeMap<String, Vec<Answer>> {
    let api = Api::of(world);
    let mut answers = BTreeMap::new();
    let mut addresses = vec!["/v1/people?limit=7".to_owned()];
    for person in world.people() {
        let id = world.id_of(person);
        addresses.push(format!("/v1/people/{id}"));
        addresses.extend(lists_of(&id).map(|(_, list)| format!("{list}?limit=7")));
        for thread in world.threads(person) {
            addresses.push(format!("/v1/threads/{}/messages?limit=7", thread.id));
        }
    }
    for address in addresses {
        let pages = api.pages(&address).await;
        answers.insert(address, pages);
    }
    answers
}

#[tokio::test]
async fn nothing_that_identifies_an_absent_person_is_in_any_answer() {
    let world = small_world();
    for absent in world.people() {
        let planted = world.planted(absent);
        let without = world.without(&[absent]);
        for (address, pages) in every_answer(&without).await {
            for page in pages {
                let text = page.everything();
                for needle in &planted {
                    assert!(
                        !text.contains(needle.as_str()),
                        "{needle} in {address}: {text}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn in_the_whole_world_every_planted_text_is_in_some_answer() {
    let world = small_world();
    let answers = every_answer(&world).await;
    let all: String = answers.values().flatten().map(Answer::everything).collect();
    for person in world.people() {
        for needle in world.planted(person) {
            // The bare phone number is planted in case somebody writes it so; the platform does not.
            let bare_phone = needle.bytes().all(|b| b.is_ascii_digit());
            assert!(bare_phone || all.contains(&needle), "{needle}");
        }
    }
}

#[tokio::test]
async fn everything_that_does_not_concern_an_absent_person_is_as_it_was() {
    let world = small_world();
    for absent in world.people() {
        let without = world.without(&[absent]);
        let (whole, rest) = (Api::of(&world), Api::of(&without));
        let mut lists = vec![("searchPeople", PersonNo(0), "/v1/people".to_owned())];
        for person in without.people() {
            let id = world.id_of(person);
            lists.extend(lists_of(&id).map(|(operation, list)| (operation, person, list)));
            for thread in without.threads(person) {
                lists.push((
                    "listMessages",
                    person,
                    format!("/v1/threads/{}/messages", thread.id),
                ));
            }
            let mut profile = whole.get(&format!("/v1/people/{id}")).await.json();
            forget_mentions(&mut profile, &world.id_of(absent));
            profile["friend_count"] = json!(without.friends(person).len());
            assert_eq!(
                rest.get(&format!("/v1/people/{id}")).await.body,
                profile.to_string()
            );
        }
        for (operation, person, list) in lists {
            let about_absent = ids_concerning(&world, operation, person, absent);
            let mut expected = whole.list(&list).await;
            expected.retain(|record| !about_absent.contains(record["id"].as_str().unwrap()));
            for record in &mut expected {
                forget_mentions(record, &world.id_of(absent));
            }
            // As text: the order of members counts.
            let (expected, left) = (Value::from(expected), Value::from(rest.list(&list).await));
            assert_eq!(left.to_string(), expected.to_string(), "{list}");
        }
    }
}

/// The records that concern somebody, by the census.
fn ids_concerning(
    world: &World,
    operation: &str,
    person: PersonNo,
    absent: PersonNo,
) -> BTreeSet<String> {
    let records = world.records(operation, person).into_iter();
    records
        .filter(|r| r.concerns.contains(&absent))
        .map(|r| r.id)
        .collect()
}

fn forget_mentions(record: &mut Value, absent: &str) {
    let record = record.as_object_mut().unwrap();
    if let Some(reactions) = record.get_mut("reactions").and_then(Value::as_object_mut) {
        reactions.shift_remove(absent);
        let count = json!(reactions.len());
        record.insert("reaction_count".to_owned(), count);
    }
    if record
        .get("partner_in_crime")
        .is_some_and(|best| best["id"] == absent)
    {
        record.shift_remove("partner_in_crime");
    }
}

#[tokio::test]
async fn an_absent_person_and_their_threads_are_not_found() {
    let world = small_world();
    let absent = world
        .people()
        .find(|p| !world.threads(*p).is_empty())
        .unwrap();
    let api = Api::of(&world.without(&[absent]));
    let id = world.id_of(absent);
    for (_, list) in lists_of(&id) {
        let answer = api.get(&list).await;
        assert_eq!(answer.status, 404);
        assert_eq!(
            answer.json()["error"]["message"],
            format!("There is no person {id}.")
        );
    }
    for thread in world.threads(absent) {
        assert_eq!(
            api.get(&format!("/v1/threads/{}/messages", thread.id))
                .await
                .status,
            404
        );
    }
    let surname = world.person(absent).unwrap().last_name;
    let hits = api.get(&format!("/v1/people?name={surname}")).await.json();
    assert_eq!(
        (&hits["data"], &hits["summary"]["total_count"]),
        (&json!([]), &json!(0))
    );
}

#[test]
fn forgetting_two_people_is_forgetting_one_after_the_other() {
    let world = small_world();
    let (one, other) = (PersonNo(3), PersonNo(9));
    let together = world.without(&[one, other, PersonNo(4_000)]);
    let in_turn = world.without(&[other]).without(&[one]);
    assert_eq!(together.population(), PEOPLE - 2);
    for person in world.people() {
        assert_eq!(together.friends(person), in_turn.friends(person));
        assert_eq!(together.threads(person), in_turn.threads(person));
    }
    let everybody: Vec<PersonNo> = together.people().collect();
    assert_eq!(together.directory(0, 100), everybody);
    for skip in 0..everybody.len() {
        assert_eq!(together.directory(skip as u64, 1), everybody[skip..=skip]);
    }
}

#[test]
fn a_best_friend_who_is_absent_is_not_replaced() {
    // Checked by bytes above where somebody has a next friend; here the census.
    let world = small_world();
    let person = world
        .people()
        .find(|p| world.friends(*p).len() > 1)
        .unwrap();
    let best = world.friends(person)[0];
    assert_eq!(world.records("getPerson", person)[0].mentions, [best]);
    assert!(
        world.without(&[best]).records("getPerson", person)[0]
            .mentions
            .is_empty()
    );
}
