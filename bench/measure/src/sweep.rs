//! What looking for identifiers costs: recorded answers of a Matrix server, walked with the sweep and without, beside
//! serde_json on the same bytes. One thread, CPU time.

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use clap::Args;
use decide::{Asker, Behalf, Decision, Facts, Now, PartnerId, PersonNo, Question, Time, Verb};
use release::{Api, Call, CursorKey, Me, Nonce, Route, Routed, Walk};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use testkit::{cast, connection};

use crate::report::{Report, repository};
use crate::timing::{Spread, per_call, short};
use crate::walk::{PARTNER, everybody_consents};
use crate::{Output, machine};

const RUNS: usize = 7;
/// Bytes that are read in a run: enough for a time that can be measured.
const ENOUGH: usize = 10_000_000;
/// The room's people, and who asks: recorded with the answers.
const ANSWERS: [(&str, &str, &str); 5] = [
    ("sync", "members", "a first sync of four rooms"),
    ("messages", "members", "30 events of a room"),
    (
        "ldbc_messages",
        "ldbc_members",
        "100 messages of a busy room",
    ),
    ("context", "members", "an event with those around it"),
    ("members", "members", "the members of a room"),
];

#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// Recorded answers: files with `request`, `status` and `body`.
    #[arg(long, value_name = "DIR")]
    answers: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

/// An answer as it was recorded.
#[derive(Deserialize)]
struct Recorded {
    request: String,
    body: Value,
}

pub(crate) fn run(plan: &Plan) -> Result<()> {
    let before = machine::Pressure::now()?;
    let beside = || repository().join("../shared/data/matrix/answers");
    let directory = plan.answers.clone().unwrap_or_else(beside);
    ensure!(
        directory.is_dir(),
        "{}: no recorded answers; record some of a server of your own and name their directory",
        directory.display()
    );
    let example = |file: &str| {
        let path = repository().join("examples/matrix").join(file);
        fs::read(&path).with_context(|| path.display().to_string())
    };
    let (document, overlay) = (example("openapi.yaml")?, example("overlay.yaml")?);
    let api = Api::load(&document, "openapi.yaml", &overlay, "overlay.yaml")?;
    let mut rows = Vec::new();
    for (answer, people, what) in ANSWERS {
        rows.push(measure(
            what,
            &Bench::new(&api, &directory, answer, people)?,
        )?);
    }
    let mut report = Report::default();
    report.say(format!("{}. Before: {before}.", machine::line()));
    report.table(
        &[
            "answer",
            "bytes",
            "validated (`IgnoredAny`)",
            "parsed (`Value`)",
            "walked, not swept",
            "walked and swept",
            "the sweep's share",
            "to the judged answer, not swept",
            "swept",
        ],
        &rows,
    );
    report.say(
        "In 10⁶ bytes of the platform's answer a second and processor; everybody has consented. To the judged answer: \
         walked, the room's people taken in, decided, cut to the page, and what the sweep found held against who may be \
         named.",
    );
    report.publish("sweep", &plan.output)
}

/// One answer, with all that it takes to judge it.
struct Bench {
    body: Bytes,
    people: Bytes,
    route: Route,
    query: Option<String>,
    me: Me,
    numbers: HashMap<String, PersonNo>,
    facts: Facts,
    asker: Asker,
    now: Time,
}

impl Bench {
    fn new(api: &Api, directory: &Path, answer: &str, people: &str) -> Result<Bench> {
        let read = |name: &str| {
            let path = directory.join(format!("{name}.json"));
            let text = fs::read(&path).with_context(|| path.display().to_string())?;
            serde_json::from_slice(&text).with_context(|| path.display().to_string())
        };
        let (recorded, people): (Recorded, Recorded) = (read(answer)?, read(people)?);
        let target = recorded.request.trim_start_matches("GET ");
        // Recorded without saying which room it was.
        let target = target.replace("rooms/..", "/_matrix/client/v3/rooms/%21room");
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let Routed::Mapped(route) = api.route("GET", path) else {
            anyhow::bail!("{path} has no plan");
        };
        let mut ids = Vec::new();
        collect(&people.body, &mut ids);
        let me = ids.first().context("nobody in the room")?.clone();
        collect(&recorded.body, &mut ids);
        let numbers: HashMap<String, PersonNo> = ids.into_iter().zip((0..).map(PersonNo)).collect();
        let count = numbers.values().map(|no| no.0 + 1).max().unwrap_or(0);
        let no = *numbers.get(&me).context("nobody by that id")?;
        let me = Me { id: me, no };
        let (facts, now) = everybody_consents(&route, no, count)?;
        let asker = Asker {
            partner: cast::partner(PARTNER),
            behalf: Behalf::Connection(connection(no, PARTNER)),
            purpose: cast::purpose(cast::PERSONALISATION),
            verb: Verb::Read,
            draws: Vec::new(),
        };
        // Only what the plan lets a partner say.
        let query = query.split('&').find(|pair| *pair == "dir=b");
        Ok(Bench {
            body: serde_json::to_vec(&recorded.body)?.into(),
            people: serde_json::to_vec(&people.body)?.into(),
            route,
            query: query.map(str::to_owned),
            me,
            numbers,
            facts,
            asker,
            now,
        })
    }

