//! A person's desk: what they see of theirs, and how they stop it.

use decide::{Bar, Event, Reach, Time};
use sha2::{Digest as _, Sha256};

use super::partner_side::{Call, asked, boxes, connected, link, log_in, read};
use super::stage::Stage;
use crate::support::browser::{At, Browser};

const YES: &str = "Yes, as ticked above";

pub(crate) async fn desk(stage: &Stage, browser: &mut Browser, person: &str) -> At {
    log_in(browser, &format!("{}/desk", stage.public), person).await
}

#[tokio::test]
async fn a_person_stops_a_partner_in_no_more_clicks_than_it_took_to_connect_it() {
    let stage = Stage::new().await;
    let mut giving = Browser::default();
    let page = asked(&stage, &mut giving, &stage.ada).await;
    let back = giving.press(&page, YES, &[]).await;
    let code = back.parameter("code").unwrap();
    let told = Call::redeem(&stage, &code).send(&stage).await.json();
    let token = told["access_token"].as_str().unwrap();
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 200);

    let mut stopping = Browser::default();
    let at = desk(&stage, &mut stopping, &stage.ada).await;
    assert!(at.text().contains("see name: about you"), "{}", at.text());
    let at = stopping.press(&at, "Stop Findr", &[]).await;
    assert!(
        at.text().contains("Partners that you have connected None."),
        "{}",
        at.text()
    );
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 401);
    assert!(stage.connections(&stage.ada).is_empty());
    assert_eq!((giving.clicks, stopping.clicks), (3, 3));
}

#[tokio::test]
async fn what_others_can_bring_a_partner_is_seen_and_withdrawn_one_by_one() {
    let stage = Stage::new().await;
    connected(&stage, &stage.bert).await;
    let notice = stage.connections(&stage.bert)[0].notice;
    let powers = stage.powers();
    for power in [powers[3], powers[4]] {
        let event = Event::ConsentGiven {
            people: vec![stage.number(&stage.ada)],
            partner: "findr".parse().unwrap(),
            power,
            notice,
            until: "2027-06-01".parse().unwrap(),
        };
        stage.happens(event).await;
    }
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.ada).await;
    for told in [
        "Findr sees your name, as a friend.",
        "Findr sees that you are friends.",
    ] {
        assert!(at.text().contains(told), "{told}: {}", at.text());
    }
    assert!(at.text().contains("until 2027-06-01"), "{}", at.text());
    let at = browser.press(&at, "Withdraw this from Findr", &[]).await;
    let at = browser.press(&at, "Withdraw this from Findr", &[]).await;
    assert!(!at.text().contains("Findr"), "{}", at.text());
    // Nobody else's partners are told of: that bert has connected Findr is his.
    let of_dora = desk(
        &stage,
        &mut Browser::default(),
        &stage.world.id_of(stage.world.people().nth(3).unwrap()),
    )
    .await;
    assert!(!of_dora.text().contains("Findr"), "{}", of_dora.text());
}

/// However many powers somebody agreed to at once, one press takes all of them back.
#[tokio::test]
async fn withdrawing_takes_at_most_as_many_clicks_as_giving_whatever_was_ticked() {
    let stage = Stage::new().await;
    for ticked in [0, 1, 2] {
        let mut giving = Browser::default();
        let page = asked(&stage, &mut giving, &stage.ada).await;
        let boxes: Vec<String> = boxes(&page).into_iter().take(ticked).collect();
        giving.press(&page, YES, &boxes).await;
        let mut stopping = Browser::default();
        let at = desk(&stage, &mut stopping, &stage.ada).await;
        stopping.press(&at, "Stop Findr", &[]).await;
        assert!(stage.connections(&stage.ada).is_empty());
        assert!(
            stopping.clicks <= giving.clicks,
            "{} to give, {} to withdraw",
            giving.clicks,
            stopping.clicks
        );
    }
    // As a bystander: a link, the login and a yes give any number; the same number takes them back.
    consented(&stage, &stage.ada).await;
    let mut stopping = Browser::default();
    let at = desk(&stage, &mut stopping, &stage.ada).await;
    let at = stopping
        .press(&at, "Withdraw all of these from Findr", &[])
        .await;
    assert!(!at.text().contains("Findr sees"), "{}", at.text());
    assert_eq!(stopping.clicks, 3);
}

