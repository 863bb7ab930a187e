//! A call tried with invented people: the partner writes what the platform would answer and says who has agreed; the plan,
//! the rule and the writer that serve partners say what is left of it, and why the rest is not.
//!
//! Nobody's data is in it: no call is made, no person of the register is looked at, nothing is recorded. What is true of it
//! is the API's plan and the partner's own live powers.

use std::collections::BTreeSet;

use askama::Template;
use decide::{Category, Purpose, Reach, Reason};
use http::Response;
use release::{
    Against, Cause, Invented, KeptOut, Operation, Trial, asks_for_people, can_be_tried, example,
    try_out,
};
use serde_json::Value;

use super::Visit;
use super::calls::{previews, purposes};
use super::failure::Failure;
use super::session::Session;
use crate::body::Body;
use crate::oauth::Form;
use crate::person::page::html;
use crate::person::words;

#[derive(Template)]
#[template(path = "partner_sandbox.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    token: &'a str,
    operation: &'a Operation,
    purpose: &'a Purpose,
    wish: Wish,
    asks_for_people: bool,
    outcome: Outcome,
}

/// What the partner wants tried.
struct Wish {
    request: String,
    me: String,
    agreed: String,
    listed: String,
    answer: String,
}

/// What came of it.
enum Outcome {
    /// The gateway would not answer with this.
    Not(String),
    /// As for somebody who is not there.
    Nothing(Vec<Kept>),
    /// An answer, indented.
    Answer(String, Vec<Kept>),
}

impl Outcome {
    /// What was kept out, where there is an answer.
    fn kept(&self) -> Option<&[Kept]> {
        match self {
            Outcome::Not(_) => None,
            Outcome::Nothing(kept) | Outcome::Answer(_, kept) => Some(kept),
        }
    }
}

/// What was kept out, in words.
#[derive(PartialEq, Eq)]
struct Kept {
    place: String,
    what: String,
    why: Vec<String>,
}

/// Where an operation is tried.
pub(super) fn address(operation: &Operation, purpose: &Purpose) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("operation", operation.id());
    query.append_pair("purpose", purpose.as_str());
    format!("{}/sandbox?{}", super::PATH, query.finish())
}

/// The page with an example, tried at once.
pub(super) fn page(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let (session, _) = visit.inside()?;
    let form = Form::of_query(visit.query).map_err(|_| Failure::NoSuchPage)?;
    let (operation, purpose) = named(visit, &session, &form)?;
    let example = example(operation);
    let mut people = example.people.iter();
    let (me, other) = (people.next(), people.next());
    let wish = Wish {
        me: me.cloned().unwrap_or_default(),
        // One has and one has not, so that there is something to see.
        agreed: other.cloned().unwrap_or_default(),
        listed: example.people.join(" "),
        request: example.request,
        answer: example.answer,
    };
    shown(visit, &session, operation, &purpose, wish)
}

/// The same with what the partner has written. It changes nothing, and is a form because answers are long.
pub(super) fn tried(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let form = Form::read(visit.headers, visit.body).map_err(|_| Failure::ForeignForm)?;
    let (session, _) = visit.sender(&form)?;
    let (operation, purpose) = named(visit, &session, &form)?;
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let wish = Wish {
        request: text("request").trim().to_owned(),
        me: text("me").trim().to_owned(),
        agreed: text("agreed"),
        listed: text("listed"),
        answer: text("answer"),
    };
    shown(visit, &session, operation, &purpose, wish)
}

/// The operation, and a purpose of the partner's own.
fn named<'a>(
    visit: &'a Visit<'_>,
    session: &Session,
    form: &Form<'_>,
) -> Result<(&'a Operation, Purpose), Failure> {
    let operations = visit.gateway.api.operations().iter();
    let mut operations = operations.filter(|it| can_be_tried(it));
    let asked = form.get("operation");
    let operation = operations.find(|it| Some(it.id()) == asked);
    let mut purposes = purposes(visit, session).into_iter();
    let purpose = purposes.find(|it| Some(it.as_str()) == form.get("purpose"));
    operation
        .map(|it| &**it)
        .zip(purpose)
        .ok_or(Failure::NoSuchPage)
}

