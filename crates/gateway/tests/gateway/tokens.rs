//! Token requests, and requests with tokens, that are refused: each with the whole answer that a partner reads.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use decide::Event;
use partner::{Algorithm, Key};
use serde_json::json;

use crate::support::calls::{ApiCall, Jwt, TokenCall, bare_jwk, token};
use crate::support::{PUBLIC, World, connection_of, key_of};

#[tokio::test]
async fn a_partner_gets_a_token_for_its_connection_and_asks_with_it() {
    let world = World::new().await;
    let token = token(&world, "findr").await;
    let told = ApiCall::right(&world, "findr", &token).send(&world).await;
    insta::assert_snapshot!(told.shown()); // let in, and told that there is no such operation
}

#[tokio::test]
async fn a_partner_without_a_connection_gets_a_token_that_acts_for_nobody() {
    let world = World::new().await;
    let mut call = TokenCall::right(&world, "findr");
    call.unset("connection");
    assert_eq!(call.send(&world).await.status, 200);
}

#[tokio::test]
async fn tokens_differ_and_hold_nothing_that_could_be_read() {
    let world = World::new().await;
    let (one, other) = (token(&world, "findr").await, token(&world, "findr").await);
    assert_ne!(one, other);
    for token in [one, other] {
        assert_eq!(B64.decode(&token).unwrap().len(), 32);
    }
}

type SpoilToken = fn(&World, &mut TokenCall);

/// What is wrong with a token request, and the change to a right one that makes it so.
const BAD_TOKEN_REQUESTS: &[(&str, SpoilToken)] = &[
    ("no assertion", |_, call| call.set("client_assertion", "")),
    ("a client secret in place of an assertion", |_, call| {
        call.unset("client_assertion_type");
        call.set("client_assertion", "");
        call.set("client_id", "findr");
        call.set("client_secret", "secret");
    }),
    ("an assertion that is no JWT", |_, call| {
        call.assertion.text = Some("a.b".to_owned())
    }),
    ("an assertion as long as a book", |_, call| {
        call.assertion.text = Some("a".repeat(9000))
    }),
    ("alg none", |_, call| {
        call.assertion.header["alg"] = "none".into();
        call.assertion.text = Some(format!("{}.", call.assertion.unsigned()));
    }),
    ("alg HS256 with the public key as its secret", |_, call| {
        call.assertion.header["alg"] = "HS256".into();
        call.assertion.text = Some(hmac_with_public_key(&call.assertion));
    }),
    ("another algorithm than the key's", |_, call| {
        call.assertion.header["alg"] = "EdDSA".into()
    }),
    ("signed by a key that is not enrolled", |_, call| {
        call.assertion.key = key_of("tunely")
    }),
    ("a kid that is not enrolled", |_, call| {
        call.assertion.header["kid"] = "another".into()
    }),
    (
        "another partner's name over one's own signature",
        |_, call| {
            call.assertion.claims["iss"] = "reelbox".into();
            call.assertion.claims["sub"] = "reelbox".into();
        },
    ),
    ("a partner that nobody knows", |_, call| {
        call.assertion.claims["iss"] = "tunely".into();
        call.assertion.claims["sub"] = "tunely".into();
    }),
    ("iss and sub differ", |_, call| {
        call.assertion.claims["sub"] = "reelbox".into()
    }),
    ("client_id is another's", |_, call| {
        call.set("client_id", "reelbox")
    }),
    ("meant for another server", |_, call| {
        call.assertion.claims["aud"] = "https://elsewhere.example".into();
    }),
    ("meant for several servers", |_, call| {
        call.assertion.claims["aud"] = json!([PUBLIC, "https://elsewhere.example"]);
    }),
    ("expired", |world, call| {
        call.assertion.claims["exp"] = (world.now() - 11).into()
    }),
    ("runs for an hour", |world, call| {
        call.assertion.claims["exp"] = (world.now() + 3600).into()
    }),
    ("dated in the future", |world, call| {
        call.assertion.claims["iat"] = (world.now() + 60).into()
    }),
    ("not valid yet", |world, call| {
        call.assertion.claims["nbf"] = (world.now() + 60).into()
    }),
    ("no exp", |_, call| {
        call.assertion.claims.as_object_mut().unwrap().remove("exp");
    }),
    ("no jti", |_, call| {
        call.assertion.claims.as_object_mut().unwrap().remove("jti");
    }),
    ("a critical extension", |_, call| {
        call.assertion.header["crit"] = json!(["exp"])
    }),
    ("another's connection", |_, call| {
        call.set("connection", "ada-reelbox")
    }),
    ("a connection that does not exist", |_, call| {
        call.set("connection", "bert-findr")
    }),
    ("a connection that is no name", |_, call| {
        call.set("connection", "Ada and Findr")
    }),
    ("no purpose", |_, call| call.unset("purpose")),
    ("a purpose that is no term", |_, call| {
        call.set("purpose", "anything")
    }),
    ("a scope", |_, call| call.set("scope", "friends.read")),
    ("another grant", |_, call| {
        call.set("grant_type", "password")
    }),
    ("an unknown parameter", |_, call| {
        call.set("resource", PUBLIC)
    }),
    ("a parameter twice", |_, call| {
        call.form
            .push(("purpose".to_owned(), "dpv:Marketing".to_owned()));
    }),
    ("JSON in place of a form", |_, call| {
        call.headers[0].1 = "application/json".to_owned();
    }),
    ("no proof", |_, call| call.proof.text = Some(String::new())),
    ("two proofs", |_, call| {
        call.headers.push(("dpop".to_owned(), "a.b.c".to_owned()))
    }),
    ("a proof with a private key in it", |_, call| {
        call.proof.header["jwk"]["d"] = "AAAA".into();
    }),
    ("a proof for another address", |_, call| {
        call.proof.claims["htu"] = "https://elsewhere.example/oauth/token".into();
    }),
];

