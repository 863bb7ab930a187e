//! Keys against the standards' own examples, and signatures against another library.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail loudly"
)]

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation};
use partner::{Algorithm, Key, Proven};
use serde_json::{Value, json};

const BOTH: [Algorithm; 2] = [Algorithm::Es256, Algorithm::EdDsa];

fn key(algorithm: Algorithm) -> Key {
    Key::from_secret(algorithm, [7; 32]).unwrap()
}

/// What another library reads from a token, if it accepts the signature.
fn claims(token: &str, key: &Key, audience: &str) -> Value {
    let jwk: Jwk = serde_json::from_value(key.public_jwk()).unwrap();
    let algorithm = key.algorithm().as_str().parse().unwrap();
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[audience]);
    validation.validate_exp = false;
    if audience.is_empty() {
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
    }
    jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation)
        .unwrap()
        .claims
}

#[test]
fn an_ed25519_key_and_its_thumbprint_are_those_of_rfc_8037() {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let key = Key::from_jwk(&jwk).unwrap();
    assert_eq!(
        key.thumbprint(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn a_p256_key_is_that_of_rfc_7515_appendix_a3() {
    let jwk = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    });
    assert_eq!(Key::from_jwk(&jwk).unwrap().public_jwk()["y"], jwk["y"]);
}

#[test]
fn a_private_jwk_read_back_is_the_same_key() {
    for algorithm in BOTH {
        let first = key(algorithm);
        let second = Key::from_jwk(&first.private_jwk()).unwrap();
        assert_eq!(first.thumbprint(), second.thumbprint());
        assert_eq!(first.private_jwk(), second.private_jwk());
    }
}

#[test]
fn a_public_jwk_has_no_private_part_and_cannot_be_read_as_a_key() {
    for algorithm in BOTH {
        let public = key(algorithm).public_jwk();
        assert!(public.get("d").is_none());
        let error = Key::from_jwk(&public).unwrap_err();
        assert!(error.to_string().contains("member d"), "{error}");
    }
}

#[test]
fn a_private_part_beside_the_public_part_of_another_key_is_refused() {
    for algorithm in BOTH {
        let other = Key::from_secret(algorithm, [8; 32]).unwrap();
        let mut mixed = key(algorithm).private_jwk();
        mixed["x"] = other.public_jwk()["x"].clone();
        assert!(Key::from_jwk(&mixed).is_err());
    }
}

#[test]
fn zero_is_no_private_key_of_p256() {
    assert!(Key::from_secret(Algorithm::Es256, [0; 32]).is_err());
}

#[test]
fn a_key_does_not_print_its_secret() {
    for algorithm in BOTH {
        let key = key(algorithm);
        let secret = key.private_jwk()["d"].as_str().unwrap().to_owned();
        assert!(!format!("{key:?}").contains(&secret));
    }
}

#[test]
fn another_library_accepts_an_assertion_and_reads_who_to_whom_and_for_how_long() {
    for algorithm in BOTH {
        let key = key(algorithm);
        let token = partner::assertion(&key, "findr", "https://issuer", 1_000, "one").unwrap();
        let claims = claims(&token, &key, "https://issuer");
        assert_eq!(
            claims,
            json!({
                "iss": "findr", "sub": "findr", "aud": "https://issuer",
                "iat": 1_000, "exp": 1_060, "jti": "one",
            })
        );
    }
}

#[test]
fn a_proof_names_method_bare_address_and_the_hash_of_the_token() {
    for algorithm in BOTH {
        let key = key(algorithm);
        let address = "https://resource.example/people?name=ada#top";
        let request = Proven {
            method: &http::Method::GET,
            address,
            token: Some("token"),
            nonce: None,
        };
        let proof = partner::proof(&key, request, 5, "one").unwrap();
        let claims = claims(&proof, &key, "");
        assert_eq!(claims["htm"], "GET");
        assert_eq!(claims["htu"], "https://resource.example/people");
        // Computed elsewhere: printf token | openssl dgst -sha256 -binary | base64url
        assert_eq!(claims["ath"], "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A");
        let header = jsonwebtoken::decode_header(&proof).unwrap();
        assert_eq!(header.typ.as_deref(), Some("dpop+jwt"));
        assert!(header.jwk.is_some());
    }
}

#[test]
fn a_proof_without_a_token_has_no_hash_of_one() {
    let key = key(Algorithm::Es256);
    let request = Proven {
        method: &http::Method::POST,
        address: "http://a/token",
        token: None,
        nonce: None,
    };
    let proof = partner::proof(&key, request, 5, "x").unwrap();
    assert!(claims(&proof, &key, "").get("ath").is_none());
}

#[test]
fn a_key_in_pem_is_read_by_another_library_and_signs_as_the_same_key() {
    for algorithm in BOTH {
        let key = key(algorithm);
        let pem = key.to_pem().unwrap();
        let encoding = match algorithm {
            Algorithm::Es256 => jsonwebtoken::EncodingKey::from_ec_pem(pem.as_bytes()),
            Algorithm::EdDsa => jsonwebtoken::EncodingKey::from_ed_pem(pem.as_bytes()),
        };
        let header = jsonwebtoken::Header::new(algorithm.as_str().parse().unwrap());
        let token = jsonwebtoken::encode(&header, &json!({ "a": 1 }), &encoding.unwrap()).unwrap();
        assert_eq!(claims(&token, &key, "")["a"], 1);
    }
}

#[test]
fn a_key_keeps_the_name_that_it_was_given_and_says_it_in_assertions() {
    let named = key(Algorithm::Es256).named("findr-2026");
    let read = Key::from_jwk(&named.private_jwk()).unwrap();
    assert_eq!(read.kid(), "findr-2026");
    let assertion = partner::assertion(&read, "findr", "https://issuer", 0, "one").unwrap();
    let header = jsonwebtoken::decode_header(&assertion).unwrap();
    assert_eq!(header.kid.as_deref(), Some("findr-2026"));
}
