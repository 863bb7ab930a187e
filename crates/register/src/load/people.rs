//! Loading people: the platform's ids.

use std::collections::HashSet;
use std::io::BufRead;

use decide::Time;
use serde::Deserialize;

use super::lines::{self, Wrong};
use super::{LoadError, Progress};
use crate::change::Change;
use crate::prepare::unfit;
use crate::register::Register;

/// How a file names people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeopleForm {
    /// One id a line.
    Plain,
    /// The id in the first column; a first line that begins with `id` or `person` is a heading. Quoted by `"` if need
    /// be (RFC 4180), without line breaks inside.
    Csv,
    /// One object a line, with the member `id`; others are passed over.
    Ndjson,
}

#[derive(Deserialize)]
struct Row {
    id: String,
}

/// Loads people; those who are there already are passed over. Blocks; must not be called from async code.
///
/// # Errors
/// The first broken line; see the module's page for what is in then.
pub fn people(
    register: &Register,
    file: &str,
    source: impl BufRead,
    form: PeopleForm,
    at: Time,
    told: impl FnMut(&Progress),
) -> Result<Progress, LoadError> {
    let mut done = Progress::default();
    let judge = |text: &str, line: u64| {
        let Some(id) = id_of(text, form, line)? else {
            return Ok(None);
        };
        match unfit(&id) {
            None => Ok(Some(id)),
            Some(what) => Err(Wrong::new(
                format!("the id is {what}"),
                "1 to 512 bytes without control characters",
            )),
        }
    };
    let take = |ids: Vec<String>, done: &mut Progress| {
        let all = ids.len() as u64;
        let mut seen = HashSet::with_capacity(ids.len());
        let new: Vec<String> = ids
            .into_iter()
            .filter(|id| register.people().number(id).is_none() && seen.insert(id.clone()))
            .collect();
        done.taken += new.len() as u64;
        done.known += all - new.len() as u64;
        done.position = match new.is_empty() {
            true => register.position(),
            false => lines::append(register, at, Change::Join { ids: new })?,
        };
        Ok(())
    };
    lines::in_batches(file, source, &mut done, judge, take, told)?;
    Ok(done)
}

fn id_of(text: &str, form: PeopleForm, line: u64) -> Result<Option<String>, Wrong> {
    match form {
        PeopleForm::Plain => Ok(Some(text.trim().to_owned())),
        PeopleForm::Ndjson => match serde_json::from_str::<Row>(text) {
            Ok(row) => Ok(Some(row.id)),
            // The parser's own message could repeat the id.
            Err(error) => Err(Wrong::new(
                format!("not a person (column {})", error.column()),
                "an object with the member id, a text: {\"id\":\"…\"}",
            )),
        },
        PeopleForm::Csv => {
            let id = first_column(text)?;
            let heading = line == 1
                && ["id", "person"]
                    .iter()
                    .any(|head| id.eq_ignore_ascii_case(head));
            Ok((!heading).then_some(id))
        }
    }
}

/// The first column of a line of CSV (RFC 4180).
fn first_column(text: &str) -> Result<String, Wrong> {
    let Some(quoted) = text.strip_prefix('"') else {
        return Ok(text.split(',').next().unwrap_or_default().trim().to_owned());
    };
    let mut id = String::new();
    let mut rest = quoted.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => match rest.next() {
                Some('"') => id.push('"'),
                None | Some(',') => return Ok(id),
                Some(_) => break,
            },
            c => id.push(c),
        }
    }
    Err(Wrong::new(
        "a quoted column without its end",
        "\"…\" with quotes inside doubled, ended on the same line",
    ))
}
