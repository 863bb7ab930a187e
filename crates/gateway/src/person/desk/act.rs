//! The desk's buttons: what one stops, sets or lifts is durable when the desk is shown again.

use decide::{Bar, ConnectionId, Event, PartnerId, PowerId};
use http::{HeaderMap, Response, header};
use register::Change;

use super::switches;
use crate::body::Body;
use crate::oauth::Form;
use crate::person::page::{Failure, message, see};
use crate::person::session::Person;
use crate::person::{CONNECT_PATH, DESK_PATH, Visit};

/// A button was pressed.
pub(in crate::person) async fn act(
    visit: &Visit<'_>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response<Body>, Failure> {
    let form = Form::read(headers, body).map_err(|_| Failure::ForeignForm)?;
    let session = visit.session()?;
    let person = visit.sender(&session, &form)?;
    let events = events(visit, person, &form).ok_or(Failure::ForeignForm)?;
    let all = events.into_iter().map(Change::Fact).collect();
    visit.gateway.write_down_all(all).await?;
    see(DESK_PATH)
}

/// What the form asks for, if it is the person's own to ask.
fn events(visit: &Visit<'_>, person: &Person, form: &Form<'_>) -> Option<Vec<Event>> {
    let facts = visit.gateway.register.facts();
    let number = person.number;
    let withdrawn = |partner: &PartnerId, power: PowerId| Event::ConsentWithdrawn {
        person: number,
        partner: partner.clone(),
        power,
    };
    let pressed = ["do", "only", "set", "lift"].map(|name| form.get(name));
    match pressed {
        [Some("stop"), None, None, None] => {
            let connection: ConnectionId = form.get("connection")?.parse().ok()?;
            let theirs = facts.connection(&connection)?.person == number;
            theirs.then(|| vec![Event::Disconnected { connection }])
        }
        [Some("withdraw-all"), None, None, None] => {
            let partner: PartnerId = form.get("partner")?.parse().ok()?;
            let given = facts.consents_of(number, visit.now.day());
            let to_this = given.into_iter().filter(|(whom, _)| *whom == partner);
            let all = to_this.map(|(_, power)| withdrawn(&partner, power));
            Some(all.collect())
        }
        [None, Some(power), None, None] => {
            let partner: PartnerId = form.get("partner")?.parse().ok()?;
            let power: PowerId = power.parse().ok()?;
            facts.power(&partner, power)?;
            Some(vec![withdrawn(&partner, power)])
        }
        [None, None, Some(bar), None] => {
            let (person, bar) = (number, known(visit, bar)?);
            Some(vec![Event::BarSet { person, bar }])
        }
        [None, None, None, Some(bar)] => {
            let (person, bar) = (number, known(visit, bar)?);
            Some(vec![Event::BarLifted { person, bar }])
        }
        _ => None,
    }
}

/// The bar of this name, if there is what it is against: nobody fills the register with bars against what does not exist.
fn known(visit: &Visit<'_>, name: &str) -> Option<Bar> {
    let bar = switches::named(name)?;
    let book = visit.gateway.register.book();
    let there = match &bar {
        Bar::Everything | Bar::GlobalPrivacyControl => true,
        Bar::Partner(partner) => book.partners.contains_key(partner),
        Bar::Through(reach) => switches::reaches(&book).contains(reach),
    };
    there.then_some(bar)
}

/// Ends the session. A request that waits for an answer stays, for whoever logs in next in this browser.
pub(in crate::person) fn log_out(
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
