//! What a partner sees and does at its desk.

use decide::{Event, Party};
use serde_json::json;

use super::partner_side::{data, engineer_inside, hand_in, officer_inside, version};
use super::stage::{Stage, agreement};

const FRIENDS: &str = "/v1/people/me/friends";

#[tokio::test]
async fn a_partner_sees_exactly_its_powers_its_clocks_its_keys_and_its_officers() {
    let stage = Stage::new().await;
    stage.offer("findr", 2).await;
    let (mut browser, desk) = engineer_inside(&stage, "findr").await;
    let text = desk.text();
    for said in [
        "The desk of Findr",
        "findr-friends, version 2 waits for your signature; until then all of it is inert.",
        "inert: nobody has signed",
        "signed by both sides, and governs",
        "See name: about their friends: live",
        "See name: about their friends: inert: not signed by both sides",
        "See name: about their friends never 2027-02-24",
        "findr-officer EdDSA",
        "findr-officer : may sign, by the key enrolled on 2026-11-25",
    ] {
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
    assert!(
        !text.contains("reelbox"),
        "another partner is at this desk: {text}"
    );
    assert!(desk.told().body.len() < 100_000);

    let data = data(&stage, &mut browser).await;
    assert_eq!(data["key"]["officer"], json!(null));
    let states: Vec<_> = data["agreements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["version"], &it["state"], &it["to-sign"]))
        .collect();
    assert_eq!(
        states,
        [
            (&json!(2), &json!("unsigned"), &json!(true)),
            (&json!(1), &json!("governs"), &json!(false))
        ]
    );
    assert_eq!(data["clocks"].as_array().unwrap().len(), 5);
    assert_eq!(data["jwks"]["keys"].as_array().unwrap().len(), 2);
    assert_eq!(data["officers"][0]["officer"], "findr-officer");
}

#[tokio::test]
async fn a_clock_starts_anew_when_data_passes_and_is_marked_when_it_runs_out_soon() {
    let stage = Stage::new().await;
    let (mut browser, _) = engineer_inside(&stage, "findr").await;
    let connection = stage.connect(&stage.people[0], "findr", 1).await;
    let lapses = |data: &serde_json::Value| -> Vec<(String, bool)> {
        let clocks = data["clocks"].as_array().unwrap().iter();
        clocks
            .map(|clock| {
                (
                    clock["lapses"].as_str().unwrap().to_owned(),
                    clock["soon"].as_bool().unwrap(),
                )
            })
            .collect()
    };
    stage.pass(1800);
    let before = lapses(&data(&stage, &mut browser).await);
    assert_eq!(before, vec![("2027-02-24".to_owned(), false); 5]);
    stage.pass(80 * 86_400);
    let (mut browser, desk) = engineer_inside(&stage, "findr").await;
    assert!(desk.text().contains("2027-02-24 soon"), "{}", desk.text());
    // The person's own name and id pass; nothing about friends does, who have agreed to nothing.
    assert_eq!(
        stage.read("findr", &connection, "/v1/people/me").await.0,
        200
    );
    let soon = ("2027-02-24".to_owned(), true);
    let later = ("2027-05-15".to_owned(), false);
    let expected = [soon.clone(), soon.clone(), soon, later.clone(), later];
    // The register is told of one power after the other, after the answer.
    let mut after = Vec::new();
    for _ in 0..1_500 {
        after = lapses(&data(&stage, &mut browser).await);
        if after == expected {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(after, expected);
}

#[tokio::test]
async fn a_partner_signs_and_its_powers_work_at_once() {
    for partner in ["findr", "reelbox"] {
        let stage = Stage::new().await;
        stage.offer(partner, 2).await;
        stage.sign(partner, 2, Party::Platform).await;
        let (mut browser, _) = engineer_inside(&stage, partner).await;
        let connection = stage.connect(&stage.people[0], partner, 2).await;
        let refused = stage.read(partner, &connection, FRIENDS).await;
        assert_eq!(refused.0, 403, "{refused:?}");

        let page = version(&stage, &mut browser, partner, 2).await;
        assert!(
            page.text().contains("inert: the partner has not signed"),
            "{}",
            page.text()
        );
        // The exact document comes from the desk, and the officer signs it elsewhere.
        let file = browser.follow(&format!("{}/document", page.address)).await;
        assert_eq!(file.told().body, agreement(partner, 2));
        assert_eq!(file.told().header("content-type"), Some("application/yaml"));
        let name = format!("attachment; filename=\"{partner}-friends-2.yaml\"");
        assert_eq!(
            file.told().header("content-disposition"),
            Some(name.as_str())
        );
        let signed = hand_in(
            &mut browser,
            &page,
            &stage.signature(partner, 2, Party::Partner),
        )
        .await;
        assert!(
            signed.text().contains("signed by both sides, and governs"),
            "{}",
            signed.text()
        );
        assert!(!signed.text().contains("Sign it"));

        let works = stage.read(partner, &connection, FRIENDS).await;
        assert_eq!(works.0, 200, "{works:?}");
    }
}

#[tokio::test]
async fn an_officer_hands_a_power_back_and_the_next_call_brings_nothing_by_it() {
    let stage = Stage::new().await;
    let connection = stage.connect(&stage.people[0], "findr", 1).await;
    let me = async || stage.read("findr", &connection, "/v1/people/me").await;
    let before = me().await;
    assert!(before.0 == 200 && before.1.contains("name"), "{before:?}");

    let (mut browser, _) = officer_inside(&stage, "findr").await;
    let page = version(&stage, &mut browser, "findr", 1).await;
    let name = format!("power-{}", stage.powers("findr", 1)[1]);
    let done = browser
        .press(&page, "Hand back what is ticked", &[name])
        .await;
    assert!(
        done.text()
            .contains("See name: about whoever has connected it handed back"),
        "{}",
        done.text()
    );
    let after = me().await;
    assert!(after.0 == 200 && !after.1.contains("\"name\""), "{after:?}");

    // It is offered no more, the others are.
    let back = done
        .forms()
        .into_iter()
        .find(|form| form.action.ends_with("/hand-back"))
        .unwrap();
    assert_eq!(back.boxes.len(), 4);
    let nothing = browser.press(&done, "Hand back what is ticked", &[]).await;
    assert_eq!(nothing.status(), 422);
    assert!(nothing.text().contains("Nothing was ticked"));
    let public = stage.json("/public/partners/findr.json").await;
    assert_eq!(public["present"][0]["powers"][1]["state"], "handed-back");
}

#[tokio::test]
async fn whoever_comes_in_by_a_clients_key_looks_and_hands_nothing_back() {
    let stage = Stage::new().await;
    let (mut browser, _) = engineer_inside(&stage, "findr").await;
    let page = version(&stage, &mut browser, "findr", 1).await;
    assert!(
        page.text()
            .contains("An officer of yours can hand powers back"),
        "{}",
        page.text()
    );
    let token = page.forms()[0].fields[0].clone();
    let power = stage.powers("findr", 1)[0];
    let fields = [token, (format!("power-{power}"), "yes".to_owned())];
    let refused = browser
        .send_form(&format!("{}/hand-back", page.address), &fields)
        .await;
    assert_eq!(refused.status(), 403);
    assert!(
        refused.text().contains("An officer has to do this"),
        "{}",
        refused.text()
    );
    assert_eq!(
        data(&stage, &mut browser).await["clocks"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
}

#[tokio::test]
async fn the_calls_page_tells_what_the_rule_would_say_now_and_calls_nobody() {
    let stage = Stage::new().await;
    let (mut browser, _) = engineer_inside(&stage, "findr").await;
    let calls = format!("{}/partner/calls", stage.public);
    let text = browser.follow(&calls).await.text();
    assert!(text.contains("GET /v1/people/{person}/friends"), "{text}");
    assert!(text.contains("name (friend)"), "{text}");
    assert!(text.contains(&format!("countersign call --gateway {} --partner findr --key FILE --connection CONNECTION --purpose dpv:ServicePersonalisation", stage.public)), "{text}");
    assert!(text.contains("no agreement grants it"), "{text}");
    let agreement = "findr-friends".parse().unwrap();
    stage.happens(Event::AgreementSuspended { agreement }).await;
    let text = browser.follow(&calls).await.text();
    assert!(text.contains("No power of yours is live"), "{text}");
    assert_eq!(
        stage.ledger.size(),
        0,
        "nobody was called and nothing was disclosed"
    );
}

#[tokio::test]
async fn leaving_ends_the_session() {
    let stage = Stage::new().await;
    let (mut browser, desk) = officer_inside(&stage, "findr").await;
    let out = browser.press(&desk, "Leave the desk", &[]).await;
    assert!(out.text().contains("You are out"), "{}", out.text());
    let again = browser.follow(&format!("{}/partner", stage.public)).await;
    assert_eq!(again.status(), 401);
    assert!(
        again.text().contains("countersign desk --gateway"),
        "{}",
        again.text()
    );
}
