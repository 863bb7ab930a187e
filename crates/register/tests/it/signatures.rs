//! Who can sign what, and every signature that is refused, by name.

use crate::common::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::{Event, Party};
use register::signature::{BadKey, BadSignature, SigningKey, conflicts, read_key_set, verify};
use register::{Change, Refused, Register, Side, TakeInError, take_in};
use serde_json::{Value, json};

fn taken(
    register: &Register,
    document: &str,
    all: &[&str],
) -> Result<register::Taken, TakeInError> {
    take_in(register, "findr.yaml", document.as_bytes(), all, start())
}

fn refusal(register: &Register, jws: &str) -> BadSignature {
    let size = register.log().size();
    let error = taken(register, AGREEMENT, &[jws]).unwrap_err();
    assert_eq!(
        register.log().size(),
        size,
        "nothing is written, not even the offer"
    );
    match error {
        TakeInError::Refused(Refused::Signature(bad)) => bad,
        other => panic!("{other}"),
    }
}

fn encode(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.{}",
        part(header),
        part(claims),
        URL_SAFE_NO_PAD.encode(signature)
    )
}

fn claims() -> Value {
    let offer = register::documents::agreement::parse("a", AGREEMENT)
        .unwrap()
        .offer(AGREEMENT);
    json!({
        "typ": "agreement-signature", "agreement": "findr-search", "version": 1,
        "digest": offer.digest.to_string(), "party": "partner", "officer": "findr-officer",
        "iat": start().0 / 1000,
    })
}

/// Claims of our choice, genuinely signed with this key.
fn genuine(claims: &Value, key: &SigningKey) -> String {
    let pem = key.to_pem();
    let key = jsonwebtoken::EncodingKey::from_ed_pem(pem.as_bytes()).unwrap();
    jsonwebtoken::encode(
        &jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA),
        claims,
        &key,
    )
    .unwrap()
}

fn with(member: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[member] = value;
    claims
}

#[test]
fn signed_by_an_officer_of_each_side_the_agreement_is_complete() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    let [platform, partner] = signatures(AGREEMENT);
    assert!(!taken(&register, AGREEMENT, &[&partner]).unwrap().complete);
    assert!(taken(&register, AGREEMENT, &[&platform]).unwrap().complete);
    let version = register
        .book()
        .version(&"findr-search".parse().unwrap(), 1)
        .cloned()
        .unwrap();
    assert_eq!(version.signatures.len(), 2);
    assert_eq!(version.document.text, AGREEMENT);
}

#[test]
fn taking_the_same_in_again_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let register = agreed(&dir.path().join("register"));
    let size = register.log().size();
    let [platform, partner] = signatures(AGREEMENT);
    assert!(
        taken(&register, AGREEMENT, &[&platform, &partner])
            .unwrap()
            .complete
    );
    assert_eq!(register.log().size(), size);
}

#[test]
fn signatures_that_are_refused_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    let [_, good] = signatures(AGREEMENT);
    let unsigned = |alg: &str| encode(&json!({ "alg": alg }), &claims(), b"");
    let mut flipped = good.clone().into_bytes();
    let last = flipped.len() - 10;
    flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
    let foreign = AGREEMENT.replace("Search traffic.", "Money.");
    let [_, over_another] = signatures(&foreign);
    let rows: Vec<(&str, String)> = vec![
        ("not a jws", "signed, Finn".to_owned()),
        ("two parts", "a.b".to_owned()),
        ("four parts", format!("{good}.x")),
        ("a header that is no json", format!("AAAA{}", &good[4..])),
        ("alg none", unsigned("none")),
        ("alg NONE", unsigned("NONE")),
        ("alg HS256 under the public key", unsigned("HS256")),
        ("alg ES256 for a key of Ed25519", unsigned("ES256")),
        ("no alg", encode(&json!({}), &claims(), b"")),
        ("a critical extension", {
            let part = good.split('.').nth(2).unwrap();
            let header = json!({ "alg": "EdDSA", "crit": ["exp"], "exp": 1 });
            encode(&header, &claims(), &URL_SAFE_NO_PAD.decode(part).unwrap())
        }),
        ("altered bytes", String::from_utf8(flipped).unwrap()),
        ("another officer's key", genuine(&claims(), &officer_key(9))),
        (
            "an officer nobody enrolled",
            genuine(&with("officer", json!("mallory")), &findr_key()),
        ),
        (
            "the partner for the platform",
            genuine(&with("party", json!("platform")), &findr_key()),
        ),
        ("over another document", over_another),
        (
            "over another version",
            genuine(&with("version", json!(2)), &findr_key()),
        ),
        (
            "over another agreement",
            genuine(&with("agreement", json!("findr-mail")), &findr_key()),
        ),
        (
            "something else that was signed",
            genuine(&with("typ", json!("login")), &findr_key()),
        ),
        (
            "a claim too many",
            genuine(&with("powers", json!("all")), &findr_key()),
        ),
        (
            "from the future",
            genuine(&with("iat", json!(start().0 / 1000 + 3600)), &findr_key()),
        ),
    ];
    let said = rows
        .iter()
        .map(|(name, jws)| format!("# {name}\n{}\n", refusal(&register, jws)));
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_revoked_officer_does_not_sign_and_a_rotated_key_is_named_as_ended() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    let side = || Side::Partner(findr());
    let [_, old] = signatures(AGREEMENT);
    let next = officer_key(3);
    let rotate = Change::RotateOfficerKey {
        side: side(),
        officer: officer("findr-officer"),
        key: next.public("findr-next").unwrap(),
    };
    append(&register, start(), rotate).unwrap();
    assert!(matches!(
        refusal(&register, &old),
        BadSignature::EndedKey { .. }
    ));
    let new = signed(AGREEMENT, Party::Partner, "findr-officer", &next);
    taken(&register, AGREEMENT, &[&new]).unwrap();

    let revoke = || Change::RevokeOfficer {
        side: side(),
        officer: officer("findr-officer"),
    };
    append(&register, start(), revoke()).unwrap();
    let second = AGREEMENT.replace("version: 1", "version: 2");
    let late = signed(&second, Party::Partner, "findr-officer", &next);
    let said = taken(&register, &second, &[&late]).unwrap_err();
    assert!(matches!(
        said,
        TakeInError::Refused(Refused::Signature(BadSignature::Revoked { .. }))
    ));
    assert!(matches!(
        append(&register, start(), revoke()),
        Err(Refused::OfficerUnknown(_))
    ));
}

