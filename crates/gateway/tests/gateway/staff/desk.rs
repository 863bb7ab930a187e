//! The desk in a browser: the way from a draft to a signature by clicking, and what keeps everybody else's hands off it.

use decide::Party;

use super::stage::{NAMES, Stage, Visitor, agreement, has_form};
use crate::support::browser::Browser;
use crate::support::{send, token_of};

const PAGE: &str = "/desk/agreements/findr-friends";

async fn draft(stella: &mut Visitor, text: &str) -> crate::support::browser::At {
    let sheet = stella.open("/desk/draft").await;
    stella
        .fill(&sheet, "/desk/draft", &[("document", text)])
        .await
}

#[tokio::test]
async fn an_agreement_goes_from_a_draft_to_a_signature_by_clicking() {
    let stage = Stage::new().await;
    let (mut stella, mut rhea) = (
        Visitor::new(&stage, "stella").await,
        Visitor::new(&stage, "rhea").await,
    );
    let text = agreement(1, &NAMES);
    let at = draft(&mut stella, &text).await;
    assert!(
        at.text().contains("waits for a second person"),
        "{}",
        at.text()
    );
    assert!(
        at.text().contains("It shows Sample Social first."),
        "{}",
        at.text()
    );
    assert!(!has_form(&at, "/offer"), "nothing is offered unread");

    let at = rhea.open(PAGE).await;
    let at = rhea
        .fill(
            &at,
            "/review",
            &[("note", "Fine with me."), ("do", "approve")],
        )
        .await;
    assert!(
        at.text().contains("rhea approved it: “Fine with me.”"),
        "{}",
        at.text()
    );

    let at = stella.open(PAGE).await;
    let at = stella.fill(&at, "/offer", &[]).await;
    assert!(
        at.text().contains("waits for both signatures"),
        "{}",
        at.text()
    );
    // The officer signs the exact bytes that the desk hands out.
    let kept = stella.open(&format!("{PAGE}/1/document")).await;
    assert_eq!(kept.told().body, text);
    for (party, then) in [
        (Party::Platform, "waits for the partner's signature"),
        (Party::Partner, "active, version 1"),
    ] {
        let at = stella.open(PAGE).await;
        let jws = stage.signature(party, &kept.told().body);
        let at = stella.fill(&at, "/signature", &[("signature", &jws)]).await;
        assert!(at.text().contains(then), "{then}: {}", at.text());
    }
    let at = stella.open(PAGE).await;
    assert!(
        at.text()
            .contains("drafted by stella, approved by rhea, offered by stella"),
        "{}",
        at.text()
    );
    let desk = stella.open("/desk").await;
    assert!(desk.text().contains("findr-friends"), "{}", desk.text());
    let history = stella.open("/desk/history").await;
    for told in [
        "rhea draft reviewed findr-friends: approved",
        "stella agreement offered",
    ] {
        assert!(history.text().contains(told), "{told}: {}", history.text());
    }
}

#[tokio::test]
async fn a_promises_words_are_shown_at_the_draft_and_the_signature_is_refused() {
    let stage = Stage::new().await;
    let mut stella = Visitor::new(&stage, "stella").await;
    let promise = "promise: no-friends\nmade: 2015-04-30\nsummary: Apps no longer see your friends.\n\
        address: https://sample.example/news\nform: absolute\nscope:\n  reaches: [friend]\n";
    stage.ok("stella", "POST", "/promises", promise).await;
    let text = agreement(1, &NAMES);
    let at = draft(&mut stella, &text).await;
    for told in [
        "forbids it: the platform cannot sign",
        "Apps no longer see your friends.",
    ] {
        assert!(at.text().contains(told), "{told}: {}", at.text());
    }
    stage.review("rhea", "approved", "").await;
    stage.ok("stella", "POST", "/agreements", &text).await;
    let at = stella.open(PAGE).await;
    let jws = stage.signature(Party::Platform, &text);
    let at = stella.fill(&at, "/signature", &[("signature", &jws)]).await;
    assert_eq!(at.status(), 422);
    assert!(
        at.text().contains("promise no-friends is in force"),
        "{}",
        at.text()
    );
}

#[tokio::test]
async fn an_unsound_text_comes_back_with_what_is_wrong_and_lines_end_as_they_did() {
    let stage = Stage::new().await;
    let mut stella = Visitor::new(&stage, "stella").await;
    let at = draft(&mut stella, "agreement: <findr>\n").await;
    assert_eq!(at.status(), 422);
    assert!(at.text().contains("Not taken in"), "{}", at.text());
    let text = agreement(1, &NAMES);
    // As browsers send it.
    draft(&mut stella, &text.replace('\n', "\r\n")).await;
    assert_eq!(stage.drafted().await["document"], text);
}

