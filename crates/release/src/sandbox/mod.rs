//! A call tried with invented people: an answer that somebody made up goes the way of every answer, walk, rule and writer,
//! in a register where nobody is but those whom it names.
//!
//! It is for whoever writes against the API and wants to see what is left of an answer, and why. Nobody real can come
//! into it: ids are numbered as they are met, whomever they mean elsewhere, and who agreed is what the caller says.
//!
//! It writes bytes without a ledger entry, which nothing else may. So it takes no permit, no facts and no resolver, only
//! an [`Invented`] text, which is whatever the person looking has typed and gets back.

mod example;
mod kept;

use std::collections::BTreeSet;

use bytes::Bytes;
use decide::{Category, PersonNo, Reach, Reason, Verb};
use serde_json::{Map, Value, json};

use crate::answers::people::{Numbering, People};
use crate::answers::town::Town;
use crate::api::{Api, Me, Route, Routed};
use crate::error::{AnswerRefused, RequestRefused};
use crate::extension::IdAt;
use crate::operation::{OnBehalf, Operation};
use crate::plan::LookupPlan;
use crate::reduce::write;
use crate::request::recorded;
use crate::walk::Walk;

pub use example::{Example, asks_for_people, example};

/// An answer that somebody made up, as text. Not to be misread: nothing here can tell whether it was made up. It must be
/// what the one who gets the outcome has handed in, and never what the platform said.
#[derive(Clone, Copy, Debug)]
pub struct Invented<'a>(pub &'a str);

/// A call to try.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// The id of the operation that is meant. The path decides which it is, as for a call, and has to be of this one.
    pub operation: &'a str,
    /// Path and query, as a partner sends them, by `GET`.
    pub request: &'a str,
    /// What the platform answers.
    pub answer: Invented<'a>,
    /// The id of whoever has connected the partner; they have agreed to all that it may have.
    pub me: &'a str,
    /// The ids of those others who have.
    pub agreed: &'a BTreeSet<String>,
    /// Who is there wherever the platform is asked for more people (the members of a thread, …).
    pub listed: &'a [String],
    /// What the partner has a live power for.
    pub live: &'a [(Category, Reach)],
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The answer as the partner would get it; `None`: as for an id that the platform does not know. Without cursors.
    pub body: Option<String>,
    /// Everybody whom the answer names, by id.
    pub people: Vec<String>,
    /// What was kept out of it, in the order of the answer.
    pub kept_out: Vec<KeptOut>,
    /// How many members the platform's document does not declare; they never leave.
    pub undeclared: u64,
}

/// Data of one place that were kept out for the same cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOut {
    /// Where, as a pointer into the answer; `*` stands for any element or key.
    pub place: String,
    /// What kind of datum.
    pub category: Category,
    /// Why.
    pub cause: Cause,
}

/// Why something was kept out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The rule refused it.
    Rule(Vec<Against>),
    /// It would pass; a text in its record names somebody who may not be named.
    Names,
    /// It would pass; its record goes, because something that identifies it does.
    Record,
}

/// One of the rule's reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Against {
    /// Because of whom; `None`: whoever it were.
    pub person: Option<String>,
    /// How the partner reaches them.
    pub reach: Option<Reach>,
    /// The reason.
    pub reason: Reason,
}

/// Why a call cannot be tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untried {
    /// No such operation, or it has no plan: a partner is refused.
    #[error("no operation of the API that partners can call is at this path")]
    NoOperation,
    /// It is a write, a stream, or has no answer in JSON.
    #[error("only reads with one answer can be tried here")]
    NotARead,
    /// The gateway would refuse the request.
    #[error("the request would be refused: {0}")]
    Request(String),
    /// Nothing could pass whoever the people are: it is refused, and the platform is not asked.
    #[error("the request would be refused: none of your live powers could bring anything of it")]
    Closed,
    /// The gateway would refuse the answer whole.
    #[error("the answer would be refused whole: {0}")]
    Answer(#[from] AnswerRefused),
    /// The town could not be built: a mistake of this program's.
    #[error("it could not be tried")]
    Internal,
}

impl From<RequestRefused> for Untried {
    fn from(refused: RequestRefused) -> Self {
        Untried::Request(refused.to_string())
    }
}

/// Whether calls of this operation can be tried here.
#[must_use]
pub fn can_be_tried(operation: &Operation) -> bool {
    let read = operation.verb() == Verb::Read && operation.method() == "GET";
    read && operation.stream().is_none() && operation.status() != 0
}

