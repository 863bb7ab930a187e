//! Attacks, each as what somebody tries and what it comes to.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as B64};
use register::Change;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::partner_side::{
    BACK, Call, asked, boxes, code, connected, introspected, link, log_in, proof, read,
};
use super::stage::Stage;
use crate::support::browser::Browser;
use crate::support::calls::bare_jwk;
use crate::support::{key_of, send};

const YES: &str = "Yes, as ticked above";

type Spoil = fn(&Stage, &mut Call);

/// What is wrong with the exchange of a code that is right otherwise.
const BAD_EXCHANGES: &[(&str, Spoil)] = &[
    ("another redirect_uri", |_, call| {
        call.set("redirect_uri", "https://findr.example/other")
    }),
    ("no redirect_uri", |_, call| call.unset("redirect_uri")),
    ("no code_verifier", |_, call| call.unset("code_verifier")),
    ("another code_verifier", |_, call| {
        call.set("code_verifier", &"x".repeat(43))
    }),
    ("the challenge in place of the verifier", |_, call| {
        call.set(
            "code_verifier",
            &B64.encode(Sha256::digest(super::partner_side::VERIFIER)),
        );
    }),
    (
        "another DPoP key than the request was bound to",
        |_, call| {
            call.proof.key = key_of("reelbox");
            call.proof.header["jwk"] = bare_jwk(&call.proof.key);
        },
    ),
    ("another client", |stage, call| {
        *call = another_client(stage, call)
    }),
    ("a code that nobody was given", |_, call| {
        call.set("code", &"A".repeat(43))
    }),
    ("no code", |_, call| call.unset("code")),
    ("a minute late", |stage, call| {
        let code = call
            .form
            .iter()
            .find(|(name, _)| name == "code")
            .unwrap()
            .1
            .clone();
        stage.pass(60);
        *call = Call::redeem(stage, &code);
    }),
];

fn another_client(stage: &Stage, call: &Call) -> Call {
    let form: Vec<(&str, &str)> = call
        .form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    Call::to(stage, "reelbox", "/oauth/token", &form)
}

#[tokio::test]
async fn a_code_is_worth_nothing_to_whoever_lacks_one_thing_and_is_used_up_by_trying() {
    for (what, spoil) in BAD_EXCHANGES {
        let stage = Stage::new().await;
        let code = code(&stage, &stage.ada).await;
        let mut call = Call::redeem(&stage, &code);
        spoil(&stage, &mut call);
        let told = call.send(&stage).await;
        assert_eq!(
            (told.status, told.json()["error"].as_str()),
            (400, Some("invalid_grant")),
            "{what}"
        );
        assert!(told.json().get("access_token").is_none(), "{what}");
        if !["a code that nobody was given", "no code"].contains(what) {
            let right = Call::redeem(&stage, &code).send(&stage).await;
            assert_eq!(right.json()["error"], "invalid_grant", "after {what}");
        }
    }
}

#[tokio::test]
async fn a_code_that_comes_twice_ends_what_it_gave() {
    let stage = Stage::new().await;
    let code = code(&stage, &stage.ada).await;
    let first = Call::redeem(&stage, &code).send(&stage).await.json();
    let token = first["access_token"].as_str().unwrap();
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 200);
    let second = Call::redeem(&stage, &code).send(&stage).await;
    assert_eq!(second.json()["error"], "invalid_grant");
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 401);
    let refresh = first["refresh_token"].as_str().unwrap();
    let refreshed = Call::to(
        &stage,
        "findr",
        "/oauth/token",
        &[("grant_type", "refresh_token"), ("refresh_token", refresh)],
    );
    assert_eq!(
        refreshed.send(&stage).await.json()["error"],
        "invalid_grant"
    );
    assert!(stage.connections(&stage.ada).is_empty());
}

#[tokio::test]
async fn ending_what_has_ended_again_and_again_is_told_the_same_and_fills_no_register() {
    let stage = Stage::new().await;
    let code = code(&stage, &stage.ada).await;
    let first = Call::redeem(&stage, &code).send(&stage).await.json();
    let refresh = first["refresh_token"].as_str().unwrap();
    let revoke = async || {
        let call = Call::to(&stage, "findr", "/oauth/revoke", &[("token", refresh)]);
        call.send(&stage).await
    };
    let before = stage.register.position().0;
    let told = revoke().await;
    assert_eq!(
        (told.status, stage.register.position().0),
        (200, before + 1)
    );
    for _ in 0..5 {
        let again = revoke().await;
        assert_eq!(
            (again.status, again.body.as_str()),
            (200, told.body.as_str())
        );
        let replayed = Call::redeem(&stage, &code).send(&stage).await;
        assert_eq!(replayed.json()["error"], "invalid_grant");
    }
    assert_eq!(stage.register.position().0, before + 1);
}

