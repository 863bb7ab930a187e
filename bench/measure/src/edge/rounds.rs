//! Rounds of all ways, one after the other, and what each has cost.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context, Result};

use super::gateway::Stage;
use super::way::Way;
use super::{Plan, load};
use crate::timing::{self, Spread};
use crate::world::{Asked, Targets};

/// What a way has cost for one answer; vectors are by rounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Costs {
    /// CPU of the measured process, microseconds a request.
    pub(crate) cpu: Vec<f64>,
    /// Requests a second.
    pub(crate) rate: Vec<f64>,
    /// The latency that half of the requests did not exceed, microseconds.
    pub(crate) half: Vec<f64>,
    /// The one that 99 of a hundred did not.
    pub(crate) most: Vec<f64>,
    /// As `half`, with a single connection.
    pub(crate) alone: Vec<f64>,
    /// How long the body is.
    pub(crate) body: usize,
    /// By the gateway's own metrics, all rounds together.
    pub(crate) stages: Stages,
    /// The same with a single connection.
    pub(crate) stages_alone: Stages,
}

impl Costs {
    /// The median of the rounds.
    pub(crate) fn cpu_median(&self) -> f64 {
        Spread::of(self.cpu.clone()).median()
    }
}

type Stages = BTreeMap<String, Stage>;

/// All of it.
#[derive(Debug)]
pub(crate) struct Measured {
    small: Vec<Costs>,
    list: Vec<Costs>,
    /// The share of all processors that programs used which do not belong here, in per cent.
    pub(crate) others: f64,
}

impl Measured {
    /// For each way, what this answer has cost.
    pub(crate) fn of(&self, asked: Asked) -> &[Costs] {
        match asked {
            Asked::Small => &self.small,
            Asked::List => &self.list,
        }
    }
}

/// Measures all ways, round after round.
pub(crate) fn measure(plan: &Plan, targets: &Targets, ways: &[Way<'_>]) -> Result<Measured> {
    let nothing = vec![Costs::default(); ways.len()];
    let mut measured = Measured {
        small: nothing.clone(),
        list: nothing,
        others: 0.0,
    };
    let own: Vec<u32> = ways
        .iter()
        .map(|way| way.pid)
        .chain([std::process::id()])
        .collect();
    let (begun, before) = (Instant::now(), timing::of_others(&own)?);
    for round in 0..plan.rounds {
        progress(round, plan.rounds);
        for (at, way) in ways.iter().enumerate() {
            one(plan, targets, way, Asked::Small, &mut measured.small[at])
                .with_context(|| way.name.clone())?;
            one(plan, targets, way, Asked::List, &mut measured.list[at])
                .with_context(|| way.name.clone())?;
        }
    }
    let others = timing::of_others(&own)?.into_iter().map(|(pid, after)| {
        let before = before.get(&pid).copied().unwrap_or_default();
        after.saturating_sub(before).as_secs_f64()
    });
    let others: f64 = others.sum();
    let processors = std::thread::available_parallelism()?.get() as f64;
    measured.others = 100.0 * others / begun.elapsed().as_secs_f64() / processors;
    Ok(measured)
}

#[expect(clippy::print_stderr, reason = "a run takes minutes")]
fn progress(round: usize, rounds: usize) {
    eprintln!("round {} of {rounds}", round + 1);
}

/// One way in one round: CPU, rate and latency with many connections, latency also with one.
fn one(
    plan: &Plan,
    targets: &Targets,
    way: &Way<'_>,
    asked: Asked,
    costs: &mut Costs,
) -> Result<()> {
    let count = match asked {
        _ if way.name.ends_with("platform") => plan.computed,
        Asked::Small => plan.small,
        Asked::List => plan.lists,
    };
    // Connections, caches and branch predictors get used to it, uncounted.
    let warming = way.requests(targets, asked, count / 10 + plan.connections)?;
    load::run(way.address, plan.connections, warming)?;

    let requests = way.requests(targets, asked, count)?;
    let stages = stages(way)?;
    let before = timing::of_process(way.pid)?;
    let outcome = load::run(way.address, plan.connections, requests)?;
    let spent = timing::of_process(way.pid)? - before;
    add(&mut costs.stages, way, stages)?;
    costs.cpu.push(spent.as_secs_f64() * 1e6 / count as f64);
    costs.rate.push(count as f64 / outcome.took.as_secs_f64());
    costs.half.push(outcome.percentile(50));
    costs.most.push(outcome.percentile(99));
    costs.body = outcome.body;

    let requests = way.requests(targets, asked, count / 10 + 1)?;
    let stages = self::stages(way)?;
    let alone = load::run(way.address, 1, requests)?;
    add(&mut costs.stages_alone, way, stages)?;
    costs.alone.push(alone.percentile(50));
    Ok(())
}

fn stages(way: &Way<'_>) -> Result<Stages> {
    let stages = way
        .as_gateway()
        .map(|gateway| gateway.stages())
        .transpose()?;
    Ok(stages.unwrap_or_default().into_iter().collect())
}

/// Adds what the stages took since `before`.
fn add(to: &mut Stages, way: &Way<'_>, before: Stages) -> Result<()> {
    for (name, now) in stages(way)? {
        let then = before.get(&name).copied().unwrap_or_default();
        let sum = to.entry(name).or_default();
        sum.count += now.count - then.count;
        sum.seconds += now.seconds - then.seconds;
    }
    Ok(())
}
