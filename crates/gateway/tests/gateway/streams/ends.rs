//! How streams end, by whomever.

use serde_json::{Value, json};

use super::platform::{Heard, Stage, event, is_left, post, say};
use super::record;

#[tokio::test]
async fn a_stream_that_the_platform_breaks_off_is_not_taken_for_one_that_ended() {
    let mut stage = Stage::with("stream-record = \"1KiB\"").await;
    let long = "x".repeat(2_000);
    let unended = format!("{{\"author\":\"cleo\",\"text\":\"{long}");
    let whole = format!("{unended}\"}}\n");
    // A connection that breaks, a record without end, and one that is too long.
    for what in ["breaks", "unended", "whole"] {
        let (mut listener, mut source) = stage.open("/lines").await;
        say(&mut source, &format!("{}\n", post("cleo", "first"))).await;
        assert_eq!(listener.hears().await, record("cleo", "first"), "{what}");
        match what {
            "breaks" => {
                say(&mut source, "{\"author\":").await;
                source.abort(std::io::Error::other("the platform is gone"));
            }
            "unended" => say(&mut source, &unended).await,
            _ => say(&mut source, &whole).await,
        }
        assert_eq!(listener.hears().await, Heard::Broken, "{what}");
    }
}

#[tokio::test]
async fn a_stream_ends_with_what_it_rests_on_also_while_nothing_comes() {
    let endings: [(&str, Value); 3] = [
        ("/connections/CONNECTION/end", Value::Null),
        ("/agreements/findr-all/suspend", Value::Null),
        ("/people/leave", json!({ "id": "ada" })),
    ];
    for (path, body) in endings {
        let mut stage = Stage::new().await;
        let (mut listener, mut source) = stage.open("/events").await;
        event(&mut source, &post("cleo", "first")).await;
        assert_eq!(listener.hears().await, record("cleo", "first"));
        let path = path.replace("CONNECTION", &stage.town.connection_name("ada"));
        stage.door.changes(&path, body).await;
        assert_eq!(listener.hears().await, Heard::End, "{path}");
        is_left(source).await;
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_token_and_with_its_time() {
    let mut stage = Stage::new().await;
    let (mut listener, source) = stage.open("/events").await;
    stage.door.client.give_back(&stage.token).await.unwrap();
    assert_eq!(listener.hears().await, Heard::End);
    is_left(source).await;

    let mut stage = Stage::with("stream-time = \"700ms\"").await;
    let (mut listener, source) = stage.open("/events").await;
    assert_eq!(listener.hears().await, Heard::End);
    is_left(source).await;
}

#[tokio::test]
async fn a_stream_ends_with_the_clients_key_that_its_token_was_got_by() {
    let mut stage = Stage::new().await;
    let (mut listener, mut source) = stage.open("/events").await;
    event(&mut source, &post("cleo", "first")).await;
    assert_eq!(listener.hears().await, record("cleo", "first"));
    let other = partner::Key::from_secret(partner::Algorithm::Es256, [4; 32]).unwrap();
    let keys = json!({ "keys": [other.public_jwk()] }).to_string();
    let path = "/partners/findr/keys";
    let (status, said) = stage.door.administer("PUT", path, &keys).await;
    assert_eq!(status, 200, "{said}");
    event(&mut source, &post("cleo", "second")).await;
    assert_eq!(listener.hears().await, Heard::End);
    is_left(source).await;
    assert_eq!(stage.ask("/slow", &[]).await.status(), 401);
}

#[tokio::test]
async fn the_call_to_the_platform_ends_when_the_partner_goes_away() {
    let mut stage = Stage::new().await;
    for path in ["/events", "/lines"] {
        let (listener, source) = stage.open(path).await;
        drop(listener);
        is_left(source).await;
    }
}

#[tokio::test]
async fn a_partner_has_so_many_streams_and_its_other_requests_do_not_suffer() {
    let mut stage = Stage::with("waiting-per-partner = 2\nrequests-per-partner = 1").await;
    let (first, _one) = stage.open("/events").await;
    let (_second, _two) = stage.open("/lines").await;
    assert_eq!(stage.ask("/events", &[]).await.status(), 429);
    assert_eq!(stage.ask("/slow", &[]).await.status(), 200);
    drop(first);
    is_left(_one).await;
    // Its place is free once the gateway has noticed, too.
    let again = async {
        while stage.ask("/events", &[]).await.status() != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(super::platform::PATIENCE, again)
        .await
        .unwrap();
}