#[tokio::test]
async fn a_button_pressed_again_and_again_fills_no_register() {
    let stage = Stage::new().await;
    connected(&stage, &stage.ada).await;
    let mut browser = Browser::default();
    let desk = super::desk::desk(&stage, &mut browser, &stage.ada).await;
    for button in [
        "Set: Nothing to any partner",
        "Stop only: see email address",
        "Stop Findr",
    ] {
        let before = stage.register.position().0;
        for _ in 0..4 {
            let at = browser.press(&desk, button, &[]).await;
            assert_eq!(at.status(), 200, "{button}");
        }
        assert_eq!(stage.register.position().0, before + 1, "{button}");
    }
}

/// Findr publishes these keys from here on.
async fn publishes(stage: &Stage, names: &[&str]) {
    let keys: Vec<_> = names.iter().map(|name| key_of(name).public_jwk()).collect();
    let jwks = serde_json::from_value(json!({ "keys": keys })).unwrap();
    let partner = "findr".parse().unwrap();
    stage.take(Change::PartnerKeys { partner, jwks }).await;
}

#[tokio::test]
async fn a_token_ends_with_the_clients_key_that_it_was_got_by_whatever_key_it_is_bound_to() {
    let stage = Stage::new().await;
    // The thief has Findr's key, and binds what it gets by it to a key of its own.
    let told = connected(&stage, &stage.ada).await;
    let refresh = told["refresh_token"].as_str().unwrap();
    let by = async |client: &str, bound: &str| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let mut call = Call::to(&stage, "findr", "/oauth/token", &form);
        call.assertion.key = key_of(client);
        call.assertion.header["kid"] = key_of(client).thumbprint().into();
        call.proof.key = key_of(bound);
        call.proof.header["jwk"] = bare_jwk(&call.proof.key);
        call.send(&stage).await
    };
    let read_by = async |bound: &str, token: &str| {
        let path = "/v1/people/me";
        let headers = [
            ("authorization".to_owned(), format!("DPoP {token}")),
            (
                "dpop".to_owned(),
                proof(&stage, bound, "GET", path, Some(token)).signed(),
            ),
        ];
        let to = stage.public.trim_start_matches("http://").parse().unwrap();
        send(to, "GET", path, &headers, "").await.status
    };
    let token_of =
        |told: &crate::support::Told| told.json()["access_token"].as_str().unwrap().to_owned();
    let stolen = token_of(&by("findr", "thief").await);
    assert_eq!(read_by("thief", &stolen).await, 200);

    // Both keys stand for a while, and the client goes over to the new one.
    publishes(&stage, &["findr", "findr-new"]).await;
    assert_eq!(read_by("thief", &stolen).await, 200);
    let renewed = token_of(&by("findr-new", "findr").await);
    assert_eq!(read_by("findr", &renewed).await, 200);

    publishes(&stage, &["findr-new"]).await;
    assert_eq!(read_by("thief", &stolen).await, 401);
    let own = told["access_token"].as_str().unwrap();
    assert_eq!(read_by("findr", own).await, 401, "got by the same key");
    assert_eq!(read_by("findr", &renewed).await, 200, "got by the new key");
    assert_eq!(by("findr", "thief").await.json()["error"], "invalid_client");
    // The connection goes on, and the refresh token is worth what it was to whoever has the new key.
    let fresh = token_of(&by("findr-new", "findr").await);
    assert_eq!(read_by("findr", &fresh).await, 200);
    assert_eq!(stage.connections(&stage.ada).len(), 1);
    let about = async |token: &str| {
        let mut call = Call::to(&stage, "findr", "/oauth/introspect", &[("token", token)]);
        call.assertion.key = key_of("findr-new");
        call.assertion.header["kid"] = key_of("findr-new").thumbprint().into();
        call.send(&stage).await.json()["active"].clone()
    };
    assert_eq!(about(&stolen).await, false);
    assert_eq!(about(&renewed).await, true);
}

