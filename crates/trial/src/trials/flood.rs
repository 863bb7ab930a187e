//! A flood of requests that are all refused: it may neither fill memory or disk nor make other partners wait.

use std::time::Duration;

use super::{Findings, THE_PROGRAMS_OWN, reckon};
use crate::broken::{Broken, Result};
use crate::flooder::{Flood, Orders};
use crate::latency::{Spread, milliseconds};
use crate::process::Gateway;
use crate::progress::say;
use crate::report::table;
use crate::scene::Scene;
use crate::stage::{self, Common};
use crate::watched::{Sample, Samples, mib};
use crate::work::{Crew, Harvest, Kind};

/// Floods the gateway with refused requests while other partners go on reading.
#[derive(clap::Args, Clone, Debug)]
pub struct Plan {
    /// What every trial can be told.
    #[command(flatten)]
    pub common: Common,
    /// For how many minutes.
    #[arg(long, default_value_t = 10.0)]
    pub minutes: f64,
    /// For how many minutes the others are measured before.
    #[arg(long, default_value_t = 2.0)]
    pub before: f64,
    /// How many requests a second the others make, altogether.
    #[arg(long, default_value_t = 50)]
    pub rate: u32,
    /// How many requests a second the flood has; 0: as many as it can.
    #[arg(long, default_value_t = 2000)]
    pub flood_rate: u64,
    /// By how many connections.
    #[arg(long, default_value_t = 32)]
    pub flood_connections: usize,
}

/// How much more memory the gateway may take in a flood, in MiB.
const MORE_MEMORY: f64 = 64.0;
/// How much more memory may grow a minute in the second half of the flood than before it, in MiB: what the others are
/// answered is remembered for a while, flood or no flood.
const MEMORY_A_MINUTE: f64 = 1.0;
/// How much disk the flood may take a minute beyond what the others' answers take, in MiB.
const DISK_A_MINUTE: f64 = 1.0;
/// How many times as long others may wait.
const TIMES: f64 = 2.0;
/// How often the gateway is looked at.
const LOOKS: Duration = Duration::from_secs(5);

/// Holds the trial. Blocks.
///
/// # Errors
/// When it could not be held at all. What it found is in [`Findings::wrong`].
pub fn run(plan: &Plan) -> Result<Findings> {
    if plan.rate == 0 || plan.minutes <= 0.0 || plan.before <= 0.0 {
        return Err(Broken::new(
            "--rate, --minutes and --before have to be more than 0",
        ));
    }
    crate::runtime()?.block_on(held_trial(plan))
}

async fn held_trial(plan: &Plan) -> Result<Findings> {
    let stage = stage::set(&plan.common, THE_PROGRAMS_OWN).await?;
    let scene = stage.scene.clone();
    say(format_args!(
        "seed {}; the deployment lies in {}",
        scene.seed,
        scene.place.path("").display()
    ));
    let gateway = Gateway::start(&scene.place).await?;
    let crew = Crew::start(
        &scene,
        stage::at_a_rate(&scene, Kind::Reading, plan.rate, true),
    )?;
    scene.is_up(true);
    tokio::time::sleep(WARM).await;
    let begun = scene.watch.elapsed();
    let mut samples = Samples::default();
    watch(
        &scene,
        &gateway,
        &mut samples,
        minutes(plan.before),
        "before",
    )
    .await?;
    let flooded = scene.watch.elapsed();
    let time = minutes(plan.minutes);
    let orders = Orders {
        place: &scene.place,
        seed: scene.seed,
        connections: plan.flood_connections,
        rate: plan.flood_rate,
        time,
    };
    let flood = Flood::start(&orders)?;
    watch(&scene, &gateway, &mut samples, time, "flooded").await?;
    let ended = scene.watch.elapsed();
    scene.stop();
    let harvest = crew.harvest().await?;
    let mut findings = Findings::default();
    let statuses = tokio::task::block_in_place(|| flood.ended())?;
    told_of_the_flood(&statuses, ended.saturating_sub(flooded), &mut findings);
    waited(&harvest, (begun, flooded, ended), &mut findings);
    grew(&samples, (begun, flooded, ended), &mut findings);
    tokio::task::block_in_place(|| reckon(&stage, gateway, &harvest, &mut findings))?;
    drop(stage);
    super::close(scene, &mut findings);
    Ok(findings)
}

/// How long the others are at it before anything is measured.
const WARM: Duration = Duration::from_secs(5);

