//! The administration over its socket: what the operator can do, what nobody else can, and what it is told.

use partner::{Algorithm, Key};
use serde_json::json;

use crate::support::calls::TokenCall;
use crate::support::{ADMIN_TOKEN, World, key_of, power, send};

#[tokio::test]
async fn only_the_operator_gets_in() {
    let world = World::new().await;
    for given in [
        None,
        Some("Bearer wrong"),
        Some(ADMIN_TOKEN),
        Some("bearer 0123456789abcdef0123456789abcdef"),
    ] {
        let headers: Vec<_> = given
            .iter()
            .map(|value| ("authorization".to_owned(), (*value).to_owned()))
            .collect();
        for path in ["/status", "/metrics", "/nowhere"] {
            let told = send(world.admin, "GET", path, &headers, "").await;
            assert_eq!(told.status, 401, "{given:?} {path}");
        }
    }
    assert_eq!(world.administer("GET", "/status", "").await.status, 200);
}

#[tokio::test]
async fn the_administration_is_not_on_the_partners_listener() {
    let world = World::new().await;
    let headers = [("authorization".to_owned(), format!("Bearer {ADMIN_TOKEN}"))];
    assert_eq!(world.send("GET", "/status", &headers, "").await.status, 401);
    assert_eq!(
        world
            .send("POST", "/clock/confirm", &headers, "")
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn people_join_are_active_and_leave() {
    let world = World::new().await;
    let people = world.register.people();
    assert_eq!(
        world
            .administer("POST", "/people/join", r#"{"id":"fred"}"#)
            .await
            .status,
        200
    );
    let first = people.number("fred").unwrap();
    assert_eq!(
        world
            .administer("POST", "/people/active", r#"{"id":"fred"}"#)
            .await
            .status,
        200
    );
    assert_eq!(
        world
            .administer("POST", "/people/leave", r#"{"id":"fred"}"#)
            .await
            .status,
        200
    );
    assert_eq!(people.number("fred"), None);
    assert_eq!(
        world
            .administer("POST", "/people/join", r#"{"id":"fred"}"#)
            .await
            .status,
        200
    );
    assert_ne!(people.number("fred"), Some(first), "somebody new");
}

#[tokio::test]
async fn many_people_join_by_lines() {
    let world = World::new().await;
    let lines: String = (0..2500)
        .map(|n| format!("{{\"id\":\"person-{n}\"}}\n"))
        .collect();
    let headers = [
        ("authorization".to_owned(), format!("Bearer {ADMIN_TOKEN}")),
        ("content-type".to_owned(), "application/x-ndjson".to_owned()),
    ];
    let told = send(world.admin, "POST", "/people/join", &headers, &lines).await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert!(world.register.people().number("person-2499").is_some());
    let told = send(
        world.admin,
        "POST",
        "/people/join",
        &headers,
        "{\"id\":\"x\"}\n{\"id\"}\n",
    )
    .await;
    assert_eq!(told.status, 400);
    assert!(told.body.contains("line 2"), "{}", told.body);
}

#[tokio::test]
async fn a_partner_is_enrolled_and_changes_its_keys() {
    let world = World::new().await;
    let tunely = |call: &mut TokenCall| call.unset("connection");
    let mut call = TokenCall::right(&world, "tunely");
    tunely(&mut call);
    assert_eq!(call.send(&world).await.status, 401);

    let body = json!({ "partner": "tunely", "name": "Tunely", "jwks": { "keys": [key_of("tunely").public_jwk()] } });
    assert_eq!(
        world
            .administer("POST", "/partners", &body.to_string())
            .await
            .status,
        200
    );
    let mut call = TokenCall::right(&world, "tunely");
    tunely(&mut call);
    assert_eq!(call.send(&world).await.status, 200);

    let other = Key::from_secret(Algorithm::EdDsa, [5; 32]).unwrap();
    let body = json!({ "keys": [other.public_jwk()] });
    assert_eq!(
        world
            .administer("PUT", "/partners/tunely/keys", &body.to_string())
            .await
            .status,
        200
    );
    let mut call = TokenCall::right(&world, "tunely");
    tunely(&mut call);
    assert_eq!(
        call.send(&world).await.status,
        401,
        "the former key is no longer its own"
    );
    call.assertion.header = json!({ "alg": "EdDSA", "kid": other.thumbprint() });
    call.assertion.claims["jti"] = "another-id".into();
    call.assertion.key = other;
    assert_eq!(call.send(&world).await.status, 200);
}

#[tokio::test]
async fn a_connection_made_here_gives_tokens_until_it_ends() {
    let world = World::new().await;
    let told = world
        .administer(
            "POST",
            "/notices",
            r#"{"language":"en","text":"Findr may."}"#,
        )
        .await;
    assert_eq!(told.status, 200, "{}", told.body);
    let notice = hex(&<sha2::Sha256 as sha2::Digest>::digest("Findr may."));
    let body = json!({
        "connection": "cleo-findr", "person": "cleo", "partner": "findr", "powers": [power()], "notice": notice, "until": "2027-01-01"
    });
    let told = world
        .administer("POST", "/connections", &body.to_string())
        .await;
    assert_eq!(told.status, 200, "{}", told.body);
    let ask = || async {
        let mut call = TokenCall::right(&world, "findr");
        call.set("connection", "cleo-findr");
        call.send(&world).await.status
    };
    assert_eq!(ask().await, 200);
    assert_eq!(
        world
            .administer("POST", "/connections/cleo-findr/end", "")
            .await
            .status,
        200
    );
    assert_eq!(ask().await, 400);
}

#[tokio::test]
async fn a_change_sent_again_under_its_key_is_done_once() {
    let world = World::new().await;
    let headers = [
        ("authorization".to_owned(), format!("Bearer {ADMIN_TOKEN}")),
        (
            "idempotency-key".to_owned(),
            "0123456789abcdef0123456789abcdef".to_owned(),
        ),
    ];
    let body = r#"{"person":"ada","bar":"everything"}"#;
    let first = send(world.admin, "POST", "/bars", &headers, body).await;
    let again = send(world.admin, "POST", "/bars", &headers, body).await;
    assert_eq!((first.status, &first.body), (200, &again.body));
    let other = send(world.admin, "POST", "/bars/lift", &headers, body).await;
    assert_eq!(other.status, 422, "{}", other.body);
}

/// What an operator can get wrong: method, path, body.
const BAD: &[(&str, &str, &str, &str)] = &[
    ("no such page", "GET", "/people", ""),
    ("no JSON", "POST", "/people/leave", "ada"),
    (
        "an unknown member",
        "POST",
        "/people/leave",
        r#"{"id":"ada","why":"x"}"#,
    ),
    (
        "somebody unknown leaves",
        "POST",
        "/people/leave",
        r#"{"id":"fred"}"#,
    ),
    (
        "somebody joins twice",
        "POST",
        "/people/join",
        r#"{"id":"ada"}"#,
    ),
    (
        "a consent to a power that no agreement has",
        "POST",
        "/consents",
        r#"{"people":["ada"],"partner":"findr","power":"0000000000000000000000000000000000000000000000000000000000000000","notice":"0000000000000000000000000000000000000000000000000000000000000000","until":"2027-01-01"}"#,
    ),
    (
        "a bar that does not exist",
        "POST",
        "/bars",
        r#"{"person":"ada","bar":"nothing"}"#,
    ),
    (
        "an unknown connection ends",
        "POST",
        "/connections/fred-findr/end",
        "",
    ),
    (
        "a connection's name that is none",
        "POST",
        "/connections/Fred/end",
        "",
    ),
    (
        "a partner twice",
        "POST",
        "/partners",
        r#"{"partner":"findr","name":"Findr","jwks":{"keys":[]}}"#,
    ),
    (
        "a private key",
        "POST",
        "/partners",
        r#"{"partner":"tunely","name":"Tunely","jwks":{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}]}}"#,
    ),
    (
        "an unknown agreement is suspended",
        "POST",
        "/agreements/findr-1/suspend",
        "",
    ),
    (
        "a signature that is none",
        "POST",
        "/agreements/signatures",
        "signed",
    ),
    ("a policy that is none", "PUT", "/policy", "categories: []"),
];

#[tokio::test]
async fn every_mistake_of_an_operators_is_told_with_what_to_do() {
    let world = World::new().await;
    let mut table = String::new();
    for (what, method, path, body) in BAD {
        let told = world.administer(method, path, body).await;
        assert!((400..500).contains(&told.status), "{what}: {told:?}");
        table.push_str(&format!("## {what}\n{method} {path}\n{}\n\n", told.shown()));
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn the_status_says_where_the_logs_stand_and_names_nobody() {
    let world = World::new().await;
    let told = world.administer("GET", "/status", "").await;
    let status = told.json();
    assert_eq!(
        (&status["people"], &status["clock"]["believed"]),
        (&json!(5), &json!(true))
    );
    assert_eq!(
        status["register"]["entries"],
        json!(world.register.position().0)
    );
    assert!(!told.body.contains("ada"));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