#[tokio::test]
async fn a_stolen_token_is_worth_nothing_without_its_key_and_a_proof_is_good_once() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    let token = told["access_token"].as_str().unwrap();
    let to = stage.public.trim_start_matches("http://").parse().unwrap();
    let ask = async |proof: String| {
        let headers = [
            ("authorization".to_owned(), format!("DPoP {token}")),
            ("dpop".to_owned(), proof),
        ];
        send(to, "GET", "/v1/people/me", &headers, "").await
    };
    let by_thief = proof(&stage, "reelbox", "GET", "/v1/people/me", Some(token)).signed();
    assert_eq!(ask(by_thief).await.status, 401);
    let own = proof(&stage, "findr", "GET", "/v1/people/me", Some(token)).signed();
    assert_eq!(ask(own.clone()).await.status, 200);
    assert_eq!(ask(own).await.status, 401);
    let bearer = [("authorization".to_owned(), format!("Bearer {token}"))];
    assert_eq!(
        send(to, "GET", "/v1/people/me", &bearer, "").await.status,
        401
    );
}

#[tokio::test]
async fn a_refresh_token_is_worth_nothing_to_another_client_and_cannot_be_asked_about() {
    let stage = Stage::new().await;
    let told = connected(&stage, &stage.ada).await;
    for token in [&told["refresh_token"], &told["access_token"]] {
        let token = token.as_str().unwrap();
        let call = Call::to(
            &stage,
            "reelbox",
            "/oauth/token",
            &[("grant_type", "refresh_token"), ("refresh_token", token)],
        );
        assert_eq!(call.send(&stage).await.json()["error"], "invalid_grant");
        assert_eq!(
            introspected(&stage, "reelbox", token).await,
            json!({ "active": false })
        );
        let revoke = Call::to(&stage, "reelbox", "/oauth/revoke", &[("token", token)]);
        assert_eq!(revoke.send(&stage).await.status, 200); // as for a token that nobody holds
    }
    assert_eq!(stage.connections(&stage.ada).len(), 1);
    let token = told["access_token"].as_str().unwrap();
    assert_eq!(read(&stage, token, "/v1/people/me").await.status, 200);
}

type Tamper = fn(&str) -> String;

/// What somebody adds to a link or changes in it.
const TAMPERED: &[(&str, Tamper)] = &[
    ("a redirect_uri beside the request", |link| {
        format!("{link}&redirect_uri=https%3A%2F%2Fthief.example%2F")
    }),
    ("a state beside the request", |link| {
        format!("{link}&state=planted")
    }),
    ("more powers beside the request", |link| {
        format!("{link}&authorization_details=%5B%5D")
    }),
    ("another client's name", |link| {
        link.replace("client_id=findr", "client_id=reelbox")
    }),
    ("a request that nobody pushed", |link| {
        format!("{}AAAA", &link[..link.len() - 4])
    }),
    ("no request", |link| {
        link.split("&request_uri").next().unwrap().to_owned()
    }),
    ("parameters as they were before pushed requests", |link| {
        let base = link.split('?').next().unwrap();
        format!(
            "{base}?client_id=findr&response_type=code&redirect_uri=https%3A%2F%2Ffindr.example%2Fback"
        )
    }),
];

#[tokio::test]
async fn a_link_that_was_tampered_with_leads_nowhere_and_never_elsewhere() {
    let stage = Stage::new().await;
    for (what, tamper) in TAMPERED {
        let link = link(&stage, &Call::push(&stage).send(&stage).await);
        let mut browser = Browser::default();
        let at = browser.follow(&tamper(&link)).await;
        assert_eq!(at.status(), 400, "{what}");
        assert!(
            at.text().contains("Nothing has been connected."),
            "{what}: {}",
            at.text()
        );
    }
}

#[tokio::test]
async fn a_link_works_in_one_browser_and_for_five_minutes() {
    let stage = Stage::new().await;
    let used = link(&stage, &Call::push(&stage).send(&stage).await);
    let mut ada = Browser::default();
    log_in(&mut ada, &used, &stage.ada).await;
    let mut bert = Browser::default();
    assert_eq!(bert.follow(&used).await.status(), 400);
    let late = link(&stage, &Call::push(&stage).send(&stage).await);
    stage.pass(300);
    assert_eq!(bert.follow(&late).await.status(), 400);
}

