//! What is counted as leaving is what the writer writes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::recording::{AnswerFile, read};
use super::run::{Look, Settings};
use super::written::places;
use crate::api::Api;
use crate::document::step;
use crate::reduce::write;

/// The body's places, as far as the counted ones lead.
fn found(
    value: &Value,
    path: &str,
    counted: &BTreeMap<String, u64>,
    out: &mut BTreeMap<String, u64>,
) {
    if counted.contains_key(path) {
        *out.entry(path.to_owned()).or_default() += 1;
        return;
    }
    match value {
        Value::Array(list) => {
            for element in list {
                found(element, &format!("{path}/*"), counted, out);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                found(member, &step(path, name), counted, out);
            }
        }
        Value::Null => {}
        _ => panic!("{path} is written and not counted"),
    }
}

fn mastodon() -> (Api, Vec<AnswerFile>) {
    macro_rules! example {
        ($name:literal) => {
            include_bytes!(concat!("../../../../examples/mastodon/", $name)).as_slice()
        };
    }
    let (document, overlay) = (example!("openapi.yaml"), example!("overlay.yaml"));
    let api = Api::load(document, "openapi.yaml", overlay, "overlay.yaml").unwrap();
    let file = |path: &str, body: &[u8]| {
        let body: Value = serde_json::from_slice(body).unwrap();
        let recorded =
            json!({ "request": format!("GET /api/v1/{path}"), "status": 200, "body": body });
        AnswerFile {
            name: path.to_owned(),
            bytes: recorded.to_string().into_bytes(),
        }
    };
    let files = vec![
        file("timelines/home", example!("answers/getHomeTimeline.json")),
        file("notifications", example!("answers/getNotifications.json")),
        file("conversations", example!("answers/getConversations.json")),
        file(
            "accounts/109316880214370655/statuses",
            example!("answers/getAccountStatuses.json"),
        ),
    ];
    (api, files)
}

#[test]
fn what_is_counted_as_leaving_is_what_the_writer_writes() {
    let (api, files) = mastodon();
    let settings = Settings {
        asked_for: Some("109302436954721982".to_owned()),
        refusing: 0,
    };
    let recordings: Vec<_> = files.iter().flat_map(read).map(Result::unwrap).collect();
    let look = Look::at(&api, &recordings, &settings);
    let mut all = 0;
    for recording in &recordings {
        let route = look.mapped(recording).unwrap();
        let (judged, ..) = look.judged(recording, &route).unwrap();
        let (seen, plan) = (&judged.settled.walk.seen, &judged.operation().plan);
        let places = places(plan, seen, judged.permit.decision(), &judged.living);
        let mut counted: BTreeMap<String, u64> = BTreeMap::new();
        for (_, place, leaves) in places.data {
            *counted.entry(place).or_default() += u64::from(leaves);
        }
        counted.retain(|_, leaves| *leaves > 0);
        let body: Value = serde_json::from_slice(&write(&judged).unwrap().body).unwrap();
        let mut written = BTreeMap::new();
        found(&body, "", &counted, &mut written);
        assert_eq!(written, counted, "{}", recording.file);
        all += counted.values().sum::<u64>();
    }
    assert!(all > 500, "{all}");
}
