//! The example of Mastodon's API: whoever refuses is nowhere in what leaves, everything that does not concern them is there,
//! and with everybody's consent all that the overlay names. Against the slow plain model, answer by answer.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, and so may what they share"
)]

#[path = "mastodon/generate.rs"]
mod generate;
#[path = "mastodon/model.rs"]
mod model;
#[path = "mastodon/stage.rs"]
mod stage;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use generate::{Dice, NAMES};
use model::{Model, each_object};
use serde_json::Value;
use stage::{ADA, NOBODY, Named, Stage, everybody, target};

/// How many records an answer has at its top.
fn count(answer: Option<&Value>) -> usize {
    answer.map_or(0, |answer| answer.as_array().map_or(1, Vec::len))
}

#[test]
fn whoever_refuses_is_nowhere_and_everything_else_is_there() {
    let stage = Stage::new();
    let (mut answers, mut touched, mut gone, mut kept, mut names_looked_for) = (0, 0, 0, 0, 0);
    for (operation, answer) in &stage.answers {
        let model = Model::new(operation, answer);
        let whole = model.without(NOBODY);
        for (id, Named(names)) in stage.people.iter().filter(|(id, _)| *id != ADA) {
            let left = stage.without(id, operation, answer);
            assert_eq!(left, model.without(id), "{operation} without {id}");
            let text = left.as_ref().map_or_else(String::new, Value::to_string);
            for name in names {
                assert!(
                    !text.contains(name),
                    "{name} in {operation} without {id}: {text}"
                );
            }
            answers += 1;
            touched += usize::from(left != whole);
            kept += count(left.as_ref());
            gone += count(whole.as_ref()) - count(left.as_ref());
            names_looked_for += names.len();
        }
    }
    println!(
        "{answers} answers, each without one of {} people: {touched} differ, {gone} records gone, {kept} there; \
         {names_looked_for} identifiers looked for, none found",
        stage.people.len() - 1
    );
    assert!(
        touched > 20 && gone > 30 && kept > 100,
        "the answers show something"
    );
}

#[test]
fn with_everybodys_consent_all_that_the_overlay_names_is_there() {
    let stage = Stage::new();
    let (mut sent, mut left, mut lost) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (operation, answer) in &stage.answers {
        let got = stage.without(NOBODY, operation, answer);
        assert_eq!(
            got,
            Model::new(operation, answer).without(NOBODY),
            "{operation}"
        );
        lost.insert(*operation, count(Some(answer)) - count(got.as_ref()));
        names_of_members(answer, &mut sent);
        names_of_members(got.as_ref().unwrap(), &mut left);
    }
    // Posts that link to the profile of somebody who is nowhere else in the answer, and moderation.
    lost.retain(|_, lost| *lost > 0);
    assert_eq!(
        lost,
        BTreeMap::from([
            ("getAccountStatuses", 2),
            ("getHomeTimeline", 1),
            ("getNotifications", 2)
        ])
    );
    sent.retain(|name| !left.contains(name));
    insta::assert_snapshot!(sent.join("\n"));
}

fn names_of_members(answer: &Value, names: &mut Vec<String>) {
    each_object(answer, &mut |object| names.extend(object.keys().cloned()));
    names.sort_unstable();
    names.dedup();
}

#[test]
fn in_invented_timelines_too() {
    let mut stage = Stage::new();
    stage.me = generate::id(0);
    let (mut posts, mut kept, mut changed) = (0, 0, 0);
    for seed in 0..12 {
        let answer = generate::timeline(&mut Dice(seed));
        stage.people = everybody([&answer]);
        for person in 0..NAMES.len() {
            stage.people.entry(generate::id(person)).or_default();
        }
        let model = Model::new("getHomeTimeline", &answer);
        let others = stage.people.keys().filter(|id| **id != stage.me);
        for id in others.chain([&NOBODY.to_owned()]) {
            let left = stage.without(id, "getHomeTimeline", &answer);
            assert_eq!(left, model.without(id), "seed {seed} without {id}");
            let text = left.as_ref().unwrap().to_string();
            for name in stage.people.get(id).into_iter().flat_map(|named| &named.0) {
                assert!(
                    !text.contains(name),
                    "seed {seed}: {name} without {id}: {text}"
                );
            }
            posts += count(Some(&answer));
            kept += count(left.as_ref());
            changed += usize::from(left != model.without(NOBODY));
        }
    }
    println!("{posts} posts, {kept} left; {changed} timelines changed by one who refused");
    assert!(
        kept * 5 > posts && changed > 50,
        "the timelines show something"
    );
}

