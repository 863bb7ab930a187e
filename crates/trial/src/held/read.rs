//! Reading the ledger as its owner can: every entry verified, the common part of its details decrypted, its tags turned
//! back into people by their keys in the register.

use std::collections::{BTreeMap, HashMap};

use decide::Time;
use ledger::Record;
use ledger::entry::{
    Became, Details, Digest16, Entry, Header, LedgerKey, Period, PersonKey, Tag, Tags,
};
use sample::PersonNo;
use serde_json::Value;

use crate::broken::{At as _, Result};
use crate::cast::PARTNERS;
use crate::place::{Log, Place};
use register::Register;

/// One disclosure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Disclosed {
    pub(crate) partner: String,
    pub(crate) operation: String,
    pub(crate) connection: String,
    /// When it was decided, exactly.
    pub(crate) at: Time,
    /// The position of the register at which it was decided.
    pub(crate) register: u64,
    /// Everybody concerned, by the platform's numbers, in order.
    pub(crate) people: Vec<u32>,
}

/// An entry without people: an answer about nobody, or refusals of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Empty {
    pub(crate) partner: Digest16,
    pub(crate) operation: Digest16,
    pub(crate) minute: u32,
}

/// A write, delete or import that may have gone to the platform, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intended {
    /// By which the platform was asked for it.
    pub(crate) named: String,
    pub(crate) about: Disclosed,
    /// `None` while there is no outcome: after a start every intent of before has one.
    pub(crate) became: Option<Became>,
}

/// Everything on the ledger.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    pub(crate) entries: u64,
    pub(crate) disclosed: Vec<Disclosed>,
    /// By the place of the intent.
    pub(crate) intended: BTreeMap<u64, Intended>,
    pub(crate) empty: Vec<Empty>,
}

/// Verifies the ledger from its first entry to its last and reads what it holds. The gateway must not be running, or
/// the last entries are not seen. An entry that does not verify is an error.
pub(crate) fn read(place: &Place, register: &Register) -> Result<Held> {
    let mut opener = Opener::new(place, register)?;
    let mut held = Held::default();
    let verifier = place.verifier(Log::Ledger)?;
    let mut each = |stored: &ledger::Stored, _size: u64| {
        held.entries += 1;
        let record = &stored.record;
        let entry = ledger::entry::check(&record.entry, &record.tags, &record.details);
        let closed = "its details cannot be opened with the ledger's own key";
        match entry.map_err(|error| error.to_string())? {
            Entry::Disclosure(disclosure) => {
                held.disclosed
                    .push(opener.open(&disclosure.header, record).ok_or(closed)?);
            }
            Entry::Intent(intent) => {
                let intended = Intended {
                    named: hex::encode(record.key.0),
                    about: opener.open(&intent.header, record).ok_or(closed)?,
                    became: None,
                };
                held.intended.insert(stored.index, intended);
            }
            Entry::Outcome(outcome) => {
                let intent = held.intended.get_mut(&outcome.intent);
                intent.ok_or("an outcome of no intent")?.became = Some(outcome.ending.became());
            }
            Entry::Refusals(refusals) => held.empty.push(Empty {
                partner: refusals.header.partner,
                operation: refusals.header.operation,
                minute: refusals.header.minute.0,
            }),
        }
        Ok(())
    };
    ledger::verify(&place.path("ledger"), &verifier, None, &mut each)
        .at("the ledger does not verify")?;
    Ok(held)
}

struct Opener {
    key: LedgerKey,
    keys: Vec<(u32, PersonKey)>,
    tags: BTreeMap<Period, HashMap<Tag, u32>>,
}

impl Opener {
    fn new(place: &Place, register: &Register) -> Result<Opener> {
        let people = register.people();
        let key_of = |person: PersonNo| {
            let number = people.number(&place.world.id_of(person))?;
            Some((person.0, people.key(number)?))
        };
        let config = place.config()?;
        Ok(Opener {
            key: LedgerKey::from_random(*config.ledger.details_key.reveal()),
            keys: place.world.people().filter_map(key_of).collect(),
            tags: BTreeMap::new(),
        })
    }

    fn open(&mut self, header: &Header, record: &Record) -> Option<Disclosed> {
        let period = header.minute.period();
        let common = Details::parse(&record.details)?.open_common(&self.key, &header.nonce)?;
        let common: Value = serde_json::from_slice(&common).ok()?;
        let text = |at: &str| Some(common.pointer(at)?.as_str()?.to_owned());
        let keys = &self.keys;
        let of_period = self.tags.entry(period).or_insert_with(|| {
            keys.iter()
                .map(|(person, key)| (key.tag_key().tag(period), *person))
                .collect()
        });
        let mut people: Vec<u32> = Tags::parse(&record.tags)?
            .tags()
            .filter_map(|tag| of_period.get(&tag).copied())
            .collect();
        people.sort_unstable();
        Some(Disclosed {
            partner: text("/asker/partner")?,
            operation: text("/operation")?,
            connection: connection(&common).unwrap_or_default(),
            at: serde_json::from_value(common.get("at")?.clone()).ok()?,
            register: header.register_position,
            people,
        })
    }
}

fn connection(common: &Value) -> Option<String> {
    let behalf = common.pointer("/asker/behalf")?;
    let id = behalf.get("connection").unwrap_or(behalf);
    id.as_str().map(str::to_owned)
}

impl Empty {
    /// Whether it is about this partner of the cast and this operation.
    pub(super) fn is_of(&self, partner: usize, operation: &str) -> bool {
        let partner = PARTNERS
            .get(partner)
            .map(|partner| Digest16::of_partner(partner.id));
        partner == Some(self.partner) && self.operation == Digest16::of_operation(operation)
    }
}
