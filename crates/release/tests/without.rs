//! The law about what a partner learns: where somebody refuses, the answer is the one of a platform that holds no data
//! about them. Checked against the sample platform, which can be made without anybody.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, and so may what they share"
)]

mod support;

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use http_body_util::BodyExt;
use release::{Api, Me, OnBehalf};
use sample::{Platform, Seed, World};
use support::facts::Town;
use support::{Caller, Got, Ledger};
use tower::ServiceExt;

const PEOPLE: u32 = 12;
const OVERLAY: &[u8] = include_bytes!("../../../examples/sample-social/overlay.json");
const TOKEN: &str = "a-service-token";

/// The sample platform over one world, called without a socket.
struct Upstream {
    router: Router,
    runtime: tokio::runtime::Runtime,
}

impl Upstream {
    fn of(world: &World) -> Upstream {
        let mut options = sample::Options::new(TOKEN);
        options.public_url = Some("https://api.sample.example".to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        Upstream {
            router: Platform::router(world.clone(), options),
            runtime,
        }
    }

    fn get(&self, target: &str) -> Option<Bytes> {
        let request = Request::get(target)
            .header("host", "sample.test")
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(Body::empty())
            .unwrap();
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            assert!(matches!(status, 200 | 404), "{status} for {target}");
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status == 200).then_some(body)
        })
    }
}

fn api() -> Api {
    Api::load(
        sample::OPENAPI.as_bytes(),
        "openapi.json",
        OVERLAY,
        "overlay.json",
    )
    .unwrap_or_else(|e| panic!("{e}"))
}

fn number(person: sample::PersonNo) -> decide::PersonNo {
    decide::PersonNo(person.0)
}

/// Everything that everybody can ask, by address; every page of it.
struct Everything<'a> {
    api: &'a Api,
    ledger: &'a Ledger,
    whole: &'a World,
    /// The ids of the whole world, so that nobody's number depends on who is left.
    ids: &'a BTreeMap<String, decide::PersonNo>,
}

impl Everything<'_> {
    /// What partners of everybody but `absent` get from this platform, if `refusing` have consented to nothing.
    fn from(
        &self,
        upstream: &Upstream,
        refusing: &[sample::PersonNo],
        absent: &[sample::PersonNo],
    ) -> BTreeMap<String, Vec<Got>> {
        let mut all = BTreeMap::new();
        let agreeing: Vec<_> = self
            .whole
            .people()
            .filter(|p| !refusing.contains(p))
            .map(number)
            .collect();
        let askers = self
            .whole
            .people()
            .filter(|p| !absent.contains(p))
            .map(Some);
        for me in askers.chain([None]) {
            let behalf = if me.is_some() {
                OnBehalf::Person
            } else {
                OnBehalf::Nobody
            };
            let operations = self
                .api
                .operations()
                .iter()
                .filter(|operation| operation.on_behalf() == behalf);
            let mut pairs: Vec<_> = operations
                .flat_map(|operation| operation.pairs().iter().cloned())
                .collect();
            pairs.sort();
            pairs.dedup();
            let town = Town::new(PEOPLE, me.map(number), &pairs);
            town.consent(&agreeing, |_, _| true);
            let caller = Caller {
                api: self.api,
                town: &town,
                ledger: self.ledger,
                me: me.map(|me| Me {
                    id: self.whole.id_of(me),
                    no: number(me),
                }),
                resolve: &|id| self.ids.get(id).copied(),
                platform: &|target| upstream.get(target),
            };
            for target in self.targets(me) {
                let pages = pages(&caller, &target);
                all.insert(format!("{me:?} {target}"), pages);
            }
        }
        all
    }

    fn targets(&self, me: Option<sample::PersonNo>) -> Vec<String> {
        let Some(me) = me else {
            return vec![
                "/v1/people?limit=4".to_owned(),
                "/v1/people?name=a".to_owned(),
            ];
        };
        let mut out: Vec<String> = [
            "",
            "/friends?limit=3",
            "/friends/contacts?limit=3",
            "/contact-book?limit=2",
            "/feed?limit=5",
            "/threads?limit=2",
        ]
        .iter()
        .map(|list| format!("/v1/people/me{list}"))
        .collect();
        let threads = self.whole.threads(me);
        out.extend(
            threads
                .iter()
                .map(|thread| format!("/v1/threads/{}/messages?limit=6", thread.id)),
        );
        out
    }
}