async fn watch(
    scene: &Scene,
    gateway: &Gateway,
    samples: &mut Samples,
    time: Duration,
    when: &str,
) -> Result<()> {
    let until = scene.watch.elapsed() + time;
    while scene.watch.elapsed() < until {
        let left = until.saturating_sub(scene.watch.elapsed());
        tokio::time::sleep(LOOKS.min(left)).await;
        let sample = samples.look(scene.watch.elapsed(), gateway.pid(), &scene.place)?;
        say(format_args!(
            "{when}, {:.0} s: {:.1} MiB of memory, {:.1} MiB on disk, {} descriptors, {:.1} s of processor",
            sample.at.as_secs_f64(),
            mib(sample.used.memory),
            mib(sample.disk),
            sample.used.descriptors,
            sample.used.cpu.as_secs_f64()
        ));
    }
    Ok(())
}

fn told_of_the_flood(
    statuses: &std::collections::BTreeMap<u16, u64>,
    time: Duration,
    findings: &mut Findings,
) {
    let all: u64 = statuses.values().sum();
    findings.add("requests of the flood", all);
    let each: Vec<String> = statuses
        .iter()
        .map(|(status, count)| format!("{status}: {count}"))
        .collect();
    let rate = all as f64 / time.as_secs_f64().max(1.0);
    findings.lines.push(format!(
        "the flood: {rate:.0} requests a second, answered with {}",
        each.join(", ")
    ));
    if statuses.get(&200).is_some_and(|count| *count > 0) {
        findings.wrong("a request of the flood was answered with 200");
    }
    if all == 0 {
        findings.wrong("there was no flood");
    }
}

fn waited(
    harvest: &Harvest,
    (begun, flooded, ended): (Duration, Duration, Duration),
    findings: &mut Findings,
) {
    let [before, during] =
        [(begun, flooded), (flooded, ended)].map(|(from, until)| harvest.spread(from, until));
    let row = |name: &str, spread: &Spread| {
        let times = [spread.p50, spread.p99, spread.p999, spread.slowest].map(milliseconds);
        std::iter::once(name.to_owned())
            .chain(times)
            .collect::<Vec<_>>()
    };
    let head = ["others' latency, ms", "p50", "p99", "p99.9", "slowest"];
    findings.lines.push(table(
        &head,
        &[row("before", &before), row("flooded", &during)],
    ));
    for (name, before, during) in [
        ("p50", before.p50, during.p50),
        ("p99", before.p99, during.p99),
    ] {
        if during.as_secs_f64() > before.as_secs_f64() * TIMES {
            let (before, during) = (milliseconds(before), milliseconds(during));
            findings.wrong(format!(
                "others' {name} went from {before} to {during} ms: more than {TIMES} times as long"
            ));
        }
    }
}

fn grew(
    samples: &Samples,
    (begun, flooded, ended): (Duration, Duration, Duration),
    findings: &mut Findings,
) {
    let (before, during) = (
        samples.between(begun, flooded),
        samples.between(flooded, ended),
    );
    let late = samples.between(flooded + (ended.saturating_sub(flooded)) / 2, ended);
    let memory = |sample: &Sample| sample.used.memory;
    let most = [&before, &during].map(|samples| mib(samples.most(memory)));
    let growth = [&before, &late].map(|samples| samples.a_minute(|sample| mib(sample.used.memory)));
    let disk = [&before, &during].map(|samples| samples.a_minute(|sample| mib(sample.disk)));
    let descriptors =
        [&before, &during].map(|samples| samples.most(|sample| sample.used.descriptors));
    findings.lines.push(format!(
        "memory: at most {:.1} MiB before, {:.1} MiB flooded; it grew by {:.2} MiB a minute before, {:.2} in the second half of the flood",
        most[0], most[1], growth[0], growth[1]
    ));
    findings.lines.push(format!(
        "disk: {:.2} MiB a minute before, {:.2} MiB a minute flooded",
        disk[0], disk[1]
    ));
    findings.lines.push(format!(
        "descriptors: at most {} before, {} flooded",
        descriptors[0], descriptors[1]
    ));
    if most[1] > most[0] + MORE_MEMORY {
        findings.wrong(format!(
            "memory went from {:.1} to {:.1} MiB",
            most[0], most[1]
        ));
    }
    if growth[1] > growth[0].max(0.0) + MEMORY_A_MINUTE {
        findings.wrong(format!(
            "memory still grew by {:.2} MiB a minute in the second half of the flood, {:.2} before",
            growth[1], growth[0]
        ));
    }
    if disk[1] > disk[0] * 1.2 + DISK_A_MINUTE {
        findings.wrong(format!(
            "disk grew by {:.2} MiB a minute in the flood, {:.2} before",
            disk[1], disk[0]
        ));
    }
}

fn minutes(minutes: f64) -> Duration {
    Duration::from_secs_f64(minutes * 60.0)
}
