//! `trial`: puts the program under load and ends it in every way that ends programs; exit code 1 when it found something.
//!
//! `cargo build --release -p countersign -p trial`, then `target/release/trial kills`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use trial::{Findings, faults, flood, flooder, kills, soak, withdrawals};

#[derive(Parser)]
#[command(
    about = "Puts the whole program on trial, on this machine alone",
    version
)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// SIGKILL under load: everything that anybody received is on the ledger, everything acknowledged is in force.
    Kills(kills::Plan),
    /// People withdraw while partners read: nobody is in an answer that was begun after their withdrawal returned.
    Withdrawals(withdrawals::Plan),
    /// A flood of refused requests: memory and disk stay bounded, others do not wait twice as long.
    Flood(flood::Plan),
    /// An hour of mixed load: nothing grows, and what a request costs.
    Soak(soak::Plan),
    /// File operations fail under load, by `strace`: the program stops for it and nothing acknowledged is lost.
    Faults(faults::Plan),
    /// The flood itself, as a process of its own.
    #[command(hide = true)]
    Flooder(flooder::Plan),
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the findings are what the program is for"
)]
fn main() -> ExitCode {
    let held = match Cli::parse().what {
        What::Kills(plan) => kills::run(&plan),
        What::Withdrawals(plan) => withdrawals::run(&plan),
        What::Flood(plan) => flood::run(&plan),
        What::Soak(plan) => soak::run(&plan),
        What::Faults(plan) => faults::run(&plan),
        What::Flooder(plan) => return flooded(flooder::run(&plan)),
    };
    match held {
        Ok(findings) => {
            println!("{}", told(&findings));
            if findings.wrong.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("the trial could not be held: {error}");
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::print_stderr, reason = "an error is told on standard error")]
fn flooded(ended: trial::Result<()>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn told(findings: &Findings) -> String {
    let mut lines: Vec<String> = findings
        .counts
        .iter()
        .map(|(name, count)| format!("{count:>12}  {name}"))
        .collect();
    lines.extend(findings.lines.iter().cloned());
    lines.extend(findings.wrong.iter().map(|what| format!("WRONG: {what}")));
    if let Some(kept) = &findings.kept {
        lines.push(format!("The deployment stays in {}.", kept.display()));
    }
    lines.push(if findings.wrong.is_empty() {
        "Stood.".to_owned()
    } else {
        "Not stood.".to_owned()
    });
    lines.join("\n")
}
