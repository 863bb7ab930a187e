//! The law on what a partner learns, end to end: a refused person looks exactly like one whom the platform never knew.
//!
//! For every person of a small world and every read operation: with that person refusing, the gateway's answers equal,
//! byte for byte up to sealed cursors, those in front of a platform generated without that person's data.

mod compare;
mod reading;
mod stage;

use std::collections::BTreeMap;
use std::sync::Arc;

use stage::Stage;

const PEOPLE: u32 = 14;

/// How the person refuses; both must look the same from outside.
#[derive(Clone, Copy, Debug)]
enum Refusing {
    Barring,
    Withdrawing,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_refuses_looks_like_somebody_whom_the_platform_never_knew() {
    let stage = Arc::new(Stage::with(PEOPLE).await);
    let people: Vec<_> = stage.world.people().collect();
    let mut totals: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
    let mut answers = 0;
    for (n, refusing) in people.iter().enumerate() {
        let how = if n % 2 == 0 {
            Refusing::Barring
        } else {
            Refusing::Withdrawing
        };
        let id = stage.world.id_of(*refusing);
        match how {
            Refusing::Barring => stage.bar(&id).await,
            Refusing::Withdrawing => stage.withdraw(&id).await,
        }
        stage.forget(&[*refusing]);
        let planted = stage.world.planted(*refusing);
        for other in people.iter().filter(|other| *other != refusing) {
            let (gate, without) = tokio::join!(
                reading::everything(&stage, &stage.gate, *other, *refusing),
                reading::everything(&stage, &stage.other, *other, *refusing),
            );
            for (seen, expected) in gate.iter().zip(&without) {
                assert_eq!(seen.operation, expected.operation);
                compare::same_bytes(seen, expected, &format!("{id} refuses by {how:?}"));
                compare::answered(seen);
                compare::nothing_planted(seen, &planted);
                answers += seen.pages.len();
            }
            for (operation, arrived, withheld) in compare::records(&stage, &gate, *other, *refusing)
            {
                let total = totals.entry(operation).or_default();
                *total = (total.0 + arrived, total.1 + withheld);
            }
        }
        match how {
            Refusing::Barring => stage.lift(&id).await,
            Refusing::Withdrawing => {
                stage.consent_again(&id).await;
                // Withdrawing emptied the person's own connection too; a new one takes its place.
                stage.reconnect(&id).await;
            }
        }
    }
    println!(
        "{answers} answers compared; records that arrived and that were withheld, by operation:"
    );
    for (operation, (arrived, withheld)) in &totals {
        println!("  {operation:<20} {arrived:>7} {withheld:>7}");
        assert!(
            *arrived > 0,
            "{operation}: nothing ever arrived, so nothing was shown"
        );
        assert!(
            *withheld > 0 || *operation == "getPerson",
            "{operation}: nothing was ever withheld"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_everyone_consenting_everything_the_overlay_names_arrives_unchanged() {
    let stage = Stage::with(PEOPLE).await;
    let mut dropped = BTreeMap::new();
    for person in stage.world.people() {
        for seen in reading::everything(&stage, &stage.gate, person, person).await {
            compare::unchanged(&stage, &seen, person, &mut dropped).await;
        }
    }
    let lines: Vec<String> = dropped
        .iter()
        .map(|(operation, paths)| {
            format!(
                "{operation}\n  {}",
                paths.iter().cloned().collect::<Vec<_>>().join("\n  ")
            )
        })
        .collect();
    insta::assert_snapshot!("what_the_overlay_does_not_name", lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_of_strangers_is_not_opened_by_somebody_who_is_not_in_it() {
    let stage = Stage::with(PEOPLE).await;
    let people: Vec<_> = stage.world.people().collect();
    let mut tried = 0;
    for outsider in &people {
        let token = stage
            .token(&stage.gate, Some(&stage.world.id_of(*outsider)))
            .await;
        let strangers = people
            .iter()
            .flat_map(|person| stage.world.threads(*person));
        for thread in strangers
            .filter(|thread| !thread.participants.contains(outsider))
            .take(3)
        {
            let answer = stage
                .gate
                .client
                .get(&token, &format!("/v1/threads/{}/messages", thread.id))
                .await
                .unwrap();
            assert_eq!(answer.status, 404, "{}", answer.text());
            tried += 1;
        }
    }
    assert!(tried > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_a_connection_is_no_key_to_the_directory() {
    let stage = Stage::with(2).await;
    let person = stage.world.id_of(stage.world.people().next().unwrap());
    let token = stage.token(&stage.gate, Some(&person)).await;
    let answer = stage.gate.client.get(&token, "/v1/people?limit=5").await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, 403);
    assert!(
        answer
            .text()
            .contains("urn:countersign:problem:wrong-behalf")
    );
}
