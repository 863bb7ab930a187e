//! The desk of those who keep the register: pages on the administration's listener, for people.
//!
//! Rendered here, without scripts, loading nothing. Somebody hands their token in once and gets a session; from then on a
//! page is theirs by its cookie, and a form by the session's own token in it. Both are looked at in one place ([`guard`]),
//! and a handler of a form takes what only that place makes (`session::Sent`).

mod acts;
mod agreement;
mod draft;
mod history;
mod login;
mod overview;
mod promises;
mod renewals;
mod session;
mod weaken;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Router, response::IntoResponse};
use http::{Method, StatusCode};

use super::act::Problem;
use crate::body::Body;
use crate::config::Role;
use crate::gateway::Gateway;
use crate::person::page::{self, Failure, Style};

pub(super) use overview::lacks;
use session::Visit;
pub(super) use session::{Sessions, guard};

/// The longest form: a document, and what encoding makes of it.
const LONGEST: usize = 1 << 20;
const OVERVIEW: &str = "/desk";

/// A page, or what a form of one is sent to.
pub(super) struct Page {
    pub(super) method: Method,
    pub(super) path: &'static str,
    serve: MethodRouter<Arc<Gateway>>,
}

fn get<H, T>(path: &'static str, handler: H) -> Page
where
    H: Handler<T, Arc<Gateway>>,
    T: 'static,
{
    Page {
        method: Method::GET,
        path,
        serve: on(MethodFilter::GET, handler),
    }
}

fn post<H, T>(path: &'static str, handler: H) -> Page
where
    H: Handler<T, Arc<Gateway>>,
    T: 'static,
{
    Page {
        method: Method::POST,
        path,
        serve: on(MethodFilter::POST, handler),
    }
}

/// All of them.
pub(super) fn pages() -> Vec<Page> {
    vec![
        get("/", login::begin),
        get("/login", login::ask),
        post("/login", login::enter),
        post("/logout", login::leave),
        get(OVERVIEW, overview::show),
        get("/desk/draft", draft::show),
        post("/desk/draft", draft::take),
        get("/desk/draft/{id}/document", draft::document),
        get("/desk/agreements/{id}", agreement::show),
        get(
            "/desk/agreements/{id}/{version}/document",
            agreement::document,
        ),
        post("/desk/agreements/{id}/review", acts::review),
        post("/desk/agreements/{id}/offer", acts::offer),
        post("/desk/agreements/{id}/signature", acts::sign),
        post("/desk/agreements/{id}/suspend", acts::suspend),
        post("/desk/agreements/{id}/resume", acts::resume),
        post("/desk/agreements/{id}/end", acts::end),
        get("/desk/renewals", renewals::show),
        get("/desk/promises", promises::show),
        post("/desk/promises", promises::publish),
        get("/desk/promises/{id}/weaken", weaken::show),
        post("/desk/promises/{id}/weaken", weaken::act),
        get("/desk/proposals/{digest}", promises::proposal),
        post("/desk/proposals/{digest}/accept", promises::accept),
        post("/desk/proposals/{digest}/reject", promises::reject),
        get("/desk/history", history::show),
    ]
}

/// The pages as a router, behind their own door.
pub(super) fn router(gateway: &Arc<Gateway>) -> Router<Arc<Gateway>> {
    let pages = pages().into_iter();
    pages
        .fold(Router::new(), |router, page| {
            router.route(page.path, page.serve)
        })
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(middleware::from_fn_with_state(gateway.clone(), guard))
}

/// The style of the desk's pages.
pub(super) fn style() -> Style {
    Style::with(include_str!("style.css"))
}

/// What every page shows around its own.
struct Frame<'a> {
    style: &'a str,
    /// What the page is about.
    title: &'a str,
    /// Who is there.
    name: &'a str,
    roles: String,
    steward: bool,
    /// Goes with every form.
    token: &'a str,
}

impl Visit {
    fn frame<'a>(&'a self, title: &'a str) -> Frame<'a> {
        Frame {
            style: &self.gateway.staffed.style.text,
            title,
            name: self.caller.name(),
            roles: self.caller.roles(),
            steward: self.caller.is(Role::Steward),
            token: &self.token,
        }
    }

    fn page(&self, page: &impl askama::Template) -> Response {
        answered(page::html(&self.gateway.staffed.style, page, None))
    }

    /// What is not there.
    fn nothing(&self, what: &str) -> Response {
        told(
            &self.gateway,
            StatusCode::NOT_FOUND,
            "That is not here",
            what,
            OVERVIEW,
        )
    }

    /// What was refused, with its reason. Unlike people and partners, those at the desk are told everything.
    fn refused(&self, problem: &Problem, back: &str) -> Response {
        let title = "That was not done";
        let status = problem.status();
        told(&self.gateway, status, title, &problem.to_string(), back)
    }
}

/// Says one thing, with a link back.
fn told(gateway: &Gateway, status: StatusCode, title: &str, text: &str, back: &str) -> Response {
    let style = &gateway.staffed.style;
    let message = page::message(style, title, text, Some((back, "Go back")));
    let mut response = answered(message);
    *response.status_mut() = status;
    response
}

fn answered(made: Result<http::Response<Body>, Failure>) -> Response {
    match made {
        Ok(response) => response.map(axum::body::Body::new),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// On to another page, always by GET.
fn see(address: &str) -> Response {
    answered(page::see(address))
}

/// A document as text, to be kept as it is: what officers sign is the SHA-256 of its exact bytes.
fn as_text(name: &str, document: &str) -> Response {
    let disposition = format!("attachment; filename=\"{name}.yaml\"");
    let headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-disposition", disposition.as_str()),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ];
    (headers, document.to_owned()).into_response()
}
