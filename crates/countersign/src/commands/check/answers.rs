//! `check --answers`: recorded answers of the platform under the overlay, offline.

use std::path::Path;

use release::{AnswerFile, Answers, Api, Settings, answers as look};
use serde_json::json;

use super::page;
use crate::args;
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json, write_whole};
use crate::surroundings::read;

/// Shows what the answers say. No where there is something to look at, and a fault where a file could not be read.
pub(super) fn answers(
    api: &Api,
    directory: &Path,
    args: &args::Check,
    format: Format,
) -> Result<Exit, Failure> {
    let (files, others) = files(directory)?;
    let settings = Settings {
        asked_for: args.asked_for.clone(),
        refusing: args.refusing,
    };
    let told = look(api, &files, &settings);
    if let Some(path) = &args.html {
        let about = page::About {
            document: &args.document,
            overlay: &args.overlay,
            directory,
            others: &others,
        };
        let page = page::html(&told, &about).map_err(|error| Exit::Internal.because(error))?;
        write_whole(path, page.as_bytes())?;
    }
    match format {
        Format::Human => print(&human(&told, &others, args.html.as_deref()))?,
        Format::Plain => print(&plain(&told))?,
        Format::Json => print_json(&json!({ "told": told, "other-files": others }))?,
    }
    if !told.unreadable.is_empty() {
        let problems = told.unreadable.iter().map(ToString::to_string);
        let problems: Vec<String> = problems.collect();
        return Err(Exit::Document.because(problems.join("\n")));
    }
    Ok(if told.is_clean() {
        Exit::Done
    } else {
        Exit::No
    })
}

/// The files of recorded answers, by name, and the names of what else is there.
fn files(directory: &Path) -> Result<(Vec<AnswerFile>, Vec<String>), Failure> {
    let failed = |error: std::io::Error| {
        let what = format_args!("{error}\n  to do: name a directory with recorded answers");
        Exit::NoInput.at(directory, what)
    };
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_file() && matches!(ending, Some("json" | "ndjson" | "jsonl")) {
            let bytes = read(&path)?;
            files.push(AnswerFile { name, bytes });
        } else {
            others.push(name);
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    others.sort();
    if files.is_empty() {
        let what = "no recorded answers\n  expected: files named .json or .ndjson\n  to do: record some answers of the platform, a test account's are enough";
        return Err(Exit::NoInput.at(directory, what));
    }
    Ok((files, others))
}

fn human(told: &Answers, others: &[String], page: Option<&Path>) -> String {
    let mut text = format!("{told}\n");
    if !others.is_empty() {
        text.push_str(&format!(
            "Not looked at, by their names: {}.\n",
            others.join(", ")
        ));
    }
    if let Some(path) = page {
        text.push_str(&format!("wrote {}\n", path.display()));
    }
    text
}

/// A line for every finding: kind, operation, member, how often, file, line in it, what.
fn plain(told: &Answers) -> String {
    let lines = told.findings.iter().map(|it| {
        let kind = json!(it.kind);
        let line = it.line.map_or_else(String::new, |line| line.to_string());
        format!(
            "{}\t{}\t{}\t{}\t{}\t{line}\t{}\n",
            kind.as_str().unwrap_or_default(),
            it.operation,
            it.member,
            it.count,
            it.file,
            it.what
        )
    });
    lines.collect()
}
