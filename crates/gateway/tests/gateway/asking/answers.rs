//! What a person is asked, what they answer, and what follows from it.

use decide::{Bar, Event};

use super::scene::{NO, POWERS, Play, YES};
use crate::support::browser::Browser;

#[tokio::test]
async fn a_friend_is_asked_says_yes_and_is_in_the_partners_next_answer() {
    let play = Play::new().await;
    let connection = play.connects_and_is_read(&play.stage.ada, "findr").await;
    let before = play.friends("findr", &connection).await;
    assert!(!before.body.contains(&play.cleo), "{}", before.body);

    play.days(31).await;
    let came = play.hook.until(&play.cleo, 1).await;
    let link = came[0].json()["data"]["link"].as_str().unwrap().to_owned();
    let mut browser = Browser::default();
    let page = crate::connect::partner_side::log_in(&mut browser, &link, &play.cleo).await;
    let text = page.text();
    for (_, reach, _, in_words) in POWERS {
        assert_eq!(
            text.contains(in_words),
            reach == "friend",
            "{in_words}: {text}"
        );
    }
    assert!(text.contains("through somebody you know"), "{text}");
    let position = play.stage.register.position();
    for power in [1, 2] {
        let page = play.answers(&mut browser, power, YES).await;
        assert!(
            !page.text().contains(POWERS[power].3),
            "answered, so not asked any more"
        );
    }
    assert!(play.stage.register.position() > position);

    let after = play.friends("findr", &connection).await.json();
    let friends = after["data"].as_array().unwrap();
    let cleo = friends.iter().find(|it| it["id"] == play.cleo.as_str());
    let cleo = cleo.unwrap_or_else(|| panic!("no cleo in {after}"));
    assert!(cleo["name"].is_string(), "{cleo}");
    assert!(
        cleo.get("city").is_none(),
        "she did not answer that: {cleo}"
    );
}

#[tokio::test]
async fn the_text_that_was_agreed_to_is_kept_and_is_the_one_that_was_shown() {
    let play = Play::new().await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.days(31).await;
    let mut browser = Browser::default();
    play.asked(&mut browser, &play.cleo).await;
    let page = browser.follow(&play.address("findr", 2)).await;
    let shown = page.text();
    let before = play.stage.register.book().notices.len();
    browser.press(&page, YES, &[]).await;
    let book = play.stage.register.book();
    assert_eq!(book.notices.len(), before + 1);
    let kept = book
        .notices
        .values()
        .find(|it| it.text.contains("through somebody"));
    let kept = &kept.unwrap().text;
    for line in kept
        .lines()
        .map(|line| line.trim().trim_start_matches("- "))
    {
        assert!(shown.contains(line), "{line:?} is not on the page: {shown}");
    }
    for nobody in [&play.stage.ada, &play.stage.bert] {
        assert!(!kept.contains(nobody) && !page.told().body.contains(nobody));
    }
}

#[tokio::test]
async fn a_yes_to_words_that_have_changed_is_none() {
    let play = Play::new().await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.days(31).await;
    let mut browser = Browser::default();
    play.asked(&mut browser, &play.cleo).await;
    let page = browser.follow(&play.address("findr", 2)).await;
    let mut form = page.form();
    let notice = form.fields.iter_mut().find(|(name, _)| name == "notice");
    notice.unwrap().1 = "0".repeat(64);
    form.fields.push(("answer".to_owned(), "yes".to_owned()));
    let position = play.stage.register.position();
    let at = browser.send_form(&page.address, &form.fields).await;
    assert_eq!(at.status(), 409);
    assert_eq!(play.stage.register.position(), position);
}

#[tokio::test]
async fn a_no_is_remembered_until_a_new_version_asks_for_another_power() {
    let play = Play::new().await;
    let connection = play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.days(31).await;
    let mut browser = Browser::default();
    play.asked(&mut browser, &play.cleo).await;
    let position = play.stage.register.position();
    for power in [1, 2, 3] {
        play.answers(&mut browser, power, NO).await;
    }
    assert_eq!(
        play.stage.register.position(),
        position,
        "a no is nothing that governs"
    );
    // Findr asks again and again, and another friend connects it, too.
    play.friends("findr", &connection).await;
    play.connects_and_is_read(&play.stage.bert, "findr").await;
    play.days(31).await;
    play.hook.until(&play.dora, 1).await;
    let page = play.asked(&mut Browser::default(), &play.cleo).await;
    assert!(
        page.text().contains("Open requests None."),
        "{}",
        page.text()
    );

    play.stage.sign_second().await;
    let before = play.counted("noticed").await;
    let stage = &play.stage;
    let book = stage.register.book();
    let second = book.version(&"findr-friends".parse().unwrap(), 2).unwrap();
    let mut connection = stage.connections(&stage.ada)[0].clone();
    connection.connection = "c-second".parse().unwrap();
    connection.powers = second.offer.powers.iter().map(decide::Power::id).collect();
    stage.happens(Event::Connected { connection }).await;
    play.friends("findr", "c-second").await;
    play.until_counted("noticed", before + 1).await;
    play.days(31).await;
    let page = play.asked(&mut Browser::default(), &play.cleo).await;
    assert!(page.text().contains(POWERS[2].3), "{}", page.text());
}

