//! Reading a file line by line, in batches, with the places kept for errors.

use std::io::BufRead;

use ledger::{Hash, IdempotencyKey};

use super::{BATCH, LoadError, Progress};
use crate::change::{Change, Position};
use crate::error::Refused;
use crate::register::Register;

/// A line longer than this is broken.
const LINE_AT_MOST: usize = 1 << 20;

/// What is wrong with a line.
pub(super) struct Wrong {
    pub(super) wrong: String,
    pub(super) expected: &'static str,
}

impl Wrong {
    pub(super) fn new(wrong: impl Into<String>, expected: &'static str) -> Wrong {
        Wrong {
            wrong: wrong.into(),
            expected,
        }
    }
}

/// Reads lines, has each judged, and hands them on in batches; empty lines are passed over.
pub(super) fn in_batches<T>(
    file: &str,
    mut source: impl BufRead,
    done: &mut Progress,
    mut judge: impl FnMut(&str, u64) -> Result<Option<T>, Wrong>,
    mut take: impl FnMut(Vec<T>, &mut Progress) -> Result<(), Refused>,
    mut told: impl FnMut(&Progress),
) -> Result<(), LoadError> {
    let mut line = String::new();
    let mut number = done.lines;
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        let mut ended = false;
        while batch.len() < BATCH {
            line.clear();
            match read_line(&mut source, &mut line) {
                Ok(0) => {
                    ended = true;
                    break;
                }
                Ok(_) => number += 1,
                Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                    let wrong =
                        Wrong::new("the line is not UTF-8 text, or endless", "lines of text");
                    return Err(at_line(file, number + 1, wrong, done));
                }
                Err(source) => {
                    return Err(LoadError::Io {
                        file: file.to_owned(),
                        source,
                        done: *done,
                    });
                }
            }
            let text = line.trim_end_matches(['\n', '\r']);
            if text.trim().is_empty() {
                continue;
            }
            batch.extend(judge(text, number).map_err(|wrong| at_line(file, number, wrong, done))?);
        }
        take(batch, done).map_err(|source| LoadError::Batch {
            file: file.to_owned(),
            to: number,
            source: Box::new(source),
            done: *done,
        })?;
        done.lines = number;
        told(done);
        if ended {
            return Ok(());
        }
    }
}

fn read_line(source: &mut impl BufRead, line: &mut String) -> std::io::Result<usize> {
    let mut limited = std::io::Read::take(source, LINE_AT_MOST as u64);
    let read = limited.read_line(line)?;
    if read == LINE_AT_MOST {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    Ok(read)
}

fn at_line(file: &str, line: u64, Wrong { wrong, expected }: Wrong, done: &Progress) -> LoadError {
    LoadError::Line {
        file: file.to_owned(),
        line,
        wrong,
        expected,
        done: *done,
    }
}

/// Appends a change of a load; the same content at the same place has the same key.
pub(super) fn append(
    register: &Register,
    at: decide::Time,
    change: Change,
) -> Result<Position, Refused> {
    let content =
        serde_json::to_vec(&change).map_err(|error| Refused::TooLarge(error.to_string()))?;
    let place = register.position().0.to_be_bytes();
    let digest = Hash::of(&[b"countersign load\n".as_slice(), &place, &content].concat()).0;
    let key = IdempotencyKey(digest.first_chunk::<16>().copied().unwrap_or_default());
    register.append_blocking(at, change, key)
}
