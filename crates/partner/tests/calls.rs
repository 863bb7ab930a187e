//! A client against a gateway of a few lines that answers with what it was sent.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail loudly"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::{get, post};
use partner::{Algorithm, CallError, Client, Gateway, Key, Surroundings};

fn surroundings() -> Surroundings {
    let drawn = AtomicU8::new(0);
    Surroundings {
        now: Arc::new(|| 1_000),
        random: Arc::new(move || [drawn.fetch_add(1, Ordering::Relaxed); 16]),
    }
}

async fn client_of(router: Router) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let gateway = Gateway {
        issuer: base.clone(),
        token_endpoint: format!("{base}/token"),
        base,
    };
    let key = Key::from_secret(Algorithm::Es256, [7; 32]).unwrap();
    Client::new("findr", key, gateway, None, surroundings())
}

/// Answers like a token endpoint whose token is the form that it was sent.
async fn echo_form(request: Request) -> String {
    assert!(request.headers().contains_key("dpop"));
    let body = axum::body::to_bytes(request.into_body(), 10_000)
        .await
        .unwrap();
    let form = String::from_utf8(body.to_vec()).unwrap();
    serde_json::json!({ "access_token": form, "token_type": "DPoP", "expires_in": 300 }).to_string()
}

async fn echo_headers(request: Request) -> String {
    let text = |name| request.headers()[name].to_str().unwrap().to_owned();
    format!(
        "{} {} {}",
        request.uri(),
        text("authorization"),
        text("dpop")
    )
}

#[tokio::test]
async fn a_token_request_names_connection_and_purpose_and_escapes_them() {
    let client = client_of(Router::new().route("/token", post(echo_form))).await;
    let token = client
        .token(Some("c-1"), "dpv:Service Provision&")
        .await
        .unwrap();
    assert_eq!(token.lives, 300);
    assert!(token.secret.contains("grant_type=client_credentials"));
    assert!(
        token
            .secret
            .contains("&purpose=dpv%3AService%20Provision%26")
    );
    assert!(token.secret.contains("&connection=c-1&"));
    assert!(!format!("{token:?}").contains("client_credentials"));
}

#[tokio::test]
async fn a_partner_that_acts_for_nobody_names_no_connection() {
    let client = client_of(Router::new().route("/token", post(echo_form))).await;
    let token = client.token(None, "dpv:ServiceProvision").await.unwrap();
    assert!(!token.secret.contains("connection"));
}

#[tokio::test]
async fn a_call_carries_the_token_and_a_proof_that_is_new_each_time() {
    let router = Router::new()
        .route("/token", post(echo_form))
        .route("/people", get(echo_headers));
    let client = client_of(router).await;
    let token = client.token(None, "dpv:ServiceProvision").await.unwrap();
    let first = client.get(&token, "/people?name=ada").await.unwrap();
    let second = client.get(&token, "/people?name=ada").await.unwrap();
    assert!(
        first
            .text()
            .starts_with("/people?name=ada DPoP grant_type=")
    );
    assert_ne!(first.body, second.body);
}

#[tokio::test]
async fn a_refused_token_request_says_what_the_gateway_said() {
    let router = Router::new().route(
        "/token",
        post(|| async { (StatusCode::BAD_REQUEST, r#"{"error":"invalid_client"}"#) }),
    );
    let error = client_of(router)
        .await
        .token(None, "dpv:Marketing")
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Refused { .. }));
    assert!(error.to_string().contains("invalid_client"));
}

#[tokio::test]
async fn a_bearer_token_is_not_taken_for_a_bound_one() {
    let router = Router::new().route(
        "/token",
        post(|| async { r#"{"access_token":"x","token_type":"Bearer","expires_in":1}"# }),
    );
    let error = client_of(router)
        .await
        .token(None, "dpv:Marketing")
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::NotAToken(_)));
}

#[tokio::test]
async fn nobody_listening_is_an_error_with_the_address() {
    let mut client = client_of(Router::new()).await;
    let key = Key::from_secret(Algorithm::EdDsa, [7; 32]).unwrap();
    let gateway = Gateway {
        base: String::new(),
        issuer: String::new(),
        token_endpoint: "http://127.0.0.1:1/token".to_owned(),
    };
    client = Client::new(client.partner(), key, gateway, None, surroundings());
    let error = client.token(None, "dpv:Marketing").await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1"));
}

/// Refuses a proof without the nonce `n-1`, as RFC 9449 section 8 has it.
async fn wants_nonce(request: Request) -> axum::response::Response {
    use axum::response::IntoResponse as _;
    let proof = request.headers()["dpop"].to_str().unwrap();
    let claims = proof.split('.').nth(1).unwrap().to_owned();
    let claims = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, claims).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    if claims["nonce"] == "n-1" {
        return r#"{"access_token":"x","token_type":"DPoP","expires_in":1}"#.into_response();
    }
    let body = r#"{"error":"use_dpop_nonce"}"#;
    (StatusCode::BAD_REQUEST, [("DPoP-Nonce", "n-1")], body).into_response()
}

#[tokio::test]
async fn a_nonce_that_the_gateway_asks_for_goes_into_the_next_proof() {
    let client = client_of(Router::new().route("/token", post(wants_nonce))).await;
    let token = client.token(None, "dpv:ServiceProvision").await.unwrap();
    assert_eq!(&*token.secret, "x");
}
