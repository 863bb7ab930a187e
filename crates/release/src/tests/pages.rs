//! Our pages against the platform's: what a partner pages through is what a list without the others would give.

use bytes::Bytes;
use proptest::prelude::*;

use super::{Api, PersonNo, Town, Walk, finish, load, prepare};

const LIST: &str = r##"
openapi: 3.0.3
info: { title: List, version: "1" }
paths:
  /friends:
    get:
      x-countersign:
        verb: read
        reach: friend
        order: none
        page: { items: /list, size: n, default-size: 3, max-size: 7, cursor: c, after: /page/after, next: /page/next }
      parameters:
        - { name: n, in: query, schema: { type: integer } }
        - { name: c, in: query, schema: { type: string } }
      responses:
        "200":
          description: Friends
          content:
            application/json:
              schema:
                type: object
                properties:
                  list:
                    type: array
                    items:
                      type: object
                      x-countersign: { people: [{ at: id }] }
                      properties:
                        id: { type: string, x-countersign: { category: "pd:UID", identifies: true } }
                  page:
                    type: object
                    properties: { after: { type: string }, next: { type: string }, total: { type: integer } }
                  total: { type: integer }
"##;

/// The platform's list: some people, in pages of as many as are asked for.
struct Platform(Vec<u32>);

impl Platform {
    fn get(&self, target: &str) -> Bytes {
        let query = target.split_once('?').unwrap().1;
        let value = |name: &str| {
            query.split('&').find_map(|pair| {
                pair.strip_prefix(name)?
                    .strip_prefix('=')?
                    .parse::<usize>()
                    .ok()
            })
        };
        let (size, start) = (value("n").unwrap(), value("c").unwrap_or(0));
        let rest = self.0.get(start..).unwrap();
        let page = &rest[..size.min(rest.len())];
        let list: Vec<String> = page.iter().map(|n| format!(r#"{{"id":"p{n}"}}"#)).collect();
        let after = if rest.len() > size {
            format!(
                r#","after":"{0}","next":"https://h/friends?x=1&c={0}""#,
                start + size
            )
        } else {
            String::new()
        };
        let list = list.join(",");
        Bytes::from(format!(
            r#"{{"total":{0},"list":[{list}],"page":{{"total":{0}{after}}}}}"#,
            self.0.len()
        ))
    }
}

/// A page of ours, with how often the platform was asked.
fn page(api: &Api, town: &Town, platform: &Platform, target: &str) -> (serde_json::Value, usize) {
    let prepared = prepare(api, target).unwrap();
    let mut asked = 1;
    let mut body = platform.get(prepared.upstream());
    let mut walk = prepared.into_walk();
    let decision = loop {
        walk.take_page(body, &super::number).unwrap();
        let decision = town.decide(&walk.question(&town.asker));
        match walk.missing(&decision) {
            None => break decision,
            Some(next) => body = platform.get(&next),
        }
        asked += 1;
    };
    let text = finish(walk.settle(&decision), town).unwrap();
    (serde_json::from_str(&text).unwrap(), asked)
}

/// All pages: who is on each, and which members `page` has.
fn all(
    api: &Api,
    town: &Town,
    platform: &Platform,
    first: &str,
) -> Vec<(Vec<String>, Vec<String>)> {
    let mut out = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(target) = next {
        let (body, _) = page(api, town, platform, &target);
        let ids = body["list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned());
        let page = body["page"].as_object().cloned().unwrap_or_default();
        let members = page.keys().cloned();
        out.push((ids.collect(), members.collect()));
        next = body["page"]["next"].as_str().map(str::to_owned);
    }
    out
}

/// Everybody but those who refuse has consented.
fn town(api: &Api, refusing: &[u32]) -> Town {
    let town = super::town(api, 60);
    let agreeing: Vec<_> = (0..60)
        .filter(|n| !refusing.contains(n))
        .map(PersonNo)
        .collect();
    town.consent(&agreeing, |_, _| true);
    town
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_those_of_a_list_without_whoever_refuses(
        friends in proptest::collection::vec(1_u32..60, 0..50),
        refusing in proptest::collection::vec(1_u32..60, 0..40),
        size in 1_usize..8,
    ) {
        let mut friends = friends;
        friends.sort_unstable();
        friends.dedup();
        let api = load(LIST);
        let rest: Vec<u32> = friends.iter().copied().filter(|n| !refusing.contains(n)).collect();
        let first = format!("/friends?n={size}");
        let found = all(&api, &town(&api, &refusing), &Platform(friends), &first);
        let expected = all(&api, &town(&api, &[]), &Platform(rest), &first);
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_page_that_cannot_be_filled_within_the_limit_goes_on_in_the_next() {
    let api = load(LIST);
    let many: Vec<u32> = (1..60).cycle().take(200).collect();
    let refusing: Vec<u32> = (1..60).collect();
    let (body, asked) = page(&api, &town(&api, &refusing), &Platform(many), "/friends");
    assert_eq!(body["list"], serde_json::json!([]));
    assert_eq!(asked, 1 + Walk::REFILLS);
    assert!(body["page"]["next"].is_string());
}

#[test]
fn links_hold_nothing_of_the_platforms() {
    let api = load(LIST);
    let (body, _) = page(
        &api,
        &town(&api, &[]),
        &Platform((1..30).collect()),
        "/friends?n=2",
    );
    let next = body["page"]["next"].as_str().unwrap();
    let after = body["page"]["after"].as_str().unwrap();
    assert_eq!(next, format!("/friends?n=2&c={after}"));
    assert_eq!(
        after.len(),
        123,
        "12 bytes of nonce, 64 sealed, 16 of tag, in base64"
    );
}

#[test]
fn without_more_there_is_no_link() {
    let api = load(LIST);
    let refusing: Vec<u32> = (4..30).collect();
    let (body, _) = page(
        &api,
        &town(&api, &refusing),
        &Platform((1..30).collect()),
        "/friends?n=3",
    );
    assert_eq!(
        body,
        serde_json::json!({"list": [{"id": "p1"}, {"id": "p2"}, {"id": "p3"}]})
    );
}

#[test]
fn the_final_question_holds_nothing_beyond_the_page() {
    let api = load(LIST);
    let town = town(&api, &[]);
    let prepared = prepare(&api, "/friends?n=2").unwrap();
    let mut walk = prepared.into_walk();
    let platform = Platform((1..30).collect());
    walk.take_page(platform.get("/friends?n=7"), &super::number)
        .unwrap();
    let decision = town.decide(&walk.question(&town.asker));
    assert_eq!(decision.asked(), 7);
    let settled = walk.settle(&decision);
    assert!(!settled.is_whole());
    assert_eq!(settled.question(&town.asker).data.len(), 2);
    assert_eq!(settled.question(&town.asker).subjects.len(), 2);
}

#[test]
fn a_page_that_nobody_asked_for_is_refused() {
    let api = load(LIST);
    let mut walk = prepare(&api, "/friends").unwrap().into_walk();
    let platform = Platform((1..30).collect());
    walk.take_page(platform.get("/friends?n=3"), &super::number)
        .unwrap();
    let more = walk.take_page(platform.get("/friends?n=3"), &super::number);
    assert_eq!(more, Err(crate::AnswerRefused::UnexpectedPage));
}

#[test]
fn an_answer_without_its_list_is_refused() {
    let api = load(LIST);
    for body in [r#"{"page":{}}"#, r#"{"list":{}}"#, "[]", "null"] {
        let mut walk = prepare(&api, "/friends").unwrap().into_walk();
        let taken = walk.take_page(Bytes::from(body), &super::number);
        assert_eq!(taken, Err(crate::AnswerRefused::NotAsDeclared), "{body}");
    }
}