#[test]
fn an_officer_whom_the_document_does_not_name_cannot_sign_it() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    let key = officer_key(3);
    let enrol = Change::EnrolOfficer {
        side: Side::Partner(findr()),
        officer: officer("findr-clerk"),
        key: key.public("findr-next").unwrap(),
    };
    append(&register, start(), enrol).unwrap();
    let jws = genuine(&with("officer", json!("findr-clerk")), &key);
    assert!(matches!(
        refusal(&register, &jws),
        BadSignature::NotNamed { .. }
    ));
    let said = register::signature::sign(
        "a",
        AGREEMENT,
        Party::Partner,
        &officer("findr-clerk"),
        &key,
        start(),
    );
    assert!(
        said.unwrap_err()
            .to_string()
            .contains("does not name findr-clerk")
    );
}

#[test]
fn a_partners_officer_signs_with_a_key_that_the_partner_publishes_only() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    let enrol = |key: &SigningKey, name: &str| Change::EnrolOfficer {
        side: Side::Partner(findr()),
        officer: officer(name),
        key: key.public("kid").unwrap(),
    };
    let said = append(&register, start(), enrol(&officer_key(77), "clerk"));
    assert!(matches!(said, Err(Refused::ForeignKey(_))));
    let jwks = key_set(&[(&officer_key(77), "clerk")]);
    append(
        &register,
        start(),
        Change::PartnerKeys {
            partner: findr(),
            jwks,
        },
    )
    .unwrap();
    append(&register, start(), enrol(&officer_key(77), "clerk")).unwrap();
    let again = append(&register, start(), enrol(&officer_key(77), "clerk"));
    assert!(matches!(again, Err(Refused::OfficerKnown(_))));
}

#[test]
fn a_key_of_p_256_signs_too_and_others_cannot_be_enrolled() {
    let key = SigningKey::from_pem(P256.as_bytes()).unwrap();
    let jws = signed(AGREEMENT, Party::Partner, "findr-officer", &key);
    assert!(verify(&jws, &key.public("k").unwrap(), AGREEMENT).is_ok());
    assert!(verify(&jws, &findr_key().public("k").unwrap(), AGREEMENT).is_err());
    let dir = tempfile::tempdir().unwrap();
    let register = create(&dir.path().join("register"));
    let symmetric = serde_json::from_value(json!({ "kty": "oct", "k": "c2VjcmV0" })).unwrap();
    let enrol = |key| Change::EnrolOfficer {
        side: Side::Platform,
        officer: officer("clerk"),
        key,
    };
    assert!(matches!(
        append(&register, start(), enrol(symmetric)),
        Err(Refused::Key(BadKey::Kind))
    ));
    let mut lying = findr_key().public("k").unwrap();
    lying.common.key_algorithm = Some(jsonwebtoken::jwk::KeyAlgorithm::HS256);
    assert!(matches!(
        append(&register, start(), enrol(lying)),
        Err(Refused::Key(BadKey::Algorithm { .. }))
    ));
}

#[test]
fn a_key_in_pem_is_the_same_key_and_never_prints_itself() {
    let key = findr_key();
    let again = SigningKey::from_pem(key.to_pem().as_bytes()).unwrap();
    assert_eq!(key.public("k").unwrap(), again.public("k").unwrap());
    assert_eq!(format!("{key:?}"), "SigningKey(secret)");
    assert_eq!(
        SigningKey::from_pem(b"-----BEGIN X").unwrap_err(),
        BadKey::Pem
    );
}

