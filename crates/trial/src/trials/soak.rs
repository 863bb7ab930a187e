//! An hour of ordinary work: what it costs, how long anybody waits, and that nothing grows that should not.

use std::path::PathBuf;
use std::time::Duration;

use super::{Findings, THE_PROGRAMS_OWN, reckon, wide};
use crate::broken::{Broken, Result};
use crate::latency::milliseconds;
use crate::process::Gateway;
use crate::progress::say;
use crate::report::{machine, put, table};
use crate::scene::Counts;
use crate::stage::{self, Common};
use crate::taking::Crowd;
use crate::watched::{Sample, Samples, mib};
use crate::work::{Crew, Harvest};

/// Puts the gateway under a mixed load at a fixed rate for an hour.
#[derive(clap::Args, Clone, Debug)]
pub struct Plan {
    /// What every trial can be told.
    #[command(flatten)]
    pub common: Common,
    /// For how many minutes.
    #[arg(long, default_value_t = 60.0)]
    pub minutes: f64,
    /// How many requests a second, altogether.
    #[arg(long, default_value_t = 200)]
    pub rate: u32,
    /// Put the table into this file, between its markers.
    #[arg(long, num_args = 0..=1, default_missing_value = "docs/measured.md", value_name = "FILE")]
    pub write: Option<PathBuf>,
}

/// The first part of the time, in which caches fill: nothing is judged by it.
const WARM: f64 = 0.25;
/// The ledger remembers the idempotency keys of so many entries (`ledger::Options::remember`). Until there are more, its
/// memory grows as it is meant to, some 30 MiB altogether: growth is judged from then on.
const KEYS: u64 = 1 << 18;
/// How many minutes growth has to be looked at: a line through fewer says nothing about an hour.
const LONG: f64 = 20.0;
/// How much memory may grow an hour after that, in MiB.
const MEMORY_AN_HOUR: f64 = 16.0;
/// How many more descriptors there may be at the end than at the most in the first part: one for every worker's
/// connection that happens to be opened anew.
const MORE_DESCRIPTORS: u64 = 16;
/// How often the gateway is looked at.
const LOOKS: Duration = Duration::from_secs(10);

/// Holds the trial. Blocks.
///
/// # Errors
/// When it could not be held at all. What it found is in [`Findings::wrong`].
pub fn run(plan: &Plan) -> Result<Findings> {
    if plan.rate == 0 || plan.minutes <= 0.0 {
        return Err(Broken::new("--rate and --minutes have to be more than 0"));
    }
    crate::runtime()?.block_on(held_trial(plan))
}

async fn held_trial(plan: &Plan) -> Result<Findings> {
    let on = machine();
    let stage = stage::set(&plan.common, THE_PROGRAMS_OWN).await?;
    let scene = stage.scene.clone();
    say(format_args!(
        "seed {}; the deployment lies in {}",
        scene.seed,
        scene.place.path("").display()
    ));
    let gateway = Gateway::start(&scene.place).await?;
    let crew = Crew::start(&scene, stage::a_mix(&scene, plan.rate))?;
    let crowd = Crowd::start_at_ease(&scene);
    scene.is_up(true);
    let mut samples = Samples::default();
    let begun = scene.watch.elapsed();
    let time = Duration::from_secs_f64(plan.minutes * 60.0);
    samples.look(begun, gateway.pid(), &scene.place)?;
    while scene.watch.elapsed().saturating_sub(begun) < time {
        let left = (begun + time).saturating_sub(scene.watch.elapsed());
        tokio::time::sleep(LOOKS.min(left)).await;
        let sample = samples.look(scene.watch.elapsed(), gateway.pid(), &scene.place)?;
        say(format_args!(
            "{:.0} s: {} answers, {} withdrawals, {:.1} MiB of memory, {} descriptors, {:.1} MiB on disk, {} wrong",
            sample.at.as_secs_f64(),
            Counts::get(&scene.counts.answers),
            Counts::get(&scene.counts.taken),
            mib(sample.used.memory),
            sample.used.descriptors,
            mib(sample.disk),
            scene.wrong()
        ));
    }
    scene.stop();
    let harvest = crew.harvest().await?;
    let _ = crowd.end().await?;
    let mut findings = Findings::default();
    let soaked = Soaked {
        plan,
        on,
        harvest: &harvest,
        samples: &samples,
        withdrawals: Counts::get(&scene.counts.taken),
    };
    soaked.judge(&mut findings);
    let text = soaked.text();
    findings.lines.push(text.clone());
    tokio::task::block_in_place(|| reckon(&stage, gateway, &harvest, &mut findings))?;
    drop(stage);
    if let Some(file) = &plan.write {
        put(file, "soak", &text)?;
    }
    super::close(scene, &mut findings);
    Ok(findings)
}

