//! Records as the platform writes them: with what its document declares, and what it forgets.

use serde_json::{Map, Value, json};

use crate::contacts::{Contact, ContactEntry};
use crate::dates::{date, moment};
use crate::edits::Edits;
use crate::names::sentences;
use crate::people::Person;
use crate::posts::Post;
use crate::threads::{Message, Thread};
use crate::world::{PersonNo, World};

/// Writes records of one world, with links that start with `base` (`http://host:port`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Render<'a> {
    pub(crate) world: &'a World,
    pub(crate) edits: &'a Edits,
    pub(crate) base: &'a str,
}

impl Render<'_> {
    /// A profile, about 1 kB. Undeclared: `legacy_name`, `ig_handle`, `_internal`.
    pub(crate) fn person(&self, no: PersonNo) -> Value {
        let person = self.world.person_ever(no);
        let choice = self.world.shape.key.mix([30, no.wide()]);
        let seen_by = |bits: u64| {
            ["everyone", "friends", "only_me"]
                .into_iter()
                .cycle()
                .nth((bits % 3) as usize)
        };
        let mut profile = json!({
            "id": person.id,
            "name": person.name(),
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "phone": person.phone,
            "address": address(&person),
            "birthday": person.birthday,
            "city": person.city,
            "joined": person.joined,
            "bio": sentences(choice, 2),
            "friend_count": self.world.friends(no).len(),
            "url": self.url(&person),
            "visibility": {
                "profile": seen_by(choice),
                "friends": seen_by(choice >> 8),
                "searchable": choice >> 16 & 3 > 0,
            },
            "settings": {
                "language": "en",
                "mail_digest": { "enabled": choice >> 18 & 1 > 0, "to": person.email },
                "two_factor": { "by": "sms", "number": person.phone },
            },
            "legacy_name": legacy_name(&person),
            "ig_handle": person.handle(),
            "_internal": {
                "shard": choice >> 20 & 63,
                "dedupe_key": format!("{}|{}", person.email, person.phone.as_deref().unwrap_or("")),
                "household": person.street,
            },
        });
        if let (Some(best), Some(members)) = (self.world.best_friend(no), profile.as_object_mut()) {
            members.insert("partner_in_crime".to_owned(), self.mini(best));
        }
        profile
    }

    /// One of `of`'s friends, about 300 bytes. Undeclared: `legacy_name`, and `picture` in the
    /// nested profile.
    pub(crate) fn friend(&self, of: PersonNo, no: PersonNo) -> Value {
        let person = self.world.person_ever(no);
        json!({
            "id": person.id,
            "name": person.name(),
            "city": person.city,
            "since": date(self.world.friends_since(of, no)),
            "profile": self.mini_of(&person),
            "legacy_name": legacy_name(&person),
        })
    }

    /// How to reach a friend. Undeclared: `ig_handle`.
    pub(crate) fn friend_contact(&self, no: PersonNo) -> Value {
        let person = self.world.person_ever(no);
        json!({
            "id": person.id,
            "name": person.name(),
            "email": person.email,
            "phone": person.phone,
            "address": address(&person),
            "birthday": person.birthday,
            "ig_handle": person.handle(),
        })
    }

    /// A line of a contact book. Undeclared: `_match`, which repeats whom it is about.
    pub(crate) fn contact_entry(&self, entry: &ContactEntry) -> Value {
        let member = match &entry.about {
            Contact::Member(no) => Some(self.world.person_ever(*no)),
            Contact::Outsider { .. } => None,
        };
        let (name, phone) = match (&entry.about, &member) {
            (Contact::Outsider { name, phone }, _) => (name.clone(), Some(phone.clone())),
            (_, Some(member)) => (member.name(), member.phone.clone()),
            (_, None) => (String::new(), None),
        };
        json!({
            "id": entry.id,
            "name": name,
            "phone": phone,
            "email": member.as_ref().map(|m| &m.email),
            "person_id": member.as_ref().map(|m| &m.id),
            "note": entry.note,
            "added": entry.added,
            "_match": member.as_ref().map(|m| json!({ "profile": self.url(m), "score": 0.97 })),
        })
    }

    /// A post with its reactions, keyed by who reacted. Undeclared: `_author_cache`.
    pub(crate) fn post(&self, post: &Post) -> Value {
        let author = self.world.person_ever(post.author);
        let id = self.world.post_id(post);
        let mut reactions = Map::new();
        for reaction in self.world.reactions(post) {
            let what = json!({ "kind": reaction.kind, "at": moment(reaction.at) });
            reactions.insert(self.world.id_of(reaction.person), what);
        }
        json!({
            "author": self.mini_of(&author),
            "created": moment(post.created),
            "text": self.world.post_text(post),
            "permalink": format!("{}/posts/{id}", self.url(&author)),
            "reaction_count": reactions.len(),
            "reactions": reactions,
            "id": id,
            "_author_cache": { "name": author.name(), "email": author.email },
        })
    }

    /// A thread as one participant sees it. Undeclared: `_roster`.
    pub(crate) fn thread(&self, viewer: PersonNo, thread: &Thread) -> Value {
        let people: Vec<Person> = thread
            .participants
            .iter()
            .map(|p| self.world.person_ever(*p))
            .collect();
        let names: Vec<String> = people.iter().map(Person::name).collect();
        let last = self.edits.last(self.world, thread);
        json!({
            "id": thread.id,
            "title": names.join(", "),
            "participants": people.iter().map(|p| self.mini_of(p)).collect::<Vec<_>>(),
            "participant_count": people.len(),
            "unread_count": self.world.unread(thread, viewer),
            "updated": last.as_ref().map(|m| moment(m.sent)),
            "last_message": last.map(|m| json!({
                "id": self.world.message_id(thread, m.index),
                "from": self.world.id_of(m.from),
                "sent": moment(m.sent),
                "preview": m.text.chars().take(60).collect::<String>(),
            })),
            "_roster": people.iter().map(|p| p.email.as_str()).collect::<Vec<_>>().join(";"),
        })
    }

    /// A message. Undeclared: `_trace`.
    pub(crate) fn message(&self, thread: &Thread, message: &Message) -> Value {
        let from = self.world.person_ever(message.from);
        json!({
            "id": self.world.message_id(thread, message.index),
            "thread": thread.id,
            "thread_participants": thread.participants.iter().map(|p| self.world.id_of(*p)).collect::<Vec<_>>(),
            "from": self.mini_of(&from),
            "sent": moment(message.sent),
            "text": message.text,
            "_trace": { "client": "android", "account": from.email },
        })
    }

    /// A line of the directory. Undeclared: `legacy_name`.
    pub(crate) fn directory_entry(&self, no: PersonNo) -> Value {
        let person = self.world.person_ever(no);
        json!({
            "id": person.id,
            "name": person.name(),
            "city": person.city,
            "url": self.url(&person),
            "legacy_name": legacy_name(&person),
        })
    }

    /// A profile in small.
    pub(crate) fn mini(&self, no: PersonNo) -> Value {
        self.mini_of(&self.world.person_ever(no))
    }

    fn mini_of(&self, person: &Person) -> Value {
        json!({
            "id": person.id,
            "name": person.name(),
            "url": self.url(person),
            "picture": format!("https://pictures.example/{}.jpg", person.id),
        })
    }

    fn url(&self, person: &Person) -> String {
        format!("{}/v1/people/{}", self.base, person.id)
    }
}

fn address(person: &Person) -> Value {
    json!({
        "street": person.street,
        "postal_code": person.postal_code,
        "city": person.city,
        "country": "Samplia",
    })
}

/// The name as the platform's first version wrote it.
fn legacy_name(person: &Person) -> String {
    format!("{}, {}", person.last_name.to_uppercase(), person.first_name)
}