#[tokio::test]
async fn every_bad_token_request_is_refused_and_told_what_to_do() {
    let world = World::new().await;
    let mut table = String::new();
    for (what, spoil) in BAD_TOKEN_REQUESTS {
        let mut call = TokenCall::right(&world, "findr");
        spoil(&world, &mut call);
        let told = call.send(&world).await;
        assert!((400..500).contains(&told.status), "{what}: {told:?}");
        table.push_str(&format!("## {what}\n{}\n\n", told.shown()));
    }
    insta::assert_snapshot!(table);
}

type SpoilApi = fn(&World, &mut ApiCall);

/// What is wrong with a request, and the change to a right one that makes it so.
const BAD_REQUESTS: &[(&str, SpoilApi)] = &[
    ("no token", |_, call| call.authorization.clear()),
    ("Bearer in place of DPoP", |_, call| {
        call.authorization[0] = call.authorization[0].replace("DPoP", "Bearer");
    }),
    ("two Authorization headers", |_, call| {
        let same = call.authorization[0].clone();
        call.authorization.push(same);
    }),
    ("a token that nobody was given", |_, call| {
        call.authorization[0] = format!("DPoP {}", "A".repeat(43));
    }),
    ("a token cut short", |_, call| {
        call.authorization[0].pop();
    }),
    ("no proof", |_, call| call.proof.text = Some(String::new())),
    ("two proofs", |_, call| {
        call.headers.push(("dpop".to_owned(), "a.b.c".to_owned()))
    }),
    ("a proof that is no JWT", |_, call| {
        call.proof.text = Some("proof".to_owned())
    }),
    ("a proof of another type", |_, call| {
        call.proof.header["typ"] = "JWT".into()
    }),
    ("alg none", |_, call| {
        call.proof.header["alg"] = "none".into();
        call.proof.text = Some(format!("{}.", call.proof.unsigned()));
    }),
    ("alg HS256 with the public key as its secret", |_, call| {
        call.proof.header["alg"] = "HS256".into();
        call.proof.text = Some(hmac_with_public_key(&call.proof));
    }),
    ("another algorithm than the key's", |_, call| {
        call.proof.header["alg"] = "EdDSA".into()
    }),
    ("no key", |_, call| {
        call.proof.header.as_object_mut().unwrap().remove("jwk");
    }),
    ("a key that is none", |_, call| {
        call.proof.header["jwk"]["x"] = "AAAA".into()
    }),
    ("a point that is not on the curve", |_, call| {
        call.proof.header["jwk"]["y"] = call.proof.header["jwk"]["x"].clone();
    }),
    ("a private key", |_, call| {
        call.proof.header["jwk"]["d"] = "AAAA".into()
    }),
    ("signed by another key than the one in it", |_, call| {
        call.proof.key = key_of("reelbox")
    }),
    (
        "made with another key than the token is bound to",
        |_, call| {
            call.proof.key = key_of("reelbox");
            call.proof.header["jwk"] = bare_jwk(&call.proof.key);
        },
    ),
    ("made with a key of another kind", |_, call| {
        call.proof.key = Key::from_secret(Algorithm::EdDsa, [3; 32]).unwrap();
        call.proof.header["jwk"] = bare_jwk(&call.proof.key);
        call.proof.header["alg"] = "EdDSA".into();
    }),
    ("for another method", |_, call| {
        call.proof.claims["htm"] = "POST".into()
    }),
    ("for another path", |_, call| {
        call.proof.claims["htu"] = format!("{PUBLIC}/v1/me").into();
    }),
    ("for another host", |_, call| {
        call.proof.claims["htu"] = "https://elsewhere.example/nowhere".into();
    }),
    ("a minute too old", |world, call| {
        call.proof.claims["iat"] = (world.now() - 61).into()
    }),
    ("from the future", |world, call| {
        call.proof.claims["iat"] = (world.now() + 61).into()
    }),
    ("for another token", |_, call| {
        call.proof.claims["ath"] = "AAAA".into()
    }),
    ("for no token", |_, call| {
        call.proof.claims.as_object_mut().unwrap().remove("ath");
    }),
    ("no jti", |_, call| call.proof.claims["jti"] = "".into()),
    ("a critical extension", |_, call| {
        call.proof.header["crit"] = json!(["b64"])
    }),
    ("claims that are no object", |_, call| {
        call.proof.claims = json!("claims")
    }),
];

