//! A person's record: the page, the file and its form.

use std::path::Path;

use decide::{Bar, Event};
use serde_json::Value;

use super::desk::{consented, desk};
use super::partner_side::{connected, read};
use super::stage::Stage;
use crate::support::browser::Browser;

async fn record(stage: &Stage, browser: &mut Browser) -> Value {
    let at = browser
        .follow(&format!("{}/desk/record.json", stage.public))
        .await;
    assert_eq!(at.status(), 200);
    assert_eq!(at.told().header("content-type"), Some("application/json"));
    at.told().json()
}

/// What happened to each record: its id, and its states.
fn states(record: &Value) -> Vec<(bool, Vec<String>)> {
    let records = record["records"].as_array().unwrap().iter();
    let states = records.map(|it| {
        let id = it["record"]["record_id"].as_str().unwrap();
        let events = it["event"].as_array().unwrap().iter();
        let states = events.map(|event| event["state"].as_str().unwrap().to_owned());
        (id.starts_with("c-"), states.collect())
    });
    states.collect()
}

fn owned(states: &[&str]) -> Vec<String> {
    states.iter().map(|state| format!("dpv:{state}")).collect()
}

#[tokio::test]
async fn the_record_has_what_was_given_withdrawn_ended_and_refused_with_the_text_it_was_given_to() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let token = told["access_token"].as_str().unwrap();
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 200);
    consented(&stage, &stage.ada).await;
    let mut browser = Browser::default();
    let at = desk(&stage, &mut browser, &stage.ada).await;
    stage.pass(60);
    let at = browser
        .press(&at, "Stop only: see email address", &[])
        .await;
    let at = browser
        .press(&at, "Set: Nothing through friends", &[])
        .await;
    let at = browser
        .press(&at, "Lift: Nothing through friends", &[])
        .await;
    let at = browser
        .press(&at, "Withdraw all of these from Findr", &[])
        .await;
    browser.press(&at, "Stop Findr", &[]).await;

    let record = record(&stage, &mut browser).await;
    let withdrawn = owned(&["ConsentGiven", "ConsentWithdrawn"]);
    let mut connection = owned(&["ConsentGiven"]);
    // Her e-mail address, then what the connection asks of others under the same powers, then all of it.
    connection.extend(vec!["dpv:ConsentWithdrawn".to_owned(); 4]);
    connection.extend(owned(&["ConsentInvalidated"]));
    assert_eq!(
        states(&record),
        [
            (true, connection),
            (false, withdrawn.clone()),
            (false, withdrawn.clone()),
            (false, withdrawn)
        ],
        "{record:#}"
    );
    let first = &record["records"][0];
    assert_eq!(first["event"][0]["event_time"], "2026-11-25T12:00:00Z");
    assert_eq!(first["event"][0]["duration"], "P365D");
    assert_eq!(
        first["event"][1]["powers"],
        serde_json::json!([stage.powers()[2]])
    );
    let purposes = first["pii_processing"]["purposes"].as_array().unwrap();
    assert_eq!(purposes.len(), 6);
    let email = purposes
        .iter()
        .find(|it| it["pii_information"] == serde_json::json!(["pd:EmailAddress"]));
    let email = email.unwrap();
    for (field, value) in [
        ("purpose_type", "dpv:ServicePersonalisation"),
        ("lawful_basis", "dpv:Consent"),
        ("processing", "dpv:Disclose"),
        ("retention_period", "P30D"),
        ("reach", "own"),
    ] {
        assert_eq!(email[field], value, "{field}");
    }
    // The text can be read at the address that stands there.
    let notice = &first["pii_processing"]["privacy_notice"];
    let text = Browser::default()
        .follow(notice["address"].as_str().unwrap())
        .await;
    assert!(text.told().body.contains("Findr sees your e-mail address."));
    let refusal = &record["standing_refusals"][0];
    assert_eq!(refusal["refusal"], "through-friend");
    assert_eq!(
        (
            &refusal["event"][0]["stands"],
            &refusal["event"][1]["stands"]
        ),
        (&true.into(), &false.into())
    );
    let disclosures = &record["disclosures"];
    assert_eq!(disclosures["complete"], true);
    assert_eq!(disclosures["single"].as_array().unwrap().len(), 1);
    assert_eq!(disclosures["single"][0]["way"], "as yourself");
    assert_eq!(disclosures["by_day"].as_array().unwrap().len(), 0);
    let names: Vec<&str> = record["party_identification"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["party_name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Sample Social", "Findr"]);

    let page = browser
        .follow(&format!("{}/desk/record", stage.public))
        .await;
    let text = page.text();
    for told in [
        "Findr: connected by you",
        "Findr: through others",
        "consent withdrawn",
        "see email address: about you, for service personalisation; kept for at most 30 days",
        "see name, through a friend, for service personalisation; kept for at most 30 days",
        "25 November 2026 at 12:00: consent given",
        "Nothing through friends, lifted",
        "see name, as yourself, for service personalisation: once, today at 12:00",
        "your browser makes the PDF",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(page.told().body.len() < 100_000);
}

