//! Promises: published, proposed by anybody, accepted or rejected in public.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use decide::{Digest, Form, PromiseId, Time};
use register::documents::promise;
use register::{Answer, Book, Change, Document, PromiseKept, Proposed};
use serde::Deserialize;

use super::session::{Sent, Visit};
use super::{Frame, see};
use crate::admin::act::{self, Problem};
use crate::admin::proposals;
use crate::gateway::Gateway;

/// Where all of them are.
pub(super) const PROMISES: &str = "/desk/promises";
/// Promises, or proposals, on one page.
const AT_ONCE: usize = 60;
/// So much of a text stands in a list.
const BEGINNING: usize = 200;

#[derive(Template)]
#[template(path = "steward/promises.html")]
struct Page<'a> {
    frame: Frame<'a>,
    wrong: Option<String>,
    text: String,
    promises: Vec<Kept>,
    waiting: Vec<Waiting>,
    more: usize,
    answered: usize,
    next: Option<usize>,
}

#[derive(Template)]
#[template(path = "steward/proposal.html")]
struct ProposalPage<'a> {
    frame: Frame<'a>,
    digest: Digest,
    proposed: &'a Proposed,
    /// How it was answered, if it was.
    answer: Option<String>,
    document: String,
}

/// A promise as the desk lists it.
struct Kept {
    id: PromiseId,
    made: String,
    form: &'static str,
    summary: String,
    address: String,
    /// What is announced to become of it.
    later: String,
}

struct Waiting {
    digest: Digest,
    at: Time,
    beginning: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    from: Option<usize>,
}

/// Shows them.
pub(super) async fn show(
    State(gateway): State<Arc<Gateway>>,
    Query(From { from }): Query<From>,
    visit: Visit,
) -> Response {
    page(&gateway, &visit, from.unwrap_or(0), None)
}

fn page(
    gateway: &Gateway,
    visit: &Visit,
    from: usize,
    wrong: Option<(String, Problem)>,
) -> Response {
    let book = gateway.register.book();
    let now = gateway.clock.about_now();
    let waiting = book.waiting();
    let shown = waiting
        .iter()
        .take(AT_ONCE)
        .map(|(digest, proposed)| Waiting {
            digest: *digest,
            at: proposed.at,
            beginning: beginning(&proposed.proposal.wording),
        });
    let promises = book.promises.iter().skip(from).take(AT_ONCE);
    let next = from.saturating_add(AT_ONCE);
    let status = wrong.as_ref().map(|(_, problem)| problem.status());
    let (text, wrong) = match wrong {
        Some((text, problem)) => (text, Some(problem.to_string())),
        None => (template(&book), None),
    };
    let mut response = visit.page(&Page {
        frame: visit.frame("Promises"),
        wrong,
        text,
        promises: promises.map(|(id, kept)| line(id, kept, now)).collect(),
        more: waiting.len().saturating_sub(AT_ONCE),
        answered: book.proposals.len().saturating_sub(waiting.len()),
        waiting: shown.collect(),
        next: (next < book.promises.len()).then_some(next),
    });
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    response
}

fn template(book: &Book) -> String {
    free_id(book).map_or_else(String::new, |id| promise::draft(&id))
}

/// An id that no promise has.
fn free_id(book: &Book) -> Option<PromiseId> {
    (1..).find_map(|n: usize| {
        let id: Option<PromiseId> = format!("promise-{n}").parse().ok();
        id.filter(|id| !book.promises.contains_key(id))
    })
}

fn beginning(text: &str) -> String {
    let mut beginning: String = text.chars().take(BEGINNING).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    beginning
}

fn line(id: &PromiseId, kept: &PromiseKept, now: Time) -> Kept {
    let document = promise::parse("promise", &kept.document.text).ok();
    let form = match kept.at(now).map(|promise| promise.form) {
        None => "holds no more",
        Some(Form::Absolute) => "absolute",
        Some(Form::UnlessConsented) => "unless everybody consented",
        Some(Form::Dated { .. }) => "between two dates",
        Some(Form::NotJudgeable) => "not judgeable, so never counted as enforced",
    };
    let later = kept.stages.iter().filter(|(from, _)| *from > now);
    let later = later.map(|(from, promise)| match promise {
        Some(_) => format!("weakened from {from}"),
        None => format!("given up from {from}"),
    });
    Kept {
        id: id.clone(),
        made: document
            .as_ref()
            .map_or_else(String::new, |it| it.made.to_string()),
        form,
        summary: document
            .as_ref()
            .map_or_else(String::new, |it| beginning(&it.summary)),
        address: document.map_or_else(String::new, |it| it.address),
        later: later.collect::<Vec<_>>().join("; "),
    }
}

