//! Idempotency keys: the same request sent again is told the same, and done once.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::json;

use super::stage::{Stage, seen, slug};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_under_the_same_key_is_done_once_also_over_a_restart() {
    let stage = Stage::with(Some).await;
    let (thread, ada, bert) = stage.thread_of_two();
    let (ada, bert) = (stage.world.id_of(ada), stage.world.id_of(bert));
    let path = format!("/v1/threads/{}/messages", thread.id);
    let body = json!({ "from": "me", "text": "Hello." });
    let token = stage.town.token(&stage.door, Some(&ada)).await;
    let door = &stage.door;
    let post = |body, key| stage.call_at(door, &token, Method::POST, &path, Some(body), Some(key));
    let first = post(&body, "key-1").await;
    assert_eq!(first.status, 200, "{}", first.text());
    // The same words in another order are the same request.
    let reordered = json!({ "text": "Hello.", "from": ada.as_str() });
    for again in [&body, &reordered] {
        assert_eq!(seen(&post(again, "key-1").await), seen(&first));
    }
    assert_eq!(stage.written().len(), 1);

    let bye = json!({ "from": "me", "text": "Bye." });
    let other = post(&bye, "key-1").await;
    assert_eq!(
        (other.status.as_u16(), slug(&other)),
        (422, "key-reused".to_owned())
    );
    // Another connection's key of the same name is another key.
    let berts = stage.town.token(door, Some(&bert)).await;
    let of_bert = stage.call_at(
        door,
        &berts,
        Method::POST,
        &path,
        Some(&body),
        Some("key-1"),
    );
    assert_eq!(of_bert.await.status, 200);
    let fresh = post(&body, "key-2").await;
    assert_ne!(
        seen(&fresh),
        seen(&first),
        "another message, with another id"
    );
    assert_eq!(stage.written().len(), 2);

    let again = stage.again().await;
    let token = stage.town.token(&again, Some(&ada)).await;
    let replayed = stage.call_at(
        &again,
        &token,
        Method::POST,
        &path,
        Some(&body),
        Some("key-1"),
    );
    assert_eq!(seen(&replayed.await), seen(&first));
    let other = stage.call_at(
        &again,
        &token,
        Method::POST,
        &path,
        Some(&bye),
        Some("key-1"),
    );
    assert_eq!(other.await.status, 422);
    assert_eq!(stage.written(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_in_use_is_told_so_and_one_of_a_refused_request_is_free_again() {
    let stage = Arc::new(Stage::with(Some).await);
    let (thread, ada, bert) = stage.thread_of_two();
    let (ada, bert) = (stage.world.id_of(ada), stage.world.id_of(bert));
    let token = stage.town.token(&stage.door, Some(&ada)).await;
    let path = format!("/v1/threads/{}/messages", thread.id);
    let post = || {
        let (stage, token, path) = (stage.clone(), token.clone(), path.clone());
        async move {
            let body = json!({ "from": "me", "text": "Hello." });
            let call = stage.call_at(
                &stage.door,
                &token,
                Method::POST,
                &path,
                Some(&body),
                Some("k"),
            );
            call.await
        }
    };
    stage.town.bar(&bert).await;
    assert_eq!(post().await.status, 404);
    stage.town.lift(&bert).await;
    let busy = stage.busy.clone().lock_owned().await;
    let first = tokio::spawn(post());
    while stage.ledger().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let second = post().await;
    assert_eq!(
        (second.status.as_u16(), slug(&second)),
        (409, "key-in-use".to_owned())
    );
    drop(busy);
    let first = first.await.unwrap();
    assert_eq!(first.status, 200);
    assert_eq!(seen(&post().await), seen(&first));
    assert_eq!(stage.written().len(), 1);
}
