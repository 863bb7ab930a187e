//! The platforms whose answers are walked: their documents, who is who, and one request for every operation.

use std::sync::LazyLock;

use decide::PersonNo;
use release::{Api, Call, CursorKey, Me, OnBehalf, Operation, Routed, Walk};

use crate::facts::{connection, findr};

const NOTHING: &str = r#"{"overlay": "1.1.0", "info": {"title": "None", "version": "1"},
    "actions": [{"target": "$.info", "update": {"description": "nothing"}}]}"#;

pub(crate) struct Platform {
    pub(crate) api: Api,
    /// The answer to a call for people, where the input brings none.
    pub(crate) people: &'static str,
    /// Some members are declared to be a name of their record's person.
    pub(crate) names: bool,
}

pub(crate) static PLATFORMS: LazyLock<Vec<Platform>> = LazyLock::new(|| {
    let load = |document: &str, overlay: &str, people| {
        let names = [document, overlay]
            .iter()
            .any(|text| text.contains("names: ["));
        let api = Api::load(document.as_bytes(), "a.yaml", overlay.as_bytes(), "b.yaml");
        Platform {
            api: api.unwrap_or_else(|errors| panic!("{errors}")),
            people,
            names,
        }
    };
    vec![
        load(
            include_str!("../../crates/release/src/tests/hall.yaml"),
            NOTHING,
            r#"{"all":[{"id":"ada"},{"id":"p1"},{"id":"p2","state":"left","at":100}]}"#,
        ),
        load(
            sample::OPENAPI,
            include_str!("../../examples/sample-social/overlay.json"),
            "",
        ),
        load(
            include_str!("../../examples/matrix/openapi.yaml"),
            include_str!("../../examples/matrix/overlay.yaml"),
            r#"{"chunk":[{"type":"m.room.member","state_key":"ada","content":{"membership":"join"}},{"type":"m.room.member","state_key":"@p1:home","content":{"membership":"leave"},"origin_server_ts":100}],"joined":{"ada":{},"@p1:home":{}}}"#,
        ),
        load(
            include_str!("../../examples/mastodon/openapi.yaml"),
            include_str!("../../examples/mastodon/overlay.yaml"),
            "",
        ),
    ]
});

/// How many people there are. Nobody else is known.
pub(crate) const PEOPLE: u32 = 8;

/// Ada is 0 and has connected. Every other text of one word is the id of somebody, or of nobody, by its sum; upper and
/// lower case are one.
pub(crate) fn who(id: &str) -> Option<PersonNo> {
    if id == "ada" {
        return Some(PersonNo(0));
    }
    // A declared id is nobody else's within: the oracle looks at words.
    if id.contains(|c: char| c.is_whitespace() || "\"<>(),%".contains(c)) {
        return None;
    }
    let sum = id.bytes().fold(7_u32, |sum, byte| {
        sum.wrapping_mul(31)
            .wrapping_add(u32::from(byte.to_ascii_lowercase()))
    });
    Some(1 + (sum >> 8) % PEOPLE)
        .filter(|no| *no < PEOPLE)
        .map(PersonNo)
}

pub(crate) fn acts_for_ada(operation: &Operation) -> bool {
    operation.on_behalf() == OnBehalf::Person
}

/// A walk of this operation that waits for an answer; `None` where no request could be made up for it.
pub(crate) fn walk(api: &Api, operation: &Operation) -> Option<Walk> {
    let me = Me {
        id: "ada".to_owned(),
        no: PersonNo(0),
    };
    let (partner, connected, key) = (findr(), connection(), CursorKey::new([9; 32]));
    let ada = acts_for_ada(operation);
    let bodies: [Option<&[u8]>; 5] = [
        None,
        Some(b"{}"),
        Some(br#"{"search_term":"p","limit":5}"#),
        Some(br#"{"search_categories":{"room_events":{"search_term":"p"}}}"#),
        Some(br#"{"ids":["1"]}"#),
    ];
    let queries = [
        None,
        Some("limit=20"),
        Some("q=p"),
        Some("id=1"),
        Some("dir=b"),
        Some("type=p"),
        Some("id%5B%5D=1"),
    ];
    for value in ["ada", "p1", "1"] {
        for (body, query) in bodies
            .iter()
            .flat_map(|body| queries.map(|query| (body, query)))
        {
            let Routed::Mapped(route) =
                api.route(operation.method(), &filled(operation.path(), value))
            else {
                continue;
            };
            let prepared = route.prepare(&Call {
                query,
                body: *body,
                partner: &partner,
                connection: ada.then_some(&connected),
                me: ada.then_some(&me),
                cursors: &key,
            });
            if let Ok(prepared) = prepared {
                return Some(prepared.into_walk());
            }
        }
    }
    None
}

/// A path whose parameters all have this value.
fn filled(template: &str, value: &str) -> String {
    let segments = template
        .split('/')
        .map(|segment| match segment.split_once('{') {
            Some((before, _)) => format!("{before}{value}"),
            None => segment.to_owned(),
        });
    segments.collect::<Vec<_>>().join("/")
}
