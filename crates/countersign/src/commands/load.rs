//! `load`: long lists, taken into the register's directory. Loading the same list twice changes nothing.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use register::load::{self, LoadError, PeopleForm, Progress as Loaded};
use register::{OpenError, Register};
use serde_json::json;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json, thousands};
use crate::progress::Progress;
use crate::surroundings::now;
use crate::wiring::{configuration, register_options};

/// `load people`, `load consents`, `load connections`
pub(crate) fn load(args: &args::Load, format: Format) -> Result<Exit, Failure> {
    let (args::Load::People(of) | args::Load::Consents(of) | args::Load::Connections(of)) = args;
    let source =
        BufReader::new(File::open(&of.file).map_err(|error| Exit::NoInput.at(&of.file, error))?);
    let file = of.file.display().to_string();
    let register = open(&of.config)?;
    let mut progress = Progress::new(false);
    let mut told = |so_far: &Loaded| progress.at(format_args!("{} lines", thousands(so_far.lines)));
    let loaded = match args {
        args::Load::People(_) => {
            load::people(&register, &file, source, form(&of.file), now(), &mut told)
        }
        args::Load::Consents(_) => load::consents(&register, &file, source, now(), &mut told),
        args::Load::Connections(_) => load::connections(&register, &file, source, now(), &mut told),
    };
    let loaded = loaded.map_err(|error| match error {
        LoadError::Line { .. } => Exit::Document.because(error),
        LoadError::Batch { .. } => Exit::No.because(error),
        LoadError::Io { .. } => Exit::NoInput.because(error),
    })?;
    if let Err(error) = register.snapshot() {
        progress.done(format_args!(
            "all is in, but the next start will be slower: {error}"
        ));
    }
    let Loaded {
        lines,
        taken,
        known,
        position,
    } = loaded;
    match format {
        Format::Json => {
            print_json(
                &json!({ "lines": lines, "taken": taken, "known": known, "position": position.0 }),
            )?;
        }
        Format::Plain => print(&format!("{taken}\t{known}\n"))?,
        Format::Human => print(&format!(
            "{} taken in, {} were there already (register position {})\n",
            thousands(taken),
            thousands(known),
            position.0
        ))?,
    }
    Ok(Exit::Done)
}

fn open(config: &Path) -> Result<Register, Failure> {
    let config = configuration(config)?;
    Register::open(&config.register.directory, register_options(&config)).map_err(|error| match error {
        OpenError::Log(ledger::OpenError::Locked { .. }) => Exit::Exists.because(format_args!(
            "{error}\n  to do: stop the gateway while lists are loaded, or send them to its administration API"
        )),
        error => Exit::Io.because(error),
    })
}

/// How a file names people, by its ending.
fn form(path: &Path) -> PeopleForm {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => PeopleForm::Csv,
        Some("ndjson" | "jsonl" | "json") => PeopleForm::Ndjson,
        _ => PeopleForm::Plain,
    }
}
