//! The files that a plan names: a file, a directory, or a pattern with one `*` in its last part.

use std::path::{Path, PathBuf};

use super::PlanError;
use crate::read::{Form, Packing, form_of};

/// A file, found.
pub(super) struct Named {
    pub(super) path: PathBuf,
    /// As the plan names it.
    pub(super) name: String,
    pub(super) form: (Form, Packing),
    pub(super) bytes: u64,
}

/// All files meant, in the order of the plan and then of their names.
pub(super) fn named(home: &Path, patterns: &[String]) -> Result<Vec<Named>, PlanError> {
    let mut all = Vec::new();
    for pattern in patterns {
        let path = home.join(pattern);
        let last = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default()
            .to_owned();
        let meant = match last.split_once('*') {
            Some((before, after)) => within(path.parent().unwrap_or(home), |name| {
                name.len() >= before.len().saturating_add(after.len())
                    && name.starts_with(before)
                    && name.ends_with(after)
            })?,
            None if path.is_dir() => within(&path, |name| form_of(Path::new(name)).is_some())?,
            None => vec![path],
        };
        if meant.is_empty() {
            return Err(PlanError::Document(format!(
                "{}: no such file\n  to do: correct the path in the plan",
                home.join(pattern).display()
            )));
        }
        for path in meant {
            all.push(look(home, path)?);
        }
    }
    Ok(all)
}

fn look(home: &Path, path: PathBuf) -> Result<Named, PlanError> {
    let form = form_of(&path).ok_or_else(|| {
        PlanError::Document(format!(
            "{}: the name does not say what the file is\n  expected: .csv, .ndjson, .jsonl, .json or .log, plain or with .gz or .zst, or .parquet",
            path.display()
        ))
    })?;
    let why = |why: std::io::Error| PlanError::Unreadable {
        path: path.clone(),
        why: why.to_string(),
    };
    let bytes = std::fs::metadata(&path).map_err(why)?.len();
    let name = path
        .strip_prefix(home)
        .unwrap_or(&path)
        .display()
        .to_string();
    Ok(Named {
        path,
        name,
        form,
        bytes,
    })
}

fn within(dir: &Path, fits: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, PlanError> {
    let why = |why: std::io::Error| PlanError::Unreadable {
        path: dir.to_owned(),
        why: why.to_string(),
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(why)? {
        let entry = entry.map_err(why)?;
        if entry.path().is_file() && entry.file_name().to_str().is_some_and(&fits) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}
