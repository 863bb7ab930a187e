//! All that a partner can read on behalf of one person, and what the homeserver itself says to the same questions.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use partner::Token;
use serde_json::{Value, json};

use super::model::{self, Model};
use super::synapse::Synapse;
use crate::town::Door;

/// What `set_presence`, `timeout` and `filter` always are: written in the overlay, and again here.
const SYNC: &str = "timeout=0&set_presence=offline&filter=%7B%22room%22%3A%7B%22timeline%22%3A%7B%22limit%22%3A50%7D%7D%7D";
/// What people are looked for by in the directory.
pub(crate) const TERMS: [&str; 2] = ["Lindqvist", "an"];
const DIRECTORY: &str = "/_matrix/client/v3/user_directory/search";
/// Words of which some message is made.
const WORDS: &[&str] = &["bread", "ladder", "song"];
const PAGES: usize = 12;

/// One question, and the homeserver's own answer to it.
#[derive(Clone)]
pub(crate) struct Question {
    pub operation: &'static str,
    method: &'static str,
    path: String,
    body: Option<Value>,
    room: Option<String>,
    asked: Option<String>,
    direct: Value,
}

/// What the gateway answered to it.
pub(crate) struct Seen {
    pub status: u16,
    /// All that left, headers too.
    pub text: String,
    /// Sealed cursors taken out, pages brought together.
    pub value: Option<Value>,
}

/// A person who connected, with all that they can ask.
pub(crate) struct Reader {
    pub me: String,
    pub questions: Vec<Question>,
    pub members: BTreeMap<String, Vec<(String, Option<i64>)>>,
    /// Everything that the homeserver says to them, as text.
    pub whole: String,
}

impl Seen {
    /// Whether it is this, to the letter; `None`: like a thing that does not exist.
    pub(crate) fn is(&self, expected: Option<&Value>) -> bool {
        match (expected, &self.value) {
            (None, _) => self.status == 404,
            (Some(expected), Some(value)) => {
                self.status == 200 && model::pruned(value) == *expected
            }
            (Some(_), None) => false,
        }
    }
}

