//! The consent screen: a person reads what a partner asks for, and answers.
//!
//! A yes is in the register before the partner gets its code. A no tells the partner that it was refused, and no more.

use std::collections::BTreeSet;

use askama::Template;
use decide::{Bar, Connection, ConnectionId, Event, NoticeHash, PowerId, Reach};
use http::{HeaderMap, Response, StatusCode};
use register::{Change, Notice};

use super::page::{Failure, html, see};
use super::screen::Screen;
use super::session::{Pending, Person, Session};
use super::{Visit, login, words};
use crate::body::Body;
use crate::oauth::{Code, Form, Pushed, powers_of};

/// Boxes that a page may have.
const BOXES: usize = 64;

#[derive(Template)]
#[template(path = "consent.html")]
struct Page<'a> {
    style: &'a str,
    screen: &'a Screen,
    platform: &'a str,
    /// As whom the person is logged in.
    person: &'a str,
    token: &'a str,
    /// Which request is answered.
    request: String,
    bars: Vec<String>,
    onward: &'a str,
    /// Nothing was ticked, and a yes to nothing is none.
    nothing: bool,
}

/// Shows the page, or leads to the login first.
pub(super) async fn ask(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let session = visit.session()?;
    let pending = session.pending.as_ref().ok_or(Failure::NoRequest)?;
    let Some(person) = &session.person else {
        return login::begin(visit).await;
    };
    show(visit, &session, person, pending, false)
}

fn show(
    visit: &Visit<'_>,
    session: &Session,
    person: &Person,
    pending: &Pending,
    nothing: bool,
) -> Result<Response<Body>, Failure> {
    let screen = visit.screen(person, &pending.pushed)?;
    let page = Page {
        style: &visit.persons.style.text,
        platform: &visit.persons.login.platform,
        person: person.name.as_deref().unwrap_or(&person.id),
        token: &session.token,
        request: hex::encode(pending.mark),
        bars: bars(visit, person, &pending.pushed, &screen.partner),
        onward: pending.pushed.redirect.origin(),
        screen: &screen,
        nothing,
    };
    html(&visit.persons.style, &page, Some(page.onward))
}

/// Takes the answer.
pub(super) async fn answered(
    visit: &Visit<'_>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response<Body>, Failure> {
    let form = Form::read_long(headers, body, BOXES).map_err(|_| Failure::ForeignForm)?;
    let session = visit.session()?;
    let person = visit.sender(&session, &form)?;
    let pending = session.pending.as_ref().ok_or(Failure::ForeignForm)?;
    if form.get("request") != Some(hex::encode(pending.mark).as_str()) {
        return Err(Failure::ForeignForm);
    }
    let pushed = &pending.pushed;
    match form.get("answer") {
        Some("no") => {
            visit.close(pending)?;
            back(visit, pushed, &[("error", "access_denied")])
        }
        Some("yes") => {
            let screen = visit.screen(person, pushed)?;
            let granted = granted(&screen, &form);
            if granted.is_empty() {
                let mut page = show(visit, &session, person, pending, true)?;
                *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
                return Ok(page);
            }
            visit.close(pending)?;
            let connection = connect(visit, person, pushed, &screen, granted).await?;
            let code = code(visit, pushed, connection)?;
            back(visit, pushed, &[("code", &code)])
        }
        _ => Err(Failure::ForeignForm),
    }
}

/// What a yes grants: what is needed, and of the rest what has been ticked.
fn granted(screen: &Screen, form: &Form<'_>) -> BTreeSet<PowerId> {
    let ticked = |power: &PowerId| form.get(&format!("power-{power}")) == Some("yes");
    let lines = screen
        .lines()
        .filter(|line| !line.refusable || ticked(&line.id));
    lines.map(|line| line.id).collect()
}

