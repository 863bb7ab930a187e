//! The gateway beside nginx: the same requests, straight to the platform, through nginx, through Countersign.
//!
//! Everything runs on this machine without TLS: the platform, the proxies and the load are processes of their own. CPU is
//! that of the proxy's process alone, in user mode and in the kernel. Rounds of all ways alternate, so that a busy moment
//! meets all of them.

mod gateway;
mod load;
mod nginx;
mod process;
mod rounds;
mod signatures;
pub(crate) mod upstream;
mod way;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use partner::Algorithm;

use self::gateway::Gateway;
use self::process::Process;
use self::rounds::Measured;
use self::upstream::Mode;
use self::way::Way;
use crate::Output;
use crate::machine::{self, Pressure};
use crate::report::{Report, repository};
use crate::timing::{Spread, short};
use crate::world::{self, Asked, Targets};

/// Other programs may use so much of the machine while it is measured; above, the figures are called doubtful.
const OTHERS: f64 = 10.0;

#[derive(Args, Debug)]
pub(crate) struct Plan {
    /// How often every way is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many requests for the 1 kB answer in a round.
    #[arg(long, default_value_t = 10_000)]
    small: usize,
    /// How many for the 60 kB answer.
    #[arg(long, default_value_t = 4_000)]
    lists: usize,
    /// How many of either straight to the sample platform, which computes each.
    #[arg(long, default_value_t = 400)]
    computed: usize,
    /// How many connections ask at once.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Countersign's program; by default the repository's release build.
    #[arg(long, value_name = "FILE")]
    countersign: Option<PathBuf>,
    /// Leave Countersign out.
    #[arg(long, conflicts_with = "countersign")]
    without_countersign: bool,
    /// Where its register and ledger lie while it is measured: this disk is the one that commits wait for.
    #[arg(long, value_name = "DIR")]
    on: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(plan: &Plan) -> Result<()> {
    let before = Pressure::now()?;
    let targets = world::targets()?;
    let directory = match &plan.on {
        Some(disk) => tempfile::tempdir_in(disk)?,
        None => tempfile::tempdir()?,
    };
    let live = start_upstream(Mode::Live)?;
    let fixed = start_upstream(Mode::Fixed)?;
    let nginx = nginx::version()
        .map(|_| nginx::start(fixed.address, directory.path()))
        .transpose()?;
    let gateways = if plan.without_countersign {
        Vec::new()
    } else {
        gateways(plan, &fixed, &directory)?
    };

    let mut ways = vec![
        Way::platform("straight to the sample platform", &live),
        Way::platform("straight to the same bytes from memory", &fixed),
    ];
    ways.extend(
        nginx
            .as_ref()
            .map(|nginx| Way::plain("nginx, `proxy_pass`", nginx)),
    );
    if let [gateway, one_thread] = &gateways[..] {
        ways.push(Way::gateway("Countersign, all consented", gateway, 0));
        ways.push(Way::gateway("Countersign, 3 of 10 refuse", gateway, 1));
        ways.push(Way::gateway(
            "Countersign on one thread, all consented",
            one_thread,
            0,
        ));
    }
    check_answers(&targets, &ways)?;
    let measured = rounds::measure(plan, &targets, &ways)?;

    let mut report = Report::default();
    report.say(format!(
        "{}, {}.",
        machine::line(),
        nginx::version().unwrap_or_else(|| "no nginx".to_owned())
    ));
    report.say(quietness(before, &measured));
    for asked in Asked::ALL {
        table(plan, &mut report, asked, &ways, &measured);
    }
    if nginx.is_none() {
        report.say("nginx is not installed here (`apt-get install nginx-light`), so its row and the ratios are missing.");
    }
    stages(&mut report, &ways, &measured);
    signatures(&mut report, &ways, &measured)?;
    report.publish("edge", &plan.output)
}

fn start_upstream(mode: Mode) -> Result<Process> {
    let mode = match mode {
        Mode::Live => "live",
        Mode::Fixed => "fixed",
    };
    Process::start_and_ask(
        Command::new(std::env::current_exe()?).args(["upstream", "--mode", mode]),
    )
}

/// One with as many threads as there are processors, and one with a single thread as nginx has a single worker.
fn gateways(
    plan: &Plan,
    upstream: &Process,
    directory: &tempfile::TempDir,
) -> Result<Vec<Gateway>> {
    let built = repository().join("target/release/countersign");
    let program = plan.countersign.clone().unwrap_or(built);
    let program = program.canonicalize().with_context(|| {
        format!(
            "{}: build it with `cargo build --release`, or name it with --countersign",
            program.display()
        )
    })?;
    let start = |name: &str, threads| {
        let directory = directory.path().join(name);
        std::fs::create_dir(&directory)?;
        Gateway::start(&program, upstream.address, &directory, threads)
    };
    Ok(vec![start("gateway", None)?, start("one-thread", Some(1))?])
}

/// Straight and through nginx the bytes are the same; through Countersign they are fewer, and each friend who consented is
/// in them.
fn check_answers(targets: &Targets, ways: &[Way<'_>]) -> Result<()> {
    for asked in Asked::ALL {
        let mut unchanged = None;
        for way in ways {
            let request = way
                .requests(targets, asked, 1)?
                .pop()
                .context("no request")?;
            let (parts, body) = load::once(way.address, request)?;
            let text = String::from_utf8_lossy(&body);
            ensure!(
                parts.status == http::StatusCode::OK,
                "{}: {} {text}",
                way.name,
                parts.status
            );
            if way.as_gateway().is_none() {
                ensure!(
                    unchanged.get_or_insert(body.clone()) == &body,
                    "{} answers something else",
                    way.name
                );
                continue;
            }
            let answer: serde_json::Value = serde_json::from_slice(&body)?;
            let friends = answer["data"].as_array().map_or(0, Vec::len);
            let all = asked.friends() as usize;
            // One of the few friends may be among the many, and have consented there.
            let expected = if way.name.contains("refuse") && asked == Asked::List {
                all * 6 / 10..=all * 8 / 10
            } else {
                all..=all
            };
            ensure!(
                expected.contains(&friends),
                "{}: {friends} friends instead of {expected:?}: {text}",
                way.name
            );
        }
    }
    Ok(())
}

fn quietness(before: Pressure, measured: &Measured) -> String {
    let others = measured.others;
    let verdict = if others < OTHERS {
        "the machine was quiet"
    } else {
        "**the machine was busy with other things, so these figures are doubtful**"
    };
    format!(
        "Before: {before}. While measuring, other programs used {others:.0} % of the processors: {verdict}."
    )
}

fn table(plan: &Plan, report: &mut Report, asked: Asked, ways: &[Way<'_>], measured: &Measured) {
    let costs = || ways.iter().zip(measured.of(asked));
    let nginx = costs()
        .find(|(way, _)| way.is_yardstick())
        .map_or(f64::NAN, |(_, costs)| costs.cpu_median());
    let rows = costs().map(|(way, costs)| {
        let ratio = if way.is_proxy() {
            short(costs.cpu_median() / nginx)
        } else {
            "–".to_owned()
        };
        let cell = |values: &[f64]| Spread::of(values.to_vec()).to_string();
        vec![
            way.name.clone(),
            costs.body.to_string(),
            cell(&costs.cpu),
            ratio,
            cell(&costs.rate),
            cell(&costs.half),
            cell(&costs.most),
            cell(&costs.alone),
        ]
    });
    report.say(format!(
        "**{}**: a list of {} friends; {} connections, {} rounds, median and range over the rounds.",
        asked.name(),
        asked.friends(),
        plan.connections,
        plan.rounds
    ));
    let head = [
        "way",
        "bytes out",
        "CPU µs/request",
        "× nginx",
        "requests/s",
        "p50 µs",
        "p99 µs",
        "p50 µs, one connection",
    ];
    report.table(&head, &rows.collect::<Vec<_>>());
}

/// Where a request's time goes, by the gateway's own metrics.
fn stages(report: &mut Report, ways: &[Way<'_>], measured: &Measured) {
    let mut rows = Vec::new();
    for asked in Asked::ALL {
        for (way, costs) in ways
            .iter()
            .zip(measured.of(asked))
            .filter(|(way, _)| way.as_gateway().is_some())
        {
            for (many, stages) in [
                ("several connections", &costs.stages),
                ("one connection", &costs.stages_alone),
            ] {
                let mean = |name: &str| {
                    let stage = stages.get(name).copied().unwrap_or_default();
                    short(stage.seconds * 1e6 / stage.count)
                };
                let cells = ["total", "upstream", "decide", "ledger"].map(mean);
                rows.push(
                    [
                        vec![way.name.clone(), asked.name().to_owned(), many.to_owned()],
                        cells.to_vec(),
                    ]
                    .concat(),
                );
            }
        }
    }
    if !rows.is_empty() {
        report.say("Mean microseconds of waiting and working by Countersign's own metrics (`ledger`: sealing the entry, and until it is durable):");
        report.table(
            &[
                "way",
                "answer",
                "asked by",
                "total",
                "upstream",
                "walk and decide",
                "ledger",
            ],
            &rows,
        );
    }
}

/// How much of it is the signature that every request brings, which nginx does not look at.
fn signatures(report: &mut Report, ways: &[Way<'_>], measured: &Measured) -> Result<()> {
    let es256 = signatures::verifying(Algorithm::Es256)?;
    let ed25519 = signatures::verifying(Algorithm::EdDsa)?;
    report.say(format!(
        "Checking one proof's signature alone, in the same run: ES256 {es256} µs, Ed25519 {ed25519} µs of CPU. Countersign \
         checks one for every request (DPoP, here ES256); nginx checks none."
    ));
    for asked in Asked::ALL {
        let costs = || ways.iter().zip(measured.of(asked));
        let nginx = costs().find(|(way, _)| way.is_yardstick());
        let gateway = costs().find(|(way, _)| way.as_gateway().is_some());
        if let (Some((_, nginx)), Some((_, gateway))) = (nginx, gateway) {
            let (nginx, gateway) = (nginx.cpu_median(), gateway.cpu_median());
            let rest = gateway - es256.median();
            report.say(format!(
                "{}: of {} µs the signature is {:.0} %; the other {} µs are {} times nginx's.",
                asked.name(),
                short(gateway),
                100.0 * es256.median() / gateway,
                short(rest),
                short(rest / nginx)
            ));
        }
    }
    Ok(())
}
