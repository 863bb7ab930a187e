//! A person's desk: who can see what of theirs, directly and through others, and one button to stop each.

mod act;
mod lines;
mod switches;

use std::sync::Arc;

use askama::Template;
use decide::Bar;
use http::{Response, header};

use super::disclosed::{self, Partner, Read};
use super::page::{Failure, html, see};
use super::session::Person;
use super::told::Told;
use super::{DESK_PATH, Visit, login, moments};
use crate::asking::ASKED_PATH;
use crate::body::Body;
use crate::oauth::Form;
use crate::trail::Trail;

pub(super) use act::{act, log_out};
use lines::{Connected, Through};
use switches::Switch;
pub(super) use switches::name as name_of_bar;

/// Partners of each list on one page, so that a page stays small however many somebody has connected.
const ON_A_PAGE: usize = 20;

#[derive(Template)]
#[template(path = "desk.html")]
struct Page<'a> {
    style: &'a str,
    platform: &'a str,
    person: &'a str,
    token: &'a str,
    /// Global Privacy Control stands, and this very request said so.
    signal: bool,
    connected: Vec<Connected>,
    through: Vec<Through>,
    switches: Vec<Switch>,
    /// What partners really got; `None`: it cannot be read now.
    told: Option<Vec<Partner>>,
    /// Whether something of it is the first about this person, and not seen.
    news: bool,
    /// Whether all that is on the ledger is counted.
    whole: bool,
    /// The minute as of which this is told.
    minute: u32,
    /// Where the lists go on, if they do.
    more: Option<usize>,
    /// Whether this is the first of several pages.
    first: bool,
    /// Where the person finds what they are asked; `None`: nobody is asked.
    asked: Option<&'static str>,
}

/// Shows the desk, or leads to the login first.
pub(super) async fn show(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let (gateway, persons) = (visit.gateway, visit.persons);
    let Ok(session) = visit.session() else {
        let cookie = persons.sessions.begin(None, &gateway.entropy, visit.now)?;
        let mut response = see(DESK_PATH)?;
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        return Ok(response);
    };
    let Some(person) = &session.person else {
        return login::begin(visit).await;
    };
    let query = Form::of_query(visit.query).map_err(|_| Failure::NoPage)?;
    let from = match query.get("from") {
        None => 0,
        Some(from) => from.parse().map_err(|_| Failure::NoPage)?,
    };
    let trail = visit.trail(person.number).await.ok();
    let seen = gateway
        .trails
        .as_ref()
        .map(|trails| trails.seen(person.number));
    // What cannot be read is not seen.
    let seen = seen.and_then(Result::ok).unwrap_or(0);
    let page = page(visit, person, &session.token, from, (trail, seen));
    html(&persons.style, &page, None)
}

fn page<'a>(
    visit: &Visit<'a>,
    person: &'a Person,
    token: &'a str,
    from: usize,
    (trail, seen): (Option<Arc<Trail>>, u32),
) -> Page<'a> {
    let register = &visit.gateway.register;
    let (facts, told) = (register.facts(), Told::new(register.book()));
    let bars = facts.bars_of(person.number);
    let connections = facts.connections_of(person.number, visit.now.day());
    let through = lines::through(visit, person, &told);
    let end = from.saturating_add(ON_A_PAGE);
    let longest = connections.len().max(through.len());
    let shown = connections.iter().skip(from).take(ON_A_PAGE);
    let whole = trail.as_ref().is_some_and(|trail| trail.whole);
    let sums = trail.map(|trail| disclosed::sums(&Read::new(visit, &told, trail), seen));
    let mut lines = sums.iter().flatten().flat_map(|partner| &partner.sums);
    // What was not read yet cannot be seen, so nothing is offered to be marked as seen.
    let news = whole && lines.any(|line| line.new);
    Page {
        style: &visit.persons.style.text,
        platform: &visit.persons.login.platform,
        person: person.name.as_deref().unwrap_or(&person.id),
        token,
        signal: visit.signal && bars.contains(&Bar::GlobalPrivacyControl),
        connected: shown
            .map(|connection| lines::connected(visit, &told, &bars, connection))
            .collect(),
        through: through.into_iter().skip(from).take(ON_A_PAGE).collect(),
        switches: switches::all(visit, &told, &bars),
        told: sums,
        news,
        whole,
        minute: moments::minute(visit.now),
        more: (end < longest).then_some(end),
        first: from == 0,
        asked: visit.gateway.asking.as_ref().map(|_| ASKED_PATH),
    }
}
