//! Drafting: a text is written or pasted, and taken in when it is sound.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use decide::{AgreementId, Days, Time};
use register::{Book, Change};
use serde::Deserialize;
use std::sync::Arc;

use super::session::{Sent, Visit};
use super::{Frame, as_text, see};
use crate::admin::act::{self, Problem};
use crate::gateway::Gateway;

#[derive(Template)]
#[template(path = "steward/draft.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// What is wrong with the text.
    wrong: Option<String>,
    text: String,
}

/// With what to begin.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    agreement: Option<String>,
    partner: Option<String>,
    /// Whether the next version begins where the last one ends, for a year.
    renew: Option<String>,
}

/// Shows the sheet: the present draft, or the next version of what was offered last, or a template with a comment to
/// every key.
pub(super) async fn show(
    State(gateway): State<Arc<Gateway>>,
    Query(from): Query<From>,
    visit: Visit,
) -> Response {
    let book = gateway.register.book();
    let text = begin(&book, &from, gateway.clock.about_now()).unwrap_or_default();
    visit.page(&Page {
        frame: visit.frame("Draft an agreement"),
        wrong: None,
        text,
    })
}

fn begin(book: &Book, from: &From, now: Time) -> Option<String> {
    let named = from.agreement.as_deref();
    let id: AgreementId = named.unwrap_or("new-agreement").parse().ok()?;
    if let Some(draft) = book.drafts.get(&id) {
        return Some(draft.document.text.clone());
    }
    if let Some(latest) = book.agreements.get(&id).and_then(|all| all.last()) {
        let next = next_version(&latest.document.text, latest.offer.version);
        let term = latest.offer.term;
        let longer = term.until > term.from.plus(Days(366));
        return Some(match from.renew.as_deref() {
            Some("yes") => for_another_year(&next, term.until),
            // It was offered without the desk, and as it stands would be no draft here.
            _ if longer => for_another_year(&next, now.day().begins()),
            _ => next,
        });
    }
    let partner = from.partner.as_deref().unwrap_or("partner");
    let partner = partner.parse().ok()?;
    Some(register::documents::agreement::draft(&id, &partner))
}

/// The text with the next version's number. Everything else is for whoever drafts it.
fn next_version(text: &str, version: u32) -> String {
    let former = format!("version: {version}");
    let next = format!("version: {}", version.saturating_add(1));
    let lines = text
        .split('\n')
        .map(|line| match line.strip_prefix(&former) {
            Some(rest) if !rest.starts_with(|next: char| next.is_ascii_digit()) => {
                format!("{next}{rest}")
            }
            _ => line.to_owned(),
        });
    lines.collect::<Vec<_>>().join("\n")
}

/// The text with a term of a year from this moment, if its term can be found.
fn for_another_year(text: &str, from: Time) -> String {
    let until = from.plus(Days(365));
    let renewed = text.find("\nterm:").and_then(|term| {
        let text = with_moment(text, term, "from:", from)?;
        with_moment(&text, term, "until:", until)
    });
    renewed.unwrap_or_else(|| text.to_owned())
}

/// The text with another moment behind the first of these words after a place.
fn with_moment(text: &str, after: usize, word: &str, moment: Time) -> Option<String> {
    let begins = after + text.get(after..)?.find(word)? + word.len();
    let (before, behind) = text.split_at_checked(begins)?;
    let former = behind.trim_start_matches(' ');
    let ends = former.find([',', '}', '\n', ' '])?;
    Some(format!("{before} {moment}{}", former.get(ends..)?))
}

/// Takes the text in as a draft; an unsound one comes back with what is wrong with it, line by line.
pub(super) async fn take(
    State(gateway): State<Arc<Gateway>>,
    visit: Visit,
    sent: Sent,
) -> Response {
    let text = sent.text("document");
    match taken(&gateway, &visit, &text).await {
        Ok(agreement) => see(&format!("/desk/agreements/{agreement}")),
        Err(problem) => {
            let mut response = visit.page(&Page {
                frame: visit.frame("Draft an agreement"),
                wrong: Some(problem.to_string()),
                text,
            });
            *response.status_mut() = problem.status();
            response
        }
    }
}

async fn taken(gateway: &Arc<Gateway>, visit: &Visit, text: &str) -> Result<AgreementId, Problem> {
    let parsed = register::documents::agreement::parse("draft", text);
    let agreement = parsed.map_err(register::Refused::from)?.agreement;
    let change = Change::DraftAgreement {
        document: text.to_owned(),
    };
    act::change(gateway, &visit.asking(), change)
        .await
        .map(|_| agreement)
}

/// The exact text.
pub(super) async fn document(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    visit: Visit,
) -> Response {
    let book = gateway.register.book();
    let draft = id
        .parse()
        .ok()
        .and_then(|id: AgreementId| book.drafts.get(&id));
    match draft {
        Some(draft) => as_text(&format!("{id}-draft"), &draft.document.text),
        None => visit.nothing("There is no draft of this agreement."),
    }
}

#[cfg(test)]
mod tests {
    use super::{for_another_year, next_version};

    #[test]
    fn a_renewal_begins_where_the_last_version_ends_however_its_term_is_written() {
        let end = "2027-06-01T00:00:00Z".parse().unwrap();
        for text in [
            "a: b\nterm:\n  from: 2026-06-01T00:00:00Z # begins\n  until: 2027-06-01T00:00:00Z\nx: until\n",
            "a: b\nterm: { from: 2026-06-01T00:00:00Z, until: 2027-06-01T00:00:00Z }\nx: until\n",
        ] {
            let renewed = for_another_year(text, end);
            let expected = text
                .replace("2027-06-01", "2028-05-31")
                .replace("2026-06-01", "2027-06-01")
                .replace("T00:00:00Z", "T00:00:00.000Z");
            assert_eq!(
                renewed.replace(".000Z", "Z"),
                expected.replace(".000Z", "Z")
            );
        }
        assert_eq!(for_another_year("no such thing", end), "no such thing");
    }

    #[test]
    fn the_next_version_is_the_same_text_with_the_next_number() {
        let text = "agreement: a\nversion: 1 # first\nx:\n  version: 1\nversion: 10\n";
        let next = "agreement: a\nversion: 2 # first\nx:\n  version: 1\nversion: 10\n";
        assert_eq!(next_version(text, 1), next);
    }
}
