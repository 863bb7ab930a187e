//! Promises that anybody proposes: taken down without a name, and answered in public, one way or the other.

use super::stage::{Stage, Visitor};
use crate::support::browser::{At, Browser};

/// What is proposed: (wording, address, day).
pub(crate) const WORDS: [&str; 3] = [
    "We never <b>sell</b> your messages.\nNot to anybody.",
    "https://sample.example/2015/our-word",
    "2015-04-30",
];

/// Sends the public form.
pub(crate) async fn propose(stage: &Stage, [wording, address, made]: [&str; 3]) -> At {
    let fields = [("wording", wording), ("address", address), ("made", made)];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.replace('\n', "\r\n")));
    let page = format!("http://{}/public/promises/propose", stage.world.address);
    Browser::default().send_form(&page, &fields).await
}

/// The SHA-256 that the page hands out.
pub(crate) fn receipt(at: &At) -> String {
    let text = at.text();
    let (_, digest) = text
        .split_once("SHA-256 ")
        .unwrap_or_else(|| panic!("{text}"));
    digest[..64].to_owned()
}

async fn public(stage: &Stage) -> At {
    let page = format!("http://{}/public/promises/propose", stage.world.address);
    Browser::default().follow(&page).await
}

#[tokio::test]
async fn what_anybody_proposes_is_accepted_and_stands_above_agreements_from_then_on() {
    let stage = Stage::new().await;
    let at = propose(&stage, WORDS).await;
    assert_eq!(at.status(), 200, "{}", at.text());
    let digest = receipt(&at);
    assert!(public(&stage).await.text().contains("1 proposal waits"));
    let mut stella = Visitor::new(&stage, "stella").await;
    let list = stella.open("/desk/promises").await;
    assert!(
        list.text().contains("We never <b>sell</b> your messages."),
        "{}",
        list.text()
    );
    let at = stella.open(&format!("/desk/proposals/{digest}")).await;
    let document = "promise: no-selling\nmade: 2015-04-30\nsummary: Messages are not sold.\n\
        address: https://sample.example/2015/our-word\nform: absolute\nscope:\n  categories: [pd:Name]\n";
    let at = stella
        .fill(&at, "/accept", &[("document", document), ("shown", "yes")])
        .await;
    assert!(at.text().contains("no-selling"), "{}", at.text());
    let book = stage.world.register.book();
    assert!(book.promises.contains_key("no-selling"));
    let told = public(&stage).await.text();
    assert!(told.contains("accepted as no-selling"), "{told}");
    assert!(told.contains("0 proposals wait"), "{told}");
}

#[tokio::test]
async fn a_page_from_before_an_answer_promises_nothing_any_more() {
    let stage = Stage::new().await;
    let digest = receipt(&propose(&stage, WORDS).await);
    let mut stella = Visitor::new(&stage, "stella").await;
    let page = stella.open(&format!("/desk/proposals/{digest}")).await;
    let reason = [("reason", "A newspaper said it, not we.")];
    let at = stella.fill(&page, "/reject", &reason).await;
    assert_eq!(at.status(), 200, "{}", at.text());
    let document = "promise: no-selling\nmade: 2015-04-30\nsummary: Messages are not sold.\n\
        address: https://sample.example/2015/our-word\nform: absolute\nscope:\n  categories: [pd:Name]\n";
    let at = stella
        .fill(&page, "/accept", &[("document", document)])
        .await;
    assert_eq!(at.status(), 422, "{}", at.text());
    let book = stage.world.register.book();
    assert!(!book.promises.contains_key("no-selling"));
}

#[tokio::test]
async fn a_rejection_is_public_with_its_reason_and_shows_the_words_only_where_it_may() {
    let stage = Stage::new().await;
    let mut digests = Vec::new();
    for words in [WORDS, ["Ada Miller lives in Elm Street.", WORDS[1], ""]] {
        digests.push(receipt(&propose(&stage, words).await));
    }
    let mut stella = Visitor::new(&stage, "stella").await;
    for (digest, reason, shown) in [
        (&digests[0], "A newspaper said it, not we.", true),
        (
            &digests[1],
            "It is no promise, and it is about a person.",
            false,
        ),
    ] {
        let at = stella.open(&format!("/desk/proposals/{digest}")).await;
        let mut fields = vec![("reason", reason)];
        if shown {
            fields.push(("shown", "yes"));
        }
        let at = stella.fill(&at, "/reject", &fields).await;
        assert_eq!(at.status(), 200, "{}", at.text());
    }
    let told = public(&stage).await.text();
    for words in [
        "A newspaper said it, not we.",
        "We never <b>sell</b>",
        "it is about a person",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(
        !told.contains("Elm Street") && told.contains(&digests[1]),
        "{told}"
    );
    // Nor does the log's public part have what may not be shown, before the answer or after it.
    let log = stage.world.register.log();
    for index in 0..log.size() {
        let entry = log.read(index).unwrap().record.entry;
        assert!(
            !String::from_utf8_lossy(&entry).contains("Elm Street"),
            "entry {index}"
        );
    }
    let again = serde_json::json!({ "answer": { "rejected": "Another reason." }, "shown": false });
    let path = format!("/proposals/{}/answer", digests[0]);
    let told = stage.ask("stella", "POST", &path, &again.to_string()).await;
    assert_eq!(
        told.status, 422,
        "an answer is not taken back: {}",
        told.body
    );
}

#[tokio::test]
async fn a_proposal_without_a_source_or_words_is_none_and_what_was_typed_is_not_lost() {
    let stage = Stage::new().await;
    for (wrong, words) in [
        ("no address", [WORDS[0], "our news page", ""]),
        ("a script", [WORDS[0], "javascript:alert(1)", ""]),
        ("no words", ["", WORDS[1], ""]),
        ("no day", [WORDS[0], WORDS[1], "in spring"]),
    ] {
        let at = propose(&stage, words).await;
        assert_eq!(at.status(), 422, "{wrong}");
        assert!(
            at.text().contains("Not taken down."),
            "{wrong}: {}",
            at.text()
        );
        assert!(
            words[0].is_empty() || at.text().contains("Not to anybody."),
            "{wrong}"
        );
    }
    assert!(stage.world.register.book().proposals.is_empty());
}

#[tokio::test]
async fn strangers_cannot_fill_the_register() {
    let stage = Stage::new().await;
    let mut statuses = Vec::new();
    for n in 0..20 {
        let address = format!("https://sample.example/{n}");
        statuses.push(propose(&stage, [WORDS[0], &address, ""]).await.status());
    }
    assert!(
        statuses[..12].iter().all(|status| *status == 200),
        "{statuses:?}"
    );
    assert_eq!(statuses.last(), Some(&429));
    let told = crate::support::send(
        stage.world.address,
        "PUT",
        "/public/promises/propose",
        &[],
        "",
    )
    .await;
    assert_eq!(told.status, 405);
}
