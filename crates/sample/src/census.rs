//! What there is about whom, counted from the world itself and not from any answer: what a partner
//! would have been handed, and what a test expects to arrive.

use std::collections::BTreeSet;

use crate::contacts::Contact;
use crate::world::{PersonNo, World};

/// The operations that read, by the `operationId` of the platform's document.
pub const READS: [&str; 8] = [
    "getPerson",
    "listFriends",
    "listFriendContacts",
    "listContactBook",
    "getFeed",
    "listThreads",
    "listMessages",
    "searchPeople",
];

/// One record of an answer, and whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record's own id, as in its member `id`.
    pub id: String,
    /// The people whom the whole record concerns: if the platform held no data about one of them,
    /// the record would not be there. Empty for a line about an outsider in a contact book.
    pub concerns: Vec<PersonNo>,
    /// The people in a part of the record that can go alone: those who reacted to a post, the best
    /// friend in a profile.
    pub mentions: Vec<PersonNo>,
}

/// What one operation would hand out on behalf of one person, all pages together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The `operationId`.
    pub operation: &'static str,
    /// How many records.
    pub items: u64,
    /// How many members of the platform are in them, besides the person themself.
    pub people: u64,
}

impl World {
    /// The records that one of [`READS`] hands out on behalf of a person, in the order of the
    /// answer's pages (threads, and the messages of all of the person's threads, thread by thread
    /// in no particular order). Empty for an unknown operation.
    pub fn records(&self, operation: &str, person: PersonNo) -> Vec<Record> {
        if !self.has(person) {
            return Vec::new();
        }
        let plain = |p: PersonNo| Record {
            id: self.id_of(p),
            concerns: vec![p],
            mentions: Vec::new(),
        };
        match operation {
            "getPerson" => {
                let mentions = self.best_friend(person).into_iter().collect();
                vec![Record {
                    mentions,
                    ..plain(person)
                }]
            }
            "listFriends" | "listFriendContacts" => {
                self.friends(person).into_iter().map(plain).collect()
            }
            "searchPeople" => self.people().map(plain).collect(),
            "listContactBook" => self.contact_records(person),
            "getFeed" => self.feed_records(person),
            "listThreads" => {
                let record = |t: crate::Thread| Record {
                    id: t.id,
                    concerns: t.participants,
                    mentions: Vec::new(),
                };
                self.threads(person).into_iter().map(record).collect()
            }
            "listMessages" => self
                .threads(person)
                .iter()
                .flat_map(|t| self.message_records(t))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// For each of [`READS`], how many records and people it would hand out on behalf of a person.
    pub fn census(&self, person: PersonNo) -> Vec<Count> {
        READS
            .into_iter()
            .map(|operation| self.count(operation, person))
            .collect()
    }

    fn count(&self, operation: &'static str, person: PersonNo) -> Count {
        if operation == "searchPeople" {
            let everybody = u64::from(self.population());
            return Count {
                operation,
                items: everybody,
                people: everybody.saturating_sub(u64::from(self.has(person))),
            };
        }
        let records = self.records(operation, person);
        let people: BTreeSet<PersonNo> = records
            .iter()
            .flat_map(|r| r.concerns.iter().chain(&r.mentions))
            .copied()
            .filter(|p| *p != person)
            .collect();
        Count {
            operation,
            items: records.len() as u64,
            people: people.len() as u64,
        }
    }

    fn contact_records(&self, owner: PersonNo) -> Vec<Record> {
        let record = |entry: crate::ContactEntry| {
            let concerns = match entry.about {
                Contact::Member(member) => vec![member],
                Contact::Outsider { .. } => Vec::new(),
            };
            Record {
                id: entry.id,
                concerns,
                mentions: Vec::new(),
            }
        };
        self.contact_book(owner).into_iter().map(record).collect()
    }

    fn feed_records(&self, person: PersonNo) -> Vec<Record> {
        let record = |post: crate::Post| Record {
            id: self.post_id(&post),
            concerns: vec![post.author],
            mentions: self
                .reactions(&post)
                .into_iter()
                .map(|r| r.person)
                .collect(),
        };
        self.feed(person).into_iter().map(record).collect()
    }

    fn message_records(&self, thread: &crate::Thread) -> Vec<Record> {
        let record = |index| Record {
            id: self.message_id(thread, index),
            concerns: thread.participants.clone(),
            mentions: Vec::new(),
        };
        (0..self.message_count(thread)).map(record).collect()
    }
}
