//! People at the gateway: they log in at their platform, read what a partner asks for, and answer.
//!
//! Pages are rendered here, work without scripts, load nothing, and cannot be framed. Only where [login] is configured:
//! without it there is no such address.

mod asked;
mod authorize;
mod consent;
pub(crate) mod cookie;
mod desk;
mod disclosed;
mod login;
mod moments;
mod notices;
pub(crate) mod page;
mod record;
mod renewal;
mod screen;
mod session;
mod signal;
mod standing;
mod told;
pub(crate) mod words;

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
pub use record::schema as record_schema;
use session::{Person, Session, Sessions};

/// The page on which a person answers a partner.
pub(crate) const CONNECT_PATH: &str = "/connect";
/// A person's own page.
pub(crate) const DESK_PATH: &str = "/desk";
/// Every single disclosure about them.
const DISCLOSED_PATH: &str = "/desk/disclosed";
/// All that is on record about them, as a page and as a file.
const RECORD_PATH: &str = "/desk/record";
const RECORD_JSON_PATH: &str = "/desk/record.json";
/// Where they say that they have seen what they were told of.
const SEEN_PATH: &str = "/desk/seen";
/// Below it, the pages on which they renew what they agreed to as bystanders: one for each partner and power.
const RENEW_PATH: &str = "/desk/renew";
/// Where a person ends their session.
pub(crate) const LOGOUT_PATH: &str = "/logout";
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
        AUTHORIZE_PATH | CALLBACK_PATH | signal::SUPPORT_PATH => &[Method::GET],
        CONNECT_PATH | DESK_PATH => &[Method::GET, Method::POST],
        DISCLOSED_PATH | RECORD_PATH | RECORD_JSON_PATH => &[Method::GET],
        LOGOUT_PATH | SEEN_PATH => &[Method::POST],
        path if notices::digest(path).is_some() => &[Method::GET],
        path if renewal::is_there(path) => &[Method::GET, Method::POST],
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
    let (parts, body) = request.into_parts();
    // What is the same for everybody needs no session.
    match parts.uri.path() {
        signal::SUPPORT_PATH => return Ok(signal::support()),
        path if notices::digest(path).is_some() => return notices::show(gateway, path),
        _ => {}
    }
    // Whoever has a session takes back what they gave and says no, also while the clock is not believed.
    let now = match parts.uri.path() {
        DESK_PATH | LOGOUT_PATH => gateway.clock.about_now(),
        path if is_asked(path) || renewal::is_there(path) => gateway.clock.about_now(),
        _ => gateway.clock.moment()?,
    };
    let visit = Visit {
        gateway,
        persons,
        cookie: persons.sessions.cookie_of(&parts.headers),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        signal: signal::sent(&parts.headers),
        now,
    };
    if let Some(person) = visit.session().ok().and_then(|session| session.person) {
        signal::honour(&visit, person.number).await?;
    }
    if parts.method == Method::GET {
        return match parts.uri.path() {
            AUTHORIZE_PATH => authorize::begin(&visit),
            CALLBACK_PATH => login::come_back(&visit).await,
            DESK_PATH => desk::show(&visit).await,
            // Whoever keeps one of these addresses comes to the login first, and by it to their desk.
            DISCLOSED_PATH | RECORD_PATH | RECORD_JSON_PATH if !visit.is_logged_in() => {
                page::see(DESK_PATH)
            }
            DISCLOSED_PATH => disclosed::show(&visit).await,
            RECORD_PATH => record::show(&visit).await,
            RECORD_JSON_PATH => record::json(&visit).await,
            path if renewal::is_there(path) && !visit.is_logged_in() => page::see(DESK_PATH),
            path if renewal::is_there(path) => renewal::show(&visit),
            path if is_asked(path) => asked::show(&visit).await,
            _ => consent::ask(&visit).await,
        };
    }
    let body = read_body(body, &gateway.config.limits).await?;
    match parts.uri.path() {
        DESK_PATH => desk::act(&visit, &parts.headers, &body).await,
        SEEN_PATH => disclosed::seen(&visit, &parts.headers, &body).await,
        path if renewal::is_there(path) => renewal::act(&visit, &parts.headers, &body).await,
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
    /// Whether the browser objects to sharing on its person's behalf.
    signal: bool,
    now: decide::Time,
}

impl Visit<'_> {
    fn session(&self) -> Result<Session, Failure> {
        let session = self.persons.sessions.find(self.cookie.as_deref(), self.now);
        session.ok_or(Failure::NoSession)
    }

    fn is_logged_in(&self) -> bool {
        self.session().is_ok_and(|session| session.person.is_some())
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
