//! People withdraw and consent while partners read as fast as they can.
//!
//! `COUNTERSIGN_STRESS_ANSWERS=300000 cargo test -p gateway --test gateway stress -- --nocapture` for the long run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::platform::Stage;
use crate::town;

/// Few enough for everyday; set the variable for more.
const ANSWERS: u64 = 2_000;
const READERS: usize = 6;

/// Whether somebody is out: odd from the moment at which the withdrawal has returned, until just before they consent.
#[derive(Default)]
struct Out(AtomicU64);

struct Counted {
    /// All answers.
    answers: AtomicU64,
    /// Answers that were begun when somebody was out and had ended before they consented: nothing of them may be in it.
    conclusive: AtomicU64,
    /// Answers that held the person, so that the test can fail.
    held: AtomicU64,
    /// Answers that were none, because too much was being taken away.
    busy: AtomicU64,
    /// How long the slowest withdrawal took, in microseconds.
    slowest: AtomicU64,
}

#[tokio::test(flavor = "multi_thread")]
async fn stress_no_answer_begun_after_a_withdrawal_returned_holds_that_person() {
    let wanted = std::env::var("COUNTERSIGN_STRESS_ANSWERS");
    let wanted = wanted.map_or(ANSWERS, |text| text.parse().expect("a number of answers"));
    let stage = Arc::new(Stage::new().await);
    let people = ["bert", "cleo"].map(|person| (person, Arc::new(Out::default())));
    let counted = Arc::new(Counted {
        answers: AtomicU64::new(0),
        conclusive: AtomicU64::new(0),
        held: AtomicU64::new(0),
        busy: AtomicU64::new(0),
        slowest: AtomicU64::new(0),
    });
    let began = Instant::now();
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            let (stage, people, counted) = (stage.clone(), people.clone(), counted.clone());
            tokio::spawn(async move {
                while counted.answers.load(Ordering::Relaxed) < wanted {
                    read(&stage, &people, &counted).await;
                }
            })
        })
        .collect();
    let comings = people.clone().map(|(person, out)| {
        let (stage, counted) = (stage.clone(), counted.clone());
        tokio::spawn(async move { come_and_go(&stage, person, &out, &counted).await })
    });
    for reader in readers {
        reader.await.unwrap();
    }
    for coming in comings {
        coming.abort();
        let _ = coming.await;
    }
    for (_, out) in &people {
        assert!(out.0.load(Ordering::SeqCst) > 1, "nobody withdrew");
    }
    let slowest = Duration::from_micros(counted.slowest.load(Ordering::Relaxed));
    eprintln!(
        "{} answers in {:.1?}, {} conclusive, {} with the person in it, {} too busy, slowest withdrawal {slowest:.1?}",
        counted.answers.load(Ordering::Relaxed),
        began.elapsed(),
        counted.conclusive.load(Ordering::Relaxed),
        counted.held.load(Ordering::Relaxed),
        counted.busy.load(Ordering::Relaxed),
    );
    let conclusive = counted.conclusive.load(Ordering::Relaxed);
    assert!(
        conclusive > 0,
        "no answer fell between a withdrawal and the next consent"
    );
    assert!(
        counted.held.load(Ordering::Relaxed) > 0,
        "nobody was ever in an answer"
    );
}

async fn read(stage: &Stage, people: &[(&str, Arc<Out>); 2], counted: &Counted) {
    let before = people
        .each_ref()
        .map(|(_, out)| out.0.load(Ordering::SeqCst));
    let answer = stage.door.client.get(&stage.token, "/short").await.unwrap();
    let after = people
        .each_ref()
        .map(|(_, out)| out.0.load(Ordering::SeqCst));
    counted.answers.fetch_add(1, Ordering::Relaxed);
    // Three times something was taken away while it was made: then there is none, and nobody is in it.
    let busy = answer.status == 503;
    counted.busy.fetch_add(u64::from(busy), Ordering::Relaxed);
    assert!(busy || answer.status == 200, "{}", answer.text());
    for (((person, _), before), after) in people.iter().zip(before).zip(after) {
        let holds = answer.text().contains(person);
        counted.held.fetch_add(u64::from(holds), Ordering::Relaxed);
        if before % 2 == 1 && before == after {
            assert!(!holds, "{person} had withdrawn before this was asked");
            counted.conclusive.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn come_and_go(stage: &Stage, person: &str, out: &Out, counted: &Counted) {
    let power = town::power("pd:UID", "friend");
    let consent = serde_json::json!({ "people": [person], "partner": "findr", "power": power,
        "notice": town::notice(), "until": town::until() });
    loop {
        let began = Instant::now();
        stage.withdraw(person, "pd:UID").await;
        let took = u64::try_from(began.elapsed().as_micros()).unwrap();
        counted.slowest.fetch_max(took, Ordering::Relaxed);
        out.0.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(50)).await;
        out.0.fetch_add(1, Ordering::SeqCst);
        stage.door.changes("/consents", consent.clone()).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
