//! What a person's desk says of what partners really got: counted against the ledger, and nothing of anybody else's.

use decide::Event;
use ledger::entry::Entry;

use super::desk::{consented, desk};
use super::partner_side::{Call, connected, read};
use super::stage::Stage;
use crate::support::browser::{At, Browser};

const DAY: i64 = 86_400;

/// Findr's token for the connection of whoever these token answers are of, for some minutes.
async fn token(stage: &Stage, told: &serde_json::Value) -> String {
    let refresh = told["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let call = Call::to(stage, "findr", "/oauth/token", &form);
    let told = call.send(stage).await.json();
    told["access_token"].as_str().unwrap().to_owned()
}

/// Findr reads the friends of whoever this token is of, and this friend is among them.
async fn sees(stage: &Stage, token: &str, friend: &str) {
    let told = read(stage, token, "/v1/people/me/friends?limit=100").await;
    assert_eq!(told.status, 200, "{}", told.body);
    let name = last_name(stage, friend);
    assert!(told.body.contains(&name), "{name}: {}", told.body);
}

fn last_name(stage: &Stage, person: &str) -> String {
    let number = stage.world.person_with_id(person).unwrap();
    stage.world.person(number).unwrap().last_name
}

async fn page(stage: &Stage, browser: &mut Browser, path: &str) -> At {
    let at = browser.follow(&format!("{}{path}", stage.public)).await;
    assert_eq!(at.status(), 200, "{path}: {}", at.text());
    assert!(
        at.told().body.len() < 100_000,
        "{path}: {}",
        at.told().body.len()
    );
    at
}

#[tokio::test]
async fn what_a_partner_read_of_oneself_is_counted_and_told_to_the_minute() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let token_of_ada = told["access_token"].as_str().unwrap();
    let at = desk(&stage, &mut Browser::default(), &stage.ada).await;
    assert!(at.text().contains("Nothing, as of today."), "{}", at.text());
    for _ in 0..2 {
        assert_eq!(
            read(&stage, token_of_ada, "/v1/people/me").await.status,
            200
        );
    }
    let at = desk(&stage, &mut Browser::default(), &stage.ada).await;
    let told_today = "see name, as yourself: 2 times since today, last today at 12:00";
    assert!(at.text().contains(told_today), "{}", at.text());
    assert!(
        at.text()
            .contains("see email address, as yourself: 2 times")
    );
    assert!(
        !at.text().contains("New:"),
        "she connected it herself: {}",
        at.text()
    );

    stage.pass(DAY + 122 * 60);
    let later = token(&stage, &told).await;
    assert_eq!(read(&stage, &later, "/v1/people/me").await.status, 200);
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.ada).await;
    let by_now = "see name, as yourself: 3 times since yesterday, last today at 14:02";
    assert!(at.text().contains(by_now), "{}", at.text());

    let single = page(&stage, &mut browser, "/desk/disclosed").await;
    let text = single.text();
    let row = "Findr: see email address, see identifier, see name for service personalisation, as yourself";
    for when in ["today at 14:02", "yesterday at 12:00"] {
        assert!(text.contains(&format!("{when} {row}")), "{when}: {text}");
    }
    assert_eq!(text.matches(row).count(), 3);
}

#[tokio::test]
async fn what_went_through_a_friend_is_told_by_the_day_when_it_is_over_and_never_through_whom() {
    let stage = Stage::new().await;
    consented(&stage, &stage.cleo).await;
    let of_ada = connected(&stage, &stage.ada).await;
    for _ in 0..3 {
        sees(
            &stage,
            of_ada["access_token"].as_str().unwrap(),
            &stage.cleo,
        )
        .await;
    }
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.cleo).await;
    assert!(
        !at.text().contains("through a friend:") && !at.text().contains("times since"),
        "looking again and again would tell the hour: {}",
        at.text()
    );
    let same_day = page(&stage, &mut browser, "/desk/disclosed").await;
    assert!(same_day.text().contains("Through others") && !same_day.text().contains("Findr"));

    stage.pass(DAY);
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.cleo).await;
    let text = at.text();
    for told in [
        "New: a partner was told something about you for the first time",
        "new see name, through a friend: 3 times since yesterday, last yesterday for",
        "new see identifier, through a friend: 3 times since yesterday, last yesterday for",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let list = page(&stage, &mut browser, "/desk/disclosed").await;
    let row = "yesterday Findr: see identifier, see name for service personalisation, through a friend; times: 3";
    assert!(list.text().contains(row), "{}", list.text());

    // Nothing on either page is ada's: neither who she is, nor her connection, nor the places of the entries.
    let ada = last_name(&stage, &stage.ada);
    let connection = of_ada["connection"].as_str().unwrap();
    for page in [&at, &list] {
        for hers in [stage.ada.as_str(), ada.as_str(), connection, "12:00"] {
            assert!(!page.told().body.contains(hers), "{hers}: {}", page.text());
        }
    }

    // Seen once, it is new no more, and a second partner's would be.
    let at = browser.press(&at, "I have seen this", &[]).await;
    assert!(
        !at.text().contains("New:") && !at.text().contains(" new "),
        "{}",
        at.text()
    );
    assert!(
        at.text().contains("see name, through a friend: 3 times"),
        "{}",
        at.text()
    );
    let later = token(&stage, &of_ada).await;
    sees(&stage, &later, &stage.cleo).await;
    stage.pass(DAY);
    let at = desk(&stage, &mut Browser::default(), &stage.cleo).await;
    assert!(at.text().contains("4 times since"), "{}", at.text());
    assert!(
        !at.text().contains("New:"),
        "it was not the first: {}",
        at.text()
    );
}

