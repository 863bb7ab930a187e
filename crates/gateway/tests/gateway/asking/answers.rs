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

const RENEW: &str = "Yes, renew this";
const LET_END: &str = "No, let it end";

#[tokio::test]
async fn what_a_bystander_renews_answers_after_its_first_end_and_what_they_do_not_has_ended() {
    let play = Play::new().await;
    let connection = play.connects(&play.stage.bert, "findr").await;
    play.agreed(&[&play.cleo, &play.dora], 31).await;
    let mut browser = Browser::default();
    let page = play.desk(&mut browser, &play.cleo).await;
    assert!(!page.text().contains("It ends in"), "{}", page.text());
    play.days(11).await;
    let body = play.friends("findr", &connection).await.body;
    assert!(body.contains(&play.cleo) && body.contains(&play.dora));

    let ends = play.today().plus(decide::Days(20)).to_string();
    let mut browser = Browser::default();
    let page = play.desk(&mut browser, &play.cleo).await;
    let text = page.text();
    assert_eq!(text.matches("It ends in 20 days.").count(), 3, "{text}");
    assert!(text.contains(&format!("until {ends}")), "{text}");
    for power in [1, 2] {
        let there = play.renewal(power).replace(&play.stage.public, "");
        assert!(page.told().body.contains(&format!("href=\"{there}\"")));
        let page = browser.follow(&play.renewal(power)).await;
        assert!(page.text().contains("in 20 days"), "{}", page.text());
        let page = browser.press(&page, RENEW, &[]).await;
        let left = page.text().matches("It ends in 20 days.").count();
        assert_eq!(left, 3 - power, "{}", page.text());
    }

    play.days(20).await;
    let after = play.friends("findr", &connection).await;
    assert!(!after.body.contains(&play.dora), "{}", after.body);
    let after = after.json();
    let mut friends = after["data"].as_array().unwrap().iter();
    let cleo = friends.find(|it| it["id"] == play.cleo.as_str()).unwrap();
    assert!(cleo["name"].is_string(), "{cleo}");
    assert!(cleo.get("city").is_none(), "that one she let end: {cleo}");

    // A year from the day on which she renewed, and not from that on which it would have ended.
    let (facts, cleo) = (play.stage.register.facts(), play.stage.number(&play.cleo));
    let power = play.stage.powers()[1];
    let until = facts.consent_until(cleo, &"findr".parse().unwrap(), power, play.today());
    assert_eq!(until, Some(play.today().plus(decide::Days(345))));
}

#[tokio::test]
async fn the_text_under_which_somebody_renews_is_kept_as_shown_and_names_nobody() {
    let play = Play::new().await;
    play.connects(&play.stage.bert, "findr").await;
    play.agreed(&[&play.cleo, &play.dora], 20).await;
    let mut kept = Vec::new();
    for person in [&play.cleo, &play.dora] {
        let mut browser = Browser::default();
        play.desk(&mut browser, person).await;
        let page = browser.follow(&play.renewal(2)).await;
        let (shown, body) = (page.text(), page.told().body.clone());
        assert!(!body.contains("<script"));
        for (value, text) in [("no", LET_END), ("yes", RENEW)] {
            let button = format!(
                "<button type=\"submit\" name=\"answer\" value=\"{value}\">{text}</button>"
            );
            assert!(body.contains(&button), "{button}");
        }
        for nobody in [&play.stage.ada, &play.stage.bert] {
            assert!(!body.contains(nobody));
        }
        // No moment is told more finely than by its day.
        assert!(!shown.contains("00:00"), "{shown}");
        browser.press(&page, RENEW, &[]).await;
        let book = play.stage.register.book();
        let again = book
            .notices
            .values()
            .filter(|it| it.text.starts_with("Renew this for Findr?"));
        let texts: Vec<String> = again.map(|it| it.text.clone()).collect();
        for line in texts.iter().flat_map(|text| text.lines()) {
            let line = line.trim().trim_start_matches("- ");
            assert!(shown.contains(line), "{line:?} is not on the page: {shown}");
        }
        kept.push(texts);
    }
    assert_eq!(kept[0].len(), 1);
    assert_eq!(kept[0], kept[1], "one text, whoever it is");
}

