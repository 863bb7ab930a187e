//! The platform's web hook, as a test wants it to behave.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The secret of the stage's configuration, without its prefix.
const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What the hook does with a digest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Manner {
    Answers(u16),
    /// Reads it and hangs up.
    HangsUp,
}

/// What came, byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) head: Vec<(String, String)>,
    pub(crate) body: String,
}

/// The hook. Nobody listens after [`Hook::dies`].
pub(crate) struct Hook {
    pub(crate) address: SocketAddr,
    came: Arc<Mutex<Vec<Came>>>,
    manner: Arc<Mutex<Manner>>,
    task: Option<JoinHandle<()>>,
}

impl Came {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.head.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name} in {self:?}")).1
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn person(&self) -> String {
        self.json()["data"]["person"].as_str().unwrap().to_owned()
    }

    /// Whether the signature is the one that whoever knows the secret comes to.
    pub(crate) fn is_signed(&self) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &BASE64_STANDARD.decode(SECRET).unwrap());
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let signed = format!("{id}.{at}.{}", self.body);
        let given = self
            .header("webhook-signature")
            .strip_prefix("v1,")
            .unwrap();
        let given = BASE64_STANDARD.decode(given).unwrap();
        hmac::verify(&key, signed.as_bytes(), &given).is_ok()
    }
}

impl Hook {
    pub(crate) async fn new() -> Hook {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut hook = Hook {
            address: listener.local_addr().unwrap(),
            came: Arc::default(),
            manner: Arc::new(Mutex::new(Manner::Answers(204))),
            task: None,
        };
        hook.listen(listener);
        hook
    }

    pub(crate) fn is(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub(crate) async fn dies(&mut self) {
        let task = self.task.take().unwrap();
        task.abort();
        let _ = task.await;
    }

    pub(crate) async fn lives(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.listen(listener);
    }

    fn listen(&mut self, listener: TcpListener) {
        let (came, manner) = (self.came.clone(), self.manner.clone());
        self.task = Some(tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let manner = *manner.lock().unwrap();
                answer(stream, manner, &came).await;
            }
        }));
    }

    /// All digests so far to this person.
    pub(crate) fn to(&self, person: &str) -> Vec<Came> {
        let came = self.came.lock().unwrap();
        came.iter()
            .filter(|came| came.person() == person)
            .cloned()
            .collect()
    }

    /// Waits until so many digests to this person have come.
    pub(crate) async fn until(&self, person: &str, many: usize) -> Vec<Came> {
        for _ in 0..1200 {
            let came = self.to(person);
            if came.len() >= many {
                return came;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no {many} digests to {person}: {:?}", self.came.lock());
    }
}

/// One request on a connection of its own.
async fn answer(mut stream: TcpStream, manner: Manner, came: &Mutex<Vec<Came>>) {
    let mut bytes = Vec::new();
    let whole = loop {
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(&more[..read]),
        }
        if let Some(whole) = read(&bytes) {
            break whole;
        }
    };
    came.lock().unwrap().push(whole);
    if let Manner::Answers(status) = manner {
        let answer =
            format!("HTTP/1.1 {status} So\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

/// The request, once all of it is there.
fn read(bytes: &[u8]) -> Option<Came> {
    let text = std::str::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let lines = head.split("\r\n").skip(1);
    let head: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let came = Came {
        head,
        body: body.to_owned(),
    };
    (came.header("content-length").parse() == Ok(body.len())).then_some(came)
}
