//! A partner that does not read: what the platform can get rid of stays bounded, and a withdrawal does not wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::platform::{PATIENCE, Source, Stage, post};

/// Of 64 KiB each.
const MANY: usize = 2_000;

/// A stream of which nothing is read by itself.
async fn opened(stage: &Stage, path: &str) -> TcpStream {
    let address = stage.door.public.strip_prefix("http://").unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
    let headers = stage.door.client.headers(&stage.token, &Method::GET, path);
    let mut text = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n");
    for (name, value) in headers.unwrap() {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let request = format!("{text}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// The platform writes as fast as somebody takes it; how many records it got rid of.
fn pour(mut source: Source) -> Arc<AtomicUsize> {
    let written = Arc::new(AtomicUsize::new(0));
    let counted = written.clone();
    tokio::spawn(async move {
        let text = "x".repeat(64 << 10);
        for n in 0..MANY {
            let author = if n % 2 == 0 { "bert" } else { "cleo" };
            let line = Bytes::from(format!("{}\n", post(author, &text)));
            if source.send_data(line).await.is_err() {
                return;
            }
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    written
}

/// Waits until a number does not change any more.
async fn settled(number: &AtomicUsize) -> usize {
    let settled = async {
        loop {
            let before = number.load(Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(1)).await;
            if before > 0 && number.load(Ordering::Relaxed) == before {
                return before;
            }
        }
    };
    tokio::time::timeout(PATIENCE, settled).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_partner_does_not_read_no_more_is_taken_from_the_platform() {
    let mut stage = Stage::new().await;
    let mut stream = opened(&stage, "/lines").await;
    let written = pour(stage.source().await);
    let stalled = settled(&written).await;
    // A few buffers of two sockets, and not the 128 MB that there are.
    assert!(stalled < MANY / 4, "{stalled} records");
    let mut read = 0;
    let mut part = vec![0; 256 << 10];
    while read < 30 << 20 {
        let some = tokio::time::timeout(PATIENCE, stream.read(&mut part));
        read += some.await.unwrap().unwrap();
    }
    let more = written.load(Ordering::Relaxed);
    assert!(more > stalled, "{more} after {stalled}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_does_not_wait_for_a_stream_that_is_not_read() {
    let mut stage = Stage::new().await;
    let mut stream = opened(&stage, "/lines").await;
    let written = pour(stage.source().await);
    settled(&written).await;
    let began = Instant::now();
    stage.withdraw("bert", "pd:UID").await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
    // What this side's operating system held, and then the connection is gone.
    let mut rest = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    assert!(
        read.unwrap().is_err() && rest.len() < 1 << 20,
        "{}",
        rest.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_not_read_ends_with_its_time_and_a_little() {
    let mut stage = Stage::with("stream-time = \"2s\"\nanswer-time = \"1s\"").await;
    let _unread = opened(&stage, "/lines").await;
    let written = pour(stage.source().await);
    settled(&written).await;
    let gone = async {
        while stage.counted("countersign_connections ").await != "0" {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
}
