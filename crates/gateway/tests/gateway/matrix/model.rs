//! What should leave, written down a second time: plainly, over JSON values, and without the overlay. Whoever changes the
//! overlay of examples/matrix changes this too, by hand.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::spelling;

/// Somebody of another server, whom nobody here can ask.
pub(crate) const STRANGER: &str = "@walter:elsewhere.example";

/// Somebody on a room's list of members; with the moment at which they left, if they did.
type Member = (String, Option<i64>);

/// The world as the model sees it.
pub(crate) struct Model<'a> {
    /// Everybody on the server.
    pub people: &'a [String],
    /// Who is or was in which room.
    pub members: &'a BTreeMap<String, Vec<Member>>,
    /// The person who connected.
    pub me: &'a str,
    /// Who refuses everything, if anybody does.
    pub refusing: Option<&'a str>,
}

/// A record: whose it is, who is named in its texts, and what it is within.
struct Record {
    people: BTreeSet<String>,
    /// The person who connected has to be among them.
    among: bool,
    named: BTreeSet<String>,
    within: Option<usize>,
}

/// Walking one answer. Twice: first to collect the records, then to write what lives.
struct Walk<'m> {
    model: &'m Model<'m>,
    records: Vec<Record>,
    living: Option<Vec<bool>>,
    at: usize,
}

/// The list of members of a room, as the server tells it.
pub(crate) fn members(answer: &Value) -> Vec<Member> {
    let member = |event: &Value| {
        let left = matches!(
            event["content"]["membership"].as_str(),
            Some("leave" | "ban")
        );
        let at = event["origin_server_ts"].as_i64().unwrap();
        (
            event["state_key"].as_str().unwrap().to_owned(),
            left.then_some(at),
        )
    };
    answer["chunk"]
        .as_array()
        .unwrap()
        .iter()
        .map(member)
        .collect()
}

impl Model<'_> {
    /// What an operation's answer should be; `None`: not found. `room`: of the path. `asked`: the person in the path.
    pub(crate) fn expected(
        &self,
        operation: &str,
        answer: &Value,
        room: Option<&str>,
        asked: Option<&str>,
    ) -> Option<Value> {
        let mut walk = Walk {
            model: self,
            records: Vec::new(),
            living: None,
            at: 0,
        };
        walk.answer(operation, answer, room, asked);
        walk.living = Some(walk.lives());
        walk.at = 0;
        let out = pruned(&walk.answer(operation, answer, room, asked));
        let nothing = out.is_null() || out == json!({});
        let hidden = [
            "getMembers",
            "getJoinedMembers",
            "getMessages",
            "getThreads",
            "getContext",
            "getProfile",
            "getPresence",
        ];
        (!(nothing && hidden.contains(&operation))).then_some(out)
    }
}