#[tokio::test]
async fn one_persons_page_cannot_be_answered_from_anothers_session() {
    let stage = Stage::new().await;
    let (mut ada, mut bert) = (Browser::default(), Browser::default());
    let of_ada = asked(&stage, &mut ada, &stage.ada).await;
    let of_bert = asked(&stage, &mut bert, &stage.bert).await;
    let refused = bert.press(&of_ada, YES, &[]).await;
    assert_eq!(refused.status(), 403);
    // Also with his own token in it: the request is hers.
    let mut mixed = of_ada.form().fields;
    mixed.retain(|(name, _)| name != "token");
    mixed.extend(
        of_bert
            .form()
            .fields
            .into_iter()
            .filter(|(name, _)| name == "token"),
    );
    mixed.push(("answer".to_owned(), "yes".to_owned()));
    let action = format!("{}/connect", stage.public);
    assert_eq!(bert.send_form(&action, &mixed).await.status(), 403);
    assert!(stage.connections(&stage.ada).is_empty() && stage.connections(&stage.bert).is_empty());
}

type SpoilForm = fn(&mut Vec<(String, String)>);

/// What a form lacks or holds that no page of the session made.
const FOREIGN: &[(&str, SpoilForm)] = &[
    ("no token", |fields| {
        fields.retain(|(name, _)| name != "token")
    }),
    ("another token", |fields| {
        fields
            .iter_mut()
            .filter(|(name, _)| name == "token")
            .for_each(|(_, value)| *value = "A".repeat(43))
    }),
    ("no request", |fields| {
        fields.retain(|(name, _)| name != "request")
    }),
    ("another request", |fields| {
        fields
            .iter_mut()
            .filter(|(name, _)| name == "request")
            .for_each(|(_, value)| *value = "00".repeat(32))
    }),
    ("no answer", |fields| {
        fields.retain(|(name, _)| name != "answer")
    }),
    ("a token twice", |fields| {
        let again = fields[0].clone();
        fields.push(again);
    }),
];

#[tokio::test]
async fn a_form_that_no_page_of_the_session_made_is_refused() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let page = asked(&stage, &mut browser, &stage.ada).await;
    for (what, spoil) in FOREIGN {
        let mut fields = page.form().fields;
        fields.push(("answer".to_owned(), "yes".to_owned()));
        spoil(&mut fields);
        let action = format!("{}/connect", stage.public);
        assert_eq!(
            browser.send_form(&action, &fields).await.status(),
            403,
            "{what}"
        );
    }
    assert!(stage.connections(&stage.ada).is_empty());
    let back = browser.press(&page, YES, &[]).await;
    assert!(
        back.parameter("code").is_some(),
        "the page itself has stayed good"
    );
    assert_eq!(
        browser.press(&page, YES, &[]).await.status(),
        403,
        "and is answered once"
    );
    assert_eq!(stage.connections(&stage.ada).len(), 1);
}

#[tokio::test]
async fn a_session_planted_before_login_leads_nowhere_after_it() {
    let stage = Stage::new().await;
    let host = stage.public.trim_start_matches("http://").to_owned();
    let link = link(&stage, &Call::push(&stage).send(&stage).await);
    // The thief begins, and gives his cookie to ada.
    let mut thief = Browser::default();
    let login = thief.follow(&link).await;
    let planted = thief.cookies(&host).clone();
    let mut ada = Browser::default();
    ada.cookies(&host).extend(planted.clone());
    let page = ada
        .press(&login, &button_of(&login.form(), &stage.ada), &[])
        .await;
    assert!(page.text().contains("Findr asks you"));
    assert_ne!(
        *ada.cookies(&host),
        planted,
        "logging in changes the cookie"
    );
    let at = thief.follow(&format!("{}/connect", stage.public)).await;
    assert_eq!(at.status(), 400, "the planted one is over");
    // A cookie of the thief's own choosing is nobody's session.
    let mut chosen = Browser::default();
    chosen
        .cookies(&host)
        .insert("countersign".to_owned(), "A".repeat(43));
    assert_eq!(
        chosen
            .follow(&format!("{}/connect", stage.public))
            .await
            .status(),
        400
    );
}

