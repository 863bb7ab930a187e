//! From a configuration to what it names, opened: the two logs, the API's plans, the gateway.

use std::path::Path;
use std::sync::Arc;

use decide::Time;
use gateway::{Clock, Config, Entropy, Gateway, Inside};
use ledger::entry::Entry;
use ledger::files::RealFiles;
use ledger::note::Signer;
use ledger::{IdempotencyKey, Log};
use register::{Change, Register};
use release::Api;

use crate::exit::{Exit, Failure};
use crate::surroundings;

/// A gateway that is ready to be put to work, and what the program still needs of its parts.
#[derive(Debug)]
pub(crate) struct Wired {
    /// The gateway.
    pub(crate) gateway: Arc<Gateway>,
    /// The log of what governs.
    pub(crate) register: Arc<Register>,
    /// The log of what happened.
    pub(crate) ledger: Arc<Log>,
}

/// Reads a configuration, and every file that it names.
pub(crate) fn configuration(path: &Path) -> Result<Config, Failure> {
    Config::load(path).map_err(|error| Exit::Config.because(error))
}

/// The platform's API as the configuration has it.
pub(crate) fn api(config: &Config) -> Result<Api, Failure> {
    let platform = &config.platform;
    let name = |document: &gateway::config::Document| document.path.display().to_string();
    Api::load(
        &platform.document.bytes,
        &name(&platform.document),
        &platform.overlay.bytes,
        &name(&platform.overlay),
    )
    .map_err(|errors| Exit::Config.because(errors))
}

/// How the register of a configuration is opened.
pub(crate) fn register_options(config: &gateway::config::Register) -> register::Options {
    register::Options {
        log: log_options(&config.signer, config.anchor.as_deref()),
        fill: surroundings::fill(),
        key_file: config.key_file.clone(),
        queue: 1024,
    }
}

/// How the ledger of a configuration is opened.
pub(crate) fn ledger_options(config: &gateway::config::Ledger) -> ledger::Options {
    log_options(&config.signer, config.anchor.as_deref())
}

fn log_options(signer: &Arc<Signer>, anchor: Option<&Path>) -> ledger::Options {
    ledger::Options {
        signer: signer.clone(),
        anchor: anchor.map(Path::to_owned),
        segment_bytes: 16 << 20,
        publish_every: std::time::Duration::from_secs(1),
        queue: 1024,
        remember: 1 << 18,
        files: Arc::new(RealFiles),
    }
}

/// Opens everything. Nothing is bound yet. `clock_is_right`: an operator has looked, so a long pause is no reason to
/// wait for one.
pub(crate) fn wire(config: Config, clock_is_right: bool) -> Result<Wired, Failure> {
    let api = Arc::new(api(&config)?);
    let register = Register::open(
        &config.register.directory,
        register_options(&config.register),
    )
    .map_err(|error| not_opened(&error, "register"))?;
    let ledger = Log::open(&config.ledger.directory, ledger_options(&config.ledger))
        .map_err(|error| not_opened(&error, "ledger"))?;
    take_policy(&config, &register)?;
    let (register, ledger) = (Arc::new(register), Arc::new(ledger));
    let last = if clock_is_right {
        None
    } else {
        latest(&register, &ledger)
    };
    let clock = Clock::new(
        last,
        Box::new(surroundings::now),
        Box::new(surroundings::counter()),
    );
    let gateway = Gateway::new(Inside {
        config,
        clock,
        entropy: Entropy::system(),
        register: register.clone(),
        ledger: ledger.clone(),
        api,
    })
    .map_err(|error| Exit::Config.because(error))?;
    Ok(Wired {
        gateway,
        register,
        ledger,
    })
}

fn not_opened(error: &dyn std::error::Error, what: &str) -> Failure {
    Exit::Io.because(format_args!(
        "the {what} cannot be opened: {error}\n  to do: `countersign init` makes one; it never touches one that is there"
    ))
}

/// Takes the configuration's policy into the register where it is another than the one in force.
fn take_policy(config: &Config, register: &Register) -> Result<(), Failure> {
    let path = &config.policy.path;
    let document = String::from_utf8(config.policy.bytes.clone())
        .map_err(|_| Exit::Config.at(path, "not UTF-8; expected a policy in YAML"))?;
    if register
        .book()
        .policy
        .as_ref()
        .is_some_and(|kept| kept.text == document)
    {
        return Ok(());
    }
    let change = Change::SetPolicy { document };
    let key = IdempotencyKey(surroundings::random()?);
    match register.append_blocking(surroundings::now(), change, key) {
        Ok(_) => Ok(()),
        Err(error) => Err(Exit::Config.at(path, error)),
    }
}

/// The latest moment that either log knows of.
fn latest(register: &Register, ledger: &Log) -> Option<Time> {
    let last = ledger
        .size()
        .checked_sub(1)
        .and_then(|last| ledger.read(last).ok());
    let entry = last.and_then(|stored| Entry::parse(&stored.record.entry).ok());
    let of_ledger =
        entry.map(|entry| Time(i64::from(entry.header().minute.0).saturating_mul(60_000)));
    register.facts().latest().max(of_ledger)
}
