//! Who gets in, who may do what, and what is remembered of wrong tokens.

use std::collections::BTreeSet;

use gateway::RoleTable;
use gateway::config::Role;

use super::stage::{Stage, Visitor};
use crate::support::{ADMIN_TOKEN, send, token_of};

/// Each role, and somebody who has it alone.
const ALONE: [(Role, &str); 4] = [
    (Role::Steward, "stella"),
    (Role::Reviewer, "rhea"),
    (Role::Auditor, "axel"),
    (Role::Operator, "otto"),
];

#[test]
fn every_endpoint_of_the_router_stands_in_the_table_of_roles_and_nothing_else_does() {
    let routed: BTreeSet<String> = gateway::admin_endpoints()
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    let table = RoleTable::new();
    let listed: BTreeSet<String> = table.lines().map(|(what, _)| what.to_owned()).collect();
    assert_eq!(routed, listed);
    for (what, roles) in table.lines() {
        assert!(roles.is_none_or(|roles| !roles.is_empty()), "{what}");
    }
}

#[test]
fn an_auditor_changes_nothing_and_no_role_alone_both_drafts_and_approves() {
    for (what, roles) in RoleTable::new().lines() {
        let Some(roles) = roles else {
            let before = ["GET /", "GET /login", "POST /login"];
            assert!(before.contains(&what), "{what}: anybody");
            continue;
        };
        let changes = !what.starts_with("GET ");
        let own = what == "POST /logout";
        assert!(
            !(changes && !own && roles.contains(&Role::Auditor)),
            "{what}"
        );
        if what.ends_with("/review") {
            assert_eq!(roles, &BTreeSet::from([Role::Reviewer]), "{what}");
        } else if changes && !own {
            assert!(!roles.contains(&Role::Reviewer), "{what}");
        }
    }
}

#[tokio::test]
async fn every_endpoint_of_the_api_refuses_every_role_that_does_not_stand_beside_it() {
    let stage = Stage::new().await;
    let table = RoleTable::new();
    let mut asked = 0;
    for (what, roles) in table.lines() {
        let (method, path) = what.split_once(' ').unwrap();
        let Some(roles) = roles.filter(|_| !path.starts_with("/desk") && path != "/logout") else {
            continue; // the pages' door has its own test
        };
        let path = path.replace("{id}", "findr-none").replace("{index}", "7");
        for (role, who) in ALONE {
            let told = stage.ask(who, method, &path, "").await;
            asked += 1;
            if roles.contains(&role) {
                assert!(
                    ![401, 403, 429].contains(&told.status),
                    "{who} {what}: {told:?}"
                );
            } else {
                assert_eq!(told.status, 403, "{who} {what}");
                assert!(told.body.contains("admin:not-yours"), "{}", told.body);
            }
        }
    }
    assert!(asked > 120, "{asked}");
}

#[tokio::test]
async fn every_page_of_the_desk_refuses_every_role_that_does_not_stand_beside_it() {
    let stage = Stage::new().await;
    let table = RoleTable::new();
    let mut asked = 0;
    for (role, who) in ALONE {
        let mut visitor = Visitor::new(&stage, who).await;
        let desk = visitor.open("/desk").await;
        let token = desk.forms()[0].fields[0].1.clone();
        for (what, roles) in table.lines() {
            let (method, path) = what.split_once(' ').unwrap();
            let Some(roles) = roles.filter(|_| path.starts_with("/desk")) else {
                continue;
            };
            let path = path
                .replace("{id}", "findr-none")
                .replace("{version}", "1")
                .replace("{digest}", &"0".repeat(64));
            let at = match method {
                "GET" => visitor.open(&path).await,
                _ => visitor.send(&path, &[("token", token.as_str())]).await,
            };
            asked += 1;
            let refused = at.status() == 403;
            assert_eq!(
                refused,
                !roles.contains(&role),
                "{who} {what}: {}",
                at.text()
            );
            assert!(![401, 429].contains(&at.status()), "{who} {what}");
        }
    }
    assert!(asked > 60, "{asked}");
}