impl Reader {
    /// Asks the homeserver everything once.
    pub(crate) async fn of(synapse: &Synapse, me: &str, asked: &[String]) -> Reader {
        let ask = async |path: &str| {
            synapse
                .ask("GET", &format!("/_matrix/client{path}"), me, None)
                .await
        };
        let mut reader = Reader {
            me: me.to_owned(),
            questions: Vec::new(),
            members: BTreeMap::new(),
            whole: String::new(),
        };
        let joined = ask("/v3/joined_rooms").await;
        let rooms: Vec<String> = serde_json::from_value(joined["joined_rooms"].clone()).unwrap();
        for room in &rooms {
            let members = ask(&format!("/v3/rooms/{}/members", quoted(room))).await;
            reader
                .members
                .insert(room.clone(), model::members(&members));
        }
        let mut plain = vec![
            ("getJoinedRooms", "/v3/joined_rooms".to_owned(), None, None),
            ("sync", "/v3/sync".to_owned(), None, None),
        ];
        for room in &rooms {
            let at = quoted(room);
            let event = ask(&format!("/v3/rooms/{at}/messages?dir=b&limit=1")).await;
            let last = quoted(event["chunk"][0]["event_id"].as_str().unwrap());
            let paths = [
                ("getMembers", format!("/v3/rooms/{at}/members")),
                ("getJoinedMembers", format!("/v3/rooms/{at}/joined_members")),
                (
                    "getMessages",
                    format!("/v3/rooms/{at}/messages?dir=b&limit=100"),
                ),
                (
                    "getContext",
                    format!("/v3/rooms/{at}/context/{last}?limit=6"),
                ),
                ("getThreads", format!("/v1/rooms/{at}/threads?limit=100")),
            ];
            plain
                .extend(paths.map(|(operation, path)| (operation, path, Some(room.clone()), None)));
        }
        let talk = &synapse.seeded["moments"]["talk"];
        let choir = synapse.seeded["rooms"][0].as_str().unwrap();
        for event in ["thread", "edited"] {
            if rooms.iter().any(|room| room == choir) {
                let event = quoted(talk[event].as_str().unwrap());
                let path = format!(
                    "/v1/rooms/{}/relations/{event}?dir=b&limit=100",
                    quoted(choir)
                );
                plain.push(("getRelations", path, Some(choir.to_owned()), None));
            }
        }
        for person in asked {
            let at = quoted(person);
            plain.push((
                "getProfile",
                format!("/v3/profile/{at}"),
                None,
                Some(person.clone()),
            ));
        }
        let shared: Vec<String> = synapse.seeded["present"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .filter(|id| {
                reader
                    .members
                    .values()
                    .flatten()
                    .any(|(member, _)| member == id)
            })
            .collect();
        for person in shared {
            let path = format!("/v3/presence/{}/status", quoted(&person));
            plain.push(("getPresence", path, None, Some(person)));
        }
        for (operation, path, room, asked) in plain {
            let path = format!("/_matrix/client{path}");
            let full = if operation == "sync" {
                format!("{path}?{SYNC}")
            } else {
                path.clone()
            };
            let direct = synapse.ask("GET", &full, me, None).await;
            reader.add(Question {
                operation,
                method: "GET",
                path,
                body: None,
                room,
                asked,
                direct,
            });
        }
        reader.searches(synapse).await;
        reader
    }

    async fn in_directory(synapse: &Synapse, me: &str, term: &str) -> Value {
        let theirs = json!({ "search_term": term, "limit": 50 });
        synapse.ask("POST", DIRECTORY, me, Some(&theirs)).await
    }

    async fn searches(&mut self, synapse: &Synapse) {
        for word in WORDS {
            let at = "/_matrix/client/v3/search";
            let ours = json!({ "search_categories": { "room_events": { "search_term": word } } });
            let theirs = json!({ "search_categories": { "room_events": {
                "search_term": word, "order_by": "recent", "keys": ["content.body"], "filter": { "limit": 10 } } } });
            let mut direct = synapse.ask("POST", at, &self.me, Some(&theirs)).await;
            let mut next = direct.clone();
            for _ in 0..PAGES {
                let Some(batch) = found(&next)["next_batch"].as_str() else {
                    break;
                };
                let more = format!("{at}?next_batch={}", quoted(batch));
                next = synapse.ask("POST", &more, &self.me, Some(&theirs)).await;
                append(&mut direct, &next, FOUND);
            }
            self.add(Question {
                operation: "search",
                method: "POST",
                path: at.to_owned(),
                body: Some(ours),
                room: None,
                asked: None,
                direct,
            });
        }
        for term in TERMS {
            let direct = Reader::in_directory(synapse, &self.me, term).await;
            self.add(Question {
                operation: "searchUserDirectory",
                method: "POST",
                path: DIRECTORY.to_owned(),
                body: Some(json!({ "search_term": term })),
                room: None,
                asked: None,
                direct,
            });
        }
    }

    fn add(&mut self, question: Question) {
        self.whole.push_str(&question.direct.to_string());
        self.whole.push_str(&question.path);
        self.questions.push(question);
    }

    pub(crate) fn expected(
        &self,
        question: &Question,
        people: &[String],
        refusing: Option<&str>,
    ) -> Option<Value> {
        let model = Model {
            people,
            members: &self.members,
            me: &self.me,
            refusing,
        };
        let (room, asked) = (question.room.as_deref(), question.asked.as_deref());
        model.expected(question.operation, &question.direct, room, asked)
    }
}

impl Question {
    /// Whether the homeserver itself answers otherwise by now, which is remembered: its directory of people is made anew in
    /// the background, whenever it sees fit.
    pub(crate) async fn has_another_answer(&mut self, synapse: &Synapse, me: &str) -> bool {
        let Some(term) = self.body.as_ref().and_then(|it| it["search_term"].as_str()) else {
            return false;
        };
        let now = Reader::in_directory(synapse, me, term).await;
        let other = now != self.direct;
        self.direct = now;
        other
    }

    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.operation, self.path)
    }

    /// Asks the gateway, all pages of it.
    pub(crate) async fn ask(&self, door: &Door, token: &Token) -> Seen {
        let (list, next) = match self.operation {
            "search" => (FOUND, "/search_categories/room_events/next_batch"),
            "getMessages" => ("/chunk", "/end"),
            _ => ("/chunk", "/next_batch"),
        };
        let parameter = if self.operation == "search" {
            "next_batch"
        } else {
            "from"
        };
        let mut seen = self.once(door, token, None).await;
        if self.operation == "sync" {
            // The sealed cursor leads on, and is no datum.
            if let Some(next) = seen.take("/next_batch") {
                let more = self.once(door, token, Some(("since", &next))).await;
                assert_eq!(more.status, 200, "{}: {}", self.shown(), more.text);
                seen.text.push_str(&more.text);
            }
            return seen;
        }
        for _ in 0..PAGES {
            let Some(cursor) = seen.take(next) else {
                return seen;
            };
            let more = self.once(door, token, Some((parameter, &cursor))).await;
            assert_eq!(more.status, 200, "{}: {}", self.shown(), more.text);
            seen.text.push_str(&more.text);
            let value = more.value.unwrap();
            append(seen.value.as_mut().unwrap(), &value, list);
            if let Some(cursor) = value.pointer(next) {
                seen.put(next, cursor.clone());
            }
        }
        panic!("{} never ends", self.shown());
    }

    async fn once(&self, door: &Door, token: &Token, cursor: Option<(&str, &str)>) -> Seen {
        let and = if self.path.contains('?') { '&' } else { '?' };
        let more = cursor.map_or(String::new(), |(name, value)| {
            format!("{and}{name}={}", quoted(value))
        });
        let path = format!("{}{more}", self.path);
        let body = self.body.as_ref().map(|body| Bytes::from(body.to_string()));
        let method: Method = self.method.parse().unwrap();
        let answer = door.client.call(token, method, &path, body).await.unwrap();
        let mut text = format!("{}\n", answer.status);
        for (name, value) in &answer.headers {
            text.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
        }
        text.push_str(&answer.text());
        text.push('\n');
        let value = (answer.status == 200).then(|| answer.json().unwrap());
        Seen {
            status: answer.status.as_u16(),
            text,
            value,
        }
    }
}

impl Seen {
    /// A cursor, taken out.
    fn take(&mut self, pointer: &str) -> Option<String> {
        let (around, name) = pointer.rsplit_once('/').unwrap();
        let map = self.value.as_mut()?.pointer_mut(around)?.as_object_mut()?;
        Some(map.remove(name)?.as_str().unwrap().to_owned())
    }

    fn put(&mut self, pointer: &str, cursor: Value) {
        let (around, name) = pointer.rsplit_once('/').unwrap();
        let value = self.value.as_mut().unwrap();
        value.pointer_mut(around).unwrap()[name] = cursor;
    }
}

const FOUND: &str = "/search_categories/room_events/results";

fn found(answer: &Value) -> &Value {
    &answer["search_categories"]["room_events"]
}

/// Adds the further elements of a list.
fn append(to: &mut Value, from: &Value, list: &str) {
    let more = from.pointer(list).and_then(Value::as_array).cloned();
    let list = to.pointer_mut(list).and_then(Value::as_array_mut);
    list.unwrap().extend(more.unwrap_or_default());
}

pub(crate) fn quoted(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}
