//! How often a promise made the gateway refuse: counted in the ledger, hidden while it is little, and still known after a
//! restart.

use std::time::Duration;

use serde_json::{Value, json};

use super::public::promise;
use super::stage::Stage;

const FRIENDS: &str = "/v1/people/me/friends";

async fn refused(stage: &Stage, id: &str) -> Value {
    let all = stage.json("/public/promises.json").await;
    let mut all = all.as_array().unwrap().iter();
    let it = all
        .find(|it| it["promise"] == id)
        .unwrap_or_else(|| panic!("no {id}"));
    it["refused"].clone()
}

/// Waits until older entries have been counted, which goes on in the background.
async fn counted(stage: &Stage, id: &str) -> Value {
    for _ in 0..600 {
        let told = refused(stage, id).await;
        if told != "still-being-counted" {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is still being counted");
}

async fn ask_for_friends(stage: &Stage, connection: &str, times: usize) {
    for _ in 0..times {
        stage.read("findr", connection, FRIENDS).await;
    }
}

#[tokio::test]
async fn the_promise_page_counts_from_twenty_on_and_a_restart_forgets_nothing() {
    let mut stage = Stage::new().await;
    let connection = stage.connect(&stage.people[0].clone(), "findr", 1).await;
    assert_eq!(stage.read("findr", &connection, FRIENDS).await.0, 200);
    stage
        .take(promise(
            "no-friends",
            "absolute",
            "scope:\n  reaches: [friend]\n",
        ))
        .await;
    stage
        .take(promise(
            "no-posts",
            "absolute",
            "scope:\n  reaches: [contact]\n",
        ))
        .await;
    let control = "scope:\n  reaches: [friend]\n";
    stage
        .take(promise("complete-control", "not-judgeable", control))
        .await;

    ask_for_friends(&stage, &connection, 19).await;
    stage.restart().await;
    assert_eq!(
        counted(&stage, "no-friends").await,
        json!({ "fewer-than": 20 })
    );
    let page = stage.get("/public/promises").await.body;
    assert!(
        page.contains("It has made the gateway refuse fewer than 20 times."),
        "{page}"
    );

    ask_for_friends(&stage, &connection, 2).await;
    stage.restart().await;
    assert_eq!(counted(&stage, "no-friends").await, json!({ "times": 21 }));
    assert_eq!(
        counted(&stage, "no-posts").await,
        json!({ "fewer-than": 20 })
    );
    // Listed, and never counted as enforced, though it covers the same.
    assert_eq!(
        counted(&stage, "complete-control").await,
        json!("not-judgeable")
    );

    // Without the file beside the log the ledger is read again.
    stage.stop().await;
    let file = stage.beside_the_ledger("promise-counts.json");
    assert!(file.exists());
    std::fs::remove_file(file).unwrap();
    stage.start().await;
    assert_eq!(counted(&stage, "no-friends").await, json!({ "times": 21 }));
}

#[tokio::test]
async fn an_answer_that_a_promise_only_thins_counts_once_however_many_people_it_keeps_out() {
    let mut stage = Stage::new().await;
    let connection = stage.connect(&stage.people[0].clone(), "findr", 1).await;
    let covers = "scope:\n  reaches: [friend]\n  categories: [pd:Name]\n";
    stage
        .take(promise("ask-them", "unless-consented", covers))
        .await;
    // None of the friends has consented, so each answer is empty, and each of them is held back because of the promise too.
    let (status, body) = stage.read("findr", &connection, FRIENDS).await;
    assert_eq!(status, 200, "{body}");
    ask_for_friends(&stage, &connection, 19).await;
    stage.restart().await;
    assert_eq!(counted(&stage, "ask-them").await, json!({ "times": 20 }));
}

#[tokio::test]
async fn counts_appear_by_themselves_when_their_minute_is_over() {
    let stage = Stage::new().await;
    let connection = stage.connect(&stage.people[0].clone(), "findr", 1).await;
    stage
        .take(promise(
            "no-friends",
            "absolute",
            "scope:\n  reaches: [friend]\n",
        ))
        .await;
    ask_for_friends(&stage, &connection, 25).await;
    assert_eq!(
        counted(&stage, "no-friends").await,
        json!({ "fewer-than": 20 })
    );
    stage.pass(60);
    for _ in 0..600 {
        if refused(&stage, "no-friends").await == json!({ "times": 25 }) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{}", refused(&stage, "no-friends").await);
}
