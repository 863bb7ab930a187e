//! The ways that lead somewhere.

use decide::{Bar, Event};

use super::partner_side::{
    BACK, Call, STATE, asked, boxes, code, connected, introspected, link, log_in, read,
};
use super::stage::{FINDR, Granted, PURPOSE, Scene, Stage};
use crate::support::browser::Browser;

#[tokio::test]
async fn a_person_connects_a_partner_and_it_reads_what_they_agreed_to() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let page = asked(&stage, &mut browser, &stage.ada).await;
    let text = page.text();
    for told in [
        "Findr asks you",
        "Sample Social",
        "Findr sees your e-mail address.",
        "It shows Sample Social first.",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let email = format!("power-{}", stage.powers()[2]);
    let back = browser.press(&page, "Yes, as ticked above", &[email]).await;
    assert!(
        back.address.starts_with(&format!("{BACK}?code=")),
        "{back:?}"
    );
    assert_eq!(back.parameter("state").as_deref(), Some(STATE));
    assert_eq!(
        back.parameter("iss").as_deref(),
        Some(stage.public.as_str())
    );

    let [connection] = <[_; 1]>::try_from(stage.connections(&stage.ada)).unwrap();
    let code = back.parameter("code").unwrap();
    let told = Call::redeem(&stage, &code).send(&stage).await;
    assert_eq!(told.status, 200, "{}", told.body);
    let told = told.json();
    assert_eq!(told["token_type"], "DPoP");
    assert_eq!(told["connection"], connection.connection.as_str());

    let me = read(
        &stage,
        told["access_token"].as_str().unwrap(),
        "/v1/people/me",
    )
    .await;
    assert_eq!(me.status, 200, "{}", me.body);
    let person = stage
        .world
        .person(stage.world.person_with_id(&stage.ada).unwrap())
        .unwrap();
    assert_eq!(me.json()["email"], person.email.as_str());
    assert!(me.json().get("city").is_none(), "nobody asked for the city");
}

#[tokio::test]
async fn what_is_not_ticked_is_not_given_and_what_is_needed_is() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let page = asked(&stage, &mut browser, &stage.ada).await;
    assert_eq!(
        boxes(&page).len(),
        FINDR.iter().filter(|(_, _, needed, _)| !needed).count()
    );
    browser.press(&page, "Yes, as ticked above", &[]).await;
    let covered = stage.connections(&stage.ada)[0].powers.clone();
    let needed = stage
        .powers()
        .into_iter()
        .zip(FINDR)
        .filter(|(_, (_, _, needed, _))| *needed);
    assert_eq!(covered, needed.map(|(id, _)| id).collect());
}

#[tokio::test]
async fn a_no_gives_nothing_and_says_only_that_it_was_a_no() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let page = asked(&stage, &mut browser, &stage.ada).await;
    let before = stage.register.position();
    let back = browser
        .press(&page, "No, give nothing", &boxes(&page))
        .await;
    assert_eq!(back.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(back.parameter("state").as_deref(), Some(STATE));
    assert_eq!(
        back.parameter("iss").as_deref(),
        Some(stage.public.as_str())
    );
    assert_eq!(back.parameter("code"), None);
    assert_eq!(stage.register.position(), before);
}

#[tokio::test]
async fn yes_and_no_have_equal_weight() {
    let stage = Stage::new().await;
    let page = asked(&stage, &mut Browser::default(), &stage.ada).await;
    let (buttons, body) = (page.form().buttons, &page.told().body);
    assert_eq!(buttons.len(), 2);
    // The same element with the same attributes: nothing that a style could tell them apart by.
    for (name, value, _) in buttons {
        assert!(body.contains(&format!(
            "<button type=\"submit\" name=\"{name}\" value=\"{value}\">"
        )));
    }
    assert!(
        !page.told().body.contains(" checked"),
        "nothing is ticked for anybody"
    );
}

