//! Coming in and going out: a link by assertion, a page that says whose desk it opens, and the button on it.

use std::sync::Arc;

use askama::Template;
use http::{HeaderMap, Response, header};
use serde_json::json;

use super::failure::Failure;
use super::holder::Holder;
use super::session::{LINK_MS, Linked};
use super::{ENTER_PATH, LINK_PATH, PATH, Visit};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::oauth::{AssertionFault, Form, asked_for, told};
use crate::person::page::{html, message, see};
use crate::problem::Problem;

/// A link for whoever shows by an enrolled key who they are. The assertion has to be meant for this address alone: one
/// for tokens opens no desk, and one for the desk gets no token.
pub(super) fn link(gateway: &Arc<Gateway>, headers: &HeaderMap, body: &[u8]) -> Response<Body> {
    let base = gateway.config.listen.public_url.as_str();
    let audience = format!("{base}{LINK_PATH}");
    let answered = asked_for(gateway, headers, body, &[&audience]).and_then(|asked| {
        let made = (|| -> Result<String, Problem> {
            asked.only(&[])?;
            let book = gateway.register.book();
            // An officer's former key may still stand among the partner's own.
            if Holder::of(&book, &asked.partner, &asked.key).is_none() {
                return Err(AssertionFault::Unverified.into());
            }
            let linked = Linked {
                partner: asked.partner.clone(),
                key: asked.key,
            };
            let sessions = &gateway.partner_desk.sessions;
            let link = sessions.link(linked, &gateway.entropy, asked.now);
            link.map_err(|_| Problem::Internal)
        })();
        made.map_err(|problem| asked.refused(problem))
    });
    let shown = answered.map(|link| {
        let link = format!("{base}{ENTER_PATH}?link={link}");
        json!({ "link": link, "expires_in": LINK_MS / 1000 })
    });
    told(gateway, 200, shown)
}

#[derive(Template)]
#[template(path = "partner_enter.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    name: &'a str,
    kid: &'a str,
    link: &'a str,
    token: &'a str,
}

/// Says whose desk a link opens. Nothing is used up by looking: programs follow links, too.
pub(super) fn ask(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let query = Form::of_query(visit.query).map_err(|_| Failure::NoLink)?;
    let link = query.get("link").ok_or(Failure::NoLink)?;
    let sessions = &visit.desk.sessions;
    let linked = sessions.looked(link, visit.now).ok_or(Failure::NoLink)?;
    let book = visit.gateway.register.book();
    let holder = Holder::of(&book, &linked.partner, &linked.key).ok_or(Failure::KeyEnded)?;
    let (cookie, token) = sessions.arrive(&visit.gateway.entropy, visit.now)?;
    let known = book.partners.get(&linked.partner);
    let page = Page {
        visit,
        name: known.map_or(linked.partner.as_str(), |known| &known.name),
        kid: holder.kid.as_deref().unwrap_or(&holder.thumbprint),
        link,
        token: &token,
    };
    let mut response = html(&visit.desk.style, &page, None)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Opens the session.
pub(super) fn enter(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let form = Form::read(visit.headers, visit.body).map_err(|_| Failure::ForeignForm)?;
    let (cookie, link) = (
        visit.cookie.as_deref(),
        form.get("link").unwrap_or_default(),
    );
    let (sessions, entropy) = (&visit.desk.sessions, &visit.gateway.entropy);
    let cookie = sessions.enter(cookie, form.get("token"), link, entropy, visit.now)?;
    let mut response = see(PATH)?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Ends it.
pub(super) fn leave(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let form = Form::read(visit.headers, visit.body).map_err(|_| Failure::ForeignForm)?;
    visit.sender(&form)?;
    visit.desk.sessions.end(visit.cookie.as_deref(), visit.now);
    let text = "To come in again you need another link.";
    Ok(message(&visit.desk.style, "You are out", text, None)?)
}
