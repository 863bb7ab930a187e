//! What must be the same, what must not be there, and what must have arrived.

use std::collections::{BTreeMap, BTreeSet};

use sample::PersonNo;
use serde_json::Value;

use super::reading::{Page, Seen};
use super::stage::Stage;

/// Equal byte for byte, but for what sealed cursors hold; their lengths are equal, too.
pub(crate) fn same_bytes(seen: &Seen, expected: &Seen, when: &str) {
    let place = format!("{when}: {}", seen.path);
    assert_eq!(
        seen.pages.len(),
        expected.pages.len(),
        "{place}: number of pages"
    );
    for (n, (seen, expected)) in seen.pages.iter().zip(&expected.pages).enumerate() {
        assert_eq!(
            seen.status, expected.status,
            "{place}, page {n}: {} | {}",
            seen.body, expected.body
        );
        assert_eq!(
            seen.headers, expected.headers,
            "{place}, page {n}: {} | {}",
            seen.body, expected.body
        );
        assert_eq!(unsealed(seen), unsealed(expected), "{place}, page {n}");
    }
}

/// The body with a sealed cursor's letters made equal; its length stays.
fn unsealed(page: &Page) -> String {
    match &page.cursor {
        Some(cursor) => page
            .body
            .replace(cursor.as_str(), &"*".repeat(cursor.len())),
        None => page.body.clone(),
    }
}

/// No identifier of the refusing person anywhere, in any spelling that could be read back.
pub(crate) fn nothing_planted(seen: &Seen, planted: &[String]) {
    for page in &seen.pages {
        let decoded = page.body.replace("\\/", "/");
        for text in planted {
            assert!(
                !page.headers.contains(text.as_str()),
                "{}: {text} in headers",
                seen.path
            );
            assert!(
                !decoded.contains(text.as_str()),
                "{}: {text} in {}",
                seen.path,
                page.body
            );
        }
    }
}

/// An answer, or nothing there: anything else would compare equal and show nothing.
pub(crate) fn answered(seen: &Seen) {
    for page in &seen.pages {
        let gone = page.status == 404 && seen.operation == "listMessages";
        assert!(
            page.status == 200 || gone,
            "{}: {} {}",
            seen.path,
            page.status,
            page.body
        );
    }
}

/// Every record that does not concern the refusing person has arrived, and none that does: how many of each.
pub(crate) fn records(
    stage: &Stage,
    seen: &[Seen],
    person: PersonNo,
    refusing: PersonNo,
) -> Vec<(&'static str, u64, u64)> {
    let operations: BTreeSet<&'static str> = seen.iter().map(|seen| seen.operation).collect();
    let mut counts = Vec::new();
    for operation in operations {
        let arrived: BTreeSet<String> = seen
            .iter()
            .filter(|seen| {
                seen.operation == operation
                    && !seen.path.contains("name=")
                    && !seen.path.contains("city=")
            })
            .flat_map(|seen| &seen.pages)
            .flat_map(|page| ids(&page.body))
            .collect();
        // A stream of the same records as a list.
        let census = if operation == "exportFeed" {
            "getFeed"
        } else {
            operation
        };
        let all = stage.world.records(census, person);
        let named = all.iter().filter(|record| !record.concerns.is_empty());
        let (withheld, free): (Vec<_>, Vec<_>) =
            named.partition(|record| record.concerns.contains(&refusing));
        let expected: BTreeSet<String> = free.iter().map(|record| record.id.clone()).collect();
        assert_eq!(
            arrived,
            expected,
            "{operation} on behalf of {}",
            stage.world.id_of(person)
        );
        counts.push((operation, expected.len() as u64, withheld.len() as u64));
    }
    counts
}

fn ids(body: &str) -> Vec<String> {
    let body = parsed(body);
    let id = |record: &Value| record.get("id").and_then(Value::as_str).map(str::to_owned);
    match body.get("data").and_then(Value::as_array) {
        Some(records) => records.iter().filter_map(id).collect(),
        None => id(&body).into_iter().collect(),
    }
}

