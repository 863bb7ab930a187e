//! A partner tries calls with invented people at its desk.

use decide::{Bar, Event};
use serde_json::json;

use super::partner_side::engineer_inside;
use super::stage::{PURPOSE, Stage};
use crate::support::browser::{At, Browser};

/// The page of an operation, as its example stands there.
async fn opens(stage: &Stage, browser: &mut Browser, operation: &str) -> At {
    let page = format!(
        "{}/partner/sandbox?operation={operation}&purpose={PURPOSE}",
        stage.public
    );
    browser.follow(&page).await
}

/// Sends the page's form with these fields.
async fn tries(browser: &mut Browser, page: &At, written: &[(&str, &str)]) -> At {
    let forms = page.forms();
    let form = forms.iter().find(|form| form.action.ends_with("/sandbox"));
    let mut fields = form.unwrap().fields.clone();
    let written = written
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    fields.extend(written);
    browser
        .send_form(&page.resolve(&form.unwrap().action), &fields)
        .await
}

/// What the page says that the partner would get.
fn got(page: &At) -> String {
    let body = &page.told().body;
    let inside = body.split_once("<pre tabindex=\"0\">");
    let inside = inside.and_then(|(_, rest)| rest.split_once("</pre>"));
    inside.map_or_else(String::new, |(inside, _)| inside.to_owned())
}

/// An answer about the friends of ada.
fn friends(ids: &[&str]) -> String {
    let data: Vec<_> = ids
        .iter()
        .map(|id| json!({ "id": id, "name": format!("Name of {id}"), "city": "Somewhere" }))
        .collect();
    json!({ "data": data }).to_string()
}

#[tokio::test]
async fn the_page_of_a_call_shows_what_is_left_of_an_example_and_why_the_rest_is_not() {
    let stage = Stage::new().await;
    let (mut browser, _) = engineer_inside(&stage, "findr").await;
    let calls = format!("{}/partner/calls", stage.public);
    let calls = browser.follow(&calls).await;
    let link = format!("/partner/sandbox?operation=listFriends&#38;purpose={PURPOSE}");
    let linked = link.replace(':', "%3A");
    assert!(calls.told().body.contains(&linked), "{}", calls.told().body);
    let page = opens(&stage, &mut browser, "listFriends").await;
    assert_eq!(page.status(), 200, "{page:?}");
    let got = got(&page);
    assert!(
        got.contains("Name of bert") && !got.contains("cleo"),
        "{got}"
    );
    let text = page.text();
    for said in [
        "Status 200",
        "cleo (friend): not asked, or has not consented",
    ] {
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
    // It has no power for cities, and that is what is said, of everybody.
    assert!(!got.contains("City"), "{got}");
    assert!(
        text.contains("bert (friend): no agreement grants it"),
        "{text}"
    );
    assert!(page.told().body.len() < 100_000);
}

#[tokio::test]
async fn nobody_real_is_looked_up_called_or_written_down() {
    let stage = Stage::new().await;
    let (mut browser, _) = engineer_inside(&stage, "findr").await;
    // Two real people, as real as can be: one refuses everything, the other has agreed to all of it.
    let [refuses, agrees] = [&stage.people[1], &stage.people[2]];
    let number = |id: &str| stage.register.people().number(id).unwrap();
    let (person, bar) = (number(refuses), Bar::Everything);
    stage.happens(Event::BarSet { person, bar }).await;
    stage.connect(agrees, "findr", 1).await;
    let before = (stage.register.position(), stage.ledger.size());
    let page = opens(&stage, &mut browser, "listFriends").await;
    let answer = friends(&[refuses, agrees]);
    let written = [
        ("request", "/v1/people/me/friends"),
        ("me", "somebody"),
        ("agreed", refuses),
        ("answer", answer.as_str()),
    ];
    let page = tries(&mut browser, &page, &written).await;
    assert_eq!(page.status(), 200, "{page:?}");
    let got = got(&page);
    assert!(
        got.contains(refuses.as_str()) && !got.contains(agrees.as_str()),
        "what counts is what the partner says: {got}"
    );
    assert_eq!((stage.register.position(), stage.ledger.size()), before);
}

#[tokio::test]
async fn what_the_partner_writes_is_answered_by_its_own_live_powers() {
    let stage = Stage::new().await;
    let (mut browser, _) = engineer_inside(&stage, "findr").await;
    let page = opens(&stage, &mut browser, "listFriends").await;
    let answer = friends(&["bert"]);
    let ask = [
        ("request", "/v1/people/me/friends"),
        ("me", "ada"),
        ("agreed", "bert"),
        ("answer", answer.as_str()),
    ];
    let page = tries(&mut browser, &page, &ask).await;
    assert!(got(&page).contains("Name of bert"), "{page:?}");
    // A power that was handed back is not live here either.
    let (partner, power) = ("findr".parse().unwrap(), stage.powers("findr", 1)[2]);
    stage
        .happens(Event::PowerHandedBack { partner, power })
        .await;
    let page = tries(&mut browser, &page, &ask).await;
    let text = page.text();
    assert!(!got(&page).contains("Name of bert"), "{text}");
    assert!(text.contains("handed"), "{text}");
}

#[tokio::test]
async fn what_the_gateway_would_refuse_is_refused_in_its_words() {
    let stage = Stage::new().await;
    let (mut browser, _) = engineer_inside(&stage, "findr").await;
    let page = opens(&stage, &mut browser, "listFriends").await;
    let answer = friends(&["bert"]);
    for (request, answer, said) in [
        ("/v1/people/me/friends", "{", "not JSON"),
        (
            "/v1/people/bert/friends",
            answer.as_str(),
            "would be refused",
        ),
        ("/v1/people/me", answer.as_str(), "no operation"),
        ("/v1/people/me/friends?secret=1", answer.as_str(), "secret"),
    ] {
        let written = [
            ("request", request),
            ("me", "ada"),
            ("agreed", "bert"),
            ("answer", answer),
        ];
        let page = tries(&mut browser, &page, &written).await;
        assert_eq!(
            (page.status(), got(&page)),
            (200, String::new()),
            "{request}"
        );
        let text = page.text();
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
}

#[tokio::test]
async fn what_is_written_is_shown_as_text_and_comes_from_the_partners_own_page() {
    let stage = Stage::new().await;
    let (mut browser, _) = engineer_inside(&stage, "findr").await;
    let page = opens(&stage, &mut browser, "listFriends").await;
    let script = "</textarea><script>alert(1)</script>";
    let written = [
        ("request", script),
        ("me", script),
        ("agreed", script),
        ("answer", script),
    ];
    let after = tries(&mut browser, &page, &written).await;
    assert_eq!(after.status(), 200);
    assert!(
        !after.told().body.contains("<script"),
        "{}",
        after.told().body
    );
    let token = ("token".to_owned(), "another".to_owned());
    let address = page.resolve("/partner/sandbox");
    assert_eq!(browser.send_form(&address, &[token]).await.status(), 403);
    let outside = opens(&stage, &mut Browser::default(), "listFriends").await;
    assert_eq!(outside.status(), 401);
    for unknown in ["nothing", "sendMessage"] {
        let page = opens(&stage, &mut browser, unknown).await;
        assert_eq!(page.status(), 404, "{unknown}");
    }
}
