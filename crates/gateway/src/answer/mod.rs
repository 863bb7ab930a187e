//! The data path: how one partner's read becomes a reduced answer, and what it wants done is done.
//!
//! [`gate`] is the order of steps that the law demands of reads, [`mod@write`] that of writes, deletes and imports; the
//! other files are what they need on their way.

mod body;
mod entry;
mod gate;
mod recount;
mod stream;
mod told;
mod used;
mod uses;
mod write;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use decide::Verb;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LINK};
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use release::{Reduced, Routed};

use crate::admission::{Refused, admit};
use crate::body::Body;
use crate::flights::{Flight, Line};
use crate::gateway::Gateway;
use crate::limits::{Leave, Pace};
use crate::metrics::Stage;
use crate::problem::Problem;
use crate::refusals::NO_OPERATION;

pub(crate) use entry::Scribe;
pub use recount::RecountError;
pub(crate) use recount::recount;
pub(crate) use used::Used;
pub(crate) use uses::Uses;
pub(crate) use write::{Writes, clear, reopen, settle, unknowns};

/// On which connection a request came, and what it holds while it is answered.
pub(crate) struct Lane {
    pub(crate) line: Arc<Line>,
    pub(crate) pace: Pace,
    pub(crate) entered: Leave,
}

/// What a partner asks, beside the path.
struct Asked<'a> {
    query: Option<&'a str>,
    body: Option<Bytes>,
    /// Where the answer goes.
    line: Arc<Line>,
}

/// An answer that may leave, and the record that it is about to.
struct Released {
    reduced: Reduced,
    /// `None`: it is about nobody.
    flight: Option<Flight>,
}

/// How long the parts of one answer took.
#[derive(Clone, Copy, Debug, Default)]
struct Took {
    upstream: Duration,
    decide: Duration,
    ledger: Duration,
}

/// Answers a request to the platform's API.
pub(crate) async fn serve(
    gateway: Arc<Gateway>,
    lane: Lane,
    request: Request<Incoming>,
) -> Response<Body> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    match answered(&gateway, lane, &parts, body).await {
        Ok(response) => {
            gateway.metrics.took(Stage::Total, began.elapsed());
            response
        }
        Err((refused, operation)) => refused.answer(&gateway, &operation),
    }
}

async fn answered(
    gateway: &Arc<Gateway>,
    lane: Lane,
    parts: &Parts,
    body: Incoming,
) -> Result<Response<Body>, (Refused, String)> {
    let nowhere = |refused| (refused, NO_OPERATION.to_owned());
    let admitted = admit(gateway, parts, lane.pace).map_err(nowhere)?;
    let caller = &admitted.caller;
    let refused = |problem| Refused {
        partner: Some(caller.partner().clone()),
        problem,
    };
    let Routed::Mapped(route) = gateway.api.route(parts.method.as_str(), parts.uri.path()) else {
        return Err(nowhere(refused(Problem::UnknownOperation)));
    };
    let operation = route.operation().id();
    tracing::Span::current().record("operation", operation);
    let told = |problem| (refused(problem), operation.to_owned());
    if gateway.ledger.shortage().is_some() {
        return Err(told(Problem::NoSpace)); // before the platform is called for nothing
    }
    let limits = &gateway.config.limits;
    let body = body::read(route.operation(), &parts.headers, body, limits).await;
    let asked = Asked {
        query: parts.uri.query(),
        body: body.map_err(told)?,
        line: lane.line,
    };
    if route.operation().stream().is_some() {
        let opened = stream::open(gateway, &admitted, &route, &asked, &parts.headers).await;
        let opened = opened.map_err(told)?;
        gateway
            .metrics
            .request(caller.partner().as_str(), operation, "opened");
        return Ok(opened.flow((lane.entered, admitted.leave)));
    }
    let mut took = Took::default();
    if route.operation().verb() != Verb::Read {
        let done = gateway.write(&admitted, &route, &asked, &parts.headers, &mut took);
        let response = done.await.map_err(told)?;
        note(gateway, &took);
        let metrics = &gateway.metrics;
        metrics.request(caller.partner().as_str(), operation, "done");
        return Ok(response);
    }
    let answer = gateway.answer(&admitted, &route, &asked, &mut took).await;
    let Released { reduced, flight } = answer.map_err(told)?;
    tracing::Span::current().record("entry", reduced.index());
    note(gateway, &took);
    let response = response(&reduced, flight, admitted.leave.clone());
    let response = response.ok_or_else(|| told(Problem::NotFound))?;
    gateway
        .metrics
        .request(caller.partner().as_str(), operation, "released");
    Ok(response)
}

fn note(gateway: &Gateway, took: &Took) {
    gateway.metrics.took(Stage::Upstream, took.upstream);
    gateway.metrics.took(Stage::Decide, took.decide);
    gateway.metrics.took(Stage::Ledger, took.ledger);
}

/// The response to a reduced answer; `None` where nothing is left of the one thing that was asked for, which is then
/// answered like a thing that does not exist.
fn response(
    reduced: &Reduced,
    flight: Option<Flight>,
    leave: Arc<Leave>,
) -> Option<Response<Body>> {
    let mut response = Response::new(Body::released(reduced.body()?.clone(), flight, leave));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(reduced.content_type()),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(link) = reduced.link() {
        headers.insert(LINK, HeaderValue::from_str(&link).ok()?);
    }
    Some(response)
}