#[tokio::test]
async fn whoever_drafted_is_not_offered_the_review_and_does_not_get_it_by_force() {
    let stage = Stage::new().await;
    let mut mona = Visitor::new(&stage, "mona").await;
    let at = draft(&mut mona, &agreement(1, &NAMES)).await;
    assert!(!has_form(&at, "/review"));
    assert!(
        at.text().contains("somebody else has to review it"),
        "{}",
        at.text()
    );
    let digest = stage.drafted().await["digest"].as_str().unwrap().to_owned();
    let sheet = mona.open("/desk/draft").await;
    let token = sheet.forms()[0].fields[0].1.clone();
    let fields = [
        ("token", token.as_str()),
        ("digest", &digest),
        ("do", "approve"),
    ];
    let at = mona.send(&format!("{PAGE}/review"), &fields).await;
    assert_eq!(at.status(), 422, "{}", at.text());
    assert!(stage.drafted().await["review"].is_null());
}

#[tokio::test]
async fn what_a_decision_stops_is_told_before_and_an_end_has_to_be_typed() {
    let stage = Stage::new().await;
    stage.sign(1, &NAMES).await;
    let (mut stella, mut otto) = (
        Visitor::new(&stage, "stella").await,
        Visitor::new(&stage, "otto").await,
    );
    let at = otto.open(PAGE).await;
    assert!(
        at.text().contains("If it is suspended or ended"),
        "{}",
        at.text()
    );
    let at = otto.fill(&at, "/suspend", &[]).await;
    assert!(at.text().contains("suspended"), "{}", at.text());
    assert!(
        !has_form(&at, "/resume"),
        "an operator stops, and does not start again"
    );
    let at = stella.open(PAGE).await;
    let at = stella.fill(&at, "/resume", &[]).await;
    assert!(at.text().contains("active, version 1"), "{}", at.text());
    let at = stella.fill(&at, "/end", &[("id", "findr")]).await;
    assert_eq!(at.status(), 400);
    let at = stella.open(PAGE).await;
    let at = stella.fill(&at, "/end", &[("id", "findr-friends")]).await;
    assert!(at.text().contains("ended"), "{}", at.text());
    assert!(!has_form(&at, "/end") && !has_form(&at, "/resume"));
}

#[tokio::test]
async fn a_form_counts_only_from_a_page_of_the_same_session() {
    let stage = Stage::new().await;
    stage.sign(1, &NAMES).await;
    let mut stella = Visitor::new(&stage, "stella").await;
    let mut other = Visitor::new(&stage, "stella").await;
    let page = other.open(PAGE).await;
    let of_other = page.forms()[0].fields[0].1.clone();
    let path = format!("{PAGE}/suspend");
    for fields in [
        vec![],
        vec![("token", "")],
        vec![("token", "guessed")],
        vec![("token", of_other.as_str())],
    ] {
        let at = stella.send(&path, &fields).await;
        assert_eq!(at.status(), 403, "{fields:?}");
    }
    let id = "findr-friends".parse().unwrap();
    let now = decide::Time(stage.world.now() * 1000);
    assert!(
        stage
            .world
            .register
            .facts()
            .stands(&id, now)
            .unwrap()
            .works()
    );
}

#[tokio::test]
async fn a_planted_session_leads_nowhere_and_each_login_has_its_own() {
    let stage = Stage::new().await;
    let host = stage.world.admin.to_string();
    let mut stella = Visitor::new(&stage, "stella").await;
    let cookie = |browser: &mut Browser| browser.cookies(&host)["countersign-staff"].clone();
    let first = cookie(&mut stella.browser);
    // Whoever planted a handle before the login does not know the one after it.
    let at = stella.send("/login", &[("key", &token_of("stella"))]).await;
    assert_eq!(at.status(), 200);
    let second = cookie(&mut stella.browser);
    assert_ne!(first, second);
    let asked = async |cookie: &str| {
        let headers = [("cookie".to_owned(), format!("countersign-staff={cookie}"))];
        send(stage.world.admin, "GET", "/desk", &headers, "").await
    };
    assert_eq!(asked(&first).await.status, 303);
    assert_eq!(asked(&second).await.status, 200);
    assert_eq!(asked("planted").await.header("location"), Some("/login"));
    // The API takes no session, so no page can be made to use it.
    let headers = [("cookie".to_owned(), format!("countersign-staff={second}"))];
    assert_eq!(
        send(stage.world.admin, "GET", "/status", &headers, "")
            .await
            .status,
        401
    );
    let at = stella.open("/desk").await;
    stella.fill(&at, "/logout", &[]).await;
    assert_eq!(asked(&second).await.status, 303);
    let third = {
        let visitor = &mut Visitor::new(&stage, "stella").await;
        cookie(&mut visitor.browser)
    };
    stage.world.pass(3600);
    assert_eq!(asked(&third).await.status, 303, "after an hour");
}

