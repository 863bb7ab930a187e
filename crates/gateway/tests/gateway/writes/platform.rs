//! Whatever the platform answers to a write, the partner is told one of few things, and the ledger says which.

use http::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::stage::{Stage, slug, told_by};

/// What the platform sends back, byte for byte; `None`: nothing, for as long as anybody waits.
type Bytes = Option<&'static str>;

const CASES: &[(&str, Bytes, u16, &str, &str)] = &[
    (
        "done",
        Some("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"),
        200,
        "",
        "done answered",
    ),
    (
        "made",
        Some("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"),
        200,
        "",
        "done answered",
    ),
    (
        "accepted",
        Some("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"),
        200,
        "",
        "done answered",
    ),
    (
        "no content",
        Some("HTTP/1.1 204 No Content\r\n\r\n"),
        200,
        "",
        "done answered",
    ),
    (
        "cut after its head",
        Some("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"),
        200,
        "",
        "done answered",
    ),
    (
        "no JSON",
        Some("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 3\r\n\r\n<p>"),
        200,
        "",
        "done answered",
    ),
    (
        "bad request",
        Some("HTTP/1.1 400 Bad\r\ncontent-length: 6\r\n\r\nu_bert"),
        422,
        "platform-refused",
        "refused answered",
    ),
    (
        "unauthorized",
        Some("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n"),
        422,
        "platform-refused",
        "refused answered",
    ),
    (
        "forbidden",
        Some("HTTP/1.1 403 No\r\ncontent-length: 6\r\n\r\nu_bert"),
        404,
        "not-found",
        "refused answered",
    ),
    (
        "not found",
        Some("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n"),
        404,
        "not-found",
        "refused answered",
    ),
    (
        "conflict",
        Some("HTTP/1.1 409 No\r\ncontent-length: 6\r\n\r\nu_bert"),
        422,
        "platform-refused",
        "refused answered",
    ),
    (
        "gone",
        Some("HTTP/1.1 410 No\r\ncontent-length: 0\r\n\r\n"),
        404,
        "not-found",
        "refused answered",
    ),
    (
        "too many",
        Some("HTTP/1.1 429 No\r\ncontent-length: 0\r\n\r\n"),
        422,
        "platform-refused",
        "refused answered",
    ),
    (
        "waited in vain",
        Some("HTTP/1.1 408 No\r\ncontent-length: 0\r\n\r\n"),
        502,
        "outcome-unknown",
        "unknown noanswer",
    ),
    (
        "elsewhere",
        Some("HTTP/1.1 303 See\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n"),
        502,
        "outcome-unknown",
        "unknown noanswer",
    ),
    (
        "half done",
        Some("HTTP/1.1 207 Multi\r\ncontent-length: 0\r\n\r\n"),
        502,
        "outcome-unknown",
        "unknown noanswer",
    ),
    (
        "failed",
        Some("HTTP/1.1 500 No\r\ncontent-length: 6\r\n\r\nu_bert"),
        502,
        "outcome-unknown",
        "unknown noanswer",
    ),
    (
        "unavailable",
        Some("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n"),
        502,
        "outcome-unknown",
        "unknown noanswer",
    ),
    (
        "garbage",
        Some("\u{16}\u{3}\u{1}garbage\r\n\r\n"),
        502,
        "outcome-unknown",
        "unknown noanswer",
    ),
    (
        "hangs up",
        Some(""),
        502,
        "outcome-unknown",
        "unknown noanswer",
    ),
    (
        "says nothing",
        None,
        502,
        "outcome-unknown",
        "unknown noanswer",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_answer_of_the_platform_is_one_outcome_and_tells_nothing_else() {
    let stage = Stage::with(Some).await;
    let (_, ada, _) = stage.thread_of_two();
    let ada = stage.world.id_of(ada);
    let body = json!({ "contacts": [{ "name": "Zoe", "phone": "+998 1" }] });
    let path = "/v1/people/me/contact-book";
    let mut outcomes = 0;
    for (name, answer, status, problem, outcome) in CASES {
        let door = stage
            .town
            .door_within(answering(*answer).await, "upstream-time = \"2s\"")
            .await;
        let token = stage.town.token(&door, Some(&ada)).await;
        let told = stage
            .call_at(&door, &token, Method::POST, path, Some(&body), None)
            .await;
        assert_eq!(
            (told.status.as_u16(), slug(&told).as_str()),
            (*status, *problem),
            "{name}"
        );
        assert!(!told.text().contains("u_bert"), "{name}: {}", told.text());
        let ledger = stage.ledger();
        assert_eq!(ledger.len(), outcomes + 2, "{name}: {ledger:?}");
        let expected = format!("outcome {outcomes} {outcome}");
        assert_eq!(ledger[outcomes + 1], expected, "{name}");
        outcomes += 2;
    }
    // Nobody listens there: not a byte was sent, and that is certain.
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let door = stage.town.door(format!("http://{address}")).await;
    let token = stage.town.token(&door, Some(&ada)).await;
    let told = stage
        .call_at(&door, &token, Method::POST, path, Some(&body), Some("k"))
        .await;
    assert_eq!(
        (told.status.as_u16(), slug(&told)),
        (502, "platform-failed".to_owned())
    );
    let ledger = told_by(stage.town.ledger());
    assert!(
        ledger.last().unwrap().ends_with("refused notreached"),
        "{ledger:?}"
    );
}

/// A platform that answers every request with these bytes and hangs up.
async fn answering(answer: Bytes) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            match answer {
                Some(answer) => {
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
                None => held.push(stream),
            }
        }
    });
    format!("http://{address}")
}
