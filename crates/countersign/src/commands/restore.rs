//! `restore`: a copy that `backup` made, checked from the first entry to the last and put where a configuration wants
//! it; and what is lost by that, said by number.

use std::path::Path;

use gateway::Config;
use ledger::entry::{self, Entry};
use ledger::note::VerifierKey;
use ledger::{Checkpoint, Look};
use register::Seen;
use serde_json::{Value, json};

use super::backup::{KEY, Manifest, OfLog, Place, SNAPSHOT, private_copy};
use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json, thousands};
use crate::progress::Progress;
use crate::wiring::configuration;

/// A log of the copy beside what its anchor has seen.
struct Compared {
    name: &'static str,
    entries: u64,
    /// `None`: no anchor is configured, or none is there.
    anchor: Option<u64>,
}

impl Compared {
    /// How many entries are known to be missing.
    fn lost(&self) -> u64 {
        self.anchor
            .map_or(0, |seen| seen.saturating_sub(self.entries))
    }
}

/// Checks the copy, and puts it back unless only the check was asked for. Something that is lost is a no, and still put
/// back: whether it is served is decided by `accept-loss`.
pub(crate) fn restore(args: &args::Restore, format: Format) -> Result<Exit, Failure> {
    let config = configuration(&args.config)?;
    let place = Place(args.from.clone());
    let manifest = place.manifest()?;
    let mut progress = Progress::new(false);
    let logs = check(&config, &place, &manifest)?;
    progress.done("the copy is whole: every entry, tile and signature");
    let compared = [
        compare(
            "register",
            &logs.register,
            config.register.anchor.as_deref(),
            config.register.signer.verifier(),
        )?,
        compare(
            "ledger",
            &logs.ledger,
            config.ledger.anchor.as_deref(),
            config.ledger.signer.verifier(),
        )?,
    ];
    if !args.check {
        put_back(&config, &place, &logs)?;
        progress.done("register and ledger are in their places");
    }
    tell(args, &manifest, &compared, format)?;
    let lost = compared.iter().any(|log| log.lost() > 0);
    Ok(if lost { Exit::No } else { Exit::Done })
}

struct Logs {
    register: Look,
    ledger: Look,
}

/// Reads everything again, and compares it with what the copy says about itself.
fn check(config: &Config, place: &Place, manifest: &Manifest) -> Result<Logs, Failure> {
    let (dir, key) = (place.ledger(), config.ledger.signer.verifier());
    let mut cited = 0;
    let verified = ledger::verify(&dir, key, None, &mut |stored, _| {
        let record = &stored.record;
        let parsed = entry::check(&record.entry, &record.tags, &record.details);
        if let Ok(parsed) = &parsed {
            cited = cited.max(Entry::header(parsed).register_position);
        }
        parsed.map(drop).map_err(|error| error.to_string())
    });
    let no = |error: &dyn std::fmt::Display| {
        Exit::No.because(format_args!(
            "{error}\n  the copy is not what it says it is, and nothing was put back"
        ))
    };
    verified.map_err(|error| no(&error))?;
    let ledger = Look::open(&dir, key, None).map_err(|error| no(&error))?;
    let (dir, key) = (place.register_log(), config.register.signer.verifier());
    ledger::verify(&dir, key, None, &mut |_, _| Ok(())).map_err(|error| no(&error))?;
    let register = Look::open(&dir, key, None).map_err(|error| no(&error))?;
    for (name, look, said) in [
        ("ledger", &ledger, &manifest.ledger),
        ("register", &register, &manifest.register),
    ] {
        if OfLog::of(look) != *said {
            return Err(no(&format_args!(
                "the {name} ends after {} entries with root {}, but the copy was made of {} with root {}",
                look.size(),
                look.root().to_base64(),
                said.entries,
                said.root
            )));
        }
    }
    if cited > register.size() {
        return Err(no(&format_args!(
            "the ledger cites position {cited} of the register, which has {} entries",
            register.size()
        )));
    }
    opens(config, place).map_err(|error| no(&error))?;
    Ok(Logs { register, ledger })
}

/// Whether the register can be read with the key that there is for it.
fn opens(config: &Config, place: &Place) -> Result<(), register::OpenError> {
    let key_file = config.register.key_file.as_deref();
    let verifier = config.register.signer.verifier();
    Seen::open(&place.register(), verifier, key_file, None).map(drop)
}