/// The platform promises in public.
pub(super) async fn publish(
    State(gateway): State<Arc<Gateway>>,
    visit: Visit,
    sent: Sent,
) -> Response {
    let document = sent.text("document");
    let change = Change::MakePromise {
        document: document.clone(),
    };
    match act::change(&gateway, &visit.asking(), change).await {
        Ok(_) => see(PROMISES),
        Err(problem) => page(&gateway, &visit, 0, Some((document, problem))),
    }
}

fn find(book: &Book, digest: &str) -> Option<(Digest, Arc<Proposed>)> {
    let digest: Digest = digest.parse().ok()?;
    Some((digest, book.proposals.get(&digest)?.clone()))
}

/// One proposal, whole.
pub(super) async fn proposal(
    State(gateway): State<Arc<Gateway>>,
    Path(digest): Path<String>,
    visit: Visit,
) -> Response {
    let book = gateway.register.book();
    let Some((digest, proposed)) = find(&book, &digest) else {
        return visit.nothing("There is no such proposal.");
    };
    let answer = proposed.answered.as_ref().map(|it| match &it.answer {
        Answer::Accepted(promise) => format!("Accepted as {promise}, {}.", it.at),
        Answer::Rejected(reason) => format!("Rejected, {}: {reason}", it.at),
    });
    let document =
        free_id(&book).map_or_else(String::new, |id| proposals::as_document(&proposed, &id));
    visit.page(&ProposalPage {
        frame: visit.frame("A proposed promise"),
        digest,
        proposed: &proposed,
        answer,
        document,
    })
}

/// It becomes a promise: that first, then the answer. Sent again after a crash in between, the promise is there already.
pub(super) async fn accept(
    State(gateway): State<Arc<Gateway>>,
    Path(digest): Path<String>,
    visit: Visit,
    sent: Sent,
) -> Response {
    let document = sent.text("document");
    let back = format!("/desk/proposals/{digest}");
    match accepted(
        &gateway,
        &visit,
        &digest,
        &document,
        sent.get("shown").is_some(),
    )
    .await
    {
        Ok(()) => see(PROMISES),
        Err(problem) => visit.refused(&problem, &back),
    }
}

async fn accepted(
    gateway: &Arc<Gateway>,
    visit: &Visit,
    digest: &str,
    document: &str,
    shown: bool,
) -> Result<(), Problem> {
    let parsed = promise::parse("promise", document).map_err(register::Refused::from)?;
    let promise = parsed.promise.promise;
    let book = gateway.register.book();
    let (digest, proposed) = find(&book, digest).ok_or_else(no_proposal)?;
    let answer = Answer::Accepted(promise.clone());
    // Before anything is promised: a promise cannot be taken back with an answer that comes too late.
    let former = proposed.answered.as_ref().map(|former| &former.answer);
    if former.is_some_and(|former| *former != answer) {
        return Err(register::Refused::AnsweredProposal.into());
    }
    let there = book.promises.get(&promise);
    if there.is_none_or(|kept| kept.document.digest != Document::of(document).digest) {
        let change = Change::MakePromise {
            document: document.to_owned(),
        };
        act::change(gateway, &visit.asking(), change)
            .await
            .map(drop)?;
    }
    let change = proposals::answered(gateway, digest, answer, shown);
    act::change(gateway, &visit.asking(), change)
        .await
        .map(drop)
}

/// It does not become one, and everybody can read why.
pub(super) async fn reject(
    State(gateway): State<Arc<Gateway>>,
    Path(digest): Path<String>,
    visit: Visit,
    sent: Sent,
) -> Response {
    let back = format!("/desk/proposals/{digest}");
    let book = gateway.register.book();
    let Some((digest, _)) = find(&book, &digest) else {
        return visit.refused(&no_proposal(), PROMISES);
    };
    let answer = Answer::Rejected(sent.text("reason"));
    let change = proposals::answered(&gateway, digest, answer, sent.get("shown").is_some());
    match act::change(&gateway, &visit.asking(), change).await {
        Ok(_) => see(PROMISES),
        Err(problem) => visit.refused(&problem, &back),
    }
}

fn no_proposal() -> Problem {
    Problem::Body("there is no such proposal".to_owned())
}
