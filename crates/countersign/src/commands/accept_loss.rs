//! `accept-loss`: an operator says, by name and number, that a log ends earlier than its anchor. The one way past it.
//!
//! What it does: where the register lacks entries every agreement in it is suspended, because among them may have been
//! withdrawals that nobody knows of now; a steward resumes them one by one. Then the anchors are moved aside, never
//! removed, and begin anew at what is there.

use std::path::{Path, PathBuf};

use decide::{AgreementId, Event};
use gateway::Config;
use ledger::note::VerifierKey;
use ledger::{Checkpoint, IdempotencyKey, Look};
use register::{Change, Refused, Register};
use serde_json::json;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json, thousands, write_whole};
use crate::surroundings::{now, random, read_text};
use crate::wiring::{configuration, register_options};

/// A log that ends before its anchor.
struct Behind<'a> {
    name: &'static str,
    dir: PathBuf,
    key: &'a VerifierKey,
    anchor: PathBuf,
    has: u64,
    seen: u64,
}

/// Accepts.
pub(crate) fn accept_loss(args: &args::AcceptLoss, format: Format) -> Result<Exit, Failure> {
    if args.by.trim().is_empty() || args.by.contains(['\n', '\r']) {
        return Err(Exit::Usage.because("--by: a name on one line is expected"));
    }
    let config = configuration(&args.config)?;
    let log = config.register.directory.join("log");
    for dir in [&log, &config.ledger.directory] {
        if let Some(holder) = ledger::holder(dir) {
            return Err(Exit::Exists.at(
                dir,
                format_args!("in use by {holder}\n  to do: stop the gateway first"),
            ));
        }
    }
    let register = behind(
        "register",
        &log,
        config.register.signer.verifier(),
        config.register.anchor.as_deref(),
    )?;
    let ledger = behind(
        "ledger",
        &config.ledger.directory,
        config.ledger.signer.verifier(),
        config.ledger.anchor.as_deref(),
    )?;
    named("register", register.as_ref(), args.register)?;
    named("ledger", ledger.as_ref(), args.ledger)?;
    let suspended = match &register {
        Some(_) => suspend_all(&config)?,
        None => Vec::new(),
    };
    let mut kept = Vec::new();
    for log in register.iter().chain(&ledger) {
        kept.push(begin_anew(log, &args.by)?);
    }
    match format {
        Format::Json => print_json(&json!({ "suspended": suspended, "kept": kept }))?,
        Format::Plain => print(&format!("{}\n", suspended.len()))?,
        Format::Human => print(&human(&suspended, &kept))?,
    }
    Ok(Exit::Done)
}

fn human(suspended: &[AgreementId], kept: &[PathBuf]) -> String {
    let mut out = "Accepted. The former anchors are kept as evidence:\n".to_owned();
    for path in kept {
        out.push_str(&format!("  {}\n", path.display()));
    }
    if !suspended.is_empty() {
        out.push_str(&format!(
            "{} agreements are suspended, so nothing leaves under them. Enter every withdrawal, bar and end that you know of\nfrom elsewhere, ask people where you do not know, and then resume them one by one:\n",
            suspended.len()
        ));
        for agreement in suspended {
            out.push_str(&format!(
                "  countersign agreement resume {agreement} --config …\n"
            ));
        }
    }
    out.push_str(
        "Whoever keeps an older checkpoint of this log can prove that entries are missing. Say so in public yourself.\n",
    );
    out
}

/// The log, if it ends before its anchor.
fn behind<'a>(
    name: &'static str,
    dir: &Path,
    key: &'a VerifierKey,
    anchor: Option<&Path>,
) -> Result<Option<Behind<'a>>, Failure> {
    let Some(anchor) = anchor.filter(|anchor| anchor.exists()) else {
        return Ok(None);
    };
    let text = read_text(anchor)?;
    let seen = Checkpoint::open(&text, key).map_err(|error| Exit::Document.at(anchor, error))?;
    let look = Look::open(dir, key, None).map_err(|error| Exit::Io.because(error))?;
    if look.size() >= seen.size {
        return Ok(None);
    }
    Ok(Some(Behind {
        name,
        dir: dir.to_owned(),
        key,
        anchor: anchor.to_owned(),
        has: look.size(),
        seen: seen.size,
    }))
}

/// Whether exactly what is there was named, and nothing that is not behind.
fn named(name: &str, log: Option<&Behind<'_>>, given: Option<u64>) -> Result<(), Failure> {
    match (log, given) {
        (None, None) => Ok(()),
        (Some(log), Some(given)) if given == log.has => Ok(()),
        (Some(log), _) => Err(Exit::Usage.because(format_args!(
            "the {name} has {} entries and its anchor has seen {}: {} are lost\n  to do: look for a newer copy; if there is none and you accept it, say so with --{name} {}",
            log.has,
            log.seen,
            thousands(log.seen - log.has),
            log.has
        ))),
        (None, Some(_)) => Err(Exit::Usage.because(format_args!(
            "the {name} is not behind an anchor, so there is no loss to accept\n  to do: leave --{name} out"
        ))),
    }
}

/// Suspends every agreement of the register; gives those that were suspended now or before. An ended one cannot be, and
/// needs not.
fn suspend_all(config: &Config) -> Result<Vec<AgreementId>, Failure> {
    let mut options = register_options(config);
    options.log.anchor = None;
    let register = Register::open(&config.register.directory, options)
        .map_err(|error| Exit::Io.because(error))?;
    let mut suspended = Vec::new();
    for agreement in register.book().agreements.keys() {
        let event = Event::AgreementSuspended {
            agreement: agreement.clone(),
        };
        let key = IdempotencyKey(random()?);
        match register.append_blocking(now(), Change::Fact(event), key) {
            Ok(_) => suspended.push(agreement.clone()),
            Err(Refused::Invalid(decide::Invalid::Earlier { .. })) => {
                return Err(Exit::No.because(
                    "the clock stands before the register's last event\n  to do: correct the host's clock first",
                ));
            }
            Err(Refused::Invalid(_)) => {}
            Err(error) => return Err(Exit::Io.because(error)),
        }
    }
    register
        .log()
        .publish_now()
        .map_err(|error| Exit::Io.because(error))?;
    Ok(suspended)
}

/// Moves the anchor aside and puts the log's own checkpoint in its place. What was accepted, by whom and when is
/// written beside it first.
fn begin_anew(log: &Behind<'_>, by: &str) -> Result<PathBuf, Failure> {
    let aside = |ending: &str| {
        let mut name = log.anchor.as_os_str().to_owned();
        name.push(format!(".lost-{}{ending}", log.seen));
        PathBuf::from(name)
    };
    let look = Look::open(&log.dir, log.key, None).map_err(|error| Exit::Io.because(error))?;
    let accepted = format!(
        "countersign accepted loss\nversion 1\nlog {}\nanchor {}\nentries {}\nby {by}\nat {}\n",
        log.name,
        log.seen,
        log.has,
        now()
    );
    write_whole(&aside(".accepted"), accepted.as_bytes())?;
    let former = aside("");
    std::fs::rename(&log.anchor, &former).map_err(|error| Exit::Io.at(&log.anchor, error))?;
    write_whole(&log.anchor, look.note())?;
    Ok(former)
}
