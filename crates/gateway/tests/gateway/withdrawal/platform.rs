//! A platform with one long list of posts and one of names, and a partner that reads as slowly as it pleases.

use axum::Router;
use axum::routing::get;
use http::Method;
use partner::Token;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::town::{self, Door, Town};

/// Two lists; in the long one a post is 64 KiB and Bert's is the last.
const DOCUMENT: &str = r##"
openapi: 3.1.0
info: { title: Posts, version: "1" }
paths:
  /posts:
    get:
      operationId: posts
      x-countersign: { verb: read, reach: friend }
      responses: { "200": { description: Posts, content: { application/json: { schema: { $ref: "#/components/schemas/Posts" } } } } }
  /short:
    get:
      operationId: short
      x-countersign: { verb: read, reach: friend }
      responses: { "200": { description: Short posts, content: { application/json: { schema: { $ref: "#/components/schemas/Posts" } } } } }
components:
  schemas:
    Posts:
      type: object
      properties:
        list: { type: array, x-countersign: { structure: true }, items: { $ref: "#/components/schemas/Post" } }
    Post:
      type: object
      x-countersign: { people: [{ at: author }] }
      properties:
        author: { type: string, x-countersign: { category: "pd:UID", identifies: true } }
        text: { type: string, x-countersign: { category: "chat:Message" } }
"##;

const NO_OVERLAY: &str = r#"{"overlay": "1.1.0", "info": {"title": "None", "version": "1"},
    "actions": [{"target": "$.info", "update": {"description": "nothing"}}]}"#;

/// Posts of 64 KiB before Bert's.
const LONG: usize = 96;

/// A gateway in front of the platform. Ada has connected Findr; everybody agrees to everything.
pub(crate) struct Stage {
    pub(crate) town: Town,
    pub(crate) door: Door,
    pub(crate) token: Token,
}

impl Stage {
    pub(crate) async fn new() -> Stage {
        Stage::with(None, "").await
    }

    /// With a gateway that partners reach by TLS alone: its certificate and key in PEM.
    pub(crate) async fn by_tls(certificate: &str, key: &str) -> Stage {
        Stage::by_tls_within(certificate, key, "").await
    }

    pub(crate) async fn by_tls_within(certificate: &str, key: &str, limits: &str) -> Stage {
        Stage::with(Some((certificate, key)), limits).await
    }

    /// The same, with these lines of `[limits]`.
    pub(crate) async fn within(limits: &str) -> Stage {
        Stage::with(None, limits).await
    }

    async fn with(tls: Option<(&str, &str)>, limits: &str) -> Stage {
        let town = Town::new(town::Platform {
            document: ("posts.yaml", DOCUMENT),
            overlay: ("overlay.json", NO_OVERLAY),
            token: "service-token".to_owned(),
            more: "",
            people: ["ada", "bert", "cleo", "dora"].map(str::to_owned).to_vec(),
        })
        .await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = format!("http://{}", listener.local_addr().unwrap());
        let json = |body: String| async { ([("content-type", "application/json")], body) };
        let router = Router::new()
            .route("/posts", get(move || json(posts(LONG, 64 << 10))))
            .route("/short", get(move || json(posts(2, 8 << 10))));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let door = match tls {
            None => town.door_within(upstream, limits).await,
            Some(tls) => town.door_by_tls(upstream, tls, limits).await,
        };
        let token = town.token(&door, Some("ada")).await;
        Stage { town, door, token }
    }

    pub(crate) async fn withdraw(&self, person: &str, category: &str) {
        let power = town::power(category, "friend");
        let body = serde_json::json!({ "person": person, "partner": "findr", "power": power });
        self.door.changes("/consents/withdraw", body).await;
    }

    /// Asks, and reads no further than the answer's head. This side's operating system takes so little that what has not
    /// been read is with the gateway.
    pub(crate) async fn ask(&self, path: &str) -> Reading {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        self.ask_by(socket, path).await
    }

    /// The same, by a socket like any other.
    pub(crate) async fn ask_freely(&self, path: &str) -> Reading {
        self.ask_by(TcpSocket::new_v4().unwrap(), path).await
    }

    /// The same, again and again while all of the partner's places are filled.
    pub(crate) async fn ask_until_there_is_a_place(&self, path: &str) -> Reading {
        for _ in 0..400 {
            let reading = self.ask_freely(path).await;
            if reading.status != "429" {
                return reading;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("no place for {path} in twenty seconds");
    }

    async fn ask_by(&self, socket: TcpSocket, path: &str) -> Reading {
        let address = self.door.public.strip_prefix("http://").unwrap();
        let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
        let headers = self.door.client.headers(&self.token, &Method::GET, path);
        let mut text = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n");
        for (name, value) in headers.unwrap() {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        stream
            .write_all(format!("{text}\r\n").as_bytes())
            .await
            .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let (_, length) = head.split_once("content-length: ").unwrap();
        let length = length.split("\r\n").next().unwrap().parse().unwrap();
        Reading {
            stream,
            status: head[9..12].to_owned(),
            length,
            body: Vec::new(),
        }
    }
}

/// An answer that is being read.
pub(crate) struct Reading {
    stream: TcpStream,
    pub(crate) status: String,
    length: usize,
    body: Vec<u8>,
}

impl Reading {
    /// Reads what there is to read until the answer is complete or the connection ends; how much, and of how much.
    pub(crate) async fn rest(&mut self) -> (usize, usize) {
        let mut part = vec![0; 256 << 10];
        while self.body.len() < self.length {
            match self.stream.read(&mut part).await {
                Ok(0) | Err(_) => break,
                Ok(read) => self.body.extend_from_slice(&part[..read]),
            }
        }
        (self.body.len(), self.length)
    }

    /// Whether a whole post of this person's has arrived.
    pub(crate) fn holds(&self, author: &str) -> bool {
        holds(&self.body, author)
    }
}

/// Whether a whole post of this person's is in these bytes.
pub(crate) fn holds(body: &[u8], author: &str) -> bool {
    let text = String::from_utf8_lossy(body);
    let post = format!(r#"{{"author":"{author}","text":""#);
    text.find(&post)
        .is_some_and(|at| text[at..].contains("\"}"))
}

/// So many posts of Cleo's, and one of Bert's.
fn posts(cleos: usize, length: usize) -> String {
    let post = |author: &str| {
        let text = "x".repeat(length);
        format!(r#"{{"author":"{author}","text":"{text}"}}"#)
    };
    let mut list = vec![post("cleo"); cleos];
    list.push(post("bert"));
    format!(r#"{{"list":[{}]}}"#, list.join(","))
}