#[tokio::test]
async fn a_withdrawal_is_a_no_and_nobody_is_asked_back() {
    let play = Play::new().await;
    let connection = play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.days(31).await;
    let mut browser = Browser::default();
    play.asked(&mut browser, &play.cleo).await;
    for power in [1, 2, 3] {
        play.answers(&mut browser, power, YES).await;
    }
    for (partner, power) in play.stage.register.facts().consents_of(
        play.stage.number(&play.cleo),
        decide::Time(play.stage.now() * 1000).day(),
    ) {
        let withdrawn =
            serde_json::json!({ "person": play.cleo, "partner": partner, "power": power });
        play.administer("/consents/withdraw", &withdrawn).await;
    }
    let body = play.friends("findr", &connection).await.body;
    assert!(!body.contains(&play.cleo), "{body}");
    play.connects_and_is_read(&play.stage.bert, "findr").await;
    play.days(31).await;
    play.hook.until(&play.dora, 1).await;
    let page = play.asked(&mut Browser::default(), &play.cleo).await;
    assert!(
        page.text().contains("Open requests None."),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_request_goes_when_what_it_asks_for_can_no_longer_be_given() {
    type Ends = fn(&Play) -> Event;
    let cases: [(&str, Ends); 4] = [
        ("the agreement is suspended", |_| {
            Event::AgreementSuspended {
                agreement: "findr-friends".parse().unwrap(),
            }
        }),
        ("the agreement ends", |_| Event::AgreementEnded {
            agreement: "findr-friends".parse().unwrap(),
        }),
        ("she refuses everything", |play| Event::BarSet {
            person: play.stage.number(&play.cleo),
            bar: Bar::Everything,
        }),
        ("her browser refuses for her", |play| Event::BarSet {
            person: play.stage.number(&play.cleo),
            bar: Bar::GlobalPrivacyControl,
        }),
    ];
    for (what, event) in cases {
        let play = Play::new().await;
        play.connects_and_is_read(&play.stage.ada, "findr").await;
        play.days(31).await;
        let mut browser = Browser::default();
        let page = play.asked(&mut browser, &play.cleo).await;
        assert!(page.text().contains(POWERS[2].3), "{what}");
        play.stage.happens(event(&play)).await;
        let page = browser
            .follow(&format!("{}/asked", play.stage.public))
            .await;
        assert!(
            page.text().contains("Open requests None."),
            "{what}: {}",
            page.text()
        );
        let one = browser.follow(&play.address("findr", 2)).await;
        assert_eq!(one.status(), 404, "{what}");
    }
}

#[tokio::test]
async fn a_person_at_anothers_request_finds_what_they_find_where_there_is_none() {
    let play = Play::new().await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.days(31).await;
    let there = play.address("findr", 2);
    let mut of_cleo = Browser::default();
    play.asked(&mut of_cleo, &play.cleo).await;
    assert_eq!(of_cleo.follow(&there).await.status(), 200);

    let mut of_dora = Browser::default();
    play.asked(&mut of_dora, &play.dora).await;
    let nowhere = format!("{}/asked/findr/{}", play.stage.public, "0".repeat(64));
    let at_cleos = of_dora.follow(&there).await;
    for missing in [nowhere, format!("{}/asked/x", play.stage.public)] {
        let at = of_dora.follow(&missing).await;
        assert_eq!(at.status(), 404);
        assert_eq!(at.told().shown(), at_cleos.told().shown(), "{missing}");
    }
    // And nobody can answer for her.
    let form = of_cleo.follow(&there).await.form();
    let mut fields = form.fields;
    fields.push(("answer".to_owned(), "yes".to_owned()));
    let position = play.stage.register.position();
    assert_eq!(of_dora.send_form(&there, &fields).await.status(), 403);
    let own = of_dora
        .follow(&format!("{}/asked", play.stage.public))
        .await;
    let token = own
        .form()
        .fields
        .iter()
        .find(|(name, _)| name == "token")
        .unwrap()
        .clone();
    fields.retain(|(name, _)| name != "token");
    fields.push(token);
    assert_eq!(of_dora.send_form(&there, &fields).await.status(), 404);
    assert_eq!(play.stage.register.position(), position);
}

#[tokio::test]
async fn whoever_is_not_logged_in_is_led_to_the_login_whatever_the_address() {
    let play = Play::new().await;
    for path in ["/asked", "/asked/findr/nothing", "/asked/x/y/z"] {
        let at = Browser::default()
            .follow(&format!("{}{path}", play.stage.public))
            .await;
        assert!(
            !at.address.starts_with(&play.stage.public),
            "{path}: {at:?}"
        );
    }
    // Where nobody is asked there is no such page; what is there is the platform's API.
    let play = Play::without_asking(false).await;
    let at = Browser::default()
        .follow(&format!("{}/asked", play.stage.public))
        .await;
    assert_eq!(at.status(), 401);
}

#[tokio::test]
async fn yes_and_no_have_equal_weight() {
    let play = Play::new().await;
    play.connects_and_is_read(&play.stage.ada, "findr").await;
    play.days(31).await;
    let mut browser = Browser::default();
    play.asked(&mut browser, &play.cleo).await;
    let page = browser.follow(&play.address("findr", 1)).await;
    let body = &page.told().body;
    for (value, text) in [("no", NO), ("yes", YES)] {
        let button =
            format!("<button type=\"submit\" name=\"answer\" value=\"{value}\">{text}</button>");
        assert!(body.contains(&button), "{button}");
    }
}