#[tokio::test]
async fn whoever_takes_something_back_does_not_wait_for_a_clock_that_is_not_believed() {
    let stage = Stage::new().await;
    connected(&stage, &stage.ada).await;
    consented(&stage, &stage.ada).await;
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.ada).await;
    let at = browser
        .press(&at, "Set: Nothing through friends", &[])
        .await;
    stage.pass(-7200);
    let lifted = browser
        .press(&at, "Lift: Nothing through friends", &[])
        .await;
    assert_eq!(lifted.status(), 503, "{}", lifted.text());
    let at = browser.follow(&format!("{}/desk", stage.public)).await;
    let at = browser
        .press(&at, "Withdraw all of these from Findr", &[])
        .await;
    let at = browser.press(&at, "Stop Findr", &[]).await;
    let at = browser.press(&at, "Set: Nothing to any partner", &[]).await;
    assert_eq!(at.status(), 200);
    assert!(!at.text().contains("Findr sees"), "{}", at.text());
    let (facts, ada) = (stage.register.facts(), stage.number(&stage.ada));
    assert!(
        facts
            .consents_of(ada, Time(stage.now() * 1000).day())
            .is_empty()
    );
    assert_eq!(facts.bars_of(ada).len(), 2);
    assert!(stage.connections(&stage.ada).is_empty());
    let out = browser.press(&at, "Log out", &[]).await;
    assert_eq!(out.status(), 200, "{}", out.text());
}

/// The person consents as a bystander to both of Findr's powers through friends.
pub(crate) async fn consented(stage: &Stage, person: &str) {
    connected(stage, &stage.bert).await;
    let notice = stage.connections(&stage.bert)[0].notice;
    for power in &stage.powers()[3..] {
        let event = Event::ConsentGiven {
            people: vec![stage.number(person)],
            partner: "findr".parse().unwrap(),
            power: *power,
            notice,
            until: "2027-06-01".parse().unwrap(),
        };
        stage.happens(event).await;
    }
}

#[tokio::test]
async fn one_power_of_a_connection_can_be_stopped_and_the_rest_goes_on() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let token = told["access_token"].as_str().unwrap();
    let email = async || read(&stage, token, "/v1/people/me").await.json()["email"].is_string();
    assert!(email().await);
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.ada).await;
    let at = browser
        .press(&at, "Stop only: see email address", &[])
        .await;
    assert!(
        !at.text().contains("see email address: about you"),
        "{}",
        at.text()
    );
    assert!(at.text().contains("see name: about you"), "{}", at.text());
    assert!(!email().await);
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 200);
}

#[tokio::test]
async fn a_connection_says_when_it_ends_and_that_the_partner_has_to_ask_for_more() {
    let stage = Stage::new().await;
    connected(&stage, &stage.ada).await;
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.ada).await;
    assert!(
        at.text().contains("It ends on 2027-11-25 and does not renew itself. To renew it, Findr has to ask you again"),
        "{}",
        at.text()
    );
    assert!(!at.text().contains("It ends in"));
    stage.pass(340 * 86_400);
    let at = desk(&stage, &mut Browser::default(), &stage.ada).await;
    assert!(at.text().contains("It ends in 25 days."), "{}", at.text());
}

#[tokio::test]
async fn what_is_closed_for_now_says_why() {
    let stage = Stage::new().await;
    connected(&stage, &stage.ada).await;
    consented(&stage, &stage.ada).await;
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.ada).await;
    assert!(!at.text().contains("Closed for now"), "{}", at.text());
    let at = browser.press(&at, "Set: Nothing to Findr", &[]).await;
    let closed = |at: &At, why: &str| {
        at.text()
            .matches(&format!("Closed for now: {why}."))
            .count()
    };
    // Three powers about her of her own connection, and three through others.
    let refused = "you refuse everything to this partner";
    assert_eq!(closed(&at, refused), 6, "{}", at.text());
    let at = browser.press(&at, "Lift: Nothing to Findr", &[]).await;
    let at = browser
        .press(&at, "Set: Nothing through friends", &[])
        .await;
    assert_eq!(closed(&at, "you refuse what comes through friends"), 3);
    let agreement = "findr-friends".parse().unwrap();
    stage.happens(Event::AgreementSuspended { agreement }).await;
    let at = browser.follow(&format!("{}/desk", stage.public)).await;
    assert_eq!(
        closed(&at, "the agreement is suspended"),
        9,
        "{}",
        at.text()
    );
}

