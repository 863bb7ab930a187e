//! The first page: every agreement with how it stands, those that wait for somebody first.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Query, State as Shared};
use axum::response::Response;
use decide::{AgreementId, Facts, Party, Stands, Time};
use register::{Book, Draft, Offered, Verdict};
use serde::Deserialize;
use std::sync::Arc;

use super::Frame;
use super::session::Visit;
use crate::gateway::Gateway;

/// Agreements on one page.
const AT_ONCE: usize = 100;

#[derive(Template)]
#[template(path = "steward/overview.html")]
struct Page<'a> {
    frame: Frame<'a>,
    waiting: usize,
    rows: Vec<Row>,
    all: usize,
    next: Option<usize>,
}

struct Row {
    id: AgreementId,
    partner: String,
    stands: State,
    draft: Option<State>,
    until: String,
}

/// How something stands: the colour of its tag, and words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    pub(super) class: &'static str,
    pub(super) words: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    from: Option<usize>,
}

/// Shows it.
pub(super) async fn show(
    Shared(gateway): Shared<Arc<Gateway>>,
    Query(Asked { from }): Query<Asked>,
    visit: Visit,
) -> Response {
    let book = gateway.register.book();
    let facts = gateway.register.facts();
    let now = gateway.clock.about_now();
    let ids: BTreeSet<&AgreementId> = book.agreements.keys().chain(book.drafts.keys()).collect();
    let mut rows: Vec<Row> = ids
        .into_iter()
        .map(|id| row(&book, facts, id, now))
        .collect();
    // What waits for somebody is first; else in the order of ids.
    rows.sort_by_key(|row| !row.waits());
    let (all, from) = (rows.len(), from.unwrap_or(0));
    let waiting = rows.iter().filter(|row| row.waits()).count();
    let rows: Vec<Row> = rows.into_iter().skip(from).take(AT_ONCE).collect();
    let next = from.saturating_add(AT_ONCE);
    visit.page(&Page {
        frame: visit.frame("The register of partnerships"),
        waiting,
        rows,
        all,
        next: (next < all).then_some(next),
    })
}

impl Row {
    fn waits(&self) -> bool {
        self.draft.is_some() || self.stands.class == "open"
    }
}

fn row(book: &Book, facts: &Facts, id: &AgreementId, now: Time) -> Row {
    let versions = book.agreements.get(id);
    let draft = book.drafts.get(id);
    let latest = versions.and_then(|all| all.last());
    let partner = latest
        .map(|offered| &offered.offer.partner)
        .or(draft.map(|draft| &draft.offer.partner));
    let known = partner.and_then(|partner| book.partners.get(partner));
    Row {
        partner: known.map_or_else(String::new, |known| known.name.clone()),
        stands: state(facts.stands(id, now), latest.map(|latest| &**latest)),
        draft: draft.map(|draft| state_of_draft(draft)),
        until: latest.map_or_else(String::new, |it| it.offer.term.until.day().to_string()),
        id: id.clone(),
    }
}

/// How an agreement stands, in words.
pub(super) fn state(stands: Option<Stands>, latest: Option<&Offered>) -> State {
    let is = |class, words: &str| State {
        class,
        words: words.to_owned(),
    };
    let (Some(stands), Some(latest)) = (stands, latest) else {
        return is("plain", "not offered");
    };
    if stands.ended {
        return is("no", "ended");
    }
    if stands.suspended {
        return is("no", "suspended");
    }
    if stands.run_out {
        return is("no", "its term is over");
    }
    let lacks = lacks(latest);
    match (stands.governing, lacks) {
        (Some(version), None) => is("ok", &format!("active, version {version}")),
        (Some(version), Some(lacks)) => is(
            "open",
            &format!(
                "active, version {version}; version {} {lacks}",
                latest.offer.version
            ),
        ),
        (None, Some(lacks)) => is("open", &format!("offered, {lacks}")),
        (None, None) => is(
            "plain",
            &format!("signed, begins on {}", latest.offer.term.from.day()),
        ),
    }
}

/// Whose signature a version lacks.
pub(in crate::admin) fn lacks(offered: &Offered) -> Option<&'static str> {
    match (
        offered.signed_by(Party::Platform),
        offered.signed_by(Party::Partner),
    ) {
        (true, true) => None,
        (false, false) => Some("waits for both signatures"),
        (false, true) => Some("waits for the platform's signature"),
        (true, false) => Some("waits for the partner's signature"),
    }
}

/// How a draft stands, in words.
pub(super) fn state_of_draft(draft: &Draft) -> State {
    let version = draft.offer.version;
    let (class, words) = match draft.review.as_ref().map(|review| review.verdict) {
        None => ("open", "waits for a second person"),
        Some(Verdict::Approved) => ("said", "approved, can be offered"),
        Some(Verdict::SentBack) => ("no", "sent back"),
    };
    State {
        class,
        words: format!("version {version} drafted, {words}"),
    }
}
