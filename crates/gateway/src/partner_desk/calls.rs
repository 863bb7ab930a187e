//! What each operation of the platform's API could bring the partner now, whoever the people are: asked of the rule, with
//! no call made and nobody's consent looked at. Beside each the command by which it is really called.

use std::collections::BTreeSet;

use askama::Template;
use decide::{Asker, Behalf, Now, Preview, Purpose, Reason, preview};
use http::Response;
use release::{OnBehalf, Operation, can_be_tried};

use super::Visit;
use super::failure::Failure;
use super::sandbox;
use super::session::Session;
use crate::body::Body;
use crate::oauth::Form;
use crate::paper;
use crate::person::page::html;
use crate::person::words;

#[derive(Template)]
#[template(path = "partner_calls.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    token: &'a str,
    purposes: Vec<Purpose>,
    purpose: Option<Purpose>,
    calls: Vec<Call>,
}

/// One operation.
struct Call {
    id: String,
    method: String,
    path: String,
    /// Whether it would be answered at all.
    open: bool,
    brings: Vec<String>,
    /// What it would not bring, and why.
    without: Vec<(String, String)>,
    /// How to call it; `None` where it is no read.
    command: Option<String>,
    /// Where to try it with invented people, if it can be.
    sandbox: Option<String>,
}

/// The page.
pub(super) fn page(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let (session, _) = visit.inside()?;
    let query = Form::of_query(visit.query).map_err(|_| Failure::NoSuchPage)?;
    let purposes: Vec<Purpose> = purposes(visit, &session).into_iter().collect();
    let asked = query.get("purpose");
    let purpose = match asked {
        Some(asked) => purposes.iter().find(|known| known.as_str() == asked),
        None => purposes.first(),
    };
    let operations = visit.gateway.api.operations().iter();
    let calls = purpose.into_iter().flat_map(|purpose| {
        let session = &session;
        let each = operations.clone();
        each.map(move |operation| call(visit, session, operation, purpose))
    });
    let page = Page {
        visit,
        token: &session.token,
        calls: calls.collect(),
        purpose: purpose.cloned(),
        purposes,
    };
    Ok(html(&visit.desk.style, &page, None)?)
}

/// What the live powers are for.
pub(super) fn purposes(visit: &Visit<'_>, session: &Session) -> BTreeSet<Purpose> {
    let (book, facts) = (
        visit.gateway.register.book(),
        visit.gateway.register.facts(),
    );
    let live = paper::live(facts, &book, &session.partner, visit.now);
    live.into_iter().map(|held| held.power.purpose).collect()
}

/// What the rule says now about each of an operation's categories and reaches, whoever the people are.
pub(super) fn previews(
    visit: &Visit<'_>,
    session: &Session,
    operation: &Operation,
    purpose: &Purpose,
) -> Vec<Preview> {
    let asker = Asker {
        partner: session.partner.clone(),
        behalf: Behalf::Nobody,
        purpose: purpose.clone(),
        verb: operation.verb(),
        draws: Vec::new(),
    };
    let (facts, now) = (visit.gateway.register.facts(), Now::At(visit.now));
    let mut previews = preview(facts, &asker, operation.pairs(), now);
    if operation.on_behalf() == OnBehalf::Person {
        // Whose connection it would be is not known here.
        let unknown = |reason: &Reason| *reason != Reason::NoConnection;
        previews
            .iter_mut()
            .for_each(|it| it.reasons.retain(unknown));
    }
    previews
}

fn call(visit: &Visit<'_>, session: &Session, operation: &Operation, purpose: &Purpose) -> Call {
    let previews = previews(visit, session, operation, purpose);
    let pairs = || operation.pairs().iter().zip(&previews);
    let passes = |category: &decide::Category, reach: &decide::Reach| {
        pairs().any(|((c, r), it)| (c, r) == (category, reach) && it.reasons.is_empty())
    };
    let what = |(category, reach): &(decide::Category, decide::Reach)| {
        format!("{} ({reach})", words::spelled(category.as_str()))
    };
    let (open, closed): (Vec<_>, Vec<_>) = pairs().partition(|(_, it)| it.reasons.is_empty());
    let read = operation.method() == "GET";
    Call {
        id: operation.id().to_owned(),
        method: operation.method().to_owned(),
        path: operation.path().to_owned(),
        open: operation.could_pass(&passes),
        brings: open.into_iter().map(|(pair, _)| what(pair)).collect(),
        without: closed
            .into_iter()
            .map(|(pair, it)| {
                let why: Vec<String> = it.reasons.iter().map(ToString::to_string).collect();
                (what(pair), why.join("; "))
            })
            .collect(),
        command: read.then(|| command(visit, session, operation, purpose)),
        sandbox: can_be_tried(operation).then(|| sandbox::address(operation, purpose)),
    }
}

fn command(
    visit: &Visit<'_>,
    session: &Session,
    operation: &Operation,
    purpose: &Purpose,
) -> String {
    let connection = match operation.on_behalf() {
        OnBehalf::Person => " --connection CONNECTION",
        OnBehalf::Nobody => "",
    };
    format!(
        "countersign call --gateway {} --partner {} --key FILE{connection} --purpose {purpose} '{}'",
        visit.base(),
        session.partner,
        operation.path()
    )
}
