//! Pages for everybody, without login: which partners there are and what they may do, what the platform has promised and
//! how often that made it refuse, and the signed checkpoints of both logs. Each of them as JSON, too.
//!
//! Nothing on them is about a person: they are made from documents, signatures and counts. Counts below
//! [`promises::SHOWN_FROM`] are not shown.

mod ledger;
mod partners;
mod promises;

use std::num::NonZeroU32;
use std::sync::Arc;

use askama::Template;
use decide::Time;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde::Serialize;

use crate::body::Body;
use crate::gateway::Gateway;
use crate::person::page::{self, Failure, Style};
use crate::problem::Problem;

/// Where they are; everything below it is ours.
pub(crate) const PATH: &str = "/public";

/// What the pages share beside the project's own style.
pub(crate) const STYLE: &str = include_str!("style.css");

/// Pages a second, and at once beyond that: reading documents for strangers must not take the time that partners' calls
/// need.
const PAGES_A_SECOND: NonZeroU32 = NonZeroU32::new(100).unwrap();
const PAGES_AT_ONCE: NonZeroU32 = NonZeroU32::new(500).unwrap();

/// What public pages need beside the gateway.
pub(crate) struct Public {
    pace: DefaultDirectRateLimiter,
    pub(crate) style: Style,
    /// The platform as people know it: by the name that [login] gives it, or else by its host.
    pub(crate) platform: String,
}

impl Public {
    pub(crate) fn new(config: &crate::config::Config) -> Self {
        let host = config.listen.public_url.as_str();
        let host = host.split_once("://").map_or(host, |(_, host)| host);
        let name = config.login.as_ref().map(|login| login.platform.as_str());
        Self {
            pace: RateLimiter::direct(Quota::per_second(PAGES_A_SECOND).allow_burst(PAGES_AT_ONCE)),
            style: Style::with(STYLE),
            platform: name.unwrap_or(host).to_owned(),
        }
    }
}

/// Answers where the address is a public page's; `None` where it is none.
pub(crate) fn serve<B>(gateway: &Arc<Gateway>, request: &Request<B>) -> Option<Response<Body>> {
    let below = request.uri().path().strip_prefix(PATH)?;
    if !below.is_empty() && !below.starts_with('/') {
        return None;
    }
    if request.method() != Method::GET {
        return Some(Problem::MethodNotAllowed(Method::GET.to_string()).into_response());
    }
    let answered = match (gateway.public.pace.check(), gateway.clock.moment()) {
        (Err(_), _) => Err(Failure::Busy),
        (Ok(()), Ok(now)) => Look::of(gateway, request, now).answer(),
        (Ok(()), Err(problem)) => Err(problem.into()),
    };
    let style = &gateway.public.style;
    Some(answered.unwrap_or_else(|failure| failure.into_response(style)))
}

/// One look at one page.
struct Look<'a> {
    gateway: &'a Arc<Gateway>,
    /// The path below [`PATH`], without `.json`.
    path: &'a str,
    query: &'a str,
    as_json: bool,
    now: Time,
}

impl<'a> Look<'a> {
    fn of<B>(gateway: &'a Arc<Gateway>, request: &'a Request<B>, now: Time) -> Self {
        let path = request.uri().path();
        let path = path.strip_prefix(PATH).unwrap_or(path);
        let accepted = request.headers().get(header::ACCEPT);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        Self {
            gateway,
            path: path.strip_suffix(".json").unwrap_or(path),
            query: request.uri().query().unwrap_or_default(),
            as_json: path.ends_with(".json") || accepted.is_some_and(prefers_json),
            now,
        }
    }

    fn answer(&self) -> Result<Response<Body>, Failure> {
        let path: Vec<&str> = self.path.split('/').skip(1).collect();
        match path.as_slice() {
            [] | [""] | ["index"] => self.told(&Index { look: self }, &IndexData),
            ["partners"] => partners::list(self),
            ["partners", id] => partners::one(self, id),
            ["agreements", id, version] => partners::agreement(self, id, version),
            ["promises"] => promises::list(self),
            ["ledger"] => ledger::page(self),
            ["ledger", "checkpoint"] => ledger::checkpoint(self.gateway, &ledger::LEDGER),
            ["register", "checkpoint"] => ledger::checkpoint(self.gateway, &ledger::REGISTER),
            _ => Err(Failure::NoSuchPage),
        }
    }

    /// The page, or what stands on it as data.
    fn told(&self, page: &impl Template, data: &impl Serialize) -> Result<Response<Body>, Failure> {
        let mut response = if self.as_json {
            let text = serde_json::to_string(data).map_err(|_| Failure::Internal)?;
            page::data(text)
        } else {
            page::html(&self.gateway.public.style, page, None)?
        };
        let vary = HeaderValue::from_static("accept");
        response.headers_mut().insert(header::VARY, vary);
        Ok(response)
    }

    fn style(&self) -> &str {
        &self.gateway.public.style.text
    }

    fn platform(&self) -> &str {
        &self.gateway.public.platform
    }
}

/// Whether a client asks for JSON rather than for a page.
fn prefers_json(accept: &str) -> bool {
    let mut types = accept
        .split(',')
        .map(|one| one.split(';').next().unwrap_or_default().trim());
    let first = types.find(|it| matches!(*it, "text/html" | "application/json"));
    first == Some("application/json")
}

#[derive(Template)]
#[template(path = "public.html")]
struct Index<'a> {
    look: &'a Look<'a>,
}

/// Where the others are.
struct IndexData;

impl Serialize for IndexData {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pages = ["partners", "promises", "ledger"];
        serializer.collect_map(pages.map(|page| (page, format!("{PATH}/{page}.json"))))
    }
}

/// Plain text that nobody's browser takes for anything else.
fn text(text: String) -> Response<Body> {
    let mut response = page::data(text);
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    *response.status_mut() = StatusCode::OK;
    response
}

#[cfg(test)]
mod tests {
    use super::prefers_json;

    #[test]
    fn browsers_get_pages_and_programs_that_ask_for_it_json() {
        for (accept, json) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", false),
            ("*/*", false),
            ("application/json", true),
            ("application/json, text/plain, */*", true),
            ("text/html, application/json;q=0.9", false),
        ] {
            assert_eq!(prefers_json(accept), json, "{accept}");
        }
    }
}
