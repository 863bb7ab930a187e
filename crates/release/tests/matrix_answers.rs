//! Recorded answers of a real Matrix homeserver, through examples/matrix: whoever refuses is nowhere in what leaves, and
//! every record that does not concern them is there. The recordings are not part of the repository.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may fail loudly, and so may what they share; the counts are for whoever reads the run"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use decide::PersonNo;
use release::{Api, Call, CursorKey, Me, Nonce, Routed};
use serde_json::Value;
use support::facts::{Town, connection, findr};
use support::{Caller, Ledger};

const DOCUMENT: &[u8] = include_bytes!("../../../examples/matrix/openapi.yaml");
const OVERLAY: &[u8] = include_bytes!("../../../examples/matrix/overlay.yaml");
const SEARCH: &str = r#"{"search_categories":{"room_events":{"search_term":"message"}}}"#;
const DIRECTORY: &str = r#"{"search_term":"example"}"#;

/// A recorded answer, and the question it belongs to.
struct Recorded {
    name: String,
    method: String,
    target: String,
    body: Value,
    /// Who asked.
    me: String,
}

struct World {
    api: Api,
    people: Vec<String>,
    /// The lists of members that were recorded, by room.
    members: BTreeMap<String, Value>,
    ledger: Ledger,
}

/// All recorded answers; `None` where there are none.
fn recorded() -> Option<Vec<Recorded>> {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/matrix/answers");
    let mut out = Vec::new();
    for entry in std::fs::read_dir(at).ok()? {
        let path = entry.unwrap().path();
        let told: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let body = told["body"].clone();
        let (method, target) = told["request"].as_str().unwrap().split_once(' ').unwrap();
        let room = body["chunk"][0]["room_id"].as_str().unwrap_or_default();
        let short = format!("/_matrix/client/v3/rooms/{room}");
        let target = target.replace("rooms/..", &short);
        let me = if name.starts_with("ldbc") {
            body["chunk"][0]["sender"].as_str().unwrap().to_owned()
        } else {
            "@alice:localhost.test".to_owned()
        };
        let method = method.to_owned();
        out.push(Recorded {
            name,
            method,
            target,
            body,
            me,
        });
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    Some(out)
}

/// Every `@name:server` in a text.
fn ids(text: &str, into: &mut BTreeSet<String>) {
    for part in text.split('@').skip(1) {
        let word = part.split(|c: char| !(c.is_ascii_alphanumeric() || "._=-/+:".contains(c)));
        let word = word.into_iter().next().unwrap_or_default();
        if word.contains(':') && !word.ends_with(':') {
            into.insert(format!("@{word}"));
        }
    }
}

impl World {
    fn of(all: &[Recorded]) -> World {
        let mut people = BTreeSet::new();
        let mut members = BTreeMap::new();
        for one in all {
            ids(&one.body.to_string(), &mut people);
            if let Some(room) = one
                .name
                .ends_with("members")
                .then(|| one.body["chunk"][0]["room_id"].as_str())
            {
                room.map(|room| members.insert(room.to_owned(), one.body.clone()));
            }
        }
        World {
            api: Api::load(DOCUMENT, "openapi.yaml", OVERLAY, "overlay.yaml")
                .unwrap_or_else(|errors| panic!("{errors}")),
            people: people.into_iter().collect(),
            members,
            ledger: Ledger::new(),
        }
    }

    fn number(&self, id: &str) -> Option<PersonNo> {
        let at = self.people.iter().position(|known| known == id)?;
        Some(PersonNo(u32::try_from(at).unwrap()))
    }

    /// What leaves of an answer while somebody refuses; `None` where no operation of the overlay's is asked.
    fn left(&self, one: &Recorded, refusing: Option<&str>) -> Option<String> {
        let (path, query) = one
            .target
            .split_once('?')
            .map_or((one.target.as_str(), None), |(path, query)| {
                (path, Some(query))
            });
        let Routed::Mapped(route) = self.api.route(&one.method, path) else {
            return None;
        };
        let body = match one.name.as_str() {
            "search" => Some(SEARCH.as_bytes()),
            "user_directory_search" => Some(DIRECTORY.as_bytes()),
            _ => None,
        };
        let me = Me {
            id: one.me.clone(),
            no: self.number(&one.me).unwrap(),
        };
        let (partner, connected, key) = (findr(), connection(), CursorKey::new([9; 32]));
        // What is always sent cannot be set.
        let query = query.filter(|query| !query.contains("timeout"));
        let call = Call {
            query,
            body,
            partner: &partner,
            connection: Some(&connected),
            me: Some(&me),
            cursors: &key,
        };
        let prepared = route
            .prepare(&call)
            .unwrap_or_else(|e| panic!("{}: {e}", one.name));
        let town = Town::new(
            u32::try_from(self.people.len()).unwrap(),
            Some(me.no),
            route.operation().pairs(),
        );
        let consenting: Vec<PersonNo> = self
            .people
            .iter()
            .filter(|id| Some(id.as_str()) != refusing)
            .map(|id| self.number(id).unwrap())
            .collect();
        town.consent(&consenting, |_, _| true);
        let resolve = |id: &str| self.number(id);
        let mut walk = prepared.into_walk();
        walk.take_page(Bytes::from(one.body.to_string()), &resolve)
            .unwrap();
        for path in walk.lookups() {
            let answer = self.members.iter().find_map(|(room, members)| {
                let room = room.trim_start_matches('!');
                path.contains(room).then(|| members.to_string())
            });
            walk.take_people(&path, answer.as_deref().map(str::as_bytes), &resolve)
                .unwrap();
        }
        let decision = town.decide(&walk.question(&town.asker));
        let settled = walk.settle(&decision);
        let decision = town.decide(&settled.question(&town.asker));
        let judged = settled.judge(decision.permit(), Nonce([4; 12])).unwrap();
        let caller = Caller {
            api: &self.api,
            town: &town,
            ledger: &self.ledger,
            me: Some(me.clone()),
            resolve: &resolve,
            platform: &|_| None,
        };
        let reduced = caller.release(judged);
        let body = reduced.body().map(|body| body.to_vec()).unwrap_or_default();
        Some(String::from_utf8(body).unwrap())
    }

    /// Whether an event concerns somebody: by who is in the room, by who it names, by its text.
    fn concerns(&self, event: &Value, room: &str, person: &str) -> bool {
        let at = event["origin_server_ts"].as_i64().unwrap();
        let there = |member: &Value| {
            let gone = matches!(
                member["content"]["membership"].as_str(),
                Some("leave" | "ban")
            );
            member["state_key"] == person
                && (!gone || at <= member["origin_server_ts"].as_i64().unwrap())
        };
        let members = self.members.get(room).and_then(|m| m["chunk"].as_array());
        members.is_some_and(|members| members.iter().any(there))
            || event["sender"] == person
            || event["state_key"] == person
            || event["content"].to_string().contains(person)
    }
}

/// Every object with an `event_id` and a sender in an answer, with the room that it is of.
fn events<'v>(value: &'v Value, room: &str, out: &mut BTreeMap<String, (&'v Value, String)>) {
    match value {
        Value::Object(map) => {
            let room = map.get("room_id").and_then(Value::as_str).unwrap_or(room);
            if let (Some(id), Some(_)) = (
                map.get("event_id").and_then(Value::as_str),
                map.get("sender"),
            ) {
                out.insert(id.to_owned(), (value, room.to_owned()));
            }
            for (key, inner) in map {
                let room = if key.starts_with('!') { key } else { room };
                events(inner, room, out);
            }
        }
        Value::Array(list) => list.iter().for_each(|one| events(one, room, out)),
        _ => {}
    }
}

fn event_ids(text: &str) -> BTreeSet<String> {
    let Ok(value) = serde_json::from_str(text) else {
        return BTreeSet::new();
    };
    let mut out = BTreeMap::new();
    events(&value, "", &mut out);
    out.into_keys().collect()
}

#[test]
fn whoever_refuses_is_nowhere_in_what_leaves_of_recorded_answers() {
    let Some(all) = recorded() else {
        println!("../shared/data/matrix is not here: recorded answers were NOT looked at");
        return;
    };
    let world = World::of(&all);
    let (mut unmapped, mut looked, mut arrived, mut withheld) = (Vec::new(), 0, 0, 0);
    let mut others = 0;
    for one in &all {
        let Some(whole) = world.left(one, None) else {
            unmapped.push(one.name.as_str());
            continue;
        };
        println!(
            "{:<22} {:>6} of {:>6} bytes leave with everybody's consent, {} events",
            one.name,
            whole.len(),
            one.body.to_string().len(),
            event_ids(&whole).len()
        );
        let mut there = BTreeMap::new();
        events(&one.body, "", &mut there);
        let text = format!("{} {}", one.target, one.body);
        let appears = |id: &&String| **id != one.me && text.contains(id.as_str());
        for refusing in world.people.iter().filter(appears) {
            let left = world.left(one, Some(refusing)).unwrap();
            looked += 1;
            let bare = refusing.trim_start_matches('@').to_lowercase();
            let found = left.to_lowercase().replace("%3a", ":").contains(&bare);
            assert!(!found, "{}: {refusing} in {left}", one.name);
            let free: BTreeSet<String> = event_ids(&whole)
                .into_iter()
                .filter(|id| {
                    let (event, room) = &there[id];
                    !world.concerns(event, room, refusing)
                })
                .collect();
            assert_eq!(
                event_ids(&left),
                free,
                "{} while {refusing} refuses",
                one.name
            );
            if ["joined_members", "user_directory_search"].contains(&one.name.as_str()) {
                // Lists of people: exactly this person is missing.
                let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
                ids(&whole, &mut before);
                ids(&left, &mut after);
                before.remove(refusing);
                assert_eq!(after, before, "{} while {refusing} refuses", one.name);
                others += after.len();
            }
            arrived += free.len();
            withheld += event_ids(&whole).len() - free.len();
        }
    }
    println!(
        "{} answers, {} people; {looked} times somebody refused: {arrived} events arrived, {withheld} did not; {others} other people in lists did",
        all.len(),
        world.people.len()
    );
    println!(
        "of no operation of the overlay's, so nothing leaves: {}",
        unmapped.join(", ")
    );
    assert!(looked > 0 && withheld > 0 && others > 0);
}
