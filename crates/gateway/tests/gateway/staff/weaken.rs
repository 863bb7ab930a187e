//! A promise is weakened: looked at first, announced in public, and nothing changes for thirty days.

use decide::{Form, PromiseId};
use serde_json::{Value, json};

use super::stage::{NAMES, Stage, Visitor};
use crate::support::browser::{At, Browser};

const PAGE: &str = "/desk/promises/no-friends/weaken";

/// An agreement that was signed first, and a promise above it.
async fn stage() -> Stage {
    let stage = Stage::new().await;
    stage.sign(1, &NAMES).await;
    let promise = "promise: no-friends\nmade: 2015-04-30\nsummary: Apps no longer see your friends.\n\
        address: https://sample.example/news\nform: absolute\nscope:\n  reaches: [friend]\n";
    stage.ok("stella", "POST", "/promises", promise).await;
    stage
}

/// What stands in a field of the page.
fn field(at: &At, before: &str, after: &str) -> String {
    let body = &at.told().body;
    let (_, rest) = body.split_once(before).unwrap_or_else(|| panic!("{body}"));
    let (inside, _) = rest.split_once(after).unwrap();
    inside.trim().replace("&#34;", "\"")
}

/// What the page proposes: the promise as it is, and the first day.
fn proposed(at: &At) -> (Value, String) {
    let to = field(at, "spellcheck=\"false\">", "</textarea>");
    let day = field(at, "name=\"effective\" value=\"", "\"");
    (serde_json::from_str(&to).unwrap(), day)
}

fn stages(stage: &Stage) -> Vec<Option<Form>> {
    let book = stage.world.register.book();
    let id: PromiseId = "no-friends".parse().unwrap();
    let stages = &book.promises.get(&id).unwrap().stages;
    stages
        .iter()
        .map(|(_, to)| to.as_ref().map(|it| it.form))
        .collect()
}

#[tokio::test]
async fn what_it_would_forbid_less_is_shown_and_nothing_is_announced_before_its_id_is_typed() {
    let stage = stage().await;
    let mut stella = Visitor::new(&stage, "stella").await;
    let list = stella.open("/desk/promises").await;
    assert!(list.told().body.contains(&format!("href=\"{PAGE}\"")));
    let at = stella.open(PAGE).await;
    let (mut to, day) = proposed(&at);
    assert_eq!(to["form"], "absolute");
    to["form"] = json!("unless-consented");
    let to = to.to_string();
    let look = [("to", to.as_str()), ("effective", &day), ("do", "look")];
    let at = stella.fill(&at, "/weaken", &look).await;
    let text = at.text();
    assert!(
        text.contains("findr-friends version 1: see name (friend): allowed about people who have all consented"),
        "{text}"
    );
    assert!(!text.contains("(own)"), "it never forbade that: {text}");
    let untyped = stella
        .fill(&at, "/weaken", &[("do", "announce"), ("id", "other")])
        .await;
    assert_eq!(untyped.status(), 400, "{}", untyped.text());
    assert_eq!(stages(&stage), [Some(Form::Absolute)]);

    let typed = [("do", "announce"), ("id", "no-friends")];
    let at = stella.fill(&at, "/weaken", &typed).await;
    assert_eq!(at.status(), 200, "{}", at.text());
    assert!(at.text().contains("weakened from"), "{}", at.text());
    assert_eq!(
        stages(&stage),
        [Some(Form::Absolute), Some(Form::UnlessConsented)]
    );
    let public = format!("http://{}/public/promises", stage.world.address);
    let public = Browser::default().follow(&public).await.text();
    assert!(public.contains(&format!("From {day}")), "{public}");
    assert!(stella.open("/desk/history").await.text().contains("stella"));
}

#[tokio::test]
async fn it_can_be_given_up_and_never_sooner_than_in_thirty_days() {
    let stage = stage().await;
    let mut stella = Visitor::new(&stage, "stella").await;
    let at = stella.open(PAGE).await;
    let (_, day) = proposed(&at);
    let first: decide::Day = day.parse().unwrap();
    let sooner = decide::Day(first.0 - 1).to_string();
    for (day, status) in [(&sooner, 422), (&day, 200)] {
        let fields = [
            ("nothing", "yes"),
            ("effective", day.as_str()),
            ("do", "announce"),
            ("id", "no-friends"),
        ];
        let at = stella.fill(&at, "/weaken", &fields).await;
        assert_eq!(at.status(), status, "{day}: {}", at.text());
    }
    assert_eq!(stages(&stage), [Some(Form::Absolute), None]);
}

#[tokio::test]
async fn what_cannot_be_read_and_another_promise_come_back_with_what_is_wrong() {
    let stage = stage().await;
    let mut stella = Visitor::new(&stage, "stella").await;
    let at = stella.open(PAGE).await;
    let (mut other, day) = proposed(&at);
    other["promise"] = json!("another");
    let other = other.to_string();
    for (to, day, said) in [
        ("{", day.as_str(), "not readable"),
        (other.as_str(), day.as_str(), "another promise"),
        ("{}", "soon", "is not a day"),
    ] {
        let fields = [("to", to), ("effective", day), ("do", "look")];
        let at = stella.fill(&at, "/weaken", &fields).await;
        assert_eq!(at.status(), 400, "{}", at.text());
        assert!(at.text().contains(said), "{said:?}: {}", at.text());
    }
    let mut rhea = Visitor::new(&stage, "rhea").await;
    assert_eq!(rhea.open(PAGE).await.status(), 403);
    let nobody = stella.open("/desk/promises/nothing/weaken").await;
    assert_eq!(nobody.status(), 404);
    assert_eq!(stages(&stage), [Some(Form::Absolute)]);
}