impl Walk<'_> {
    fn answer(
        &mut self,
        operation: &str,
        answer: &Value,
        room: Option<&str>,
        asked: Option<&str>,
    ) -> Value {
        let room = room.unwrap_or_default();
        match operation {
            "getJoinedRooms" => {
                let rooms = answer["joined_rooms"].as_array().unwrap();
                let rooms: Vec<&Value> = rooms
                    .iter()
                    .filter(|id| self.room(id.as_str().unwrap()).1)
                    .collect();
                json!({ "joined_rooms": rooms })
            }
            "getMembers" => json!({ "chunk": self.each(&answer["chunk"], Walk::membership) }),
            "getJoinedMembers" => json!({ "joined": self.joined(&answer["joined"]) }),
            "getMessages" | "getThreads" | "getRelations" => {
                json!({ "chunk": self.each(&answer["chunk"], |walk, event| walk.event(event, room, None)) })
            }
            "getContext" => {
                let mut event = |event: &Value| self.event(event, room, None);
                let event = event(&answer["event"]);
                let mut around = |name: &str| {
                    self.each(&answer[name], |walk, event| walk.event(event, room, None))
                };
                json!({ "event": event, "events_before": around("events_before"), "events_after": around("events_after") })
            }
            "search" => {
                let found = &answer["search_categories"]["room_events"]["results"];
                let found = self.each(found, |walk, found| {
                    let room = found["result"]["room_id"].as_str()?;
                    let result = walk.event(&found["result"], room, None)?;
                    Some(json!({ "result": without(result, "unsigned") }))
                });
                json!({ "search_categories": { "room_events": { "results": found } } })
            }
            "searchUserDirectory" => {
                json!({ "results": self.each(&answer["results"], |walk, person| {
                    let shown = some(person, &["user_id", "display_name", "avatar_url"]);
                    walk.record(&[person["user_id"].as_str()?], false, &shown, None).1.then_some(shown)
                }) })
            }
            "getProfile" => self.about(
                asked.unwrap(),
                some(answer, &["displayname", "avatar_url"]),
                None,
            ),
            "getPresence" => self.about(
                asked.unwrap(),
                some(answer, &["presence", "status_msg", "currently_active"]),
                None,
            ),
            "sync" => self.sync(answer),
            other => panic!("{other}"),
        }
    }

    fn each(
        &mut self,
        list: &Value,
        mut one: impl FnMut(&mut Self, &Value) -> Option<Value>,
    ) -> Vec<Value> {
        let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter()
            .filter_map(|element| one(self, element))
            .collect()
    }

    /// A record of exactly one person.
    fn about(&mut self, person: &str, shown: Value, within: Option<usize>) -> Value {
        if self.record(&[person], false, &shown, within).1 {
            shown
        } else {
            Value::Null
        }
    }

    /// That a room is there.
    fn room(&mut self, room: &str) -> (usize, bool) {
        let people = self.people_of(room, None);
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        self.record(&people, true, &Value::Null, None)
    }

    fn membership(&mut self, event: &Value) -> Option<Value> {
        let mut shown = some(event, &["type", "sender", "state_key", "origin_server_ts"]);
        shown["content"] = some(&event["content"], MEMBERSHIP);
        let people = [event["sender"].as_str()?, event["state_key"].as_str()?];
        self.record(&people, false, &shown, None).1.then_some(shown)
    }

    fn joined(&mut self, joined: &Value) -> Value {
        let mut out = Map::new();
        for (id, member) in joined.as_object().unwrap() {
            let shown = some(member, &["display_name", "avatar_url"]);
            if self.record(&[id], false, &shown, None).1 {
                out.insert(id.clone(), shown);
            }
        }
        out.into()
    }

    /// An event of a room, if it leaves; with what is within it, if that does.
    fn event(&mut self, event: &Value, room: &str, within: Option<usize>) -> Option<Value> {
        let mut shown = projected(event)?;
        let mut people = self.people_of(room, event["origin_server_ts"].as_i64());
        people.extend(event["sender"].as_str().map(str::to_owned));
        if event["type"] == "m.room.member" {
            people.extend(event["state_key"].as_str().map(str::to_owned));
        }
        let content = &event["content"];
        for list in [
            &content["m.mentions"]["user_ids"],
            &content["m.new_content"]["m.mentions"]["user_ids"],
            &content["additional_creators"],
        ] {
            let ids = list.as_array().map(Vec::as_slice).unwrap_or_default();
            people.extend(ids.iter().map(|id| id.as_str().unwrap().to_owned()));
        }
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        let (number, lives) = self.record(&people, true, &shown, within);
        if let Some(powers) = content["users"].as_object() {
            let powers = powers.iter().filter(|(id, _)| {
                let people = [id.as_str()];
                self.record(&people, false, &Value::Null, Some(number)).1
            });
            let powers = powers.map(|(id, power)| (id.clone(), power.clone()));
            shown["content"]["users"] = Value::Object(powers.collect());
        }
        let latest = &event["unsigned"]["m.relations"]["m.thread"]["latest_event"];
        if latest.is_object()
            && event["type"] == "m.room.message"
            && let Some(latest) = self.event(latest, room, Some(number))
        {
            shown["unsigned"]["m.relations"]["m.thread"]["latest_event"] = latest;
        }
        lives.then_some(shown)
    }

    fn sync(&mut self, answer: &Value) -> Value {
        let mut rooms = Map::new();
        for (id, room) in answer["rooms"]["join"].as_object().into_iter().flatten() {
            let (entry, lives) = self.room(id);
            let mut events =
                |list: &Value| self.each(list, |walk, event| walk.event(event, id, Some(entry)));
            let timeline = events(&room["timeline"]["events"]);
            let state = events(&room["state"]["events"]);
            let receipts = self.each(&room["ephemeral"]["events"], |walk, event| {
                walk.receipts(event, entry)
            });
            if lives {
                let shown = json!({ "timeline": { "events": timeline }, "state": { "events": state }, "ephemeral": { "events": receipts } });
                rooms.insert(id.clone(), shown);
            }
        }
        let presence = self.each(&answer["presence"]["events"], |walk, event| {
            let mut shown = some(event, &["type", "sender"]);
            shown["content"] = some(
                &event["content"],
                &["presence", "status_msg", "currently_active"],
            );
            walk.record(&[event["sender"].as_str()?], false, &shown, None)
                .1
                .then_some(shown)
        });
        let private = self.each(&answer["account_data"]["events"], Walk::direct);
        json!({ "rooms": { "join": rooms }, "presence": { "events": presence }, "account_data": { "events": private } })
    }

    fn direct(&mut self, event: &Value) -> Option<Value> {
        (event["type"] == "m.direct").then_some(())?;
        let mut out = Map::new();
        for (person, rooms) in event["content"].as_object()? {
            if self.record(&[person], false, rooms, None).1 {
                out.insert(person.clone(), rooms.clone());
            }
        }
        (!out.is_empty()).then(|| json!({ "type": "m.direct", "content": out }))
    }

    fn receipts(&mut self, event: &Value, room: usize) -> Option<Value> {
        (event["type"] == "m.receipt").then_some(())?;
        let mut out = Map::new();
        for (read, kinds) in event["content"].as_object()? {
            let mut by = Map::new();
            for (person, receipt) in kinds["m.read"].as_object().into_iter().flatten() {
                let shown = some(receipt, &["ts", "thread_id"]);
                if self.record(&[person], false, &shown, Some(room)).1 {
                    by.insert(person.clone(), shown);
                }
            }
            if !by.is_empty() {
                out.insert(read.clone(), json!({ "m.read": by }));
            }
        }
        (!out.is_empty()).then(|| json!({ "type": "m.receipt", "content": out }))
    }

    /// Whom a room's event of this moment concerns; without a moment: of now.
    fn people_of(&self, room: &str, at: Option<i64>) -> BTreeSet<String> {
        let members = self
            .model
            .members
            .get(room)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let counts = |(_, left): &&Member| left.is_none_or(|left| at.is_some_and(|at| at <= left));
        members
            .iter()
            .filter(counts)
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// The number of the next record, and whether it lives.
    fn record(
        &mut self,
        people: &[&str],
        among: bool,
        shown: &Value,
        within: Option<usize>,
    ) -> (usize, bool) {
        let number = self.at;
        self.at += 1;
        if let Some(living) = &self.living {
            return (number, living[number]);
        }
        let mut ids: Vec<&str> = self.model.people.iter().map(String::as_str).collect();
        ids.push(STRANGER);
        let mut named = BTreeSet::new();
        spelling::texts(shown, &mut |text| {
            named.extend(spelling::spelt(text, &ids).into_iter().map(str::to_owned));
        });
        let people = people.iter().map(|id| (*id).to_owned()).collect();
        self.records.push(Record {
            people,
            among,
            named,
            within,
        });
        (number, true)
    }

    /// Which records live: by whose they are, and by who is named in them.
    fn lives(&self) -> Vec<bool> {
        let model = self.model;
        let mut living: Vec<bool> = Vec::new();
        for record in &self.records {
            let known = record.people.iter().all(|id| model.people.contains(id));
            let refused = model
                .refusing
                .is_some_and(|refusing| record.people.contains(refusing));
            let among = !record.among || record.people.contains(model.me);
            let around = record.within.is_none_or(|outer| living[outer]);
            living.push(known && !refused && among && around && !record.people.is_empty());
        }
        loop {
            let alive = |n: usize| living[n];
            let permitted: BTreeSet<&String> = (0..self.records.len())
                .filter(|n| alive(*n))
                .flat_map(|n| &self.records[n].people)
                .collect();
            let gone: Vec<usize> = (0..self.records.len())
                .filter(|n| {
                    alive(*n)
                        && !self.records[*n]
                            .named
                            .iter()
                            .all(|id| permitted.contains(id))
                })
                .collect();
            if gone.is_empty() {
                return living;
            }
            gone.into_iter().for_each(|n| living[n] = false);
            for n in 0..self.records.len() {
                living[n] = living[n] && self.records[n].within.is_none_or(|outer| living[outer]);
            }
        }
    }
}