/// What came of it.
struct Soaked<'a> {
    plan: &'a Plan,
    on: String,
    harvest: &'a Harvest,
    samples: &'a Samples,
    withdrawals: u64,
}

impl Soaked<'_> {
    /// The most descriptors while it was getting warm and in the last quarter.
    fn descriptors(&self) -> (u64, u64) {
        let (Some(first), Some(last)) = (self.samples.first(), self.samples.last()) else {
            return (0, 0);
        };
        let quarter = last.at.saturating_sub(first.at).mul_f64(WARM);
        let most = |samples: Samples| samples.most(|sample| sample.used.descriptors);
        (
            most(self.samples.between(first.at, first.at + quarter)),
            most(
                self.samples
                    .between(last.at.saturating_sub(quarter), last.at),
            ),
        )
    }

    fn judge(&self, findings: &mut Findings) {
        match memory_an_hour(self.samples) {
            None => findings.wrong(format!(
                "memory: not judged; that takes {LONG} minutes of looks once the ledger has more than {KEYS} entries: more --minutes, or a higher --rate"
            )),
            Some(grew) if grew > MEMORY_AN_HOUR => findings.wrong(format!(
                "memory grew by {grew:.1} MiB an hour after it was warm"
            )),
            Some(_) => {}
        }
        // A few minutes say nothing about an hour: connections are still being opened.
        let (early, late) = self.descriptors();
        if self.plan.minutes >= LONG && late > early + MORE_DESCRIPTORS {
            findings.wrong(format!("descriptors went from {early} to {late}"));
        }
        let rate = self.rate();
        if rate < f64::from(self.plan.rate) * 0.9 {
            findings.wrong(format!(
                "{rate:.0} requests a second were answered, {} were asked for",
                self.plan.rate
            ));
        }
    }

    fn time(&self) -> Duration {
        let ends = self.samples.first().zip(self.samples.last());
        ends.map_or(Duration::ZERO, |(first, last)| {
            last.at.saturating_sub(first.at)
        })
    }

    fn rate(&self) -> f64 {
        self.harvest.timed.len() as f64 / self.time().as_secs_f64().max(1.0)
    }

    fn text(&self) -> String {
        let (first, last) = (self.samples.first(), self.samples.last());
        let of = |what: fn(&Sample) -> f64| [first, last].map(|sample| sample.map_or(0.0, what));
        let memory = of(|sample| mib(sample.used.memory));
        let disk = of(|sample| sample.disk as f64);
        let cpu = of(|sample| sample.used.cpu.as_secs_f64());
        let requests = self.harvest.timed.len().max(1) as f64;
        let spread = self.harvest.spread(Duration::ZERO, Duration::MAX);
        let warm = warm(self.samples);
        let once_warm = |what: fn(&Sample) -> String| {
            let first = warm.first().map(what);
            first.unwrap_or_else(|| "never warm".to_owned())
        };
        let warm_first = once_warm(|sample| format!("{:.1}", mib(sample.used.memory)));
        let grew = memory_an_hour(self.samples);
        let (early, late) = self.descriptors();
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        let rows = [
            row(
                "answered requests",
                wide(self.harvest.timed.len()).to_string(),
            ),
            row("withdrawals meanwhile", self.withdrawals.to_string()),
            row("requests a second", format!("{:.1}", self.rate())),
            row(
                "CPU µs/request",
                format!("{:.0}", (cpu[1] - cpu[0]) * 1e6 / requests),
            ),
            row("p50 ms", milliseconds(spread.p50)),
            row("p99 ms", milliseconds(spread.p99)),
            row("p99.9 ms", milliseconds(spread.p999)),
            row("slowest ms", milliseconds(spread.slowest)),
            row(
                "memory MiB: first, warm, last",
                format!("{:.1}, {warm_first}, {:.1}", memory[0], memory[1]),
            ),
            row(
                "warm after minutes",
                once_warm(|sample| format!("{:.0}", sample.at.as_secs_f64() / 60.0)),
            ),
            row(
                "memory MiB/hour once warm",
                grew.map_or("not judged".to_owned(), |grew| format!("{grew:.1}")),
            ),
            row(
                "descriptors: first quarter, last quarter",
                format!("{early}, {late}"),
            ),
            row(
                "bytes on disk a request",
                format!("{:.0}", (disk[1] - disk[0]) / requests),
            ),
        ];
        let minutes = self.time().as_secs_f64() / 60.0;
        format!(
            "{}.\n\n{}",
            self.on,
            table(
                &[
                    &format!(
                        "{minutes:.0} minutes at {} requests a second",
                        self.plan.rate
                    ),
                    ""
                ],
                &rows
            )
        )
    }
}

