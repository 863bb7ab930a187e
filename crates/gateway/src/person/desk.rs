//! A person's desk: who can see what of theirs, directly and through others, and one button to stop each.

use askama::Template;
use decide::{Bar, Connection, ConnectionId, Event, PartnerId, Power, PowerId, Reach};
use http::{HeaderMap, Response, header};
use register::{Book, Change};

use super::page::{Failure, html, message, see};
use super::session::Person;
use super::{CONNECT_PATH, DESK_PATH, Visit, login, words};
use crate::asking::ASKED_PATH;
use crate::body::Body;
use crate::oauth::Form;

/// The bars that have a switch here, as the form names them.
const SWITCHES: [(&str, Bar, &str, &str); 2] = [
    (
        "everything",
        Bar::Everything,
        "Nothing to any partner",
        "Whatever you have agreed to, and whatever you are asked: no partner gets anything about you while this is on.",
    ),
    (
        "friends",
        Bar::Through(Reach::Friend),
        "Nothing through friends",
        "A partner that a friend of yours has connected gets nothing about you, while this is on.",
    ),
];

#[derive(Template)]
#[template(path = "desk.html")]
struct Page<'a> {
    style: &'a str,
    platform: &'a str,
    person: &'a str,
    token: &'a str,
    connected: Vec<Connected>,
    through: Vec<Through>,
    switches: Vec<Switch>,
    /// Where the person finds what they are asked; `None`: nobody is asked.
    asked: Option<&'static str>,
}

/// A partner that the person has connected.
struct Connected {
    id: ConnectionId,
    partner: String,
    powers: Vec<String>,
    until: String,
    notice: String,
}

/// A power that others use to see the person.
struct Through {
    partner: PartnerId,
    name: String,
    power: PowerId,
    what: String,
    in_words: String,
}

struct Switch {
    name: &'static str,
    title: &'static str,
    text: &'static str,
    on: bool,
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
    let book = gateway.register.book();
    let facts = gateway.register.facts();
    let set = facts.bars_of(person.number);
    let page = Page {
        style: &persons.style.text,
        platform: &persons.login.platform,
        person: person.name.as_deref().unwrap_or(&person.id),
        token: &session.token,
        connected: facts
            .connections_of(person.number, visit.now.day())
            .iter()
            .map(|connection| connected(&book, connection))
            .collect(),
        through: through(visit, person, &book),
        asked: gateway.asking.as_ref().map(|_| ASKED_PATH),
        switches: SWITCHES
            .map(|(name, bar, title, text)| Switch {
                name,
                title,
                text,
                on: set.contains(&bar),
            })
            .into(),
    };
    html(&persons.style, &page, None)
}

fn connected(book: &Book, connection: &Connection) -> Connected {
    let powers = powers_of(book, &connection.partner);
    let covered = powers
        .iter()
        .filter(|power| connection.powers.contains(&power.id()));
    Connected {
        id: connection.connection.clone(),
        partner: name_of(book, &connection.partner),
        powers: covered.map(spelled).collect(),
        until: connection.until.to_string(),
        notice: connection.notice.to_string(),
    }
}

/// What the person has agreed to be seen by, when somebody else has connected the partner.
fn through(visit: &Visit<'_>, person: &Person, book: &Book) -> Vec<Through> {
    let facts = visit.gateway.register.facts();
    let consents = facts.consents_of(person.number, visit.now.day());
    let lines = consents.into_iter().filter_map(|(partner, id)| {
        let powers = powers_of(book, &partner);
        let power = powers.iter().find(|power| power.id() == id)?;
        Some(Through {
            name: name_of(book, &partner),
            what: spelled(power),
            in_words: in_words(book, &partner, id),
            power: id,
            partner,
        })
    });
    lines.collect()
}

fn name_of(book: &Book, partner: &PartnerId) -> String {
    let known = book.partners.get(partner);
    known.map_or_else(|| partner.to_string(), |known| known.name.clone())
}

