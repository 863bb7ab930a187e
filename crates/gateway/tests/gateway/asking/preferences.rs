//! What a person wants to be asked at all.

use decide::Bar;

use super::scene::{Play, YES, connection_of};
use crate::support::browser::Browser;

/// A page on which cleo is asked by findr and reelbox.
async fn both_ask() -> (Play, Browser) {
    let play = Play::new().await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.connects_and_is_read(&play.stage.bert, "reelbox").await;
    play.days(31).await;
    let mut browser = Browser::default();
    let page = play.asked(&mut browser, &play.cleo).await;
    for name in ["Never ask me about Findr", "Never ask me about Reelbox"] {
        assert!(page.text().contains(name), "{}", page.text());
    }
    play.hook.until(&play.cleo, 1).await;
    (play, browser)
}

#[tokio::test]
async fn a_partner_that_is_muted_asks_no_more_and_gets_nothing() {
    let (play, mut browser) = both_ask().await;
    let position = play.stage.register.position();
    let page = play
        .answers(&mut browser, 2, "Never ask me about Findr")
        .await;
    let text = page.text();
    assert!(text.contains("You are not asked about Findr"), "{text}");
    assert!(!text.contains("Never ask me about Findr"), "{text}");
    assert!(text.contains("Never ask me about Reelbox"), "{text}");
    assert_eq!(
        play.stage.register.position(),
        position,
        "to mute is no refusal, and no consent"
    );

    // Asked for anew, it does not come back; asked for again after that, it does.
    let connection = play.connects(&play.stage.bert, "findr").await;
    play.friends("findr", &connection).await;
    play.until_counted("muted", 3).await;
    let page = browser.press(&page, "Ask me about Findr again", &[]).await;
    assert!(!page.text().contains("You are not asked about Findr"));
    let before = play.counted("noticed").await;
    play.friends("findr", &connection).await;
    play.until_counted("noticed", before + 1).await;
    play.days(31).await;
    let page = play.asked(&mut Browser::default(), &play.cleo).await;
    assert!(page.text().contains("Never ask me about Findr"));
}

#[tokio::test]
async fn whoever_wants_to_be_asked_nothing_is_asked_nothing_and_is_not_told() {
    let (play, mut browser) = both_ask().await;
    let page = browser
        .follow(&format!("{}/asked", play.stage.public))
        .await;
    let page = browser.press(&page, "Never ask me at all", &[]).await;
    let text = page.text();
    assert!(text.contains("Open requests None."), "{text}");
    assert!(text.contains("Ask me nothing: on"), "{text}");
    let told = play.hook.to(&play.cleo).len();
    play.connects_and_is_read(&play.stage.bert, "findr").await;
    assert!(play.counted("muted").await >= 3);
    play.days(31).await;
    play.hook.until(&play.dora, 2).await;
    assert_eq!(play.hook.to(&play.cleo).len(), told);
    let page = play.asked(&mut browser, &play.cleo).await;
    let page = browser.press(&page, "Ask me again", &[]).await;
    assert!(page.text().contains("Ask me nothing: off"));
}

#[tokio::test]
async fn a_refused_partner_is_a_bar_in_the_register_that_a_yes_does_not_lift() {
    let (play, mut browser) = both_ask().await;
    let page = play.answers(&mut browser, 1, YES).await;
    let mut fields = page
        .forms()
        .iter()
        .find(|form| {
            form.buttons
                .iter()
                .any(|(_, _, text)| text == "Refuse this partner")
        })
        .unwrap()
        .fields
        .clone();
    fields.push(("partner".to_owned(), "findr".to_owned()));
    fields.push(("do".to_owned(), "refuse".to_owned()));
    // Nobody who refuses waits for a clock.
    play.stage.pass(-7200);
    let page = browser
        .send_form(&format!("{}/asked", play.stage.public), &fields)
        .await;
    assert!(page.text().contains("Findr: refused"), "{}", page.text());
    let (facts, cleo) = (play.stage.register.facts(), play.stage.number(&play.cleo));
    assert_eq!(
        facts.bars_of(cleo),
        [Bar::Partner("findr".parse().unwrap())]
    );
    assert!(!page.text().contains("Never ask me about Findr"));
    play.stage.pass(7200);
    let connection = connection_of(&play.stage.ada, "findr");
    let body = play.friends("findr", &connection).await.body;
    assert!(!body.contains(&play.cleo), "{body}");
    let page = browser.press(&page, "Lift the refusal of Findr", &[]).await;
    assert!(!page.text().contains("Findr: refused"));
    assert!(facts.bars_of(cleo).is_empty());
}

#[tokio::test]
async fn no_other_page_can_set_a_preference_and_no_unknown_partner_has_one() {
    let (play, mut browser) = both_ask().await;
    let page = browser
        .follow(&format!("{}/asked", play.stage.public))
        .await;
    let token = page.forms()[0].fields[0].clone();
    assert_eq!(token.0, "token");
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for (what, fields) in [
        ("no token", vec![field("do", "ask-nothing")]),
        (
            "another's token",
            vec![field("token", "guessed"), field("do", "ask-nothing")],
        ),
        (
            "an unknown button",
            vec![token.clone(), field("do", "grant")],
        ),
        (
            "an unknown partner",
            vec![
                token.clone(),
                field("do", "refuse"),
                field("partner", "nobody"),
            ],
        ),
        ("no partner", vec![token.clone(), field("do", "mute")]),
    ] {
        let at = browser.send_form(&page.address, &fields).await;
        assert_eq!(at.status(), 403, "{what}");
    }
    let page = browser.follow(&page.address).await;
    assert!(page.text().contains("Ask me nothing: off"));
}
