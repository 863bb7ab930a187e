//! Recorded answers as files hold them.
//!
//! One object each: `{"request": "GET /path?query", "status": 200, "body": …}`, optionally with `request-body`, `link` (the
//! answer's `Link` header) and `for` (the platform's id of the person for whom it was asked). A `.json` file holds one, an
//! `.ndjson` file one a line.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::report::Unreadable;

/// A file as it was found.
#[derive(Clone, Debug)]
pub struct AnswerFile {
    /// What it is called in the report.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// One recorded answer.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    pub(super) file: String,
    /// In a file of many, its line, counted from 1.
    pub(super) line: Option<usize>,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) request_body: Option<String>,
    pub(super) status: u16,
    pub(super) link: Option<String>,
    /// For whom it was asked.
    pub(super) asked_for: Option<String>,
    /// As it was sent.
    pub(super) body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written<'a> {
    request: String,
    status: u16,
    #[serde(borrow)]
    body: &'a RawValue,
    #[serde(borrow)]
    request_body: Option<&'a RawValue>,
    link: Option<String>,
    #[serde(rename = "for")]
    asked_for: Option<String>,
}

const FORM: &str = "an object {\"request\": \"GET /path?query\", \"status\": 200, \"body\": …}, optionally with `request-body`, `link`, `for`";

/// Everything in a file, line by line where it holds many.
pub(super) fn read(file: &AnswerFile) -> Vec<Result<Recording, Unreadable>> {
    let many = [".ndjson", ".jsonl"]
        .iter()
        .any(|it| file.name.ends_with(it));
    let Ok(text) = std::str::from_utf8(&file.bytes) else {
        return vec![Err(Unreadable {
            file: file.name.clone(),
            line: None,
            problem: "not UTF-8".to_owned(),
            expected: FORM.to_owned(),
        })];
    };
    if !many {
        return vec![one(&file.name, None, text)];
    }
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(n, line)| one(&file.name, Some(n.saturating_add(1)), line))
        .collect()
}

fn one(file: &str, line: Option<usize>, text: &str) -> Result<Recording, Unreadable> {
    let written: Written<'_> = serde_json::from_str(text).map_err(|error| {
        let within = (line.is_none() && error.line() > 0).then(|| error.line());
        Unreadable {
            file: file.to_owned(),
            line: line.or(within),
            problem: bare(&error.to_string()),
            expected: FORM.to_owned(),
        }
    })?;
    let request = written.request.split_once(' ');
    let request = request.filter(|(method, path)| {
        let method = !method.is_empty() && method.bytes().all(|b| b.is_ascii_uppercase());
        method && path.starts_with('/') && !path.contains(' ')
    });
    let Some((method, target)) = request else {
        return Err(Unreadable {
            file: file.to_owned(),
            line,
            problem: "`request` is not a method and a path that begins with a slash".to_owned(),
            expected: "\"request\": \"GET /path?query\", as the platform was asked".to_owned(),
        });
    };
    let (path, query) = target
        .split_once('?')
        .map_or((target, None), |(path, query)| (path, Some(query)));
    Ok(Recording {
        file: file.to_owned(),
        line,
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.map(str::to_owned),
        request_body: written.request_body.map(|body| body.get().to_owned()),
        status: written.status,
        link: written.link,
        asked_for: written.asked_for,
        body: written.body.get().to_owned(),
    })
}

/// serde_json's message without the place, which the report gives itself. It quotes names of members, never values.
fn bare(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message.get(..end).unwrap_or(message).to_owned()
}
