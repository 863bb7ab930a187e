//! What somebody tries at a partner's desk who has no business there.

use decide::Party;
use partner::{Algorithm, Key};
use register::{Change, Side};
use serde_json::json;

use super::partner_side::{
    asked, data, engineer_inside, hand_in, inside, link, officer_inside, sent, version,
};
use super::stage::{Stage, agreement, officer_key, signed};
use crate::support::browser::Browser;
use crate::support::key_of;

#[tokio::test]
async fn a_link_is_good_once_and_for_a_minute_and_looking_does_not_use_it_up() {
    let stage = Stage::new().await;
    let key = officer_key("findr");
    let once = link(&stage, "findr", &key).await;
    let (mut first, mut second) = (Browser::default(), Browser::default());
    let page = first.follow(&once).await;
    let other = second.follow(&once).await;
    assert_eq!(first.press(&page, "Open the desk", &[]).await.status(), 200);
    let late = second.press(&other, "Open the desk", &[]).await;
    assert_eq!(late.status(), 400);
    assert!(
        late.text().contains("This link has been used"),
        "{}",
        late.text()
    );
    assert_eq!(Browser::default().follow(&once).await.status(), 400);

    let stale = link(&stage, "findr", &key).await;
    let mut browser = Browser::default();
    let page = browser.follow(&stale).await;
    stage.pass(60);
    assert_eq!(
        browser.press(&page, "Open the desk", &[]).await.status(),
        400
    );
}

#[tokio::test]
async fn only_a_fresh_assertion_by_an_enrolled_key_for_this_very_address_gets_a_link() {
    let stage = Stage::new().await;
    let here = format!("{}/partner/link", stage.public);
    let stranger = Key::from_secret(Algorithm::Es256, [77; 32]).unwrap();
    for (what, partner, key, audience) in [
        ("a stranger's key", "findr", stranger, here.clone()),
        (
            "another partner's key",
            "findr",
            key_of("reelbox"),
            here.clone(),
        ),
        (
            "a partner that nobody knows",
            "nobody",
            key_of("findr"),
            here.clone(),
        ),
        // What is meant to get a token opens no desk.
        (
            "an assertion for the issuer",
            "findr",
            key_of("findr"),
            stage.public.clone(),
        ),
        (
            "an assertion for tokens",
            "findr",
            key_of("findr"),
            format!("{}/oauth/token", stage.public),
        ),
    ] {
        let told = asked(&stage, partner, &key, &audience).await;
        assert_eq!(
            (told.status, told.json()["error"].as_str()),
            (401, Some("invalid_client")),
            "{what}"
        );
        assert!(told.json().get("link").is_none(), "{what}");
    }
    let now = stage.time().0 / 1000;
    let assertion =
        partner::assertion(&key_of("findr"), "findr", &here, now, "the same twice").unwrap();
    assert_eq!(sent(&stage, &assertion).await.status, 200);
    assert_eq!(sent(&stage, &assertion).await.status, 401);
    // And one for the desk gets no token.
    let form = "application/x-www-form-urlencoded".to_owned();
    let assertion =
        partner::assertion(&key_of("findr"), "findr", &here, now, "for the desk").unwrap();
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair(
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )
        .append_pair("client_assertion", &assertion)
        .append_pair("purpose", super::stage::PURPOSE)
        .finish();
    let told = stage
        .ask(
            "POST",
            "/oauth/token",
            &[("content-type".to_owned(), form)],
            &body,
        )
        .await;
    assert_eq!(
        (told.status, told.json()["error"].as_str()),
        (401, Some("invalid_client"))
    );
}

