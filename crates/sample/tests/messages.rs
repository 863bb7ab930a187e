//! Sending and deleting messages.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop; clippy's own leave covers only test functions"
)]

mod support;

use sample::{Seed, World};
use serde_json::{Value, json};
use support::{Api, TOKEN};

fn world() -> World {
    World::generate(Seed(11), 300)
}

#[tokio::test]
async fn a_message_sent_is_the_last_one_until_it_is_deleted() {
    let world = world();
    let api = Api::of(&world);
    let person = world
        .people()
        .find(|p| !world.threads(*p).is_empty())
        .unwrap();
    let thread = world.threads(person).remove(0);
    let (messages, id) = (
        format!("/v1/threads/{}/messages", thread.id),
        world.id_of(person),
    );
    let before = api.list(&messages).await;

    let body = json!({ "from": id, "text": "on my way" }).to_string();
    let sent = api.call("POST", &messages, TOKEN, &body).await;
    assert_eq!(sent.status, 201);
    let after = api.list(&messages).await;
    assert_eq!(after.split_last().unwrap(), (&sent.json(), &before[..]));
    let threads = api.list(&format!("/v1/people/{id}/threads")).await;
    let seen = threads
        .iter()
        .find(|t| t["id"] == thread.id.as_str())
        .unwrap();
    assert_eq!(seen["last_message"]["preview"], "on my way");
    assert_eq!(seen["updated"], sent.json()["sent"]);

    let message = format!("{messages}/{}", sent.json()["id"].as_str().unwrap());
    assert_eq!(api.call("DELETE", &message, TOKEN, "").await.status, 204);
    assert_eq!(api.list(&messages).await, before);
    assert_eq!(api.call("DELETE", &message, TOKEN, "").await.status, 404);
}

#[tokio::test]
async fn all_messages_of_a_thread_can_be_deleted_and_the_thread_stays() {
    let world = world();
    let api = Api::of(&world);
    let person = world
        .people()
        .find(|p| !world.threads(*p).is_empty())
        .unwrap();
    let thread = world.threads(person).remove(0);
    let messages = format!("/v1/threads/{}/messages", thread.id);
    for message in api.list(&messages).await {
        let address = format!("{messages}/{}", message["id"].as_str().unwrap());
        assert_eq!(api.call("DELETE", &address, TOKEN, "").await.status, 204);
    }
    let threads = api
        .list(&format!("/v1/people/{}/threads", world.id_of(person)))
        .await;
    assert_eq!(
        threads.last().unwrap()["id"],
        thread.id.as_str(),
        "without a message it is the oldest"
    );
    assert_eq!(threads.last().unwrap()["last_message"], Value::Null);
}

#[tokio::test]
async fn messages_that_cannot_be_sent_say_why() {
    let world = world();
    let api = Api::of(&world);
    let person = world
        .people()
        .find(|p| !world.threads(*p).is_empty())
        .unwrap();
    let thread = world.threads(person).remove(0);
    let stranger = world
        .people()
        .find(|p| !thread.participants.contains(p))
        .unwrap();
    let messages = format!("/v1/threads/{}/messages", thread.id);
    let from = |p| world.id_of(p);
    for (body, status, code) in [
        (
            json!({ "from": from(stranger), "text": "hello" }).to_string(),
            403,
            "not_a_participant",
        ),
        (
            json!({ "from": from(person), "text": "" }).to_string(),
            400,
            "bad_message",
        ),
        (
            json!({ "from": from(person), "text": "x".repeat(4_001) }).to_string(),
            400,
            "bad_message",
        ),
        (
            json!({ "from": from(person) }).to_string(),
            400,
            "bad_message",
        ),
        ("{".to_owned(), 400, "bad_message"),
    ] {
        let answer = api.call("POST", &messages, TOKEN, &body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["code"]),
            (status, &json!(code)),
            "{body}"
        );
    }
    let elsewhere = format!("{messages}/m_d2222222222222aaaa");
    assert_eq!(api.call("DELETE", &elsewhere, TOKEN, "").await.status, 404);
}

#[tokio::test]
async fn a_feed_as_lines_is_the_feed() {
    let world = world();
    let api = Api::of(&world);
    let person = world.people().find(|p| world.feed(*p).len() > 100).unwrap();
    let feed = format!("/v1/people/{}/feed", world.id_of(person));
    let lines = api.get(&format!("{feed}/lines")).await;
    let lines: Vec<Value> = lines
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines, api.list(&feed).await);
}

#[tokio::test]
async fn whoever_listens_hears_the_messages_of_their_threads_and_no_others() {
    use axum::body::Body;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    let world = world();
    let router = sample::Platform::router(world.clone(), sample::Options::new(TOKEN));
    let call = async |method: &str, path: &str, body: String| {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(Body::from(body));
        router.clone().oneshot(request.unwrap()).await.unwrap()
    };
    let person = world
        .people()
        .find(|p| !world.threads(*p).is_empty())
        .unwrap();
    let own = world.threads(person).remove(0);
    let other = world
        .people()
        .flat_map(|p| world.threads(p))
        .find(|thread| !thread.participants.contains(&person))
        .unwrap();
    let path = format!("/v1/people/{}/messages", world.id_of(person));
    let mut stream = call("GET", &path, String::new()).await.into_body();
    for (thread, text) in [(&other, "not for you"), (&own, "for you")] {
        let from = world.id_of(thread.participants[0]);
        let body = json!({ "from": from, "text": text }).to_string();
        let sent = call("POST", &format!("/v1/threads/{}/messages", thread.id), body).await;
        assert_eq!(sent.status(), 201);
    }
    let mut heard = String::new();
    while !heard.contains("data: ") {
        let frame = stream.frame().await.unwrap().unwrap();
        heard += std::str::from_utf8(&frame.into_data().unwrap()).unwrap();
    }
    assert!(heard.contains("\"text\":\"for you\""), "{heard}");
    assert!(
        heard.starts_with(": welcome\n\nevent: message\nid: "),
        "{heard}"
    );
}
