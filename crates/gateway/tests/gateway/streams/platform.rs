//! A platform whose streams a test writes byte by byte, and a partner that reads them.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http::{Method, Response};
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use partner::Token;
use tokio::sync::mpsc;

use crate::town::{self, Door, Town};

const DOCUMENT: &str = r##"
openapi: 3.1.0
info: { title: Streams, version: "1" }
paths:
  /events:
    get:
      operationId: events
      x-countersign: { verb: read, reach: friend, order: none }
      responses: { "200": { description: Posts, content: { text/event-stream: { schema: { $ref: "#/components/schemas/Post" } } } } }
  /lines:
    get:
      operationId: lines
      x-countersign: { verb: read, reach: friend, order: none }
      responses: { "200": { description: Posts, content: { application/x-ndjson: { itemSchema: { $ref: "#/components/schemas/Post" } } } } }
  /people/{person}/events:
    get:
      operationId: of-person
      x-countersign: { verb: read, reach: friend, order: none }
      parameters:
        - { name: person, in: path, required: true, schema: { type: string }, x-countersign: { person: any } }
      responses: { "200": { description: Their posts, content: { text/event-stream: { schema: { $ref: "#/components/schemas/Theirs" } } } } }
  /news:
    get:
      operationId: news
      x-countersign: { verb: read, reach: friend, wait: 30 }
      responses: { "200": { description: News, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } } }
  /slow:
    get:
      operationId: slow
      x-countersign: { verb: read, reach: friend }
      responses: { "200": { description: News, content: { application/json: { schema: { $ref: "#/components/schemas/Post" } } } } }
components:
  schemas:
    Post:
      type: object
      x-countersign: { people: [{ at: author }] }
      properties:
        author: { type: string, x-countersign: { category: "pd:UID", identifies: true } }
        text: { type: string, x-countersign: { category: "chat:Message" } }
    Theirs:
      type: object
      x-countersign: { people: [{ parameter: person }] }
      properties:
        text: { type: string, x-countersign: { category: "chat:Message", identifies: true } }
"##;

const NO_OVERLAY: &str = r#"{"overlay": "1.1.0", "info": {"title": "None", "version": "1"},
    "actions": [{"target": "$.info", "update": {"description": "nothing"}}]}"#;

/// Long enough for a busy machine; nothing waits for it unless something is wrong.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The platform's side of one stream.
pub(crate) type Source = Sender<Bytes, std::io::Error>;

/// A gateway in front of the platform. Ada has connected Findr; everybody agrees to everything.
pub(crate) struct Stage {
    pub(crate) town: Town,
    pub(crate) door: Door,
    pub(crate) token: Token,
    opened: mpsc::Receiver<Source>,
    client: Client<HttpConnector, Empty<Bytes>>,
}

impl Stage {
    pub(crate) async fn new() -> Stage {
        Stage::with("").await
    }