#[tokio::test]
async fn a_yes_about_oneself_without_a_connection_is_told_in_a_persons_words() {
    let stage = Stage::new().await;
    connected(&stage, &stage.bert).await;
    let event = Event::ConsentGiven {
        people: vec![stage.number(&stage.ada)],
        partner: "findr".parse().unwrap(),
        power: stage.powers()[0],
        notice: stage.connections(&stage.bert)[0].notice,
        until: "2027-06-01".parse().unwrap(),
    };
    stage.happens(event).await;
    let at = desk(&stage, &mut Browser::default(), &stage.ada).await;
    let why =
        "Closed for now: you have not connected the partner yourself, so it cannot ask for this.";
    for told in ["see identifier, as yourself, for", why] {
        assert!(at.text().contains(told), "{told}: {}", at.text());
    }
}

#[tokio::test]
async fn the_text_that_was_agreed_to_is_found_by_its_digest_by_anybody_and_never_changes() {
    let stage = Stage::new().await;
    connected(&stage, &stage.ada).await;
    let notice = stage.connections(&stage.ada)[0].notice;
    let at = desk(&stage, &mut Browser::default(), &stage.ada).await;
    let link = format!("/notices/{notice}");
    assert!(at.told().body.contains(&format!("href=\"{link}\"")));
    let text = Browser::default()
        .follow(&format!("{}{link}", stage.public))
        .await;
    let text = text.told();
    assert_eq!(hex::encode(Sha256::digest(&text.body)), notice.to_string());
    assert!(text.body.contains("Findr asks you"), "{}", text.body);
    assert_eq!(text.header("content-language"), Some("en"));
    assert_eq!(
        text.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let none = format!("{}/notices/{}", stage.public, "0".repeat(64));
    assert_eq!(Browser::default().follow(&none).await.status(), 404);
}

#[tokio::test]
async fn a_standing_refusal_is_one_switch() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let token = told["access_token"].as_str().unwrap();
    let mut browser = Browser::default();
    let mut at = desk(&stage, &mut browser, &stage.ada).await;
    let bars = || stage.register.facts().bars_of(stage.number(&stage.ada));
    at = browser
        .press(&at, "Set: Nothing through friends", &[])
        .await;
    assert_eq!(bars(), [Bar::Through(Reach::Friend)]);
    assert_eq!(
        read(&stage, token, "/v1/people/me").await.status,
        200,
        "her own connection is another thing"
    );
    at = browser.press(&at, "Set: Nothing to any partner", &[]).await;
    assert_eq!(bars(), [Bar::Everything, Bar::Through(Reach::Friend)]);
    assert_eq!(
        read(&stage, token, "/v1/people/me").await.status,
        404,
        "as if she were not there"
    );
    at = browser
        .press(&at, "Lift: Nothing to any partner", &[])
        .await;
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 200);
    browser
        .press(&at, "Lift: Nothing through friends", &[])
        .await;
    assert!(bars().is_empty());
}

type Spoil = fn(&mut Vec<(String, String)>, &str);

/// What somebody sends to the desk who is logged in as somebody else.
const FOREIGN: &[(&str, Spoil)] = &[
    ("another person's connection", |fields, connection| {
        set(fields, "connection", connection)
    }),
    ("a connection that does not exist", |fields, _| {
        set(fields, "connection", "c-0")
    }),
    ("a connection that is no name", |fields, _| {
        set(fields, "connection", "C 0")
    }),
    ("no token", |fields, _| {
        fields.retain(|(name, _)| name != "token")
    }),
    ("another token", |fields, _| set(fields, "token", "AAAA")),
    ("something that no button does", |fields, _| {
        set(fields, "do", "delete")
    }),
    ("a bar without a switch", |fields, _| {
        fields.retain(|(name, _)| name != "do");
        set(fields, "lift", "partner");
    }),
    ("a bar against nobody", |fields, _| {
        fields.retain(|(name, _)| name != "do");
        set(fields, "set", "partner-nobody");
    }),
    ("a way that no agreement knows", |fields, _| {
        fields.retain(|(name, _)| name != "do");
        set(fields, "set", "through-contact");
    }),
    ("two buttons at once", |fields, _| {
        set(fields, "set", "everything")
    }),
    ("a power that nobody has", |fields, _| {
        fields.retain(|(name, _)| name != "do");
        set(fields, "only", &"0".repeat(64));
    }),
];