fn shown(
    visit: &Visit<'_>,
    session: &Session,
    operation: &Operation,
    purpose: &Purpose,
    wish: Wish,
) -> Result<Response<Body>, Failure> {
    let page = Page {
        visit,
        token: &session.token,
        operation,
        purpose,
        asks_for_people: asks_for_people(operation),
        outcome: outcome(visit, session, operation, purpose, &wish),
        wish,
    };
    Ok(html(&visit.desk.style, &page, None)?)
}

fn outcome(
    visit: &Visit<'_>,
    session: &Session,
    operation: &Operation,
    purpose: &Purpose,
    wish: &Wish,
) -> Outcome {
    let stands = Stands::of(visit, session, operation, purpose);
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    let agreed: BTreeSet<String> = words(&wish.agreed).into_iter().collect();
    let trial = Trial {
        operation: operation.id(),
        request: &wish.request,
        answer: Invented(&wish.answer),
        me: &wish.me,
        agreed: &agreed,
        listed: &words(&wish.listed),
        live: &stands.live,
    };
    match try_out(&visit.gateway.api, &trial) {
        Err(why) => Outcome::Not(why.to_string()),
        Ok(tried) => {
            let mut kept: Vec<Kept> = Vec::new();
            for one in &tried.kept_out {
                let one = stands.kept(one);
                if !kept.contains(&one) {
                    kept.push(one);
                }
            }
            match tried.body {
                Some(body) => Outcome::Answer(indented(body), kept),
                None => Outcome::Nothing(kept),
            }
        }
    }
}

fn indented(body: String) -> String {
    let value: Result<Value, _> = serde_json::from_str(&body);
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value));
    pretty.unwrap_or(body)
}

/// How the partner's powers for an operation stand now.
struct Stands {
    live: Vec<(Category, Reach)>,
    /// The others, and why not.
    closed: Vec<((Category, Reach), Vec<Reason>)>,
}

impl Stands {
    fn of(
        visit: &Visit<'_>,
        session: &Session,
        operation: &Operation,
        purpose: &Purpose,
    ) -> Stands {
        let previews = previews(visit, session, operation, purpose).into_iter();
        let pairs = operation.pairs().iter().cloned().zip(previews);
        let (live, closed): (Vec<_>, Vec<_>) = pairs.partition(|(_, it)| it.reasons.is_empty());
        Stands {
            live: live.into_iter().map(|(pair, _)| pair).collect(),
            closed: closed
                .into_iter()
                .map(|(pair, it)| (pair, it.reasons))
                .collect(),
        }
    }

    fn kept(&self, one: &KeptOut) -> Kept {
        let why = match &one.cause {
            Cause::Names => {
                vec!["a text in its record names somebody who may not be named".to_owned()]
            }
            Cause::Record => vec!["its record goes".to_owned()],
            Cause::Rule(against) => {
                let each = against.iter();
                each.flat_map(|it| self.against(it, &one.category))
                    .collect()
            }
        };
        Kept {
            place: one.place.clone(),
            what: words::spelled(one.category.as_str()),
            why,
        }
    }

    /// In words. That a power is not among the invented ones has a reason among the real.
    fn against(&self, one: &Against, category: &Category) -> Vec<String> {
        let whose = match (&one.person, &one.reach) {
            (Some(person), Some(reach)) => format!("{person} ({reach}): "),
            (Some(person), None) => format!("{person}: "),
            (None, _) => String::new(),
        };
        let mut closed = self.closed.iter();
        let real = closed
            .find(|((known, reach), _)| known == category && Some(reach) == one.reach.as_ref());
        let reasons = match (&one.reason, real) {
            (Reason::NotGranted, Some((_, reasons))) => reasons.as_slice(),
            (reason, _) => std::slice::from_ref(reason),
        };
        reasons
            .iter()
            .map(|reason| format!("{whose}{reason}"))
            .collect()
    }
}
