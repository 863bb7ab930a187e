//! Global Privacy Control: a browser's signal becomes its person's standing refusal, and a later yes of theirs is theirs.

use decide::{Bar, Event, Reach};
use register::Change;

use super::desk::desk;
use super::partner_side::{Call, asked, log_in, read};
use super::stage::{POLICY, PURPOSE, Stage};
use crate::support::browser::Browser;

const GPC: Bar = Bar::GlobalPrivacyControl;

fn objecting() -> Browser {
    Browser::saying("sec-gpc", "1")
}

#[tokio::test]
async fn a_browser_that_objects_sets_the_bar_wherever_its_person_comes_to() {
    for path in ["/desk", "asked"] {
        let stage = Stage::new().await;
        let bars = || stage.register.facts().bars_of(stage.number(&stage.ada));
        let mut browser = objecting();
        let at = match path {
            "asked" => asked(&stage, &mut browser, &stage.ada).await,
            path => log_in(&mut browser, &format!("{}{path}", stage.public), &stage.ada).await,
        };
        assert_eq!(at.status(), 200);
        assert_eq!(bars(), [GPC], "{path}");
        // Repeated, it changes nothing.
        let position = stage.register.position();
        browser.follow(&format!("{}/desk", stage.public)).await;
        assert_eq!(stage.register.position(), position);
        let others = stage.register.facts();
        assert!(others.bars_of(stage.number(&stage.bert)).is_empty());
    }
}

#[tokio::test]
async fn anything_but_the_one_value_is_no_signal() {
    let stage = Stage::new().await;
    for value in ["0", "true", "1, 1"] {
        let mut browser = Browser::saying("sec-gpc", value);
        desk(&stage, &mut browser, &stage.ada).await;
    }
    let facts = stage.register.facts();
    assert!(facts.bars_of(stage.number(&stage.ada)).is_empty());
}

#[tokio::test]
async fn the_desk_shows_it_and_lifts_it_only_when_the_browser_has_stopped() {
    let stage = Stage::new().await;
    let mut browser = objecting();
    let at = desk(&stage, &mut browser, &stage.ada).await;
    let text = at.text();
    assert!(
        text.contains("Your browser says that you object to sharing (Global Privacy Control)"),
        "{text}"
    );
    assert!(text.contains("Global Privacy Control: on"), "{text}");
    let buttons = |at: &crate::support::browser::At| -> Vec<String> {
        let forms = at.forms().into_iter();
        let buttons = forms.flat_map(|form| form.buttons);
        buttons.map(|(_, _, text)| text).collect()
    };
    let lift = "Lift: Global Privacy Control".to_owned();
    assert!(!buttons(&at).contains(&lift));
    browser.says.clear();
    let at = browser.follow(&format!("{}/desk", stage.public)).await;
    let at = browser.press(&at, &lift, &[]).await;
    assert!(at.text().contains("Global Privacy Control: off"));
    let facts = stage.register.facts();
    assert!(facts.bars_of(stage.number(&stage.ada)).is_empty());
}

#[tokio::test]
async fn the_consent_screen_speaks_of_it_where_it_stands_against_something_asked_and_only_there() {
    let stage = Stage::new().await;
    // Nothing of what Findr asks about her is for advertising, so the signal does not stand against it.
    let page = asked(&stage, &mut objecting(), &stage.ada).await;
    assert!(
        !page.text().contains("Global Privacy Control"),
        "{}",
        page.text()
    );
    // A refusal of everything does.
    let person = stage.number(&stage.bert);
    let bar = Bar::Everything;
    stage.happens(Event::BarSet { person, bar }).await;
    let bar = Bar::Through(Reach::Friend);
    stage.happens(Event::BarSet { person, bar }).await;
    let page = asked(&stage, &mut Browser::default(), &stage.bert).await;
    let text = page.text();
    assert!(
        text.contains("You have refused everything to every partner."),
        "{text}"
    );
    // What comes through friends is asked about others here, and not about him.
    assert!(!text.contains("comes through this way"), "{text}");
}

#[tokio::test]
async fn a_yes_after_the_signal_is_told_of_the_conflict_and_counts_for_what_it_names_alone() {
    let stage = Stage::new().await;
    let document = format!("{POLICY}advertising: [{PURPOSE}]\n");
    stage.take(Change::SetPolicy { document }).await;
    let mut browser = objecting();
    let page = asked(&stage, &mut browser, &stage.ada).await;
    let text = page.text();
    assert!(
        text.contains("Your browser has said for you that you object to sharing"),
        "{text}"
    );
    // She gives what is needed, and not her e-mail address.
    let back = browser.press(&page, "Yes, as ticked above", &[]).await;
    let told = Call::redeem(&stage, &back.parameter("code").unwrap())
        .send(&stage)
        .await;
    let token = told.json()["access_token"].as_str().unwrap().to_owned();
    let facts = stage.register.facts();
    assert_eq!(facts.bars_of(stage.number(&stage.ada)), [GPC], "it stands");
    let me = read(&stage, &token, "/v1/people/me").await;
    assert_eq!(me.status, 200, "{}", me.body);
    assert!(me.json()["name"].is_string() && me.json().get("email").is_none());
    // The browser goes on saying so, which takes nothing back.
    let at = browser.follow(&format!("{}/desk", stage.public)).await;
    assert!(!at.text().contains("Closed for now"), "{}", at.text());
    assert_eq!(read(&stage, &token, "/v1/people/me").await.status, 200);
}

#[tokio::test]
async fn the_support_resource_says_that_the_signal_is_honoured() {
    let stage = Stage::new().await;
    let at = format!("{}/.well-known/gpc.json", stage.public);
    let at = Browser::default().follow(&at).await;
    assert_eq!(at.told().header("content-type"), Some("application/json"));
    let said = at.told().json();
    assert_eq!(said["gpc"], true);
    let day: Result<decide::Day, _> = said["lastUpdate"].as_str().unwrap().parse();
    assert!(day.is_ok(), "{said}");
}
