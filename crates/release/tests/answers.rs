//! Recorded answers under an overlay: what is counted, what is found, and that no value is told.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, and so may what they share"
)]

use std::path::Path;

use release::{AnswerFile, Answers, Api, Kind, Outcome, Settings, answers};
use serde_json::{Value, json};

fn load(document: &str, overlay: &str) -> Api {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |name: &str| std::fs::read(root.join(name)).unwrap();
    Api::load(&read(document), document, &read(overlay), overlay).unwrap_or_else(|e| panic!("{e}"))
}

fn social() -> Api {
    load(
        "crates/sample/openapi.json",
        "examples/sample-social/overlay.json",
    )
}

fn matrix() -> Api {
    load(
        "examples/matrix/openapi.yaml",
        "examples/matrix/overlay.yaml",
    )
}

fn mastodon() -> Api {
    load(
        "examples/mastodon/openapi.yaml",
        "examples/mastodon/overlay.yaml",
    )
}

fn file(name: &str, bytes: &[u8]) -> AnswerFile {
    AnswerFile {
        name: name.to_owned(),
        bytes: bytes.to_vec(),
    }
}

fn settings(asked_for: Option<&str>) -> Settings {
    Settings {
        asked_for: asked_for.map(str::to_owned),
        refusing: 100,
    }
}

const SOCIAL: &[u8] = include_bytes!("answers/social.ndjson");

fn of_social() -> Answers {
    answers(
        &social(),
        &[file("social.ndjson", SOCIAL)],
        &settings(Some("u_1")),
    )
}

#[test]
fn what_is_told_about_answers_of_the_sample_platform() {
    insta::assert_snapshot!(of_social().to_string());
}

/// The answers of the example, each with what was asked. The example keeps them as the platform sends them.
fn of_mastodon() -> Vec<AnswerFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/mastodon/answers");
    let asked = [
        ("verifyCredentials", "accounts/verify_credentials"),
        ("getAccount", "accounts/110912264070183359"),
        ("getAccountStatuses", "accounts/109316880214370655/statuses"),
        ("getFollowers", "accounts/109302436954721982/followers"),
        ("getFollowing", "accounts/109302436954721982/following"),
        ("getHomeTimeline", "timelines/home"),
        ("getConversations", "conversations"),
        ("getNotifications", "notifications"),
        (
            "getRelationships",
            "accounts/relationships?id[]=110047725309918264",
        ),
    ];
    let files = asked.iter().map(|(operation, path)| {
        let body = std::fs::read(root.join(format!("{operation}.json"))).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let recorded =
            json!({ "request": format!("GET /api/v1/{path}"), "status": 200, "body": body });
        file(
            &format!("{operation}.json"),
            recorded.to_string().as_bytes(),
        )
    });
    files.collect()
}

#[test]
fn what_is_told_about_answers_of_mastodon() {
    let me = settings(Some("109302436954721982"));
    insta::assert_snapshot!(answers(&mastodon(), &of_mastodon(), &me).to_string());
}

/// One answer of the sample platform, and the findings that it leads to: kind and member.
struct Case {
    what: &'static str,
    path: &'static str,
    body: Value,
    expected: &'static [(Kind, &'static str)],
}

fn friend(id: &Value, more: &Value) -> Value {
    let mut friend = json!({ "id": id, "name": "Ben Test", "city": "Kiel", "since": "2020-05-01" });
    let members = more.as_object().unwrap().clone();
    friend.as_object_mut().unwrap().extend(members);
    json!({ "data": [friend, { "id": "u_3", "name": "Cleo Test" }], "paging": {} })
}

fn cases() -> Vec<Case> {
    let friends = "/v1/people/u_1/friends";
    let case = |what, path, body, expected| Case {
        what,
        path,
        body,
        expected,
    };
    vec![
        case(
            "nothing strange",
            friends,
            friend(&json!("u_2"), &json!({})),
            &[],
        ),
        case(
            "an undeclared duplicate of the record's own person",
            friends,
            friend(&json!("u_2"), &json!({ "user": "u_2" })),
            &[],
        ),
        case(
            "an undeclared member that names whoever connected",
            friends,
            friend(&json!("u_2"), &json!({ "added_by": "u_1" })),
            &[],
        ),
        case(
            "an undeclared word",
            friends,
            friend(&json!("u_2"), &json!({ "mood": "fine" })),
            &[],
        ),
        case(
            "an undeclared member that names another friend",
            friends,
            friend(
                &json!("u_2"),
                &json!({ "met_through": { "person": ["u_3"] } }),
            ),
            &[(Kind::Unnamed, "/data/*/met_through")],
        ),
        case(
            "an undeclared map whose key is an identifier",
            friends,
            friend(&json!("u_2"), &json!({ "dora@mail.example": 1 })),
            &[(Kind::Unnamed, "/data/*/*")],
        ),
        case(
            "a number for an id",
            friends,
            friend(&json!(2), &json!({})),
            &[(Kind::NotRecognised, "/data/*")],
        ),
        case(
            "no id",
            friends,
            friend(&json!(null), &json!({})),
            &[(Kind::NotRecognised, "/data/*")],
        ),
        case(
            "somebody in a text",
            friends,
            friend(&json!("u_2"), &json!({ "city": "see dora@mail.example" })),
            &[(Kind::Swept, "/data/*/city")],
        ),
        case(
            "an id within the address of somebody else's profile",
            friends,
            friend(
                &json!("u_2"),
                &json!({ "profile": { "id": "u_2", "name": "Ben", "url": "https://s.example/p?of=u_20001" } }),
            ),
            &[],
        ),
        case(
            "another form than declared",
            friends,
            json!("none"),
            &[(Kind::NoPlanFits, "")],
        ),
        case(
            "whoever connected is not in the thread",
            "/v1/threads/t_1/messages",
            json!({ "data": [{ "id": "m_1", "thread": "t_1", "thread_participants": ["u_7"], "from": { "id": "u_7" }, "text": "hi" }], "paging": {} }),
            &[(Kind::NotRecognised, "/data/*")],
        ),
    ]
}

