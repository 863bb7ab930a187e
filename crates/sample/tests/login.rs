//! The sample's login: an ordinary OpenID Connect provider with a button for each person.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as B64};
use http_body_util::BodyExt as _;
use sample::login::Login;
use sample::{Seed, World};
use serde_json::Value;
use tower::ServiceExt as _;

const BACK: &str = "https://rp.example/back";
/// SHA-256 of `verifier`, in base64url.
const CHALLENGE: &str = "iMnq5o6zALKXGivsnlom_0F5_WYda32GHkxlV7mq7hQ";

fn provider(world: &World) -> Router {
    let login = Login {
        issuer: "https://login.sample.example".to_owned(),
        client_id: "rp".to_owned(),
        client_secret: "secret".to_owned(),
        redirect_uri: BACK.to_owned(),
        people: world.people().take(2).collect(),
        now: Arc::new(|| 1_000),
        random: Arc::new(|| [7; 32]),
    };
    login.router(world.clone()).unwrap()
}

async fn ask(router: &Router, request: Request<Body>) -> (StatusCode, String, String) {
    let answer = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let location = parts.headers.get(header::LOCATION);
    let location = location.map_or("", |it| it.to_str().unwrap()).to_owned();
    let body = body.collect().await.unwrap().to_bytes();
    (
        parts.status,
        location,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

fn asked(person: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", "rp"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "s"),
            ("nonce", "n"),
            ("person", person),
        ])
        .finish()
}

fn exchange(verifier: &str, secret: &str) -> Request<Body> {
    let code = B64.encode([7; 32]);
    let body = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Frp.example%2Fback&code_verifier={verifier}"
    );
    let basic = BASE64_STANDARD.encode(format!("rp:{secret}"));
    Request::post("/token")
        .header("authorization", format!("Basic {basic}"))
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn whoever_presses_a_button_is_that_person_once() {
    let world = World::generate(Seed(7), 10);
    let router = provider(&world);
    let person = world.people().next().unwrap();
    let id = world.id_of(person);
    let page = Request::get(format!("/authorize?{}", asked(&id)))
        .body(Body::empty())
        .unwrap();
    let (status, _, body) = ask(&router, page).await;
    assert_eq!(
        (status, body.matches("<button").count()),
        (StatusCode::OK, 2)
    );

    let press = Request::post("/be").body(asked(&id).into()).unwrap();
    let (status, location, _) = ask(&router, press).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(
        location.starts_with("https://rp.example/back?code=") && location.ends_with("&state=s"),
        "{location}"
    );

    let (status, _, body) = ask(&router, exchange("verifier", "secret")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let token: Value = serde_json::from_str(&body).unwrap();
    let claims = token["id_token"]
        .as_str()
        .unwrap()
        .split('.')
        .nth(1)
        .unwrap();
    let claims: Value = serde_json::from_slice(&B64.decode(claims).unwrap()).unwrap();
    assert_eq!(
        (claims["sub"].as_str(), claims["nonce"].as_str()),
        (Some(id.as_str()), Some("n"))
    );
    let (status, ..) = ask(&router, exchange("verifier", "secret")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "a code is good once");
}

#[tokio::test]
async fn a_code_needs_its_verifier_and_its_client() {
    let world = World::generate(Seed(7), 10);
    let id = world.id_of(world.people().next().unwrap());
    for (verifier, secret) in [("another", "secret"), ("verifier", "guessed")] {
        let router = provider(&world);
        ask(
            &router,
            Request::post("/be").body(asked(&id).into()).unwrap(),
        )
        .await;
        let (status, _, body) = ask(&router, exchange(verifier, secret)).await;
        assert!(
            status.is_client_error() && !body.contains("id_token"),
            "{verifier} {secret}: {body}"
        );
    }
}

#[tokio::test]
async fn strangers_are_told_so_and_sent_nowhere() {
    let world = World::generate(Seed(7), 10);
    let router = provider(&world);
    let last = world.id_of(world.people().last().unwrap());
    for body in [
        asked("nobody"),
        asked(&last),
        asked("").replace("rp.example", "thief.example"),
    ] {
        let (status, location, _) =
            ask(&router, Request::post("/be").body(body.into()).unwrap()).await;
        assert_eq!((status, location.as_str()), (StatusCode::BAD_REQUEST, ""));
    }
}