#[tokio::test]
async fn a_no_at_the_end_is_remembered_and_silence_is_asked_again() {
    let play = Play::new().await;
    let connection = play.connects(&play.stage.bert, "findr").await;
    play.agreed(&[&play.cleo, &play.dora], 20).await;
    let mut browser = Browser::default();
    play.desk(&mut browser, &play.cleo).await;
    let position = play.stage.register.position();
    for power in [1, 2, 3] {
        let page = browser.follow(&play.renewal(power)).await;
        let page = browser.press(&page, LET_END, &[]).await;
        assert!(
            page.text().contains("Nothing is renewed"),
            "{}",
            page.text()
        );
    }
    assert_eq!(play.stage.register.position(), position);
    let body = play.friends("findr", &connection).await.body;
    assert!(
        body.contains(&play.cleo),
        "it goes on until its day: {body}"
    );
    play.days(20).await;
    let before = play.counted("noticed").await;
    let body = play.friends("findr", &connection).await.body;
    assert!(!body.contains(&play.cleo) && !body.contains(&play.dora));
    play.until_counted("noticed", before + 1).await;
    play.days(31).await;
    play.hook.until(&play.dora, 1).await;
    for (person, asked) in [(&play.cleo, false), (&play.dora, true)] {
        let page = play.asked(&mut Browser::default(), person).await;
        assert_eq!(page.text().contains(POWERS[2].3), asked, "{}", page.text());
    }
}

#[tokio::test]
async fn what_is_closed_is_not_renewed_and_the_page_says_why() {
    let play = Play::new().await;
    play.connects(&play.stage.bert, "findr").await;
    play.agreed(&[&play.cleo], 20).await;
    let person = play.stage.number(&play.cleo);
    let agreement = || "findr-friends".parse().unwrap();
    let bars = [
        Bar::Everything,
        Bar::Through(decide::Reach::Friend),
        Bar::GlobalPrivacyControl,
    ];
    let mut cases: Vec<(&str, Option<Event>, Option<Event>)> = Vec::new();
    for (bar, why) in bars.into_iter().zip([
        "you refuse everything to every partner",
        "you refuse what comes through friends",
        "Global Privacy Control stands against it",
    ]) {
        let set = Event::BarSet {
            person,
            bar: bar.clone(),
        };
        cases.push((why, Some(set), Some(Event::BarLifted { person, bar })));
    }
    let suspended = Event::AgreementSuspended {
        agreement: agreement(),
    };
    let resumed = Event::AgreementResumed {
        agreement: agreement(),
    };
    cases.push(("the agreement is suspended", Some(suspended), Some(resumed)));
    // Last, since it stays: a version of which the powers are others.
    cases.push(("not what the agreement grants now", None, None));

    let mut browser = Browser::default();
    play.desk(&mut browser, &play.cleo).await;
    let page = browser.follow(&play.renewal(2)).await;
    let mut fields = page.form().fields;
    assert!(
        fields.iter().any(|(name, _)| name == "notice"),
        "{fields:?}"
    );
    fields.push(("answer".to_owned(), "yes".to_owned()));
    for (why, event, back) in cases {
        match event {
            Some(event) => play.stage.happens(event).await,
            None => play.stage.sign_second().await,
        }
        let position = play.stage.register.position();
        let sent = browser.send_form(&play.renewal(2), &fields).await;
        for page in [browser.follow(&play.renewal(2)).await, sent] {
            assert_eq!(page.status(), 409, "{why}: {}", page.text());
            assert!(page.text().contains(why), "{why}: {}", page.text());
        }
        assert_eq!(play.stage.register.position(), position, "{why}");
        let desk = browser.follow(&format!("{}/desk", play.stage.public)).await;
        assert!(
            desk.text().contains("It ends in 20 days."),
            "{}",
            desk.text()
        );
        assert!(!desk.text().contains("Renew it"), "{}", desk.text());
        if let Some(back) = back {
            play.stage.happens(back).await;
        }
    }
}

