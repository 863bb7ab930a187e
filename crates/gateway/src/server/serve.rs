//! From an accepted connection to an answered request.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::answer;
use crate::config::Limits;
use crate::gateway::Gateway;
use crate::oauth;
use crate::problem::Problem;

/// Accepts connections until told to stop, then lets what is in flight finish.
pub(super) async fn accept(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    mut stopped: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let most = gateway
        .config
        .limits
        .connections
        .min(Semaphore::MAX_PERMITS);
    let connections = Arc::new(Semaphore::new(most));
    loop {
        // The place is taken before the connection is accepted: beyond the limit, connections wait in the kernel.
        let place = tokio::select! {
            place = connections.clone().acquire_owned() => place,
            _ = stopped.changed() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => break,
        };
        match (accepted, place) {
            (Ok((stream, _)), Ok(place)) => {
                let connection = connection(
                    gateway.clone(),
                    stream,
                    tls.clone(),
                    graceful.watcher(),
                    place,
                );
                tokio::spawn(connection);
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
    if tokio::time::timeout(stop_time, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests were cut off: they took longer than limits.stop-time");
    }
}

async fn connection(
    gateway: Arc<Gateway>,
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    watcher: Watcher,
    _place: OwnedSemaphorePermit,
) {
    let _ = stream.set_nodelay(true);
    gateway.metrics.connections.inc();
    match tls {
        None => http(&gateway, stream, watcher).await,
        Some(tls) => {
            let patience = gateway.config.limits.head_time.0;
            if let Ok(Ok(stream)) = tokio::time::timeout(patience, tls.accept(stream)).await {
                http(&gateway, stream, watcher).await;
            }
        }
    }
    gateway.metrics.connections.dec();
}

async fn http<S>(gateway: &Arc<Gateway>, stream: S, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(|request| {
        let gateway = gateway.clone();
        async move { Ok::<_, Infallible>(respond(gateway, request).await) }
    });
    let builder = builder(&gateway.config.limits);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    // How a connection ends is the client's affair; what it asked for has been counted.
    let _ = watcher.watch(connection).await;
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time.0)
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
    builder
}

async fn respond(gateway: Arc<Gateway>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let _leave = match gateway.limits.enter() {
        Ok(leave) => leave,
        Err(problem) => return problem.into_response(),
    };
    let patience = gateway.config.limits.request_time.0;
    gateway.metrics.in_flight.inc();
    let response = tokio::time::timeout(patience, route(gateway.clone(), request)).await;
    gateway.metrics.in_flight.dec();
    response.unwrap_or_else(|_| Problem::PlatformSlow.into_response())
}

async fn route(gateway: Arc<Gateway>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let own = match request.uri().path() {
        "/oauth/token" | "/oauth/revoke" => Method::POST,
        "/.well-known/oauth-authorization-server" | "/healthz" => Method::GET,
        _ => return answer::serve(gateway, request).await,
    };
    if request.method() != own {
        return Problem::MethodNotAllowed(own.to_string()).into_response();
    }
    if own == Method::POST {
        return form(&gateway, request).await;
    }
    match request.uri().path() {
        "/healthz" => Response::new(Full::from("ok\n")),
        _ => oauth::metadata(&gateway),
    }
}

async fn form(gateway: &Gateway, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let body = match read_body(body, &gateway.config.limits).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    match parts.uri.path() {
        "/oauth/revoke" => oauth::revoke(gateway, &parts.headers, &body),
        _ => oauth::token(gateway, &parts.headers, &body),
    }
}

/// The whole body of a request, within the limits of size and time.
pub(crate) async fn read_body(body: Incoming, limits: &Limits) -> Result<Bytes, Problem> {
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