/// All pages of a list, by the links that the answers give; cursors themselves are blanked.
fn pages(caller: &Caller<'_>, target: &str) -> Vec<Got> {
    let mut out = Vec::new();
    let mut next = Some(target.to_owned());
    while let Some(target) = next.take() {
        let got = caller.get(&target);
        let Got::Body(body) = got else {
            out.push(got);
            continue;
        };
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        let link = value.pointer("/paging/next").and_then(|next| next.as_str());
        next = link.map(str::to_owned);
        let cursor = value
            .pointer("/paging/cursors/after")
            .and_then(|after| after.as_str())
            .map(str::to_owned);
        out.push(Got::Body(
            cursor.map_or(body.clone(), |cursor| body.replace(&cursor, "…")),
        ));
    }
    out
}

fn with_everything(world: &World, test: impl FnOnce(&Everything<'_>)) {
    let ids = world
        .people()
        .map(|p| (world.id_of(p), number(p)))
        .collect();
    let (api, ledger) = (api(), Ledger::new());
    test(&Everything {
        api: &api,
        ledger: &ledger,
        whole: world,
        ids: &ids,
    });
}

#[test]
fn where_somebody_refuses_the_answers_are_those_of_a_platform_without_them() {
    let world = World::generate(Seed(5), PEOPLE);
    let whole = Upstream::of(&world);
    with_everything(&world, |everything| {
        for absent in world.people() {
            let without = Upstream::of(&world.without(&[absent]));
            let expected = everything.from(&without, &[absent], &[absent]);
            let found = everything.from(&whole, &[absent], &[absent]);
            for (target, expected) in expected {
                assert_eq!(found[&target], expected, "{target} without {absent:?}");
            }
            let text = format!("{found:?}");
            for needle in world.planted(absent) {
                assert!(!text.contains(&needle), "{needle} of {absent:?}");
            }
        }
    });
}

#[test]
fn where_all_consent_everything_that_the_overlay_names_is_there() {
    let world = World::generate(Seed(5), PEOPLE);
    let whole = Upstream::of(&world);
    with_everything(&world, |everything| {
        let answers = everything.from(&whole, &[], &[]);
        let text = format!("{answers:?}");
        for person in world.people() {
            assert!(text.contains(&world.id_of(person)), "{person:?}");
        }
        let me = world
            .people()
            .max_by_key(|p| world.friends(*p).len())
            .unwrap();
        let count = |list: &str| {
            let pages = answers.iter().find(|(target, _)| {
                target.starts_with(&format!("{:?} ", Some(me))) && target.contains(list)
            });
            let bodies = pages.unwrap().1.iter().map(|got| match got {
                Got::Body(body) => serde_json::from_str::<serde_json::Value>(body).unwrap()["data"]
                    .as_array()
                    .unwrap()
                    .len(),
                other => panic!("{other:?}"),
            });
            bodies.sum::<usize>()
        };
        assert_eq!(count("/friends?"), world.friends(me).len());
        assert_eq!(count("/feed?"), world.feed(me).len());
        assert_eq!(count("/threads?"), world.threads(me).len());
    });
}

#[test]
fn what_the_platform_forgot_to_declare_never_leaves() {
    let world = World::generate(Seed(5), PEOPLE);
    let whole = Upstream::of(&world);
    with_everything(&world, |everything| {
        let text = format!("{:?}", everything.from(&whole, &[], &[]));
        for member in [
            "legacy_name",
            "ig_handle",
            "_internal",
            "_match",
            "_author_cache",
            "_roster",
            "_trace",
            "picture",
            "total_count",
            "before",
            "friend_count",
            "reaction_count",
            "settings",
        ] {
            assert!(!text.contains(&format!("{member}\\\":")), "{member}");
        }
    });
}
