//! Both ends of the wire by hand: a platform that answers with any bytes whatever, and a client that sends any.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How long anything here is waited for. Only a gateway that never answers reaches it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the platform answers with.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    /// These bytes, and then the connection is closed.
    Bytes(Vec<u8>),
    /// The first, then the second over and over, until nobody takes any more.
    Endless(Vec<u8>, Vec<u8>),
    /// The first, then the second byte by byte with pauses.
    Drips(Vec<u8>, Vec<u8>),
}

impl Says {
    /// A plain answer in JSON.
    pub(crate) fn json(body: impl AsRef<[u8]>) -> Says {
        Says::with("200 OK", "content-type: application/json\r\n", body)
    }

    /// An answer with its length.
    pub(crate) fn with(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Says {
        let body = body.as_ref();
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n");
        Says::Bytes([head.as_bytes(), body].concat())
    }
}

/// A platform that answers every request alike and keeps what it was sent, byte for byte.
#[derive(Clone, Debug)]
pub(crate) struct Platform {
    says: Arc<Mutex<Says>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Platform {
    pub(crate) async fn new() -> (Platform, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let platform = Platform {
            says: Arc::new(Mutex::new(Says::json(r#"{"name":"Bert"}"#))),
            heard: Arc::default(),
        };
        let serving = platform.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        (platform, address)
    }

    pub(crate) fn says(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    /// The requests since this was asked last.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut request = Vec::new();
        while !whole(&request) {
            let mut more = [0; 4096];
            match stream.read(&mut more).await {
                Ok(read) if read > 0 => request.extend(&more[..read]),
                _ => return,
            }
        }
        let heard = String::from_utf8_lossy(&request).into_owned();
        self.heard.lock().unwrap().push(heard);
        let says = self.says.lock().unwrap().clone();
        // Whoever stops listening ends this.
        let _ = match says {
            Says::Bytes(bytes) => stream.write_all(&bytes).await,
            Says::Endless(first, more) => {
                let mut written = stream.write_all(&first).await;
                while written.is_ok() {
                    written = stream.write_all(&more).await;
                }
                written
            }
            Says::Drips(first, more) => {
                let mut written = stream.write_all(&first).await;
                for byte in more {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    written = stream.write_all(&[byte]).await;
                    if written.is_err() {
                        break;
                    }
                }
                written
            }
        };
    }
}

/// Whether head and body are there; the gateway says the length of every body that it sends.
fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

/// Everything that comes back until the other side closes, after these pieces were sent with pauses between them.
pub(crate) async fn exchange(address: &str, pieces: &[&[u8]]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut came = Vec::new();
    let exchange = async {
        for piece in pieces {
            // A gateway that has had enough closes; what it said before that is still to be read.
            if stream.write_all(piece).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let _ = stream.read_to_end(&mut came).await;
    };
    let ended = tokio::time::timeout(PATIENCE, exchange).await;
    assert!(ended.is_ok(), "the connection never ended");
    String::from_utf8_lossy(&came).into_owned()
}

/// The statuses of the answers in these bytes.
pub(crate) fn statuses(came: &str) -> Vec<&str> {
    let answers = came.match_indices("HTTP/1.1 ");
    answers.map(|(at, _)| &came[at + 9..at + 12]).collect()
}