#[tokio::test]
async fn the_text_that_was_agreed_to_is_kept_and_is_the_one_that_was_shown() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let page = asked(&stage, &mut browser, &stage.ada).await;
    browser.press(&page, "Yes, as ticked above", &[]).await;
    let notice = stage.connections(&stage.ada)[0].notice;
    let book = stage.register.book();
    let kept = &book.notices[&notice];
    let shown = page.text();
    for line in kept
        .text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        // A power's line holds its id and whether it has a box; the page has a box for these.
        let line = line
            .strip_prefix("- ")
            .map_or(line, |line| line.split(" (").next().unwrap());
        assert!(shown.contains(line), "{line:?} is not on the page: {shown}");
    }
    insta::assert_snapshot!(
        kept.text.replace(
            &book
                .version(&"findr-friends".parse().unwrap(), 1)
                .unwrap()
                .offer
                .digest
                .to_string(),
            "(digest)"
        )
    );

    // The next person who is asked the same sees the same: nothing about anybody is in it.
    let other = asked(&stage, &mut Browser::default(), &stage.bert).await;
    let mut browser = Browser::default();
    let other_page = asked(&stage, &mut browser, &stage.bert).await;
    browser
        .press(&other_page, "Yes, as ticked above", &[])
        .await;
    assert_eq!(stage.connections(&stage.bert)[0].notice, notice);
    assert!(other.text().contains("Findr asks you"));
}

#[tokio::test]
async fn a_yes_to_nothing_is_none_and_is_asked_again() {
    let stage = Stage::new().await;
    let mut call = Call::push(&stage);
    let refusable = stage.powers()[2];
    let details = serde_json::json!([{ "type": "countersign_powers", "agreement": "findr-friends", "version": 1, "powers": [refusable] }]);
    call.set("authorization_details", &details.to_string());
    let link = link(&stage, &call.send(&stage).await);
    let mut browser = Browser::default();
    let page = log_in(&mut browser, &link, &stage.ada).await;
    let again = browser.press(&page, "Yes, as ticked above", &[]).await;
    assert_eq!(again.status(), 422);
    assert!(again.text().contains("ticked nothing"));
    let back = browser
        .press(&again, "Yes, as ticked above", &boxes(&again))
        .await;
    assert!(back.parameter("code").is_some());
}

#[tokio::test]
async fn somebody_who_is_logged_in_is_asked_at_once() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let page = asked(&stage, &mut browser, &stage.ada).await;
    browser.press(&page, "No, give nothing", &[]).await;
    let link = link(&stage, &Call::push(&stage).send(&stage).await);
    let page = browser.follow(&link).await;
    assert!(page.text().contains("Findr asks you"));
    // Loading the link again in the same browser does no harm.
    assert!(
        browser
            .follow(&link)
            .await
            .text()
            .contains("Findr asks you")
    );
}

#[tokio::test]
async fn a_refresh_token_gives_tokens_for_as_long_as_the_connection_lives() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let refresh = told["refresh_token"].as_str().unwrap();
    stage.pass(301);
    let stale = read(
        &stage,
        told["access_token"].as_str().unwrap(),
        "/v1/people/me",
    )
    .await;
    assert_eq!(stale.status, 401);
    let again = || {
        Call::to(
            &stage,
            "findr",
            "/oauth/token",
            &[("grant_type", "refresh_token"), ("refresh_token", refresh)],
        )
    };
    let fresh = again().send(&stage).await.json();
    let me = read(
        &stage,
        fresh["access_token"].as_str().unwrap(),
        "/v1/people/me",
    )
    .await;
    assert_eq!(me.status, 200, "{}", me.body);
    assert_eq!(fresh["refresh_token"], refresh);

    let connection = stage.connections(&stage.ada)[0].connection.clone();
    stage.happens(Event::Disconnected { connection }).await;
    let refused = again().send(&stage).await;
    assert_eq!(
        (refused.status, refused.json()["error"].as_str()),
        (400, Some("invalid_grant"))
    );
}

#[tokio::test]
async fn giving_the_refresh_token_back_ends_the_connection_and_leaves_its_history() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let connection = stage.connections(&stage.ada)[0].clone();
    let refresh = told["refresh_token"].as_str().unwrap();
    let call = Call::to(&stage, "findr", "/oauth/revoke", &[("token", refresh)]);
    assert_eq!(call.send(&stage).await.status, 200);
    let me = read(
        &stage,
        told["access_token"].as_str().unwrap(),
        "/v1/people/me",
    )
    .await;
    assert_eq!(me.status, 401);
    assert!(stage.connections(&stage.ada).is_empty());
    assert_eq!(
        stage.register.facts().connection(&connection.connection),
        Some(connection)
    );
}

#[tokio::test]
async fn giving_an_access_token_back_ends_nothing_else() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let token = told["access_token"].as_str().unwrap();
    let call = Call::to(&stage, "findr", "/oauth/revoke", &[("token", token)]);
    assert_eq!(call.send(&stage).await.status, 200);
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 401);
    assert_eq!(stage.connections(&stage.ada).len(), 1);
}

