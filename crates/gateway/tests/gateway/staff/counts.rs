//! What a steward is told before a decision, against the rule itself asked person by person.

use std::collections::BTreeSet;

use decide::{
    Asker, Bar, Behalf, Connection, Datum, Event, NoticeHash, Now, Power, Question, Reach, Subject,
    Time, Verb, Who, decide,
};
use register::Change;
use sha2::{Digest as _, Sha256};

use super::stage::{Stage, agreement};
use crate::support::fresh;

const POWERS: [(&str, &str); 4] = [
    ("pd:Name", "own"),
    ("pd:Name", "friend"),
    ("pd:EmailAddress", "friend"),
    ("pd:Name", "directory"),
];
const PEOPLE: u32 = 120;
const NOTICE: &str = "Findr may see your friends' names.";

/// Draws that repeat.
struct Draws(u64);

impl Draws {
    fn one_in(&mut self, n: u64) -> bool {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).is_multiple_of(n)
    }
}

async fn populated(seed: u64) -> (Stage, Vec<Connection>) {
    let stage = Stage::new().await;
    stage.sign(1, &POWERS).await;
    let ids: Vec<String> = (0..PEOPLE).map(|n| format!("person-{n}")).collect();
    let now = Time(stage.world.now() * 1000);
    let join = Change::Join { ids: ids.clone() };
    stage
        .world
        .register
        .append(now, join, fresh())
        .await
        .unwrap();
    let book = stage.world.register.book();
    let powers = &book
        .version(&"findr-friends".parse().unwrap(), 1)
        .unwrap()
        .offer
        .powers;
    let notice = NoticeHash(Sha256::digest(NOTICE).into());
    let mut draws = Draws(seed);
    let mut connections = Vec::new();
    for id in &ids {
        let person = stage.world.register.people().number(id).unwrap();
        if draws.one_in(4) {
            let connection = Connection {
                connection: format!("{id}-findr").parse().unwrap(),
                person,
                partner: "findr".parse().unwrap(),
                powers: powers
                    .iter()
                    .filter(|_| !draws.one_in(3))
                    .map(Power::id)
                    .collect(),
                notice,
                until: "2027-06-01".parse().unwrap(),
            };
            let event = Event::Connected {
                connection: connection.clone(),
            };
            stage.world.happens(event).await;
            if draws.one_in(5) {
                let connection = connection.connection.clone();
                stage
                    .world
                    .happens(Event::Disconnected { connection })
                    .await;
            } else {
                connections.push(connection);
            }
        }
        for power in &powers[1..] {
            if draws.one_in(2) {
                let until = if draws.one_in(5) {
                    "2026-11-26"
                } else {
                    "2027-06-01"
                };
                let event = Event::ConsentGiven {
                    people: vec![person],
                    partner: "findr".parse().unwrap(),
                    power: power.id(),
                    notice,
                    until: until.parse().unwrap(),
                };
                stage.world.happens(event).await;
            }
        }
        let bars = [
            Bar::Everything,
            Bar::Through(Reach::Friend),
            Bar::Partner("findr".parse().unwrap()),
            Bar::GlobalPrivacyControl,
        ];
        for bar in bars {
            if draws.one_in(9) {
                stage.world.happens(Event::BarSet { person, bar }).await;
            }
        }
        if draws.one_in(12) {
            stage.world.happens(Event::PersonLeft { person }).await;
            connections.retain(|it| it.person != person);
        }
    }
    // So that some consents are over.
    stage.world.pass(3 * 86_400);
    stage.ok("otto", "POST", "/clock/confirm", "").await;
    (stage, connections)
}

/// Whom the rule lets through, for each power: everybody asked about, one question each, through every connection.
fn passing(stage: &Stage, connections: &[Connection], powers: &[Power]) -> Vec<BTreeSet<u32>> {
    let facts = stage.world.register.facts();
    let now = Now::At(Time(stage.world.now() * 1000));
    let of_power = |power: &Power| {
        let mut through: Vec<(Behalf, Option<u32>)> = connections
            .iter()
            .map(|it| (Behalf::Connection(it.connection.clone()), Some(it.person.0)))
            .collect();
        if power.reach == Reach::Directory {
            through = vec![(Behalf::Nobody, None)];
        }
        let mut people = BTreeSet::new();
        for person in 0..facts.next_number().0 {
            let passes = through.iter().any(|(behalf, connected)| {
                let own = power.reach == Reach::Own;
                if connected.is_some_and(|connected| (connected == person) != own) {
                    return false;
                }
                let asker = Asker {
                    partner: "findr".parse().unwrap(),
                    behalf: behalf.clone(),
                    purpose: power.purpose.clone(),
                    verb: Verb::Read,
                    draws: Vec::new(),
                };
                let who = Who::Known(decide::PersonNo(person));
                let question = Question {
                    asker: &asker,
                    categories: std::slice::from_ref(&power.category),
                    reaches: std::slice::from_ref(&power.reach),
                    subjects: &[Subject { who, reach: 0 }],
                    data: &[Datum {
                        category: 0,
                        subjects: 0..1,
                        made: None,
                    }],
                };
                decide(facts, &question, now).passes(0)
            });
            if passes {
                people.insert(person);
            }
        }
        people
    };
    powers.iter().map(of_power).collect()
}