    /// With these limits.
    pub(crate) async fn with(limits: &str) -> Stage {
        let town = Town::new(town::Platform {
            document: ("streams.yaml", DOCUMENT),
            overlay: ("overlay.json", NO_OVERLAY),
            token: "service-token".to_owned(),
            more: "",
            people: ["ada", "bert", "cleo", "dora"].map(str::to_owned).to_vec(),
        })
        .await;
        let (opening, opened) = mpsc::channel(8);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = format!("http://{}", listener.local_addr().unwrap());
        let router =
            Router::new().fallback(move |request: Request| answer(request, opening.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let door = town.door_within(upstream, limits).await;
        let token = town.token(&door, Some("ada")).await;
        Stage {
            town,
            door,
            token,
            opened,
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// Asks, with these headers beside the token's own.
    pub(crate) async fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Response<Incoming> {
        let own = self.door.client.headers(&self.token, &Method::GET, path);
        let mut request = http::Request::get(format!("{}{path}", self.door.public));
        for (name, value) in own.unwrap() {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let asked = self.client.request(request.body(Empty::new()).unwrap());
        tokio::time::timeout(PATIENCE, asked)
            .await
            .unwrap()
            .unwrap()
    }

    /// Opens a stream: what the partner reads.
    pub(crate) async fn listen(&self, path: &str) -> Listener {
        let answer = self.ask(path, &[]).await;
        assert_eq!(answer.status(), 200);
        let events = answer.headers()["content-type"] == "text/event-stream";
        Listener {
            body: answer.into_body(),
            text: String::new(),
            events,
        }
    }

    /// The same, and what the platform writes into.
    pub(crate) async fn open(&mut self, path: &str) -> (Listener, Source) {
        let listener = self.listen(path).await;
        (listener, self.source().await)
    }

    /// The platform's side of the stream that was opened last.
    pub(crate) async fn source(&mut self) -> Source {
        let opened = tokio::time::timeout(PATIENCE, self.opened.recv());
        opened.await.unwrap().unwrap()
    }

    pub(crate) async fn withdraw(&self, person: &str, category: &str) {
        let power = town::power(category, "friend");
        let body = serde_json::json!({ "person": person, "partner": "findr", "power": power });
        self.door.changes("/consents/withdraw", body).await;
    }

    /// The operator's count of this.
    pub(crate) async fn counted(&self, line: &str) -> String {
        let (_, metrics) = self.door.administer("GET", "/metrics", "").await;
        let found = metrics.lines().find(|it| it.starts_with(line));
        let value = found.and_then(|line| line.rsplit(' ').next());
        value.unwrap_or("none").to_owned()
    }
}

async fn answer(request: Request, opening: mpsc::Sender<Source>) -> Response<Body> {
    let kind = match request.uri().path() {
        "/news" | "/slow" => {
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            let mut news = Response::new(Body::from(post("cleo", "at last")));
            let json = http::HeaderValue::from_static("application/json");
            news.headers_mut().insert("content-type", json);
            return news;
        }
        "/lines" => "application/x-ndjson",
        "/events" | "/people/bert/events" | "/people/cleo/events" => "text/event-stream",
        _ => {
            let mut nobody = Response::new(Body::from("{}"));
            *nobody.status_mut() = http::StatusCode::NOT_FOUND;
            return nobody;
        }
    };
    let (source, body) = Channel::new(1);
    let _ = opening.send(source).await;
    let mut response = Response::new(Body::new(body));
    let kind = http::HeaderValue::from_static(kind);
    response.headers_mut().insert("content-type", kind);
    response
}

/// A record.
pub(crate) fn post(author: &str, text: &str) -> String {
    format!(r#"{{"author":"{author}","text":"{text}"}}"#)
}

/// What a partner hears of a stream.
pub(crate) struct Listener {
    body: Incoming,
    text: String,
    events: bool,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A record.
    Record(String),
    /// That the stream is still there.
    StillThere,
    /// The end.
    End,
    /// An end before the end.
    Broken,
}

impl Listener {
    /// What comes next, keep-alives included.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            let end = if self.events { "\n\n" } else { "\n" };
            if let Some((part, rest)) = self.text.split_once(end) {
                let (part, rest) = (part.to_owned(), rest.to_owned());
                self.text = rest;
                return match part.strip_prefix("data: ") {
                    Some(record) if self.events => Heard::Record(record.to_owned()),
                    _ if part == ":" || part.is_empty() => Heard::StillThere,
                    _ => Heard::Record(part),
                };
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame());
            match frame.await.expect("neither a record nor an end") {
                Some(Ok(frame)) => {
                    let data = frame.into_data().unwrap();
                    self.text += std::str::from_utf8(&data).unwrap();
                }
                Some(Err(_)) => return Heard::Broken,
                None => {
                    assert_eq!(self.text, "", "a part of a record at the end");
                    return Heard::End;
                }
            }
        }
    }

    /// What comes next, keep-alives left out.
    pub(crate) async fn hears(&mut self) -> Heard {
        loop {
            match self.next().await {
                Heard::StillThere => {}
                heard => return heard,
            }
        }
    }
}

/// A platform writes.
pub(crate) async fn say(source: &mut Source, text: &str) {
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let sent = tokio::time::timeout(PATIENCE, source.send_data(bytes));
    sent.await
        .expect("the gateway does not read")
        .expect("nobody listens");
}

/// The same, as an event.
pub(crate) async fn event(source: &mut Source, record: &str) {
    say(source, &format!("id: 7\nevent: post\ndata: {record}\n\n")).await;
}

/// Waits until nobody listens to the platform any more.
pub(crate) async fn is_left(mut source: Source) {
    let left = async {
        while source.send_data(Bytes::from_static(b":\n\n")).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, left)
        .await
        .expect("the call to the platform goes on");
}