/// Every power that any version of the partner's agreements ever had, once.
fn powers_of(book: &Book, partner: &PartnerId) -> Vec<Power> {
    let offered = book.agreements.values().flatten();
    let theirs = offered.filter(|offered| offered.offer.partner == *partner);
    let mut powers: Vec<Power> = theirs
        .flat_map(|offered| offered.offer.powers.clone())
        .collect();
    powers.sort();
    powers.dedup();
    powers
}

fn spelled(power: &Power) -> String {
    let whom = words::whom(&power.reach);
    let purpose = words::spelled(power.purpose.as_str());
    format!("{}: about {whom}, for {purpose}", words::act(power))
}

/// What the latest version that has the power says to people about it.
fn in_words(book: &Book, partner: &PartnerId, id: PowerId) -> String {
    let versions = book.agreements.values().flatten().rev();
    let theirs = versions.filter(|offered| offered.offer.partner == *partner);
    let mut documents = theirs.filter_map(|offered| {
        register::documents::agreement::parse("agreement", &offered.document.text).ok()
    });
    let found = documents.find_map(|document| {
        let mut powers = document.powers.into_iter();
        powers.find(|granted| granted.power.id() == id)
    });
    found.map_or_else(String::new, |granted| granted.in_words)
}

/// A button was pressed: what it stops, sets or lifts is durable when the desk is shown again.
pub(super) async fn act(
    visit: &Visit<'_>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response<Body>, Failure> {
    let form = Form::read(headers, body).map_err(|_| Failure::ForeignForm)?;
    let session = visit.session()?;
    let person = visit.sender(&session, &form)?;
    let event = event(visit, person, &form).ok_or(Failure::ForeignForm)?;
    visit
        .gateway
        .write_down(Change::Fact(event), visit.now)
        .await?;
    see(DESK_PATH)
}

/// What the form asks for, if it is the person's own to ask.
fn event(visit: &Visit<'_>, person: &Person, form: &Form<'_>) -> Option<Event> {
    let facts = visit.gateway.register.facts();
    match form.get("do")? {
        "stop" => {
            let connection: ConnectionId = form.get("connection")?.parse().ok()?;
            let theirs = facts.connection(&connection)?.person == person.number;
            theirs.then_some(Event::Disconnected { connection })
        }
        "withdraw" => Some(Event::ConsentWithdrawn {
            person: person.number,
            partner: form.get("partner")?.parse().ok()?,
            power: form.get("power")?.parse().ok()?,
        }),
        way @ ("set" | "lift") => {
            let named = form.get("bar")?;
            let (_, bar, ..) = SWITCHES.into_iter().find(|(name, ..)| *name == named)?;
            let person = person.number;
            Some(match way {
                "set" => Event::BarSet { person, bar },
                _ => Event::BarLifted { person, bar },
            })
        }
        _ => None,
    }
}

/// Ends the session. A request that waits for an answer stays, for whoever logs in next in this browser.
pub(super) fn log_out(
    visit: &Visit<'_>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response<Body>, Failure> {
    let form = Form::read(headers, body).map_err(|_| Failure::ForeignForm)?;
    visit.sender(&visit.session()?, &form)?;
    let persons = visit.persons;
    let ended = persons.sessions.end(visit.cookie.as_deref(), visit.now);
    let text = "Nothing of yours can be seen or changed here until you log in again.";
    let pending = ended.and_then(|session| session.pending);
    // By a link and not by a redirect: browsers hold what follows a form to the page's policy, and the login is elsewhere.
    let link = pending
        .is_some()
        .then_some((CONNECT_PATH, "Log in as somebody else and answer"));
    let mut response = message(&persons.style, "You are logged out", text, link)?;
    if pending.is_some() {
        let cookie = persons
            .sessions
            .begin(pending, &visit.gateway.entropy, visit.now)?;
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