#[test]
fn each_thing_to_look_at_is_found_and_nothing_else() {
    let api = social();
    for Case {
        what,
        path,
        body,
        expected,
    } in cases()
    {
        let recorded = json!({ "request": format!("GET {path}"), "status": 200, "body": body });
        let files = [file("one.json", recorded.to_string().as_bytes())];
        let told = answers(&api, &files, &settings(Some("u_1")));
        let found: Vec<(Kind, &str)> = told
            .findings
            .iter()
            .map(|finding| (finding.kind, finding.member.as_str()))
            .collect();
        assert_eq!(found, expected, "{what}\n{told}");
        assert_eq!(told.is_clean(), expected.is_empty());
    }
}

/// A friend's id in the middle of another's address: the sweep does not look for bare ids there, so an overlay that lets
/// the address leave is told.
#[test]
fn somebody_still_named_after_refusing_is_found() {
    let body = friend(
        &json!("u_200017"),
        &json!({ "profile": { "id": "u_200017", "name": "Ben", "url": "https://s.example/p" } }),
    );
    let mut body = body;
    body["data"][1]["profile"] = json!({ "id": "u_3", "url": "https://s.example/u_200017/friend" });
    let recorded = json!({ "request": "GET /v1/people/u_1/friends", "status": 200, "body": body });
    let files = [file("one.json", recorded.to_string().as_bytes())];
    let told = answers(&social(), &files, &settings(None));
    let found: Vec<(Kind, &str)> = told
        .findings
        .iter()
        .map(|it| (it.kind, it.member.as_str()))
        .collect();
    assert_eq!(found, [(Kind::StillNamed, "/data/*/profile/url")], "{told}");
    assert_eq!(told.operations[0].refusing.still_named, 1);
}

/// All strings of a value that could be somebody's: words of the API aside.
fn values(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() > 3 => out.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|it| values(it, out)),
        Value::Object(members) => members.values().for_each(|it| values(it, out)),
        _ => {}
    }
}

#[test]
fn no_value_of_an_answer_is_told() {
    let me = settings(Some("109302436954721982"));
    let files = of_mastodon();
    let told = answers(&mastodon(), &files, &me);
    let told = format!("{told}{}", serde_json::to_string(&told).unwrap());
    let mut all = Vec::new();
    for file in &files {
        let recorded: Value = serde_json::from_slice(&file.bytes).unwrap();
        values(&recorded["body"], &mut all);
    }
    all.sort();
    all.dedup();
    // Words that the document has too, and what a deciding member said.
    let document = include_str!("../../../examples/mastodon/openapi.yaml");
    let said = ["admin.report", "severed_relationships"];
    all.retain(|text| !document.contains(text.as_str()) && !said.contains(&text.as_str()));
    assert!(all.len() > 100, "{}", all.len());
    for text in all {
        assert!(!told.contains(&text), "{text} is told");
    }
}

const ALL_ROOMS: &str = include_str!("answers/matrix.ndjson");

#[test]
fn people_whom_a_call_lists_are_taken_from_the_recording_of_that_call() {
    let told = |text: &str| {
        let files = [file("matrix.ndjson", text.as_bytes())];
        answers(&matrix(), &files, &settings(Some("@ana:hs.example")))
    };
    let whole = told(ALL_ROOMS);
    assert_eq!(whole.findings, [], "{whole}");
    assert!(whole.answers[1].lists_people);
    assert!(
        matches!(
            whole.answers[0].outcome,
            Outcome::Walked {
                records: 2,
                leave: 2,
                people: 3,
                ..
            }
        ),
        "{whole}"
    );
    let without: Vec<&str> = ALL_ROOMS.lines().take(1).collect();
    let without = told(&without.join("\n"));
    let kinds: Vec<Kind> = without.findings.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [Kind::CallNotRecorded], "{without}");
    assert_eq!(
        without.findings[0].what,
        "`GET /_matrix/client/v3/rooms/%21room%3Ahs.example/members`"
    );
    assert!(matches!(
        without.answers[0].outcome,
        Outcome::Walked { leave: 0, .. }
    ));
}

/// Answers of a real server, where they are kept.
#[test]
fn answers_of_a_real_matrix_server_are_all_accounted_for() {
    let directory =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/matrix/answers");
    let Ok(entries) = std::fs::read_dir(&directory) else {
        eprintln!("no answers of a real server in ../shared/data: nothing was looked at");
        return;
    };
    let mut files: Vec<AnswerFile> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            file(&name, &std::fs::read(&path).unwrap())
        })
        .collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    let told = answers(&matrix(), &files, &settings(Some("@alice:localhost.test")));
    eprintln!("{told}");
    assert_eq!(told.answers.len() + told.unreadable.len(), files.len());
    // Two were shortened by hand: their paths do not begin with a slash.
    assert_eq!(told.unreadable.len(), 2);
    assert_eq!(told.outcomes()[0], ("walked", 12));
    let walked = told.operations.iter();
    let (runs, named) = walked.fold((0, 0), |(runs, named), it| {
        (runs + it.refusing.runs, named + it.refusing.still_named)
    });
    assert!(runs >= 50, "{runs}");
    assert_eq!(named, 0);
}
