//! Answers in flight over real sockets, by both versions of HTTP: what lands by itself, and what has to be cut.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use decide::{Behalf, Verb};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::body::Body;
use crate::config;
use crate::limits::{Limits, Pace};

const PERSON: PersonNo = PersonNo(7);
const BOTH: [Version; 2] = [Version::Http1, Version::Http2];

#[derive(Clone, Copy, Debug)]
enum Version {
    Http1,
    Http2,
}

fn aboard(line: &Arc<Line>, person: PersonNo) -> Aboard {
    Aboard {
        asker: Asker {
            partner: "findr".parse().unwrap(),
            behalf: Behalf::Nobody,
            purpose: "dpv:ServiceProvision".parse().unwrap(),
            verb: Verb::Read,
            draws: Vec::new(),
        },
        me: None,
        powers: vec![PowerId([1; 32])],
        concerns: vec![Concern { person, powers: 1 }],
        line: line.clone(),
    }
}

/// A server that gives one connection answers of this length, all about [`PERSON`].
async fn server(version: Version, length: usize) -> (Arc<Flights>, TcpStream) {
    let flights = Arc::new(Flights::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let line = Line::new(flights.clone());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let service = {
            let line = line.clone();
            service_fn(move |_: Request<Incoming>| {
                let flight = line.flights.board(aboard(&line, PERSON));
                let leave = Limits::new(&config::Limits::default())
                    .enter(Pace::Quick)
                    .unwrap();
                let body = Body::released(vec![b'x'; length].into(), Some(flight), leave.into());
                async { Ok::<_, Infallible>(Response::new(body)) }
            })
        };
        let builder = Builder::new(TokioExecutor::new());
        let builder = match version {
            Version::Http1 => builder.http1_only(),
            Version::Http2 => builder.http2_only(),
        };
        let wire = TokioIo::new(Wire::new(stream, line.clone()));
        line.unless_cut(builder.serve_connection(wire, service))
            .await;
    });
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    (flights, socket.connect(address).await.unwrap())
}

/// Asks once; the answer's head is read.
async fn ask(version: Version, stream: TcpStream) -> Response<Incoming> {
    let request = Request::get("http://x/").header("host", "x");
    let request = request.body(Empty::<bytes::Bytes>::new()).unwrap();
    let io = TokioIo::new(stream);
    match version {
        Version::Http1 => {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        }
        Version::Http2 => {
            let executor = TokioExecutor::new();
            let handshake = hyper::client::conn::http2::handshake(executor, io);
            let (mut sender, connection) = handshake.await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        }
    }
}

fn is_person(aboard: &Aboard) -> bool {
    aboard.concerns.iter().any(|it| it.person == PERSON)
}

#[tokio::test]
async fn an_answer_that_is_read_lands_by_itself() {
    for version in BOTH {
        let (flights, stream) = server(version, 3_000_000).await;
        let answer = ask(version, stream).await;
        assert_eq!(flights.all().len(), 1, "{version:?}");
        let read = tokio::spawn(answer.into_body().collect());
        flights.clear(is_person).await;
        assert_eq!(flights.all().len(), 0, "{version:?}");
        let read = read.await.unwrap().unwrap().to_bytes();
        assert_eq!(
            (read.len(), flights.cut.get()),
            (3_000_000, 0),
            "{version:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_not_read_is_cut_and_its_rest_does_not_arrive() {
    // The first is with HTTP's machinery for the most part, the second with the operating system as a whole.
    for (version, length) in [
        (Version::Http1, 3_000_000),
        (Version::Http2, 3_000_000),
        (Version::Http1, 40_000),
    ] {
        let (flights, stream) = server(version, length).await;
        let mut answer = ask(version, stream).await;
        flights.clear(is_person).await;
        assert_eq!(flights.cut.get(), 1, "{version:?} {length}");
        let mut read = 0;
        let mut broken = false;
        while let Some(frame) = answer.body_mut().frame().await {
            match frame {
                Ok(frame) => read += frame.into_data().map_or(0, |data| data.len()),
                Err(_) => broken = true,
            }
            if broken {
                break;
            }
        }
        assert!(broken && read < length, "{version:?} {length}: {read}");
    }
}

#[tokio::test]
async fn what_a_change_does_not_concern_is_left_alone() {
    for version in BOTH {
        let (flights, stream) = server(version, 3_000_000).await;
        let answer = ask(version, stream).await;
        flights.clear(|aboard| !is_person(aboard)).await;
        let read = answer.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(
            (read.len(), flights.cut.get()),
            (3_000_000, 0),
            "{version:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_not_released_after_all_has_landed() {
    let flights = Arc::new(Flights::default());
    let line = Line::new(flights.clone());
    let flight = flights.board(aboard(&line, PERSON));
    let looked = AtomicUsize::new(0);
    let clearing = flights.clear(|_| looked.fetch_add(1, Ordering::Relaxed) == 0);
    let dropping = async {
        tokio::task::yield_now().await;
        drop(flight);
    };
    tokio::join!(clearing, dropping);
    assert_eq!((flights.cut.get(), looked.into_inner()), (0, 1));
}
