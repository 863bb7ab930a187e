//! Listening and stopping, seen from outside: slow clients, long requests, the end.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::calls::{ApiCall, TokenCall, token};
use crate::support::{World, read_answer};

const UNREACHABLE: &str = "http://127.0.0.1:9";

/// How long the gateway lets a connection stand that has sent this and nothing more.
async fn stands(world: &World, sent: &str) -> Duration {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let began = Instant::now();
    let mut end = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut end)).await;
    assert!(ended.is_ok(), "still open after ten seconds");
    began.elapsed()
}

#[tokio::test]
async fn a_client_that_is_slow_with_its_head_is_cut() {
    let world = World::with("[limits]\nhead-time = \"300ms\"", UNREACHABLE).await;
    for sent in [
        "",
        "G",
        "GET /healthz HTTP/1.1\r\n",
        "GET /healthz HTTP/1.1\r\nhost: x\r\nx: ",
    ] {
        let stood = stands(&world, sent).await;
        assert!(stood >= Duration::from_millis(250), "{sent:?} {stood:?}");
        assert!(stood < Duration::from_secs(3), "{sent:?} {stood:?}");
    }
}

#[tokio::test]
async fn a_client_that_is_slow_with_its_body_is_told_and_cut() {
    let world = World::with("[limits]\nbody-time = \"300ms\"", UNREACHABLE).await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = "POST /oauth/token HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 100\r\n\r\nconn";
    stream.write_all(head.as_bytes()).await.unwrap();
    let told = read_answer(&mut stream).await;
    assert_eq!(
        (told.status, told.json()["type"].as_str()),
        (408, Some("urn:countersign:problem:request-timeout"))
    );
}

#[tokio::test]
async fn a_body_longer_than_allowed_is_refused_whatever_its_length_is_said_to_be() {
    let world = World::with("[limits]\nrequest-body = \"1KiB\"", UNREACHABLE).await;
    let headers = [(
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    )];
    let told = world
        .send("POST", "/oauth/token", &headers, &"a".repeat(1025))
        .await;
    assert_eq!(
        (told.status, told.json()["title"].as_str()),
        (413, Some("Body too large"))
    );
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = "POST /oauth/token HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("{head}1000\r\n{}\r\n", "a".repeat(4096));
    stream.write_all(chunk.as_bytes()).await.unwrap();
    assert_eq!(read_answer(&mut stream).await.status, 413);
}

#[tokio::test]
async fn a_head_longer_than_allowed_is_refused() {
    let world = World::with("[limits]\nrequest-head = \"8KiB\"", UNREACHABLE).await;
    let headers = [("x".to_owned(), "a".repeat(9000))];
    assert_eq!(
        world.send("GET", "/healthz", &headers, "").await.status,
        431
    );
    let many: Vec<_> = (0..65)
        .map(|n| (format!("x-{n}"), "a".to_owned()))
        .collect();
    assert_eq!(world.send("GET", "/healthz", &many, "").await.status, 431);
}

#[tokio::test]
async fn a_partner_that_asks_too_often_waits() {
    let world = World::with(
        "[limits]\nrate-per-partner = 1\nburst-per-partner = 3",
        UNREACHABLE,
    )
    .await;
    let token = token(&world, "findr").await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let told = ApiCall::right(&world, "findr", &token).send(&world).await;
        statuses.push((told.status, told.header("retry-after").map(str::to_owned)));
    }
    assert_eq!(statuses.first(), Some(&(404, None)));
    assert!(
        statuses.contains(&(429, Some("1".to_owned()))),
        "{statuses:?}"
    );
    assert_eq!(
        TokenCall::right(&world, "reelbox")
            .send(&world)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn when_as_many_connections_are_open_as_may_be_the_next_waits_for_one_to_close() {
    let world = World::with("[limits]\nconnections = 1", UNREACHABLE).await;
    let held = TcpStream::connect(world.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let next = world.send("GET", "/healthz", &[], "");
    tokio::pin!(next);
    assert!(
        tokio::time::timeout(Duration::from_millis(200), &mut next)
            .await
            .is_err()
    );
    drop(held);
    assert_eq!(next.await.status, 200);
}

#[tokio::test]
async fn a_graceful_stop_lets_a_request_in_flight_finish_and_takes_no_other() {
    let mut world = World::new().await;
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    let head = "POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nab";
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut idle = TcpStream::connect(world.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;

    let address = world.address;
    let finish = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(
            TcpStream::connect(address).await.is_err(),
            "nobody listens any more"
        );
        slow.write_all(b"cd").await.unwrap();
        read_answer(&mut slow).await.status
    };
    let (status, ()) = tokio::join!(finish, world.stop());
    assert_eq!(status, 400, "it was read to its end and answered: no form");
    let mut end = Vec::new();
    assert_eq!(idle.read_to_end(&mut end).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let mut world = World::with("[limits]\nstop-time = \"300ms\"", UNREACHABLE).await;
    let mut slow = TcpStream::connect(world.address).await.unwrap();
    let head = "POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nab";
    slow.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    world.stop().await;
    assert!(began.elapsed() < Duration::from_secs(3));
    let mut end = Vec::new();
    assert_eq!(
        slow.read_to_end(&mut end).await.unwrap_or(0),
        0,
        "cut without an answer"
    );
}

#[tokio::test]
async fn a_load_balancer_hears_whether_requests_can_be_answered() {
    let world = World::new().await;
    assert_eq!(world.send("GET", "/healthz", &[], "").await.body, "ok\n");
    world.pass(7200);
    assert_eq!(world.send("GET", "/healthz", &[], "").await.status, 503);
}
