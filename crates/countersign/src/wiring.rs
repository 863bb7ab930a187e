//! From a configuration to what it names, opened: the two logs, the API's plans, the gateway.

use std::path::Path;
use std::sync::Arc;

use decide::Time;
use gateway::{Clock, Config, Entropy, Gateway, Inside};
use ledger::entry::Entry;
use ledger::files::RealFiles;
use ledger::note::Signer;
use ledger::{IdempotencyKey, Log};
use register::{Change, OpenError, Register, Seen};
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

/// The length of the logs' segments.
const SEGMENT: u64 = 16 << 20;

/// How the register of a configuration is opened.
pub(crate) fn register_options(config: &Config) -> register::Options {
    let register = &config.register;
    // Rounded up: a reserve is whole segments.
    let reserve = (config.storage.reserve.0 as u64).div_ceil(SEGMENT);
    register::Options {
        log: ledger::Options {
            reserve: usize::try_from(reserve).unwrap_or(usize::MAX),
            ..log_options(config, &register.signer, register.anchor.as_deref())
        },
        fill: surroundings::fill(),
        key_file: register.key_file.clone(),
        queue: 1024,
    }
}

/// How the ledger of a configuration is opened.
pub(crate) fn ledger_options(config: &Config) -> ledger::Options {
    ledger::Options {
        // For the outcomes of writes whose intents are recorded: what was begun is closed also on a full disk.
        reserve: 1,
        ..log_options(
            config,
            &config.ledger.signer,
            config.ledger.anchor.as_deref(),
        )
    }
}

fn log_options(config: &Config, signer: &Arc<Signer>, anchor: Option<&Path>) -> ledger::Options {
    ledger::Options {
        signer: signer.clone(),
        anchor: anchor.map(Path::to_owned),
        segment_bytes: SEGMENT,
        reserve: 0,
        keep_free: config.storage.keep_free.0 as u64,
        publish_every: std::time::Duration::from_secs(1),
        queue: 1024,
        remember: 1 << 18,
        files: Arc::new(RealFiles),
    }
}

/// The register of a configuration as an onlooker sees it, whether a gateway runs or not; held to its anchor if
/// `anchored`.
pub(crate) fn seen_register(config: &Config, anchored: bool) -> Result<Seen, Failure> {
    let register = &config.register;
    let anchor = register.anchor.as_deref().filter(|_| anchored);
    Seen::open(
        &register.directory,
        register.signer.verifier(),
        register.key_file.as_deref(),
        anchor,
    )
    .map_err(|error| Exit::Io.because(error))
}

/// Opens everything. Nothing is bound yet. `clock_is_right`: an operator has looked, so a long pause is no reason to
/// wait for one.
pub(crate) fn wire(config: Config, clock_is_right: bool) -> Result<Wired, Failure> {
    wire_by(config, clock_is_right, |clock| clock)
}

/// [`wire`] with something done to the clock: for the demo, whose days of asking can be let go by.
pub(crate) fn wire_by(
    config: Config,
    clock_is_right: bool,
    set: impl FnOnce(Clock) -> Clock,
) -> Result<Wired, Failure> {
    let api = Arc::new(api(&config)?);
    let register =
        Register::open(&config.register.directory, register_options(&config)).map_err(|error| {
            match &error {
                OpenError::Log(log) => not_opened(log, Some(log), "register"),
                other => not_opened(other, None, "register"),
            }
        })?;
    let ledger = Log::open(&config.ledger.directory, ledger_options(&config))
        .map_err(|error| not_opened(&error, Some(&error), "ledger"))?;
    take_policy(&config, &register)?;
    let (register, ledger) = (Arc::new(register), Arc::new(ledger));
    let last = if clock_is_right {
        None
    } else {
        latest(&register, &ledger)
    };
    let clock = set(Clock::new(
        last,
        Box::new(surroundings::now),
        Box::new(surroundings::counter()),
    ));
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

fn not_opened(
    error: &dyn std::error::Error,
    of_log: Option<&ledger::OpenError>,
    what: &str,
) -> Failure {
    use ledger::OpenError::{Locked, Missing, SmallerThanAnchor};
    let to_do = match of_log {
        Some(Missing { .. }) => "`countersign init` makes one; it never touches one that is there",
        Some(Locked { .. }) => "stop that process, or let this one be",
        Some(SmallerThanAnchor { .. }) => {
            "look for a newer copy; `countersign accept-loss` is for when there is none (docs/operate.md)"
        }
        _ => "`countersign doctor` tells more, docs/operate.md what to do; nothing was changed",
    };
    Exit::Io.because(format_args!(
        "the {what} cannot be opened: {error}\n  to do: {to_do}"
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
