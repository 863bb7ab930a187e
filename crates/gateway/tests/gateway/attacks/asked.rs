//! What a partner with a good token tries.

use http::Method;

use super::CARD;

/// One attack by a partner.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    /// The path that the passport is good for.
    pub(crate) path: &'static str,
    /// What is sent, with a pause after each piece. `{AUTH}` stands for token and proof.
    pub(crate) pieces: Vec<Vec<u8>>,
    /// The statuses that come back, and nothing: closed without a word.
    pub(crate) told: &'static str,
    /// How many requests the platform hears.
    pub(crate) heard: usize,
}

/// A GET of the card with these further header lines, then what follows the head.
fn card(headers: &str, after: &str) -> Vec<Vec<u8>> {
    vec![
        format!(
            "GET {CARD} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{{AUTH}}{headers}\r\n{after}"
        )
        .into_bytes(),
    ]
}

fn get(name: &'static str, headers: &str, told: &'static str, heard: usize) -> Asked {
    sent(name, card(headers, ""), told, heard)
}

fn sent(name: &'static str, pieces: Vec<Vec<u8>>, told: &'static str, heard: usize) -> Asked {
    Asked {
        name,
        method: Method::GET,
        path: CARD,
        pieces,
        told,
        heard,
    }
}

/// A GET of another path, for which the passport is good too.
fn path(name: &'static str, path: &'static str, told: &'static str, heard: usize) -> Asked {
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{{AUTH}}\r\n");
    Asked {
        path,
        ..sent(name, vec![request.into_bytes()], told, heard)
    }
}

/// A search by POST.
fn search(
    name: &'static str,
    headers: &str,
    body: &[u8],
    told: &'static str,
    heard: usize,
) -> Asked {
    let head =
        format!("POST /search HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{{AUTH}}{headers}\r\n");
    Asked {
        method: Method::POST,
        path: "/search",
        ..sent(name, vec![head.into_bytes(), body.to_vec()], told, heard)
    }
}