/// The same with no name in any text, so that each post can be judged alone.
fn without_texts(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                match name.as_str() {
                    "note" | "content" | "spoiler_text" => *inner = "".into(),
                    "fields" => *inner = Value::Array(Vec::new()),
                    _ => without_texts(inner),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(without_texts),
        _ => {}
    }
}

/// Pages as Mastodon makes them: posts with ids below `max_id`, and the next address in a `Link` header.
fn page(timeline: &[Value], asked: &str) -> (Value, Option<String>) {
    let parameter = |name: &str| {
        let (_, query) = asked.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| (key == name).then_some(value))
    };
    let id = |post: &Value| post["id"].as_str().unwrap().to_owned();
    let older = |post: &&Value| parameter("max_id").is_none_or(|max| *id(post) < *max);
    let limit: usize = parameter("limit").unwrap().parse().unwrap();
    let rest: Vec<Value> = timeline.iter().filter(older).cloned().collect();
    let posts: Vec<Value> = rest.iter().take(limit).cloned().collect();
    let at = "https://social.example/api/v1/timelines/home";
    let link = posts.last().filter(|_| rest.len() > limit).map(|last| {
        format!(
            "<{at}?limit={limit}&max_id={}>; rel=\"next\", <{at}?min_id={}>; rel=\"prev\"",
            id(last),
            id(&posts[0])
        )
    });
    (Value::Array(posts), link)
}

#[test]
fn pages_by_the_link_header_show_neither_who_is_missing_nor_the_platforms_cursor() {
    let mut stage = Stage::new();
    stage.me = generate::id(0);
    let mut pages = 0;
    for seed in 20..24 {
        let mut answer = generate::timeline(&mut Dice(seed));
        without_texts(&mut answer);
        stage.people = (0..NAMES.len())
            .map(|person| (generate::id(person), Named::default()))
            .collect();
        let timeline = answer.as_array().unwrap();
        for id in stage.people.keys().filter(|id| **id != stage.me) {
            let expected = Model::new("getHomeTimeline", &answer).without(id).unwrap();
            let town = stage.town(id);
            let mut left = Vec::new();
            let mut next = Some("/api/v1/timelines/home?limit=4".to_owned());
            while let Some(target) = next {
                let (got, link) = stage.ask(&target, &town, &|asked| page(timeline, asked));
                let got = got.unwrap();
                pages += 1;
                assert!(
                    count(Some(&got)) == 4 || link.is_none(),
                    "{seed} {id}: {got}"
                );
                left.extend(got.as_array().unwrap().iter().cloned());
                next = link.map(|link| {
                    let address = link.strip_prefix('<').unwrap();
                    address.strip_suffix(">; rel=\"next\"").unwrap().to_owned()
                });
                let shown = next.as_deref().unwrap_or_default();
                assert!(
                    !timeline
                        .iter()
                        .any(|post| shown.contains(post["id"].as_str().unwrap())),
                    "{shown}"
                );
            }
            assert_eq!(Value::Array(left), expected, "seed {seed} without {id}");
        }
    }
    println!("{pages} pages");
}

#[test]
fn what_is_for_followers_or_for_few_needs_a_power_of_its_own() {
    let stage = Stage::new();
    let without = |operation: &str, refused: &str| {
        let mut answers = stage.answers.iter();
        let (_, answer) = answers.find(|(name, _)| *name == operation).unwrap();
        let town = stage.town_without(&refused.parse().unwrap());
        let platform = |_: &str| (answer.clone(), None);
        stage.ask(&target(operation), &town, &platform).0.unwrap()
    };
    let kinds = |answer: &Value| -> BTreeSet<String> {
        // For Ada's own her connection is enough.
        let posts = answer.as_array().unwrap().iter();
        let posts = posts.filter(|post| post["account"]["id"] != ADA);
        let kinds = posts.map(|post| post["visibility"].as_str().unwrap().to_owned());
        kinds.collect()
    };
    let followers = without("getHomeTimeline", "masto:FollowersPost");
    assert_eq!(
        kinds(&followers),
        ["public", "unlisted"].map(str::to_owned).into()
    );
    let public = without("getHomeTimeline", "masto:Post");
    assert_eq!(kinds(&public), ["private"].map(str::to_owned).into());
    // That there is a conversation, without its last message.
    let talks = without("getConversations", "pd:SocialMediaCommunication");
    let with: Vec<bool> = talks
        .as_array()
        .unwrap()
        .iter()
        .map(|talk| talk.get("last_status").is_some())
        .collect();
    // The third is Ada's note to herself.
    assert_eq!(with, [false, false, true, false]);
    let between = without("getRelationships", "masto:PrivateNote");
    assert_eq!(between[0].get("note"), None);
    assert_eq!(between[0]["followed_by"], true);
}
