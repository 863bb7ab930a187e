//! Public pages: read by anybody, without login, and about nobody.

use decide::{Event, Party};
use ledger::Checkpoint;
use ledger::note::VerifierKey;
use register::Change;
use serde_json::{Value, json};

use super::stage::{POWERS, Stage};
use crate::support::browser::Browser;
use crate::support::{Told, key_of};

const PAGES: [&str; 6] = [
    "/public",
    "/public/partners",
    "/public/partners/findr",
    "/public/agreements/findr-friends/1",
    "/public/promises",
    "/public/ledger",
];

pub(crate) fn promise(id: &str, form: &str, more: &str) -> Change {
    let document = format!(
        "promise: {id}\nmade: 2014-04-30\nsummary: What was said in public about {id}.\n\
         address: https://sample.example/said/{id}\nform: {form}\n{more}"
    );
    Change::MakePromise { document }
}

#[tokio::test]
async fn anybody_reads_in_plain_words_what_a_partner_may_do_and_what_the_platform_gets_for_it() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let list = browser
        .follow(&format!("{}/public/partners", stage.public))
        .await;
    assert!(
        list.text().contains("Findr 5 1 2026-11-25"),
        "{}",
        list.text()
    );
    let page = browser
        .follow(&format!("{}/public/partners/findr", stage.public))
        .await;
    let text = page.text();
    for said in [
        "findr-friends, version 1",
        "signed by both sides, and governs",
        "term from 2026-01-01 until 2030-01-01",
        "It shows Sample Social first.",
        "It is called a service provider. That changes nothing",
        "for the platform on 2026-11-25 (Steward); for the partner on 2026-11-25 (Head of Data)",
        "privacy review on 2026-01-01",
        "See name: about their friends",
        "The partner sees your name, as a friend.",
        "Purpose: service personalisation; kept for at most 30 days; with the consent of everybody concerned.",
    ] {
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
    assert!(
        !text.contains("between us"),
        "a note inside the platform is not public"
    );
}

#[tokio::test]
async fn every_page_says_the_same_as_data() {
    let stage = Stage::new().await;
    let accept = [("accept".to_owned(), "application/json".to_owned())];
    for page in PAGES {
        let name = if page == "/public" {
            "/public/index"
        } else {
            page
        };
        let by_name = stage.json(&format!("{name}.json")).await;
        let by_header = stage.ask("GET", page, &accept, "").await;
        assert_eq!(
            by_header.header("content-type"),
            Some("application/json"),
            "{page}"
        );
        assert_eq!(by_header.json(), by_name, "{page}");
        let html = stage.get(page).await;
        assert_eq!(
            html.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{page}"
        );
        assert!(
            html.body.len() < 100_000,
            "{page} weighs {}",
            html.body.len()
        );
        assert_eq!(html.header("vary"), Some("accept"), "{page}");
    }
    let partner = stage.json("/public/partners/findr.json").await;
    let paper = &partner["present"][0];
    assert_eq!(
        (&paper["state"], &paper["version"]),
        (&json!("governs"), &json!(1))
    );
    let powers = paper["powers"].as_array().unwrap();
    assert_eq!(powers.len(), POWERS.len());
    assert!(
        powers
            .iter()
            .all(|power| power["state"] == "live" && power["against"] == json!([]))
    );
    assert_eq!(powers[2]["power"]["reach"], "friend");
}