#[test]
fn key_sets_with_private_parts_or_one_kid_twice_are_refused() {
    let set =
        |keys: Value| read_key_set("findr.jwks", json!({ "keys": keys }).to_string().as_bytes());
    let public = serde_json::to_value(findr_key().public("a").unwrap()).unwrap();
    assert_eq!(set(json!([public])).unwrap().keys.len(), 1);
    let mut private = public.clone();
    private["d"] = json!("AAAA");
    assert!(matches!(
        set(json!([private])),
        Err(BadKey::Private { member: "d", .. })
    ));
    assert!(matches!(
        set(json!([public, public])),
        Err(BadKey::KidTwice { .. })
    ));
    assert!(matches!(read_key_set("f", b"[]"), Err(BadKey::Set { .. })));
}

#[test]
fn nobody_can_write_signed_without_a_signature() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    taken(&register, AGREEMENT, &[]).unwrap();
    let offer = register::documents::agreement::parse("a", AGREEMENT)
        .unwrap()
        .offer(AGREEMENT);
    let event = Event::AgreementSigned {
        agreement: offer.agreement,
        version: 1,
        digest: offer.digest,
        by: Party::Partner,
        officer: officer("findr-officer"),
    };
    assert!(matches!(
        fact(&register, start(), event),
        Err(Refused::OtherWay(_))
    ));
}

const NO_FRIENDS: &str = "\
promise: no-friends
made: 2014-04-30
summary: Apps will not get friends' data any more.
address: https://sample.example/news/2014
form: absolute
scope: { reaches: [friend] }
";

#[test]
fn the_platform_cannot_sign_what_an_absolute_promise_forbids() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    let promise = Change::MakePromise {
        document: NO_FRIENDS.to_owned(),
    };
    append(&register, start(), promise).unwrap();
    let [platform, partner] = signatures(AGREEMENT);
    let said = refusal(&register, &platform);
    assert!(
        said.to_string()
            .contains("promise no-friends is in force and forbids read pd:Name through friend"),
        "{said}"
    );
    // The partner may sign what it wants; without the platform it is inert.
    assert!(!taken(&register, AGREEMENT, &[&partner]).unwrap().complete);
}

#[test]
fn a_check_shows_every_promise_that_covers_a_power_and_says_which_forbid() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    let asked = NO_FRIENDS
        .replace("no-friends", "ask-first")
        .replace("absolute", "unless-consented");
    let past = NO_FRIENDS
        .replace("no-friends", "until-last-year")
        .replace("absolute", "dated\nuntil: 2025-01-01T00:00:00Z");
    for document in [NO_FRIENDS.to_owned(), asked, past] {
        append(&register, start(), Change::MakePromise { document }).unwrap();
    }
    let offer = register::documents::agreement::parse("a", AGREEMENT)
        .unwrap()
        .offer(AGREEMENT);
    let all = conflicts(&offer, &register.book(), start());
    let told: Vec<_> = all
        .iter()
        .map(|it| (it.promise.as_str(), it.forbids, it.powers.len()))
        .collect();
    assert_eq!(told, [("ask-first", false, 1), ("no-friends", true, 1)]);
}

#[test]
fn a_weakened_promise_lets_the_platform_sign_only_once_it_has_taken_effect() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let register = furnished(&home);
    append(
        &register,
        start(),
        Change::MakePromise {
            document: NO_FRIENDS.to_owned(),
        },
    )
    .unwrap();
    let effective = time("2026-12-24T00:00:00Z");
    let weakened = Event::PromiseWeakened {
        promise: "no-friends".parse().unwrap(),
        to: None,
        effective,
    };
    fact(&register, start(), weakened).unwrap();
    let [platform, _] = signatures(AGREEMENT);
    assert!(matches!(
        refusal(&register, &platform),
        BadSignature::Forbidden { .. }
    ));
    drop(register);
    let register = reopen(&home);
    take_in(
        &register,
        "findr.yaml",
        AGREEMENT.as_bytes(),
        &[&platform],
        effective,
    )
    .unwrap();
}

/// A P-256 key for tests, known to everybody.
const P256: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOgPdNcDQ+xIQvoR6
KQ3gUf7edY2ZL2oAGdfUjQGfaAehRANCAAQ0LI3UW17GpKbe4LuxfhNOE6BEfByJ
WRqewFm9f8uW9a9xBOsjSl4zeM5TflvWI+2RPGaUUeDuoeIRiEtp2WD2
-----END PRIVATE KEY-----
";

#[test]
fn a_check_tells_a_steward_what_stands_in_the_way_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    append(
        &register,
        start(),
        Change::MakePromise {
            document: NO_FRIENDS.to_owned(),
        },
    )
    .unwrap();
    let document = AGREEMENT
        .replace("version: 1", "version: 2")
        .replace("category: pd:Name", "category: pd:Age")
        .replace("needed: true", "needed: false")
        .replace(
            "notices: []",
            &format!("notices: [{}, {}]", notice(), "ab".repeat(32)),
        );
    let size = register.log().size();
    let checked = register::check(&register, "findr.yaml", &document, start()).unwrap();
    assert_eq!(register.log().size(), size);
    let told = checked.remarks.iter().map(ToString::to_string);
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
    assert!(
        register::check(&register, "findr.yaml", AGREEMENT, start())
            .unwrap()
            .remarks
            .len()
            == 1
    );
}
