//! `doctor`: what is wrong with a deployment, and what to do about it. Reads beside the gateway and changes nothing.

mod files;
mod logs;
mod outside;

use serde_json::{Value, json};

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, Table, print, print_json};
use crate::wiring::{api, configuration};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// As it should be.
    Well,
    /// It works, and somebody should know.
    Note,
    /// It could not be looked at.
    Unknown,
    /// Something has to be done.
    Wrong,
}

/// What one check found.
#[derive(Debug)]
struct Finding {
    about: &'static str,
    state: State,
    what: String,
    to_do: Option<String>,
}

/// All that was found.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn well(&mut self, about: &'static str, what: impl ToString) {
        self.add(about, State::Well, what, None);
    }

    fn note(&mut self, about: &'static str, what: impl ToString, to_do: &str) {
        self.add(about, State::Note, what, Some(to_do));
    }

    fn unknown(&mut self, about: &'static str, what: impl ToString, to_do: &str) {
        self.add(about, State::Unknown, what, Some(to_do));
    }

    fn wrong(&mut self, about: &'static str, what: impl ToString, to_do: &str) {
        self.add(about, State::Wrong, what, Some(to_do));
    }

    fn add(&mut self, about: &'static str, state: State, what: impl ToString, to_do: Option<&str>) {
        self.0.push(Finding {
            about,
            state,
            what: what.to_string(),
            to_do: to_do.map(str::to_owned),
        });
    }

    fn any(&self, state: State) -> bool {
        self.0.iter().any(|finding| finding.state == state)
    }
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Well => "well",
            State::Note => "note",
            State::Unknown => "unknown",
            State::Wrong => "WRONG",
        }
    }
}

/// Looks at everything that can be looked at, whatever is wrong with the rest. A configuration that cannot be read ends
/// it: it names all the others.
pub(crate) fn doctor(args: &args::Doctor, format: Format) -> Result<Exit, Failure> {
    let config = configuration(&args.config)?;
    let mut found = Findings::default();
    found.well("configuration", "it is read, with every file it names");
    let api = match api(&config) {
        Ok(api) => {
            let many = api.operations().len();
            found.well(
                "api",
                format!("document and overlay load: {many} operations"),
            );
            Some(api)
        }
        Err(error) => {
            found.wrong(
                "api",
                error,
                "correct document or overlay; `countersign check` shows them",
            );
            None
        }
    };
    files::secrets(&args.config, &config, &mut found);
    files::places(&config, &mut found);
    let register = logs::look(&config, &mut found);
    if args.deep {
        logs::verify(&config, &mut found);
    }
    if let Some(register) = &register {
        logs::agreements(register, &mut found);
        logs::policy(&config, register, &mut found);
    }
    outside::certificate(&config, &mut found);
    if !args.offline {
        outside::platform(&config, api.as_ref(), &mut found);
    }
    tell(&found, format)?;
    Ok(match (found.any(State::Wrong), found.any(State::Unknown)) {
        (true, _) => Exit::No,
        (false, true) => Exit::NotJudged,
        (false, false) => Exit::Done,
    })
}

fn tell(found: &Findings, format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        let findings: Vec<Value> = found
            .0
            .iter()
            .map(|finding| {
                json!({
                    "about": finding.about,
                    "state": finding.state.name().to_lowercase(),
                    "what": finding.what,
                    "to-do": finding.to_do,
                })
            })
            .collect();
        return print_json(&json!({ "well": !found.any(State::Wrong), "findings": findings }));
    }
    let mut table = Table::new(&["about", "", "what"], &[]);
    for finding in &found.0 {
        let to_do = finding.to_do.as_ref();
        let to_do = to_do.map_or(String::new(), |to_do| format!("\nto do: {to_do}"));
        table.row(vec![
            finding.about.to_owned(),
            finding.state.name().to_owned(),
            format!("{}{to_do}", finding.what),
        ]);
    }
    print(&table.text(format))?;
    if format == Format::Human {
        let wrong = found
            .0
            .iter()
            .filter(|finding| finding.state == State::Wrong)
            .count();
        print(&match wrong {
            0 => "\nNothing is wrong.\n".to_owned(),
            1 => "\nOne thing is wrong.\n".to_owned(),
            many => format!("\n{many} things are wrong.\n"),
        })?;
    }
    Ok(())
}
