//! The platform as it should not be: answers that are written byte by byte, and refused.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use release::{Api, Operation, Routed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::config::{BaseUrl, Document, Limits, Platform, Secret, Size, Span};

const OVERLAY: &[u8] = include_bytes!("../../../../examples/sample-social/overlay.json");

/// A read by POST.
fn search() -> Arc<Operation> {
    let document = br##"{ "openapi": "3.1.0", "info": { "title": "Search", "version": "1" }, "paths": { "/search": { "post": {
        "operationId": "search", "x-countersign": { "verb": "read", "reach": "directory" },
        "requestBody": { "content": { "application/json": { "schema": { "type": "object", "properties": {
            "term": { "type": "string", "x-countersign": { "touches": "pd:Name" } } } } } } },
        "responses": { "200": { "description": "Somebody", "content": { "application/json": { "schema": { "type": "object",
            "x-countersign": { "people": [{ "at": "id" }] }, "properties": {
            "id": { "type": "string", "x-countersign": { "category": "pd:UID" } } } } } } } } } } } }"##;
    let overlay = br#"{ "overlay": "1.1.0", "info": { "title": "None", "version": "1" },
        "actions": [{ "target": "$.info", "update": { "description": "nothing" } }] }"#;
    let api = Api::load(document, "search.json", overlay, "overlay.json");
    let api = api.unwrap_or_else(|errors| panic!("{errors}"));
    Arc::clone(api.operations().first().unwrap())
}

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

fn asking<'a>(target: &'a str, person: Option<&'a str>) -> Asking<'a> {
    Asking {
        target,
        body: None,
        person,
    }
}

fn upstream(address: SocketAddr) -> Upstream {
    told_of(
        PersonPlace::Header(HeaderName::from_static("x-on-behalf-of")),
        address,
    )
}

/// A way to a platform that is told there for whom a partner acts.
fn told_of(person: PersonPlace, address: SocketAddr) -> Upstream {
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
        person: Some(person),
        idempotency: None,
        authorities: None,
    };
    let limits = Limits {
        upstream_body: Size(1000),
        upstream_time: Span(Duration::from_millis(500)),
        ..Limits::default()
    };
    Upstream::new(&platform, &limits).unwrap()
}

async fn told(answer: &'static [u8], stays: bool) -> Result<Page, UpstreamRefused> {
    let (address, _) = platform(answer, stays).await;
    upstream(address)
        .page(&operation(), asking("/v1/people/ada?limit=2", Some("ada")))
        .await
}

