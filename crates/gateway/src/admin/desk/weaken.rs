//! Weakening a promise: what it becomes and what that opens is looked at first; then it is announced, in public, by typing
//! the promise's id. Until the day that is announced the promise holds as it is.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use decide::{Day, Days, Event, Form, PartnerId, Power, Promise, PromiseId, Time};
use register::documents::promise;
use register::{Book, Change, PromiseKept};

use super::session::{Sent, Visit};
use super::{Frame, see};
use crate::admin::act::{self, Problem};
use crate::gateway::Gateway;
use crate::person::words;

const PROMISES: &str = "/desk/promises";
/// How long before it takes effect a weakening has to be announced. The register's own rule refuses what is sooner.
const NOTICE: Days = Days(30);

#[derive(Template)]
#[template(path = "steward/weaken.html")]
struct Page<'a> {
    frame: Frame<'a>,
    id: &'a PromiseId,
    summary: String,
    /// What holds now; `None`: nothing any more.
    holds: Option<String>,
    announced: Vec<String>,
    wish: Wish,
    earliest: Day,
    wrong: Option<String>,
    looked: Option<Looked>,
}

/// What the steward has written.
#[derive(Clone, Default)]
struct Wish {
    /// What it becomes, as JSON.
    to: String,
    /// It becomes nothing.
    nothing: bool,
    effective: String,
}

/// The same, read.
struct Weakening {
    to: Option<Promise>,
    effective: Time,
}

/// What would come of it.
struct Looked {
    from: Day,
    becomes: String,
    /// Powers that govern and that it would no longer forbid, or forbid less.
    opens: Vec<String>,
}

/// Shows the promise, and the form.
pub(super) async fn show(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    visit: Visit,
) -> Response {
    let Some((id, kept)) = find(&gateway, &id) else {
        return nothing(&visit);
    };
    let now = gateway.about_now();
    let wish = Wish {
        to: kept.at(now).map(as_json).unwrap_or_default(),
        nothing: false,
        effective: earliest(now).to_string(),
    };
    page(&gateway, &visit, &id, &kept, (wish, None), None)
}

/// Looks at a weakening, or announces it.
pub(super) async fn act(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    visit: Visit,
    sent: Sent,
) -> Response {
    let Some((id, kept)) = find(&gateway, &id) else {
        return nothing(&visit);
    };
    let wish = Wish {
        to: sent.text("to"),
        nothing: sent.get("nothing").is_some(),
        effective: sent.text("effective"),
    };
    let read = wish.read(&id);
    let weakening = match read {
        Ok(weakening) => weakening,
        Err(wrong) => return page(&gateway, &visit, &id, &kept, (wish, None), Some(wrong)),
    };
    let now = gateway.about_now();
    let looked = Looked::of(&gateway, &kept, &weakening, now);
    if sent.get("do").as_deref() != Some("announce") {
        return page(&gateway, &visit, &id, &kept, (wish, Some(looked)), None);
    }
    match announce(&gateway, &visit, &id, weakening, sent.get("id")).await {
        Ok(()) => see(PROMISES),
        Err(wrong) => page(
            &gateway,
            &visit,
            &id,
            &kept,
            (wish, Some(looked)),
            Some(wrong),
        ),
    }
}

async fn announce(
    gateway: &Arc<Gateway>,
    visit: &Visit,
    id: &PromiseId,
    Weakening { to, effective }: Weakening,
    typed: Option<String>,
) -> Result<(), Problem> {
    if typed.is_none_or(|typed| typed.trim() != id.as_str()) {
        return Err(Problem::Body(format!(
            "an announcement is public and stays on the log, so type the promise's id: {id}"
        )));
    }
    let event = Event::PromiseWeakened {
        promise: id.clone(),
        to,
        effective,
    };
    let change = Change::Fact(event);
    act::change(gateway, &visit.asking(), change)
        .await
        .map(drop)
}

impl Wish {
    fn read(&self, id: &PromiseId) -> Result<Weakening, Problem> {
        let effective: Day = self.effective.trim().parse().map_err(Problem::Body)?;
        let to = match self.nothing {
            true => None,
            false => Some(serde_json::from_str::<Promise>(&self.to).map_err(|error| {
                Problem::Body(format!(
                    "what it becomes is not readable: {error}; expected a promise as it stands there, with another form or scope"
                ))
            })?),
        };
        if to.as_ref().is_some_and(|to| to.promise != *id) {
            return Err(Problem::Body(format!(
                "what it becomes is another promise; expected {id}, with another form or scope"
            )));
        }
        Ok(Weakening {
            to,
            effective: effective.begins(),
        })
    }
}

