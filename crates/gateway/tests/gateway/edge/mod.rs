//! The edge, seen by a partner: bodies of requests, answers of the platform's that nobody foresaw, people whom only the
//! address names, rooms whose members another call lists, and the parameter that is the gateway's alone.

pub(crate) mod platform;

use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt as _, Full};
use partner::{Answer, Token};

use crate::town::{self, Door, Town};
use platform::{DOCUMENT, JSON, Platform};

const NO_OVERLAY: &str = r#"{"overlay": "1.1.0", "info": {"title": "None", "version": "1"},
    "actions": [{"target": "$.info", "update": {"description": "nothing"}}]}"#;

/// A gateway in front of the small platform; ada has connected Findr, and everybody agrees to everything.
struct Edge {
    platform: Platform,
    town: Town,
    door: Door,
    token: Token,
}

impl Edge {
    async fn new() -> Edge {
        Edge::with("").await
    }

    /// With more said of the platform in the configuration.
    async fn with(more: &'static str) -> Edge {
        let town = Town::new(town::Platform {
            document: ("edge.yaml", DOCUMENT),
            overlay: ("overlay.json", NO_OVERLAY),
            token: "service-token".to_owned(),
            more,
            people: ["ada", "bert", "cleo", "dora"].map(str::to_owned).to_vec(),
        })
        .await;
        let platform = Platform::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = format!("http://{}", listener.local_addr().unwrap());
        let router = platform.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let door = town.door(upstream).await;
        let token = town.token(&door, Some("ada")).await;
        Edge {
            platform,
            town,
            door,
            token,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.door.client.get(&self.token, path).await.unwrap()
    }

    async fn post(&self, path: &str, body: &str) -> Answer {
        let body = Some(Bytes::copy_from_slice(body.as_bytes()));
        let call = self.door.client.call(&self.token, Method::POST, path, body);
        call.await.unwrap()
    }

    /// What the operator watches.
    async fn metrics(&self) -> String {
        let request = http::Request::get(format!("http://{}/metrics", self.door.admin))
            .header("authorization", format!("Bearer {}", "a".repeat(40)))
            .body(Full::<Bytes>::default());
        let client =
            hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
                .build_http();
        let answer = client.request(request.unwrap()).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// A POST of a search with these headers and no others about the body.
    async fn search_as(&self, headers: &[(&str, &str)]) -> (u16, String) {
        let method = Method::POST;
        let own = self.door.client.headers(&self.token, &method, "/search");
        let mut request = http::Request::post(format!("{}/search", self.door.public));
        for (name, value) in own.unwrap() {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = Full::new(Bytes::from_static(br#"{"term":"x"}"#));
        let client =
            hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
                .build_http();
        let answer = client.request(request.body(body).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

/// Everything of an answer that a partner can see, but for the date.
fn seen(answer: &Answer) -> String {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    format!(
        "{}\n{}\n{}",
        answer.status,
        headers.join("\n"),
        answer.text()
    )
}

#[tokio::test]
async fn a_read_by_post_reaches_the_platform_in_our_words_and_is_reduced() {
    let edge = Edge::new().await;
    let found = r#"{"list":[{"id":"bert","name":"Bert","mail":"b@x"},{"id":"cleo","name":"Cleo"}],"total":2}"#;
    edge.platform.answers("/search", (200, JSON, found));
    let answer = edge.post("/search?n=3", r#"{ "term" : "\u0062" }"#).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let both = r#"{"list":[{"id":"bert","name":"Bert"},{"id":"cleo","name":"Cleo"}]}"#;
    assert_eq!(answer.text(), both);
    assert_eq!(
        edge.platform.asked(),
        [r#"POST /search?n=3 {"term":"b","presence":"offline"}"#]
    );
    edge.town.bar("bert").await;
    let answer = edge.post("/search?n=3", r#"{"term":"b"}"#).await;
    assert_eq!(answer.text(), r#"{"list":[{"id":"cleo","name":"Cleo"}]}"#);
}

#[tokio::test]
async fn bodies_that_no_plan_names_are_refused_before_the_platform_is_asked() {
    let edge = Edge::new().await;
    edge.platform
        .answers("/search", (200, JSON, r#"{"list":[]}"#));
    let told = async |body: &str| {
        let answer = edge.post("/search", body).await;
        let json = answer.json().unwrap();
        let word = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        let slug = word("type").replace("urn:countersign:problem:", "");
        format!("{} {slug} {}", answer.status.as_u16(), word("pointer"))
    };
    for (body, expected) in [
        (
            r#"{"term":"x","filter":{"limit":1}}"#,
            "400 bad-member /filter",
        ),
        (
            r#"{"term":"x","presence":"online"}"#,
            "400 bad-member /presence",
        ),
        (r#"{"term":"x","term":"y"}"#, "400 bad-member /term"),
        (r#"{"term":["x"]}"#, "400 bad-member /term"),
        ("{}", "400 bad-member /term"),
        ("[]", "400 bad-member "),
        ("{", "400 malformed-request "),
        ("", "400 malformed-request "),
    ] {
        assert_eq!(told(body).await, expected, "{body}");
    }
    let long = format!(r#"{{"term":"{}"}}"#, "x".repeat(64 << 10));
    assert_eq!(told(&long).await, "413 body-too-large ");
    let body = Some(Bytes::from_static(b"{}"));
    let get = edge
        .door
        .client
        .call(&edge.token, Method::GET, "/people/bert/card", body);
    let get = get.await.unwrap();
    assert_eq!(get.status, 400);
    assert!(get.text().contains("takes no body"), "{}", get.text());
    assert_eq!(edge.platform.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn bodies_of_another_type_are_not_read() {
    let edge = Edge::new().await;
    edge.platform
        .answers("/search", (200, JSON, r#"{"list":[]}"#));
    let json = ("content-type", "application/json");
    let (right, _) = edge.search_as(&[json]).await;
    assert_eq!(right, 200);
    edge.platform.asked();
    for wrong in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/json-patch+json")],
        &[("content-type", "application/json; charset=latin1")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[json, ("content-encoding", "gzip")],
    ] {
        let (status, body) = edge.search_as(wrong).await;
        assert_eq!(status, 415, "{wrong:?} {body}");
        assert!(body.contains("urn:countersign:problem:body-type"), "{body}");
    }
    assert_eq!(edge.platform.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn whoever_refuses_is_answered_like_an_id_that_nobody_has() {
    let edge = Edge::new().await;
    for (path, name) in [
        ("/people/bert/card", r#"{"name":"Bert","id":17}"#),
        ("/people/stranger/card", r#"{"name":"Not In The Register"}"#),
    ] {
        edge.platform.answers(path, (200, JSON, name));
    }
    assert_eq!(
        edge.get("/people/bert/card").await.text(),
        r#"{"name":"Bert"}"#
    );
    edge.town.bar("bert").await;
    let unknown = seen(&edge.get("/people/nobody/card").await);
    assert!(unknown.starts_with("404"), "{unknown}");
    assert_eq!(seen(&edge.get("/people/bert/card").await), unknown);
    assert_eq!(seen(&edge.get("/people/stranger/card").await), unknown);
    // One way for all: whoever measures finds as many look-ups for each.
    edge.platform.asked();
    for id in ["bert", "stranger", "nobody"] {
        edge.get(&format!("/people/{id}/card")).await;
        let asked = edge.platform.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert!(
            asked[0].starts_with(&format!("GET /people/{id}/card")),
            "{asked:?}"
        );
    }
    for status in [403, 410, 451] {
        let body = r#"{"error":"bert has left"}"#;
        edge.platform
            .answers("/people/cleo/card", (status, JSON, body));
        assert_eq!(
            seen(&edge.get("/people/cleo/card").await),
            unknown,
            "{status}"
        );
    }
    let list = r#"{"name":"Bert","of":"bert"}"#;
    edge.platform
        .answers("/people/dora/card", (200, JSON, list));
    assert_eq!(
        edge.get("/people/dora/card").await.status,
        200,
        "others are still there"
    );
}

#[tokio::test]
async fn nothing_of_an_answer_that_was_not_foreseen_leaves() {
    const SECRET: &str = r#"{"name":"Bert","detail":"secret of bert"}"#;
    let edge = Edge::new().await;
    let of = |kind: &'static str| -> &'static [(&'static str, &'static str)] {
        vec![("content-type", kind)].leak()
    };
    let mut told = Vec::new();
    for (status, headers) in [
        (500, JSON),
        (400, of("application/problem+json")),
        (401, JSON),
        (429, JSON),
        (201, JSON),
        (206, JSON),
        (200, of("application/json-patch+json")),
        (200, of("application/problem+json")),
        (200, of("application/json; charset=latin1")),
        (200, of("application/x-ndjson")),
        (200, of("text/event-stream")),
        (200, of("text/html")),
        (200, &[]),
        (
            200,
            &[
                ("content-type", "application/json"),
                ("content-encoding", "gzip"),
            ],
        ),
        (
            200,
            &[
                ("content-type", "application/json"),
                ("content-encoding", "br"),
            ],
        ),
    ] {
        edge.platform
            .answers("/people/bert/card", (status, headers, SECRET));
        let answer = edge.get("/people/bert/card").await;
        assert!(
            answer.text().contains("platform-failed"),
            "{status} {headers:?}: {}",
            answer.text()
        );
        told.push(seen(&answer));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "one and the same: {told:?}");
    assert!(
        told[0].starts_with("502") && !told[0].contains("bert"),
        "{}",
        told[0]
    );
}

#[tokio::test]
async fn headers_of_the_platform_do_not_leave() {
    let edge = Edge::new().await;
    let headers = &[
        ("content-type", "application/json; charset=utf-8"),
        ("etag", "\"bert-17\""),
        ("set-cookie", "session=bert"),
        ("last-modified", "Tue, 24 Nov 2026 00:00:00 GMT"),
        ("x-total-count", "1"),
        ("link", "</people/bert/more?c=1>; rel=\"next\""),
        ("location", "/people/bert"),
        ("server", "platform"),
    ];
    edge.platform
        .answers("/people/bert/card", (200, headers, r#"{"name":"Bert"}"#));
    let answer = edge.get("/people/bert/card").await;
    assert_eq!(
        seen(&answer),
        "200 OK\ncache-control: no-store\ncontent-length: 15\ncontent-type: application/json\n{\"name\":\"Bert\"}"
    );
}

#[tokio::test]
async fn the_platform_says_who_is_in_a_room_and_one_who_refuses_takes_its_messages_along() {
    let edge = Edge::new().await;
    let messages = r#"{"list":[{"sender":"bert","text":"hello"}]}"#;
    edge.platform
        .answers("/rooms/a/messages", (200, JSON, messages));
    let members = r#"{"members":["ada","bert","cleo"]}"#;
    edge.platform
        .answers("/rooms/a/members", (200, JSON, members));
    let answer = edge.get("/rooms/a/messages").await;
    assert_eq!(answer.text(), messages);
    assert_eq!(
        edge.platform.asked(),
        ["GET /rooms/a/messages", "GET /rooms/a/members"],
        "the list of members after the messages"
    );
    let unknown = seen(&edge.get("/rooms/b/messages").await);
    for (status, headers, body) in [
        (404, JSON, "{}"),
        (403, JSON, "{}"),
        (500, JSON, members),
        (200, &[("content-type", "text/html")][..], members),
        (200, JSON, r#"{"members":["ada","bert","nobody"]}"#),
        (200, JSON, r#"{"members":[]}"#),
        (200, JSON, r#"{"members":["ada","bert","cleo""#),
    ] {
        edge.platform
            .answers("/rooms/a/members", (status, headers, body));
        assert_eq!(
            seen(&edge.get("/rooms/a/messages").await),
            unknown,
            "{status} {body}"
        );
    }
    edge.platform
        .answers("/rooms/a/members", (200, JSON, members));
    assert_eq!(edge.get("/rooms/a/messages").await.text(), messages);
    edge.town.bar("cleo").await;
    assert_eq!(
        seen(&edge.get("/rooms/a/messages").await),
        unknown,
        "cleo is in the room and says nothing"
    );
}

#[tokio::test]
async fn the_parameter_that_names_the_person_is_the_gateways_alone() {
    let edge = Edge::with(r#"person-parameter = "user_id""#).await;
    edge.platform
        .answers("/people/bert/card", (200, JSON, r#"{"name":"Bert"}"#));
    assert_eq!(edge.get("/people/bert/card").await.status, 200);
    assert_eq!(edge.platform.asked(), ["GET /people/bert/card?user_id=ada"]);
    // Declared with a note, and refused all the same.
    for query in [
        "user_id=bert",
        "user_id=ada",
        "user%5Fid=bert",
        "user_id",
        "x=1&user_id=",
    ] {
        let answer = edge.get(&format!("/people/bert/card?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.json().unwrap()["parameter"], "user_id", "{query}");
    }
    assert_eq!(edge.platform.asked(), Vec::<String>::new());
    let members = r#"{"members":["ada","bert"]}"#;
    edge.platform
        .answers("/rooms/a/members", (200, JSON, members));
    edge.platform.answers(
        "/rooms/a/messages",
        (200, JSON, r#"{"list":[{"sender":"bert","text":"x"}]}"#),
    );
    assert_eq!(edge.get("/rooms/a/messages").await.status, 200);
    assert_eq!(
        edge.platform.asked(),
        [
            "GET /rooms/a/messages?user_id=ada",
            "GET /rooms/a/members?user_id=ada"
        ]
    );
}

#[tokio::test]
async fn a_declared_parameter_of_that_name_is_an_ordinary_one_where_the_gateway_has_none() {
    let edge = Edge::new().await;
    edge.platform
        .answers("/people/bert/card", (200, JSON, r#"{"name":"Bert"}"#));
    assert_eq!(edge.get("/people/bert/card?user_id=x").await.status, 200);
    assert_eq!(edge.platform.asked(), ["GET /people/bert/card?user_id=x"]);
}

#[tokio::test]
async fn how_answers_differ_from_the_document_is_counted_without_anybodys_data() {
    let edge = Edge::new().await;
    let found = r#"{"list":[{"id":"bert","name":"Bert","mail":"bert@home.example"},{"id":"yann"},{"id":"cleo","name":"of @zoe:home.example"}],"total":3}"#;
    edge.platform.answers("/search", (200, JSON, found));
    let answer = edge.post("/search", r#"{"term":"b"}"#).await;
    assert_eq!(answer.text(), r#"{"list":[{"id":"bert","name":"Bert"}]}"#);
    edge.platform.answers(
        "/rooms/a/messages",
        (200, JSON, r#"{"list":[{"sender":"bert","text":"x"}]}"#),
    );
    assert_eq!(edge.get("/rooms/a/messages").await.status, 404);
    let metrics = edge.metrics().await;
    let counted = |operation: &str, kind: &str| -> u64 {
        let line = format!("countersign_drift_total{{operation=\"{operation}\",kind=\"{kind}\"}} ");
        let found = metrics
            .lines()
            .find_map(|known| known.strip_prefix(line.as_str()));
        found
            .unwrap_or_else(|| panic!("{line} is not in {metrics}"))
            .parse()
            .unwrap()
    };
    for (operation, kind, many) in [
        ("search", "undeclared", 2),
        ("search", "unresolved", 1),
        ("search", "swept", 1),
        ("search", "unforeseen", 0),
        ("search", "lookup", 0),
        ("messages", "lookup", 1),
        ("messages", "lookup-failed", 1),
    ] {
        assert_eq!(counted(operation, kind), many, "{operation} {kind}");
    }
    for name in ["bert", "cleo", "zoe", "yann", "home.example"] {
        assert!(!metrics.contains(name), "{name} in {metrics}");
    }
}

#[tokio::test]
async fn a_page_of_a_read_by_post_is_filled_by_the_same_post_and_its_cursor_is_good_for_it_alone() {
    let edge = Edge::new().await;
    edge.town.bar("bert").await;
    let page = r#"{"list":[{"id":"bert","name":"Bert"}],"after":"p2"}"#;
    edge.platform.answers("/search", (200, JSON, page));
    let answer = edge.post("/search?n=1", r#"{"term":"b"}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let asked = edge.platform.asked();
    let sent = r#"{"term":"b","presence":"offline"}"#;
    assert_eq!(asked[0], format!("POST /search?n=1 {sent}"));
    assert_eq!(asked[1], format!("POST /search?n=100&c=p2 {sent}"));
    assert_eq!(asked.len(), 9, "one, and eight to fill it: {asked:?}");
    assert!(asked[2..].iter().all(|line| *line == asked[1]), "{asked:?}");

    let json = answer.json().unwrap();
    assert_eq!(json["list"], serde_json::json!([]));
    let more = format!("/search?n=1&c={}", json["after"].as_str().unwrap());
    let same = edge.post(&more, r#"{ "term": "b" }"#).await;
    assert_eq!(same.status, 200, "{}", same.text());
    let other = edge.post(&more, r#"{"term":"c"}"#).await;
    assert_eq!(other.status, 400);
    assert!(other.text().contains("bad-cursor"), "{}", other.text());
}

#[tokio::test]
async fn the_ledger_grows_alike_whether_somebody_refuses_or_is_not_there() {
    let edge = Edge::new().await;
    let card = r#"{"name":"Bert","id":17}"#;
    edge.platform
        .answers("/people/bert/card", (200, JSON, card));
    edge.town.bar("bert").await;
    for id in ["bert", "nobody"] {
        let before = edge.town.ledger_size();
        assert_eq!(edge.get(&format!("/people/{id}/card")).await.status, 404);
        assert_eq!(edge.town.ledger_size(), before + 1, "{id}");
    }
}
