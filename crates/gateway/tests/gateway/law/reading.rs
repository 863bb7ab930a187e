//! Reading all that one person's connection reaches, page by page.

use partner::Token;
use sample::PersonNo;

use super::stage::Stage;
use crate::town::Door;

/// All pages of one path.
pub(crate) struct Seen {
    pub operation: &'static str,
    pub path: String,
    pub pages: Vec<Page>,
}

/// One answer: status, headers and body, and the sealed cursor in it.
pub(crate) struct Page {
    pub status: u16,
    pub headers: String,
    pub body: String,
    pub cursor: Option<String>,
}

/// Every read operation, on behalf of `person`; the search also by name and city of `sought`.
pub(crate) async fn everything(
    stage: &Stage,
    door: &Door,
    person: PersonNo,
    sought: PersonNo,
) -> Vec<Seen> {
    let id = stage.world.id_of(person);
    let own = stage.token(door, Some(&id)).await;
    let nobody = stage.token(door, None).await;
    let mut seen = Vec::new();
    for (operation, path) in own_paths(stage, person) {
        seen.push(read(door, &own, operation, path).await);
    }
    let sought = stage.world.person(sought).unwrap();
    for filter in [
        "".to_owned(),
        format!("&name={}", sought.first_name),
        format!("&city={}", encoded(sought.city)),
    ] {
        seen.push(
            read(
                door,
                &nobody,
                "searchPeople",
                format!("/v1/people?limit=5{filter}"),
            )
            .await,
        );
    }
    seen
}

fn own_paths(stage: &Stage, person: PersonNo) -> Vec<(&'static str, String)> {
    let mut paths = vec![
        ("getPerson", "/v1/people/me".to_owned()),
        ("listFriends", "/v1/people/me/friends?limit=3".to_owned()),
        (
            "listFriendContacts",
            "/v1/people/me/friends/contacts?limit=4".to_owned(),
        ),
        (
            "listContactBook",
            "/v1/people/me/contact-book?limit=3".to_owned(),
        ),
        ("getFeed", "/v1/people/me/feed?limit=6".to_owned()),
        ("exportFeed", "/v1/people/me/feed/lines".to_owned()),
        ("listThreads", "/v1/people/me/threads?limit=2".to_owned()),
    ];
    for thread in stage.world.threads(person) {
        paths.push((
            "listMessages",
            format!("/v1/threads/{}/messages?limit=9", thread.id),
        ));
    }
    paths
}

async fn read(door: &Door, token: &Token, operation: &'static str, path: String) -> Seen {
    let mut pages: Vec<Page> = Vec::new();
    loop {
        let cursor = pages.last().and_then(|page| page.cursor.clone());
        let more = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        let answer = door
            .client
            .get(token, &format!("{path}{more}"))
            .await
            .unwrap();
        let mut headers: Vec<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        let cursor = answer
            .json()
            .ok()
            .and_then(|json| Some(json.pointer("/paging/cursors/after")?.as_str()?.to_owned()));
        let done = cursor.is_none();
        let page = Page {
            status: answer.status.as_u16(),
            headers: headers.join("\n"),
            body: answer.text(),
            cursor,
        };
        pages.push(page);
        if done {
            return Seen {
                operation,
                path,
                pages,
            };
        }
        assert!(pages.len() < 200, "{path} never ends");
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
