//! Tables in Markdown, and their place in `docs/measured.md`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::Output;

/// What a command found out.
#[derive(Debug, Default)]
pub(crate) struct Report {
    text: String,
}

impl Report {
    /// A paragraph.
    pub(crate) fn say(&mut self, paragraph: impl AsRef<str>) {
        self.text.push_str(paragraph.as_ref().trim_end());
        self.text.push_str("\n\n");
    }

    /// A table: the head, and rows of as many cells. The first column stands left, numbers right.
    pub(crate) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let mut lines = vec![format!("| {} |", head.join(" | "))];
        let rule: Vec<&str> = head
            .iter()
            .enumerate()
            .map(|(at, _)| if at == 0 { "---" } else { "---:" })
            .collect();
        lines.push(format!("| {} |", rule.join(" | ")));
        lines.extend(rows.iter().map(|row| format!("| {} |", row.join(" | "))));
        self.say(lines.join("\n"));
    }

    /// Prints it, and puts it where the command was told to.
    #[expect(clippy::print_stdout, reason = "the report is what the command is for")]
    pub(crate) fn publish(&self, name: &str, output: &Output) -> Result<()> {
        println!("{}", self.text.trim_end());
        let Some(file) = &output.write else {
            return Ok(());
        };
        let document = fs::read_to_string(file).with_context(|| {
            format!(
                "{}: run this at the repository's root, or name the file",
                file.display()
            )
        })?;
        let document =
            between(&document, name, &self.text).with_context(|| file.display().to_string())?;
        fs::write(file, document).with_context(|| file.display().to_string())
    }
}

/// The document with what stands between `<!-- measure NAME -->` and `<!-- /measure NAME -->` replaced.
fn between(document: &str, name: &str, text: &str) -> Result<String> {
    let (open, close) = (
        format!("<!-- measure {name} -->"),
        format!("<!-- /measure {name} -->"),
    );
    let (before, rest) = document
        .split_once(&open)
        .with_context(|| format!("expected a line {open}"))?;
    let (_, after) = rest
        .split_once(&close)
        .with_context(|| format!("expected a line {close} after {open}"))?;
    ensure!(
        !after.contains(&open),
        "{open} stands there twice: leave one"
    );
    Ok(format!(
        "{before}{open}\n{}\n{close}{after}",
        text.trim_end()
    ))
}

/// The directory of the repository, from where this was built.
pub(crate) fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_the_place_of_the_former_one_and_of_nothing_else() {
        let document = "a\n<!-- measure x -->\nold\n<!-- /measure x -->\nb\n";
        let new = between(document, "x", "new\n\n").unwrap();
        assert_eq!(new, "a\n<!-- measure x -->\nnew\n<!-- /measure x -->\nb\n");
        assert_eq!(between(&new, "x", "new").unwrap(), new);
    }

    #[test]
    fn a_document_without_markers_is_left_alone() {
        assert!(between("a", "x", "new").is_err());
        assert!(between("<!-- measure x -->", "x", "new").is_err());
    }

    #[test]
    fn numbers_stand_right() {
        let mut report = Report::default();
        report.table(&["a", "b"], &[vec!["1".into(), "2".into()]]);
        assert_eq!(report.text, "| a | b |\n| --- | ---: |\n| 1 | 2 |\n\n");
    }
}
