//! Weakening a promise: what it becomes and what that opens is looked at first; then it is announced, in public, by typing
//! the promise's id. Until the day that is announced the promise holds as it is.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use decide::{
    Day, Days, Event, Form, NOTICE_OF_WEAKENING, PartnerId, Power, Promise, PromiseId, Time,
};
use register::documents::promise;
use register::{Book, PromiseKept};

use super::promises::PROMISES;
use super::session::{Sent, Visit};
use super::{Frame, see};
use crate::admin::act::{self, Problem};
use crate::gateway::Gateway;
use crate::paper;
use crate::person::words;

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
    let now = gateway.clock.about_now();
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
    let now = gateway.clock.about_now();
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
    act::fact(gateway, &visit.asking(), event).await.map(drop)
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
    now.plus(NOTICE_OF_WEAKENING).day().plus(Days(1))
}

fn page(
    gateway: &Gateway,
    visit: &Visit,
    id: &PromiseId,
    kept: &PromiseKept,
    (wish, looked): (Wish, Option<Looked>),
    wrong: Option<Problem>,
) -> Response {
    let now = gateway.clock.about_now();
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
            let form = |promise| form_over(promise, &partner, &power);
            let (was, is) = (form(before)?, form(after));
            let then = match is {
                None => "no longer forbidden by it",
                Some(Form::UnlessConsented) => "allowed about people who have all consented",
                _ => "forbidden between two dates only",
            };
            forbids_less(was, is).then(|| {
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

/// By which form a promise covers the power, if it does and can be judged.
fn form_over(promise: Option<&Promise>, partner: &PartnerId, power: &Power) -> Option<Form> {
    let covering = promise.filter(|it| it.scope.names(partner, power))?;
    (covering.form != Form::NotJudgeable).then_some(covering.form)
}

/// Whether something that the one form forbids is not forbidden by what comes in its place. Said rather too often than not:
/// of two forms neither of which is the whole of the other, each forbids less than the other somewhere.
fn forbids_less(was: Form, is: Option<Form>) -> bool {
    match (was, is) {
        (_, Some(Form::Absolute)) => false,
        (
            Form::Dated { from, until },
            Some(Form::Dated {
                from: begins,
                until: ends,
            }),
        ) => {
            let as_early = begins.is_none_or(|begins| from.is_some_and(|from| begins <= from));
            let as_long = ends.is_none_or(|ends| until.is_some_and(|until| until <= ends));
            !(as_early && as_long)
        }
        (was, is) => is != Some(was),
    }
}

/// Every power of a version that governs, with whose it is and where it stands.
fn powers(gateway: &Gateway, book: &Book, now: Time) -> Vec<(PartnerId, Power, String)> {
    let facts = gateway.register.facts();
    let all = paper::governing(book, facts, now).flat_map(|offered| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_forbids_less_where_it_lets_anything_through_that_was_forbidden() {
        let dated = |from: Option<i64>, until: Option<i64>| Form::Dated {
            from: from.map(Time),
            until: until.map(Time),
        };
        let consented = Form::UnlessConsented;
        for (was, is, less) in [
            (Form::Absolute, None, true),
            (Form::Absolute, Some(consented), true),
            (Form::Absolute, Some(dated(None, None)), true),
            (Form::Absolute, Some(Form::Absolute), false),
            (consented, Some(consented), false),
            (consented, Some(Form::Absolute), false),
            (consented, Some(dated(Some(1), Some(9))), true), // before and after it nothing holds
            (dated(Some(1), Some(9)), Some(consented), true),
            (
                dated(Some(2), Some(8)),
                Some(dated(Some(1), Some(9))),
                false,
            ),
            (dated(Some(2), Some(8)), Some(dated(None, None)), false),
            (
                dated(Some(1), Some(9)),
                Some(dated(Some(1), Some(9))),
                false,
            ),
            (dated(Some(1), Some(9)), Some(dated(Some(2), Some(9))), true),
            (dated(Some(1), Some(9)), Some(dated(Some(1), Some(8))), true),
            (dated(None, Some(9)), Some(dated(Some(1), Some(9))), true),
            (dated(Some(1), None), Some(dated(Some(1), Some(9))), true),
        ] {
            assert_eq!(forbids_less(was, is), less, "{was:?} to {is:?}");
        }
    }
}