const LONG: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2000\r\n\r\n{";

#[tokio::test]
async fn a_right_answer_comes_through_byte_for_byte() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: 9\r\nx: y\r\n\r\n{ \"a\":1 }";
    assert_eq!(told(answer, false).await.unwrap().body, &b"{ \"a\":1 }"[..]);
    let chunked = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    assert_eq!(told(chunked, false).await.unwrap().body, &b"{}"[..]);
}

#[tokio::test]
async fn links_are_handed_on_as_one() {
    let answer = b"HTTP/1.1 200 OK\r\nlink: </a>; rel=\"prev\"\r\ncontent-type: application/json\r\nlink: </b>; rel=\"next\"\r\ncontent-length: 2\r\n\r\n{}";
    let link = told(answer, false).await.unwrap().link;
    assert_eq!(
        link.as_deref(),
        Some("</a>; rel=\"prev\", </b>; rel=\"next\"")
    );
}

#[tokio::test]
async fn every_answer_that_cannot_be_trusted_is_refused_by_name() {
    let rows: &[(&str, &'static [u8])] = &[
        ("upstream-not-found", b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 21\r\n\r\n{\"detail\":\"ada is gone\"}"),
        ("upstream-hidden", b"HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: 26\r\n\r\n{\"detail\":\"ada hides this\"}"),
        ("upstream-hidden", b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n"),
        ("upstream-hidden", b"HTTP/1.1 451 Unavailable For Legal Reasons\r\ncontent-length: 0\r\n\r\n"),
        ("upstream-status", b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-status", b"HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-status", b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n"),
        ("upstream-status", b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-status", b"HTTP/1.1 203 Non-Authoritative\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-content-type", b"HTTP/1.1 200 OK\r\ncontent-type: application/json-patch+json\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-content-type", b"HTTP/1.1 200 OK\r\ncontent-type: application/problem+json\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-content-type", b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=latin1\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-content-type", b"HTTP/1.1 200 OK\r\ncontent-type: application/json, text/html\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-content-type", b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-encoded", b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: br\r\ncontent-length: 2\r\n\r\n{}"),
        ("upstream-encoded", b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: identity\r\ncontent-encoding: zstd\r\ncontent-length: 2\r\n\r\n{}"),
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
        .page(&operation(), asking("/v1/people/ada", None))
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
        .page(&operation(), asking("/v1/people/ada?limit=2", Some("ada")))
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

/// What the platform is sent, line by line, with the headers in order.
async fn sent(request: tokio::task::JoinHandle<String>, address: SocketAddr) -> Vec<String> {
    let request = request
        .await
        .unwrap()
        .replace(&address.to_string(), "(host)");
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<String> = head.split("\r\n").map(str::to_owned).collect();
    lines[1..].sort_unstable();
    lines.push(body.to_owned());
    lines
}

const NOTHING: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn a_read_by_post_is_a_post_with_our_body() {
    let (address, request) = platform(NOTHING, false).await;
    let asking = Asking {
        target: "/search",
        body: Some(&Bytes::from_static(b"{\"term\":\"x\"}")),
        person: None,
    };
    let _ = upstream(address).page(&search(), asking).await;
    assert_eq!(
        sent(request, address).await,
        [
            "POST /search HTTP/1.1",
            "accept-encoding: identity",
            "accept: application/json",
            "authorization: Bearer service-token",
            "content-length: 12",
            "content-type: application/json",
            "host: (host)",
            "{\"term\":\"x\"}",
        ]
    );
}

#[tokio::test]
async fn a_platform_can_be_told_in_the_query_for_whom_a_partner_acts() {
    let parameter = || PersonPlace::Parameter("user_id".to_owned());
    for (target, person, line) in [
        (
            "/v1/people/ada",
            Some("@ada:home&x=1"),
            "/v1/people/ada?user_id=%40ada%3Ahome%26x%3D1",
        ),
        (
            "/v1/people/ada?limit=2",
            Some("ada"),
            "/v1/people/ada?limit=2&user_id=ada",
        ),
        ("/v1/people/ada", None, "/v1/people/ada"),
    ] {
        let (address, request) = platform(NOTHING, false).await;
        let upstream = told_of(parameter(), address);
        assert_eq!(upstream.person_parameter(), Some("user_id"));
        let _ = upstream.page(&operation(), asking(target, person)).await;
        let sent = sent(request, address).await;
        assert_eq!(sent[0], format!("GET {line} HTTP/1.1"));
        assert!(!sent.iter().any(|line| line.starts_with("x-on-behalf-of")));
    }
}

/// A platform that says who is in a room, takes a while, and counts how many ask at once.
async fn rooms(most: Arc<AtomicUsize>) -> SocketAddr {
    let now = Arc::new(AtomicUsize::new(0));
    let answer = async move |request: axum::extract::Request| {
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        now.fetch_sub(1, Ordering::SeqCst);
        let json = [("content-type", "application/json")];
        let person = request.headers().get("x-on-behalf-of").cloned();
        match request.uri().path() {
            "/rooms/gone" => (StatusCode::NOT_FOUND, json, "{}".to_owned()),
            "/rooms/hidden" => (StatusCode::FORBIDDEN, json, "{}".to_owned()),
            "/rooms/page" => (
                StatusCode::OK,
                [("content-type", "text/html")],
                "{}".to_owned(),
            ),
            "/rooms/long" => (StatusCode::OK, json, "x".repeat(1001)),
            "/rooms/slow" => {
                tokio::time::sleep(Duration::from_secs(5)).await;
                (StatusCode::OK, json, "{}".to_owned())
            }
            path => (StatusCode::OK, json, format!("{path} {person:?}")),
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn further_calls_come_back_in_their_order_and_a_few_at_once() {
    let most = Arc::new(AtomicUsize::new(0));
    let upstream = Arc::new(upstream(rooms(most.clone()).await));
    let targets: Vec<String> = (0..40).map(|n| format!("/rooms/{n}")).collect();
    let answers = upstream.fetch_all(targets, Some("ada")).await;
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(
            answer.as_deref(),
            Some(format!("/rooms/{n} Some(\"ada\")").as_bytes())
        );
    }
    assert_eq!(answers.len(), 40);
    assert_eq!(most.load(Ordering::SeqCst), lookups::AT_ONCE);
    assert!(upstream.fetch_all(Vec::new(), None).await.is_empty());
}

#[tokio::test]
async fn a_further_call_that_fails_in_any_way_tells_nothing() {
    let upstream = Arc::new(upstream(rooms(Arc::default()).await));
    let rooms = [
        "gone",
        "hidden",
        "page",
        "long",
        "slow",
        "well",
        "no such uri",
    ];
    let targets = rooms.iter().map(|room| format!("/rooms/{room}")).collect();
    let answers = upstream.fetch_all(targets, None).await;
    let told: Vec<bool> = answers.iter().map(Option::is_some).collect();
    assert_eq!(told, [false, false, false, false, false, true, false]);
}