async fn told(stage: &Stage, decision: &str) -> serde_json::Value {
    let told = stage
        .ok("axel", "GET", "/agreements/findr-friends/effect", "")
        .await
        .json();
    let all = told["decisions"].as_array().unwrap();
    let found = all.iter().find(|it| it["decision"] == decision);
    found
        .unwrap_or_else(|| panic!("{decision} in {told:#}"))
        .clone()
}

#[tokio::test]
async fn the_counts_before_a_decision_are_those_of_the_rule_asked_person_by_person() {
    for seed in [1, 2, 3] {
        let (stage, connections) = populated(seed).await;
        let book = stage.world.register.book();
        let id = "findr-friends".parse().unwrap();
        let powers = book.version(&id, 1).unwrap().offer.powers.clone();
        let now = passing(&stage, &connections, &powers);
        assert!(now.iter().all(|people| people.len() > 2), "{now:?}");

        let stop = told(&stage, "stop").await;
        for (power, people) in powers.iter().zip(&now) {
            let lines = stop["lines"].as_array().unwrap();
            let line = lines
                .iter()
                .find(|line| line["power"] == power.id().to_string())
                .unwrap();
            assert_eq!(line["people"], people.len(), "seed {seed}: {line}");
            let bound = ![Reach::Own, Reach::Directory].contains(&power.reach);
            assert_eq!(line["at-most"], bound, "{line}");
        }
        let all: BTreeSet<u32> = now.iter().flatten().copied().collect();
        assert_eq!(
            (&stop["closes"], &stop["opens"]),
            (&all.len().into(), &0.into())
        );

        stage
            .ok("stella", "POST", "/agreements/findr-friends/suspend", "")
            .await;
        let closed = passing(&stage, &connections, &powers);
        assert!(closed.iter().all(BTreeSet::is_empty));
        let resume = told(&stage, "resume").await;
        assert_eq!(
            (&resume["opens"], &resume["closes"]),
            (&all.len().into(), &0.into())
        );
        stage
            .ok("stella", "POST", "/agreements/findr-friends/resume", "")
            .await;
        assert_eq!(passing(&stage, &connections, &powers), now);
    }
}

#[tokio::test]
async fn a_version_that_drops_powers_closes_for_those_and_opens_for_nobody_who_was_not_asked() {
    let (stage, connections) = populated(4).await;
    let book = stage.world.register.book();
    let id = "findr-friends".parse().unwrap();
    let former = book.version(&id, 1).unwrap().offer.powers.clone();
    let before = passing(&stage, &connections, &former);
    let next = [
        ("pd:Name", "own"),
        ("pd:Name", "directory"),
        ("pd:EmailAddress", "own"),
    ];
    stage
        .ok("stella", "POST", "/drafts", &agreement(2, &next))
        .await;
    let sign = told(&stage, "sign").await;
    let friends: BTreeSet<u32> = before[1].union(&before[2]).copied().collect();
    assert_eq!(sign["closes"], friends.len());
    assert_eq!(sign["opens"], 0, "nobody has been asked for the new one");

    stage.sign_draft(2, &next).await;
    let after = passing(&stage, &connections, &former);
    assert_eq!(
        (&after[0], &after[3]),
        (&before[0], &before[3]),
        "what stays, stays"
    );
    assert!(after[1].is_empty() && after[2].is_empty());
}

#[tokio::test]
async fn through_friends_nobody_is_reached_while_nobody_has_connected() {
    let stage = Stage::new().await;
    stage.sign(1, &POWERS).await;
    let book = stage.world.register.book();
    let powers = &book
        .version(&"findr-friends".parse().unwrap(), 1)
        .unwrap()
        .offer
        .powers;
    let people = ["bert", "cleo"].map(|id| stage.world.register.people().number(id).unwrap());
    stage
        .world
        .happens(Event::ConsentGiven {
            people: people.to_vec(),
            partner: "findr".parse().unwrap(),
            power: powers[1].id(),
            notice: NoticeHash(Sha256::digest(NOTICE).into()),
            until: "2027-06-01".parse().unwrap(),
        })
        .await;
    let stop = told(&stage, "stop").await;
    let line = &stop["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["agreed"] == 2)
        .unwrap();
    assert_eq!(
        (&line["people"], &line["connected"]),
        (&0.into(), &0.into()),
        "{line}"
    );
}

#[tokio::test]
async fn what_a_promise_forbids_already_closes_for_nobody_and_the_desk_says_why() {
    let (stage, connections) = populated(5).await;
    let promise = "promise: no-friends\nmade: 2015-04-30\nsummary: Apps no longer see your friends.\n\
        address: https://sample.example/news\nform: absolute\nscope:\n  reaches: [friend]\n";
    stage.ok("stella", "POST", "/promises", promise).await;
    let book = stage.world.register.book();
    let id = "findr-friends".parse().unwrap();
    let powers = book.version(&id, 1).unwrap().offer.powers.clone();
    let now = passing(&stage, &connections, &powers);
    for (power, people) in powers.iter().zip(&now) {
        assert_eq!(people.is_empty(), power.reach == Reach::Friend, "{power:?}");
    }
    let stop = told(&stage, "stop").await;
    let all: BTreeSet<u32> = now.iter().flatten().copied().collect();
    assert_eq!(stop["closes"], all.len());
    let renewals = stage.ok("axel", "GET", "/renewals", "").await.json();
    for line in renewals["renewals"].as_array().unwrap() {
        let friend = line["what"].as_str().unwrap().contains("through friend");
        assert_eq!(line["stopped"], friend, "{line}");
    }
}
