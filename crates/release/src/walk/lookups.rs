//! People whom another call to the platform lists: which calls an answer needs, and what came of them.

use std::collections::HashMap;

use decide::{PersonNo, Subject, Time, Who};
use serde_json::Value;

use super::seen::Seen;
use crate::api::Me;
use crate::extension::{IdAt, LeftNote, TimeForm};
use crate::plan::{LookupPlan, OWN};

/// A call that an answer needs.
#[derive(Debug)]
pub(crate) struct Lookup {
    /// Path and query.
    pub(crate) path: String,
    /// Index into the plan's lookups.
    pub(crate) plan: u16,
    pub(crate) outcome: Outcome,
}

#[derive(Debug)]
pub(crate) enum Outcome {
    /// Not made yet.
    Awaited,
    /// Membership unknown: whatever needs it goes.
    Failed,
    Listed(Vec<Listed>),
}

impl Outcome {
    /// Whether the person who connected is listed, and was there then. Of things without a time that is known only of
    /// who is there now.
    pub(super) fn has_own(&self, made: Option<Time>) -> bool {
        let Outcome::Listed(listed) = self else {
            return false;
        };
        let there =
            |until: Option<Time>| until.is_none_or(|until| made.is_some_and(|made| made <= until));
        let mut listed = listed.iter();
        listed.any(|it| it.subject.reach == OWN && there(it.until))
    }
}

/// Somebody who is, or was, among them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed {
    pub(crate) subject: Subject,
    /// Counts for what was made up to then; `None`: for everything.
    pub(crate) until: Option<Time>,
}

/// How many different calls one answer may need: beyond, the records that need them go.
pub(crate) const LOOKUPS: usize = 64;

impl Seen {
    /// The call with this path, awaited already or new; `None` beyond the bound. One that was made for an earlier page
    /// does not say who came before this one.
    pub(super) fn lookup(&mut self, plan: u16, path: String) -> Option<u32> {
        let is_it = |lookup: &Lookup| {
            let awaited = matches!(lookup.outcome, Outcome::Awaited);
            awaited && lookup.plan == plan && lookup.path == path
        };
        let known = self.lookups.iter().position(is_it);
        let at = match known {
            Some(at) => at,
            None if self.lookups.len() >= LOOKUPS => return None,
            None => {
                self.lookups.push(Lookup {
                    path,
                    plan,
                    outcome: Outcome::Awaited,
                });
                self.lookups.len().saturating_sub(1)
            }
        };
        u32::try_from(at).ok()
    }
}

/// Who is listed in the answer to a call; `None` if that cannot be told with certainty.
pub(crate) fn listed(
    plan: &LookupPlan,
    body: &[u8],
    me: Option<&Me>,
    resolve: &dyn Fn(&str) -> Option<PersonNo>,
) -> Option<Vec<Listed>> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let mut place = &answer;
    for step in &plan.items {
        place = place.get(step)?;
    }
    let mut out: HashMap<Who, Option<Time>> = HashMap::new();
    let mut order = Vec::new();
    let mut add = |id: Option<&str>, until: Option<Time>| {
        let person = id.filter(|id| !id.is_empty()).and_then(resolve);
        let who = person.map_or(Who::Unresolved, Who::Known);
        match out.get_mut(&who) {
            // Listed twice: the later leave counts, and none at all counts most.
            Some(known) => *known = known.zip(until).map(|(one, other)| one.max(other)),
            None => {
                out.insert(who, until);
                order.push(who);
            }
        }
    };
    match (&plan.id, place) {
        (IdAt::Element, Value::String(id)) if plan.one => add(Some(id), None),
        (IdAt::Member(steps), one @ Value::Object(_)) if plan.one => {
            add(inner(one, steps).and_then(Value::as_str), None);
        }
        _ if plan.one => return None,
        (IdAt::Key, Value::Object(map)) => map.keys().for_each(|id| add(Some(id), None)),
        (IdAt::Element, Value::Array(list)) => {
            list.iter().for_each(|id| add(id.as_str(), None));
        }
        (IdAt::Member(steps), Value::Array(list)) => {
            for element in list {
                let id = inner(element, steps).and_then(Value::as_str);
                add(id, plan.left.as_ref().and_then(|left| until(left, element)));
            }
        }
        _ => return None,
    }
    let listed = order.into_iter().map(|who| Listed {
        subject: Subject {
            who,
            reach: reach(who, me, plan.reach),
        },
        until: out.get(&who).copied().flatten(),
    });
    Some(listed.collect())
}

fn reach(who: Who, me: Option<&Me>, otherwise: u8) -> u8 {
    match (who, me) {
        (Who::Known(no), Some(me)) if me.no == no => OWN,
        _ => otherwise,
    }
}

/// When somebody left; `None` if they have not, or if it cannot be told.
fn until(left: &LeftNote, element: &Value) -> Option<Time> {
    let state = inner(element, &left.at)?.as_str()?;
    if !left.is.iter().any(|word| word == state) {
        return None;
    }
    let when = inner(element, &left.when)?;
    match left.form {
        TimeForm::Text => when.as_str()?.parse().ok(),
        TimeForm::Milliseconds => when.as_i64().map(Time),
        TimeForm::Seconds => when.as_i64()?.checked_mul(1_000).map(Time),
    }
}

fn inner<'v>(value: &'v Value, steps: &[String]) -> Option<&'v Value> {
    steps.iter().try_fold(value, |value, step| value.get(step))
}
