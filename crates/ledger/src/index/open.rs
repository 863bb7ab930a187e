//! Finding the runs again at an opening, and putting aside what cannot be used.

use super::error::at;
use super::run::Run;
use super::write::{UNFINISHED, span};
use super::{IndexError, IndexOptions, SetAside};
use crate::{Hash, Log};
use std::path::Path;
use std::sync::Arc;

/// The runs that cover the log from its beginning without a gap. What was merged into another, or never finished, is
/// removed. The first that cannot be used is set aside, and what comes after it is removed.
pub(super) fn runs(
    log: &Log,
    options: &IndexOptions,
) -> Result<(Vec<Arc<Run>>, Vec<SetAside>), IndexError> {
    let (dir, files) = (&options.dir, &options.files);
    at(dir, files.create_dirs(dir))?;
    let mut spans = Vec::new();
    for name in at(dir, files.list(dir))? {
        if name == UNFINISHED {
            at(&dir.join(&name), files.remove(&dir.join(&name)))?;
        } else if let Some((from, to)) = span(&name) {
            // The longest of those that begin at one place comes first.
            spans.push((from, std::cmp::Reverse(to), name));
        }
    }
    spans.sort();
    let (mut runs, mut aside) = (Vec::new(), Vec::new());
    let mut next = 0;
    for (from, std::cmp::Reverse(to), name) in spans {
        let path = dir.join(&name);
        if to <= next || !aside.is_empty() {
            at(&path, files.remove(&path))?;
            continue;
        }
        let usable = if from == next {
            usable(log, options, &path, (from, to))
        } else {
            Err("what comes before it is missing".to_owned())
        };
        match usable {
            Ok(run) => {
                runs.push(Arc::new(run));
                next = to;
            }
            Err(why) => {
                set_aside(options, &path)?;
                aside.push(SetAside { path, why });
            }
        }
    }
    Ok((runs, aside))
}

/// A run that is whole, of this program's form, and of this log.
fn usable(log: &Log, options: &IndexOptions, path: &Path, span: (u64, u64)) -> Result<Run, String> {
    let run = Run::open(&*options.files, path).map_err(|error| error.to_string())?;
    let head = run.head();
    if (head.from, head.to) != span {
        return Err("its name says another span than its head".to_owned());
    }
    let last = log.read(head.to - 1).map_err(|error| error.to_string())?;
    if Hash::leaf(&last.record.entry) != head.leaf {
        return Err("it is of another log".to_owned());
    }
    Ok(run)
}

/// Gives a file a name by which it is not found again.
pub(super) fn set_aside(options: &IndexOptions, path: &Path) -> Result<(), IndexError> {
    let mut to = path.as_os_str().to_owned();
    to.push(".aside");
    at(path, options.files.rename(path, Path::new(&to)))
}
