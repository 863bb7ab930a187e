//! People withdraw while partners read as fast as they can: nobody may be in an answer that was begun after their
//! withdrawal had returned, and nobody who reads slowly on purpose may hold a withdrawal up.

use std::time::Duration;

use super::{Findings, UNLIMITED, reckon, wide};
use crate::broken::Result;
use crate::latency::Spread;
use crate::process::Gateway;
use crate::progress::say;
use crate::scene::Counts;
use crate::stage::{self, Common};
use crate::taking::Crowd;
use crate::work::{Crew, Kind, Pace};

/// People withdraw and agree again while partners read as fast as they can.
#[derive(clap::Args, Clone, Debug)]
pub struct Plan {
    /// What every trial can be told.
    #[command(flatten)]
    pub common: Common,
    /// After how many answers it ends.
    #[arg(long, default_value_t = 300_000)]
    pub answers: u64,
    /// How many partners' connections stop reading in the middle of an answer.
    #[arg(long, default_value_t = 4)]
    pub stalled: usize,
    /// After how many minutes it ends in any case.
    #[arg(long, default_value_t = 60.0)]
    pub at_most: f64,
    /// How long a withdrawal may take: two seconds of draining, and the rest of the way.
    #[arg(long, default_value_t = 3000, value_name = "MS")]
    pub slowest: u64,
    /// How many answers are enough when it ends by that; without it, all of them are wanted.
    #[arg(long)]
    pub enough: Option<u64>,
}

/// How often the progress is told.
const TOLD: Duration = Duration::from_secs(10);

/// Holds the trial. Blocks.
///
/// # Errors
/// When it could not be held at all. What it found is in [`Findings::wrong`].
pub fn run(plan: &Plan) -> Result<Findings> {
    crate::runtime()?.block_on(held_trial(plan))
}

async fn held_trial(plan: &Plan) -> Result<Findings> {
    let stage = stage::set(&plan.common, UNLIMITED).await?;
    let scene = stage.scene.clone();
    say(format_args!(
        "seed {}; the deployment lies in {}",
        scene.seed,
        scene.place.path("").display()
    ));
    let gateway = Gateway::start(&scene.place).await?;
    let mut jobs = stage::jobs(&scene, Kind::Reading, Pace::AsFastAsItCan, true);
    let stalling = stage::jobs(&scene, Kind::Stalling, Pace::AsFastAsItCan, false);
    jobs.extend(stalling.into_iter().cycle().take(plan.stalled));
    let crew = Crew::start(&scene, jobs)?;
    let crowd = Crowd::start(&scene);
    scene.is_up(true);
    let limit = Duration::from_secs_f64(plan.at_most.max(0.0) * 60.0);
    let mut told = scene.watch.elapsed();
    while Counts::get(&scene.counts.answers) < plan.answers && scene.watch.elapsed() < limit {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if scene.watch.elapsed().saturating_sub(told) >= TOLD {
            told = scene.watch.elapsed();
            say(format_args!(
                "{} of {} answers, {} withdrawals, {} wrong",
                Counts::get(&scene.counts.answers),
                plan.answers,
                Counts::get(&scene.counts.taken),
                scene.wrong()
            ));
        }
    }
    scene.stop();
    let harvest = crew.harvest().await?;
    let mut took = crowd.end().await?.took;
    let mut findings = Findings::default();
    tokio::task::block_in_place(|| reckon(&stage, gateway, &harvest, &mut findings))?;
    drop(stage);
    findings.add(
        "times a partner stopped reading in the middle of an answer",
        Counts::get(&scene.counts.stalled),
    );
    findings.add("calls that withdraw", wide(took.len()));
    let spread = Spread::of(&mut took);
    findings.lines.push(format!("a withdrawal took {spread}"));
    let slowest = Duration::from_millis(plan.slowest);
    if spread.slowest > slowest {
        findings.wrong(format!(
            "the slowest withdrawal took {:?}; allowed are {slowest:?}",
            spread.slowest
        ));
    }
    let unanswered = Counts::get(&scene.counts.unacknowledged);
    if unanswered > 0 {
        findings.wrong(format!(
            "{unanswered} changes by people were not answered, though the gateway was there"
        ));
    }
    let answers = Counts::get(&scene.counts.answers);
    let enough = plan.enough.unwrap_or(plan.answers).min(plan.answers);
    if answers < enough {
        findings.wrong(format!(
            "only {answers} answers in {limit:?}; wanted are {enough}"
        ));
    }
    super::close(scene, &mut findings);
    Ok(findings)
}
