//! What nobody else learns, and where it ends.

use super::scene::{NO, Play, connection_of};
use crate::support::browser::Browser;

#[tokio::test]
async fn a_partner_learns_nothing_by_asking() {
    let asking = Play::new().await;
    let absent = Play::with("", true).await;
    let silent = Play::without_asking(false).await;
    let mut answers = Vec::new();
    for play in [&asking, &absent, &silent] {
        let connection = play.connects(&play.stage.ada, "findr").await;
        answers.push(play.friends("findr", &connection).await.shown());
    }
    assert_eq!(answers[0], answers[1], "refused and asked, against absent");
    assert_eq!(answers[0], answers[2], "asked, against not asked");

    // And it learns no more when she has been told, or has said no.
    asking.until_counted("noticed", 1).await;
    asking.days(31).await;
    asking.hook.until(&asking.cleo, 1).await;
    let connection = connection_of(&asking.stage.ada, "findr");
    let told = asking.friends("findr", &connection).await.shown();
    assert_eq!(told, answers[0]);
    let mut browser = Browser::default();
    asking.asked(&mut browser, &asking.cleo).await;
    asking.answers(&mut browser, 1, NO).await;
    let refused = asking.friends("findr", &connection).await.shown();
    assert_eq!(refused, answers[0]);
}

#[tokio::test]
async fn what_is_kept_has_an_end_altogether_and_for_each_person() {
    let play = Play::with("most = 3", false).await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    assert_eq!(play.kept().await, 3);
    assert!(play.counted("full").await > 0);

    let play = Play::with("most-per-person = 1", false).await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    let of_ada = play.stage.world.person_with_id(&play.stage.ada).unwrap();
    let friends = play.stage.world.friends(of_ada).len() as u64;
    assert_eq!(play.kept().await, friends, "one each");
    assert!(play.counted("much").await >= friends);
}

#[tokio::test]
async fn nobody_is_asked_for_what_could_not_pass_anyway() {
    let play = Play::new().await;
    let promise = "promise: no-towns\nmade: 2026-01-01\nsummary: Partners are never told where people live.\n\
         address: https://sample.example/privacy\nform: absolute\nscope:\n  categories: [pd:City]\n";
    let made = register::Change::MakePromise {
        document: promise.to_owned(),
    };
    play.stage.take(made).await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.days(31).await;
    let page = play.asked(&mut Browser::default(), &play.cleo).await;
    let text = page.text();
    assert!(text.contains("your name, as a friend"), "{text}");
    assert!(!text.contains("your town"), "{text}");
}