/// A body as one value: the records of a stream are in a list, as they are in a page.
fn parsed(body: &str) -> Value {
    let lines = || {
        let records = body.lines().map(|line| serde_json::from_str(line).unwrap());
        serde_json::json!({ "data": records.collect::<Vec<Value>>() })
    };
    match serde_json::from_str::<Value>(body) {
        Ok(value) if value.get("author").is_none() => value,
        _ => lines(),
    }
}

/// What arrived is what the platform says, member by member; what did not is noted by its path.
pub(crate) async fn unchanged(
    stage: &Stage,
    seen: &Seen,
    person: PersonNo,
    dropped: &mut BTreeMap<&'static str, BTreeSet<String>>,
) {
    let path = seen.path.replace(
        "/people/me",
        &format!("/people/{}", stage.world.id_of(person)),
    );
    let wide = path
        .split_once("limit=")
        .map_or(path.clone(), |(before, after)| {
            let rest = after.find('&').map_or("", |at| &after[at..]);
            format!("{before}limit=100{rest}")
        });
    let original = direct(&format!("{}{wide}", stage.gate.upstream)).await;
    let mut merged: Option<Value> = None;
    for page in &seen.pages {
        assert_eq!(page.status, 200, "{}: {}", seen.path, page.body);
        let page = parsed(&page.body);
        match (&mut merged, page.get("data").and_then(Value::as_array)) {
            (Some(merged), Some(more)) => {
                merged["data"]
                    .as_array_mut()
                    .unwrap()
                    .extend(more.iter().cloned());
            }
            _ => merged = Some(page),
        }
    }
    let notes = dropped.entry(seen.operation).or_default();
    subset(&merged.unwrap(), &original, "", notes);
}

async fn direct(address: &str) -> Value {
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
        .build_http();
    let request = http::Request::get(address)
        .header("authorization", "Bearer service-token")
        .body(http_body_util::Empty::<bytes::Bytes>::new())
        .unwrap();
    let answer: http::Response<hyper::body::Incoming> = client.request(request).await.unwrap();
    assert_eq!(answer.status(), 200, "{address}");
    let body = http_body_util::BodyExt::collect(answer.into_body())
        .await
        .unwrap()
        .to_bytes();
    parsed(std::str::from_utf8(&body).unwrap())
}

/// Every member of `part` is in `whole` with the same value; what `whole` has beyond it is noted.
fn subset(part: &Value, whole: &Value, path: &str, notes: &mut BTreeSet<String>) {
    if path.starts_with("/paging") {
        return; // sealed, and of other pages
    }
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            for (key, value) in part {
                let original = whole
                    .get(key)
                    .unwrap_or_else(|| panic!("{path}/{key} is nowhere in the original"));
                subset(value, original, &format!("{path}/{}", pattern(key)), notes);
            }
            for key in whole.keys().filter(|key| !part.contains_key(*key)) {
                notes.insert(format!("{path}/{}", pattern(key)));
            }
        }
        (Value::Array(part), Value::Array(whole)) => {
            let mut left = whole.iter();
            for value in part {
                let same = |original: &&Value| match value.get("id") {
                    Some(id) => original.get("id") == Some(id),
                    None => true,
                };
                let original = left
                    .by_ref()
                    .find(same)
                    .unwrap_or_else(|| panic!("{path}: order or record invented"));
                subset(value, original, &format!("{path}/*"), notes);
            }
            if part.len() < whole.len() {
                notes.insert(format!("{path}/* (whole records)"));
            }
        }
        (part, whole) => assert_eq!(part, whole, "{path}"),
    }
}

fn pattern(key: &str) -> &str {
    if key.starts_with("u_") {
        "{person}"
    } else {
        key
    }
}
