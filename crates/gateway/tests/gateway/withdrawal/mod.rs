//! Withdrawal as a law: when the call that withdraws returns, no later answer holds that person's data under that power,
//! not even one that was on its way to a partner that reads slowly on purpose.

mod platform;
mod stress;
mod tls;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::town;
use platform::Stage;

/// The requirement: two seconds for those who read, and a little for the rest.
const WITHIN: Duration = Duration::from_secs(3);

const MESSAGE: &str = "chat:Message";

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_stops_reading_does_not_hold_a_withdrawal_up_and_is_cut() {
    let stage = Stage::new().await;
    // One that the gateway still holds in great part, and one that it has handed to the operating system whole.
    for path in ["/posts", "/short"] {
        let mut reading = stage.ask(path).await;
        let began = Instant::now();
        stage.withdraw("bert", MESSAGE).await;
        let took = began.elapsed();
        assert!(took < WITHIN, "{path}: {took:?}");
        let (read, of) = reading.rest().await;
        assert!(read < of, "{path}: {read} of {of}");
        assert!(!reading.holds("bert"), "{path}");
        stage.town.consent_again("bert").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_reads_gets_to_the_end_of_what_was_on_its_way() {
    let stage = Stage::new().await;
    let mut reading = stage.ask_freely("/posts").await;
    let reader = tokio::spawn(async move {
        let (read, of) = reading.rest().await;
        (read, of, reading.holds("bert"))
    });
    stage.withdraw("bert", MESSAGE).await;
    let (read, of, whole) = reader.await.unwrap();
    assert_eq!(read, of);
    assert!(whole);
    let mut after = stage.ask("/posts").await;
    after.rest().await;
    assert!(!after.holds("bert") && after.holds("cleo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_takes_keeps_its_partners_place_and_is_cut_without_any_withdrawal() {
    let limits = "answer-time = \"3s\"\nrequests-per-partner = 1";
    let stage = Stage::within(limits).await;
    let mut unread = stage.ask("/posts").await;
    assert_eq!(unread.status, "200");
    assert_eq!(stage.ask("/short").await.status, "429");
    // One that is read takes no longer than it takes.
    let mut reading = stage.ask_until_there_is_a_place("/posts").await;
    let (read, of) = reading.rest().await;
    assert_eq!((reading.status.as_str(), read), ("200", of));
    let (read, of) = unread.rest().await;
    assert!(read < of, "{read} of {of}");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_a_withdrawal_does_not_concern_are_neither_awaited_nor_cut() {
    let stage = Stage::new().await;
    stage.withdraw("bert", MESSAGE).await;
    // Of Bert there is the id in it, and no message.
    let mut reading = stage.ask("/posts").await;
    for (person, category) in [("dora", MESSAGE), ("bert", MESSAGE), ("dora", "pd:UID")] {
        stage.withdraw(person, category).await;
    }
    let (read, of) = reading.rest().await;
    assert_eq!(read, of);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_changes_nothing_still_waits_for_what_it_concerns() {
    let stage = Stage::new().await;
    let stage = std::sync::Arc::new(stage);
    let mut reading = stage.ask("/posts").await;
    let both = [1, 2].map(|_| {
        let stage = stage.clone();
        tokio::spawn(async move { stage.withdraw("bert", MESSAGE).await })
    });
    // Whichever comes first: the second changes nothing.
    for one in both {
        one.await.unwrap();
        assert!(!reading.holds("bert"));
    }
    let (read, of) = reading.rest().await;
    assert!(read < of && !reading.holds("bert"), "{read} of {of}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_takes_something_away_cuts_what_it_concerns_and_nothing_else() {
    let stage = Stage::new().await;
    let withdrawn = town::power("pd:UID", "friend");
    let changes: [(&str, Value, bool); 7] = [
        (
            "/bars",
            json!({ "person": "dora", "bar": "everything" }),
            false,
        ),
        (
            "/bars",
            json!({ "person": "cleo", "bar": { "through": "participant" } }),
            false,
        ),
        (
            "/bars",
            json!({ "person": "cleo", "bar": { "through": "friend" } }),
            true,
        ),
        // Cleo's posts are gone by now; Ada's connection no longer covers the power by which Bert's leaves.
        (
            "/consents/withdraw",
            json!({ "person": "ada", "partner": "findr", "power": withdrawn }),
            true,
        ),
        ("/people/leave", json!({ "id": "bert" }), true),
        ("/connections/CONNECTION/end", Value::Null, true),
        ("/agreements/findr-all/suspend", Value::Null, true),
    ];
    for (path, body, concerned) in changes {
        let stage = if path == "/bars" {
            &stage
        } else {
            &Stage::new().await
        };
        let connection = stage.town.connection_name("ada");
        let mut reading = stage.ask("/posts").await;
        let began = Instant::now();
        stage
            .door
            .changes(&path.replace("CONNECTION", &connection), body.clone())
            .await;
        let took = began.elapsed();
        assert!(took < WITHIN, "{path} {body}: {took:?}");
        let (read, of) = reading.rest().await;
        assert_eq!(read < of, concerned, "{path} {body}: {read} of {of}");
    }
}
