//! Coming to the desk and leaving it.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::session::{Sent, Visit};
use super::{OVERVIEW, answered, see, told};
use crate::admin::act::Problem;
use crate::admin::door::address;
use crate::gateway::Gateway;
use crate::oauth::Form;
use crate::person::page;

#[derive(Template)]
#[template(path = "steward/login.html")]
struct Page<'a> {
    style: &'a str,
}

/// The bare address leads to the desk.
pub(super) async fn begin() -> Response {
    see(OVERVIEW)
}

/// Asks for a token.
pub(super) async fn ask(State(gateway): State<Arc<Gateway>>) -> Response {
    let style = &gateway.staffed.style;
    let page = Page { style: &style.text };
    answered(page::html(style, &page, None))
}

/// Takes a token, and lets its holder in under a new handle. There is no name in the form: who somebody is, the token says.
pub(super) async fn enter(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let from = address(&request);
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 4096).await.unwrap_or_default();
    let now = gateway.clock.about_now();
    if is_from_elsewhere(&parts.headers) {
        let text = "Nothing has changed. Open this page yourself and log in there.";
        let title = "That form did not come from here";
        return told(&gateway, StatusCode::FORBIDDEN, title, text, "/login");
    }
    let caller = match entered(&gateway, &parts.headers, &body, from, now) {
        Ok(caller) => caller,
        Err(problem) => {
            let text = match problem {
                Problem::LockedOut => problem.to_string(),
                _ => "That is no token that is known here.".to_owned(),
            };
            return told(&gateway, problem.status(), "Not let in", &text, "/login");
        }
    };
    let sessions = &gateway.staffed.sessions;
    let begun = sessions.begin(&parts.headers, caller, &gateway.entropy, now);
    let Ok(Some(cookie)) = begun else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = see(OVERVIEW);
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}

fn entered(
    gateway: &Gateway,
    headers: &HeaderMap,
    body: &Bytes,
    from: std::net::IpAddr,
    now: decide::Time,
) -> Result<crate::admin::door::Caller, Problem> {
    let form = Form::read(headers, body).map_err(|_| Problem::NotTheOperator)?;
    let token = form.get("key").unwrap_or_default().trim().to_owned();
    gateway.staffed.enter(&token, from, now)
}

/// Browsers say where a form was sent from; one that another site sends would log its own person in here.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// Ends the session.
pub(super) async fn leave(visit: Visit, headers: HeaderMap, _: Sent) -> Response {
    let gateway = &visit.gateway;
    gateway
        .staffed
        .sessions
        .end(&headers, gateway.clock.about_now());
    see("/login")
}