#[tokio::test]
async fn nobody_is_let_in_by_another_site_and_no_handle_from_before_leads_in() {
    let stage = Stage::new().await;
    let host = stage.public.trim_start_matches("http://").to_owned();
    let attackers = link(&stage, "reelbox", &officer_key("reelbox")).await;
    // The victim's browser is made to send the attacker's form: without the page's own cookie, or with another's.
    let mut attacker = Browser::default();
    let page = attacker.follow(&attackers).await;
    let fields = page.form().fields;
    let mut victim = Browser::default();
    let enter = format!("{}/partner/enter", stage.public);
    assert_eq!(victim.send_form(&enter, &fields).await.status(), 403);
    let own = link(&stage, "findr", &officer_key("findr")).await;
    victim.follow(&own).await;
    assert_eq!(victim.send_form(&enter, &fields).await.status(), 403);

    // A handle planted before somebody comes in is worth nothing after.
    let mut browser = Browser::default();
    let page = browser
        .follow(&link(&stage, "findr", &officer_key("findr")).await)
        .await;
    let planted = browser.cookies(&host)["countersign-partner"].clone();
    browser.press(&page, "Open the desk", &[]).await;
    let inside = browser.cookies(&host)["countersign-partner"].clone();
    assert_ne!(planted, inside);
    let mut fixed = Browser::default();
    fixed
        .cookies(&host)
        .insert("countersign-partner".to_owned(), planted);
    assert_eq!(
        fixed
            .follow(&format!("{}/partner", stage.public))
            .await
            .status(),
        401
    );
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let stage = Stage::new().await;
    stage.offer("findr", 2).await;
    let (mut browser, _) = officer_inside(&stage, "findr").await;
    let (_, others) = officer_inside(&stage, "findr").await;
    let page = version(&stage, &mut browser, "findr", 2).await;
    let foreign = others.form().fields[0].1.clone();
    let power = stage.powers("findr", 1)[0];
    let jws = stage.signature("findr", 2, Party::Partner);
    for token in [None, Some(""), Some("guessed"), Some(foreign.as_str())] {
        for (action, field) in [
            ("sign", ("jws".to_owned(), jws.clone())),
            ("hand-back", (format!("power-{power}"), "yes".to_owned())),
        ] {
            let mut fields = vec![field];
            fields.extend(token.map(|token| ("token".to_owned(), token.to_owned())));
            let told = browser
                .send_form(&format!("{}/{action}", page.address), &fields)
                .await;
            assert_eq!(told.status(), 403, "{action} with {token:?}");
        }
    }
    let data = data(&stage, &mut browser).await;
    assert_eq!(
        (
            &data["agreements"][0]["to-sign"],
            data["clocks"].as_array().unwrap().len()
        ),
        (&json!(true), 5)
    );
}

#[tokio::test]
async fn one_partner_at_anothers_desk_finds_nothing() {
    let stage = Stage::new().await;
    let (mut browser, _) = officer_inside(&stage, "reelbox").await;
    for page in [
        "agreements/findr-friends/1",
        "agreements/findr-friends/1/document",
        "agreements/no-such-agreement/1",
    ] {
        let told = browser
            .follow(&format!("{}/partner/{page}", stage.public))
            .await;
        assert_eq!(told.status(), 404, "{page}");
        assert!(!told.told().body.contains("Findr"), "{page}");
    }
    let mine = version(&stage, &mut browser, "reelbox", 1).await;
    let token = mine.form().fields[0].clone();
    // Both partners have powers of one id; what one gives up the other keeps.
    let power = stage.powers("findr", 1)[0];
    assert_eq!(power, stage.powers("reelbox", 1)[0]);
    let fields = [token, (format!("power-{power}"), "yes".to_owned())];
    let hand_back = async |browser: &mut Browser, agreement: &str| {
        let there = format!(
            "{}/partner/agreements/{agreement}/1/hand-back",
            stage.public
        );
        browser.send_form(&there, &fields).await.status()
    };
    assert_eq!(hand_back(&mut browser, "findr-friends").await, 404);
    assert_eq!(hand_back(&mut browser, "reelbox-friends").await, 200);
    for (partner, state) in [("findr", "live"), ("reelbox", "handed-back")] {
        let told = stage
            .json(&format!("/public/partners/{partner}.json"))
            .await;
        assert_eq!(told["present"][0]["powers"][0]["state"], state, "{partner}");
    }
}

#[tokio::test]
async fn a_signature_counts_only_over_this_version_by_this_partners_officer_and_their_present_key()
{
    let stage = Stage::new().await;
    for version in [2, 3] {
        stage.offer("findr", version).await;
    }
    stage.offer("reelbox", 2).await;
    let (mut browser, _) = officer_inside(&stage, "findr").await;
    let page = version(&stage, &mut browser, "findr", 3).await;
    let good = stage.signature("findr", 3, Party::Partner);
    let (signed_part, _) = good.rsplit_once('.').unwrap();
    let other_document =
        agreement("findr", 3).replace("Sample Social first", "somebody else first");
    let at = stage.time();
    let stranger = Key::from_secret(Algorithm::EdDsa, [99; 32]).unwrap();
    for (what, jws, said) in [
        (
            "the version before",
            stage.signature("findr", 2, Party::Partner),
            "over version 2 of agreement findr-friends",
        ),
        (
            "another partner's, genuine",
            stage.signature("reelbox", 2, Party::Partner),
            "of agreement reelbox-friends",
        ),
        (
            "the platform's own",
            stage.signature("findr", 3, Party::Platform),
            "the signature is for the platform",
        ),
        (
            "another document",
            signed(
                &other_document,
                Party::Partner,
                "findr-officer",
                &officer_key("findr"),
                at,
            ),
            "another document",
        ),
        (
            "another key",
            signed(
                &agreement("findr", 3),
                Party::Partner,
                "findr-officer",
                &stranger,
                at,
            ),
            "not by the enrolled key",
        ),
        (
            "a client's key",
            signed(
                &agreement("findr", 3),
                Party::Partner,
                "findr-officer",
                &key_of("findr"),
                at,
            ),
            "the officer's enrolled key is for EdDSA",
        ),
        (
            "no signature",
            format!("{signed_part}."),
            "not by the enrolled key",
        ),
        (
            "something else",
            "hello".to_owned(),
            "no signature of an agreement",
        ),
        ("nothing", String::new(), "no signature of an agreement"),
    ] {
        let told = hand_in(&mut browser, &page, &jws).await;
        assert_eq!(told.status(), 422, "{what}");
        assert!(told.text().contains(said), "{what}: {}", told.text());
    }
    let states = data(&stage, &mut browser).await;
    assert_eq!(states["agreements"][0]["to-sign"], true);
    // Blanks and line ends that a terminal put in do no harm.
    let (one, two) = good.split_at(40);
    let told = hand_in(&mut browser, &page, &format!("  {one}\r\n{two}\n")).await;
    assert_eq!(told.status(), 200, "{}", told.text());
}

