//! From an accepted connection to an answered request.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::answer::{self, Lane};
use crate::body::Body;
use crate::config::Limits;
use crate::flights::{Line, Socket, Standing, Wire};
use crate::gateway::Gateway;
use crate::limits::Pace;
use crate::metrics::Counted;
use crate::oauth::{self, INTROSPECT_PATH, PAR_PATH, REVOKE_PATH, TOKEN_PATH};
use crate::partner_desk;
use crate::person;
use crate::problem::Problem;
use crate::proposals;
use crate::public;

/// How often at most a connection is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How long a client that nothing is owed may take to go.
const GOING: Duration = Duration::from_secs(1);

/// Accepts connections until told to stop, then lets what is in flight finish.
pub(super) async fn accept(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    mut stopped: watch::Receiver<bool>,
) {
    let most = gateway
        .config
        .limits
        .connections
        .min(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(most));
    let mut connections = JoinSet::new();
    loop {
        // The place is taken before the connection is accepted: beyond the limit, connections wait in the kernel.
        let next = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            next = next => next,
            _ = stopped.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        match (accepted, place) {
            (Ok((stream, _)), Ok(place)) => {
                let serving = connection(gateway.clone(), stream, tls.clone(), stopped.clone());
                connections.spawn(async move {
                    serving.await;
                    drop(place);
                });
            }
            (Err(error), _) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await; // out of file descriptors, most likely
            }
            (_, Err(_)) => break,
        }
    }
    drop(listener);
    let stop_time = gateway.config.limits.stop_time.0;
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(stop_time, ended).await.is_err() {
        tracing::warn!("requests were cut off: they took longer than limits.stop-time");
    }
    connections.shutdown().await;
}

async fn connection(
    gateway: Arc<Gateway>,
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    stopped: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let _open = Counted::new(&gateway.metrics.connections);
    let Some(tls) = tls else {
        return http(&gateway, stream, Version::Http1, stopped).await;
    };
    let patience = gateway.config.limits.head_time.0;
    if let Ok(Ok(stream)) = tokio::time::timeout(patience, tls.accept(stream)).await {
        let version = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => Version::Http2,
            _ => Version::Http1,
        };
        http(&gateway, stream, version, stopped).await;
    }
}

/// Which HTTP a connection speaks. It is agreed on before, never guessed from the first bytes: waiting for those has no
/// time limit in hyper-util.
#[derive(Clone, Copy)]
enum Version {
    Http1,
    Http2,
}

async fn http<S>(
    gateway: &Arc<Gateway>,
    stream: S,
    version: Version,
    stopped: watch::Receiver<bool>,
) where
    S: Socket + Send + 'static,
{
    let line = Line::new(gateway.flights.clone());
    let service = service_fn(|request| {
        let (gateway, line) = (gateway.clone(), line.clone());
        async move { Ok::<_, Infallible>(respond(gateway, line, request).await) }
    });
    let limits = &gateway.config.limits;
    let builder = builder(limits, version);
    let wire = Wire::new(stream, line.clone());
    let connection = builder.serve_connection(TokioIo::new(wire), service);
    let farewell = GracefulShutdown::new();
    let served = line.unless_cut(farewell.watch(connection));
    tokio::select! {
        () = served => {} // how it ends is the client's affair
        () = watch_over(&line, limits, farewell, stopped) => {}
    }
}

/// Says farewell to a connection that is idle, or to everybody when the gateway stops; returns when it has to end at
/// once, because the client takes too long over an answer or over its going. HTTP/2 has no time limits of its own, and
/// a client that gives signs of life asks for none.
async fn watch_over(
    line: &Line,
    limits: &Limits,
    farewell: GracefulShutdown,
    mut stopped: watch::Receiver<bool>,
) {
    let (quiet, most) = (limits.head_time.0, limits.answer_time.0);
    let mut looks = tokio::time::interval((quiet.min(most) / 4).max(LOOK));
    loop {
        tokio::select! {
            _ = looks.tick() => match standing(line, quiet, most) {
                Standing::Busy => {}
                Standing::Idle => break,
                Standing::Overdue => return cut_off(),
            },
            _ = stopped.changed() => break,
        }
    }
    let going = async {
        loop {
            tokio::time::sleep(quiet.min(GOING)).await;
            match standing(line, quiet, most) {
                Standing::Busy => {}
                Standing::Idle => return,
                Standing::Overdue => return cut_off(),
            }
        }
    };
    tokio::select! {
        () = farewell.shutdown() => {}
        () = going => {}
    }
}

/// How it stands; and has the connection look whether the operating system has sent what it has, for the next time.
fn standing(line: &Line, quiet: Duration, most: Duration) -> Standing {
    if !line.is_clear() {
        line.look();
    }
    line.standing(quiet, most)
}

