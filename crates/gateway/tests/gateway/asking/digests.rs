//! What the platform's hook gets, and when.

use std::time::Duration;

use super::hook::Manner;
use super::scene::{POWERS, Play, YES};
use crate::support::browser::Browser;

#[tokio::test]
async fn a_digest_is_signed_and_says_who_how_many_and_where_and_nothing_else() {
    let play = Play::new().await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.connects_and_is_read(&play.stage.bert, "reelbox").await;
    play.days(31).await;
    let came = &play.hook.until(&play.cleo, 1).await[0];
    assert!(came.is_signed());
    let mut other = came.clone();
    other.body = other.body.replace(":2,", ":3,");
    assert!(other.body != came.body && !other.is_signed());
    let at: i64 = came.header("webhook-timestamp").parse().unwrap();
    assert_eq!(at, play.stage.now());
    let day = decide::Time(at * 1000).day();
    assert_eq!(
        came.json(),
        serde_json::json!({
            "type": "asking.digest",
            "timestamp": format!("{day}T00:00:00Z"),
            "data": { "person": play.cleo, "partners": 2, "link": format!("{}/asked", play.stage.public) },
        })
    );
}

#[tokio::test]
async fn a_digest_is_the_same_whichever_friend_connected_the_partner_and_on_whichever_day() {
    let mut seen = Vec::new();
    for (of_ada, day) in [(true, 0), (false, 0), (false, 1)] {
        let play = Play::new().await;
        play.days(day).await;
        let friend = if of_ada {
            &play.stage.ada
        } else {
            &play.stage.bert
        };
        play.connects_and_is_read(friend, "findr").await;
        play.days(61 - day).await;
        let mut came = play.hook.until(&play.cleo, 1).await[0].clone();
        assert!(came.is_signed());
        // What differs is the port that this run's gateway and hook got, and so the signature.
        came.body = came.body.replace(&play.stage.public, "PUBLIC");
        came.head.retain(|(name, _)| {
            !["host", "webhook-signature", "content-length"].contains(&name.as_str())
        });
        seen.push(came);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}

#[tokio::test]
async fn nothing_is_seen_of_a_request_before_the_persons_own_day() {
    let play = Play::new().await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    let mut opened = None;
    for day in 0..=30 {
        let page = play.asked(&mut Browser::default(), &play.cleo).await;
        let told = !play.hook.to(&play.cleo).is_empty();
        if page.text().contains(POWERS[2].3) {
            opened = Some(day);
            break;
        }
        assert!(
            !told,
            "told on day {day}, before anything could be answered"
        );
        play.days(1).await;
    }
    assert!(opened.is_some_and(|day| day >= 1), "{opened:?}");
    play.hook.until(&play.cleo, 1).await;
}

#[tokio::test]
async fn silence_is_no_and_nobody_is_told_twice_about_the_same() {
    let play = Play::new().await;
    let connection = play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.days(31).await;
    play.hook.until(&play.cleo, 1).await;
    let body = play.friends("findr", &connection).await.body;
    assert!(!body.contains(&play.cleo), "{body}");
    play.days(25).await;
    // Dora hears of it for the first time, and cleo has heard of it.
    play.connects_and_is_read(&play.stage.bert, "findr").await;
    play.days(31).await;
    play.hook.until(&play.dora, 1).await;
    assert_eq!(play.hook.to(&play.cleo).len(), 1);
    let page = play.asked(&mut Browser::default(), &play.cleo).await;
    assert!(page.text().contains(POWERS[2].3), "she can still answer");
}

#[tokio::test]
async fn nobody_is_told_more_than_once_in_thirty_days_also_over_a_restart_and_a_dead_hook() {
    let mut play = Play::new().await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.hook.dies().await;
    play.days(31).await;
    play.until_counted("not-now", 1).await;
    // The hook is away on her day, and comes back some days later.
    play.stage.restart().await;
    play.days(20).await;
    play.hook.lives().await;
    play.stage.pass(3600);
    let first = play.hook.until(&play.cleo, 1).await[0].clone();
    play.stage.restart().await;
    // Something new is open before thirty days are over.
    play.connects_and_is_read(&play.stage.bert, "reelbox").await;
    for _ in 0..29 {
        play.days(1).await;
    }
    // Some rounds, to see that nothing comes of them.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(play.hook.to(&play.cleo).len(), 1);
    play.days(1).await;
    let second = play.hook.until(&play.cleo, 2).await[1].clone();
    let at = |came: &super::hook::Came| came.header("webhook-timestamp").parse::<i64>().unwrap();
    assert!(
        at(&second) - at(&first) >= 30 * 86_400,
        "{first:?} {second:?}"
    );
    assert_ne!(first.header("webhook-id"), second.header("webhook-id"));
}

#[tokio::test]
async fn where_only_the_days_of_asking_go_by_people_are_told_by_them_and_nothing_else_is_later() {
    let play = Play::new().await;
    let connection = play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.stage.pass_days_of_asking(31);
    let first = play.hook.until(&play.cleo, 1).await[0].clone();
    let at: i64 = first.header("webhook-timestamp").parse().unwrap();
    assert_eq!(at, play.stage.now(), "the signature is of the real moment");
    let mut browser = Browser::default();
    play.asked(&mut browser, &play.cleo).await;
    for power in [1, 2] {
        play.answers(&mut browser, power, YES).await;
    }
    let body = play.friends("findr", &connection).await.body;
    assert!(body.contains(&play.cleo), "{body}");

    // Something new comes up, and she is told of it thirty of these days after the first at the earliest.
    play.connects_and_is_read(&play.stage.bert, "reelbox").await;
    play.stage.pass_days_of_asking(29);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(play.hook.to(&play.cleo).len(), 1);
    play.stage.pass_days_of_asking(1);
    play.hook.until(&play.cleo, 2).await;
}

#[tokio::test]
async fn what_becomes_of_a_digest_is_the_hooks_own_word() {
    // What it does first, whether the digest comes again, and after how long.
    for (manner, again, seconds) in [
        (Manner::Answers(503), true, 3_600),
        (Manner::Answers(429), true, 3_600),
        (Manner::Answers(410), true, 86_400),
        (Manner::Answers(500), false, 86_400),
        (Manner::Answers(302), false, 86_400),
        (Manner::HangsUp, false, 86_400),
    ] {
        let play = Play::new().await;
        // Of ada's friends only cleo can be asked, so that it is her digest that this happens to.
        play.others_refuse(&play.stage.ada).await;
        play.connects_and_is_read(&play.stage.ada, "findr").await;
        play.hook.is(manner);
        play.days(31).await;
        let first = play.hook.until(&play.cleo, 1).await[0].clone();
        play.hook.is(Manner::Answers(204));
        play.stage.pass(seconds);
        if again {
            let second = play.hook.until(&play.cleo, 2).await[1].clone();
            assert_eq!(
                first.header("webhook-id"),
                second.header("webhook-id"),
                "{manner:?}"
            );
            continue;
        }
        // It may have been taken, so it is never sent again; what it was about can still be answered.
        play.until_counted("lost", 1).await;
        play.connects_and_is_read(&play.stage.bert, "findr").await;
        play.days(31).await;
        play.hook.until(&play.dora, 1).await;
        assert_eq!(play.hook.to(&play.cleo).len(), 1, "{manner:?}");
        let page = play.asked(&mut Browser::default(), &play.cleo).await;
        assert!(page.text().contains(POWERS[2].3), "{manner:?}");
    }
}
