//! Counting one answer: what stands in it, what of that leaves, who was recognised, and who is named where nobody was looked
//! for.

use std::collections::BTreeSet;

use decide::{PersonNo, Reach, Who};
use serde_json::Value;

use super::findings::Found;
use super::people::People;
use super::recording::Recording;
use super::report::Kind;
use super::run::Look;
use super::tally::{Odd, Tally, kind};
use super::trail::Trail;
use super::visit::{Id, Met, Visitor};
use super::written::places;
use crate::error::RequestRefused;
use crate::extension::PageNote;
use crate::judged::Judged;
use crate::paging::{cursor_in, next_of};
use crate::plan::{CallPart, LookupPlan, NO_CATEGORY, OWN, Plan, Tap};
use crate::walk::Walk;
use crate::walk::lookups::Outcome;

impl Look<'_> {
    pub(super) fn tally(
        &mut self,
        recording: &Recording,
        judged: &Judged,
        refused: &[RequestRefused],
    ) {
        let walk = &judged.settled.walk;
        let operation = judged.operation().clone();
        let plan = &operation.plan;
        let Ok(answer) = serde_json::from_str::<Value>(&recording.body) else {
            return;
        };
        let tally = self.tallies.entry(operation.id().to_owned()).or_default();
        let (leave, records) = judged.records();
        tally.answers = tally.answers.saturating_add(1);
        tally.records = tally.records.saturating_add(records);
        tally.leave = tally.leave.saturating_add(leave);
        for why in refused {
            Tally::count(tally.refused.entry(why.to_string()).or_default());
        }
        let follows = |page: &PageNote| follows(page, recording, &answer);
        tally.more_follows += usize::from(operation.page.as_ref().is_some_and(follows));
        let mut count = Count {
            people: &self.people,
            plan,
            walk,
            tally,
            around: vec![Around::default()],
            unnamed: Vec::new(),
        };
        count.asked_and_listed();
        let is_somebody = |name: &str| self.people.is_named(name, plan);
        Visitor {
            trail: Trail::default(),
            is_somebody: &is_somebody,
            met: &mut |trail, met| count.met(trail, &met),
        }
        .visit(&plan.root, &answer);
        count.closes();
        let unnamed = std::mem::take(&mut count.unnamed);
        let places = places(plan, &walk.seen, judged.permit.decision(), &judged.living);
        for (_, place, leaves) in places.data {
            tally.members.entry(place).or_default().leaves += u64::from(leaves);
        }
        for (place, leaves) in places.keys {
            tally.members.entry(of_keys(&place)).or_default().leaves += u64::from(leaves);
        }
        for Pending {
            member,
            at,
            declared,
            ..
        } in unnamed
        {
            let what = if declared {
                "declared, not covered, and it holds an identifier of somebody whom no record around it names"
            } else {
                "not declared, and it holds an identifier of somebody whom no record around it names"
            };
            let found = Found {
                kind: Kind::Unnamed,
                operation: operation.id(),
                member,
                what: what.to_owned(),
                at,
            };
            self.findings.add(recording, found);
        }
    }
}

/// Whether an answer says, where the overlay looks for it, that another page follows.
fn follows(page: &PageNote, recording: &Recording, answer: &Value) -> bool {
    let at = |pointer: &Option<String>| {
        let value = answer.pointer(pointer.as_ref()?)?;
        value.as_str().filter(|text| !text.is_empty())
    };
    let in_header = recording.link.as_deref().filter(|_| page.link);
    let link = in_header.and_then(next_of);
    let link = link.or_else(|| at(&page.next).map(str::to_owned));
    at(&page.after).is_some() || link.is_some_and(|it| cursor_in(&it, &page.cursor).is_some())
}

fn of_keys(place: &str) -> String {
    format!("{place} (the keys)")
}

/// Somebody named where nobody was looked for.
struct Pending {
    member: String,
    at: String,
    declared: bool,
    people: Vec<Option<PersonNo>>,
}

/// What is known of a record while it is open.
#[derive(Default)]
struct Around {
    people: BTreeSet<PersonNo>,
    pending: Vec<Pending>,
}

struct Count<'a> {
    people: &'a People,
    plan: &'a Plan,
    walk: &'a Walk,
    tally: &'a mut Tally,
    /// The open records, outermost first; the first is the answer itself.
    around: Vec<Around>,
    unnamed: Vec<Pending>,
}

