//! `backup`: a copy of both logs, consistent, made while the gateway serves. The logs only ever grow, so a copy of what
//! was there at one moment is whole; and the ledger is copied before the register, so that every position of the register
//! that the copied ledger cites is in the copy.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use decide::Time;
use gateway::Config;
use ledger::{Look, OpenError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json, thousands, write_whole};
use crate::progress::Progress;
use crate::surroundings::{now, read_text};
use crate::wiring::{configuration, seen_register};

/// The version of the copy's form.
const VERSION: u32 = 1;
const FORMAT: &str = "countersign backup";
const MANIFEST: &str = "backup.json";
/// A register's key, where it lies in the register's directory.
pub(super) const KEY: &str = "register.key";
/// A register's snapshot; without it the first start takes longer.
pub(super) const SNAPSHOT: &str = "snapshot";

/// What a copy says about itself. It is written last: a directory without it is no copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Manifest {
    format: String,
    version: u32,
    /// When it was made.
    pub(super) taken: Time,
    pub(super) register: OfLog,
    pub(super) ledger: OfLog,
    /// The last event of the register that is in it.
    pub(super) last_event: Option<Time>,
}

/// Up to where a log was copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OfLog {
    pub(super) origin: String,
    pub(super) entries: u64,
    /// Of the tree over these entries.
    pub(super) root: String,
}

impl OfLog {
    pub(super) fn of(look: &Look) -> OfLog {
        OfLog {
            origin: look.checkpoint().origin.clone(),
            entries: look.size(),
            root: look.root().to_base64(),
        }
    }
}

/// Where the parts of a copy are.
pub(super) struct Place(pub(super) PathBuf);

impl Place {
    pub(super) fn ledger(&self) -> PathBuf {
        self.0.join("ledger")
    }

    pub(super) fn register(&self) -> PathBuf {
        self.0.join("register")
    }

    pub(super) fn register_log(&self) -> PathBuf {
        self.register().join("log")
    }

    /// Reads what the copy says about itself.
    pub(super) fn manifest(&self) -> Result<Manifest, Failure> {
        let path = self.0.join(MANIFEST);
        if !path.exists() {
            return Err(Exit::NoInput.at(
                &self.0,
                "no whole copy: backup.json is missing, which is written last\n  to do: name a directory that `countersign backup` made to its end",
            ));
        }
        let wrong = |what: &dyn std::fmt::Display| Exit::Document.at(&path, what);
        let value: serde_json::Value =
            serde_json::from_str(&read_text(&path)?).map_err(|error| wrong(&error))?;
        let version = value.get("version").and_then(serde_json::Value::as_u64);
        match (value.get("format").and_then(|f| f.as_str()), version) {
            (Some(FORMAT), Some(found)) if found > u64::from(VERSION) => Err(wrong(&format_args!(
                "format version {found}, this program knows {VERSION}; use a newer program"
            ))),
            (Some(FORMAT), Some(_)) => serde_json::from_value(value).map_err(|error| wrong(&error)),
            _ => Err(wrong(&"not what `countersign backup` writes")),
        }
    }
}

/// Copies.
pub(crate) fn backup(args: &args::Backup, format: Format) -> Result<Exit, Failure> {
    let config = configuration(&args.config)?;
    let place = Place(args.to.clone());
    make(&place.0)?;
    let mut progress = Progress::new(false);
    let manifest = copy(&config, &place, &mut progress)?;
    let text = serde_json::to_vec_pretty(&manifest);
    let text = text.map_err(|error| Exit::Internal.because(error))?;
    write_whole(&place.0.join(MANIFEST), &text)?;
    let keys = place.register().join(KEY).exists();
    match format {
        Format::Json => print_json(&json!({ "backup": manifest, "register-key": keys }))?,
        Format::Plain => print(&format!(
            "{}\t{}\n",
            manifest.register.entries, manifest.ledger.entries
        ))?,
        Format::Human => print(&human(&manifest, &place.0, keys))?,
    }
    Ok(Exit::Done)
}

fn human(manifest: &Manifest, to: &Path, keys: bool) -> String {
    let keys = if keys {
        "The register's key is in it: whoever has the copy can read everything that the register holds."
    } else {
        "The register's key is not in it, nor is any other key file: keep copies of them elsewhere."
    };
    format!(
        "{}: the register up to entry {}, the ledger up to entry {}, as of {}.\n{keys}\nCheck it: countersign restore --check --from {} --config …\n",
        to.display(),
        thousands(manifest.register.entries),
        thousands(manifest.ledger.entries),
        manifest.taken,
        to.display(),
    )
}

/// A new directory for its owner alone, or an empty one.
fn make(dir: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Exit::Io.at(dir, error);
    std::fs::create_dir_all(dir).map_err(failed)?;
    if std::fs::read_dir(dir).map_err(failed)?.next().is_some() {
        return Err(Exit::Exists.at(
            dir,
            "not empty, and nothing is overwritten\n  to do: name a new directory",
        ));
    }
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700)).map_err(failed)
}

fn copy(config: &Config, place: &Place, progress: &mut Progress) -> Result<Manifest, Failure> {
    let failed = |error: OpenError| Exit::Io.because(error);
    let ledger = Look::open(
        &config.ledger.directory,
        config.ledger.signer.verifier(),
        config.ledger.anchor.as_deref(),
    )
    .map_err(failed)?;
    // A snapshot that is older than the log that is copied after it fits it.
    let home = &config.register.directory;
    private_copy(&home.join(SNAPSHOT), &place.register().join(SNAPSHOT))?;
    let register = seen_register(config, true)?;
    let taken = now();
    ledger.copy_to(&place.ledger()).map_err(failed)?;
    progress.done(format_args!(
        "{} entries of the ledger",
        thousands(ledger.size())
    ));
    let log = register.log();
    log.copy_to(&place.register_log()).map_err(failed)?;
    if config.register.key_file.is_none() {
        private_copy(&home.join(KEY), &place.register().join(KEY))?;
    }
    progress.done(format_args!(
        "{} entries of the register",
        thousands(log.size())
    ));
    Ok(Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        taken,
        register: OfLog::of(log),
        ledger: OfLog::of(&ledger),
        last_event: register.facts().latest(),
    })
}

/// Copies a file for its owner alone, if it is there.
pub(super) fn private_copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let bytes = match std::fs::read(from) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Exit::NoInput.at(from, error)),
    };
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent).map_err(|error| Exit::Io.at(parent, error))?;
    }
    crate::surroundings::write_new(to, &bytes, true)
}