#[tokio::test]
async fn what_only_one_side_has_signed_is_shown_as_inert_and_what_is_over_as_over() {
    let stage = Stage::new().await;
    stage.offer("findr", 2).await;
    let states = async || {
        let partner = stage.json("/public/partners/findr.json").await;
        let states = |list: &Value| -> Vec<(u64, String, String)> {
            let of = |paper: &Value| {
                let power = paper["powers"][0]["state"]
                    .as_str()
                    .unwrap_or("-")
                    .to_owned();
                (
                    paper["version"].as_u64().unwrap(),
                    paper["state"].as_str().unwrap().to_owned(),
                    power,
                )
            };
            list.as_array().unwrap().iter().map(of).collect()
        };
        (states(&partner["present"]), states(&partner["past"]))
    };
    let told =
        |version: u64, state: &str, power: &str| (version, state.to_owned(), power.to_owned());
    let first = told(1, "governs", "live");
    assert_eq!(
        states().await,
        (vec![told(2, "unsigned", "unsigned"), first.clone()], vec![])
    );
    stage.sign("findr", 2, Party::Platform).await;
    assert_eq!(
        states().await,
        (vec![told(2, "unsigned", "unsigned"), first], vec![])
    );
    stage.sign("findr", 2, Party::Partner).await;
    let second = (
        vec![told(2, "governs", "live")],
        vec![told(1, "superseded", "-")],
    );
    assert_eq!(states().await, second);
    let agreement = "findr-friends".parse().unwrap();
    stage.happens(Event::AgreementSuspended { agreement }).await;
    assert_eq!(states().await.0, [told(2, "suspended", "suspended")]);
    let agreement = "findr-friends".parse().unwrap();
    stage.happens(Event::AgreementEnded { agreement }).await;
    assert_eq!(
        states().await,
        (vec![], vec![told(2, "ended", "-"), told(1, "ended", "-")])
    );
    let page = stage.get("/public/partners/findr").await.body;
    assert!(page.contains("Findr gets nothing"), "{page}");
}

#[tokio::test]
async fn what_nobody_uses_is_shown_with_the_day_on_which_it_lapses_and_then_as_lapsed() {
    let stage = Stage::new().await;
    let first =
        async || stage.json("/public/partners/findr.json").await["present"][0]["powers"][0].clone();
    let power = first().await;
    assert_eq!(
        (&power["state"], &power["lapses"]),
        (&json!("live"), &json!("2027-02-24"))
    );
    stage.pass(90 * 86_400);
    assert_eq!(first().await["state"], "live", "the last day");
    stage.pass(86_400);
    assert_eq!(first().await["state"], "lapsed");
}

#[tokio::test]
async fn a_promise_that_forbids_a_power_is_named_beside_it() {
    let stage = Stage::new().await;
    let covers = "scope:\n  reaches: [friend]\n";
    stage.take(promise("no-friends", "absolute", covers)).await;
    let partner = stage.json("/public/partners/findr.json").await;
    let powers = partner["present"][0]["powers"].as_array().unwrap();
    let states: Vec<&str> = powers
        .iter()
        .map(|power| power["state"].as_str().unwrap())
        .collect();
    assert_eq!(
        states,
        ["live", "live", "forbidden", "forbidden", "forbidden"]
    );
    assert_eq!(
        powers[2]["state-in-words"],
        "forbidden by promise no-friends"
    );
}

