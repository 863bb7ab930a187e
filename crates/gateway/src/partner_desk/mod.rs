//! A partner's own desk: what it may do and until when, its keys, its agreements to sign, powers to hand back.
//!
//! Nobody has a password. Whoever holds an enrolled key sends an assertion signed by it and gets a link that is good
//! once, for a minute (`countersign desk`); the link opens a session in a browser, which ends with the key. Looking takes
//! any of the partner's keys, handing back an officer's; signing takes the officer's signature itself, whoever brings it.

mod calls;
mod desk;
mod door;
mod failure;
mod hand_back;
mod holder;
mod sandbox;
mod session;
mod sign;

use std::sync::Arc;

use decide::{AgreementId, Time};
use http::{HeaderMap, Method, Request, Response};
use hyper::body::Incoming;
use register::Offered;

use crate::body::Body;
use crate::gateway::Gateway;
use crate::oauth::Form;
use crate::person::page::{Style, source_of};
use crate::problem::Problem;
use crate::server::read_body;

use failure::Failure;
use holder::Holder;
use session::{Session, Sessions};

/// Where it is; everything below it is ours.
pub(crate) const PATH: &str = "/partner";
/// Where a link is asked for, by assertion.
pub(crate) const LINK_PATH: &str = "/partner/link";
/// Where the link leads.
const ENTER_PATH: &str = "/partner/enter";

/// The only script of any page here: it signs in the browser.
const SCRIPT: &str = include_str!("sign.js");

/// What the desk needs beside the gateway.
pub(crate) struct PartnerDesk {
    sessions: Sessions,
    style: Style,
    /// The name by which the policy of the page that signs lets in [`SCRIPT`].
    script: String,
}

impl PartnerDesk {
    pub(crate) fn new(config: &crate::config::Config) -> Self {
        Self {
            sessions: Sessions::new(config.listen.public_url.as_str()),
            style: Style::with(crate::public::STYLE),
            script: source_of(SCRIPT),
        }
    }
}

/// Answers where the address is the desk's, and hands the request back where it is not.
pub(crate) async fn serve(
    gateway: &Arc<Gateway>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Request<Incoming>> {
    let below = request.uri().path().strip_prefix(PATH);
    if !below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Err(request);
    }
    let (parts, body) = request.into_parts();
    let body = match read_body(body, &gateway.config.limits).await {
        Ok(body) => body,
        Err(problem) => return Ok(problem.into_response()),
    };
    let path = parts.uri.path().strip_prefix(PATH).unwrap_or_default();
    if path == "/link" {
        return Ok(match parts.method {
            Method::POST => door::link(gateway, &parts.headers, &body),
            _ => Problem::MethodNotAllowed(Method::POST.to_string()).into_response(),
        });
    }
    let answered = match gateway.clock.moment() {
        Ok(now) => {
            let visit = Visit {
                gateway,
                desk: &gateway.partner_desk,
                cookie: gateway.partner_desk.sessions.cookie_of(&parts.headers),
                query: parts.uri.query().unwrap_or_default(),
                headers: &parts.headers,
                body: &body,
                now,
            };
            visit.answer(&parts.method, path).await
        }
        Err(problem) => Err(problem.into()),
    };
    Ok(answered.unwrap_or_else(|failure| failure.into_response(gateway)))
}

/// One request of a browser's.
struct Visit<'a> {
    gateway: &'a Arc<Gateway>,
    desk: &'a PartnerDesk,
    cookie: Option<String>,
    query: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
    now: Time,
}

impl Visit<'_> {
    async fn answer(&self, method: &Method, path: &str) -> Result<Response<Body>, Failure> {
        let path: Vec<&str> = path.split('/').skip(1).collect();
        match (method.as_str(), path.as_slice()) {
            ("GET", []) => desk::page(self),
            ("GET", ["desk.json"]) => desk::data(self),
            ("GET", ["enter"]) => door::ask(self),
            ("POST", ["enter"]) => door::enter(self),
            ("POST", ["leave"]) => door::leave(self),
            ("GET", ["calls"]) => calls::page(self),
            ("GET", ["sandbox"]) => sandbox::page(self),
            ("POST", ["sandbox"]) => sandbox::tried(self),
            ("GET", ["agreements", id, version]) => sign::page(self, id, version),
            ("GET", ["agreements", id, version, "document"]) => sign::document(self, id, version),
            ("POST", ["agreements", id, version, "sign"]) => sign::take(self, id, version).await,
            ("POST", ["agreements", id, version, "hand-back"]) => {
                hand_back::take(self, id, version).await
            }
            _ => Err(Failure::NoSuchPage),
        }
    }

    /// Who is in, if their key still holds.
    fn inside(&self) -> Result<(Session, Holder), Failure> {
        let sessions = &self.desk.sessions;
        let session = sessions.find(self.cookie.as_deref(), self.now);
        let session = session.ok_or(Failure::Outside)?;
        let book = self.gateway.register.book();
        match Holder::of(&book, &session.partner, &session.key) {
            Some(holder) => Ok((session, holder)),
            None => {
                sessions.end(self.cookie.as_deref(), self.now);
                Err(Failure::KeyEnded)
            }
        }
    }

    /// Who sends a form, if it comes from a page of their own session and they do not send too many.
    fn sender(&self, form: &Form<'_>) -> Result<(Session, Holder), Failure> {
        let (session, holder) = self.inside()?;
        if !session.is_own(form.get("token")) {
            return Err(Failure::ForeignForm);
        }
        self.desk.sessions.may_send(&session.partner)?;
        Ok((session, holder))
    }

    /// A version of an agreement of the partner's own. Another's and one that does not exist sound the same.
    fn version(&self, session: &Session, id: &str, version: &str) -> Result<Arc<Offered>, Failure> {
        let id: AgreementId = id.parse().map_err(|_| Failure::NoSuchPage)?;
        let version: u32 = version.parse().map_err(|_| Failure::NoSuchPage)?;
        let book = self.gateway.register.book();
        let offered = book.version(&id, version);
        let own = offered.filter(|offered| offered.offer.partner == session.partner);
        own.cloned().ok_or(Failure::NoSuchPage)
    }

    fn platform(&self) -> &str {
        &self.gateway.public.platform
    }

    fn style(&self) -> &str {
        &self.desk.style.text
    }

    /// The gateway's public address.
    fn base(&self) -> &str {
        self.gateway.config.listen.public_url.as_str()
    }
}