fn compare(
    name: &'static str,
    copy: &Look,
    anchor: Option<&Path>,
    key: &VerifierKey,
) -> Result<Compared, Failure> {
    let seen = match anchor.filter(|anchor| anchor.exists()) {
        None => None,
        Some(anchor) => {
            let text = crate::surroundings::read_text(anchor)?;
            let seen = Checkpoint::open(&text, key).map_err(|error| Exit::No.at(anchor, error))?;
            Some(seen.size)
        }
    };
    Ok(Compared {
        name,
        entries: copy.size(),
        anchor: seen,
    })
}

fn put_back(config: &Config, place: &Place, logs: &Logs) -> Result<(), Failure> {
    let home = &config.register.directory;
    for dir in [home, &config.ledger.directory] {
        if std::fs::read_dir(dir)
            .into_iter()
            .flatten()
            .next()
            .is_some()
        {
            return Err(Exit::Exists.at(
                dir,
                "not empty, and nothing is overwritten\n  to do: move what is there elsewhere; do not delete it, it may hold what the copy lacks",
            ));
        }
    }
    let failed = |error: ledger::OpenError| Exit::Io.because(error);
    logs.ledger
        .copy_to(&config.ledger.directory)
        .map_err(failed)?;
    logs.register.copy_to(&home.join("log")).map_err(failed)?;
    private_copy(&place.register().join(SNAPSHOT), &home.join(SNAPSHOT))?;
    if config.register.key_file.is_none() {
        private_copy(&place.register().join(KEY), &home.join(KEY))?;
    }
    Ok(())
}

fn tell(
    args: &args::Restore,
    manifest: &Manifest,
    compared: &[Compared; 2],
    format: Format,
) -> Result<(), Failure> {
    let log = |log: &Compared| json!({ "entries": log.entries, "anchor": log.anchor, "lost": log.lost() });
    let [register, ledger] = compared;
    match format {
        Format::Json => print_json(&json!({
            "put-back": Value::Bool(!args.check),
            "taken": manifest.taken,
            "last-event": manifest.last_event,
            "register": log(register),
            "ledger": log(ledger),
        })),
        Format::Plain => print(&format!(
            "{}\t{}\t{}\t{}\n",
            register.entries,
            register.lost(),
            ledger.entries,
            ledger.lost()
        )),
        Format::Human => print(&human(args, manifest, compared)),
    }
}

fn human(args: &args::Restore, manifest: &Manifest, compared: &[Compared; 2]) -> String {
    let mut out = if args.check {
        "The copy is whole. Nothing was put back.\n".to_owned()
    } else {
        "The copy is whole, and put back.\n".to_owned()
    };
    out.push_str(&format!("It was made at {}", manifest.taken));
    if let Some(last) = manifest.last_event {
        out.push_str(&format!("; the last event in its register is of {last}"));
    }
    out.push_str(".\n");
    for log in compared {
        out.push_str(&format!(
            "  {}: {} entries; {}\n",
            log.name,
            thousands(log.entries),
            match log.anchor {
                None =>
                    "there is no anchor, so nobody can say whether anything is missing".to_owned(),
                Some(_) if log.lost() == 0 => "its anchor has seen no more".to_owned(),
                Some(seen) => format!(
                    "its anchor has seen {}: {} are missing",
                    thousands(seen),
                    thousands(log.lost())
                ),
            }
        ));
    }
    let [register, ledger] = compared;
    if register.lost() > 0 {
        out.push_str(
            "What the register lacks may be withdrawals, bars and ends: people whose wish would not be kept.\n",
        );
    }
    if ledger.lost() > 0 {
        out.push_str("What the ledger lacks has left all the same; nobody will find it there.\n");
    }
    if register.lost() + ledger.lost() > 0 {
        out.push_str(&format!(
            "The gateway will not start on it. Look for a newer copy first. If there is none:\n  countersign accept-loss --config {} --by NAME{}{}\n",
            args.config.display(),
            given("register", register),
            given("ledger", ledger)
        ));
    }
    out
}

fn given(option: &str, log: &Compared) -> String {
    if log.lost() > 0 {
        format!(" --{option} {}", log.entries)
    } else {
        String::new()
    }
}
