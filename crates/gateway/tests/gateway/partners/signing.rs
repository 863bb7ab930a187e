//! An officer signs in a real browser, by `scripts/pages/sign.mjs`: the key is read there and never sent.
//! `scripts/browser-tests` runs it.

use std::ffi::OsStr;
use std::path::Path;

use decide::Party;
use partner::Key;
use serde_json::Value;

use super::partner_side::link;
use super::stage::{Stage, officer_key};
use crate::support::{key_of, pages};

/// What the browser showed and sent, by this file as the officer's private key.
async fn signed_in_browser(stage: &Stage, partner: &str, file: &Path) -> Value {
    let link = link(stage, partner, &key_of(partner)).await;
    let page = format!("{}/partner/agreements/{partner}-friends/2", stage.public);
    let args: [&OsStr; 3] = [link.as_ref(), page.as_ref(), file.as_ref()];
    let ran = pages::run("sign.mjs", args);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// The private key as a file: a JWK or PEM.
fn file(dir: &Path, key: &Key, pem: bool) -> std::path::PathBuf {
    let path = dir.join(if pem { "officer.pem" } else { "officer.jwk" });
    let text = if pem {
        key.to_pem().unwrap()
    } else {
        format!("{:#}\n", key.private_jwk())
    };
    std::fs::write(&path, text).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a browser: run scripts/browser-tests"]
async fn an_officer_signs_in_the_browser_and_only_the_signature_leaves_it() {
    let dir = tempfile::tempdir().unwrap();
    for (partner, pem) in [
        ("findr", false),
        ("findr", true),
        ("reelbox", false),
        ("reelbox", true),
    ] {
        let stage = Stage::new().await;
        stage.offer(partner, 2).await;
        stage.sign(partner, 2, Party::Platform).await;
        let key = officer_key(partner);
        let told = signed_in_browser(&stage, partner, &file(dir.path(), &key, pem)).await;
        let text = told["text"].as_str().unwrap();
        assert!(
            text.contains("signed by both sides, and governs"),
            "{partner}: {told:#}"
        );
        assert_eq!(told["complaints"], serde_json::json!([]), "{told:#}");
        let secret = key.private_jwk()["d"].as_str().unwrap().to_owned();
        assert!(
            !told.to_string().contains(&secret),
            "the private key was sent"
        );
        let posts = told["sent"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["method"] == "POST");
        assert_eq!(posts.count(), 1);
        let book = stage.register.book();
        let offered = book
            .version(&format!("{partner}-friends").parse().unwrap(), 2)
            .unwrap();
        assert!(offered.signed_by(Party::Partner));
        let connection = stage.connect(&stage.people[0], partner, 2).await;
        assert_eq!(
            stage.read(partner, &connection, "/v1/people/me").await.0,
            200
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a browser: run scripts/browser-tests"]
async fn with_another_key_the_browser_or_the_register_says_why_not_and_nothing_is_signed() {
    let dir = tempfile::tempdir().unwrap();
    let stage = Stage::new().await;
    stage.offer("findr", 2).await;
    let notes = dir.path().join("notes.txt");
    std::fs::write(&notes, "not a key").unwrap();
    let stranger = Key::from_secret(partner::Algorithm::EdDsa, [99; 32]).unwrap();
    for (file, said) in [
        (
            notes,
            "Nothing was signed: this browser cannot read the file as a private key for EdDSA",
        ),
        (
            file(dir.path(), &stranger, false),
            "not by the enrolled key of officer findr-officer",
        ),
    ] {
        let told = signed_in_browser(&stage, "findr", &file).await;
        assert!(told["text"].as_str().unwrap().contains(said), "{told:#}");
        let book = stage.register.book();
        let offered = book.version(&"findr-friends".parse().unwrap(), 2).unwrap();
        assert!(offered.signatures.is_empty());
    }
}