fn set(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), value.to_owned()));
}

#[tokio::test]
async fn one_person_cannot_act_at_anothers_desk_and_no_other_page_can_act_at_any() {
    let stage = Stage::new().await;
    connected(&stage, &stage.ada).await;
    connected(&stage, &stage.bert).await;
    let of_ada = stage.connections(&stage.ada)[0].connection.to_string();
    let mut bert = Browser::default();
    let at = desk(&stage, &mut bert, &stage.bert).await;
    let forms = at.forms();
    let own = forms
        .iter()
        .find(|form| form.fields.iter().any(|(name, _)| name == "connection"));
    let position = stage.register.position();
    for (what, spoil) in FOREIGN {
        let mut fields = own.unwrap().fields.clone();
        set(&mut fields, "do", "stop");
        spoil(&mut fields, &of_ada);
        let at = bert
            .send_form(&format!("{}/desk", stage.public), &fields)
            .await;
        assert_eq!(at.status(), 403, "{what}");
    }
    assert_eq!(stage.register.position(), position);
}

#[tokio::test]
async fn whoever_logs_out_is_nobody_and_a_request_waits_for_whoever_logs_in_next() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.ada).await;
    let cookies = browser
        .cookies(stage.public.trim_start_matches("http://"))
        .clone();
    let out = browser.press(&at, "Log out", &[]).await;
    assert!(out.text().contains("You are logged out"));
    let mut stolen = Browser::default();
    stolen
        .cookies(stage.public.trim_start_matches("http://"))
        .extend(cookies);
    let at = stolen.press(&at, "Set: Nothing to any partner", &[]).await;
    assert_eq!(
        at.status(),
        400,
        "the session is over, and so is its cookie"
    );

    let link = link(&stage, &Call::push(&stage).send(&stage).await);
    let page = log_in(&mut browser, &link, &stage.ada).await;
    let out = browser.press(&page, "Not you?", &[]).await;
    // A redirect to the login would be against the page's own policy; a link is not.
    assert!(out.told().body.contains("<a href=\"/connect\">"));
    let login = browser.follow(&format!("{}/connect", stage.public)).await;
    let name = login
        .form()
        .buttons
        .iter()
        .find(|(_, id, _)| *id == stage.bert)
        .unwrap()
        .2
        .clone();
    let page = browser.press(&login, &name, &[]).await;
    let back = browser.press(&page, YES, &boxes(&page)).await;
    assert!(back.parameter("code").is_some());
    assert!(stage.connections(&stage.ada).is_empty());
    assert_eq!(stage.connections(&stage.bert).len(), 1);
}

#[tokio::test]
async fn where_nobody_is_asked_a_bystanders_yes_can_be_renewed_all_the_same_and_not_too_early() {
    let stage = Stage::new().await;
    consented(&stage, &stage.ada).await;
    let power = stage.powers()[3];
    let there = format!("{}/desk/renew/findr/{power}", stage.public);
    // Before the login every address leads to it, and by it to the desk.
    let at = Browser::default().follow(&there).await;
    assert!(!at.address.starts_with(&stage.public), "{}", at.address);
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.ada).await;
    assert!(!at.text().contains("Renew it"), "{}", at.text());
    let at = browser.follow(&there).await;
    assert_eq!(at.status(), 409);
    assert!(
        at.text().contains("can be renewed from 2 May 2027 on"),
        "{}",
        at.text()
    );

    let soon = Event::ConsentGiven {
        people: vec![stage.number(&stage.ada)],
        partner: "findr".parse().unwrap(),
        power,
        notice: stage.connections(&stage.bert)[0].notice,
        until: "2026-12-20".parse().unwrap(),
    };
    stage.happens(soon).await;
    let at = browser.follow(&there).await;
    let no = browser.press(&at, "No, let it end", &[]).await;
    assert!(
        no.text().contains("until 20 December 2026"),
        "{}",
        no.text()
    );
    // Nobody gives anything while the clock is not believed.
    stage.pass(-7200);
    assert_eq!(
        browser.press(&at, "Yes, renew this", &[]).await.status(),
        503
    );
    stage.pass(7200);
    let at = browser.press(&at, "Yes, renew this", &[]).await;
    assert!(at.text().contains("until 2027-11-25"), "{}", at.text());
    assert!(!at.text().contains("Renew it"), "{}", at.text());
}
