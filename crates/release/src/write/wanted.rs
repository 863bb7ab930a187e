//! What a partner wants done, read by the plan: what the platform would get, and about whom it is.

use std::sync::Arc;

use bytes::Bytes;
use decide::{Datum, PersonNo, Question, Subject, Time, Verb, Who};
use ledger::Hash;
use serde_json::Value;

use super::WritePlan;
use crate::api::{Me, Route};
use crate::document::percent_encoded;
use crate::error::RequestRefused;
use crate::operation::{OnBehalf, Operation};
use crate::parameter::in_words;
use crate::plan::{CallPart, OWN, Plan};
use crate::request::Call;
use crate::request::asked::Asked;
use crate::request::body::{Said, rebuilt};
use crate::request::path::Path;
use crate::walk::lookups::listed;

/// A write, delete or import that was asked for. It shows nothing of what would be sent.
#[derive(Debug)]
pub struct Wanted {
    pub(super) operation: Arc<Operation>,
    /// Path and query for the platform.
    pub(super) target: String,
    pub(super) body: Option<Bytes>,
    /// About whom it is. Whoever connected is one of them, whatever the notes say: it is done in their name.
    pub(super) subjects: Vec<Subject>,
    /// The categories of it, as places of the plan's.
    categories: Vec<u16>,
    me: Option<Me>,
    calls: Vec<Listing>,
}

/// A call that lists people, until its answer is taken in.
#[derive(Debug)]
struct Listing {
    /// Index into the plan's lookups.
    plan: usize,
    path: String,
}

type Resolve<'r> = &'r dyn Fn(&str) -> Option<PersonNo>;

impl Wanted {
    pub(crate) fn read(
        route: &Route,
        call: &Call<'_>,
        resolve: Resolve<'_>,
    ) -> Result<Wanted, RequestRefused> {
        let operation = &route.operation;
        let write = operation.write.as_ref().ok_or(RequestRefused::NotARead)?;
        let me = match operation.on_behalf {
            OnBehalf::Nobody => None,
            OnBehalf::Person => Some(call.me.ok_or(RequestRefused::NobodyConnected)?),
        };
        let path = Path::read(operation, &route.values, me)?;
        let asked = Asked::read(operation, call.query, &[])?;
        let mut said = Said::default();
        let body = rebuilt(operation.body.as_ref(), call.body, me, &mut said)?;
        let mut categories = write.needed.clone();
        categories.extend([&path.touches[..], &asked.touches, &said.touches].concat());
        categories.sort_unstable();
        categories.dedup();
        let mut wanted = Wanted {
            operation: Arc::clone(operation),
            target: path.upstream.clone() + &asked.upstream(),
            body: body.as_ref().map(|body| Bytes::from(body.to_string())),
            subjects: Vec::new(),
            categories,
            me: me.cloned(),
            calls: Vec::new(),
        };
        if let Some(me) = me {
            wanted.add(Who::Known(me.no), OWN);
        }
        for (place, id) in &path.people {
            let name = path.values.get(*place).map(|(name, _)| name.as_str());
            let asked = write.asked.iter().find(|(asked, _)| name == Some(asked));
            // A path parameter that names somebody who is not asked does not load.
            wanted.add(who(id, resolve), asked.map_or(u8::MAX, |(_, reach)| *reach));
        }
        for (id, reach) in &said.people {
            wanted.add(who(id, resolve), *reach);
        }
        for (plan, lookup) in operation.plan.lookups.iter().enumerate() {
            match written(&lookup.call, write, &path.values, body.as_ref()) {
                Some(path) => wanted.calls.push(Listing { plan, path }),
                None => wanted.add(Who::Unresolved, lookup.reach),
            }
        }
        Ok(wanted)
    }

    /// Which operation.
    #[must_use]
    pub fn operation(&self) -> &Arc<Operation> {
        &self.operation
    }