fn cut_off() {
    tracing::info!("a connection was cut: an answer on it was not taken within limits.answer-time");
}

fn builder(limits: &Limits, version: Version) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // It goes on while an answer is on its way to a slow partner. Who asks nothing is idle, and watched over.
        .header_read_timeout(limits.head_time.0.max(limits.answer_time.0))
        .max_buf_size(limits.request_head.0)
        .max_headers(64)
        .half_close(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .max_header_list_size(u32::try_from(limits.request_head.0).unwrap_or(u32::MAX))
        .keep_alive_interval(limits.head_time.0)
        .keep_alive_timeout(limits.head_time.0);
    match version {
        Version::Http1 => builder.http1_only(),
        Version::Http2 => builder.http2_only(),
    }
}

async fn respond(
    gateway: Arc<Gateway>,
    line: Arc<Line>,
    request: Request<Incoming>,
) -> Response<Body> {
    // Everything else about the request is looked at later; how long it may take has to be known before.
    let pace = Pace::of(&gateway.api, request.method(), request.uri().path());
    let entered = match gateway.limits.enter(pace) {
        Ok(leave) => leave,
        Err(problem) => return problem.into_response(),
    };
    let lane = Lane {
        line,
        pace,
        entered,
    };
    let _in_flight = Counted::new(&gateway.metrics.in_flight);
    // Neither the address nor any header is put into the span: both can name people.
    let span = tracing::info_span!("request", partner = Empty, operation = Empty, entry = Empty);
    let owed = lane.line.begin();
    let patience = gateway.config.limits.request_time.0 + pace.patience();
    let answered = route(gateway.clone(), lane, request).instrument(span);
    let answered = tokio::time::timeout(patience, answered).await;
    let response = answered.unwrap_or_else(|_| Problem::PlatformSlow.into_response());
    let stream_time = gateway.config.limits.stream_time.0;
    response.map(|body| body.owed(owed, stream_time))
}

async fn route(gateway: Arc<Gateway>, lane: Lane, request: Request<Incoming>) -> Response<Body> {
    let request = match proposals::serve(&gateway, request).await {
        Ok(response) => return response,
        Err(request) => request,
    };
    let request = match person::serve(&gateway, request).await {
        Ok(response) => return response,
        Err(request) => request,
    };
    if let Some(response) = public::serve(&gateway, &request) {
        return response;
    }
    let request = match partner_desk::serve(&gateway, request).await {
        Ok(response) => return response,
        Err(request) => request,
    };
    let own = match request.uri().path() {
        TOKEN_PATH | REVOKE_PATH | INTROSPECT_PATH => Method::POST,
        PAR_PATH if gateway.persons.is_some() => Method::POST,
        "/.well-known/oauth-authorization-server" | "/healthz" => Method::GET,
        _ => return answer::serve(gateway, lane, request).await,
    };
    if request.method() != own {
        return Problem::MethodNotAllowed(own.to_string()).into_response();
    }
    if own == Method::POST {
        return form(&gateway, request).await;
    }
    match request.uri().path() {
        "/healthz" => health(&gateway),
        _ => oauth::metadata(&gateway),
    }
}

/// For a load balancer: whether requests can be answered, and nothing else.
fn health(gateway: &Gateway) -> Response<Body> {
    if gateway.ledger.failure().is_some() || gateway.register.log().failure().is_some() {
        return Problem::LedgerStopped.into_response();
    }
    if gateway.ledger.shortage().is_some() {
        return Problem::NoSpace.into_response();
    }
    match gateway.clock.moment() {
        Ok(_) => Response::new(Body::from("ok\n")),
        Err(problem) => problem.into_response(),
    }
}

async fn form(gateway: &Arc<Gateway>, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = match read_body(body, &gateway.config.limits).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    match parts.uri.path() {
        REVOKE_PATH => oauth::revoke(gateway, &parts.headers, &body).await,
        INTROSPECT_PATH => oauth::introspect(gateway, &parts.headers, &body),
        PAR_PATH => oauth::push(gateway, &parts.headers, &body),
        _ => oauth::token(gateway, &parts.headers, &body).await,
    }
}

/// The whole body of a request, within the limits of size and time.
pub(crate) async fn read_body(body: Incoming, limits: &Limits) -> Result<Bytes, Problem> {
    // What says itself that it is too long is not waited for.
    if body.size_hint().lower() > u64::try_from(limits.request_body.0).unwrap_or(u64::MAX) {
        return Err(Problem::BodyTooLarge);
    }
    let limited = Limited::new(body, limits.request_body.0);
    match tokio::time::timeout(limits.body_time.0, limited.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::BodyTooLarge),
        Ok(Err(_)) => Err(Problem::MalformedRequest(
            "The request's body ended early or is not framed as HTTP demands.",
        )),
        Err(_) => Err(Problem::RequestTimeout),
    }
}