#[tokio::test]
async fn introspection_says_what_could_pass_now_and_not_what_could_pass_then() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let token = told["access_token"].as_str().unwrap();
    let powers = async || {
        let told = introspected(&stage, "findr", token).await;
        assert_eq!(told["active"], true, "{told}");
        told["authorization_details"]
            .as_array()
            .unwrap()
            .iter()
            .map(|detail| detail["powers"].as_array().unwrap().len())
            .sum::<usize>()
    };
    let about = introspected(&stage, "findr", token).await;
    assert_eq!(
        (about["client_id"].as_str(), about["purpose"].as_str()),
        (Some("findr"), Some(PURPOSE))
    );
    assert_eq!(powers().await, 6);

    let withdrawn = Event::ConsentWithdrawn {
        person: stage.number(&stage.ada),
        partner: "findr".parse().unwrap(),
        power: stage.powers()[2],
    };
    stage.happens(withdrawn).await;
    assert_eq!(powers().await, 5);
    // A bar is the person's own affair; introspection must not tell whether there is one.
    let bar = Bar::Everything;
    stage
        .happens(Event::BarSet {
            person: stage.number(&stage.ada),
            bar,
        })
        .await;
    assert_eq!(powers().await, 5);
    let agreement = || "findr-friends".parse().unwrap();
    stage
        .happens(Event::AgreementSuspended {
            agreement: agreement(),
        })
        .await;
    assert_eq!(powers().await, 0);
    stage
        .happens(Event::AgreementResumed {
            agreement: agreement(),
        })
        .await;
    assert_eq!(powers().await, 5);
    let connection = stage.connections(&stage.ada)[0].connection.clone();
    stage.happens(Event::Disconnected { connection }).await;
    let over = introspected(&stage, "findr", token).await;
    assert_eq!(over, serde_json::json!({ "active": false }));
}

#[tokio::test]
async fn a_refresh_token_can_be_asked_about_too() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let refresh = told["refresh_token"].as_str().unwrap();
    let about = introspected(&stage, "findr", refresh).await;
    let until = stage.connections(&stage.ada)[0].until.begins().0 / 1000;
    assert_eq!(
        (about["active"].as_bool(), about["exp"].as_i64()),
        (Some(true), Some(until))
    );
}

#[tokio::test]
async fn a_new_answer_about_the_same_powers_takes_the_place_of_the_older_one() {
    let stage = Stage::new().await;
    let first = connected(&stage, &stage.ada).await;
    stage.pass(86_400);
    let mut browser = Browser::default();
    let page = asked(&stage, &mut browser, &stage.ada).await;
    browser.press(&page, "Yes, as ticked above", &[]).await;
    let [connection] = <[_; 1]>::try_from(stage.connections(&stage.ada)).unwrap();
    assert_ne!(first["connection"], connection.connection.as_str());
    assert_eq!(
        connection.powers.len(),
        4,
        "what was ticked the first time and not the second is gone"
    );
}

#[tokio::test]
async fn a_consent_lasts_a_year_at_most_and_no_longer_than_the_agreement() {
    let stage = Stage::new().await;
    connected(&stage, &stage.ada).await;
    let until = stage.connections(&stage.ada)[0].until;
    assert_eq!(until.to_string(), "2027-11-25");
}