const MEMBERSHIP: &[&str] = &[
    "membership",
    "displayname",
    "avatar_url",
    "reason",
    "is_direct",
];
const MESSAGE: &[&str] = &["msgtype", "body", "format", "formatted_body"];

/// What may leave of an event, if its type is known, without what is a record of its own within it.
fn projected(event: &Value) -> Option<Value> {
    let mut out = some(
        event,
        &["type", "event_id", "room_id", "sender", "origin_server_ts"],
    );
    let content = &event["content"];
    let relates = &content["m.relates_to"];
    out["content"] = match event["type"].as_str()? {
        "m.room.message" => {
            let mut shown = some(content, MESSAGE);
            shown["m.mentions"] = some(&content["m.mentions"], &["user_ids", "room"]);
            shown["m.relates_to"] = some(relates, &["rel_type", "event_id", "is_falling_back"]);
            shown["m.relates_to"]["m.in_reply_to"] = some(&relates["m.in_reply_to"], &["event_id"]);
            shown["m.new_content"] = some(&content["m.new_content"], MESSAGE);
            shown["m.new_content"]["m.mentions"] = some(
                &content["m.new_content"]["m.mentions"],
                &["user_ids", "room"],
            );
            shown
        }
        "m.reaction" => json!({ "m.relates_to": some(relates, &["rel_type", "event_id", "key"]) }),
        "m.room.redaction" => {
            if let Some(redacts) = event.get("redacts") {
                out["redacts"] = redacts.clone();
            }
            some(content, &["redacts", "reason"])
        }
        "m.room.member" => {
            out["state_key"] = event["state_key"].clone();
            some(content, MEMBERSHIP)
        }
        "m.room.name" => some(content, &["name"]),
        "m.room.topic" => some(content, &["topic"]),
        "m.room.power_levels" => some(
            content,
            &["users_default", "events_default", "state_default"],
        ),
        "m.room.create" => some(content, &["room_version", "additional_creators"]),
        _ => return None,
    };
    Some(out)
}

/// These members, as far as they are there.
fn some(value: &Value, names: &[&str]) -> Value {
    let there = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), value.get(name)?.clone())));
    Value::Object(there.collect())
}

fn without(mut value: Value, name: &str) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.remove(name);
    }
    value
}

/// Without members that hold nothing: whether an empty list or none at all is written is not what is compared here.
pub(crate) fn pruned(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut out = Map::new();
            for (key, inner) in map {
                let inner = pruned(inner);
                let empty =
                    inner == json!({}) || inner == json!([]) || (inner.is_null() && key == "event");
                if !empty {
                    out.insert(key.clone(), inner);
                }
            }
            Value::Object(out)
        }
        Value::Array(list) => Value::Array(list.iter().map(pruned).collect()),
        Value::Null => Value::Null,
        other => other.clone(),
    }
}