impl Count<'_> {
    /// Those whom the path names, and those whom calls list.
    fn asked_and_listed(&mut self) {
        let mut all: Vec<(String, PersonNo, Reach)> = Vec::new();
        let walk = self.walk;
        for (at, id) in &walk.asked_people {
            let name = walk.path_values.get(*at).map_or("", |(name, _)| name);
            let mut asked = self.plan.records.iter().flat_map(|record| &record.asked);
            let reach = asked
                .find(|(known, _)| **known == *name)
                .map(|(_, reach)| *reach);
            if let (Some(person), Some(reach)) = (self.people.number(id), reach) {
                all.push((format!("{{{name}}}"), person, self.reach(person, reach)));
            }
        }
        for lookup in &walk.seen.lookups {
            let by = self.plan.lookups.get(usize::from(lookup.plan)).map(called);
            if let (Some(by), Outcome::Listed(listed)) = (by, &lookup.outcome) {
                for one in listed {
                    if let Who::Known(person) = one.subject.who {
                        all.push((by.clone(), person, self.reach(person, one.subject.reach)));
                    }
                }
            }
        }
        let me = walk.me.as_ref().map(|me| me.no);
        let named = all.iter().map(|(_, person, _)| *person).chain(me);
        if let Some(outermost) = self.around.first_mut() {
            outermost.people.extend(named);
        }
        for (by, person, reach) in all {
            self.recognised(by, person, reach);
        }
    }

    fn reach(&self, person: PersonNo, reach: u8) -> Reach {
        let own = self.walk.me.as_ref().is_some_and(|me| me.no == person);
        let at = if own { OWN } else { reach };
        let known = self.plan.reaches.get(usize::from(at));
        known.cloned().unwrap_or(Reach::Own)
    }

    fn recognised(&mut self, by: String, person: PersonNo, reach: Reach) {
        let ways = self.tally.recognised.entry((by, reach)).or_default();
        ways.people.insert(person);
        Tally::count(&mut ways.times);
    }

    fn met(&mut self, trail: &Trail, met: &Met<'_, '_>) {
        match met {
            Met::Opens => self.around.push(Around::default()),
            Met::Closes => self.closes(),
            Met::Datum(scalar) => self.datum(trail.general(), scalar.category),
            Met::Key(category) => self.datum(of_keys(&trail.general()), *category),
            Met::Person { id, tap } => self.person(trail, *id, tap),
            Met::Dropped(value) => self.strange(trail, None, value, false),
            Met::Undeclared {
                name,
                value,
                allowed,
            } => self.strange(trail, Some(name), value, *allowed),
            Met::Other(value) => {
                let what = format!("{} where the document has something else", kind(value));
                let at = trail.general();
                Tally::count(self.tally.misfits.entry((at, what)).or_default());
            }
            Met::Unforeseen(said) => {
                let said = said.filter(|said| !self.people.is_named(said, self.plan));
                let said = said.map(|said| said.chars().take(80).collect());
                let key = (trail.general(), said);
                Tally::count(self.tally.unforeseen.entry(key).or_default());
            }
        }
    }

    fn datum(&mut self, member: String, category: u16) {
        if category == NO_CATEGORY {
            return;
        }
        let datum = self.tally.members.entry(member).or_default();
        Tally::count(&mut datum.there);
        let category = self.plan.categories.get(usize::from(category));
        datum.categories.extend(category.cloned());
    }

    fn person(&mut self, trail: &Trail, id: Id<'_>, tap: &Tap) {
        let Some(person) = self.people.at(id, tap, self.plan) else {
            return;
        };
        self.recognised(trail.general(), person, self.reach(person, tap.reach));
        let at = self.around.len().checked_sub(tap.up.saturating_add(1));
        if let Some(record) = at.and_then(|at| self.around.get_mut(at)) {
            record.people.insert(person);
        }
    }

    /// A member that the plan does not name; with its name where the document does not have it.
    fn strange(&mut self, trail: &Trail, name: Option<&str>, value: &Value, allowed: bool) {
        let mut people = self.people.named_in(value, self.plan);
        if let Some(name) = name {
            self.people.named_by(name, self.plan, &mut people);
        }
        let declared = name.is_none();
        let member = trail.general();
        let all = if declared {
            &mut self.tally.dropped
        } else {
            &mut self.tally.undeclared
        };
        let odd: &mut Odd = all.entry(member.clone()).or_default();
        Tally::count(&mut odd.count);
        odd.kinds.insert(kind(value));
        odd.allowed |= allowed;
        if people.is_empty() {
            return;
        }
        Tally::count(&mut odd.names_people);
        if let Some(innermost) = self.around.last_mut() {
            innermost.pending.push(Pending {
                member,
                at: trail.exact(),
                declared,
                people,
            });
        }
    }

    /// A record ends: whoever is named in it and is none of its people may be one of those around.
    fn closes(&mut self) {
        let Some(record) = self.around.pop() else {
            return;
        };
        let is_known = |person: &Option<PersonNo>| {
            person.is_some_and(|person| record.people.contains(&person))
        };
        let open = record.pending.into_iter();
        let open = open.filter(|pending| !pending.people.iter().all(is_known));
        let open: Vec<Pending> = open
            .map(|pending| Pending {
                people: pending
                    .people
                    .iter()
                    .filter(|it| !is_known(it))
                    .copied()
                    .collect(),
                ..pending
            })
            .collect();
        match self.around.last_mut() {
            Some(around) => around.pending.extend(open),
            None => {
                for pending in open {
                    let all = if pending.declared {
                        &mut self.tally.dropped
                    } else {
                        &mut self.tally.undeclared
                    };
                    if let Some(odd) = all.get_mut(&pending.member) {
                        Tally::count(&mut odd.names_others);
                    }
                    self.unnamed.push(pending);
                }
            }
        }
    }
}

/// A call, with what it is made with in braces.
fn called(lookup: &LookupPlan) -> String {
    let parts = lookup.call.iter().map(|part| match part {
        CallPart::Literal(text) => text.clone(),
        CallPart::Parameter(name) => format!("{{{name}}}"),
        CallPart::Told(_) => "{a member}".to_owned(),
        CallPart::Key => "{the key}".to_owned(),
    });
    format!("GET {}", parts.collect::<String>())
}