/// Writes the yes down: the text, the connection, and the end of older ones that this answer replaces.
async fn connect(
    visit: &Visit<'_>,
    person: &Person,
    pushed: &Pushed,
    screen: &Screen,
    powers: BTreeSet<PowerId>,
) -> Result<ConnectionId, Failure> {
    let (gateway, now) = (visit.gateway, visit.now);
    let notice = Notice {
        language: "en".to_owned(),
        text: screen.text(),
    };
    let hash: NoticeHash = notice.hash();
    let Notice { language, text } = notice;
    gateway
        .write_down(Change::PublishNotice { language, text })
        .await?;
    // A new answer about the same powers takes the place of the older one; what it does not mention stays.
    let former = gateway
        .register
        .facts()
        .connections_of(person.number, now.day());
    let replaced = former.into_iter().filter(|former| {
        former.partner == pushed.partner && former.powers.is_subset(&pushed.wanted.powers)
    });
    let id = format!("c-{}", hex::encode(gateway.entropy.bytes::<16>()?));
    let id: ConnectionId = id.parse().map_err(|_| Failure::Internal)?;
    let connection = Connection {
        connection: id.clone(),
        person: person.number,
        partner: pushed.partner.clone(),
        powers,
        notice: hash,
        until: screen.until,
    };
    let connected = Change::Fact(Event::Connected { connection });
    gateway.write_down(connected).await?;
    for Connection { connection, .. } in replaced {
        let ended = Change::Fact(Event::Disconnected { connection });
        gateway.write_down(ended).await?;
    }
    Ok(id)
}

fn code(visit: &Visit<'_>, pushed: &Pushed, connection: ConnectionId) -> Result<String, Failure> {
    let code = Code {
        connection,
        redirect: pushed.redirect.clone(),
        bound: pushed.bound.clone(),
    };
    let (gateway, partner) = (visit.gateway, &pushed.partner);
    let codes = &gateway.memory.codes;
    Ok(codes.make(partner, code, &gateway.entropy, visit.now)?)
}

/// Sends the browser back to the partner, with who answers (RFC 9207).
fn back(
    visit: &Visit<'_>,
    pushed: &Pushed,
    answer: &[(&str, &str)],
) -> Result<Response<Body>, Failure> {
    let state = pushed.state.as_deref().map(|state| ("state", state));
    let issuer = ("iss", visit.gateway.config.listen.public_url.as_str());
    let parameters: Vec<_> = answer
        .iter()
        .copied()
        .chain(state)
        .chain([issuer])
        .collect();
    see(&pushed.redirect.with(&parameters))
}

/// The person's own refusals that cover something about them that is asked for, so that a yes does not surprise them by
/// its silence. What is asked about others through them is not theirs to refuse here.
fn bars(visit: &Visit<'_>, person: &Person, pushed: &Pushed, partner: &str) -> Vec<String> {
    let facts = visit.gateway.register.facts();
    let about_them: Vec<PowerId> = powers_of(visit.gateway, &pushed.wanted)
        .into_iter()
        .filter(|power| power.reach == Reach::Own)
        .map(|power| power.id())
        .collect();
    let concerns = |bar: &Bar| match bar {
        Bar::Everything => true,
        Bar::Partner(refused) => *refused == pushed.partner,
        _ => {
            let mut powers = about_them.iter();
            powers.any(|power| facts.bar_covers(bar, &pushed.partner, *power))
        }
    };
    let set = facts.bars_of(person.number);
    let concerning = set.iter().filter(|bar| concerns(bar));
    concerning.map(|bar| words::bar(bar, partner)).collect()
}

impl Visit<'_> {
    /// What is told, if it can still be asked of this person.
    fn screen(&self, person: &Person, pushed: &Pushed) -> Result<Screen, Failure> {
        if !self.gateway.register.facts().is_member(person.number) {
            return Err(Failure::UnknownPerson);
        }
        let (wanted, partner) = (&pushed.wanted, &pushed.partner);
        let still = wanted.check(self.gateway, partner, self.now);
        still.map_err(|_| Failure::Withdrawn)?;
        let platform = &self.persons.login.platform;
        Screen::of(self.gateway, platform, partner, wanted, self.now)
    }

    /// Takes the request out of the session, so that it is answered once, however often a button was pressed.
    fn close(&self, pending: &Pending) -> Result<(), Failure> {
        let take = |session: &mut Session| {
            session
                .pending
                .take_if(|there| there.mark == pending.mark)
                .is_some()
        };
        let sessions = &self.persons.sessions;
        match sessions.with(self.cookie.as_deref(), self.now, take) {
            Some(true) => Ok(()),
            _ => Err(Failure::ForeignForm),
        }
    }
}
