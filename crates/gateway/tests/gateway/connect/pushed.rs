//! Pushed requests that are refused, before any person sees anything: each with the whole answer that a partner reads.

use decide::Event;
use serde_json::{Value, json};

use super::partner_side::{Call, details};
use super::stage::{PURPOSE, Stage};

type Spoil = fn(&Stage, &mut Call);

fn with_details(stage: &Stage, call: &mut Call, change: impl Fn(&mut Value)) {
    let mut details = details(stage);
    change(&mut details);
    call.set("authorization_details", &details.to_string());
}

/// What is wrong with a pushed request, and the change to a right one that makes it so.
const BAD: &[(&str, Spoil)] = &[
    ("no authorization_details", |_, call| {
        call.unset("authorization_details")
    }),
    ("authorization_details that are no JSON", |_, call| {
        call.set("authorization_details", "powers")
    }),
    ("no details in them", |_, call| {
        call.set("authorization_details", "[]")
    }),
    ("another type", |stage, call| {
        with_details(stage, call, |d| d[0]["type"] = "openid_credential".into())
    }),
    ("two agreements at once", |stage, call| {
        with_details(stage, call, |d| {
            let again = d[0].clone();
            d.as_array_mut().unwrap().push(again);
        });
    }),
    ("a member that nobody knows", |stage, call| {
        with_details(stage, call, |d| d[0]["actions"] = json!(["read"]))
    }),
    ("no powers", |stage, call| {
        with_details(stage, call, |d| d[0]["powers"] = json!([]))
    }),
    ("a power twice", |stage, call| {
        with_details(stage, call, |d| {
            let power = d[0]["powers"][0].clone();
            d[0]["powers"].as_array_mut().unwrap().push(power);
        });
    }),
    (
        "a power that the agreement does not grant",
        |stage, call| {
            with_details(stage, call, |d| d[0]["powers"][0] = "00".repeat(32).into());
        },
    ),
    (
        "a power that the agreement does not grant, in words",
        |stage, call| {
            with_details(stage, call, |d| {
                d[0]["powers"][0] = json!({ "verb": "delete", "category": "pd:Name", "reach": "own", "purpose": PURPOSE });
            });
        },
    ),
    ("a version that is not signed", |stage, call| {
        with_details(stage, call, |d| d[0]["version"] = 2.into())
    }),
    ("a version that does not exist", |stage, call| {
        with_details(stage, call, |d| d[0]["version"] = 3.into())
    }),
    ("another document than the version's", |stage, call| {
        with_details(stage, call, |d| d[0]["digest"] = "00".repeat(32).into());
    }),
    ("another partner's agreement", |stage, call| {
        with_details(stage, call, |d| {
            d[0]["agreement"] = "reelbox-friends".into()
        });
    }),
    ("an agreement that does not exist", |stage, call| {
        with_details(stage, call, |d| {
            d[0]["agreement"] = "findr-everything".into()
        });
    }),
    ("powers as a scope", |_, call| {
        call.set("scope", "friends.read")
    }),
    ("a request object", |_, call| call.set("request", "a.b.c")),
    ("a request_uri", |_, call| {
        call.set("request_uri", "urn:ietf:params:oauth:request_uri:x")
    }),
    ("another response type", |_, call| {
        call.set("response_type", "token")
    }),
    ("another response mode", |_, call| {
        call.set("response_mode", "fragment")
    }),
    ("no redirect_uri", |_, call| call.unset("redirect_uri")),
    ("a redirect_uri without TLS", |_, call| {
        call.set("redirect_uri", "http://findr.example/back")
    }),
    ("a redirect_uri that runs a script", |_, call| {
        call.set("redirect_uri", "javascript:alert(1)")
    }),
    ("no code_challenge", |_, call| call.unset("code_challenge")),
    ("a plain code_challenge", |_, call| {
        call.set("code_challenge_method", "plain")
    }),
    ("a code_challenge without its method", |_, call| {
        call.unset("code_challenge_method")
    }),
    ("bound to no key", |_, call| {
        call.proof.text = Some(String::new())
    }),
    ("bound to two keys", |_, call| {
        call.set("dpop_jkt", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    }),
    ("a parameter that nobody knows", |_, call| {
        call.set("resource", "https://findr.example")
    }),
    ("an assertion for somebody else's server", |_, call| {
        call.assertion.claims["aud"] = "https://elsewhere.example".into()
    }),
    ("an assertion with alg none", |_, call| {
        call.assertion.header["alg"] = "none".into();
        call.assertion.text = Some(format!("{}.", call.assertion.unsigned()));
    }),
    ("an assertion by another partner's key", |_, call| {
        call.assertion.key = crate::support::key_of("reelbox")
    }),
    ("a proof for another address", |_, call| {
        call.proof.claims["htu"] = "https://elsewhere.example/oauth/par".into()
    }),
];

#[tokio::test]
async fn every_bad_pushed_request_is_refused_and_told_what_to_do() {
    let stage = Stage::new().await;
    let mut table = String::new();
    for (what, spoil) in BAD {
        let mut call = Call::push(&stage);
        spoil(&stage, &mut call);
        let told = call.send(&stage).await;
        assert!((400..500).contains(&told.status), "{what}: {told:?}");
        let told = told.json();
        let (error, why) = (&told["error"], &told["error_description"]);
        table.push_str(&format!(
            "{what}\n  {}: {}\n",
            error.as_str().unwrap(),
            why.as_str().unwrap()
        ));
    }
    insta::assert_snapshot!(table);
    let right = Call::push(&stage).send(&stage).await;
    assert_eq!(right.status, 201, "{}", right.body);
}

#[tokio::test]
async fn powers_can_be_named_by_what_they_are_and_by_the_exact_document() {
    let stage = Stage::new().await;
    let mut call = Call::push(&stage);
    let digest = stage
        .register
        .book()
        .version(&"findr-friends".parse().unwrap(), 1)
        .unwrap()
        .offer
        .digest;
    with_details(&stage, &mut call, |d| {
        d[0]["digest"] = digest.to_string().into();
        d[0]["powers"] =
            json!([{ "verb": "read", "category": "pd:Name", "reach": "own", "purpose": PURPOSE }]);
    });
    assert_eq!(call.send(&stage).await.status, 201);
}

#[tokio::test]
async fn a_key_can_be_named_in_place_of_a_proof() {
    let stage = Stage::new().await;
    let mut call = Call::push(&stage);
    call.proof.text = Some(String::new());
    call.set("dpop_jkt", crate::support::key_of("findr").thumbprint());
    assert_eq!(call.send(&stage).await.status, 201);
}

#[tokio::test]
async fn what_a_version_granted_cannot_be_asked_for_once_a_later_one_governs() {
    let stage = Stage::new().await;
    stage.sign_second().await;
    let told = Call::push(&stage).send(&stage).await;
    assert_eq!(told.json()["error"], "invalid_authorization_details");
}

#[tokio::test]
async fn what_cannot_be_used_now_cannot_be_asked_for() {
    let agreement = || "findr-friends".parse().unwrap();
    let events: [(&str, Event); 3] = [
        (
            "suspended",
            Event::AgreementSuspended {
                agreement: agreement(),
            },
        ),
        (
            "ended",
            Event::AgreementEnded {
                agreement: agreement(),
            },
        ),
        ("handed back", {
            let stage = Stage::new().await;
            Event::PowerHandedBack {
                partner: "findr".parse().unwrap(),
                power: stage.powers()[1],
            }
        }),
    ];
    for (what, event) in events {
        let stage = Stage::new().await;
        stage.happens(event).await;
        let told = Call::push(&stage).send(&stage).await;
        assert_eq!(
            told.json()["error"],
            "invalid_authorization_details",
            "{what}"
        );
    }
}
