//! The program: wires the crates together and is the only one that reads the clock and draws randomness.

mod args;
mod breach;
mod commands;
mod demo;
mod door;
mod exit;
mod help;
mod output;
mod progress;
mod surroundings;
mod telemetry;
mod wiring;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Cli, Command};
use exit::{Exit, Failure};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            let text = failure.to_string();
            if !text.is_empty() {
                complain(&text);
            }
            ExitCode::from(failure.exit as u8)
        }
    }
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    let format = cli.format;
    match &cli.command {
        Command::Demo(args) => demo::demo(args, format),
        Command::Serve(args) => commands::serve(args),
        Command::Check(args) => commands::check(args, format),
        Command::Case(args) => commands::case(args, format),
        Command::Audit(args) => commands::audit(args, format),
        Command::Init(args) => commands::init(args, format),
        Command::Verify(args) => commands::verify(args, format),
        Command::Unknowns(args) => commands::unknowns(args, format),
        Command::Doctor(args) => commands::doctor(args, format),
        Command::Backup(args) => commands::backup(args, format),
        Command::Restore(args) => commands::restore(args, format),
        Command::AcceptLoss(args) => commands::accept_loss(args, format),
        Command::Breach(args) => commands::breach(args, format),
        Command::Load(args) => commands::load(args, format),
        Command::Key(args) => commands::key(args, format),
        Command::Partner(args) => commands::partner(args, format),
        Command::Officer(args) => commands::officer(args, format),
        Command::Agreement(args) => commands::agreement(args, format),
        Command::Promise(args) => commands::promise(args, format),
        Command::Policy(args) => commands::policy(args, format),
        Command::Notice(args) => commands::notice(args, format),
        Command::Connection(args) => commands::connection(args, format),
        Command::Consent(args) => commands::consent(args, format),
        Command::Call(args) => commands::call(args, format),
        Command::Desk(args) => commands::desk(args, format),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "this is where the program says why it ended"
)]
fn complain(text: &str) {
    eprintln!("error: {text}");
}
