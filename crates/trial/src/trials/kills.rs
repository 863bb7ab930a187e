//! Killed under load: SIGKILL at moments that nobody foresaw, and nothing that anybody was told may be lost.

use std::time::Duration;

use rand::Rng as _;

use super::{Findings, UNLIMITED, reckon, wide};
use crate::broken::Result;
use crate::in_force::{LookedUp, look_up};
use crate::place::Log;
use crate::process::Gateway;
use crate::progress::say;
use crate::scene::{Counts, Scene};
use crate::stage::{self, Common};
use crate::surroundings::dice;
use crate::taking::Crowd;
use crate::work::Crew;

/// Kills the gateway under load again and again and compares what clients received with what the ledger holds.
#[derive(clap::Args, Clone, Debug)]
pub struct Plan {
    /// What every trial can be told.
    #[command(flatten)]
    pub common: Common,
    /// How often.
    #[arg(long, default_value_t = 50)]
    pub kills: u32,
    /// For how long at most the gateway runs before the next.
    #[arg(long, default_value_t = 1500, value_name = "MS")]
    pub at_most: u64,
}

/// The shortest time between a start and a kill, in milliseconds.
const AT_LEAST: u64 = 50;

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
    let mut gateway = Gateway::start(&scene.place).await?;
    let jobs = stage::everything(&scene);
    let workers = jobs.len();
    let crew = Crew::start(&scene, jobs)?;
    let crowd = Crowd::start(&scene);
    let mut dice = dice(scene.seed, 2);
    let mut looked = LookedUp::default();
    scene.is_up(true);
    for kill in 1..=plan.kills {
        let wait = dice.random_range(AT_LEAST..=plan.at_most.max(AT_LEAST));
        tokio::time::sleep(Duration::from_millis(wait)).await;
        gateway.kill()?;
        scene.is_up(false);
        if !scene.quiet().await {
            scene.found(
                "calls to a gateway that was killed did not end within ten seconds".to_owned(),
            );
        }
        let of_this = tokio::task::block_in_place(|| after_a_kill(&scene))?;
        looked.out += of_this.out;
        looked.there += of_this.there;
        gateway = Gateway::start(&scene.place).await?;
        scene.is_up(true);
        say(format_args!(
            "kill {kill} of {}: {}",
            plan.kills,
            so_far(&scene)
        ));
    }
    tokio::time::sleep(Duration::from_millis(plan.at_most)).await;
    scene.stop();
    let harvest = crew.harvest().await?;
    crowd.end().await?;
    let mut findings = Findings::default();
    findings.add("kills", u64::from(plan.kills));
    findings.add("workers", wide(workers));
    let end = || {
        let of_this = reckon(&stage, gateway, &harvest, &mut findings)?;
        findings.add(
            "withdrawals looked up after kills",
            looked.out + of_this.out,
        );
        findings.add(
            "consents looked up after kills",
            looked.there + of_this.there,
        );
        Ok(())
    };
    tokio::task::block_in_place(end)?;
    drop(stage);
    super::close(scene, &mut findings);
    Ok(findings)
}

/// With no gateway running: both logs verify as they lie there, and what was acknowledged is in force.
pub(super) fn after_a_kill(scene: &Scene) -> Result<LookedUp> {
    for log in [Log::Ledger, Log::Register] {
        let dir = scene.place.path(log.dir());
        let verified = ledger::verify(&dir, &scene.place.verifier(log)?, None, &mut |_, _| Ok(()));
        if let Err(error) = verified {
            scene.found(format!(
                "after a kill the {} does not verify: {error}",
                log.name()
            ));
        }
    }
    look_up(scene)
}

pub(super) fn so_far(scene: &Scene) -> String {
    let counts = &scene.counts;
    format!(
        "{} answers, {} cut off, {} lost, {} withdrawals, {} wrong",
        Counts::get(&counts.answers),
        Counts::get(&counts.cut),
        Counts::get(&counts.lost),
        Counts::get(&counts.taken),
        scene.wrong(),
    )
}