#[tokio::test]
async fn once_there_is_staff_the_programs_own_token_is_an_operators() {
    let stage = Stage::new().await;
    let join = stage.ask("program", "POST", "/people/join", r#"{"id":"fred"}"#);
    assert_eq!(join.await.status, 200);
    for (method, path) in [
        ("POST", "/drafts"),
        ("POST", "/agreements"),
        ("POST", "/promises"),
        ("POST", "/drafts/findr-friends/review"),
    ] {
        let told = stage.ask("program", method, path, "").await;
        assert_eq!(told.status, 403, "{path}: {}", told.body);
    }
}

#[tokio::test]
async fn what_takes_away_is_taken_in_also_while_the_clock_is_not_believed_and_nothing_else_is() {
    let stage = Stage::new().await;
    stage.sign(1, &super::stage::NAMES).await;
    stage.world.pass(-7200);
    let bar = r#"{"person":"ada","bar":"everything"}"#;
    for (path, body, status) in [
        ("/bars", bar, 200),
        ("/bars/lift", bar, 503),
        ("/agreements/findr-friends/suspend", "", 200),
        ("/agreements/findr-friends/resume", "", 503),
        ("/people/leave", r#"{"id":"bert"}"#, 200),
        ("/people/join", r#"{"id":"fred"}"#, 503),
    ] {
        let who = if path.ends_with("resume") {
            "stella"
        } else {
            "otto"
        };
        let told = stage.ask(who, "POST", path, body).await;
        assert_eq!(told.status, status, "{path}: {}", told.body);
    }
}

#[tokio::test]
async fn too_many_wrong_tokens_lock_an_address_out_and_no_other_and_not_the_program() {
    let stage = Stage::new().await;
    let wrong = [(
        "authorization".to_owned(),
        format!("Bearer {}", "x".repeat(40)),
    )];
    let status = |who: &'static str| {
        let told = stage.ask(who, "GET", "/status", "");
        async { told.await.status }
    };
    for n in 0..20 {
        assert_eq!(status("stella").await, 200, "before the {n}th");
        let told = send(stage.world.admin, "GET", "/status", &wrong, "").await;
        assert_eq!(told.status, 401, "the {n}th");
    }
    // Right or wrong, it is told the same: a lock that shows which token would have been right is none.
    let locked = send(stage.world.admin, "GET", "/status", &wrong, "").await;
    let right = stage.ask("stella", "GET", "/status", "").await;
    assert_eq!((locked.status, right.status), (429, 429));
    assert_eq!(locked.body, right.body);
    // What the platform's systems bring in does not wait.
    let withdrawn = stage.ask(
        "program",
        "POST",
        "/bars",
        r#"{"person":"ada","bar":"everything"}"#,
    );
    assert_eq!(withdrawn.await.status, 200);
    assert_eq!(from_elsewhere(&stage, "stella").await, 200);
    stage.world.pass(600);
    assert_eq!(status("stella").await, 200);
}

/// As one of the staff, from another address of this host.
async fn from_elsewhere(stage: &Stage, who: &str) -> u16 {
    use tokio::io::AsyncWriteExt as _;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut stream = socket.connect(stage.world.admin).await.unwrap();
    let token = token_of(who);
    let text = format!(
        "GET /status HTTP/1.1\r\nhost: here\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    crate::support::read_answer(&mut stream).await.status
}

#[tokio::test]
async fn what_is_told_about_a_wrong_token_depends_on_nothing_but_that_it_is_wrong() {
    let stage = Stage::new().await;
    let near = token_of("stella");
    let wrong = [
        near[..near.len() - 1].to_owned(),
        format!("{near}0"),
        near.to_uppercase(),
        "stella".to_owned(),
        "nobody".to_owned(),
        format!("{ADMIN_TOKEN}0"),
        String::new(),
    ];
    let mut told = BTreeSet::new();
    for token in wrong {
        let headers = [("authorization".to_owned(), format!("Bearer {token}"))];
        let answer = send(stage.world.admin, "GET", "/status", &headers, "").await;
        told.insert(answer.shown());
    }
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn the_history_says_who_did_what_and_names_no_person() {
    let stage = Stage::new().await;
    stage
        .ok(
            "otto",
            "POST",
            "/bars",
            r#"{"person":"ada","bar":"everything"}"#,
        )
        .await;
    stage
        .ok(
            "program",
            "POST",
            "/bars/lift",
            r#"{"person":"ada","bar":"everything"}"#,
        )
        .await;
    let told = stage.ok("axel", "GET", "/history", "").await;
    assert!(!told.body.contains("ada"), "{}", told.body);
    let told = told.json();
    let deeds: Vec<[&str; 3]> = told["deeds"]
        .as_array()
        .unwrap()
        .iter()
        .take(4)
        .map(|deed| ["by", "what", "about"].map(|member| deed[member].as_str().unwrap_or("-")))
        .collect();
    assert_eq!(
        deeds,
        [
            ["program", "bar lifted", ""],
            ["otto", "bar set", ""],
            ["stella", "officer enrolled", "finn of findr"],
            ["stella", "officer enrolled", "nora of the platform"],
        ]
    );
    let last = told["deeds"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["by"], last["position"].as_u64()),
        (&serde_json::Value::Null, Some(1))
    );
    let second = told["deeds"][1]["position"].as_u64().unwrap();
    let older = stage
        .ok("axel", "GET", &format!("/history?before={second}"), "")
        .await;
    assert_eq!(older.json()["deeds"][0], told["deeds"][2]);
}
