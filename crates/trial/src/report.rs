//! Tables in Markdown, and their place in `docs/measured.md`.

use std::fs;
use std::path::Path;

use crate::broken::{At as _, Broken, Result};

/// A table: the head, and rows of as many cells. The first column stands left, the others right.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let rule: Vec<&str> = (0..head.len())
        .map(|at| if at == 0 { "---" } else { "---:" })
        .collect();
    let mut lines = vec![
        format!("| {} |", head.join(" | ")),
        format!("| {} |", rule.join(" | ")),
    ];
    lines.extend(rows.iter().map(|row| format!("| {} |", row.join(" | "))));
    lines.join("\n")
}

/// Puts a text into a document, between the markers of this name.
pub(crate) fn put(file: &Path, name: &str, text: &str) -> Result<()> {
    let document = fs::read_to_string(file).at(format_args!(
        "{} (run this at the repository's root, or name the file)",
        file.display()
    ))?;
    fs::write(file, between(&document, name, text)?).at(file.display())
}

/// The document with what stands between `<!-- measure NAME -->` and `<!-- /measure NAME -->` replaced.
fn between(document: &str, name: &str, text: &str) -> Result<String> {
    let (open, close) = (
        format!("<!-- measure {name} -->"),
        format!("<!-- /measure {name} -->"),
    );
    let (before, rest) = document.split_once(&open).at(&open)?;
    let (_, after) = rest.split_once(&close).at(&close)?;
    if after.contains(&open) {
        return Err(Broken::new(format_args!(
            "{open} stands there twice: leave one"
        )));
    }
    Ok(format!(
        "{before}{open}\n{}\n{close}{after}",
        text.trim_end()
    ))
}

/// Day, processors and kernel, in a line.
pub(crate) fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{}, {processors} × {}, Linux {}, load {} before",
        jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC"),
        model.map_or("unknown processor", |(_, model)| model),
        kernel.trim(),
        load.split(' ').next().unwrap_or("unknown"),
    )
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
        assert!(between("a", "x", "new").is_err());
        assert!(between("<!-- measure x -->", "x", "new").is_err());
    }

    #[test]
    fn numbers_stand_right() {
        let table = table(&["a", "b"], &[vec!["1".into(), "2".into()]]);
        assert_eq!(table, "| a | b |\n| --- | ---: |\n| 1 | 2 |");
    }
}
