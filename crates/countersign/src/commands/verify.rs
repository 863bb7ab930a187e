//! `verify`: a log, from its first entry to its signed checkpoint.

use ledger::Hash;
use ledger::entry::{self, Intents};
use ledger::note::VerifierKey;
use serde_json::json;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json, thousands};
use crate::progress::Progress;

/// Checks every entry, tile and signature. What is not as it should be is an outcome, not an error: exit code 1.
pub(crate) fn verify(args: &args::Verify, format: Format) -> Result<Exit, Failure> {
    let key = VerifierKey::parse(&args.key).map_err(|error| Exit::Usage.because(error))?;
    if !args.ledger.is_dir() {
        return Err(Exit::NoInput.at(&args.ledger, "no directory; expected that of a log"));
    }
    let within = args.ledger.join("log");
    if !args.ledger.join("checkpoint").exists() && within.join("checkpoint").exists() {
        let hint = format!("a register's directory; its log is {}", within.display());
        return Err(Exit::NoInput.at(&args.ledger, hint));
    }
    let mut progress = Progress::new(false);
    // A register is a log of the same engine whose entries have another form: `verify` knows it by its name.
    let is_ledger = key.name().ends_with("/ledger");
    let mut intents = Intents::default();
    let checked = ledger::verify(
        &args.ledger,
        &key,
        args.anchor.as_deref(),
        &mut |stored, size| {
            progress.at(format_args!(
                "entry {} of {}",
                thousands(stored.index),
                thousands(size)
            ));
            if !is_ledger {
                return Ok(());
            }
            let record = &stored.record;
            let entry = entry::check(&record.entry, &record.tags, &record.details);
            let entry = entry.map_err(|error| error.to_string())?;
            let taken = intents.take(stored.index, &entry, Hash::leaf(&record.entry));
            taken.map_err(|error| error.to_string())
        },
    );
    let report = match checked {
        Ok(report) => report,
        Err(error) => {
            return Err(Exit::No.because(format_args!(
                "{error}\n  the log does not hold what its signed checkpoint says"
            )));
        }
    };
    let checkpoint = &report.checkpoint;
    progress.done(format_args!("{} entries", thousands(checkpoint.size)));
    match format {
        Format::Json => print_json(&json!({
            "verified": true,
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.to_base64(),
            "unpublished": report.unpublished,
            "without_outcome": intents.open().count(),
            "unknown": intents.unknown().count(),
        }))?,
        Format::Plain => print(&format!(
            "{}\t{}\t{}\n",
            checkpoint.origin,
            checkpoint.size,
            checkpoint.root.to_base64()
        ))?,
        Format::Human => print(&human(&report, &intents))?,
    }
    Ok(Exit::Done)
}

fn human(report: &ledger::VerifyReport, intents: &Intents) -> String {
    let checkpoint = &report.checkpoint;
    let beyond = match report.unpublished {
        Some(0) => String::new(),
        Some(more) => format!(
            "{} more are durable and not yet under a checkpoint.\n",
            thousands(more)
        ),
        None => "The log is in use: entries beyond its checkpoint were not looked at.\n".to_owned(),
    };
    format!(
        "{} holds: {} entries add up to the signed root {}.\n{beyond}{}",
        checkpoint.origin,
        thousands(checkpoint.size),
        checkpoint.root.to_base64(),
        unfinished(intents),
    )
}

/// What was begun at the platform and is not known to be done or not.
fn unfinished(intents: &Intents) -> String {
    let mut told = String::new();
    for (count, what) in [
        (intents.open().count(), "have no outcome yet"),
        (
            intents.unknown().count(),
            "have an outcome that nobody knows",
        ),
    ] {
        if count > 0 {
            told.push_str(&format!("{count} writes, deletes or imports {what}.\n"));
        }
    }
    told
}
