//! What stands behind the proxies: the sample platform as it is, or its own answers' bytes from memory.
//!
//! The sample platform computes every answer when it is asked; that takes longer than any proxy, so a proxy's latency
//! would drown in it. From memory come the same bytes with the same headers, so proxies do the same work.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use clap::{Args, ValueEnum};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::world::{self, Asked};

#[derive(Args, Debug)]
pub(crate) struct Plan {
    #[arg(long, value_enum)]
    mode: Mode,
}

/// Where answers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// The sample platform computes them.
    Live,
    /// The sample platform computed them at the start.
    Fixed,
}

/// Serves until its standard input ends, so it does not outlive whoever started it. Says its port first.
#[expect(
    clippy::print_stdout,
    reason = "whoever started it reads the port there"
)]
pub(crate) fn run(plan: &Plan) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?.port());
        tokio::select! {
            served = serve(listener, plan.mode) => served,
            () = orphaned() => Ok(()),
        }
    })
}

async fn orphaned() {
    let (say, hear) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _until_the_end = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        say.send(())
    });
    let _either_way = hear.await;
}

async fn serve(listener: TcpListener, mode: Mode) -> Result<()> {
    let world = world::world();
    if mode == Mode::Live {
        let served = sample::serve(listener, world, world::options(), std::future::pending());
        return served.await.context("the sample platform");
    }
    let mut answers = HashMap::new();
    for asked in Asked::ALL {
        let target = asked.target(&world)?;
        let (headers, body) = world::answer(&world, &target).await?;
        let path = target.split('?').next().unwrap_or_default().to_owned();
        answers.insert(path, (headers, body));
    }
    let answers = Arc::new(answers);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(speak(stream, Arc::clone(&answers)));
    }
}

type Answers = HashMap<String, (HeaderMap, Bytes)>;

async fn speak(stream: TcpStream, answers: Arc<Answers>) {
    let service = service_fn(|request: Request<Incoming>| {
        let found = answers.get(request.uri().path());
        let mut response = Response::new(Full::new(
            found.map_or_else(Bytes::new, |(_, body)| body.clone()),
        ));
        match found {
            Some((headers, _)) => *response.headers_mut() = headers.clone(),
            None => *response.status_mut() = StatusCode::NOT_FOUND,
        }
        async { Ok::<_, Infallible>(response) }
    });
    // A client that goes away is no failure of ours.
    let _over = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