#[tokio::test]
async fn what_has_run_out_is_told_as_expired_and_what_was_given_again_as_renewed() {
    let stage = Stage::new().await;
    consented(&stage, &stage.ada).await;
    stage.pass(86_400);
    let notice = stage.connections(&stage.bert)[0].notice;
    let again = Event::ConsentGiven {
        people: vec![stage.number(&stage.ada), stage.number(&stage.cleo)],
        partner: "findr".parse().unwrap(),
        power: stage.powers()[3],
        notice,
        until: "2026-11-28".parse().unwrap(),
    };
    stage.happens(again).await;
    stage.pass(4 * 86_400);
    let mut browser = Browser::default();
    desk(&stage, &mut browser, &stage.ada).await;
    let record = record(&stage, &mut browser).await;
    let expired = owned(&["RenewedConsentGiven", "ConsentExpired"]);
    let given = owned(&["ConsentGiven"]);
    assert_eq!(
        states(&record),
        [
            (false, given.clone()),
            (false, given.clone()),
            (false, given),
            (false, expired)
        ],
        "{record:#}"
    );
    // That cleo consented in the same breath is hers.
    assert!(!record.to_string().contains(&stage.cleo));
}

#[tokio::test]
async fn a_record_holds_nothing_of_anybody_elses_and_is_nobodys_without_a_session() {
    let stage = Stage::new().await;
    let of_bert = connected(&stage, &stage.bert).await;
    let token = of_bert["access_token"].as_str().unwrap();
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 200);
    let person = stage.number(&stage.bert);
    let bar = Bar::Everything;
    stage.happens(Event::BarSet { person, bar }).await;
    let mut ada = Browser::default();
    desk(&stage, &mut ada, &stage.ada).await;
    let record = record(&stage, &mut ada).await;
    for empty in ["records", "standing_refusals"] {
        assert_eq!(record[empty], serde_json::json!([]), "{record:#}");
    }
    for list in ["single", "by_day"] {
        assert_eq!(record["disclosures"][list], serde_json::json!([]));
    }
    let text = record.to_string();
    for his in [
        stage.bert.as_str(),
        "Findr",
        of_bert["connection"].as_str().unwrap(),
    ] {
        assert!(!text.contains(his), "{his}: {text}");
    }
    for path in ["/desk/record", "/desk/record.json"] {
        let at = Browser::default()
            .follow(&format!("{}{path}", stage.public))
            .await;
        assert!(
            !at.address.starts_with(&stage.public),
            "{path}: {}",
            at.address
        );
    }
}

#[test]
fn the_published_schema_is_that_of_the_record_that_is_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/schema/person-record.json");
    let text = gateway::record_schema();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == text,
        "person-record.json is out of date: run UPDATE_SCHEMAS=1 cargo test --workspace --test gateway schema"
    );
}