/// Tries a call.
///
/// # Errors
/// The request or the answer would be refused whole.
pub fn try_out(api: &Api, trial: &Trial<'_>) -> Result<Tried, Untried> {
    let (path, query) = match trial.request.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (trial.request, None),
    };
    let Routed::Mapped(route) = api.route("GET", path) else {
        return Err(Untried::NoOperation);
    };
    let operation = route.operation();
    if !can_be_tried(operation) {
        return Err(Untried::NotARead);
    }
    if operation.id() != trial.operation {
        return Err(Untried::NoOperation);
    }
    let is_live = |category: &Category, reach: &Reach| {
        let mut live = trial.live.iter();
        live.any(|(known, way)| known == category && way == reach)
    };
    if !operation.could_pass(&is_live) {
        return Err(Untried::Closed);
    }
    let call = Call {
        trial,
        route: &route,
        query,
    };
    let people = call.people()?;
    let walk = call.walk(&|id| people.number(id))?;
    let pairs = operation.pairs().iter();
    let pairs: Vec<_> = pairs.filter(|(it, reach)| is_live(it, reach)).collect();
    let town = call.town(&people, &walk, &pairs).ok_or(Untried::Internal)?;
    let judged = town.judge(walk).ok_or(Untried::Internal)?;
    let body = write(&judged).map(|written| written.body);
    Ok(Tried {
        body: body.map(|body| String::from_utf8_lossy(&body).into_owned()),
        kept_out: kept::out(&judged, &town, &people),
        people: people.ids().map(str::to_owned).collect(),
        undeclared: judged.settled.walk.seen.undeclared,
    })
}

struct Call<'a> {
    trial: &'a Trial<'a>,
    route: &'a Route,
    query: Option<&'a str>,
}

impl Call<'_> {
    /// Finds out who is in the answer: the sweep asks for ids, too, and most of what it asks for is nobody.
    fn people(&self) -> Result<People, Untried> {
        let mut numbering = Numbering::default();
        let walk = self.walk(&|id| numbering.number(id))?;
        numbering.take(&walk);
        numbering.add(self.trial.me);
        Ok(numbering.people())
    }

    fn walk(&self, number: &dyn Fn(&str) -> Option<PersonNo>) -> Result<Walk, Untried> {
        let me = match self.route.operation().on_behalf() {
            OnBehalf::Nobody => None,
            OnBehalf::Person => number(self.trial.me).map(|no| Me {
                id: self.trial.me.to_owned(),
                no,
            }),
        };
        let (mut walk, refused) = recorded(self.route, self.query, None, me.as_ref())?;
        if let Some(refused) = refused.into_iter().next() {
            return Err(refused.into());
        }
        let answer = Bytes::copy_from_slice(self.trial.answer.0.as_bytes());
        walk.take_page(answer, number)?;
        for path in walk.lookups() {
            let list = self.list(&walk, &path);
            walk.take_people(&path, list.as_deref(), number)?;
        }
        Ok(walk)
    }

    /// What the platform would say to a call that asks for people.
    fn list(&self, walk: &Walk, path: &str) -> Option<Vec<u8>> {
        let mut lookups = walk.seen.lookups.iter();
        let plan = lookups.find(|lookup| lookup.path == path)?.plan;
        let plan = walk.operation.plan.lookups.get(usize::from(plan))?;
        Some(listing(plan, self.trial.listed).to_string().into_bytes())
    }

    fn town(&self, people: &People, walk: &Walk, pairs: &[&(Category, Reach)]) -> Option<Town> {
        let me = walk.me.as_ref().map(|me| me.no);
        let agreed = self.trial.agreed.iter();
        let agreed: BTreeSet<PersonNo> = agreed
            .filter_map(|id| people.number(id))
            .chain(me)
            .collect();
        Town::where_agree(
            (people.count(), me),
            pairs,
            walk.operation.pairs(),
            agreed.into_iter().collect(),
        )
    }
}

/// A list of people in the form in which the overlay expects it.
fn listing(plan: &LookupPlan, ids: &[String]) -> Value {
    let one = |id: &String| match &plan.id {
        IdAt::Member(steps) => within(steps, json!(id)),
        IdAt::Element | IdAt::Key => json!(id),
    };
    let all = match (&plan.id, plan.one) {
        (_, true) => ids.first().map_or(Value::Null, one),
        (IdAt::Key, false) => {
            let keys: Map<String, Value> = ids.iter().map(|id| (id.clone(), json!({}))).collect();
            Value::Object(keys)
        }
        (_, false) => ids.iter().map(one).collect(),
    };
    within(&plan.items, all)
}

fn within(steps: &[String], value: Value) -> Value {
    let wrap = |inner, step: &String| json!({ step.as_str(): inner });
    steps.iter().rev().fold(value, wrap)
}
