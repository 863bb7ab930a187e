//! Who is in recorded answers: every id at a place of people is somebody, numbered as they are met.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use decide::{PersonNo, Who};
use serde_json::Value;

use super::remains::Called;
use super::visit::Id;
use crate::document::percent_decoded;
use crate::plan::{Plan, Tap};
use crate::sweep::scan;
use crate::walk::Walk;

/// A bare id is looked for by itself only if it is at least so long or has a letter in it: short numbers are everywhere.
const BARE: usize = 5;

/// Numbers every id that it is asked for. The sweep asks too, so most of these are nobody yet.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    ids: RefCell<HashMap<String, PersonNo>>,
    named: BTreeSet<PersonNo>,
}

impl Numbering {
    pub(crate) fn number(&self, id: &str) -> Option<PersonNo> {
        let mut ids = self.ids.borrow_mut();
        let next = PersonNo(u32::try_from(ids.len()).ok()?);
        Some(*ids.entry(id.to_owned()).or_insert(next))
    }

    /// Everybody whom a record names is somebody.
    pub(crate) fn take(&mut self, walk: &Walk) {
        let subjects = walk.seen.subjects.iter();
        self.named.extend(subjects.filter_map(|it| match it.who {
            Who::Known(person) => Some(person),
            Who::Unresolved => None,
        }));
    }

    /// Somebody whom no answer needs to name.
    pub(crate) fn add(&mut self, id: &str) {
        if let Some(person) = self.number(id) {
            self.named.insert(person);
        }
    }

    /// Those who are somebody, numbered anew without gaps.
    pub(crate) fn people(self) -> People {
        let mut people: Vec<(PersonNo, String)> = self
            .ids
            .into_inner()
            .into_iter()
            .filter(|(_, person)| self.named.contains(person))
            .map(|(id, person)| (person, id))
            .collect();
        people.sort_unstable();
        let mut out = People::default();
        for (n, (_, id)) in people.into_iter().enumerate() {
            if let Ok(n) = u32::try_from(n) {
                out.numbers.insert(id.clone(), PersonNo(n));
                out.called.push(Called {
                    id,
                    also: HashSet::new(),
                });
            }
        }
        out
    }
}

/// Everybody recognised in the answers.
#[derive(Debug, Default)]
pub(crate) struct People {
    numbers: HashMap<String, PersonNo>,
    /// By number.
    called: Vec<Called>,
}

impl People {
    pub(crate) fn number(&self, id: &str) -> Option<PersonNo> {
        self.numbers.get(id).copied()
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.called.len()).unwrap_or(u32::MAX)
    }

    /// What the answers call somebody.
    pub(crate) fn id(&self, person: PersonNo) -> Option<&str> {
        self.called(person).map(|called| called.id.as_str())
    }

    /// Everybody, as the answers call them.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.called.iter().map(|called| called.id.as_str())
    }

    pub(super) fn called(&self, person: PersonNo) -> Option<&Called> {
        self.called.get(person.0 as usize)
    }

    /// What else the answers call people: values that the overlay declares to be an identifier of their record's person.
    pub(super) fn learn(&mut self, walk: &Walk) {
        let seen = &walk.seen;
        for alias in &seen.aliases {
            let datum = seen.data.get(alias.datum as usize);
            let people = datum.and_then(|datum| {
                let range = datum.subjects.start as usize..datum.subjects.end as usize;
                seen.subjects.get(range)
            });
            // Where others are around it is not known here whose it is.
            if let Some([one]) = people
                && let Who::Known(person) = one.who
                && let Some(called) = self.called.get_mut(person.0 as usize)
            {
                called.also.extend(alias.keys.iter().cloned());
            }
        }
    }

    /// The person whom an id at a place of people means.
    pub(super) fn at(&self, id: Id<'_>, tap: &Tap, plan: &Plan) -> Option<PersonNo> {
        let text = id.text()?;
        let Some(form) = tap.form else {
            return self.number(&text);
        };
        let (before, after) = plan.forms.get(usize::from(form))?;
        let within = text.strip_prefix(&**before)?.strip_suffix(&**after)?;
        self.number(&percent_decoded(within)?)
    }

    /// Everybody who seems to be named anywhere in a value; `None` for somebody whom no answer recognises.
    pub(super) fn named_in(&self, value: &Value, plan: &Plan) -> Vec<Option<PersonNo>> {
        let mut out = Vec::new();
        texts(value, &mut |text| self.named_by(text, plan, &mut out));
        out
    }

    /// Whether a name is an identifier of somebody.
    pub(super) fn is_named(&self, name: &str, plan: &Plan) -> bool {
        let mut out = Vec::new();
        self.named_by(name, plan, &mut out);
        !out.is_empty()
    }

    pub(super) fn named_by(&self, text: &str, plan: &Plan, out: &mut Vec<Option<PersonNo>>) {
        let lone = text.len() >= BARE || text.chars().any(char::is_alphabetic);
        if let Some(person) = self.number(text).filter(|_| lone) {
            out.push(Some(person));
            return;
        }
        scan(text, &plan.identifiers, &mut |found| {
            let mut readings = found.readings.iter();
            let known = readings.find_map(|reading| {
                let exact = self.number(&reading.exact);
                exact.or_else(|| self.number(&reading.key))
            });
            out.push(known.or_else(|| self.alias(&found.readings)));
        });
    }

    fn alias(&self, readings: &[crate::sweep::Reading<'_>]) -> Option<PersonNo> {
        let known = |called: &Called| readings.iter().any(|it| called.also.contains(&*it.key));
        let at = self.called.iter().position(known)?;
        u32::try_from(at).ok().map(PersonNo)
    }
}

/// Every string, number and key.
fn texts(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Number(number) => each(&number.to_string()),
        Value::Array(list) => list.iter().for_each(|it| texts(it, each)),
        Value::Object(members) => {
            for (name, member) in members {
                each(name);
                texts(member, each);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}
