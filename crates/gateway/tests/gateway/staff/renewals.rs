//! Renewals: yearly, power by power, and no extensions.

use decide::Time;

use super::stage::{NAMES, Stage, Visitor, agreement};

/// What is told of the one agreement; every world begins with others.
async fn told(stage: &Stage) -> Vec<(String, bool, String)> {
    let told = stage.ok("axel", "GET", "/renewals", "").await.json();
    let lines = told["renewals"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    lines
        .filter(|it| it["agreement"] == "findr-friends")
        .map(|it| {
            (
                text(&it["what"]),
                it["due"].as_bool().unwrap(),
                text(&it["next"]),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_power_that_no_further_signed_version_has_is_due_and_then_over() {
    let stage = Stage::new().await;
    stage.sign(1, &NAMES).await;
    let [own, friend] = NAMES.map(|(category, reach)| {
        format!("read {category} through {reach} for dpv:ServicePersonalisation")
    });
    let is = |what: &String, due, next: &str| (what.clone(), due, next.to_owned());
    let due = [is(&friend, true, "ends"), is(&own, true, "ends")];
    assert_eq!(told(&stage).await, due, "36 days before the end");

    let mut stella = Visitor::new(&stage, "stella").await;
    let page = stella.open("/desk/renewals").await;
    assert!(
        page.text().contains("2 powers end within 60 days"),
        "{}",
        page.text()
    );
    let sheet = stella
        .open("/desk/draft?agreement=findr-friends&renew=yes")
        .await;
    for begun in [
        "version: 2",
        "from: 2026-12-31T00:00:00Z",
        "until: 2027-12-31T00:00:00Z",
    ] {
        assert!(
            sheet.told().body.contains(begun),
            "{begun}: {}",
            sheet.text()
        );
    }
    // The renewal leaves the friends out.
    let next = agreement(2, &NAMES[..1])
        .replace("until: 2026-12-31", "until: 2027-12-31")
        .replace("from: 2026-01-01", "from: 2026-12-31");
    stage.ok("stella", "POST", "/drafts", &next).await;
    assert_eq!(told(&stage).await[1], is(&own, true, "drafted"));
    stage.sign_text(&next).await;
    let settled = [is(&friend, true, "ends"), is(&own, false, "renewed")];
    assert_eq!(told(&stage).await, settled);

    stage.world.pass(40 * 86_400);
    stage.ok("otto", "POST", "/clock/confirm", "").await;
    let now = Time(stage.world.now() * 1000);
    let id = "findr-friends".parse().unwrap();
    let governs = stage.world.register.facts().held_now(&id, now);
    assert_eq!(governs.len(), 1, "what was not renewed has ended");
    assert_eq!(told(&stage).await, [is(&own, false, "ends")]);
}

#[tokio::test]
async fn nothing_is_drafted_for_longer_than_a_year() {
    let stage = Stage::new().await;
    let long = agreement(1, &NAMES).replace("until: 2026-12-31", "until: 2027-01-03");
    let told = stage.ask("stella", "POST", "/drafts", &long).await;
    assert_eq!(told.status, 422);
    assert!(told.body.contains("longer than a year"), "{}", told.body);
}