fn json(body: &str) -> String {
    format!(
        "content-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    )
}

/// A second request hidden behind a first.
const HIDDEN: &str =
    "GET /people/cleo/card HTTP/1.1\r\nhost: smuggled\r\nconnection: close\r\n\r\n";

pub(crate) fn attacks() -> Vec<Asked> {
    [slow(), huge(), smuggled(), poisoned(), paths()]
        .into_iter()
        .flatten()
        .collect()
}

fn slow() -> Vec<Asked> {
    let head = |text: &str| vec![text.as_bytes().to_vec()];
    vec![
        sent(
            "slow-loris: a head that never ends",
            head("GET / HTTP/1.1\r\nhost: x\r\nx-a: "),
            "",
            0,
        ),
        sent(
            "slow-loris: a connection on which nothing is asked",
            head(""),
            "",
            0,
        ),
        Asked {
            pieces: card(
                "content-type: application/json\r\ncontent-length: 100\r\n",
                "{",
            ),
            ..get("slow-loris: a body that never comes", "", "408", 0)
        },
    ]
}

fn huge() -> Vec<Asked> {
    let deep = format!("{{\"term\":{}", "[".repeat(60_000));
    let nested = format!(
        "{{\"term\":\"x\",\"filter\":{}1{}}}",
        "{\"a\":".repeat(9_000),
        "}".repeat(9_000)
    );
    let chunk = [b"10000\r\n".to_vec(), vec![b'a'; 0x10000], b"\r\n".to_vec()].concat();
    let long_head = format!("x-long: {}\r\n", "a".repeat(64 << 10));
    let many: String = (0..100).map(|n| format!("x-{n}: 1\r\n")).collect();
    // 1 GiB of zeroes under gzip is about 1 MB; here the beginning is enough, since nothing of it is read.
    let bomb = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3].repeat(100);
    let gzip =
        "content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 1000\r\n";
    vec![
        get("a head of 64 KiB", &long_head, "431", 0),
        get("a hundred headers", &many, "431", 0),
        search(
            "a body said to be of 8 EiB",
            "content-type: application/json\r\ncontent-length: 9223372036854775807\r\n",
            b"{",
            "413",
            0,
        ),
        search(
            "a body in chunks without end",
            "content-type: application/json\r\ntransfer-encoding: chunked\r\n",
            &chunk.repeat(8),
            "413",
            0,
        ),
        search(
            "a body nested 60,000 deep",
            &json(&deep),
            deep.as_bytes(),
            "400",
            0,
        ),
        search(
            "a member that no plan names, nested 9,000 deep",
            &json(&nested),
            nested.as_bytes(),
            "400",
            0,
        ),
        search("a decompression bomb as a body", gzip, &bomb, "415", 0),
        search(
            "a member twice",
            &json(r#"{"term":"x","term":"smuggled"}"#),
            br#"{"term":"x","term":"smuggled"}"#,
            "400",
            0,
        ),
        search(
            "half a surrogate pair",
            &json(r#"{"term":"\ud800"}"#),
            br#"{"term":"\ud800"}"#,
            "400",
            0,
        ),
    ]
}

fn smuggled() -> Vec<Asked> {
    let behind = |name, headers: &str, body: &str, told| {
        let after = format!("{body}{HIDDEN}");
        let head = format!("GET {CARD} HTTP/1.1\r\nhost: x\r\n{{AUTH}}{headers}\r\n{after}");
        sent(
            name,
            vec![head.into_bytes()],
            told,
            told.matches("200").count(),
        )
    };
    vec![
        behind("a second request behind the first has no proof", "", "", "200 401"),
        behind("length and chunks at once", "content-length: 5\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n", "200"),
        behind("chunks and length at once", "transfer-encoding: chunked\r\ncontent-length: 5\r\n", "0\r\n\r\n", "200"),
        behind("two lengths", "content-length: 0\r\ncontent-length: 90\r\n", "", "400"),
        behind("a length with a sign", "content-length: +0\r\n", "", "400"),
        behind("a length below nothing", "content-length: -1\r\n", "", "400"),
        behind("chunks under another name", "transfer-encoding: xchunked\r\n", "0\r\n\r\n", "400"),
        behind("chunked, and then something else", "transfer-encoding: chunked, identity\r\n", "0\r\n\r\n", "400"),
        behind("a blank before the colon", "transfer-encoding : chunked\r\n", "0\r\n\r\n", "400"),
        behind("a header over two lines", "x-a: b\r\n content-length: 90\r\n", "", "400"),
        behind("a zero byte in a header", "x-a: b\0c\r\n", "", "400"),
        behind("a line end within a header", "x-a: b\rcontent-length: 90\r\n", "", "400"),
        sent("a body's chunk that is longer than it says", card("content-type: application/json\r\ntransfer-encoding: chunked\r\n", &format!("1\r\n{{}}\r\n0\r\n\r\n{HIDDEN}")), "400", 0),
        get("the token named as a header of this hop", "connection: authorization, dpop\r\n", "200", 1),
        sent("an upgrade to HTTP/2 in the clear", vec![format!("GET {CARD} HTTP/1.1\r\nhost: x\r\nconnection: upgrade, http2-settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n{{AUTH}}\r\n").into_bytes()], "200", 1),
        sent("HTTP/2 in the clear", vec![b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()], "", 0),
        sent("TLS where there is none", vec![vec![22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]], "400", 0),
    ]
}

fn poisoned() -> Vec<Asked> {
    vec![
        get(
            "another host",
            "x-forwarded-host: evil.example\r\nforwarded: host=evil.example;for=evil.example\r\n",
            "200",
            1,
        ),
        get(
            "another address",
            "x-original-url: /people/cleo/card\r\nx-rewrite-url: /people/cleo/card\r\n",
            "200",
            1,
        ),
        get(
            "another method",
            "x-http-method-override: DELETE\r\nx-method-override: DELETE\r\nx-http-method: DELETE\r\n",
            "200",
            1,
        ),
        get(
            "another person",
            "x-on-behalf-of: cleo\r\nx-user-id: cleo\r\nx-forwarded-user: cleo\r\n",
            "200",
            1,
        ),
        get(
            "a cookie of the platform's",
            "cookie: session=smuggled\r\n",
            "200",
            1,
        ),
        get(
            "a range of it",
            "range: bytes=0-3\r\nif-range: *\r\n",
            "200",
            1,
        ),
        get(
            "only if it has changed",
            "if-none-match: *\r\nif-modified-since: Sat, 28 Nov 2026 00:00:00 GMT\r\n",
            "200",
            1,
        ),
        get(
            "kept by a cache, please",
            "cache-control: max-age=99999\r\npragma: x\r\n",
            "200",
            1,
        ),
        get(
            "compressed, in another type",
            "accept-encoding: gzip, br\r\naccept: text/html\r\n",
            "200",
            1,
        ),
        get(
            "a trailer announced",
            "te: trailers\r\ntrailer: authorization\r\n",
            "200",
            1,
        ),
    ]
}

fn paths() -> Vec<Asked> {
    vec![
        path("up and down again", "/people/bert/../cleo/card", "404", 0),
        path(
            "a slash in disguise",
            "/people/bert%2f..%2fcleo/card",
            "404",
            1,
        ),
        path("two slashes", "//people/bert/card", "404", 0),
        path("a file that caches keep", "/people/bert/card.css", "404", 0),
        path(
            "a parameter of the path",
            "/people/bert/card;x=.css",
            "404",
            0,
        ),
        path("a zero byte in the path", "/people/bert%00/card", "404", 1),
        path(
            "a query in disguise",
            "/people/bert/card%3fuser_id=cleo",
            "404",
            0,
        ),
        path(
            "a parameter that no plan names",
            "/people/bert/card?fields=email",
            "400",
            0,
        ),
        path(
            "a parameter twice",
            "/people/bert/card?user_id=a&user_id=b",
            "400",
            0,
        ),
    ]
}
