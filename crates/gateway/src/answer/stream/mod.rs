//! Streams: an answer record by record, each walked, decided, on the ledger, and only then written, in this order.
//!
//! A stream is opened like any other answer is asked for. Then a task of its own takes records from the platform for as
//! long as everything still holds, and hands them to HTTP one by one; while the partner does not read, it takes none.

mod feed;
mod warden;

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response};
use hyper::body::Incoming;
use release::{Route, StreamForm};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::Instrument as _;

use self::feed::Feed;
use self::warden::Warden;
use super::Asked;
use super::gate::asker_of;
use crate::admission::Admitted;
use crate::body::Body;
use crate::gateway::Gateway;
use crate::limits::Leave;
use crate::problem::Problem;
use crate::upstream::{Asking, UpstreamRefused};

/// A stream that has been opened and does not flow yet.
pub(super) struct Opened {
    response: Response<Body>,
    feed: Feed,
    source: Source,
}

/// Where the records come from.
enum Source {
    Platform(Incoming),
    /// From nowhere: the platform does not have, or does not show, what was asked for. A stream about somebody who
    /// refuses is silent; so this one is, too.
    Nothing,
}

/// Opens a stream: everything that can be told about the request is told before.
///
/// # Errors
/// As any answer.
pub(super) async fn open(
    gateway: &Arc<Gateway>,
    admitted: &Admitted,
    route: &Route,
    asked: &Asked<'_>,
    headers: &HeaderMap,
) -> Result<Opened, Problem> {
    let (operation, caller) = (route.operation(), &admitted.caller);
    let form = operation.stream().ok_or(Problem::Internal)?;
    if headers.contains_key("last-event-id") {
        return Err(Problem::MalformedRequest(
            "Streams are not resumed here, and the ids of the platform's events are not passed on. Leave the header Last-Event-ID out.",
        ));
    }
    let asker = asker_of(caller, operation);
    let me = gateway.me(caller, operation)?;
    let prepared = gateway.prepare(caller, me.as_ref(), route, asked)?;
    gateway.count_promises(operation, &asker, admitted.now);
    gateway.could_anything_pass(operation, &asker)?;
    let asking = Asking {
        target: prepared.upstream(),
        body: prepared.body(),
        person: me.as_ref().map(|me| me.id.as_str()),
    };
    let source = match gateway.upstream.stream(operation, asking).await {
        Ok(records) => Source::Platform(records),
        Err(UpstreamRefused::NotFound | UpstreamRefused::Hidden(_))
            if operation.names_what_is_asked_for() =>
        {
            Source::Nothing
        }
        Err(refused) => {
            tracing::warn!(reason = refused.name(), "no stream from the platform");
            return Err(refused.into());
        }
    };
    // Not one byte leaves before a durable entry, and the head is one: it says that there is a stream.
    gateway
        .record_nobody(&asker, operation, admitted.now)
        .await?;
    let (to, parts) = mpsc::channel(1);
    let warden = Warden {
        gateway: gateway.clone(),
        caller: caller.clone(),
        operation: operation.clone(),
        asker: asker.clone(),
    };
    Ok(Opened {
        response: response(form, operation.content_type(), parts)?,
        feed: Feed::new(
            warden,
            prepared.into_walk(),
            me,
            asked.line.clone(),
            to,
            form,
        ),
        source,
    })
}

impl Opened {
    /// Lets it flow. `held` are its places among what waits and streams.
    pub(super) fn flow(self, held: (Leave, Arc<Leave>)) -> Response<Body> {
        let Self {
            response,
            feed,
            source,
        } = self;
        let flowing = async move {
            feed.run(source).await;
            drop(held);
        };
        tokio::spawn(flowing.in_current_span());
        response
    }
}

fn response(
    form: StreamForm,
    content_type: &str,
    parts: mpsc::Receiver<Result<crate::body::Part, crate::body::Broken>>,
) -> Result<Response<Body>, Problem> {
    let content_type = match form {
        StreamForm::Events => HeaderValue::from_static("text/event-stream"),
        StreamForm::Lines => HeaderValue::from_str(content_type).map_err(|_| Problem::Internal)?,
    };
    let mut response = Response::new(Body::stream(parts));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// When a stream that begins now has to end.
fn end(gateway: &Gateway) -> Instant {
    Instant::now() + gateway.config.limits.stream_time.0
}