/// The looks after everything was warm; none where it never was.
fn warm(samples: &Samples) -> Samples {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Samples::default();
    };
    let Some(full) = samples.when(|sample| sample.entries > KEYS) else {
        return Samples::default();
    };
    let from = first.at + (last.at.saturating_sub(first.at)).mul_f64(WARM);
    samples.between(full.max(from), last.at)
}

/// By how many MiB memory grew an hour; `None` where it was not looked at for long enough.
fn memory_an_hour(samples: &Samples) -> Option<f64> {
    let warm = warm(samples);
    let looked_at = warm.last()?.at.saturating_sub(warm.first()?.at);
    let grew = || warm.a_minute(|sample| mib(sample.used.memory)) * 60.0;
    // The looks lie a little apart: the first that is warm comes up to one of these gaps late.
    let long = looked_at + LOOKS * 2 >= Duration::from_secs_f64(LONG * 60.0);
    long.then(grew)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::Used;

    /// A look every minute of an hour: so many entries a minute, and memory that grows by a MiB in each.
    fn an_hour(entries_a_minute: u64) -> Samples {
        let look = |minute: u64| Sample {
            at: Duration::from_secs(60 * minute),
            used: Used {
                memory: minute << 20,
                ..Used::default()
            },
            disk: 0,
            entries: entries_a_minute * minute,
        };
        Samples((0..=60).map(look).collect())
    }

    #[test]
    fn memory_is_judged_only_by_twenty_minutes_of_looks_once_it_is_warm() {
        for (entries_a_minute, warm_at, judged) in [
            (KEYS, Some(15), true), // full at once: by the quarter in which caches fill
            (KEYS / 30, Some(31), true),
            (KEYS / 39, Some(40), true),
            (KEYS / 45, Some(46), false),
            (KEYS / 59, Some(60), false), // one look, whose slope is none
            (KEYS / 61, None, false),
        ] {
            let samples = an_hour(entries_a_minute);
            let first = warm(&samples).first().map(|it| it.at.as_secs() / 60);
            assert_eq!(first, warm_at, "{entries_a_minute}");
            let grew = memory_an_hour(&samples);
            assert_eq!(grew.is_some(), judged, "{entries_a_minute}");
            assert!(
                grew.is_none_or(|grew| (grew - 60.0).abs() < 1e-6),
                "{grew:?}"
            );
        }
    }
}
