//! From a draft to a signature: two people, exact texts, and promises that stand above both.

use decide::Party;

use super::stage::{NAMES, Stage, agreement};

const FRIENDS_ARE_OFF: &str = "promise: no-friends\nmade: 2015-04-30\nsummary: Apps no longer see your friends.\n\
    address: https://sample.example/news\nform: absolute\nscope:\n  reaches: [friend]\n";

#[tokio::test]
async fn what_one_has_drafted_and_another_approved_is_offered_signed_and_governs() {
    let stage = Stage::new().await;
    let text = agreement(1, &NAMES);
    stage.ok("stella", "POST", "/drafts", &text).await;
    let told = stage.ask("stella", "POST", "/agreements", &text).await;
    assert_eq!(told.status, 422, "{}", told.body);
    assert!(told.body.contains("admin:not-reviewed"), "{}", told.body);

    assert_eq!(stage.review("rhea", "approved", "").await.status, 200);
    let other = text.replace("retention-days: 30", "retention-days: 31");
    let told = stage.ask("stella", "POST", "/agreements", &other).await;
    assert_eq!(told.status, 422, "another text than the approved one");
    stage.ok("stella", "POST", "/agreements", &text).await;
    assert!(
        stage.drafted().await.is_null(),
        "what is offered is no draft any more"
    );
    for party in [Party::Platform, Party::Partner] {
        let jws = stage.signature(party, &text);
        stage
            .ok("stella", "POST", "/agreements/signatures", &jws)
            .await;
    }
    let facts = stage.world.register.facts();
    let now = decide::Time(stage.world.now() * 1000);
    assert_eq!(
        facts.governing(&"findr-friends".parse().unwrap(), now),
        Some(1)
    );
    let book = stage.world.register.book();
    let offered = book.version(&"findr-friends".parse().unwrap(), 1).unwrap();
    let prepared = offered.prepared.as_ref().unwrap();
    let names = [
        prepared.by.as_str(),
        prepared.review.as_ref().unwrap().by.as_str(),
        offered.offered_by.as_ref().unwrap().as_str(),
    ];
    assert_eq!(names, ["stella", "rhea", "stella"]);
}

#[tokio::test]
async fn whoever_drafted_any_text_of_a_version_cannot_review_it() {
    let stage = Stage::new().await;
    // Mona may both draft and review, but not the same version.
    stage
        .ok("mona", "POST", "/drafts", &agreement(1, &NAMES))
        .await;
    let told = stage.review("mona", "approved", "").await;
    assert_eq!(told.status, 422);
    assert!(told.body.contains("a second person"), "{}", told.body);
    // Nor after somebody else has touched it up.
    stage
        .ok("stella", "POST", "/drafts", &agreement(1, &NAMES[..1]))
        .await;
    assert_eq!(stage.review("mona", "approved", "").await.status, 422);
    assert_eq!(stage.review("rhea", "approved", "Fine.").await.status, 200);
}

#[tokio::test]
async fn a_changed_text_is_another_draft_and_what_was_sent_back_stays_so() {
    let stage = Stage::new().await;
    stage
        .ok("stella", "POST", "/drafts", &agreement(1, &NAMES))
        .await;
    let unsaid = stage.review("rhea", "sent-back", " ").await;
    assert_eq!(unsaid.status, 422, "sent back without a word");
    assert_eq!(
        stage
            .review("rhea", "sent-back", "Why friends?")
            .await
            .status,
        200
    );
    let again = stage.review("mona", "approved", "").await;
    assert_eq!(again.status, 422, "by another reviewer: {}", again.body);

    let former = stage.drafted().await["digest"].clone();
    stage
        .ok("stella", "POST", "/drafts", &agreement(1, &NAMES[..1]))
        .await;
    assert!(
        stage.drafted().await["review"].is_null(),
        "a new text has no review"
    );
    let late = serde_json::json!({ "digest": former, "verdict": "approved", "note": "" });
    let late = stage
        .ask(
            "rhea",
            "POST",
            "/drafts/findr-friends/review",
            &late.to_string(),
        )
        .await;
    assert_eq!(
        late.status, 422,
        "approval of a text that is not there any more"
    );
    assert_eq!(stage.review("rhea", "approved", "").await.status, 200);
}

#[tokio::test]
async fn a_draft_that_breaks_a_promise_shows_it_and_cannot_be_signed_by_the_platform() {
    let stage = Stage::new().await;
    stage
        .ok("stella", "POST", "/promises", FRIENDS_ARE_OFF)
        .await;
    let text = agreement(1, &NAMES);
    stage.ok("stella", "POST", "/drafts", &text).await;
    let drafted = stage.drafted().await;
    assert_eq!(drafted["against"][0]["promise"], "no-friends");
    assert_eq!(drafted["against"][0]["forbids"], true);
    assert_eq!(
        drafted["against"][0]["powers"],
        serde_json::json!(["read pd:Name through friend for dpv:ServicePersonalisation"])
    );
    stage.review("rhea", "approved", "I did not look.").await;
    stage.ok("stella", "POST", "/agreements", &text).await;
    let jws = stage.signature(Party::Platform, &text);
    let told = stage
        .ask("stella", "POST", "/agreements/signatures", &jws)
        .await;
    assert_eq!(told.status, 422);
    assert!(
        told.body.contains("promise no-friends is in force"),
        "{}",
        told.body
    );
}

#[tokio::test]
async fn a_draft_that_could_never_be_offered_is_none() {
    let stage = Stage::new().await;
    for (why, text) in [
        ("no agreement", "agreement: findr-friends\n".to_owned()),
        ("a later version", agreement(2, &NAMES)),
        (
            "an unknown partner",
            agreement(1, &NAMES).replace("partner: findr\n", "partner: shopfront\n"),
        ),
    ] {
        let told = stage.ask("stella", "POST", "/drafts", &text).await;
        assert_eq!(told.status, 422, "{why}: {}", told.body);
    }
    assert!(stage.drafted().await.is_null());
}