#[tokio::test]
async fn the_session_is_kept_from_scripts_and_other_sites_and_the_pages_load_nothing() {
    let stage = Stage::new().await;
    let body = format!("key={}", token_of("stella"));
    let form = (
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    );
    let told = send(
        stage.world.admin,
        "POST",
        "/login",
        std::slice::from_ref(&form),
        &body,
    )
    .await;
    let cookie = told.header("set-cookie").unwrap();
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    let elsewhere = [form, ("sec-fetch-site".to_owned(), "cross-site".to_owned())];
    let told = send(stage.world.admin, "POST", "/login", &elsewhere, &body).await;
    assert_eq!((told.status, told.header("set-cookie")), (403, None));

    let mut stella = Visitor::new(&stage, "stella").await;
    for path in ["/login", "/desk", "/desk/draft", "/desk/history"] {
        let at = stella.open(path).await;
        let policy = at
            .told()
            .header("content-security-policy")
            .unwrap()
            .to_owned();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(at.told().header("cache-control"), Some("no-store"));
        assert!(!at.told().body.contains("<script"));
    }
}

#[tokio::test]
async fn wrong_tokens_are_told_the_same_and_lock_the_login_too() {
    let stage = Stage::new().await;
    let form = [(
        "content-type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    )];
    let mut told = std::collections::BTreeSet::new();
    for n in 0..20 {
        let body = format!(
            "key={}",
            if n % 2 == 0 {
                "stella"
            } else {
                "nobody-at-all"
            }
        );
        let answer = send(stage.world.admin, "POST", "/login", &form, &body).await;
        told.insert(answer.shown());
    }
    assert_eq!(told.len(), 1);
    let body = format!("key={}", token_of("stella"));
    let answer = send(stage.world.admin, "POST", "/login", &form, &body).await;
    assert_eq!((answer.status, answer.header("set-cookie")), (429, None));
}

#[tokio::test]
async fn nobody_sends_forms_without_end() {
    let stage = Stage::new().await;
    let mut stella = Visitor::new(&stage, "stella").await;
    let mut statuses = Vec::new();
    for _ in 0..62 {
        statuses.push(stella.send("/desk/draft", &[]).await.status());
    }
    assert_eq!((statuses[0], statuses[61]), (403, 429));
    let other = Visitor::new(&stage, "mona")
        .await
        .send("/desk/draft", &[])
        .await;
    assert_eq!(other.status(), 403, "others go on");
}

#[tokio::test]
async fn one_role_does_not_get_at_anothers_page() {
    let stage = Stage::new().await;
    stage.sign(1, &NAMES).await;
    for (who, path) in [
        ("axel", "/desk/draft"),
        ("rhea", "/desk/draft"),
        ("otto", "/desk/draft"),
    ] {
        let at = Visitor::new(&stage, who).await.open(path).await;
        assert_eq!(at.status(), 403, "{who} {path}");
    }
    let mut axel = Visitor::new(&stage, "axel").await;
    let page = axel.open(PAGE).await;
    assert_eq!(
        page.forms().len(),
        1,
        "an auditor can log out, and nothing else"
    );
    let token = page.forms()[0].fields[0].1.clone();
    for end in ["review", "offer", "signature", "suspend", "resume", "end"] {
        let fields = [("token", token.as_str()), ("id", "findr-friends")];
        let at = axel.send(&format!("{PAGE}/{end}"), &fields).await;
        assert_eq!(at.status(), 403, "{end}");
    }
    for (method, path, status) in [("GET", PAGE, 303), ("POST", "/desk/draft", 403)] {
        let told = send(stage.world.admin, method, path, &[], "").await;
        assert_eq!(told.status, status, "{method} {path} without a session");
    }
}

#[tokio::test]
async fn every_page_is_small_also_with_hundreds_of_agreements() {
    let stage = Stage::new().await;
    for n in 0..150 {
        let text = agreement(1, &NAMES[..1])
            .replace("findr-friends", &format!("findr-{n}"))
            .replace("dpv:ServicePersonalisation", &format!("social:Purpose{n}"));
        stage.ok("stella", "POST", "/drafts", &text).await;
    }
    let mut stella = Visitor::new(&stage, "stella").await;
    for path in [
        "/desk",
        "/desk?from=100",
        "/desk/history",
        "/desk/agreements/findr-7",
        "/desk/draft",
        "/desk/renewals",
        "/desk/promises",
    ] {
        let at = stella.open(path).await;
        let bytes = at.told().body.len();
        assert!(at.status() == 200 && bytes < 100_000, "{path}: {bytes}");
    }
    let at = stella.open("/desk?from=100").await;
    // With the two that every world begins with, which are signed.
    let shown = "152 agreements; 150 of them wait for somebody";
    assert!(at.text().contains(shown), "{}", at.text());
}
