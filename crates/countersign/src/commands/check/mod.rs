//! `check`: what an API document with its overlay would disclose, before anything is put into service.

mod answers;
mod page;

use release::{Api, Report, report};
use serde_json::json;

use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json};
use crate::surroundings::read;

/// Shows it, and says no where there are mistakes.
pub(crate) fn check(args: &args::Check, format: Format) -> Result<Exit, Failure> {
    let (document, overlay) = (read(&args.document)?, read(&args.overlay)?);
    let name = |path: &std::path::Path| path.display().to_string();
    let api = Api::load(
        &document,
        &name(&args.document),
        &overlay,
        &name(&args.overlay),
    )
    .map_err(|errors| Exit::No.because(errors))?;
    if let Some(directory) = &args.answers {
        return answers::answers(&api, directory, args, format);
    }
    let report = report(&api);
    match format {
        Format::Human => print(&format!("{report}\n"))?,
        Format::Plain => print(&plain(&report))?,
        Format::Json => print_json(&json!(report))?,
    }
    Ok(Exit::Done)
}

/// A line for every datum that leaves: operation, verb, member, category, and how its people are reached (people
/// between `,`; ways of the same person between `|`).
fn plain(report: &Report) -> String {
    let mut text = String::new();
    for operation in &report.operations {
        for datum in &operation.data {
            let either = |reaches: &Vec<decide::Reach>| {
                let names: Vec<&str> = reaches.iter().map(decide::Reach::as_str).collect();
                names.join("|")
            };
            let people: Vec<String> = datum.people.iter().map(either).collect();
            let (id, verb, member, category) = (
                &operation.id,
                operation.verb,
                &datum.member,
                &datum.category,
            );
            text.push_str(&format!(
                "{id}\t{verb}\t{member}\t{category}\t{}\n",
                people.join(",")
            ));
        }
    }
    text
}
