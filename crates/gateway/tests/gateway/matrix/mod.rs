//! Countersign in front of a real Matrix homeserver: Synapse with invented people, the gateway over HTTP, and a partner
//! with its own key.
//!
//! What leaves is compared, answer by answer and person by person, with what a plain second description of the platform
//! says (`model.rs`). Where there is no Python or no package index, this says so and does nothing.

mod model;
mod reading;
mod spelling;
mod synapse;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::town::{Door, Platform, Town};
use reading::{Question, Reader, Seen, quoted};
use serde_json::Value;
use synapse::Synapse;

const DOCUMENT: &str = include_str!("../../../../../examples/matrix/openapi.yaml");
const OVERLAY: &str = include_str!("../../../../../examples/matrix/overlay.yaml");
/// Who connects Findr. Between them they see every room but the newcomer's and the leaver's own views of one.
const READERS: [&str; 3] = [
    "@ada:social.example",
    "@bert:social.example",
    "@cleo:social.example",
];

/// The homeserver, and the gateway in front of it.
struct Stage {
    synapse: Synapse,
    town: Town,
    door: Door,
    /// Everybody's id and display name.
    people: Vec<String>,
    names: Vec<String>,
}

/// What was counted of one operation.
#[derive(Default)]
struct Count {
    answers: u64,
    arrived: u64,
    withheld: u64,
}

impl Stage {
    async fn set() -> Option<Stage> {
        // Installing and seeding block.
        let synapse = tokio::task::spawn_blocking(Synapse::start).await.unwrap()?;
        synapse.has_its_directory(&READERS).await;
        let told = synapse.seeded["people"].as_array().unwrap();
        let all = |name: &str| -> Vec<String> {
            told.iter()
                .map(|person| person[name].as_str().unwrap().to_owned())
                .collect()
        };
        let (people, names) = (all("id"), all("name"));
        let town = Town::new(Platform {
            document: ("openapi.yaml", DOCUMENT),
            overlay: ("overlay.yaml", OVERLAY),
            token: synapse.token.clone(),
            more: "person-parameter = \"user_id\"",
            people: people.clone(),
        })
        .await;
        let door = town.door(synapse.upstream.clone()).await;
        Some(Stage {
            synapse,
            town,
            door,
            people,
            names,
        })
    }

    /// Somebody is online only as long as something says so; the homeserver forgets it after half a minute.
    async fn keep_present(&self) {
        for person in self.synapse.seeded["present"].as_array().unwrap() {
            let person = person.as_str().unwrap();
            self.synapse.is_present(person, "at home").await;
        }
    }

    /// All of a reader's questions, and what must be of every answer while somebody refuses.
    async fn read(
        &self,
        reader: &Reader,
        refusing: Option<&str>,
        counts: &mut BTreeMap<&'static str, Count>,
    ) -> u64 {
        let token = self.town.token(&self.door, Some(&reader.me)).await;
        let mut named = 0;
        for question in &reader.questions {
            let mut question = question.clone();
            let (seen, expected) = loop {
                let seen = question.ask(&self.door, &token).await;
                let expected = reader.expected(&question, &self.people, refusing);
                if seen.is(expected.as_ref())
                    || !question.has_another_answer(&self.synapse, &reader.me).await
                {
                    break (seen, expected);
                }
            };
            let question = &question;
            same(question, &seen, expected.as_ref(), refusing);
            if let Some(refusing) = refusing {
                nowhere(question, &seen, refusing);
                named += u64::from(self.named(&seen, refusing));
            }
            let whole = reader.expected(question, &self.people, None);
            let (arrived, whole) = (leaves(expected.as_ref()), leaves(whole.as_ref()));
            let count = counts.entry(question.operation).or_default();
            count.answers += 1;
            count.arrived += arrived;
            count.withheld += whole - arrived;
        }
        named
    }

    /// Whether the person's display name is in an answer: in a text that somebody else wrote, which nobody can map.
    fn named(&self, seen: &Seen, person: &str) -> bool {
        let at = self.people.iter().position(|id| id == person).unwrap();
        seen.text.contains(&self.names[at])
    }
}

/// What arrived is what the model says, to the letter.
fn same(question: &Question, seen: &Seen, expected: Option<&Value>, refusing: Option<&str>) {
    let place = format!("{} while {refusing:?} refuses", question.shown());
    let Some(expected) = expected else {
        assert_eq!(seen.status, 404, "{place}: {}", seen.text);
        return;
    };
    assert_eq!(seen.status, 200, "{place}: {}", seen.text);
    if !seen.is(Some(expected)) {
        let found = model::pruned(seen.value.as_ref().unwrap());
        panic!("{place}\n{}", difference("", &found, expected));
    }
}

/// The first place where two values differ.
fn difference(path: &str, found: &Value, expected: &Value) -> String {
    match (found, expected) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let differs = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
            let differs: Vec<&String> = differs.collect();
            let key = differs[0].as_str();
            let inner = format!("{path}/{key} (of {} that differ)", differs.len());
            difference(&inner, &found[key], &expected[key])
        }
        (Value::Array(a), Value::Array(b)) => {
            let at = (0..a.len().max(b.len()))
                .find(|n| a.get(*n) != b.get(*n))
                .unwrap();
            let inner = format!("{path}/{at}");
            format!(
                "{} against {} elements; {}",
                a.len(),
                b.len(),
                difference(&inner, &found[at], &expected[at])
            )
        }
        _ => format!("{path}: found {found}, expected {expected}"),
    }
}

