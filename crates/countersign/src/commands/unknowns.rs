//! `unknowns`: writes, deletes and imports of which nobody knows what became.

use http::Method;
use serde_json::{Value, json};

use super::runtime;
use crate::args;
use crate::door::Admin;
use crate::exit::{Exit, Failure};
use crate::output::{Format, Table, print, print_json};

/// Lists them, or takes in what an operator has found out about one.
pub(crate) fn unknowns(args: &args::Unknowns, format: Format) -> Result<Exit, Failure> {
    let admin = Admin::of(&args.door)?;
    match (args.resolve, args.outcome, &args.note) {
        (Some(index), Some(outcome), Some(note)) => {
            let word = match outcome {
                args::Found::Done => "done",
                args::Found::NotDone => "not-done",
            };
            let body = json!({ "outcome": word, "note": note }).to_string();
            let path = format!("/unknowns/{index}");
            runtime()?.block_on(admin.ask(&Method::POST, &path, body, None))?;
            match format {
                Format::Json => print_json(&json!({ "resolved": index, "outcome": word }))?,
                Format::Plain => print(&format!("{index}\t{word}\n"))?,
                Format::Human => print(&format!("Ledger entry {index}: {word}, and recorded.\n"))?,
            }
        }
        _ => {
            let listed = admin.ask(&Method::GET, "/unknowns", String::new(), None);
            let listed = runtime()?.block_on(listed)?;
            let all = listed.get("unknowns").and_then(Value::as_array);
            show(all.map_or(&[][..], Vec::as_slice), format)?;
        }
    }
    Ok(Exit::Done)
}

const MEMBERS: [&str; 6] = [
    "index",
    "at",
    "partner",
    "operation",
    "connection",
    "sent_as",
];

fn show(all: &[Value], format: Format) -> Result<(), Failure> {
    let fields = |one: &Value| -> Vec<String> {
        let field = |name: &&str| match one.get(*name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => "-".to_owned(),
        };
        MEMBERS.iter().map(field).collect()
    };
    let headings = [
        "entry",
        "decided",
        "partner",
        "operation",
        "connection",
        "sent as",
    ];
    let mut table = Table::new(&headings, &[0]);
    all.iter().for_each(|one| table.row(fields(one)));
    match format {
        Format::Json => print_json(&json!({ "unknowns": all })),
        Format::Plain => print(&table.text(format)),
        Format::Human if all.is_empty() => {
            print("There is nothing of which nobody knows what became.\n")
        }
        Format::Human => print(&format!(
            "{}\nLook at the platform what became of each, then say so with --resolve, --outcome and --note.\n",
            table.text(format)
        )),
    }
}
