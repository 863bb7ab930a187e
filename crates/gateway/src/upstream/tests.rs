//! The platform as it should not be: answers that are written byte by byte, and refused.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use release::{Api, Operation, Routed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::config::{BaseUrl, Document, Limits, Platform, Secret, Size, Span};

const OVERLAY: &[u8] = include_bytes!("../../../../examples/sample-social/overlay.json");

/// Some operation of the sample platform's.
fn operation() -> Arc<Operation> {
    let api = Api::load(
        sample::OPENAPI.as_bytes(),
        "openapi.json",
        OVERLAY,
        "overlay.json",
    )
    .unwrap();
    let read = api
        .operations()
        .iter()
        .find(|operation| operation.method() == "GET")
        .unwrap();
    let path = read.path().replace(['{', '}'], "");
    match api.route("GET", &path) {
        Routed::Mapped(route) => route.operation().clone(),
        Routed::Unmapped => panic!("{path} leads nowhere"),
    }
}

/// A platform that reads a request, answers with these bytes whatever it was, and hands the request's bytes back.
async fn platform(
    answer: &'static [u8],
    stays: bool,
) -> (SocketAddr, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let read = stream.read(&mut request).await.unwrap();
        stream.write_all(answer).await.unwrap();
        if stays {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        String::from_utf8(request[..read].to_vec()).unwrap()
    });
    (address, task)
}

fn upstream(address: SocketAddr) -> Upstream {
    let document = || Document {
        path: "x".into(),
        bytes: Vec::new(),
    };
    let platform = Platform {
        upstream: BaseUrl::try_from(format!("http://{address}")).unwrap(),
        document: document(),
        overlay: document(),
        credential: Some((
            http::header::AUTHORIZATION,
            Secret::new("Bearer service-token".to_owned()),
        )),
        person_header: Some(HeaderName::from_static("x-on-behalf-of")),
        authorities: None,
    };
    let limits = Limits {
        upstream_body: Size(1000),
        upstream_time: Span(Duration::from_millis(500)),
        ..Limits::default()
    };
    Upstream::new(&platform, &limits).unwrap()
}

async fn told(answer: &'static [u8], stays: bool) -> Result<Bytes, UpstreamRefused> {
    let (address, _) = platform(answer, stays).await;
    upstream(address)
        .get(&operation(), "/v1/people/ada?limit=2", Some("ada"))
        .await
}

const LONG: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2000\r\n\r\n{";

#[tokio::test]
async fn a_right_answer_comes_through_byte_for_byte() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: 9\r\nx: y\r\n\r\n{ \"a\":1 }";
    assert_eq!(told(answer, false).await.unwrap(), &b"{ \"a\":1 }"[..]);
    let chunked = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    assert_eq!(told(chunked, false).await.unwrap(), &b"{}"[..]);
}

#[tokio::test]
async fn every_answer_that_cannot_be_trusted_is_refused_by_name() {
    let rows: &[(&str, &'static [u8])] = &[
        ("upstream-not-found", b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 21\r\n\r\n{\"detail\":\"ada is gone\"}"),
        ("upstream-status", b"HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-status", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("upstream-status", b"HTTP/1.1 206 Partial Content\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-status", b"HTTP/1.1 302 Found\r\nlocation: http://elsewhere.example/\r\ncontent-length: 0\r\n\r\n"),
        ("upstream-status", b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        ("upstream-content-type", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-content-type", b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-content-type", b"HTTP/1.1 200 OK\r\ncontent-type: application/jsonlines\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-content-type", b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-16\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-content-type", b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-encoded", b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-unframed", b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{}"),
        ("upstream-too-large", b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n4000\r\n"),
        ("upstream-truncated", LONG),
        ("upstream-truncated", b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"),
        ("upstream-unreachable", b"SMTP ready\r\n"),
        ("upstream-unreachable", b""),
    ];
    for (name, answer) in rows {
        let mut answer = answer.to_vec();
        if *name == "upstream-too-large" {
            answer.extend([b'x'; 0x4000]);
        }
        let answer: &'static [u8] = answer.leak();
        let refused = told(answer, false).await.unwrap_err();
        assert_eq!(refused.name(), *name, "{}", String::from_utf8_lossy(answer));
    }
}

#[tokio::test]
async fn a_platform_that_stalls_is_not_waited_for() {
    assert_eq!(told(b"", true).await, Err(UpstreamRefused::Slow));
    let begun = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    assert_eq!(told(begun, true).await, Err(UpstreamRefused::Slow));
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let refused = upstream(address)
        .get(&operation(), "/v1/people/ada", None)
        .await
        .unwrap_err();
    assert_eq!(refused.name(), "upstream-unreachable");
    assert!(
        !refused.to_string().contains("ada"),
        "an address can name people: {refused}"
    );
}

#[tokio::test]
async fn the_platform_gets_the_gateways_own_request_and_nothing_else() {
    let (address, request) = platform(
        b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        false,
    )
    .await;
    let _ = upstream(address)
        .get(&operation(), "/v1/people/ada?limit=2", Some("ada"))
        .await;
    let request = request
        .await
        .unwrap()
        .replace(&address.to_string(), "(host)");
    let mut lines: Vec<&str> = request.trim_end().split("\r\n").collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "GET /v1/people/ada?limit=2 HTTP/1.1",
            "accept-encoding: identity",
            "accept: application/json",
            "authorization: Bearer service-token",
            "host: (host)",
            "x-on-behalf-of: ada",
        ]
    );
}

#[test]
fn a_charset_other_than_utf_8_is_not_json() {
    for right in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"; v=1",
    ] {
        assert!(is_utf8(right), "{right}");
    }
    for wrong in [
        "application/json; charset=utf-16",
        "application/json; Charset=iso-8859-1",
    ] {
        assert!(!is_utf8(wrong), "{wrong}");
    }
}