#[tokio::test]
async fn the_checkpoints_are_signed_notes_of_the_logs_and_the_keys_beside_them_verify_them() {
    let stage = Stage::new().await;
    stage.register.log().publish_now().unwrap();
    for (place, log) in [(0, &stage.ledger), (1, stage.register.log())] {
        let shown = stage.json("/public/ledger.json").await[place].clone();
        let text = |member: &str| shown[member].as_str().unwrap();
        let key = VerifierKey::parse(text("key")).unwrap();
        let opened = Checkpoint::open(text("checkpoint"), &key).unwrap();
        assert_eq!(opened, log.published());
        assert_eq!(shown["size"], opened.size);
        let plain = stage
            .get(&format!("/public/{}/checkpoint", text("log")))
            .await;
        assert_eq!(
            plain.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(plain.body, text("checkpoint"));
        let page = stage.get("/public/ledger").await.body;
        assert!(page.contains(&format!("--key '{}'", text("key"))), "{page}");
    }
}

#[tokio::test]
async fn nothing_on_a_public_page_is_about_a_person() {
    let stage = Stage::new().await;
    stage.connect(&stage.people[0], "findr", 1).await;
    stage
        .take(promise(
            "said",
            "absolute",
            "scope:\n  reaches: [contact]\n",
        ))
        .await;
    for page in PAGES {
        for name in [page.to_owned(), format!("{page}.json")] {
            let body = stage.get(&name).await.body;
            let mut people = stage.people.iter();
            assert!(!people.any(|id| body.contains(id.as_str())), "{name}");
            for officer in ["Sten Ward", "Finn Offer"] {
                assert!(!body.contains(officer), "{name} names {officer}");
            }
        }
    }
}

#[tokio::test]
async fn a_long_list_of_partners_comes_in_pages_that_weigh_little() {
    let stage = Stage::new().await;
    for n in 0..160 {
        stage
            .take(Change::EnrolPartner {
                partner: format!("partner-{n:03}").parse().unwrap(),
                name: format!("A partner with rather a long name, number {n}"),
                jwks: serde_json::from_value(json!({ "keys": [key_of("other").public_jwk()] }))
                    .unwrap(),
            })
            .await;
    }
    let first = stage.get("/public/partners").await;
    assert!(first.body.len() < 100_000, "{}", first.body.len());
    let data = stage.json("/public/partners.json").await;
    assert_eq!(data["partners"].as_array().unwrap().len(), 150);
    let after = data["more_after"].as_str().unwrap();
    assert!(
        first
            .body
            .contains(&format!("/public/partners?after={after}"))
    );
    let rest = stage
        .json(&format!("/public/partners.json?after={after}"))
        .await;
    assert_eq!(
        (
            rest["partners"].as_array().unwrap().len(),
            &rest["more_after"]
        ),
        (12, &Value::Null)
    );
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_says_so_and_what_cannot_be_done_here_is_refused() {
    let stage = Stage::new().await;
    for path in [
        "/public/nothing",
        "/public/partners/nobody",
        "/public/partners/No%20Name",
        "/public/agreements/findr-friends/9",
        "/public/agreements/findr-friends/x",
        "/public/partners?after=No+Name",
    ] {
        let told = stage.get(path).await;
        assert_eq!(told.status, 404, "{path}");
        assert!(told.body.contains("There is no such page"), "{path}");
    }
    assert_eq!(
        stage.ask("POST", "/public/promises", &[], "").await.status,
        405
    );
    let told = stage.get("/public/promises").await;
    let policy = told.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("script"),
        "{policy}"
    );
    assert_eq!(told.header("x-frame-options"), Some("DENY"));
    assert!(told.header("set-cookie").is_none());
}

#[tokio::test]
async fn a_flood_of_readers_is_told_to_wait_and_partners_are_answered_all_the_same() {
    let stage = Stage::new().await;
    let connection = stage.connect(&stage.people[0], "findr", 1).await;
    let (began, mut shown) = (std::time::Instant::now(), 0);
    for _ in 0..20 {
        let looks = (0..100).map(|_| stage.get("/public/ledger/checkpoint"));
        let statuses: Vec<u16> = all_at_once(looks).await;
        assert!(
            statuses.iter().all(|status| [200, 429].contains(status)),
            "{statuses:?}"
        );
        shown += statuses.iter().filter(|status| **status == 200).count();
    }
    // However slow this machine is: five hundred at once, and a hundred a second.
    let most = 500 + 100 * (began.elapsed().as_secs() + 1);
    assert!(shown as u64 <= most, "{shown} of {most}");
    assert_eq!(
        stage.read("findr", &connection, "/v1/people/me").await.0,
        200
    );
}

/// Their statuses.
async fn all_at_once(looks: impl Iterator<Item = impl Future<Output = Told>>) -> Vec<u16> {
    let mut looks: Vec<_> = looks.map(Box::pin).collect();
    let mut statuses = vec![0; looks.len()];
    std::future::poll_fn(|context| {
        let mut waiting = false;
        for (look, status) in looks.iter_mut().zip(&mut statuses) {
            if *status == 0 {
                match look.as_mut().poll(context) {
                    std::task::Poll::Ready(told) => *status = told.status,
                    std::task::Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await;
    statuses
}
