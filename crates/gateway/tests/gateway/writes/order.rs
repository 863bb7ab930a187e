//! The order of steps, held up in between: nothing before the intent is durable, nobody told before the outcome is.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use ledger::faults::Op;
use serde_json::json;

use super::stage::{Stage, seen, slug, told_by};

/// Waits until it is so; whoever is slow is waited for.
async fn until(what: &str, is: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if is() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it did not come to this: {what}");
}

/// Long enough that what is to come next would have come, if nothing held it.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_platform_is_not_asked_before_the_intent_is_durable() {
    let stage = Arc::new(Stage::with(Some).await);
    let (thread, ada, _) = stage.thread_of_two();
    let token = stage
        .town
        .token(&stage.door, Some(&stage.world.id_of(ada)))
        .await;
    let path = format!("/v1/threads/{}/messages", thread.id);
    stage.files.hold_syncs();
    let sending = tokio::spawn({
        let (stage, token) = (stage.clone(), token.clone());
        let body = json!({ "from": "me", "text": "Hello." });
        async move { stage.call(&token, Method::POST, &path, Some(&body)).await }
    });
    a_while().await;
    assert_eq!(
        stage.written(),
        Vec::<String>::new(),
        "the intent is not on the disk yet"
    );
    assert_eq!(stage.ledger(), Vec::<String>::new());
    stage.files.release_syncs();
    assert_eq!(sending.await.unwrap().status, 200);
    assert_eq!(stage.written().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_told_before_the_outcome_is_durable() {
    let stage = Arc::new(Stage::with(Some).await);
    let (thread, ada, _) = stage.thread_of_two();
    let token = stage
        .town
        .token(&stage.door, Some(&stage.world.id_of(ada)))
        .await;
    let path = format!("/v1/threads/{}/messages", thread.id);
    let busy = stage.busy.clone().lock_owned().await;
    let sending = tokio::spawn({
        let (stage, token) = (stage.clone(), token.clone());
        let body = json!({ "from": "me", "text": "Hello." });
        async move { stage.call(&token, Method::POST, &path, Some(&body)).await }
    });
    until("the platform is asked", || !stage.ledger().is_empty()).await;
    stage.files.hold_syncs();
    drop(busy);
    a_while().await;
    assert!(!sending.is_finished(), "the outcome is not on the disk yet");
    stage.files.release_syncs();
    assert_eq!(sending.await.unwrap().status, 200);
    assert_eq!(stage.ledger(), ["intent", "outcome 0 done answered"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_away_before_the_platform_is_asked_is_not_done() {
    let stage = Arc::new(Stage::with(Some).await);
    let (thread, ada, bert) = stage.thread_of_two();
    let token = stage
        .town
        .token(&stage.door, Some(&stage.world.id_of(ada)))
        .await;
    let path = format!("/v1/threads/{}/messages", thread.id);
    stage.files.hold_syncs();
    let before = stage.files.trace().len();
    let sending = tokio::spawn({
        let (stage, token, path) = (stage.clone(), token.clone(), path.clone());
        let body = json!({ "from": "me", "text": "Hello." });
        async move { stage.call(&token, Method::POST, &path, Some(&body)).await }
    });
    // The intent is written and waits for its sync: it was decided before the withdrawal.
    let written = || {
        let trace = stage.files.trace();
        let mut since = trace[before..].iter();
        since.any(|(op, path)| *op == Op::Write && path.to_string_lossy().contains("wal"))
    };
    until("the intent is written", written).await;
    stage.town.withdraw(&stage.world.id_of(bert)).await;
    stage.files.release_syncs();
    let answer = sending.await.unwrap();
    assert_eq!(stage.written(), Vec::<String>::new());
    assert_eq!(stage.ledger(), ["intent", "outcome 0 refused takenaway"]);
    let unknown = path.replace(&thread.id, "t_nobody");
    let body = json!({ "from": "me", "text": "Hello." });
    let unknown = stage
        .call(&token, Method::POST, &unknown, Some(&body))
        .await;
    assert_eq!(seen(&answer), seen(&unknown));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_crash_in_between_the_outcome_is_unknown_and_it_is_not_tried_again() {
    let stage = Arc::new(Stage::with(Some).await);
    let (thread, ada, _) = stage.thread_of_two();
    let ada = stage.world.id_of(ada);
    let token = stage.town.token(&stage.door, Some(&ada)).await;
    let path = format!("/v1/threads/{}/messages", thread.id);
    let body = json!({ "from": "me", "text": "Hello." });
    let busy = stage.busy.clone().lock_owned().await;
    let sending = tokio::spawn({
        let (stage, token, path, body) = (stage.clone(), token.clone(), path.clone(), body.clone());
        async move {
            let post = Method::POST;
            let call = stage.call_at(&stage.door, &token, post, &path, Some(&body), Some("k-1"));
            call.await.status.as_u16()
        }
    });
    until("the platform is asked", || !stage.ledger().is_empty()).await;
    assert_eq!(stage.ledger(), ["intent"]);

    // The machine dies here. What it finds when it is started again:
    let ledger = stage.town.crashed_ledger();
    let again = stage
        .town
        .door_over(stage.door.upstream.clone(), ledger.clone(), "")
        .await;
    assert_eq!(told_by(&ledger), ["intent", "outcome 0 unknown restarted"]);
    assert_eq!(
        stage.written().len(),
        1,
        "sent by the one that died, and by nobody else"
    );

    // The same request under the same key is told so, and not sent.
    let token = stage.town.token(&again, Some(&ada)).await;
    let post = || {
        stage.call_at(
            &again,
            &token,
            Method::POST,
            &path,
            Some(&body),
            Some("k-1"),
        )
    };
    let told = post().await;
    assert_eq!(
        (told.status.as_u16(), slug(&told)),
        (502, "outcome-unknown".to_owned())
    );
    assert_eq!(stage.written(), Vec::<String>::new());

    // The operator sees it, looks, and says what was found.
    let unknowns = again.administer("GET", "/unknowns", "").await;
    let unknowns: serde_json::Value = serde_json::from_str(&unknowns.1).unwrap();
    let [one] = unknowns["unknowns"].as_array().unwrap().as_slice() else {
        panic!("one: {unknowns}")
    };
    assert_eq!(
        (&one["index"], &one["partner"]),
        (&json!(0), &json!("findr"))
    );
    assert_eq!(one["operation"], "sendMessage");
    for (address, word, status) in [
        (
            "/unknowns/7",
            r#"{"outcome":"done","note":"seen in the thread"}"#,
            422,
        ),
        ("/unknowns/0", r#"{"outcome":"perhaps","note":"x"}"#, 400),
        (
            "/unknowns/0",
            r#"{"outcome":"done","note":"seen in the thread"}"#,
            200,
        ),
        (
            "/unknowns/0",
            r#"{"outcome":"not-done","note":"changed my mind"}"#,
            422,
        ),
    ] {
        let told = again.administer("POST", address, word).await;
        assert_eq!(told.0, status, "{word}: {}", told.1);
    }
    let now = told_by(&ledger);
    assert_eq!(now[2..], ["outcome 0 done operator"]);
    assert!(
        again
            .administer("GET", "/unknowns", "")
            .await
            .1
            .contains(r#""unknowns":[]"#)
    );
    let told = post().await;
    assert_eq!(
        (told.status.as_u16(), told.text().as_ref()),
        (200, r#"{"outcome":"done"}"#)
    );
    assert_eq!(stage.written(), Vec::<String>::new());

    drop(busy);
    assert_eq!(sending.await.unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_that_hangs_up_does_not_stop_what_was_begun() {
    let stage = Arc::new(Stage::with(Some).await);
    let (thread, ada, _) = stage.thread_of_two();
    let token = stage
        .town
        .token(&stage.door, Some(&stage.world.id_of(ada)))
        .await;
    let path = format!("/v1/threads/{}/messages", thread.id);
    let busy = stage.busy.clone().lock_owned().await;
    let sending = tokio::spawn({
        let (stage, token) = (stage.clone(), token.clone());
        let body = json!({ "from": "me", "text": "Hello." });
        async move { stage.call(&token, Method::POST, &path, Some(&body)).await }
    });
    until("the platform is asked", || !stage.ledger().is_empty()).await;
    sending.abort();
    a_while().await;
    drop(busy);
    until("the outcome is recorded", || stage.ledger().len() == 2).await;
    assert_eq!(stage.ledger(), ["intent", "outcome 0 done answered"]);
}