#[tokio::test]
async fn nobody_renews_what_they_never_gave_have_taken_back_or_is_another_persons() {
    let play = Play::new().await;
    play.connects(&play.stage.bert, "findr").await;
    play.agreed(&[&play.cleo], 20).await;
    let mut cleo = Browser::default();
    play.desk(&mut cleo, &play.cleo).await;
    let page = cleo.follow(&play.renewal(2)).await;
    let mut of_cleo = page.form().fields;
    of_cleo.push(("answer".to_owned(), "yes".to_owned()));

    let mut dora = Browser::default();
    let desk = play.desk(&mut dora, &play.dora).await;
    let token = desk.forms()[0].fields[0].clone();
    let mut of_dora = of_cleo.clone();
    of_dora.retain(|(name, _)| name != "token");
    let without = of_dora.clone();
    of_dora.push(token);
    let position = play.stage.register.position();
    let nowhere = format!("{}/desk/renew/findr/{}", play.stage.public, "0".repeat(64));
    let missing = dora.follow(&nowhere).await;
    assert_eq!(missing.status(), 404);
    // Cleo's, her own connection's kind of power, a partner that is none, an address that is none.
    let nobodys = play.renewal(2).replace("/findr/", "/nobody/");
    let beyond = format!("{}/desk/renew/findr", play.stage.public);
    for address in [play.renewal(2), play.renewal(0), nobodys, beyond] {
        for at in [
            dora.follow(&address).await,
            dora.send_form(&address, &of_dora).await,
        ] {
            assert_eq!(at.status(), 404, "{address}");
            assert_eq!(at.told().shown(), missing.told().shown(), "{address}");
        }
    }
    // No form but one of her own page's.
    for fields in [&of_cleo, &without] {
        let at = dora.send_form(&play.renewal(2), fields).await;
        assert_eq!(at.status(), 403);
    }
    let stranger = Browser::default()
        .send_form(&play.renewal(2), &of_cleo)
        .await;
    assert_eq!(stranger.status(), 400, "no session");
    // Words that have changed are not agreed to.
    let mut other = of_cleo.clone();
    other.retain(|(name, _)| name != "notice");
    other.push(("notice".to_owned(), "0".repeat(64)));
    assert_eq!(cleo.send_form(&play.renewal(2), &other).await.status(), 409);
    assert_eq!(play.stage.register.position(), position);

    // Taken back in the meantime, by one press on the very page.
    let desk = cleo.press(&page, "Withdraw this from Findr", &[]).await;
    assert!(!desk.text().contains(POWERS[2].3), "{}", desk.text());
    let position = play.stage.register.position();
    let at = cleo.send_form(&play.renewal(2), &of_cleo).await;
    assert_eq!(at.status(), 404, "{}", at.text());
    assert_eq!(play.stage.register.position(), position);
}

#[tokio::test]
async fn a_renewal_runs_no_longer_than_what_both_have_signed() {
    let play = Play::new().await;
    play.connects(&play.stage.bert, "findr").await;
    let day = |days| play.today().plus(decide::Days(days));
    let ends = day(20).to_string();
    play.stage.sign_with_term(3, "2026-01-01", &ends).await;
    play.agreed(&[&play.cleo], 20).await;
    let mut browser = Browser::default();
    let desk = play.desk(&mut browser, &play.cleo).await;
    assert!(
        desk.text().contains("It cannot be renewed yet"),
        "{}",
        desk.text()
    );
    let page = browser.follow(&play.renewal(2)).await;
    assert_eq!(page.status(), 409);
    assert!(
        page.text().contains("it would run no longer"),
        "{}",
        page.text()
    );

    play.stage
        .sign_with_term(4, &ends, &day(200).to_string())
        .await;
    let page = browser.follow(&play.renewal(2)).await;
    assert!(page.text().contains("version 4"), "{}", page.text());
    browser.press(&page, RENEW, &[]).await;
    let (facts, cleo) = (play.stage.register.facts(), play.stage.number(&play.cleo));
    let power = play.stage.powers()[2];
    let until = facts.consent_until(cleo, &"findr".parse().unwrap(), power, play.today());
    assert_eq!(until, Some(day(200)));
}

#[tokio::test]
async fn a_renewal_runs_until_a_version_without_the_power_begins_that_both_have_signed() {
    let play = Play::new().await;
    play.connects(&play.stage.bert, "findr").await;
    let day = |days| play.today().plus(decide::Days(days));
    play.agreed(&[&play.cleo], 20).await;
    let until = day(200).to_string();
    play.stage.sign_with_term(3, "2026-01-01", &until).await;
    // The fourth has it, and never governs: the fifth begins on the same day.
    let (next, last) = (day(100).to_string(), day(300).to_string());
    play.stage.sign_with_term(4, &next, &last).await;
    let without: Vec<_> = POWERS
        .iter()
        .filter(|it| it.3 != POWERS[2].3)
        .copied()
        .collect();
    play.stage.sign_for(5, &next, &last, &without).await;
    let mut browser = Browser::default();
    play.desk(&mut browser, &play.cleo).await;
    let page = browser.follow(&play.renewal(2)).await;
    assert!(page.text().contains("version 3"), "{}", page.text());
    browser.press(&page, RENEW, &[]).await;
    let (facts, cleo) = (play.stage.register.facts(), play.stage.number(&play.cleo));
    let power = play.stage.powers()[2];
    let until = facts.consent_until(cleo, &"findr".parse().unwrap(), power, play.today());
    assert_eq!(until, Some(day(100)));
}
