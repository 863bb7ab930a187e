//! The harness behind `docs/measured.md`: every figure there comes from one of these commands, run on the machine that
//! the figure names.
//!
//! `measure edge` runs the same requests straight to a platform, through nginx and through Countersign; `measure walk`
//! reads an answer with the plan and with serde_json; `measure sweep` does so with the sweep and without; `measure deciding`
//! asks the rule about lists of 190 people. Each prints a table, and with `--write` puts it into `docs/measured.md` between
//! its markers.

mod deciding;
mod edge;
mod machine;
mod report;
mod sweep;
mod timing;
mod walk;
mod world;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measures Countersign on this machine")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// CPU per request and latency: straight to the platform, through nginx, through Countersign.
    Edge(edge::Plan),
    /// Microseconds for deciding about a list of 190 people.
    Deciding(deciding::Plan),
    /// Megabytes a second of the walk, beside serde_json on the same bytes.
    Walk(walk::Plan),
    /// Megabytes a second of the walk with the sweep and without, on a Matrix server's recorded answers.
    Sweep(sweep::Plan),
    /// A platform to stand behind the proxies; `edge` starts it as a process of its own.
    #[command(hide = true)]
    Upstream(edge::upstream::Plan),
}

/// What every command can do with its table.
#[derive(Args, Clone, Debug)]
struct Output {
    /// Put the table into this file, between the markers with the command's name.
    #[arg(long, num_args = 0..=1, default_missing_value = "docs/measured.md", value_name = "FILE")]
    write: Option<PathBuf>,
}

fn main() -> Result<()> {
    match Cli::parse().what {
        What::Edge(plan) => edge::run(&plan),
        What::Deciding(plan) => deciding::run(&plan),
        What::Walk(plan) => walk::run(&plan),
        What::Sweep(plan) => sweep::run(&plan),
        What::Upstream(plan) => edge::upstream::run(&plan),
    }
}