    /// A walk that waits for the answer.
    fn walk(&self, swept: bool) -> Result<Walk> {
        let (partner, cursors): (&PartnerId, _) = (&self.asker.partner, CursorKey::new([9; 32]));
        let Behalf::Connection(connection) = &self.asker.behalf else {
            anyhow::bail!("nobody connected");
        };
        let prepared = self.route.prepare(&Call {
            query: self.query.as_deref(),
            body: None,
            partner,
            connection: Some(connection),
            me: Some(&self.me),
            cursors: &cursors,
        });
        let walk = prepared
            .context(self.route.operation().id().to_owned())?
            .into_walk();
        Ok(if swept { walk } else { walk.without_sweep() })
    }

    fn resolve(&self, id: &str) -> Option<PersonNo> {
        self.numbers.get(id).copied()
    }

    fn take_in(&self, walk: &mut Walk) {
        let taken = walk.take_page(self.body.clone(), &|id| self.resolve(id));
        assert!(taken.is_ok(), "the plan does not fit the answer: {taken:?}");
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        decide::decide(&self.facts, question, Now::At(self.now))
    }

    /// From the answer's bytes to a judged answer. How many records are written of how many.
    fn judge(&self, mut walk: Walk) -> (usize, usize) {
        self.take_in(&mut walk);
        for path in walk.lookups() {
            let taken = walk.take_people(&path, Some(&self.people), &|id| self.resolve(id));
            assert!(taken.is_ok(), "the plan does not fit the room: {taken:?}");
        }
        let decision = self.decide(&walk.question(&self.asker));
        let settled = walk.settle(&decision);
        let decision = self.decide(&settled.question(&self.asker));
        let judged = settled.judge(decision.permit(), Nonce([1; 12]));
        judged.map_or((0, 0), |judged| judged.records())
    }
}

/// Every `@name:server` that is a whole string or key.
fn collect(value: &Value, ids: &mut Vec<String>) {
    let take = |text: &str, ids: &mut Vec<String>| {
        if text.starts_with('@') && text.contains(':') && !ids.iter().any(|id| id == text) {
            ids.push(text.to_owned());
        }
    };
    match value {
        Value::String(text) => take(text, ids),
        Value::Array(list) => list.iter().for_each(|one| collect(one, ids)),
        Value::Object(map) => {
            for (key, value) in map {
                take(key, ids);
                collect(value, ids);
            }
        }
        _ => {}
    }
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
    let (plain, swept) = (walked(bench, calls, false)?, walked(bench, calls, true)?);
    let (written, met) = bench.judge(bench.walk(true)?);
    ensure!(written > 0, "{what}: of {met} records none would leave");
    let (judged, both) = (judged(bench, calls, false)?, judged(bench, calls, true)?);
    Ok(vec![
        format!("{what}; {written} of {met} records leave"),
        body.len().to_string(),
        short(rate(&validated)),
        short(rate(&parsed)),
        short(rate(&plain)),
        short(rate(&swept)),
        format!("{:.0} %", 100.0 * (1.0 - plain.median() / swept.median())),
        short(rate(&judged)),
        short(rate(&both)),
    ])
}

/// Walks that wait, so that making them is not measured.
fn walks(bench: &Bench, calls: usize, swept: bool) -> Result<std::vec::IntoIter<Walk>> {
    let walks: Result<Vec<Walk>> = (0..calls * RUNS).map(|_| bench.walk(swept)).collect();
    Ok(walks?.into_iter())
}

/// Microseconds for walking one answer.
fn walked(bench: &Bench, calls: usize, swept: bool) -> Result<Spread> {
    let mut walks = walks(bench, calls, swept)?;
    Ok(per_call(RUNS, calls as u32, |_| {
        if let Some(mut walk) = walks.next() {
            bench.take_in(&mut walk);
            black_box(walk);
        }
    }))
}

/// Microseconds from one answer's bytes to the judged answer.
fn judged(bench: &Bench, calls: usize, swept: bool) -> Result<Spread> {
    let mut walks = walks(bench, calls, swept)?;
    Ok(per_call(RUNS, calls as u32, |_| {
        black_box(walks.next().map(|walk| bench.judge(walk)));
    }))
}