#[tokio::test]
async fn a_login_that_another_began_is_not_ended_here() {
    let stage = Stage::new().await;
    let begin = async || {
        let link = link(&stage, &Call::push(&stage).send(&stage).await);
        let mut browser = Browser::default();
        let login = browser.follow(&link).await;
        (browser, login)
    };
    let ((_, of_bert), (mut ada, _)) = (begin().await, begin().await);
    // Bert has logged in, kept the address that he was sent back to, and gives it to ada.
    let mut nowhere = Browser::default();
    let back = nowhere
        .press(&of_bert, &button_of(&of_bert.form(), &stage.bert), &[])
        .await;
    assert_eq!(back.status(), 400, "without his cookie it is nobody's");
    let state = back.parameter("state").unwrap();
    let code = back.parameter("code").unwrap();
    let callback = |state: &str, iss: &str| {
        format!(
            "{}/login/callback?code={code}&state={state}{iss}",
            stage.public
        )
    };
    assert_eq!(ada.follow(&callback(&state, "")).await.status(), 403);
    assert_eq!(
        ada.follow(&callback(&state, "")).await.status(),
        400,
        "her own attempt is over, too"
    );
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_not_taken_for_the_providers() {
    let stage = Stage::new().await;
    let link = link(&stage, &Call::push(&stage).send(&stage).await);
    let mut browser = Browser::default();
    let login = browser.follow(&link).await;
    let state = login
        .form()
        .fields
        .iter()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .clone();
    let at = browser
        .follow(&format!(
            "{}/login/callback?code=x&state={state}&iss=https%3A%2F%2Fthief.example",
            stage.public
        ))
        .await;
    assert_eq!(at.status(), 400);
    assert!(at.text().contains("You are not logged in"));
}

#[tokio::test]
async fn every_page_forbids_frames_scripts_and_caches() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let page = asked(&stage, &mut browser, &stage.ada).await;
    let lost = browser
        .follow(&format!("{}/oauth/authorize", stage.public))
        .await;
    for at in [&page, &lost] {
        let told = at.told();
        let policy = told.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "style-src 'sha256-",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{part}: {policy}");
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains("script-src"),
            "{policy}"
        );
        // The one style sheet that is let in is the one that the page has.
        let (_, style) = told.body.split_once("<style>").unwrap();
        let (style, _) = style.split_once("</style>").unwrap();
        let hash = BASE64_STANDARD.encode(Sha256::digest(style));
        assert!(
            policy.contains(&format!("style-src 'sha256-{hash}'")),
            "{policy}"
        );
        assert_eq!(told.header("x-frame-options"), Some("DENY"));
        assert_eq!(told.header("cache-control"), Some("no-store"));
        assert_eq!(told.header("referrer-policy"), Some("no-referrer"));
        for never in ["<script", "javascript:", " onclick", " style="] {
            assert!(!told.body.contains(never), "{never}");
        }
    }
    // A browser holds the redirect after a form to this list, so the partner's origin stands in it and nothing more.
    let policy = page.told().header("content-security-policy").unwrap();
    let origin = BACK.trim_end_matches("/back");
    assert!(
        policy.contains(&format!("form-action 'self' {origin};")),
        "{policy}"
    );
    assert!(
        page.told().body.len() < 100_000,
        "{} bytes",
        page.told().body.len()
    );
}

#[tokio::test]
async fn an_agreement_that_ends_while_a_person_reads_is_not_connected() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let page = asked(&stage, &mut browser, &stage.ada).await;
    let agreement = "findr-friends".parse().unwrap();
    stage
        .happens(decide::Event::AgreementSuspended { agreement })
        .await;
    let at = browser.press(&page, YES, &boxes(&page)).await;
    assert_eq!(at.status(), 409);
    assert!(stage.connections(&stage.ada).is_empty());
}

#[tokio::test]
async fn somebody_whom_the_platform_never_told_of_cannot_connect() {
    let stage = Stage::new().await;
    let person = stage.number(&stage.ada);
    stage.happens(decide::Event::PersonLeft { person }).await;
    let at = asked(&stage, &mut Browser::default(), &stage.ada).await;
    assert_eq!(at.status(), 403);
    assert!(at.text().contains("You are not known here yet"));
}

fn button_of(form: &crate::support::browser::Form, person: &str) -> String {
    form.buttons
        .iter()
        .find(|(_, id, _)| id == person)
        .unwrap()
        .2
        .clone()
}
