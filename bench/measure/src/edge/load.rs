//! The load: so many connections, each asking again as soon as it has its answer. The same client for every way.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A request, complete before the clock starts.
pub(crate) type Ready = Request<Empty<Bytes>>;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// From the first request to the last answer.
    pub(crate) took: Duration,
    /// How long each answer took, body included; the shortest first.
    pub(crate) latencies: Vec<Duration>,
    /// How long each body was. They are all of one length.
    pub(crate) body: usize,
}

impl Outcome {
    /// The latency that so many of a hundred requests did not exceed, in microseconds.
    pub(crate) fn percentile(&self, of_hundred: usize) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let latency = self.latencies.get(last * of_hundred / 100);
        latency.map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e6)
    }
}

/// Sends everything, over so many connections. Any answer but 200, or of another length than the others, is a failure.
pub(crate) fn run(to: SocketAddr, connections: usize, requests: Vec<Ready>) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut shares: Vec<Vec<Ready>> = (0..connections).map(|_| Vec::new()).collect();
        for (number, request) in requests.into_iter().enumerate() {
            shares[number % connections].push(request);
        }
        let mut talks = Vec::new();
        for share in shares {
            talks.push((connect(to).await?, share));
        }
        let begun = Instant::now();
        let mut tasks: JoinSet<_> = talks
            .into_iter()
            .map(|(sender, share)| talk(sender, share))
            .collect();
        let mut latencies = Vec::new();
        let mut body = None;
        while let Some(done) = tasks.join_next().await {
            let (some, length) = done??;
            ensure!(
                body.is_none_or(|body| Some(body) == length),
                "answers of different lengths: {body:?}, {length:?}"
            );
            body = length;
            latencies.extend(some);
        }
        let took = begun.elapsed();
        latencies.sort_unstable();
        Ok(Outcome {
            took,
            latencies,
            body: body.context("no answer at all")?,
        })
    })
}

/// One request, and its whole body.
pub(crate) fn once(to: SocketAddr, request: Ready) -> Result<(http::response::Parts, Bytes)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let response = connect(to).await?.send_request(request).await?;
        let (parts, body) = response.into_parts();
        Ok((parts, body.collect().await?.to_bytes()))
    })
}

async fn connect(to: SocketAddr) -> Result<http1::SendRequest<Empty<Bytes>>> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn talk(
    mut sender: http1::SendRequest<Empty<Bytes>>,
    requests: Vec<Ready>,
) -> Result<(Vec<Duration>, Option<usize>)> {
    let mut latencies = Vec::with_capacity(requests.len());
    let mut expected = None;
    for request in requests {
        let begun = Instant::now();
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let mut body = response.into_body();
        let (mut length, mut refusal) = (0, Vec::new());
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                length += data.len();
                if status != StatusCode::OK {
                    refusal.extend_from_slice(&data);
                }
            }
        }
        latencies.push(begun.elapsed());
        ensure!(
            status == StatusCode::OK,
            "{status}: {}",
            String::from_utf8_lossy(&refusal)
        );
        ensure!(
            *expected.get_or_insert(length) == length,
            "an answer of {length} bytes after one of {expected:?}"
        );
    }
    Ok((latencies, expected))
}
