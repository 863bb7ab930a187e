//! What the writer remembers beside facts, people and book, so that things happen once.

use std::collections::{BTreeMap, HashMap, VecDeque};

use decide::{Day, Event, NoticeHash, PartnerId, PersonNo, PowerId};
use ledger::IdempotencyKey;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

use crate::change::Position;
use crate::entry::{Asked, Body};
use crate::people::People;

/// A consent's whole statement but for the person: saying the same again is the same consent.
pub(crate) type Statement = (PartnerId, PowerId, NoticeHash, Day);

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Marks {
    /// The last day on which a power's use was written down.
    used: BTreeMap<(PartnerId, PowerId), Day>,
    /// Who ever made which statement; bulk load asks, so that loading a file again gives nobody's consent back.
    stated: BTreeMap<Statement, RoaringBitmap>,
    keys: Keys,
}

/// The last idempotency keys.
#[derive(Clone, Debug, Default)]
struct Keys {
    by_key: HashMap<[u8; 16], (Position, Asked)>,
    in_order: VecDeque<[u8; 16]>,
}

impl Marks {
    /// Notes what an entry says.
    pub(crate) fn note(
        &mut self,
        body: &Body,
        position: Position,
        key: IdempotencyKey,
        remember: usize,
        people: &People,
    ) {
        self.remember(key, position, body.asked, remember);
        let day = body.at.day();
        match &body.fact {
            Some(Event::PeopleActive { people: active }) => {
                active
                    .iter()
                    .for_each(|person| people.note_active(*person, day));
            }
            Some(Event::PowerUsed { partner, power }) => {
                self.used.insert((partner.clone(), *power), day);
            }
            Some(Event::ConsentGiven {
                people,
                partner,
                power,
                notice,
                until,
            }) => {
                let statement = (partner.clone(), *power, *notice, *until);
                let stated = self.stated.entry(statement).or_default();
                stated.extend(people.iter().map(|person| person.0));
            }
            _ => {}
        }
    }

    /// Remembers a key with what was asked under it; the oldest beyond `remember` are forgotten.
    pub(crate) fn remember(
        &mut self,
        key: IdempotencyKey,
        position: Position,
        asked: Asked,
        remember: usize,
    ) {
        self.keys.add(key.0, position, asked, remember);
    }

    pub(crate) fn position_of(&self, key: IdempotencyKey) -> Option<(Position, Asked)> {
        self.keys.by_key.get(&key.0).copied()
    }

    pub(crate) fn used_on(&self, partner: &PartnerId, power: PowerId) -> Option<Day> {
        self.used.get(&(partner.clone(), power)).copied()
    }

    /// Whether the person ever said exactly this, whatever became of it.
    pub(crate) fn stated(&self, statement: &Statement, person: PersonNo) -> bool {
        self.stated
            .get(statement)
            .is_some_and(|people| people.contains(person.0))
    }
}

impl Keys {
    fn add(&mut self, key: [u8; 16], position: Position, asked: Asked, remember: usize) {
        if self.by_key.insert(key, (position, asked)).is_none() {
            self.in_order.push_back(key);
        }
        while self.in_order.len() > remember {
            if let Some(oldest) = self.in_order.pop_front() {
                self.by_key.remove(&oldest);
            }
        }
    }
}

impl Serialize for Keys {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let known = |key: &[u8; 16]| Some((*key, *self.by_key.get(key)?));
        to.collect_seq(self.in_order.iter().filter_map(known))
    }
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Keys, D::Error> {
        let all = Vec::<([u8; 16], (Position, Asked))>::deserialize(from)?;
        Ok(Keys {
            in_order: all.iter().map(|(key, _)| *key).collect(),
            by_key: all.into_iter().collect(),
        })
    }
}
