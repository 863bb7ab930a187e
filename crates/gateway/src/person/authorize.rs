//! The authorization endpoint: a browser arrives with the handle of a pushed request, and nothing else counts.

use std::sync::Arc;

use http::{Response, header};

use super::page::{Failure, see};
use super::session::{Pending, Session};
use super::{CONNECT_PATH, Visit};
use crate::body::Body;
use crate::oauth::{Form, PREFIX};
use crate::shelf::mark;

/// Puts the request into the browser's session, where only this browser can answer it, and leads on to the page.
pub(super) fn begin(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    // Errors are told here and never to an address in the query: there is none to trust before the request is found.
    let query = Form::of_query(visit.query).map_err(|_| Failure::NoRequest)?;
    if !query.has_only(&["client_id", "request_uri"]) {
        return Err(Failure::NoRequest);
    }
    let handle = query.get("request_uri").unwrap_or_default();
    let mark = mark(handle.strip_prefix(PREFIX).ok_or(Failure::NoRequest)?);
    let (gateway, now) = (visit.gateway, visit.now);
    let sessions = &visit.persons.sessions;
    let cookie = visit.cookie.as_deref();
    let here = |session: &mut Session| {
        let pending = session.pending.as_ref();
        pending.is_some_and(|pending| pending.mark == mark)
    };
    // A page that is loaded again, in the browser that has it.
    if sessions.with(cookie, now, here) == Some(true) {
        return see(CONNECT_PATH);
    }
    let pushed = gateway.memory.requests.take(&mark, now);
    let pushed = pushed.filter(|pushed| Some(pushed.partner.as_str()) == query.get("client_id"));
    let pending = Pending {
        mark,
        pushed: Arc::new(pushed.ok_or(Failure::NoRequest)?),
    };
    let mut response = see(CONNECT_PATH)?;
    let put = |session: &mut Session| session.pending = Some(pending.clone());
    if sessions.with(cookie, now, put).is_none() {
        let cookie = sessions.begin(Some(pending), &gateway.entropy, now)?;
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