#[tokio::test]
async fn a_session_ends_with_the_key_that_opened_it() {
    // The partner's set no longer has it.
    let stage = Stage::new().await;
    let (mut engineer, _) = engineer_inside(&stage, "findr").await;
    let (mut officer, _) = officer_inside(&stage, "findr").await;
    let desk = format!("{}/partner", stage.public);
    let jwks = json!({ "keys": [officer_key("findr").public_jwk()] });
    let jwks = serde_json::from_value(jwks).unwrap();
    let partner: decide::PartnerId = "findr".parse().unwrap();
    stage
        .take(Change::PartnerKeys {
            partner: partner.clone(),
            jwks,
        })
        .await;
    let told = engineer.follow(&desk).await;
    assert_eq!(told.status(), 401);
    assert!(told.text().contains("holds no longer"), "{}", told.text());
    assert_eq!(officer.follow(&desk).await.status(), 200);

    // The officer is revoked, though the key still stands in the partner's set.
    let page = version(&stage, &mut officer, "findr", 1).await;
    let side = Side::Partner(partner);
    stage
        .take(Change::RevokeOfficer {
            side,
            officer: "findr-officer".parse().unwrap(),
        })
        .await;
    assert_eq!(
        officer
            .press(&page, "Hand back what is ticked", &[])
            .await
            .status(),
        401
    );
    assert_eq!(officer.follow(&desk).await.status(), 401);
    let here = format!("{}/partner/link", stage.public);
    assert_eq!(
        asked(&stage, "findr", &officer_key("findr"), &here)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_session_ends_after_an_hour() {
    let stage = Stage::new().await;
    let (mut browser, _) = engineer_inside(&stage, "findr").await;
    let desk = format!("{}/partner", stage.public);
    stage.pass(3599);
    assert_eq!(browser.follow(&desk).await.status(), 200);
    stage.pass(1);
    assert_eq!(browser.follow(&desk).await.status(), 401);
}

#[tokio::test]
async fn no_page_of_the_desk_can_be_framed_cached_or_made_to_load_anything() {
    let stage = Stage::new().await;
    stage.offer("findr", 2).await;
    let enter = link(&stage, "findr", &key_of("findr")).await;
    let (mut browser, desk) = inside(&stage, "findr", &officer_key("findr")).await;
    let cookie = format!(
        "{:?}",
        Browser::default().follow(&enter).await.told().headers
    );
    assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    let signing = version(&stage, &mut browser, "findr", 2).await;
    let calls = browser
        .follow(&format!("{}/partner/calls", stage.public))
        .await;
    let sandbox = browser
        .follow(&format!(
            "{}/partner/sandbox?operation=listFriends&purpose={}",
            stage.public,
            super::stage::PURPOSE
        ))
        .await;
    assert_eq!(sandbox.status(), 200);
    let outside = Browser::default()
        .follow(&format!("{}/partner", stage.public))
        .await;
    for (page, scripted) in [
        (&desk, false),
        (&signing, true),
        (&calls, false),
        (&sandbox, false),
        (&outside, false),
    ] {
        let told = page.told();
        let policy = told.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self';"),
            "{policy}"
        );
        assert_eq!(
            policy.contains("script-src 'sha256-"),
            scripted,
            "{}: {policy}",
            page.address
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(told.header(name), Some(value), "{}", page.address);
        }
        assert!(
            told.body.len() < 100_000,
            "{} weighs {}",
            page.address,
            told.body.len()
        );
    }
}
