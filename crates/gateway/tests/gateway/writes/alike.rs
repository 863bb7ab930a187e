//! Whoever refuses looks exactly like somebody whom the platform never knew, and nothing is asked of it in either case.

use http::Method;
use serde_json::{Value, json};

use super::stage::{Stage, seen, slug};

/// How the other person in the thread refuses.
#[derive(Clone, Copy, Debug)]
enum Refusing {
    Barring,
    Withdrawing,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_in_which_somebody_refuses_is_one_that_nobody_has() {
    let stage = Stage::with(Some).await;
    let (thread, ada, bert) = stage.thread_of_two();
    let bert_id = stage.world.id_of(bert);
    let token = stage
        .town
        .token(&stage.door, Some(&stage.world.id_of(ada)))
        .await;
    let messages = format!("/v1/threads/{}/messages", thread.id);
    let message = format!("{messages}/{}", stage.world.message_id(&thread, 0));
    let text = json!({ "from": "me", "text": "Hello." });
    let requests: [(Method, &str, Option<&Value>); 2] = [
        (Method::POST, &messages, Some(&text)),
        (Method::DELETE, &message, None),
    ];
    for (method, path, body) in requests {
        stage.forget(&[bert]);
        let absent = stage.call(&token, method.clone(), path, body).await;
        assert_eq!(
            (absent.status.as_u16(), slug(&absent)),
            (404, "not-found".to_owned())
        );
        stage.forget(&[]);
        for refusing in [Refusing::Barring, Refusing::Withdrawing] {
            match refusing {
                Refusing::Barring => stage.town.bar(&bert_id).await,
                Refusing::Withdrawing => stage.town.withdraw(&bert_id).await,
            }
            let refused = stage.call(&token, method.clone(), path, body).await;
            assert_eq!(
                seen(&refused),
                seen(&absent),
                "{method} {path}, {refusing:?}"
            );
            match refusing {
                Refusing::Barring => stage.town.lift(&bert_id).await,
                Refusing::Withdrawing => stage.town.consent_again(&bert_id).await,
            }
        }
        let unknown = path.replace(&thread.id, "t_nobody");
        let unknown = stage.call(&token, method.clone(), &unknown, body).await;
        assert_eq!(seen(&unknown), seen(&absent), "an id that nobody has");
        assert_eq!(stage.written(), Vec::<String>::new(), "{method} {path}");
    }
    assert_eq!(stage.ledger(), Vec::<String>::new(), "no intent either");
    let sent = stage
        .call(&token, Method::POST, &messages, Some(&text))
        .await;
    assert_eq!(
        sent.status,
        200,
        "with everybody's consent: {}",
        sent.text()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_of_strangers_is_not_written_into() {
    let stage = Stage::with(Some).await;
    let (thread, ..) = stage.thread_of_two();
    let body = json!({ "from": "me", "text": "Hello." });
    let path = format!("/v1/threads/{}/messages", thread.id);
    let outsiders = stage
        .world
        .people()
        .filter(|it| !thread.participants.contains(it));
    for outsider in outsiders.take(3) {
        let token = stage
            .town
            .token(&stage.door, Some(&stage.world.id_of(outsider)))
            .await;
        let answer = stage.call(&token, Method::POST, &path, Some(&body)).await;
        assert_eq!(
            (answer.status.as_u16(), slug(&answer)),
            (404, "not-found".to_owned())
        );
    }
    assert_eq!(stage.written(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bystander_needs_the_power_with_their_own_reach_and_a_promise_stands_above_all() {
    fn own_only(power: decide::Power) -> Option<decide::Power> {
        (power.reach == decide::Reach::Own).then_some(power)
    }
    let own = Stage::with(own_only).await;
    let (thread, ada, _) = own.thread_of_two();
    let path = format!("/v1/threads/{}/messages", thread.id);
    let body = json!({ "from": "me", "text": "Hello." });
    let token = own.town.token(&own.door, Some(&own.world.id_of(ada))).await;
    let answer = own.call(&token, Method::POST, &path, Some(&body)).await;
    assert_eq!(
        (answer.status.as_u16(), slug(&answer)),
        (403, "no-power".to_owned())
    );

    let stage = Stage::with(Some).await;
    let token = stage
        .town
        .token(&stage.door, Some(&stage.world.id_of(ada)))
        .await;
    stage
        .town
        .promise(
            "promise: no-sending\nmade: 2026-11-01\nsummary: Nobody else writes in your name.\n\
             address: https://law.example/news/no-sending\nform: absolute\nscope: { verbs: [write] }\n",
        )
        .await;
    let answer = stage.call(&token, Method::POST, &path, Some(&body)).await;
    assert_eq!(
        (answer.status.as_u16(), slug(&answer)),
        (403, "no-power".to_owned())
    );
    assert_eq!((own.written(), stage.written()), (Vec::new(), Vec::new()));
}