#[tokio::test]
async fn one_person_never_sees_anothers_whatever_they_ask_for() {
    let stage = Stage::new().await;
    let of_bert = connected(&stage, &stage.bert).await;
    let token = of_bert["access_token"].as_str().unwrap();
    for _ in 0..3 {
        assert_eq!(read(&stage, token, "/v1/people/me").await.status, 200);
    }
    let mut ada = Browser::default();
    let at = desk(&stage, &mut ada, &stage.ada).await;
    assert!(at.text().contains("Nothing, as of today."), "{}", at.text());
    let size = stage.ledger.size();
    assert!(size >= 3);
    for place in 0..=size {
        let at = page(&stage, &mut ada, &format!("/desk/disclosed?before={place}")).await;
        assert!(!at.text().contains("Findr"), "{place}: {}", at.text());
    }
    for query in [
        "before=x",
        "before=-1",
        "before-day=2026",
        "before=1&before=2",
    ] {
        let at = ada
            .follow(&format!("{}/desk/disclosed?{query}", stage.public))
            .await;
        assert_eq!(at.status(), 404, "{query}");
    }
    // Without a session there is the login, elsewhere, and nothing else.
    let at = Browser::default()
        .follow(&format!("{}/desk/disclosed", stage.public))
        .await;
    assert!(!at.address.starts_with(&stage.public), "{}", at.address);
    // Nor can anybody press a button of another's page.
    let mut bert = Browser::default();
    let of_bert = desk(&stage, &mut bert, &stage.bert).await;
    assert!(of_bert.text().contains("see name, as yourself: 3 times"));
    let fields = [
        ("token".to_owned(), of_bert.form().fields[0].1.clone()),
        ("until".to_owned(), "1".to_owned()),
    ];
    let at = ada
        .send_form(&format!("{}/desk/seen", stage.public), &fields)
        .await;
    assert_eq!(at.status(), 403);
}

#[tokio::test]
async fn pages_go_on_to_the_first_without_a_gap_and_every_entry_is_on_one_of_them() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let mut token_now = told["access_token"].as_str().unwrap().to_owned();
    for minute in 0..90 {
        stage.pass(60);
        if minute % 4 == 0 {
            token_now = token(&stage, &told).await;
        }
        assert_eq!(read(&stage, &token_now, "/v1/people/me").await.status, 200);
    }
    let mut browser = Browser::default();
    desk(&stage, &mut browser, &stage.ada).await;
    let mut path = "/desk/disclosed".to_owned();
    let mut told = Vec::new();
    for _ in 0..4 {
        let at = page(&stage, &mut browser, &path).await;
        let text = at.text();
        let whens = text.match_indices("today at ");
        told.extend(whens.map(|(at, today)| text[at + today.len()..][..5].to_owned()));
        let Some((_, rest)) = at.told().body.split_once("href=\"/desk/disclosed?before=") else {
            break;
        };
        path = format!("/desk/disclosed?before={}", rest.split('"').next().unwrap());
    }
    // From the ledger itself: the minutes of all disclosures, newest first.
    let entries = stage.ledger.iter(0).map(Result::unwrap);
    let mut minutes: Vec<String> = entries
        .filter_map(|stored| match Entry::parse(&stored.record.entry).unwrap() {
            Entry::Disclosure(it) => Some(it.header.minute.0),
            _ => None,
        })
        .map(|minute| format!("{:02}:{:02}", minute / 60 % 24, minute % 60))
        .collect();
    minutes.reverse();
    assert_eq!(minutes.len(), 90);
    assert_eq!(told, minutes);
}

#[tokio::test]
async fn somebody_who_has_left_and_come_back_sees_nothing_of_before() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let token = told["access_token"].as_str().unwrap();
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 200);
    let person = stage.number(&stage.ada);
    stage.happens(Event::PersonLeft { person }).await;
    let ids = vec![stage.ada.clone()];
    stage.take(register::Change::Join { ids }).await;
    let at = desk(&stage, &mut Browser::default(), &stage.ada).await;
    assert!(at.text().contains("Nothing, as of today."), "{}", at.text());
}
