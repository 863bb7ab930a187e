//! Who did what to the register, as a page.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use std::sync::Arc;

use super::Frame;
use super::session::Visit;
use crate::admin::history::{self, From, One};
use crate::gateway::Gateway;

#[derive(Template)]
#[template(path = "steward/history.html")]
struct Page<'a> {
    frame: Frame<'a>,
    deeds: Vec<One>,
    before: Option<u64>,
}

/// Shows it.
pub(super) async fn show(
    State(gateway): State<Arc<Gateway>>,
    Query(From { before }): Query<From>,
    visit: Visit,
) -> Response {
    match history::page(&gateway, before).await {
        Ok(told) => visit.page(&Page {
            frame: visit.frame("Who did what"),
            deeds: told.deeds,
            before: told.before,
        }),
        Err(problem) => visit.refused(&problem, super::OVERVIEW),
    }
}
