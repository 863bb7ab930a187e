//! Renewals due, as a page.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::Frame;
use super::session::Visit;
use crate::admin::renewals::{self, Next, Renewal};
use crate::gateway::Gateway;

/// Powers on one page.
const AT_ONCE: usize = 150;

#[derive(Template)]
#[template(path = "steward/renewals.html")]
struct Page<'a> {
    frame: Frame<'a>,
    due: usize,
    rows: Vec<Renewal>,
    next: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    from: Option<usize>,
}

impl Renewal {
    fn tag(&self) -> &'static str {
        match (self.next, self.due) {
            (Next::Renewed, _) => "ok",
            (_, true) => "no",
            (_, false) => "plain",
        }
    }

    fn state(&self) -> &'static str {
        match (self.next, self.due) {
            (Next::Renewed, _) => "renewed",
            (Next::Offered, _) => "offered, not signed",
            (Next::Drafted, _) => "drafted",
            (Next::Ends, true) => "due",
            (Next::Ends, false) => "ends then",
        }
    }
}

/// Shows them.
pub(super) async fn show(
    State(gateway): State<Arc<Gateway>>,
    Query(From { from }): Query<From>,
    visit: Visit,
) -> Response {
    let all = renewals::all(&gateway, gateway.clock.about_now());
    let due = all.iter().filter(|it| it.due).count();
    let (many, from) = (all.len(), from.unwrap_or(0));
    let next = from.saturating_add(AT_ONCE);
    visit.page(&Page {
        frame: visit.frame("Renewals"),
        due,
        rows: all.into_iter().skip(from).take(AT_ONCE).collect(),
        next: (next < many).then_some(next),
    })
}
