//! Random answers of Hall, with a mark in every text, and for every mark the people whom it concerns: what leaves holds no
//! mark of anybody who refuses, and all of them where everybody agrees and nobody is named.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bytes::Bytes;
use decide::PersonNo;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::property::{Choices, is_part};
use super::real::{HALL, who};
use super::{Api, finish, load, prepare, town};

static API: LazyLock<Api> = LazyLock::new(|| load(HALL));

const PEOPLE: u8 = 8;
/// Stands for whoever nobody knows: refused always.
const NOBODY: u8 = 200;

type Concerned = BTreeSet<u8>;

/// An answer while it is made up.
struct Hall {
    choices: Choices,
    /// Whether texts name people, places of people hold odd values, and calls fail.
    odd: bool,
    /// By the number of the mark.
    marks: Vec<Concerned>,
    /// Who is in every room: until when, if they left.
    room: Vec<(u8, Option<u8>)>,
}

impl Hall {
    fn new(choices: Vec<u8>, odd: bool) -> Hall {
        let mut choices = Choices(choices.into_iter());
        let room = (0..choices.below(4)).map(|_| {
            let left = choices.below(3) == 0;
            (choices.below(PEOPLE), left.then(|| choices.below(100)))
        });
        let room = room.collect();
        Hall {
            choices,
            odd,
            marks: Vec::new(),
            room,
        }
    }

    fn somebody(&mut self) -> u8 {
        if self.odd && self.choices.below(20) == 0 {
            return NOBODY;
        }
        self.choices.below(PEOPLE)
    }

    /// A text with a mark; in odd answers it may name somebody.
    fn text(&mut self, concerned: &Concerned) -> String {
        let (mut concerned, mut named) = (concerned.clone(), String::new());
        if self.odd && self.choices.below(2) == 0 {
            let person = self.somebody();
            concerned.insert(person);
            named = self.spelling(person);
        }
        self.marks.push(concerned);
        format!("m{}. {named}", self.marks.len() - 1)
    }

    /// A way to write somebody's identifier, with words around it.
    fn spelling(&mut self, person: u8) -> String {
        let id = id(person);
        match self.choices.below(10) {
            0 => format!("ask @{id}:home!"),
            1 => format!("(@{}:HOME)", id.to_uppercase()),
            2 => format!("see %40{id}%3Ahome"),
            3 => format!("https://hall.example/@{id}/7"),
            4 => format!("<a href=\"http://HALL.example/%40{id}\">"),
            5 => format!("&#64;{id}&colon;home"),
            6 => format!("{id}@hall.example, please"),
            7 => format!(r#"{{"a":"\u0040{id}:home"}}"#),
            8 => format!("@\u{200B}{id}\u{AD}:home"),
            _ => format!("https://x.example/?to=%2540{id}%253Ahome&x=1"),
        }
    }

    /// The room's people, for what was made at this time.
    fn members(&self, at: Option<u8>) -> Concerned {
        let there = |until: &Option<u8>| until.is_none_or(|until| at.is_some_and(|at| at <= until));
        let there = self.room.iter().filter(|(_, until)| there(until));
        there.map(|(person, _)| *person).collect()
    }

    /// The platform's answer to a call for people.
    fn people(&self) -> String {
        let all = self.room.iter().map(|(person, left)| match left {
            Some(at) => json!({ "id": id(*person), "state": "left", "at": at }),
            None => json!({ "id": id(*person), "state": "in" }),
        });
        json!({ "all": all.collect::<Vec<_>>() }).to_string()
    }

    fn message(&mut self) -> Value {
        let (sender, at) = (self.somebody(), self.choices.below(100));
        let at = (self.choices.below(4) > 0).then_some(at);
        let mut concerned = self.members(at);
        concerned.insert(sender);
        let mut event = json!({ "type": "message", "sender": id(sender) });
        if let Some(at) = at {
            event["at"] = at.into();
        }
        match self.choices.below(4) {
            0 => {
                let one = self.somebody();
                concerned.insert(one);
                event["mentions"] = json!({ "users": [id(one)] });
            }
            1 => event["mentions"] = json!({}),
            2 if self.odd => {
                concerned.insert(NOBODY);
                event["mentions"] = json!({ "users": [7] });
            }
            _ => {}
        }
        event["id"] = self.text(&concerned).into();
        event["text"] = self.text(&concerned).into();
        event
    }

    fn member(&mut self) -> Value {
        let (sender, key) = (self.somebody(), self.somebody());
        json!({ "type": "member", "sender": id(sender), "key": id(key), "text": "never" })
    }

    fn events(&mut self) -> Value {
        let events = (0..self.choices.below(4)).map(|_| match self.choices.below(5) {
            0 => self.member(),
            1 => json!({ "type": "other", "id": "never", "sender": "p1" }),
            _ => self.message(),
        });
        json!({ "events": events.collect::<Vec<_>>(), "rest": "never" })
    }

    fn sync(&mut self) -> Value {
        let mut rooms = serde_json::Map::new();
        for _ in 0..self.choices.below(3) {
            let there = self.members(None);
            let room = self.text(&there);
            let events: Vec<Value> = (0..=self.choices.below(2))
                .map(|_| self.message())
                .collect();
            rooms.insert(room, json!({ "events": events }));
        }
        let there = self.members(None);
        let joined: Vec<String> = (0..self.choices.below(3))
            .map(|_| self.text(&there))
            .collect();
        let read: serde_json::Map<String, Value> = (0..self.choices.below(4))
            .map(|_| (id(self.somebody()), json!(1)))
            .collect();
        let mut notes = serde_json::Map::new();
        for _ in 0..self.choices.below(3) {
            let person = self.somebody();
            if !notes.contains_key(&id(person)) {
                let note = self.text(&[person].into());
                notes.insert(id(person), json!([note]));
            }
        }
        json!({ "rooms": rooms, "joined": joined, "receipts": [{ "type": "r", "read": read }], "notes": notes })
    }

    fn posts(&mut self) -> Value {
        let by: Vec<u8> = (0..self.choices.below(4))
            .map(|_| self.somebody())
            .collect();
        let mut posts = Vec::new();
        for person in &by {
            let own: Concerned = [*person].into();
            let mut post = json!({
                "by": format!("https://hall.example/users/{}", id(*person)),
                "text": self.text(&own),
                "bio": self.text(&own),
                "mail": format!("{}@hall.example", id(*person)),
            });
            post["more"] = match self.choices.below(4) {
                0 => json!({ "a": [1, { "b": self.text(&own) }] }),
                1 => json!({ self.text(&own): null }),
                2 if self.odd => {
                    // A bare id means a person where that person is in the answer.
                    let other = by[usize::from(self.choices.below(4)) % by.len()];
                    self.marks.push([*person, other].into());
                    json!([format!("m{}. ", self.marks.len() - 1), id(other)])
                }
                _ => self.text(&own).into(),
            };
            posts.push(post);
        }
        posts.into()
    }
}

fn id(person: u8) -> String {
    match person {
        NOBODY => "nobody".to_owned(),
        person => format!("p{person}"),
    }
}

struct Case {
    target: String,
    body: Value,
    hall: Hall,
    fails: bool,
}

fn case(choices: Vec<u8>, odd: bool) -> Case {
    let mut hall = Hall::new(choices, odd);
    let (target, body) = match hall.choices.below(4) {
        0 => ("/rooms/hall/events".to_owned(), hall.events()),
        1 => ("/sync".to_owned(), hall.sync()),
        2 => ("/posts".to_owned(), hall.posts()),
        _ => {
            let person = hall.somebody();
            let name = hall.text(&[person].into());
            (format!("/profile/{}", id(person)), json!({ "name": name }))
        }
    };
    let fails = odd && hall.choices.below(8) == 0;
    Case {
        target,
        body,
        hall,
        fails,
    }
}

impl Case {
    /// What leaves if these refuse everything.
    fn left(&self, refusing: u8) -> Option<String> {
        let town = town(&API, u32::from(PEOPLE));
        let agree = (1..PEOPLE).filter(|person| refusing >> person & 1 == 0);
        let agree: Vec<PersonNo> = agree.map(|person| PersonNo(u32::from(person))).collect();
        town.consent(&agree, |_, _| true);
        let mut walk = prepare(&API, &self.target).unwrap().into_walk();
        walk.take_page(Bytes::from(self.body.to_string()), &who)
            .unwrap();
        let people = self.hall.people();
        for path in walk.lookups() {
            let answer = (!self.fails).then_some(people.as_bytes());
            walk.take_people(&path, answer, &who).unwrap();
        }
        let decision = town.decide(&walk.question(&town.asker));
        finish(walk.settle(&decision), &town)
    }

