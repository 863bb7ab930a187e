//! A report on disk: whole or not at all.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use crate::report::Report;

/// Writes a file so that it is whole or not there: beside it, synced, then renamed. Whoever is killed meanwhile leaves
/// the former file as it was, and at most a file of another name.
///
/// # Errors
/// The directory cannot be written to.
pub fn whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path
        .parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new()
        .prefix(".countersign-")
        .suffix(".unfinished")
        .tempfile_in(directory)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(path)?;
    File::open(directory)?.sync_all()
}

/// The findings as CSV (RFC 4180), a line each. Lists within a cell are separated by blanks or semicolons.
///
/// # Errors
/// None that a report could cause.
pub fn csv(report: &Report) -> io::Result<Vec<u8>> {
    let mut out = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(Vec::new());
    out.write_record([
        "kind", "partner", "verb", "category", "reach", "purpose", "powers", "reasons", "accesses",
        "people", "first", "last", "promise", "made", "summary", "address",
    ])?;
    for finding in &report.findings {
        let act = &finding.act;
        let powers: Vec<String> = finding.powers.iter().map(ToString::to_string).collect();
        let reasons: Vec<String> = finding.reasons.iter().map(ToString::to_string).collect();
        let moment = |at: Option<decide::Time>| at.map(|at| at.to_string()).unwrap_or_default();
        let words = finding.words.as_ref();
        let kind = serde_json::to_value(finding.kind)?;
        out.write_record([
            kind.as_str().unwrap_or_default(),
            finding.partner.as_str(),
            act.verb.as_str(),
            act.category.as_str(),
            act.reach.as_str(),
            act.purpose.as_str(),
            &powers.join(" "),
            &reasons.join("; "),
            &finding.accesses.to_string(),
            &finding.people.to_string(),
            &moment(finding.first),
            &moment(finding.last),
            words.map_or("", |words| words.promise.as_str()),
            &words
                .map(|words| words.made.to_string())
                .unwrap_or_default(),
            words.map_or("", |words| &words.summary),
            words.map_or("", |words| &words.address),
        ])?;
    }
    out.into_inner()
        .map_err(|error| io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_takes_the_former_ones_place_and_leaves_nothing_beside_it() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("report.json");
        whole(&path, b"one")?;
        whole(&path, b"two")?;
        assert_eq!(std::fs::read(&path)?, b"two");
        assert_eq!(std::fs::read_dir(dir.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn where_nothing_can_be_written_the_former_report_stays() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        assert!(whole(&dir.path().join("missing/report.json"), b"one").is_err());
        assert_eq!(std::fs::read_dir(dir.path())?.count(), 0);
        Ok(())
    }
}
