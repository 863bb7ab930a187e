//! Writes, deletes and imports, end to end: who is concerned → decide → durable intent → upstream → outcome entry.
//!
//! In front of the sample platform: a partner that may send messages and not read them; somebody who refuses looks like
//! somebody whom the platform never knew; nothing is asked of the platform before the intent is durable, and nothing twice.

mod alike;
mod keys;
mod order;
mod platform;
mod stage;

use decide::{Power, Verb};
use http::Method;
use serde_json::json;

use stage::{Stage, slug};

fn no_reads(power: Power) -> Option<Power> {
    (power.verb != Verb::Read).then_some(power)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_that_may_send_messages_sends_one_and_reads_none() {
    let stage = Stage::with(no_reads).await;
    let (thread, ada, _) = stage.thread_of_two();
    let path = format!("/v1/threads/{}/messages", thread.id);
    let ada_id = stage.world.id_of(ada);
    let token = stage.town.token(&stage.door, Some(&ada_id)).await;
    let body = json!({ "from": "me", "text": "See you at eight." });
    let sent = stage.call(&token, Method::POST, &path, Some(&body)).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    let told = sent.json().unwrap();
    assert_eq!(told["outcome"], "done");
    let made = told["made"].as_str().expect("the id of the message");
    assert_eq!(told.as_object().unwrap().len(), 2, "{told}");

    // The platform got what the plan names, in the gateway's words, and has the message.
    let written = json!({ "from": ada_id, "text": "See you at eight." });
    assert_eq!(stage.written(), [format!("POST {path} {written}")]);
    let there = stage.at_platform(&format!("{path}?limit=100")).await;
    assert!(
        there.contains(made) && there.contains("See you at eight."),
        "{there}"
    );

    // What the platform answered stays with the gateway, and reading is another power.
    assert!(!sent.text().contains("See you"));
    let read = stage.call(&token, Method::GET, &path, None).await;
    assert_eq!(
        (read.status.as_u16(), slug(&read)),
        (403, "no-power".to_owned())
    );
    assert_eq!(stage.ledger(), ["intent", "outcome 0 done answered"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_posts_are_deleted_and_nobody_elses() {
    let stage = Stage::with(Some).await;
    let (_, ada, bert) = stage.thread_of_two();
    let token = stage
        .town
        .token(&stage.door, Some(&stage.world.id_of(ada)))
        .await;
    let post = |of| {
        let post = stage.world.posts(of).remove(0);
        format!("/v1/posts/{}", stage.world.post_id(&post))
    };
    let (own, others) = (post(stage.with_posts(ada)), post(stage.with_posts(bert)));
    let refused = stage.call(&token, Method::DELETE, &others, None).await;
    assert_eq!(
        (refused.status.as_u16(), slug(&refused)),
        (404, "not-found".to_owned())
    );
    assert_eq!(stage.written(), Vec::<String>::new());
    let done = stage.call(&token, Method::DELETE, &own, None).await;
    assert_eq!(
        (done.status.as_u16(), done.text().as_ref()),
        (200, r#"{"outcome":"done"}"#)
    );
    assert_eq!(stage.written(), [format!("DELETE {own}")]);
    assert!(stage.at_platform(&own).await.contains("post_not_found"));
    // Once more it is one that nobody has.
    let again = stage.call(&token, Method::DELETE, &own, None).await;
    assert_eq!(stage::seen(&again), stage::seen(&refused));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_does_not_say_who_was_already_a_member() {
    let stage = Stage::with(Some).await;
    let (_, ada, bert) = stage.thread_of_two();
    let ada = stage.world.id_of(ada);
    let token = stage.town.token(&stage.door, Some(&ada)).await;
    let phone = stage.world.person(bert).unwrap().phone;
    let phone = phone.unwrap_or_else(|| "+998 0000 000 001".to_owned());
    let path = "/v1/people/me/contact-book";
    let mut seen = Vec::new();
    for phone in [phone.as_str(), "+998 7777 777 777"] {
        let body = json!({ "contacts": [{ "name": "Somebody", "phone": phone }] });
        let answer = stage.call(&token, Method::POST, path, Some(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        seen.push(stage::seen(&answer));
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].ends_with(r#"{"outcome":"done"}"#), "{}", seen[0]);
    assert_eq!(stage.written().len(), 2);
    let book = stage
        .at_platform(&format!("/v1/people/{ada}/contact-book?limit=100"))
        .await;
    assert!(book.contains("+998 7777 777 777"), "{book}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_limited_in_frequency_counts_writes_also_over_a_restart() {
    let twice_an_hour = |power: Power| {
        let frequency = Some(decide::Frequency {
            times: 2,
            per: decide::Per::Hour,
        });
        let limited = power.verb == Verb::Import;
        Some(Power {
            frequency: if limited { frequency } else { None },
            ..power
        })
    };
    let stage = Stage::with(twice_an_hour).await;
    let (_, ada, _) = stage.thread_of_two();
    let ada = stage.world.id_of(ada);
    let body = json!({ "contacts": [{ "name": "Zoe", "phone": "+998 1" }] });
    let path = "/v1/people/me/contact-book";
    let token = stage.town.token(&stage.door, Some(&ada)).await;
    let first = stage.call(&token, Method::POST, path, Some(&body)).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let again = stage.again().await;
    let token = stage.town.token(&again, Some(&ada)).await;
    for expected in [200, 404, 404] {
        let answer = stage
            .call_at(&again, &token, Method::POST, path, Some(&body), None)
            .await;
        assert_eq!(answer.status, expected, "{}", answer.text());
    }
    assert_eq!(stage.written().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_plan_does_not_name_is_refused_by_name_and_nothing_is_sent() {
    let stage = Stage::with(Some).await;
    let (thread, ada, bert) = stage.thread_of_two();
    let (ada, bert) = (stage.world.id_of(ada), stage.world.id_of(bert));
    let token = stage.town.token(&stage.door, Some(&ada)).await;
    let path = format!("/v1/threads/{}/messages", thread.id);
    for (body, status, told) in [
        (
            json!({ "from": "me", "text": "x", "silent": true }),
            400,
            "bad-member",
        ),
        (json!({ "from": "me" }), 400, "bad-member"),
        (json!({ "from": "me", "text": 7 }), 400, "bad-member"),
        (json!({ "from": "me", "text": ["x"] }), 400, "bad-member"),
        (json!({ "from": ["me"], "text": "x" }), 400, "bad-member"),
        (json!(["me"]), 400, "bad-member"),
        // Nobody writes in another's name, and who that would be is not told.
        (json!({ "from": bert, "text": "x" }), 404, "not-found"),
        (json!({ "from": "u_nobody", "text": "x" }), 404, "not-found"),
    ] {
        let answer = stage.call(&token, Method::POST, &path, Some(&body)).await;
        assert_eq!(
            (answer.status.as_u16(), slug(&answer).as_str()),
            (status, told),
            "{body}"
        );
    }
    let answer = stage
        .call(&token, Method::POST, &format!("{path}?silent=1"), None)
        .await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(stage.written(), Vec::<String>::new());
    assert_eq!(stage.ledger(), Vec::<String>::new());
}
