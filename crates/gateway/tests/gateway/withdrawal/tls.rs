//! The same law where partners come by TLS, over HTTP/1.1 and over HTTP/2: between the answer and the socket there are
//! then two more layers that hold bytes back.

use std::time::Instant;

use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::platform::{Stage, holds};
use super::{MESSAGE, WITHIN};
use crate::town;

const BOTH: [&str; 2] = ["http/1.1", "h2"];

/// A stage behind TLS, and the certificate that a partner trusts.
async fn stage() -> (Stage, String) {
    let (certificate, key) = town::tls::certificate();
    let stage = Stage::by_tls(&certificate, &key).await;
    (stage, certificate)
}

/// Asks over a connection of its own that speaks this protocol, and reads no further than the answer's head.
async fn ask(stage: &Stage, trusted: &str, protocol: &str, path: &str) -> http::Response<Incoming> {
    let stream = stage.door.connect(trusted, protocol).await;
    let mut request = http::Request::get(format!("{}{path}", stage.door.public));
    let headers = stage.door.client.headers(&stage.token, &Method::GET, path);
    for (name, value) in headers.unwrap() {
        request = request.header(name, value);
    }
    let io = TokioIo::new(stream);
    let answer = if protocol == "h2" {
        let handshake = http2::handshake(TokioExecutor::new(), io).await;
        let (mut sender, connection) = handshake.unwrap();
        tokio::spawn(connection);
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        sender.send_request(request).await.unwrap()
    } else {
        let (mut sender, connection) = http1::handshake(io).await.unwrap();
        tokio::spawn(connection);
        let request = request.header("host", "x");
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        sender.send_request(request).await.unwrap()
    };
    assert_eq!(answer.status(), 200, "{protocol}");
    answer
}

/// What arrives until the answer is complete or broken off, and which of the two it was.
async fn rest(mut answer: http::Response<Incoming>) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(frame) = answer.body_mut().frame().await {
        match frame {
            Ok(frame) => body.extend(frame.into_data().unwrap_or_default()),
            Err(_) => return (body, false),
        }
    }
    (body, true)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_stops_reading_is_cut_over_either_protocol() {
    let (stage, trusted) = stage().await;
    for protocol in BOTH {
        let answer = ask(&stage, &trusted, protocol, "/posts").await;
        let began = Instant::now();
        stage.withdraw("bert", MESSAGE).await;
        let took = began.elapsed();
        assert!(took < WITHIN, "{protocol}: {took:?}");
        let (body, complete) = rest(answer).await;
        assert!(!complete && !holds(&body, "bert"), "{protocol}");
        stage.town.consent_again("bert").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_reads_gets_all_and_the_next_answer_is_without_whoever_withdrew() {
    let (stage, trusted) = stage().await;
    for protocol in BOTH {
        let reading = tokio::spawn(rest(ask(&stage, &trusted, protocol, "/posts").await));
        stage.withdraw("bert", MESSAGE).await;
        let (body, complete) = reading.await.unwrap();
        assert!(complete && holds(&body, "bert"), "{protocol}");
        let (body, complete) = rest(ask(&stage, &trusted, protocol, "/posts").await).await;
        assert!(complete && holds(&body, "cleo"), "{protocol}");
        assert!(!holds(&body, "bert"), "{protocol}");
        stage.town.consent_again("bert").await;
    }
}
