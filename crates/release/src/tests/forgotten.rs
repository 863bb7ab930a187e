//! The overlay that forgets something is caught: any one annotation of the Matrix overlay is taken away, and either
//! loading says so, or nothing more leaves than before. Over answers that a real server gave.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use decide::{Category, PersonNo, Reach};
use serde_json::{Value, json};

use super::{Town, finish};
use crate::api::{Api, Me, Routed};
use crate::cursor::CursorKey;
use crate::document;
use crate::request::Call;
use crate::tests::facts::{connection, findr};

/// One answer that was recorded, and how to ask for it.
struct Recorded {
    method: &'static str,
    target: String,
    sent: Option<Value>,
    body: Bytes,
    me: String,
}

/// Everything that was recorded.
struct Server {
    answers: Vec<Recorded>,
    /// By path, what calls for people answer.
    members: BTreeMap<String, Bytes>,
    people: RefCell<Vec<String>>,
}

impl Server {
    fn number(&self, id: &str) -> Option<PersonNo> {
        if !id.starts_with('@') || !id.ends_with(":localhost.test") {
            return None;
        }
        let mut people = self.people.borrow_mut();
        let at = people.iter().position(|known| known == id);
        let at = at.unwrap_or_else(|| {
            people.push(id.to_owned());
            people.len() - 1
        });
        u32::try_from(at).ok().map(PersonNo)
    }

    /// What leaves of one answer; `null` for anything that is refused or not found.
    fn leaves(&self, api: &Api, town: &Town, recorded: &Recorded) -> Value {
        let (path, query) = recorded
            .target
            .split_once('?')
            .map_or((recorded.target.as_str(), None), |(p, q)| (p, Some(q)));
        let Routed::Mapped(route) = api.route(recorded.method, path) else {
            return Value::Null;
        };
        let me = Me {
            id: recorded.me.clone(),
            no: self.number(&recorded.me).unwrap(),
        };
        let sent = recorded.sent.as_ref().map(|sent| sent.to_string());
        let prepared = route.prepare(&Call {
            query,
            body: sent.as_ref().map(String::as_bytes),
            partner: &findr(),
            connection: Some(&connection()),
            me: Some(&me),
            cursors: &CursorKey::new([9; 32]),
        });
        let Ok(prepared) = prepared else {
            return Value::Null;
        };
        let resolve = |id: &str| self.number(id);
        let mut walk = prepared.into_walk();
        if walk.take_page(recorded.body.clone(), &resolve).is_err() {
            return Value::Null;
        }
        for path in walk.lookups() {
            let people = self.members.get(&path).map(|body| &body[..]);
            if walk.take_people(&path, people, &resolve).is_err() {
                return Value::Null;
            }
        }
        let decision = town.decide(&walk.question(&town.asker));
        let left = finish(walk.settle(&decision), town);
        left.map_or(Value::Null, |left| serde_json::from_str(&left).unwrap())
    }
}