/// No id of theirs, in any spelling, in all that left.
fn nowhere(question: &Question, seen: &Seen, refusing: &str) {
    let bare = refusing.trim_start_matches('@').to_lowercase();
    // Hugo is not Ugo.
    let longer = |c: char| c.is_ascii_alphanumeric() || "._=-+".contains(c);
    for text in spelling::readings(&seen.text) {
        let mut found = text.match_indices(&bare);
        let theirs = found.any(|(at, _)| !text[..at].ends_with(longer));
        assert!(!theirs, "{}: {refusing} in {text}", question.shown());
    }
}

/// How many scalars are in it.
fn leaves(value: Option<&Value>) -> u64 {
    match value {
        None => 0,
        Some(Value::Object(map)) => map.values().map(|inner| leaves(Some(inner))).sum(),
        Some(Value::Array(list)) => list.iter().map(|inner| leaves(Some(inner))).sum(),
        Some(_) => 1,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_front_of_a_real_homeserver() {
    let began = Instant::now();
    let Some(stage) = Stage::set().await else {
        return;
    };
    let stage = Arc::new(stage);
    let rooms = stage.synapse.seeded["rooms"].as_array().unwrap().len();
    println!(
        "{} people, {rooms} rooms, after {:?}",
        stage.people.len(),
        began.elapsed()
    );
    assert!(stage.people.len() >= 50 && rooms >= 20);
    stage.keep_present().await;
    let keeper = tokio::spawn({
        let stage = stage.clone();
        async move {
            loop {
                tokio::time::sleep(Duration::from_secs(10)).await;
                stage.keep_present().await;
            }
        }
    });
    whoever_refuses_is_nowhere_and_all_else_arrives(&stage).await;
    println!("after {:?}", began.elapsed());
    who_comes_opens_nothing_and_who_left_counts_for_their_time(&stage).await;
    keeper.abort();
    let _ = keeper.await;
    println!("all of it took {:?}", began.elapsed());
}

async fn whoever_refuses_is_nowhere_and_all_else_arrives(stage: &Stage) {
    let mut readers = Vec::new();
    for me in READERS {
        readers.push(Reader::of(&stage.synapse, me, &stage.people).await);
    }
    let mut counts = BTreeMap::new();
    for reader in &readers {
        stage.read(reader, None, &mut counts).await;
    }
    told("with everybody consenting", &counts);
    let mut counts = BTreeMap::new();
    let (mut pairs, mut named) = (0, 0);
    for refusing in &stage.people {
        stage.town.bar(refusing).await;
        // Whoever the homeserver never names to a reader cannot be missed by them.
        let concerned = readers
            .iter()
            .filter(|reader| reader.me != *refusing && reader.whole.contains(refusing.as_str()));
        for reader in concerned {
            named += stage.read(reader, Some(refusing), &mut counts).await;
            pairs += 1;
        }
        stage.town.lift(refusing).await;
    }
    told("with each person refusing in turn", &counts);
    println!(
        "{pairs} readings; answers with the refusing person's display name in somebody's text: {named}"
    );
    for (operation, count) in &counts {
        assert!(count.arrived > 0, "{operation}: nothing ever arrived");
        assert!(count.withheld > 0, "{operation}: nothing was ever withheld");
    }
    assert_eq!(counts.len(), 12, "operations");
}

fn told(when: &str, counts: &BTreeMap<&'static str, Count>) {
    println!("{when}: answers, values that arrived, and that were withheld, by operation");
    for (operation, count) in counts {
        println!(
            "  {operation:<22} {:>6} {:>8} {:>8}",
            count.answers, count.arrived, count.withheld
        );
    }
}

/// The events of the tool shed that arrive at `me` while `refusing` does.
async fn shed(stage: &Stage, me: &str, refusing: &str) -> BTreeSet<String> {
    let room = stage.synapse.seeded["moments"]["coming_and_going"]["room"]
        .as_str()
        .unwrap();
    stage.town.bar(refusing).await;
    let token = stage.town.token(&stage.door, Some(me)).await;
    let path = format!(
        "/_matrix/client/v3/rooms/{}/messages?dir=b&limit=100",
        quoted(room)
    );
    let answer = stage.door.client.get(&token, &path).await.unwrap();
    stage.town.lift(refusing).await;
    let body = answer.json().unwrap_or_default();
    let events = body["chunk"].as_array().cloned().unwrap_or_default();
    events
        .iter()
        .map(|event| event["event_id"].as_str().unwrap().to_owned())
        .collect()
}

async fn who_comes_opens_nothing_and_who_left_counts_for_their_time(stage: &Stage) {
    let moment = &stage.synapse.seeded["moments"]["coming_and_going"];
    let who = |name: &str| moment[name].as_str().unwrap().to_owned();
    let of = |name: &str| -> Vec<String> { serde_json::from_value(moment[name].clone()).unwrap() };
    // In the order of time: everybody together, then without June, then without three, then with Nora.
    let times = ["together", "without_june", "without_three", "with_nora"];
    let cases = [
        // Who refuses, and how many of the times are closed: up to when they left.
        ("left", 1),
        ("kicked", 2),
        ("banned", 2),
        ("stayed", 4),
    ];
    let bert = READERS[1].to_owned();
    for reader in [who("newcomer"), bert.clone()] {
        for (refusing, closed) in cases {
            let arrived = shed(stage, &reader, &who(refusing)).await;
            for (n, time) in times.iter().enumerate() {
                for event in of(time) {
                    assert_eq!(
                        arrived.contains(&event),
                        n >= closed,
                        "{reader} reads {time} while the one who {refusing} refuses"
                    );
                }
            }
        }
    }
    // The newcomer is one of them now: all that was said concerns her as well, and whoever was only invited, too.
    for refusing in ["newcomer", "invited"] {
        assert_eq!(shed(stage, &bert, &who(refusing)).await, BTreeSet::new());
    }
    println!(
        "a newcomer, and who left, was sent away or banned: {} readings",
        2 * cases.len() + 2
    );
}