#[tokio::test]
async fn every_bad_request_is_refused_and_told_what_to_do() {
    let world = World::new().await;
    let mut table = String::new();
    let token = token(&world, "findr").await;
    for (what, spoil) in BAD_REQUESTS {
        let mut call = ApiCall::right(&world, "findr", &token);
        spoil(&world, &mut call);
        let told = call.send(&world).await;
        assert_eq!(told.status, 401, "{what}: {told:?}");
        table.push_str(&format!("## {what}\n{}\n\n", told.shown()));
    }
    insta::assert_snapshot!(table);
    let right = ApiCall::right(&world, "findr", &token);
    assert_eq!(
        right.send(&world).await.status,
        404,
        "the token itself has stayed good"
    );
}

#[tokio::test]
async fn an_assertion_and_a_proof_are_good_once() {
    let world = World::new().await;
    let first = TokenCall::right(&world, "findr");
    assert_eq!(first.send(&world).await.status, 200);
    let assertion_again = first.send(&world).await;
    let mut proof_again = TokenCall::right(&world, "findr");
    proof_again.proof = Jwt {
        text: Some(first.proof.signed()),
        ..proof_again.proof
    };
    // The proof of `first` is signed anew here, with the id that was used.
    let proof_again = proof_again.send(&world).await;

    let token = token(&world, "findr").await;
    let call = ApiCall::right(&world, "findr", &token);
    assert_eq!(call.send(&world).await.status, 404);
    let call_again = call.send(&world).await;
    insta::assert_snapshot!(format!(
        "{}\n\n{}\n\n{}",
        assertion_again.shown(),
        proof_again.shown(),
        call_again.shown()
    ));
}

#[tokio::test]
async fn a_token_ends_with_its_time_with_its_connection_and_when_it_is_given_back() {
    let world = World::new().await;
    let expired = token(&world, "findr").await;
    world.pass(300);
    let expired = ApiCall::right(&world, "findr", &expired).send(&world).await;

    let given_back = token(&world, "findr").await;
    let mut revocation = TokenCall::right(&world, "findr");
    revocation.path = "/oauth/revoke";
    for name in ["grant_type", "connection", "purpose"] {
        revocation.unset(name);
    }
    revocation.set("token", &given_back);
    revocation.proof.text = Some(String::new());
    let revoked = revocation.send(&world).await;
    assert_eq!((revoked.status, revoked.body.as_str()), (200, "{}"));
    let given_back = ApiCall::right(&world, "findr", &given_back)
        .send(&world)
        .await;

    let of_ended = token(&world, "findr").await;
    world
        .happens(Event::Disconnected {
            connection: "ada-findr".parse().unwrap(),
        })
        .await;
    let of_ended = ApiCall::right(&world, "findr", &of_ended)
        .send(&world)
        .await;
    let another = TokenCall::right(&world, "findr").send(&world).await;
    insta::assert_snapshot!(format!(
        "{}\n\n{}\n\n{}\n\n{}",
        expired.shown(),
        given_back.shown(),
        of_ended.shown(),
        another.shown()
    ));
}