/// The recorded answers of `../shared/data/matrix`, if they are there.
fn recorded() -> Option<Server> {
    let dir = root().join("../shared/data/matrix/answers");
    let read = |name: &str| -> Option<Value> {
        serde_json::from_slice(&std::fs::read(dir.join(name)).ok()?).ok()
    };
    let alice = "@alice:localhost.test".to_owned();
    let mut server = Server {
        answers: Vec::new(),
        members: BTreeMap::new(),
        people: RefCell::new(Vec::new()),
    };
    server.number(&alice);
    for entry in std::fs::read_dir(&dir).ok()? {
        let name = entry.ok()?.file_name().into_string().ok()?;
        let file = read(&name)?;
        let body = Bytes::from(file["body"].to_string());
        let request = file["request"].as_str()?;
        let (method, mut target) = match request.split_once(' ')? {
            ("POST", target) => ("POST", target.to_owned()),
            (_, target) => ("GET", target.to_owned()),
        };
        let mut me = alice.clone();
        if name.starts_with("ldbc") {
            let event = &file["body"]["chunk"][0];
            let room = percent(event["room_id"].as_str()?);
            let what = request.rsplit('/').next()?;
            target = format!("/_matrix/client/v3/rooms/{room}/{what}");
            me = read("ldbc_members.json")?["body"]["chunk"][0]["state_key"]
                .as_str()?
                .to_owned();
        }
        if target.starts_with("/_matrix/client/v3/sync") {
            target = "/_matrix/client/v3/sync".to_owned();
        }
        let sent = match (method, name.as_str()) {
            ("POST", "search.json") => {
                Some(json!({"search_categories": {"room_events": {"search_term": "message"}}}))
            }
            ("POST", _) => Some(json!({"search_term": "example"})),
            _ => None,
        };
        if name.ends_with("members.json") && !name.starts_with("joined") {
            server.members.insert(target.clone(), body.clone());
        }
        server.answers.push(Recorded {
            method,
            target,
            sent,
            body,
            me,
        });
    }
    // The one room whose members were not recorded: Alice and Bob by themselves.
    let two = ["alice", "bob"].map(|name| {
        json!({"state_key": format!("@{name}:localhost.test"), "content": {"membership": "join"},
            "origin_server_ts": 1})
    });
    let rooms = read("joined_rooms.json")?;
    for room in rooms["body"]["joined_rooms"].as_array()? {
        let path = format!(
            "/_matrix/client/v3/rooms/{}/members",
            percent(room.as_str()?)
        );
        let listed = server.members.entry(path);
        listed.or_insert_with(|| Bytes::from(json!({ "chunk": two }).to_string()));
    }
    Some(server)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn percent(text: &str) -> String {
    let mut out = String::new();
    document::percent_encoded(text, &mut out);
    out
}

/// Who agrees to what, told apart enough that a restriction which is gone shows.
fn worlds(server: &Server, me: &str, categories: &[Category], reaches: &[Reach]) -> Vec<Town> {
    let me = server.number(me).unwrap();
    let everybody: Vec<PersonNo> = (0..server.people.borrow().len())
        .filter_map(|n| u32::try_from(n).ok().map(PersonNo))
        .collect();
    let pairs: Vec<(Category, Reach)> = categories
        .iter()
        .flat_map(|category| {
            reaches
                .iter()
                .map(|reach| (category.clone(), reach.clone()))
        })
        .collect();
    let world = |who: &[PersonNo], what: &dyn Fn(&Category, &Reach) -> bool| {
        let count = u32::try_from(everybody.len()).unwrap();
        let town = Town::new(count, Some(me), &pairs);
        town.consent(who, what);
        town
    };
    let mut out = vec![world(&everybody, &|_, _| true), world(&[], &|_, _| true)];
    for refusing in everybody.iter().take(5).filter(|person| **person != me) {
        let others: Vec<PersonNo> = everybody
            .iter()
            .copied()
            .filter(|p| p != refusing)
            .collect();
        out.push(world(&others, &|_, _| true));
    }
    for refused in categories {
        out.push(world(&everybody, &|category, _| category != refused));
    }
    for refused in reaches {
        out.push(world(&everybody, &|_, reach| reach != refused));
    }
    out
}

/// Whether the first holds nothing that the second does not hold in the same place.
fn is_part_of(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Null, _) => true,
        (Value::Object(part), Value::Object(whole)) => part.iter().all(|(name, inner)| {
            whole
                .get(name)
                .is_some_and(|whole| is_part_of(inner, whole))
        }),
        (Value::Array(part), Value::Array(whole)) => {
            let mut rest = whole.iter();
            part.iter()
                .all(|element| rest.any(|whole| is_part_of(element, whole)))
        }
        // Sealed anew each time, and of a few lengths.
        (Value::String(part), Value::String(whole)) => {
            let sealed = |text: &str| text.len() > 100 && text.bytes().all(|b| b != b' ');
            part == whole || (sealed(part) && part.len() == whole.len())
        }
        _ => part == whole,
    }
}

/// Every place of every annotation: the notes, what they hold, and the elements of their lists.
fn annotations(overlay: &Value) -> Vec<Vec<String>> {
    fn within(value: &Value, at: &[String], out: &mut Vec<Vec<String>>) {
        let mut go = |step: String, inner: &Value| {
            let here = [at, &[step]].concat();
            out.push(here.clone());
            within(inner, &here, out);
        };
        match value {
            Value::Object(map) => map.iter().for_each(|(name, inner)| go(name.clone(), inner)),
            Value::Array(list) => (0..)
                .zip(list)
                .for_each(|(n, it): (usize, _)| go(n.to_string(), it)),
            _ => {}
        }
    }
    fn find(value: &Value, at: &[String], out: &mut Vec<Vec<String>>) {
        let children: Vec<(String, &Value)> = match value {
            Value::Object(map) => map
                .iter()
                .map(|(name, inner)| (name.clone(), inner))
                .collect(),
            Value::Array(list) => (0..)
                .zip(list)
                .map(|(n, it): (usize, _)| (n.to_string(), it))
                .collect(),
            _ => return,
        };
        for (step, inner) in children {
            let here = [at, std::slice::from_ref(&step)].concat();
            if step == "x-countersign" {
                out.push(here.clone());
                within(inner, &here, out);
            } else {
                find(inner, &here, out);
            }
        }
    }
    let mut out = Vec::new();
    find(overlay, &[], &mut out);
    out
}

