//! The same law where partners come by TLS, over HTTP/1.1 and over HTTP/2: between the answer and the socket there are
//! then two more layers that hold bytes back.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::platform::{Stage, holds};
use super::{MESSAGE, WITHIN};
use crate::attacks::frames::{self, PING, WINDOW_UPDATE, frame};
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

/// HTTP/2 can keep an answer back without a full socket: no room for it, and signs of life all the while, which make the
/// gateway send other bytes beside it.
#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_gives_no_room_for_the_rest_is_cut_and_room_given_later_brings_nothing() {
    let (stage, trusted) = stage().await;
    let passport = stage
        .door
        .client
        .headers(&stage.token, &Method::GET, "/short");
    let fields = [
        (":method", "GET"),
        (":scheme", "https"),
        (":path", "/short"),
        (":authority", "x"),
    ];
    let block = [frames::block(&fields), frames::block(&passport.unwrap())].concat();
    let room_for_ten = frames::opening(&[(4, 10)]);
    let asked = frame(frames::HEADERS, frames::WHOLE, 1, &block);
    let mut pieces = vec![room_for_ten, asked];
    pieces.extend(std::iter::repeat_n(frame(PING, 0, 0, &[7; 8]), 300));
    let room = 0x10_0000_u32.to_be_bytes();
    pieces.push(
        [
            frame(WINDOW_UPDATE, 0, 0, &room),
            frame(WINDOW_UPDATE, 0, 1, &room),
        ]
        .concat(),
    );
    let connection = stage.door.connect(&trusted, "h2").await;
    let partner = tokio::spawn(async move { frames::exchange(connection, &pieces, 1).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    stage.withdraw("bert", MESSAGE).await;
    assert!(began.elapsed() < WITHIN, "{:?}", began.elapsed());
    let came = partner.await.unwrap();
    assert_eq!(
        (came.told.join(" ").as_str(), came.bodies.len()),
        ("200", 10)
    );
}

/// HTTP/2's machinery lets go of the last frame of an answer only after it has flushed.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_read_gives_its_place_back_at_once_over_either_protocol() {
    let (certificate, key) = town::tls::certificate();
    let limits = "requests-per-partner = 1";
    let stage = Stage::by_tls_within(&certificate, &key, limits).await;
    for protocol in BOTH {
        let mut open = Vec::new();
        for _ in 0..5 {
            let mut answer = ask(&stage, &certificate, protocol, "/short").await;
            while let Some(frame) = answer.body_mut().frame().await {
                frame.unwrap();
            }
            open.push(answer);
            // So long as it may take until the gateway, too, knows that all was sent.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
