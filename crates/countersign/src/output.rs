//! Standard output in three forms, and tables that line up.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use clap::ValueEnum;
use serde_json::Value;

use crate::exit::{Exit, Failure};

/// How results are written to standard output. Progress and errors go to standard error, always as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: tables that line up, with headings.
    #[default]
    Human,
    /// For scripts: a line a record, fields between tabs, no headings.
    Plain,
    /// For machines: one JSON document.
    Json,
}

/// Writes to standard output. A reader that went away ends the program quietly, as `| head` expects.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Exit::Done.because("")),
        other => other.map_err(|error| Exit::Io.because(format_args!("standard output: {error}"))),
    }
}

/// Writes a JSON document.
pub(crate) fn print_json(value: &Value) -> Result<(), Failure> {
    print(&format!("{value:#}\n"))
}

/// Writes a file that did not exist, whole or not at all: a program killed meanwhile leaves nothing half-written under
/// the name.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |error: std::io::Error| {
        let what =
            format_args!("{error}\n  to do: name a file in a directory that can be written to");
        Exit::Io.at(path, what)
    };
    if path.exists() {
        return Err(exists(path));
    }
    let mut file = tempfile::Builder::new()
        .prefix(".countersign-")
        .permissions(readable())
        .tempfile_in(directory)
        .map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(error) => Err(failed(error.error)),
    }
}

fn exists(path: &Path) -> Failure {
    Exit::Exists.at(
        path,
        "exists already, and nothing is ever overwritten\n  to do: name another file, or remove this one",
    )
}

/// What other files get, by the user's own mask; a temporary file alone would be the user's only.
fn readable() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

/// A table of texts.
#[derive(Debug, Default)]
pub(crate) struct Table {
    headings: Vec<&'static str>,
    /// Columns, counted from 0, whose texts end at the same place: numbers.
    right: Vec<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(headings: &[&'static str], right: &[usize]) -> Table {
        Table {
            headings: headings.to_vec(),
            right: right.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row. A cell may have several lines.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The table in one of the two text forms.
    pub(crate) fn text(&self, format: Format) -> String {
        match format {
            Format::Plain => self.plain(),
            Format::Human | Format::Json => self.human(),
        }
    }

    fn plain(&self) -> String {
        let line = |row: &Vec<String>| row.join("\t").replace('\n', "; ") + "\n";
        self.rows.iter().map(line).collect()
    }

    fn human(&self) -> String {
        let headings: Vec<String> = self.headings.iter().map(|h| (*h).to_owned()).collect();
        let all = || std::iter::once(&headings).chain(&self.rows);
        let width = |column: usize| {
            let cells = all().filter_map(|row| row.get(column));
            let lines = cells.flat_map(|cell| cell.lines());
            lines.map(|line| line.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..headings.len()).map(width).collect();
        let mut out = String::new();
        self.lines(&mut out, &headings, &widths);
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        let _ = writeln!(out, "{}", rule.join("  "));
        for row in &self.rows {
            self.lines(&mut out, row, &widths);
        }
        out
    }

    fn lines(&self, out: &mut String, row: &[String], widths: &[usize]) {
        let height = row
            .iter()
            .map(|cell| cell.lines().count())
            .max()
            .unwrap_or(0);
        for line in 0..height {
            let cells = row
                .iter()
                .zip(widths)
                .enumerate()
                .map(|(column, (cell, width))| {
                    let text = cell.lines().nth(line).unwrap_or("");
                    if self.right.contains(&column) {
                        format!("{text:>width$}")
                    } else {
                        format!("{text:<width$}")
                    }
                });
            let text: Vec<String> = cells.collect();
            let _ = writeln!(out, "{}", text.join("  ").trim_end());
        }
    }
}

/// A number with its thousands apart: `12,345`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let texts = [0, 7, 999, 1_000, 12_345, 1_000_000].map(thousands);
        assert_eq!(texts, ["0", "7", "999", "1,000", "12,345", "1,000,000"]);
    }

    #[test]
    fn a_table_lines_up_and_its_plain_form_has_a_line_a_row() {
        let mut table = Table::new(&["who", "how many"], &[1]);
        table.row(vec!["findr".into(), "12".into()]);
        table.row(vec!["reelbox\n(film)".into(), "3".into()]);
        let human =
            "who      how many\n───────  ────────\nfindr          12\nreelbox         3\n(film)\n";
        assert_eq!(table.text(Format::Human), human);
        assert_eq!(table.text(Format::Plain), "findr\t12\nreelbox; (film)\t3\n");
    }
}