#[tokio::test]
async fn giving_a_token_back_leaves_the_connection_as_it_is() {
    let world = World::new().await;
    let token_of_reelbox = token(&world, "reelbox").await;
    let mut revocation = TokenCall::right(&world, "findr");
    revocation.path = "/oauth/revoke";
    revocation
        .form
        .retain(|(name, _)| name.starts_with("client"));
    revocation.set("token", &token_of_reelbox);
    assert_eq!(revocation.send(&world).await.status, 200); // as for a token that nobody holds
    let told = ApiCall::right(&world, "reelbox", &token_of_reelbox)
        .send(&world)
        .await;
    assert_eq!(
        told.status, 404,
        "another partner's token is not findr's to give back"
    );
    assert_eq!(
        TokenCall::right(&world, "findr").send(&world).await.status,
        200
    );
}

#[tokio::test]
async fn a_connection_of_somebody_who_left_gives_no_token() {
    let world = World::new().await;
    let bert = world.register.people().number("bert").unwrap();
    let connection = connection_of("bert-findr", "findr", bert);
    world.happens(Event::Connected { connection }).await;
    let mut call = TokenCall::right(&world, "findr");
    call.set("connection", "bert-findr");
    assert_eq!(call.send(&world).await.status, 200);
    world.happens(Event::PersonLeft { person: bert }).await;
    let mut call = TokenCall::right(&world, "findr");
    call.set("connection", "bert-findr");
    assert_eq!(call.send(&world).await.status, 400);
}

#[tokio::test]
async fn where_nonces_are_demanded_a_proof_without_one_is_told_which() {
    let world = World::with("[tokens]\nnonce = true", "http://127.0.0.1:9").await;
    let told = TokenCall::right(&world, "findr").send(&world).await;
    let nonce = told.header("dpop-nonce").unwrap().to_owned();
    assert_eq!(
        (told.status, told.json()["error"].as_str()),
        (400, Some("use_dpop_nonce"))
    );
    let mut call = TokenCall::right(&world, "findr");
    call.proof.claims["nonce"] = nonce.clone().into();
    let told = call.send(&world).await;
    assert_eq!(told.status, 200);
    let token = told.json()["access_token"].as_str().unwrap().to_owned();

    let told = ApiCall::right(&world, "findr", &token).send(&world).await;
    assert_eq!(
        (told.status, told.header("dpop-nonce")),
        (401, Some(nonce.as_str()))
    );
    let mut call = ApiCall::right(&world, "findr", &token);
    call.proof.claims["nonce"] = nonce.into();
    assert_eq!(call.send(&world).await.status, 404);
}

#[tokio::test]
async fn while_the_clock_is_not_believed_nobody_is_let_in_until_an_operator_confirms_it() {
    let world = World::new().await;
    world.pass(7200); // and the counter that does not follow the wall clock says that no time went by
    let told = TokenCall::right(&world, "findr").send(&world).await;
    insta::assert_snapshot!(told.shown());
    assert_eq!(
        world.administer("POST", "/clock/confirm", "").await.status,
        200
    );
    let token = token(&world, "findr").await;
    world.pass(-60);
    assert_eq!(
        ApiCall::right(&world, "findr", &token)
            .send(&world)
            .await
            .status,
        503
    );
    world.pass(60);
    assert_eq!(
        ApiCall::right(&world, "findr", &token)
            .send(&world)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn what_clients_can_find_out_by_themselves() {
    let world = World::new().await;
    let told = world
        .send("GET", "/.well-known/oauth-authorization-server", &[], "")
        .await;
    let pretty = serde_json::to_string_pretty(&told.json()).unwrap();
    insta::assert_snapshot!(pretty);
    assert_eq!(
        world
            .send("GET", "/oauth/token", &[], "")
            .await
            .header("allow"),
        Some("POST")
    );
}

/// The classic: a verifier that takes the algorithm from the header uses the public key as HMAC's secret.
fn hmac_with_public_key(jwt: &Jwt) -> String {
    use aws_lc_rs::hmac;
    let jwk = bare_jwk(&jwt.key);
    let part = |name: &str| B64.decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [&[4][..], &part("x"), &part("y")].concat();
    let signed = jwt.unsigned();
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, &point),
        signed.as_bytes(),
    );
    format!("{signed}.{}", B64.encode(tag))
}