    fn holds(&self, left: &str, mark: usize) -> bool {
        left.contains(&format!("m{mark}. "))
    }
}

/// Every string and key of a value, but for those in members of this name.
fn texts<'a>(value: &'a Value, but: &str, out: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(list) => list.iter().for_each(|one| texts(one, but, out)),
        Value::Object(map) => {
            for (key, value) in map.iter().filter(|(key, _)| *key != but) {
                out.push(key);
                texts(value, but, out);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_048, ..ProptestConfig::default() })]

    #[test]
    fn no_mark_of_anybody_who_refuses_leaves(
        choices in proptest::collection::vec(any::<u8>(), 0..200),
        refusing in any::<u8>(),
    ) {
        let case = case(choices, true);
        let Some(left) = case.left(refusing) else { return Ok(()) };
        let value: Value = serde_json::from_str(&left).unwrap();
        prop_assert!(is_part(&value, &case.body), "{left} is not part of {}", case.body);
        prop_assert!(!left.contains("never") && !left.contains("nobody"), "{left}");
        let refuses = |person: &u8| *person == NOBODY || (*person > 0 && refusing >> person & 1 == 1);
        for (mark, concerned) in case.hall.marks.iter().enumerate() {
            let refused: Vec<&u8> = concerned.iter().filter(|person| refuses(person)).collect();
            let gone = refused.is_empty() || !case.holds(&left, mark);
            prop_assert!(gone, "m{mark} concerns {refused:?}: {left} of {}", case.body);
        }
        let mut all = Vec::new();
        texts(&value, "more", &mut all);
        for person in (1..PEOPLE).filter(refuses) {
            prop_assert!(!all.contains(&id(person).as_str()), "p{person} stands in {left}");
        }
        if case.fails && case.target.starts_with("/rooms") {
            prop_assert!(!left.contains("m0."), "{left} though nobody knows who was there");
        }
    }

    #[test]
    fn every_mark_leaves_where_everybody_agrees_and_nobody_is_named(
        choices in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let case = case(choices, false);
        let left = case.left(0).unwrap_or_default();
        for mark in 0..case.hall.marks.len() {
            // A room in which nobody is any more is nobody's.
            let left_behind = case.hall.members(None).is_empty();
            let alone = left_behind && ["/ro", "/sy"].iter().any(|it| case.target.starts_with(it));
            prop_assert!(alone || case.holds(&left, mark), "m{mark} is missing: {left} of {}", case.body);
        }
    }
}