    /// What tells this request from another: a digest of all that the platform would get.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        let parts = [
            self.operation.id().as_bytes(),
            self.target.as_bytes(),
            self.body.as_deref().unwrap_or_default(),
        ];
        let mut all = b"countersign request v1\n".to_vec();
        for part in parts {
            all.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            all.extend(part);
        }
        Hash::of(&all)
    }

    /// The calls to the platform that say who else it is about: path and query, each to be made by GET for the same
    /// person. Until all have been handed to [`Wanted::take_people`], somebody in it is unknown, and it is refused.
    #[must_use]
    pub fn lookups(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.calls.iter().map(|call| call.path.clone()).collect();
        paths.dedup();
        paths
    }

    /// Takes in the answer to one of [`Wanted::lookups`]; `None` where the call failed in any way.
    pub fn take_people(&mut self, path: &str, answer: Option<&[u8]>, resolve: Resolve<'_>) {
        let operation = Arc::clone(&self.operation);
        let mut taken = Vec::new();
        self.calls.retain(|call| {
            let is_it = call.path == path;
            if is_it {
                taken.push(call.plan);
            }
            !is_it
        });
        for lookup in taken
            .iter()
            .filter_map(|at| operation.plan.lookups.get(*at))
        {
            let people = answer.and_then(|body| listed(lookup, body, self.me.as_ref(), resolve));
            // Who has left does not get what is done now.
            let there = people.into_iter().flatten().filter(|it| it.until.is_none());
            let there: Vec<Subject> = there.map(|it| it.subject).collect();
            let own_among = operation
                .write
                .as_ref()
                .is_some_and(|write| write.own_among);
            let own = self.me.as_ref().map(|me| Who::Known(me.no));
            let own_missing = own_among && there.iter().all(|it| Some(it.who) != own);
            if there.is_empty() || own_missing {
                self.add(Who::Unresolved, lookup.reach);
            }
            for subject in there {
                self.add(subject.who, subject.reach);
            }
        }
    }

    fn add(&mut self, who: Who, reach: u8) {
        let own = self.me.as_ref().is_some_and(|me| who == Who::Known(me.no));
        let subject = Subject {
            who,
            reach: if own { OWN } else { reach },
        };
        if !self.subjects.contains(&subject) {
            self.subjects.push(subject);
        }
    }

    /// One datum for each category, about everybody. What is written was made now; when something was made that is to be
    /// deleted, nobody has said.
    pub(super) fn data(&self, at: Option<Time>) -> Vec<Datum> {
        let made = at.filter(|_| self.operation.verb() != Verb::Delete);
        // Somebody is unknown as long as a call is awaited.
        let people = match u32::try_from(self.subjects.len()) {
            Ok(count) if self.calls.is_empty() => 0..count,
            _ => 0..0,
        };
        let datum = |category: &u16| Datum {
            category: *category,
            subjects: people.clone(),
            made,
        };
        self.categories.iter().map(datum).collect()
    }

    pub(super) fn question<'a>(
        &'a self,
        asker: &'a decide::Asker,
        data: &'a [Datum],
    ) -> Question<'a> {
        let Plan {
            categories,
            reaches,
            ..
        } = &self.operation.plan;
        Question {
            asker,
            categories,
            reaches,
            subjects: &self.subjects,
            data,
        }
    }
}

fn who(id: &str, resolve: Resolve<'_>) -> Who {
    let known = Some(id).filter(|id| !id.is_empty()).and_then(resolve);
    known.map_or(Who::Unresolved, Who::Known)
}

/// A call's path; `None` where a value for it is missing.
fn written(
    call: &[CallPart],
    write: &WritePlan,
    values: &[(String, String)],
    body: Option<&Value>,
) -> Option<String> {
    let mut out = String::new();
    for part in call {
        let value = match part {
            CallPart::Literal(text) => {
                out.push_str(text);
                continue;
            }
            CallPart::Parameter(name) => {
                let (_, value) = values.iter().find(|(known, _)| known == name)?;
                value.clone()
            }
            CallPart::Told(number) => {
                let pointer = write.tells.get(usize::from(*number))?;
                in_words(body?.pointer(pointer)?)
            }
            CallPart::Key => return None,
        };
        // A step up or none at all would be another path than the one that is meant.
        if matches!(value.as_str(), "" | "." | "..") {
            return None;
        }
        percent_encoded(&value, &mut out);
    }
    Some(out)
}
