//! What a platform answers that has gone mad, or that somebody else speaks for.

use super::wire::Says;

/// One attack by the platform, on a request that a good answer would satisfy.
pub(crate) struct Answered {
    pub(crate) name: &'static str,
    pub(crate) says: Says,
    /// The status that the partner is told.
    pub(crate) told: &'static str,
}

const JSON: &str = "content-type: application/json\r\n";
const BERT: &str = r#"{"name":"Bert"}"#;

fn row(name: &'static str, says: Says, told: &'static str) -> Answered {
    Answered { name, says, told }
}

/// Not an answer that anybody could use.
fn bad(name: &'static str, says: Says) -> Answered {
    row(name, says, "502")
}

fn raw(text: &str) -> Says {
    Says::Bytes(text.as_bytes().to_vec())
}

pub(crate) fn attacks() -> Vec<Answered> {
    [own_errors(), framing(), without_end(), content()]
        .into_iter()
        .flatten()
        .collect()
}

/// Pages that the platform, or what stands before it, writes about its own troubles.
fn own_errors() -> Vec<Answered> {
    let html = "content-type: text/html\r\n";
    let page = "<h1>Bert's card could not be shown</h1>";
    vec![
        bad(
            "an error page about somebody",
            Says::with("500 Internal Server Error", html, page),
        ),
        bad(
            "an error in JSON about somebody",
            Says::with("503 Service Unavailable", JSON, BERT),
        ),
        bad(
            "a page in the place of an answer",
            Says::with("200 OK", html, page),
        ),
        bad(
            "a problem document as an answer",
            Says::with("200 OK", "content-type: application/problem+json\r\n", BERT),
        ),
        row(
            "gone, with the reason",
            Says::with("410 Gone", JSON, r#"{"error":"Bert has left"}"#),
            "404",
        ),
        row(
            "forbidden, with the reason",
            Says::with("403 Forbidden", JSON, r#"{"error":"Bert blocks you"}"#),
            "404",
        ),
        bad(
            "sent elsewhere",
            Says::with("302 Found", "location: http://evil.example/Bert\r\n", ""),
        ),
        bad(
            "nothing has changed",
            Says::with("304 Not Modified", "etag: \"Bert\"\r\n", ""),
        ),
        bad(
            "no content",
            raw("HTTP/1.1 204 No Content\r\nx-for: Bert\r\n\r\n"),
        ),
        bad(
            "a part of it",
            Says::with(
                "206 Partial Content",
                "content-type: application/json\r\ncontent-range: bytes 0-14/99\r\n",
                BERT,
            ),
        ),
        bad(
            "log in first",
            Says::with(
                "401 Unauthorized",
                "www-authenticate: Basic realm=\"Bert\"\r\n",
                "",
            ),
        ),
        bad(
            "slow down",
            Says::with("429 Too Many Requests", "retry-after: 100000\r\n", BERT),
        ),
    ]
}

/// Answers that two readers could read differently.
fn framing() -> Vec<Answered> {
    let head =
        |headers: &str, body: &str| raw(&format!("HTTP/1.1 200 OK\r\n{JSON}{headers}\r\n{body}"));
    vec![
        bad("no HTTP at all", raw("SSH-2.0-OpenSSH_9.9 Bert\r\n")),
        bad("closed without a word", raw("")),
        bad("neither length nor chunks", head("", BERT)),
        bad(
            "two lengths",
            head("content-length: 15\r\ncontent-length: 2\r\n", BERT),
        ),
        bad("cut short", head("content-length: 900\r\n", BERT)),
        bad(
            "chunks that break off",
            head("transfer-encoding: chunked\r\n", "f\r\n{\"name\":\"Bert\""),
        ),
        bad(
            "a chunk whose length is none",
            head("transfer-encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"),
        ),
        bad(
            "compressed on the way",
            head(
                "transfer-encoding: gzip, chunked\r\n",
                "f\r\n{\"name\":\"Bert\"}\r\n0\r\n\r\n",
            ),
        ),
        bad(
            "compressed, unasked",
            Says::with(
                "200 OK",
                "content-type: application/json\r\ncontent-encoding: gzip\r\n",
                gzipped(),
            ),
        ),
        bad(
            "compressed with an unknown method",
            Says::with(
                "200 OK",
                "content-type: application/json\r\ncontent-encoding: evil\r\n",
                BERT,
            ),
        ),
        bad(
            "two content types",
            head("content-type: text/html\r\ncontent-length: 15\r\n", BERT),
        ),
        bad("no content type", Says::with("200 OK", "", BERT)),
        bad(
            "another character set",
            Says::with(
                "200 OK",
                "content-type: application/json; charset=utf-16\r\n",
                BERT,
            ),
        ),
        bad(
            "a header over two lines",
            head("x-a: b\r\n Bert\r\ncontent-length: 15\r\n", BERT),
        ),
        row(
            "a second answer behind the first",
            raw(&format!(
                "HTTP/1.1 200 OK\r\n{JSON}content-length: 15\r\n\r\n{BERT}HTTP/1.1 200 OK\r\n{JSON}content-length: 21\r\n\r\n{{\"name\":\"evil.example\"}}"
            )),
            "200",
        ),
        row(
            "headers that split into two",
            Says::with(
                "200 OK",
                "content-type: application/json\r\nset-cookie: a=Bert\r\nx-accel-redirect: /people/cleo\r\nrefresh: 0;url=http://evil.example\r\nlink: <http://evil.example>; rel=next\r\n",
                BERT,
            ),
            "200",
        ),
    ]
}

/// Answers that would take all memory or all time.
fn without_end() -> Vec<Answered> {
    let head = |headers: &str| format!("HTTP/1.1 200 OK\r\n{JSON}{headers}\r\n").into_bytes();
    let chunk = [b"1000\r\n".to_vec(), vec![b' '; 0x1000], b"\r\n".to_vec()].concat();
    vec![
        bad(
            "chunks without end",
            Says::Endless(head("transfer-encoding: chunked\r\n"), chunk),
        ),
        bad(
            "a length of 8 EiB",
            Says::Endless(
                head("content-length: 9223372036854775807\r\n"),
                vec![b' '; 4096],
            ),
        ),
        bad(
            "a head without end",
            Says::Endless(
                b"HTTP/1.1 200 OK\r\n".to_vec(),
                b"x-more: Bert\r\n".repeat(100),
            ),
        ),
        bad(
            "one header without end",
            Says::Endless(b"HTTP/1.1 200 OK\r\nx-more: ".to_vec(), vec![b'a'; 4096]),
        ),
        row(
            "\"continue\" without end",
            Says::Endless(Vec::new(), b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100)),
            "504",
        ),
        row(
            "a byte now and then",
            Says::Drips(head("content-length: 900\r\n"), vec![b' '; 900]),
            "504",
        ),
        row(
            "a head now and then",
            Says::Drips(Vec::new(), head("content-length: 900\r\n")),
            "504",
        ),
    ]
}

/// Bodies that are no JSON, or more than JSON.
fn content() -> Vec<Answered> {
    let body = |text: &str| Says::json(text);
    vec![
        bad("nested 100,000 deep", Says::json("[".repeat(100_000))),
        bad(
            "nested 10,000 deep where no plan looks",
            body(&format!(
                r#"{{"name":"Bert","x":{}1{}}}"#,
                "[".repeat(10_000),
                "]".repeat(10_000)
            )),
        ),
        bad(
            "a mapped member twice",
            body(r#"{"name":"Bert","name":"Cleo"}"#),
        ),
        bad(
            "more behind the end",
            body(r#"{"name":"Bert"}{"name":"Cleo"}"#),
        ),
        bad("a string that never ends", body(r#"{"name":"Bert"#)),
        bad("no UTF-8", Says::json(b"{\"name\":\"\xff\xfeBert\"}")),
        bad("a byte order mark", body("\u{feff}{\"name\":\"Bert\"}")),
        bad("a number that is none", body(r#"{"name":"Bert","n":NaN}"#)),
        bad("comments", body(r#"{/* Bert */"name":"Bert"}"#)),
        bad(
            "a list where an object is declared",
            body(r#"[{"name":"Bert"}]"#),
        ),
        bad("nothing at all", body("")),
        row(
            "a hundred thousand members that no plan names",
            body(&format!(
                r#"{{{}"name":"Bert"}}"#,
                (0..10_000)
                    .map(|n| format!(r#""x{n}":"evil","#))
                    .collect::<String>()
            )),
            "200",
        ),
    ]
}

/// A megabyte of blanks, small.
fn gzipped() -> Vec<u8> {
    // RFC 1952 header, one stored DEFLATE block that says 65,535 bytes and holds none: whoever opened it would fail.
    vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 0xff, 0xff, 0, 0]
}
