//! Counting, operation by operation.

use std::collections::{BTreeMap, BTreeSet};

use decide::{Category, PersonNo, Reach};
use serde_json::Value;

use super::report::{Member, Misfit, Noted, Operated, Recognised, Refusing, Strange, Unforeseen};
use crate::operation::Operation;

/// The counts of one operation.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) answers: usize,
    pub(super) records: usize,
    pub(super) leave: usize,
    pub(super) more_follows: usize,
    pub(super) members: BTreeMap<String, Datum>,
    pub(super) dropped: BTreeMap<String, Odd>,
    pub(super) undeclared: BTreeMap<String, Odd>,
    pub(super) unforeseen: BTreeMap<(String, Option<String>), u64>,
    pub(super) recognised: BTreeMap<(String, Reach), Ways>,
    pub(super) misfits: BTreeMap<(String, String), u64>,
    pub(super) refused: BTreeMap<String, u64>,
    pub(super) refusing: Refusing,
}

/// A member with a category.
#[derive(Debug, Default)]
pub(super) struct Datum {
    pub(super) categories: BTreeSet<Category>,
    pub(super) there: u64,
    pub(super) leaves: u64,
}

/// A member without.
#[derive(Debug, Default)]
pub(super) struct Odd {
    pub(super) count: u64,
    pub(super) kinds: BTreeSet<&'static str>,
    pub(super) names_people: u64,
    pub(super) names_others: u64,
    pub(super) allowed: bool,
}

/// How people were recognised at one place.
#[derive(Debug, Default)]
pub(super) struct Ways {
    pub(super) people: BTreeSet<PersonNo>,
    pub(super) times: u64,
}

impl Tally {
    pub(super) fn count(times: &mut u64) {
        *times = times.saturating_add(1);
    }

    /// The report's form.
    pub(super) fn report(self, operation: &Operation) -> Operated {
        let place = |member: &str| {
            let rows = operation.rows.iter();
            let at = rows.enumerate().find(|(_, row)| row.member == member);
            at.map_or(usize::MAX, |(n, _)| n)
        };
        let mut members: Vec<Member> = self
            .members
            .into_iter()
            .map(|(member, datum)| Member {
                member,
                categories: datum.categories.into_iter().collect(),
                there: datum.there,
                leaves: datum.leaves,
            })
            .collect();
        members.sort_by_key(|it| place(&it.member));
        let unforeseen = self.unforeseen.into_iter();
        let recognised = self.recognised.into_iter();
        let refused = self.refused.into_iter();
        Operated {
            id: operation.id().to_owned(),
            method: operation.method().to_owned(),
            path: operation.path().to_owned(),
            answers: self.answers,
            more_follows: operation.page.as_ref().map(|_| self.more_follows),
            records: self.records,
            leave: self.leave,
            members,
            dropped: strange(self.dropped),
            undeclared: strange(self.undeclared),
            unforeseen: unforeseen
                .map(|((at, said), count)| Unforeseen { at, said, count })
                .collect(),
            misfits: self
                .misfits
                .into_iter()
                .map(|((at, what), count)| Misfit { at, what, count })
                .collect(),
            recognised: recognised
                .map(|((by, reach), ways)| Recognised {
                    by,
                    reach,
                    people: ways.people.len(),
                    times: ways.times,
                })
                .collect(),
            refused_requests: refused.map(|(what, count)| Noted { what, count }).collect(),
            refusing: self.refusing,
        }
    }
}

fn strange(odd: BTreeMap<String, Odd>) -> Vec<Strange> {
    let strange = odd.into_iter().map(|(member, odd)| Strange {
        member,
        count: odd.count,
        kinds: odd.kinds.into_iter().collect(),
        names_people: odd.names_people,
        names_others: odd.names_others,
        allowed: odd.allowed,
    });
    strange.collect()
}

/// What kind of value, in a word.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
