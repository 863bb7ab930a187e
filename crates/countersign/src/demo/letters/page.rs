//! The page with the letters.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::{Desk, Letter};
use crate::output::thousands;

/// Of so many letters, the newest, the text is shown.
const SHOWN: usize = 40;

#[derive(Template)]
#[template(path = "letters.html")]
struct Page<'a> {
    connects: &'a str,
    bystander: &'a str,
    shops: &'a str,
    passed: u32,
    letters: &'a [Letter],
    /// How many letters that have a place here are not shown.
    older: usize,
    others: String,
}

/// As it stands now.
pub(super) fn of(desk: &Desk) -> Response {
    let (mut letters, others) = {
        let kept = desk.kept();
        (kept.letters.clone(), kept.others)
    };
    letters.reverse();
    let page = Page {
        connects: &desk.cast.connects.name,
        bystander: &desk.cast.bystander.name,
        shops: &desk.cast.shops,
        passed: desk.passed.days().0,
        older: letters.len().saturating_sub(SHOWN),
        letters: letters.get(..SHOWN).unwrap_or(&letters),
        others: thousands(others as u64),
    };
    match page.render() {
        Ok(text) => ([(header::CACHE_CONTROL, "no-store")], Html(text)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
