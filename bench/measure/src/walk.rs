//! How fast an answer is walked by its plan and written again, beside serde_json on the same bytes: one thread, CPU time.

use std::collections::HashMap;
use std::hint::black_box;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use clap::Args;
use decide::{
    Asker, Behalf, Days, Decision, Event, Facts, Happened, Now, PartnerId, PersonNo, Policy,
    Question, Time, Verb,
};
use ledger::note::Signer;
use ledger::{IdempotencyKey, Log, Options, Record, Recorded};
use release::{Api, Call, CursorKey, Judged, Me, Nonce, Route, Routed, Walk, reduce};
use sample::World;
use serde::de::IgnoredAny;
use serde_json::Value;
use testkit::{cast, connection};

use crate::report::Report;
use crate::timing::{Spread, per_call, short};
use crate::world::{self, Asked};
use crate::{Output, machine};

const RUNS: usize = 7;
/// Bytes that are read in a run: enough for a time that can be measured.
const ENOUGH: usize = 30_000_000;
pub(crate) const PARTNER: &str = "findr";

#[derive(Args, Debug)]
pub(crate) struct Plan {
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(plan: &Plan) -> Result<()> {
    let before = machine::Pressure::now()?;
    let world = world::world();
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut rows = Vec::new();
    for (what, target) in targets(&world)? {
        let (_, body) = runtime.block_on(world::answer(&world, &target))?;
        rows.push(measure(what, &Bench::new(&world, &target, body)?)?);
    }
    let mut report = Report::default();
    report.say(format!("{}. Before: {before}.", machine::line()));
    report.table(
        &[
            "answer",
            "bytes",
            "validated (`IgnoredAny`)",
            "parsed (`Value`)",
            "walked",
            "written again",
            "walked and written",
            "of validating",
            "decided, µs",
            "data",
        ],
        &rows,
    );
    report.say("In 10⁶ bytes of the platform's answer a second and processor; everybody in it has consented.");
    report.publish("walk", &plan.output)
}

fn targets(world: &World) -> Result<[(&'static str, String); 2]> {
    let id = world.id_of(Asked::List.person(world)?);
    Ok([
        ("190 friends", Asked::List.target(world)?),
        (
            "posts of friends",
            format!("/v1/people/{id}/feed?limit=750"),
        ),
    ])
}

/// One answer, with all that it takes to judge it.
struct Bench {
    body: Bytes,
    route: Route,
    query: String,
    me: Me,
    numbers: HashMap<String, PersonNo>,
    facts: Facts,
    asker: Asker,
    now: Time,
}

impl Bench {
    fn new(world: &World, target: &str, body: Bytes) -> Result<Bench> {
        let (document, overlay) = world::documents()?;
        let api = Api::load(
            document.as_bytes(),
            "openapi.json",
            overlay.as_bytes(),
            "overlay.json",
        );
        let (path, query) = target.split_once('?').context("a target without a query")?;
        let Routed::Mapped(route) = api?.route("GET", path) else {
            anyhow::bail!("{path} has no plan");
        };
        let numbers = world
            .people()
            .zip(0..)
            .map(|(person, no)| (world.id_of(person), PersonNo(no)));
        let numbers: HashMap<_, _> = numbers.collect();
        let id = path.split('/').nth(3).context("a path without a person")?;
        let me = Me {
            id: id.to_owned(),
            no: *numbers.get(id).context("nobody by that id")?,
        };
        let (facts, now) = everybody_consents(&route, me.no, numbers.len() as u32)?;
        let asker = Asker {
            partner: cast::partner(PARTNER),
            behalf: Behalf::Connection(connection(me.no, PARTNER)),
            purpose: cast::purpose(cast::PERSONALISATION),
            verb: Verb::Read,
            draws: Vec::new(),
        };
        Ok(Bench {
            body,
            route,
            query: query.to_owned(),
            me,
            numbers,
            facts,
            asker,
            now,
        })
    }

    /// A walk that waits for the answer.
    fn walk(&self) -> Result<Walk> {
        let (partner, cursors): (&PartnerId, _) = (&self.asker.partner, CursorKey::new([9; 32]));
        let Behalf::Connection(connection) = &self.asker.behalf else {
            anyhow::bail!("nobody connected");
        };
        let call = Call {
            query: Some(&self.query),
            body: None,
            partner,
            connection: Some(connection),
            me: Some(&self.me),
            cursors: &cursors,
        };
        Ok(self.route.prepare(&call)?.into_walk())
    }

    fn take_in(&self, walk: &mut Walk) {
        let taken = walk.take_page(self.body.clone(), &|id| self.numbers.get(id).copied());
        assert!(
            taken.is_ok(),
            "the plan does not fit the platform's answer: {taken:?}"
        );
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        decide::decide(&self.facts, question, Now::At(self.now))
    }

    fn judged(&self, number: usize) -> Result<Judged> {
        let mut walk = self.walk()?;
        self.take_in(&mut walk);
        let decision = self.decide(&walk.question(&self.asker));
        let settled = walk.settle(&decision);
        let decision = self.decide(&settled.question(&self.asker));
        ensure!(
            decision.passed() == decision.asked(),
            "refused although everybody consented: {:?}",
            decision.tally()
        );
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&(number as u64).to_be_bytes());
        Ok(settled.judge(decision.permit(), Nonce(nonce))?)
    }
}

/// Facts under which everything passes that the operation can ask for.
pub(crate) fn everybody_consents(
    route: &Route,
    me: PersonNo,
    people: u32,
) -> Result<(Facts, Time)> {
    let pairs = route.operation().pairs();
    let powers: Vec<_> = pairs
        .iter()
        .map(|(of, through)| cast::read(&of.to_string(), &through.to_string()))
        .collect();
    let policy = Policy {
        categories: pairs.iter().map(|(category, _)| category.clone()).collect(),
        ..cast::policy()
    };
    let world = testkit::World::bare()
        .with_policy(policy)
        .happens(Event::NoticePublished {
            notice: cast::notice(),
        })
        .with_people(people)
        .with_agreement(PARTNER, &powers)
        .connected(me, PARTNER, &powers);
    let (facts, at) = (world.facts(), world.now());
    for power in &powers {
        let event = Event::ConsentGiven {
            people: (0..people).map(PersonNo).collect(),
            partner: cast::partner(PARTNER),
            power: power.id(),
            notice: cast::notice(),
            until: at.day().plus(Days(300)),
        };
        facts.apply(&Happened { at, event })?;
    }
    Ok((facts, at))
}

fn measure(what: &str, bench: &Bench) -> Result<Vec<String>> {
    let body = &bench.body;
    let calls = (ENOUGH / body.len()).max(3);
    let rate = |micros: &Spread| body.len() as f64 / micros.median();
    let validated = per_call(RUNS, calls as u32, |_| {
        assert!(serde_json::from_slice::<IgnoredAny>(black_box(body)).is_ok());
    });
    let parsed = per_call(RUNS, calls as u32, |_| {
        assert!(black_box(serde_json::from_slice::<Value>(black_box(body))).is_ok());
    });
    let walked = walked(bench, calls)?;
    let (decided, data) = decided(bench, calls)?;
    let (written, length) = written(bench, calls.min(200))?;
    ensure!(
        length > body.len() / 5,
        "of {} bytes only {length} were left",
        body.len()
    );
    let both = body.len() as f64 / (walked.median() + written.median());
    Ok(vec![
        what.to_owned(),
        format!("{} → {length}", body.len()),
        short(rate(&validated)),
        short(rate(&parsed)),
        short(rate(&walked)),
        short(rate(&written)),
        short(both),
        format!("{:.2} ×", both / rate(&validated)),
        decided.to_string(),
        data.to_string(),
    ])
}

/// Microseconds for one answer.
fn walked(bench: &Bench, calls: usize) -> Result<Spread> {
    let walks: Result<Vec<Option<Walk>>> =
        (0..calls * RUNS).map(|_| bench.walk().map(Some)).collect();
    let mut walks = walks?.into_iter();
    Ok(per_call(RUNS, calls as u32, |_| {
        if let Some(Some(mut walk)) = walks.next() {
            bench.take_in(&mut walk);
            black_box(walk);
        }
    }))
}

/// Microseconds for one question of the answer's, and how many data it has.
fn decided(bench: &Bench, calls: usize) -> Result<(Spread, usize)> {
    let mut walk = bench.walk()?;
    bench.take_in(&mut walk);
    let question = walk.question(&bench.asker);
    let spent = per_call(RUNS, calls as u32, |_| {
        black_box(decide::decide(&bench.facts, &question, Now::At(bench.now)));
    });
    Ok((spent, question.data.len()))
}

/// Microseconds for making the answer's bytes, and how many there are. Nothing can be written before it is recorded, so
/// all are recorded first.
fn written(bench: &Bench, calls: usize) -> Result<(Spread, usize)> {
    let directory = tempfile::tempdir()?;
    let signer = Signer::from_seed("measured.sample.example/ledger", [7; 32])?;
    let log = Log::create(&directory.path().join("ledger"), Options::new(signer))?;
    let recorded: Result<Vec<Recorded<Judged>>> = (0..calls * RUNS)
        .map(|number| {
            let mut key = [0; 16];
            key[..8].copy_from_slice(&(number as u64).to_be_bytes());
            let record = Record {
                entry: key.to_vec(),
                tags: Vec::new(),
                details: Vec::new(),
                key: IdempotencyKey(key),
            };
            Ok(log.record_blocking(record, bench.judged(number)?)?)
        })
        .collect();
    let (mut recorded, mut length) = (recorded?.into_iter(), 0);
    let spent = per_call(RUNS, calls as u32, |_| {
        if let Some(recorded) = recorded.next() {
            length = reduce(recorded).body().map_or(0, Bytes::len);
        }
    });
    Ok((spent, length))
}
