//! People at the gateway: they log in at their platform, read what a partner asks for, and answer.
//!
//! Pages are rendered here, work without scripts, load nothing, and cannot be framed. Only where [login] is configured:
//! without it there is no such address.

mod asked;
mod authorize;
mod consent;
mod cookie;
mod desk;
mod login;
mod page;
mod screen;
mod session;
mod words;

use std::sync::Arc;

use http::{Method, Request, Response};
use hyper::body::Incoming;

use crate::asking::ASKED_PATH;
use crate::body::Body;
use crate::config;
use crate::gateway::Gateway;
use crate::oauth::{AUTHORIZE_PATH, Form};
use crate::problem::Problem;
use crate::server::read_body;
use crate::upstream::AuthoritiesError;

use login::Provider;
use page::Failure;
use session::{Person, Session, Sessions};

/// The page on which a person answers a partner.
pub(crate) const CONNECT_PATH: &str = "/connect";
/// A person's own page.
pub(crate) const DESK_PATH: &str = "/desk";
/// Where a person ends their session.
const LOGOUT_PATH: &str = "/logout";
/// Where the platform's provider sends people back to.
pub(crate) const CALLBACK_PATH: &str = "/login/callback";

/// What people's pages need beside the gateway.
pub(crate) struct Persons {
    login: config::Login,
    provider: Provider,
    sessions: Sessions,
    style: page::Style,
}

impl Persons {
    pub(crate) fn new(config: &config::Config) -> Result<Option<Self>, AuthoritiesError> {
        let Some(login) = config.login.clone() else {
            return Ok(None);
        };
        Ok(Some(Self {
            provider: Provider::new(&login, &config.limits)?,
            sessions: Sessions::new(config.listen.public_url.as_str()),
            style: page::Style::new(),
            login,
        }))
    }
}

/// Answers a person's browser; hands the request back where the address is no page of theirs.
pub(crate) async fn serve(
    gateway: &Arc<Gateway>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Request<Incoming>> {
    let Some(persons) = &gateway.persons else {
        return Err(request);
    };
    let allowed: &[Method] = match request.uri().path() {
        AUTHORIZE_PATH | CALLBACK_PATH => &[Method::GET],
        CONNECT_PATH | DESK_PATH => &[Method::GET, Method::POST],
        LOGOUT_PATH => &[Method::POST],
        path if gateway.asking.is_some() && is_asked(path) => &[Method::GET, Method::POST],
        _ => return Err(request),
    };
    if !allowed.contains(request.method()) {
        let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        return Ok(Problem::MethodNotAllowed(names.join(", ")).into_response());
    }
    let answered = answer(gateway, persons, request).await;
    Ok(answered.unwrap_or_else(|failure| failure.into_response(&persons.style)))
}

/// Whether it is the page of all requests, or a page of one.
fn is_asked(path: &str) -> bool {
    let below = path.strip_prefix(ASKED_PATH);
    below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

async fn answer(
    gateway: &Arc<Gateway>,
    persons: &Persons,
    request: Request<Incoming>,
) -> Result<Response<Body>, Failure> {
    let now = gateway.clock.moment()?;
    let (parts, body) = request.into_parts();
    let visit = Visit {
        gateway,
        persons,
        cookie: persons.sessions.cookie_of(&parts.headers),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        now,
    };
    if parts.method == Method::GET {
        return match parts.uri.path() {
            AUTHORIZE_PATH => authorize::begin(&visit),
            CALLBACK_PATH => login::come_back(&visit).await,
            DESK_PATH => desk::show(&visit).await,
            path if is_asked(path) => asked::show(&visit).await,
            _ => consent::ask(&visit).await,
        };
    }
    let body = read_body(body, &gateway.config.limits).await?;
    match parts.uri.path() {
        DESK_PATH => desk::act(&visit, &parts.headers, &body).await,
        path if is_asked(path) => asked::act(&visit, &parts.headers, &body).await,
        LOGOUT_PATH => desk::log_out(&visit, &parts.headers, &body),
        _ => consent::answered(&visit, &parts.headers, &body).await,
    }
}

/// One request of a browser's.
struct Visit<'a> {
    gateway: &'a Arc<Gateway>,
    persons: &'a Persons,
    /// What stands in the session's cookie.
    cookie: Option<String>,
    /// The page, without its query.
    path: &'a str,
    query: &'a str,
    now: decide::Time,
}

impl Visit<'_> {
    fn session(&self) -> Result<Session, Failure> {
        let session = self.persons.sessions.find(self.cookie.as_deref(), self.now);
        session.ok_or(Failure::NoSession)
    }

    /// Who sends a form, if it comes from a page of their own session and they do not send too many.
    fn sender<'s>(&self, session: &'s Session, form: &Form<'_>) -> Result<&'s Person, Failure> {
        if !session.is_own(form.get("token")) {
            return Err(Failure::ForeignForm);
        }
        let person = session.person.as_ref().ok_or(Failure::NoSession)?;
        self.persons.sessions.may_answer(person.number)?;
        Ok(person)
    }
}