#[tokio::test]
async fn whoever_refuses_everything_is_reminded_of_it_before_they_answer() {
    let stage = Stage::new().await;
    let bar = Bar::Partner("findr".parse().unwrap());
    stage
        .happens(Event::BarSet {
            person: stage.number(&stage.ada),
            bar,
        })
        .await;
    let page = asked(&stage, &mut Browser::default(), &stage.ada).await;
    assert!(
        page.text()
            .contains("You have refused everything to Findr."),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn where_nobody_can_log_in_there_are_no_pages_and_nothing_can_be_pushed() {
    let world = crate::support::World::new().await;
    for path in [
        "/oauth/par",
        "/oauth/authorize",
        "/connect",
        "/login/callback",
    ] {
        let told = world.send("GET", path, &[], "").await;
        assert_eq!(
            told.json()["type"],
            "urn:countersign:problem:no-token",
            "{path}"
        );
    }
}

/// Powers for two purposes.
const TWO_PURPOSES: [Granted; 3] = [
    FINDR[0],
    FINDR[1],
    (
        "pd:EmailAddress",
        "own for dpv:ServiceProvision",
        true,
        "Findr sees your e-mail address.",
    ),
];

#[tokio::test]
async fn a_token_for_one_of_several_purposes_names_it_and_the_same_code_gets_it() {
    let powers = &TWO_PURPOSES;
    let stage = Stage::set(Scene {
        powers,
        ..Scene::default()
    })
    .await;
    let code = code(&stage, &stage.ada).await;
    let unnamed = Call::redeem(&stage, &code).send(&stage).await;
    assert_eq!(
        (unnamed.status, unnamed.json()["error"].as_str()),
        (400, Some("invalid_request")),
        "{}",
        unnamed.body
    );
    assert!(
        unnamed.body.contains("for several purposes"),
        "{}",
        unnamed.body
    );
    // As the error says, and with the code that it said it of.
    let mut named = Call::redeem(&stage, &code);
    named.set("purpose", PURPOSE);
    let told = named.send(&stage).await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert_eq!(stage.connections(&stage.ada).len(), 1);

    let told = told.json();
    let refresh = told["refresh_token"].as_str().unwrap();
    for (purpose, status) in [
        (None, 400),
        (Some("dpv:ServiceProvision"), 200),
        (Some(PURPOSE), 200),
    ] {
        let mut again = refreshing(&stage, refresh);
        if let Some(purpose) = purpose {
            again.set("purpose", purpose);
        }
        let told = again.send(&stage).await;
        assert_eq!(told.status, status, "{purpose:?}: {}", told.body);
    }
    // And no more often than once, whatever it is brought with.
    let mut twice = Call::redeem(&stage, &code);
    twice.set("purpose", PURPOSE);
    assert_eq!(twice.send(&stage).await.json()["error"], "invalid_grant");
    assert!(stage.connections(&stage.ada).is_empty());
}

#[tokio::test]
async fn a_code_waits_while_its_client_holds_too_many_tokens() {
    let stage = Stage::set(Scene {
        more: "[tokens]\nmost-per-partner = 1".to_owned(),
        ..Scene::default()
    })
    .await;
    let of_bert = connected(&stage, &stage.bert).await;
    let code = code(&stage, &stage.ada).await;
    let full = Call::redeem(&stage, &code).send(&stage).await;
    assert_eq!(
        (full.status, full.json()["error"].as_str()),
        (429, Some("temporarily_unavailable")),
        "{}",
        full.body
    );
    // As the error says.
    let token = of_bert["access_token"].as_str().unwrap();
    let back = Call::to(&stage, "findr", "/oauth/revoke", &[("token", token)]);
    assert_eq!(back.send(&stage).await.status, 200);
    let told = Call::redeem(&stage, &code).send(&stage).await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert_eq!(stage.connections(&stage.ada).len(), 1);
}

#[tokio::test]
async fn a_code_that_is_refused_holds_no_token_of_its_clients() {
    let stage = Stage::set(Scene {
        more: "[tokens]\nmost-per-partner = 1".to_owned(),
        ..Scene::default()
    })
    .await;
    let mut without = Call::redeem(&stage, &code(&stage, &stage.ada).await);
    without.unset("code_verifier");
    assert_eq!(without.send(&stage).await.json()["error"], "invalid_grant");
    connected(&stage, &stage.bert).await;
}

#[tokio::test]
async fn a_token_of_a_connection_that_covers_nothing_more_is_told_to_be_good_for_nothing() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let inactive = async |when: &str| {
        for token in ["access_token", "refresh_token"] {
            let about = introspected(&stage, "findr", told[token].as_str().unwrap()).await;
            assert_eq!(
                about,
                serde_json::json!({ "active": false }),
                "{token}, {when}"
            );
        }
        let refresh = told["refresh_token"].as_str().unwrap();
        let refused = refreshing(&stage, refresh).send(&stage).await;
        assert_eq!(
            (refused.status, refused.json()["error"].as_str()),
            (400, Some("invalid_grant")),
            "{when}"
        );
    };
    for power in stage.powers() {
        let withdrawn = Event::ConsentWithdrawn {
            person: stage.number(&stage.ada),
            partner: "findr".parse().unwrap(),
            power,
        };
        stage.happens(withdrawn).await;
    }
    inactive("every power withdrawn").await;
    let connection = stage.connections(&stage.ada)[0].connection.clone();
    let by_name = [
        ("grant_type", "client_credentials"),
        ("connection", connection.as_str()),
        ("purpose", PURPOSE),
    ];
    let refused = Call::to(&stage, "findr", "/oauth/token", &by_name);
    let refused = refused.send(&stage).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    stage.happens(Event::Disconnected { connection }).await;
    inactive("and stopped").await;
    stage.pass(400 * 86_400);
    inactive("and over").await;
}

fn refreshing(stage: &Stage, token: &str) -> Call {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    Call::to(stage, "findr", "/oauth/token", &form)
}
