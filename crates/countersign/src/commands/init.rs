//! `init`: makes what a configuration names and what is not there yet. Deliberate, and never over anything.

use std::path::{Path, PathBuf};

use decide::Time;
use jsonwebtoken::jwk::JwkSet;
use ledger::note::Signer;
use ledger::{Log, keyfile};
use register::{Founding, Register};
use serde_json::json;

use super::key::write_signer;
use super::keys::public_set;
use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json};
use crate::surroundings::{now, random, read_text, write_new};
use crate::wiring::{configuration, ledger_options, register_options};

/// Makes keys, register and ledger.
pub(crate) fn init(args: &args::Init, format: Format) -> Result<Exit, Failure> {
    let officers = public_set(&args.officers)?;
    let made = make(&args.config, officers, now())?;
    match format {
        Format::Json => print_json(&json!({
            "made": made.files,
            "ledger": made.ledger,
            "register": made.register,
        }))?,
        Format::Plain => print(&format!("{}\n{}\n", made.ledger, made.register))?,
        Format::Human => print(&format!(
            "Made {} key files, the register and the ledger.\nPublic keys, for those who verify:\n  {}\n  {}\n",
            made.files.len(),
            made.ledger,
            made.register
        ))?,
    }
    Ok(Exit::Done)
}

/// What was made.
#[derive(Debug)]
pub(crate) struct Made {
    files: Vec<PathBuf>,
    /// The ledger's public key.
    pub(crate) ledger: String,
    register: String,
}

/// Makes what the configuration at `path` names. The officers are the platform's; the register begins at `at`.
pub(crate) fn make(path: &Path, officers: JwkSet, at: Time) -> Result<Made, Failure> {
    let files = missing_keys(path)?;
    let config = configuration(path)?;
    for directory in [&config.register.directory, &config.ledger.directory] {
        let mut inside = std::fs::read_dir(directory).into_iter().flatten();
        if inside.next().is_some() {
            return Err(Exit::Exists.at(
                directory,
                "not empty, and nothing is overwritten\n  to do: serve what is there, or name another directory",
            ));
        }
    }
    let founding = Founding {
        at,
        platform_officers: officers,
    };
    let opened = |error: &dyn std::fmt::Display| Exit::Io.because(error);
    Register::create(
        &config.register.directory,
        register_options(&config),
        founding,
    )
    .map_err(|error| opened(&error))?;
    Log::create(&config.ledger.directory, ledger_options(&config))
        .map_err(|error| opened(&error))?;
    Ok(Made {
        files,
        ledger: config.ledger.signer.verifier().to_string(),
        register: config.register.signer.verifier().to_string(),
    })
}

/// What a key file holds.
#[derive(Clone, Copy)]
enum Kind {
    /// 32 random bytes in hexadecimal digits, for whoever sends them in a header.
    Token,
    /// A key of 32 random bytes.
    Key,
    /// The signing key of a log, by the end of its origin.
    Log(&'static str),
}

const KEYS: [(&str, &str, Kind); 5] = [
    ("admin", "token", Kind::Token),
    ("ledger", "signing-key", Kind::Log("ledger")),
    ("ledger", "details-key", Kind::Key),
    ("register", "signing-key", Kind::Log("register")),
    ("cursor", "key", Kind::Key),
];

/// What is made later, and needs its directory.
const PLACES: [(&str, &str); 5] = [
    ("ledger", "directory"),
    ("ledger", "anchor"),
    ("register", "directory"),
    ("register", "anchor"),
    ("register", "key"),
];

/// Makes the key files that the configuration names and that are missing. It is read loosely here; everything that is
/// wrong in it comes out when it is read whole.
fn missing_keys(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let text = read_text(path)?;
    // A file that is no TOML has its mistake told, with the line, by the reader of configurations.
    let Ok(table) = toml::from_str::<toml::Table>(&text) else {
        return Ok(Vec::new());
    };
    let text_at = |section: &str, member: &str| {
        let value = table.get(section).and_then(|section| section.get(member));
        value.and_then(toml::Value::as_str).map(str::to_owned)
    };
    let address = text_at("listen", "public-url").unwrap_or_default();
    let host = address
        .split("://")
        .nth(1)
        .unwrap_or("localhost")
        .to_owned();
    let beside = |file: String| path.parent().unwrap_or(Path::new("")).join(file);
    for (section, member) in PLACES {
        let place = text_at(section, member).map(beside);
        if let Some(directory) = place.as_deref().and_then(Path::parent) {
            std::fs::create_dir_all(directory).map_err(|error| Exit::Io.at(directory, error))?;
        }
    }
    let mut made = Vec::new();
    let named = KEYS
        .into_iter()
        .filter_map(|(section, member, kind)| Some((text_at(section, member)?, kind)));
    let staff = tokens_of_staff(&table)
        .into_iter()
        .map(|file| (file, Kind::Token));
    for (file, kind) in named.chain(staff) {
        let file = beside(file);
        if file.exists() {
            continue;
        }
        if let Some(directory) = file.parent() {
            std::fs::create_dir_all(directory).map_err(|error| Exit::Io.at(directory, error))?;
        }
        match kind {
            Kind::Token => {
                let line = hex::encode(random::<32>()?) + "\n";
                write_new(&file, line.as_bytes(), true)?;
            }
            Kind::Key => write_new(&file, keyfile::encode(&random()?).as_bytes(), true)?,
            Kind::Log(end) => {
                let signer = Signer::from_seed(&format!("{host}/{end}"), random()?)
                    .map_err(|error| Exit::Config.because(error))?;
                write_signer(&file, &signer)?;
            }
        }
        made.push(file);
    }
    Ok(made)
}

/// The token files that [[admin.staff]] names.
pub(super) fn tokens_of_staff(table: &toml::Table) -> Vec<String> {
    let staff = table.get("admin").and_then(|admin| admin.get("staff"));
    let each = staff.and_then(toml::Value::as_array).into_iter().flatten();
    each.filter_map(|one| Some(one.get("token")?.as_str()?.to_owned()))
        .collect()
}
