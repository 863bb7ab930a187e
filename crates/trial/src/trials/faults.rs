//! File operations that fail under load: each fault is put by `strace` between the program and the kernel, once; the
//! program has to stop for it (or live with it), and nothing that anybody was told may be lost.

use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use rand::Rng as _;

use super::kills::{after_a_kill, so_far};
use super::{Findings, UNLIMITED, reckon, wide};
use crate::broken::{At as _, Broken, Result};
use crate::in_force::LookedUp;
use crate::process::Gateway;
use crate::progress::say;
use crate::scene::Scene;
use crate::stage::{self, Common};
use crate::surroundings::dice;
use crate::taking::Crowd;
use crate::work::Crew;

/// Lets file operations fail under load, by `strace`, where that is allowed.
#[derive(clap::Args, Clone, Debug)]
pub struct Plan {
    /// What every trial can be told.
    #[command(flatten)]
    pub common: Common,
    /// How often each fault is tried.
    #[arg(long, default_value_t = 3)]
    pub rounds: u32,
}

/// A system call that fails once in each thread, and what has to come of it.
#[derive(Clone, Copy, Debug)]
struct Fault {
    call: &'static str,
    error: &'static str,
    /// Whether it always hits the commit path, so that the program must stop. Otherwise it may have hit something that
    /// can be done again, such as publishing.
    stops: bool,
}

const FAULTS: [Fault; 5] = [
    Fault {
        call: "fdatasync",
        error: "EIO",
        stops: true,
    },
    Fault {
        call: "pwrite64",
        error: "EIO",
        stops: true,
    },
    Fault {
        call: "pwrite64",
        error: "ENOSPC",
        stops: true,
    },
    Fault {
        call: "fsync",
        error: "EIO",
        stops: false,
    },
    Fault {
        call: "rename,renameat,renameat2",
        error: "EIO",
        stops: false,
    },
];

/// The exit code of a program whose log has stopped (docs/exit-codes.md).
const LOG_STOPPED: i32 = 74;
/// How long the fault may be in coming, and the program in stopping for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Holds the trial. Blocks.
///
/// # Errors
/// When it could not be held at all, so where `strace` may not trace. What it found is in [`Findings::wrong`].
pub fn run(plan: &Plan) -> Result<Findings> {
    may_trace()?;
    crate::runtime()?.block_on(held_trial(plan))
}

/// Tries it on a command that does nothing.
fn may_trace() -> Result<()> {
    let tried = Command::new("strace")
        .args([
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "inject=fsync:error=EIO:when=1",
            "true",
        ])
        .output();
    let why = match tried {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    Err(Broken::new(format_args!(
        "strace cannot inject faults here, so nothing was tried: {why}"
    )))
}

async fn held_trial(plan: &Plan) -> Result<Findings> {
    let stage = stage::set(&plan.common, UNLIMITED).await?;
    let scene = stage.scene.clone();
    say(format_args!(
        "seed {}; the deployment lies in {}",
        scene.seed,
        scene.place.path("").display()
    ));
    let crew = Crew::start(&scene, stage::everything(&scene))?;
    let crowd = Crowd::start(&scene);
    let mut dice = dice(scene.seed, 3);
    let (mut tried, mut stopped, mut looked) = (0, 0, LookedUp::default());
    for fault in (0..plan.rounds).flat_map(|_| FAULTS) {
        let when = dice.random_range(3..60);
        let ended = one(&scene, fault, when).await?;
        tried += 1;
        stopped += u64::from(ended.is_some());
        let of_this = tokio::task::block_in_place(|| after_a_kill(&scene))?;
        looked.out += of_this.out;
        looked.there += of_this.there;
        let Fault { call, error, .. } = fault;
        let how = ended.map_or("went on".to_owned(), |status| {
            format!("ended with {status}")
        });
        say(format_args!(
            "{call} {error} at the {when}th: {how}; {}",
            so_far(&scene)
        ));
        let gateway = Gateway::start(&scene.place).await?;
        scene.is_up(true);
        tokio::time::sleep(Duration::from_millis(500)).await;
        take_away(&scene, gateway).await?;
    }
    let gateway = Gateway::start(&scene.place).await?;
    scene.is_up(true);
    tokio::time::sleep(Duration::from_secs(1)).await;
    scene.stop();
    let harvest = crew.harvest().await?;
    let _ = crowd.end().await?;
    let mut findings = Findings::default();
    findings.add("faults", tried);
    findings.add("faults for which the gateway stopped", stopped);
    tokio::task::block_in_place(|| reckon(&stage, gateway, &harvest, &mut findings))?;
    findings.add("withdrawals looked up after faults", looked.out);
    findings.add("consents looked up after faults", looked.there);
    findings.lines.push(format!(
        "strace makes the call not happen; {} calls were tried",
        wide(FAULTS.len())
    ));
    drop(stage);
    super::close(scene, &mut findings);
    Ok(findings)
}

/// One gateway with one fault; how it ended by itself, if it did.
async fn one(scene: &Scene, fault: Fault, when: u32) -> Result<Option<ExitStatus>> {
    let Fault { call, error, stops } = fault;
    let mut command = Command::new("strace");
    // `-D`: the gateway is our own child, and strace, as its grandchild, ends with it.
    command
        .args(["-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e"])
        .arg(format!("trace={call}"))
        .arg("-e")
        .arg(format!("inject={call}:error={error}:when={when}"))
        .arg(&scene.place.program);
    let mut gateway = Gateway::spawn(&scene.place, &mut command)?;
    // A fault may hit the start itself; then it ends before it answers.
    let up = gateway.until_it_answers(&scene.place).await;
    if up.is_ok() {
        scene.is_up(true);
    }
    let begun = Instant::now();
    let mut ended = None;
    while ended.is_none() && begun.elapsed() < PATIENCE {
        ended = gateway.ended_within(Duration::from_millis(1))?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    scene.is_up(false);
    match ended {
        Some(status) if status.code() != Some(LOG_STOPPED) => {
            scene.found(format!(
                "{call} failed with {error}, and the gateway ended with {status}, not {LOG_STOPPED}"
            ));
        }
        None if stops => scene.found(format!(
            "{call} failed with {error}, and the gateway went on"
        )),
        _ => {}
    }
    take_away(scene, gateway).await?;
    Ok(ended)
}

/// Ends what is still running, and waits for everybody's calls to end.
async fn take_away(scene: &Scene, gateway: Gateway) -> Result<()> {
    gateway.kill().at("a gateway under strace")?;
    scene.is_up(false);
    if !scene.quiet().await {
        scene.found("calls to a gateway that had ended did not end within ten seconds".to_owned());
    }
    Ok(())
}