/// All that decides about an answer.
fn plan(api: &Api, recorded: &Recorded) -> Option<String> {
    let path = recorded.target.split('?').next().unwrap_or_default();
    match api.route(recorded.method, path) {
        Routed::Mapped(route) => Some(format!("{:?}", route.operation())),
        Routed::Unmapped => None,
    }
}

fn without(overlay: &Value, at: &[String]) -> Value {
    let mut out = overlay.clone();
    let (last, way) = at.split_last().unwrap();
    let holder = way.iter().fold(&mut out, |value, step| match value {
        Value::Array(list) => &mut list[step.parse::<usize>().unwrap()],
        value => &mut value[step],
    });
    match holder {
        Value::Array(list) => drop(list.remove(last.parse().unwrap())),
        Value::Object(map) => drop(map.shift_remove(last)),
        _ => unreachable!("a place has something around it"),
    }
    out
}

fn all<T: Ord>(list: impl Iterator<Item = T>) -> Vec<T> {
    list.collect::<BTreeSet<T>>().into_iter().collect()
}

#[test]
fn an_annotation_of_the_matrix_overlay_that_is_gone_is_told_or_lets_nothing_more_leave() {
    let Some(server) = recorded() else {
        eprintln!("NOT RUN: the recorded answers of ../shared/data/matrix are not here");
        return;
    };
    let read = |name: &str| std::fs::read(root().join("examples/matrix").join(name)).unwrap();
    let source = read("openapi.yaml");
    let overlay = document::read(&read("overlay.yaml"), "overlay.yaml").unwrap();
    let load = |overlay: &Value| {
        let text = overlay.to_string();
        Api::load(&source, "openapi.yaml", text.as_bytes(), "overlay.json")
    };
    let api = load(&overlay).unwrap_or_else(|e| panic!("{e}"));
    let pairs = || {
        api.operations()
            .iter()
            .flat_map(|o| o.pairs().iter().cloned())
    };
    let categories = all(pairs().map(|(category, _)| category));
    let reaches = all(pairs().map(|(_, reach)| reach));
    // Whom the answers name has to be known before worlds are made for them.
    for recorded in &server.answers {
        let nobody = Town::new(1, Some(PersonNo(0)), &[]);
        server.leaves(&api, &nobody, recorded);
    }
    let callers = all(server.answers.iter().map(|recorded| recorded.me.clone()));
    let towns: BTreeMap<String, Vec<Town>> = callers
        .into_iter()
        .map(|me| (me.clone(), worlds(&server, &me, &categories, &reaches)))
        .collect();
    let leaves = |api: &Api, recorded: &Recorded| -> Vec<Value> {
        let towns = towns[&recorded.me].iter();
        towns
            .map(|town| server.leaves(api, town, recorded))
            .collect()
    };
    let before: Vec<Vec<Value>> = server.answers.iter().map(|it| leaves(&api, it)).collect();
    let arrived = before.iter().filter(|left| !left[0].is_null()).count();
    assert!(
        arrived > 8,
        "only {arrived} answers arrive when everybody agrees"
    );

    let places = annotations(&overlay);
    let (mut told, mut quiet, mut holes) = (0, 0, Vec::new());
    for at in &places {
        let Ok(mutilated) = load(&without(&overlay, at)) else {
            told += 1;
            continue;
        };
        quiet += 1;
        // What is compiled as before answers as before.
        let changed = |it: &(&Recorded, &Vec<Value>)| plan(&mutilated, it.0) != plan(&api, it.0);
        let mut answers = server.answers.iter().zip(&before).filter(changed);
        let more = answers.find(|(recorded, before)| {
            let after = leaves(&mutilated, recorded);
            !after
                .iter()
                .zip(*before)
                .all(|(after, before)| is_part_of(after, before))
        });
        if let Some((recorded, _)) = more {
            let action = overlay["actions"][at[1].parse::<usize>().unwrap()]["target"].clone();
            let place = at[3..].join("/");
            holes.push(format!("{action} /{place}: more of {}", recorded.target));
        }
    }
    println!(
        "annotations {}, told by check {told}, of the others nothing more leaves {}; {} answers of which {arrived} arrive, {} worlds",
        places.len(),
        quiet - holes.len(),
        server.answers.len(),
        towns.values().map(Vec::len).sum::<usize>(),
    );
    assert!(
        holes.is_empty(),
        "{}\n{} holes",
        holes.join("\n"),
        holes.len()
    );
}
