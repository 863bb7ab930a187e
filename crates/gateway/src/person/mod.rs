//! People at the gateway: they log in at their platform, read what a partner asks for, and answer.
//!
//! Pages are rendered here, work without scripts, load nothing, and cannot be framed. Only where [login] is configured:
//! without it there is no such address.

mod authorize;
mod consent;
mod cookie;
mod login;
mod page;
mod screen;
mod session;
mod words;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::config;
use crate::gateway::Gateway;
use crate::oauth::AUTHORIZE_PATH;
use crate::problem::Problem;
use crate::server::read_body;
use crate::upstream::AuthoritiesError;

use login::Provider;
use session::Sessions;

/// The page on which a person answers a partner.
pub(crate) const CONNECT_PATH: &str = "/connect";
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
) -> Result<Response<Full<Bytes>>, Request<Incoming>> {
    let Some(persons) = &gateway.persons else {
        return Err(request);
    };
    let allowed: &[Method] = match request.uri().path() {
        AUTHORIZE_PATH | CALLBACK_PATH => &[Method::GET],
        CONNECT_PATH => &[Method::GET, Method::POST],
        _ => return Err(request),
    };
    if !allowed.contains(request.method()) {
        let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        return Ok(Problem::MethodNotAllowed(names.join(", ")).into_response());
    }
    let answered = answer(gateway, persons, request).await;
    Ok(answered.unwrap_or_else(|failure| failure.into_response(&persons.style)))
}

async fn answer(
    gateway: &Arc<Gateway>,
    persons: &Persons,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, page::Failure> {
    let now = gateway.clock.moment()?;
    let (parts, body) = request.into_parts();
    let visit = Visit {
        gateway,
        persons,
        cookie: persons.sessions.cookie_of(&parts.headers),
        query: parts.uri.query().unwrap_or_default(),
        now,
    };
    match (parts.uri.path(), &parts.method) {
        (AUTHORIZE_PATH, _) => authorize::begin(&visit),
        (CALLBACK_PATH, _) => login::come_back(&visit).await,
        (_, &Method::POST) => {
            let body = read_body(body, &gateway.config.limits).await?;
            consent::answered(&visit, &parts.headers, &body).await
        }
        _ => consent::ask(&visit).await,
    }
}

/// One request of a browser's.
struct Visit<'a> {
    gateway: &'a Arc<Gateway>,
    persons: &'a Persons,
    /// What stands in the session's cookie.
    cookie: Option<String>,
    query: &'a str,
    now: decide::Time,
}
