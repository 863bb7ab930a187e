//! What is being prepared: it governs nothing, is seen by nobody outside, and is there after a restart, with its names.

use decide::StaffId;
use register::{Answer, Change, PROPOSALS_AT_MOST, Position, Proposal, Refused, Register, Verdict};

use crate::common::{AGREEMENT, all_bytes, furnished, key, reopen, start};

fn staff(name: &str) -> StaffId {
    name.parse().unwrap()
}

/// Somebody does something.
fn by(register: &Register, who: Option<&str>, change: Change) -> Result<Position, Refused> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let who = who.map(staff);
    runtime.block_on(register.append_by(start(), who, change, key()))
}

fn draft() -> Change {
    let document = year();
    Change::DraftAgreement { document }
}

/// Findr's agreement, for a year.
fn year() -> String {
    AGREEMENT.replace("2028-01-01", "2027-01-01")
}

fn review(verdict: Verdict) -> Change {
    Change::ReviewDraft {
        agreement: "findr-search".parse().unwrap(),
        digest: register::documents::agreement::digest(year().as_bytes()),
        verdict,
        note: "Read twice.".to_owned(),
    }
}

fn proposal(n: usize) -> Proposal {
    Proposal {
        wording: format!("Promise number {n}."),
        address: "https://sample.example/word".to_owned(),
        made: None,
    }
}

#[test]
fn drafts_reviews_and_proposals_are_there_after_a_restart_with_and_without_a_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let register = furnished(&home);
    let facts = register.facts().image();
    by(&register, Some("stella"), draft()).unwrap();
    by(&register, Some("rhea"), review(Verdict::Approved)).unwrap();
    let proposal = proposal(1);
    let change = Change::ProposePromise {
        proposal: proposal.clone(),
    };
    by(&register, None, change).unwrap();
    let answer = Change::AnswerProposal {
        digest: proposal.digest(),
        answer: Answer::Rejected("Nobody said so.".to_owned()),
        shown: None,
    };
    by(&register, Some("stella"), answer).unwrap();
    let book = register.book();
    let kept = &book.drafts["findr-search"];
    assert_eq!(
        (kept.by.as_str(), kept.document.text.clone()),
        ("stella", year())
    );
    assert_eq!(kept.review.as_ref().unwrap().by.as_str(), "rhea");
    let last = register.position();
    let deeds = register.deeds(last, 100).unwrap();

    drop(register);
    let folded = reopen(&home);
    assert_eq!(*folded.book(), *book);
    folded.snapshot().unwrap();
    drop(folded);
    let copied = reopen(&home);
    assert_eq!(*copied.book(), *book);
    assert_eq!(copied.deeds(last, 100).unwrap(), deeds);
    let names: Vec<_> = deeds
        .iter()
        .take(4)
        .map(|deed| deed.by.as_ref().map(StaffId::as_str))
        .collect();
    assert_eq!(names, [Some("stella"), None, Some("rhea"), Some("stella")]);
    // Four entries, and not a fact more.
    let mut now = serde_json::to_value(copied.facts().image()).unwrap();
    let mut then = serde_json::to_value(facts).unwrap();
    assert_ne!(now["position"], then["position"]);
    now["position"] = 0.into();
    then["position"] = 0.into();
    assert_eq!(now, then);
}

#[test]
fn nothing_of_a_draft_a_review_or_an_unread_proposal_stands_in_the_clear() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("register");
    let register = furnished(&home);
    by(&register, Some("stella"), draft()).unwrap();
    by(&register, Some("rhea"), review(Verdict::SentBack)).unwrap();
    let change = Change::ProposePromise {
        proposal: proposal(7),
    };
    by(&register, None, change).unwrap();
    register.snapshot().unwrap();
    register.log().publish_now().unwrap();
    drop(register);
    let bytes = all_bytes(&home);
    for text in [
        "Search traffic.",
        "Read twice.",
        "Promise number 7.",
        "stella",
        "rhea",
    ] {
        let text = text.as_bytes();
        assert!(
            !bytes.windows(text.len()).any(|window| window == text),
            "{text:?}"
        );
    }
}

#[test]
fn a_draft_or_a_review_without_a_name_is_refused_and_so_is_ones_own() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    assert!(matches!(
        by(&register, None, draft()),
        Err(Refused::Nameless)
    ));
    by(&register, Some("stella"), draft()).unwrap();
    let review = || review(Verdict::Approved);
    assert!(matches!(
        by(&register, None, review()),
        Err(Refused::Nameless)
    ));
    assert!(matches!(
        by(&register, Some("stella"), review()),
        Err(Refused::OwnDraft { .. })
    ));
    assert!(by(&register, Some("rhea"), review()).is_ok());
}

#[test]
fn no_more_proposals_wait_than_can_and_answers_make_room() {
    let dir = tempfile::tempdir().unwrap();
    let register = furnished(&dir.path().join("register"));
    let propose = |n| {
        let proposal = proposal(n);
        by(&register, None, Change::ProposePromise { proposal })
    };
    for n in 0..PROPOSALS_AT_MOST {
        propose(n).unwrap();
    }
    let before = register.position();
    assert_eq!(propose(3).unwrap(), before, "the same again is the same");
    let beyond = propose(PROPOSALS_AT_MOST);
    assert!(
        matches!(beyond, Err(Refused::TooManyProposals(_))),
        "{beyond:?}"
    );
    let answer = |shown| Change::AnswerProposal {
        digest: proposal(3).digest(),
        answer: Answer::Rejected("No.".to_owned()),
        shown,
    };
    let other = by(&register, Some("stella"), answer(Some(proposal(4))));
    assert!(matches!(other, Err(Refused::OtherProposal)), "{other:?}");
    by(&register, Some("stella"), answer(Some(proposal(3)))).unwrap();
    propose(PROPOSALS_AT_MOST).unwrap();
    assert!(propose(3).is_ok(), "an answered one is not asked again");
    assert_eq!(register.book().waiting().len(), PROPOSALS_AT_MOST);
}