fn find(gateway: &Gateway, id: &str) -> Option<(PromiseId, PromiseKept)> {
    let id: PromiseId = id.parse().ok()?;
    let kept = gateway.register.book().promises.get(&id)?.clone();
    Some((id, kept))
}

fn nothing(visit: &Visit) -> Response {
    visit.nothing("There is no promise of this name.")
}

/// The first day that begins when the notice is over.
fn earliest(now: Time) -> Day {
    now.plus(NOTICE).day().plus(Days(1))
}

fn page(
    gateway: &Gateway,
    visit: &Visit,
    id: &PromiseId,
    kept: &PromiseKept,
    (wish, looked): (Wish, Option<Looked>),
    wrong: Option<Problem>,
) -> Response {
    let now = gateway.about_now();
    let document = promise::parse("promise", &kept.document.text).ok();
    let later = kept.stages.iter().filter(|(from, _)| *from > now);
    let status = wrong.as_ref().map(Problem::status);
    let mut response = visit.page(&Page {
        frame: visit.frame(&format!("Weaken {id}")),
        id,
        summary: document.map_or_else(String::new, |it| it.summary.trim().to_owned()),
        holds: kept.at(now).map(as_json),
        announced: later
            .map(|(from, to)| format!("From {}: {}", from.day(), becomes(to.as_ref())))
            .collect(),
        wish,
        earliest: earliest(now),
        wrong: wrong.map(|problem| problem.to_string()),
        looked,
    });
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    response
}

fn as_json(promise: &Promise) -> String {
    serde_json::to_string_pretty(promise).unwrap_or_default()
}

fn becomes(to: Option<&Promise>) -> String {
    to.map_or_else(|| "nothing holds any more".to_owned(), as_json)
}

impl Looked {
    fn of(gateway: &Gateway, kept: &PromiseKept, weakening: &Weakening, now: Time) -> Looked {
        let (before, after) = (kept.at(now), weakening.to.as_ref());
        let book = gateway.register.book();
        let governing = powers(gateway, &book, now);
        let opens = governing.into_iter().filter_map(|(partner, power, name)| {
            let (was, is) = (
                strength(before, &partner, &power),
                strength(after, &partner, &power),
            );
            let then = match is {
                Strength::None => "no longer forbidden by it",
                Strength::UnlessConsented => "allowed about people who have all consented",
                Strength::Dated => "forbidden between two dates only",
                Strength::Absolute => return None,
            };
            (is < was).then(|| {
                let what = words::act(&power);
                format!("{name}: {what} ({}): {then}", power.reach)
            })
        });
        Looked {
            from: weakening.effective.day(),
            becomes: becomes(after),
            opens: opens.collect(),
        }
    }
}

/// How much a promise forbids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    None,
    UnlessConsented,
    Dated,
    Absolute,
}

fn strength(promise: Option<&Promise>, partner: &PartnerId, power: &Power) -> Strength {
    let covering = promise.filter(|it| it.scope.names(partner, power));
    match covering.map(|promise| promise.form) {
        None | Some(Form::NotJudgeable) => Strength::None,
        Some(Form::UnlessConsented) => Strength::UnlessConsented,
        Some(Form::Dated { .. }) => Strength::Dated,
        Some(Form::Absolute) => Strength::Absolute,
    }
}

/// Every power of a version that governs, with whose it is and where it stands.
fn powers(gateway: &Gateway, book: &Book, now: Time) -> Vec<(PartnerId, Power, String)> {
    let facts = gateway.register.facts();
    let governing = book.agreements.iter().filter_map(|(id, versions)| {
        let version = facts.governing(id, now)?;
        versions.iter().find(|it| it.offer.version == version)
    });
    let all = governing.flat_map(|offered| {
        let offer = &offered.offer;
        let name = format!(
            "{}, {} version {}",
            offer.partner, offer.agreement, offer.version
        );
        let powers = offer.powers.iter().cloned();
        powers.map(move |power| (offer.partner.clone(), power, name.clone()))
    });
    all.collect()
}
