//! Reading a segment at start, and telling a torn end from damage.
//!
//! A batch is acknowledged only after its sync, and the next is written only then. So at most the
//! last batch can be torn, and it was never acknowledged: it is cut. A torn write leaves sectors of
//! the zeroed segment untouched, or no end mark; anything else that does not add up is damage, and
//! so is a broken batch with a whole one behind it. Damage refuses to start, with file and offset.

use super::frame::BatchFrame;
use super::segment::{HeadError, SEGMENT_HEAD, VERSION, check_head};
use crate::log::OpenError;
use std::path::Path;

/// The unit in which a disk writes whole or not at all.
const SECTOR: usize = 512;

/// One record found: its index, and where it lies in the segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) index: u64,
    pub(crate) offset: u64,
    pub(crate) length: u32,
}

/// What a segment holds.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) places: Vec<Place>,
    /// Where the next batch goes.
    pub(crate) end: u64,
    /// Something that was never acknowledged lies behind `end` and has to be zeroed.
    pub(crate) torn: bool,
}

/// What may follow the last whole batch of a segment besides nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// Nothing else: later segments exist.
    Whole,
    /// A torn write: it is the last segment, and nobody writes it now.
    PerhapsTorn,
    /// Anything: it is the last segment, and somebody may be writing it.
    BeingWritten,
}

/// Scans a segment whose first record must have index `expected` (if known). Only the last segment
/// of a log may have a torn end.
pub(crate) fn scan(
    path: &Path,
    bytes: &[u8],
    expected: Option<u64>,
    end: End,
) -> Result<Scanned, OpenError> {
    check_head(bytes).map_err(|error| match error {
        HeadError::Newer(found) => OpenError::Newer {
            path: path.to_owned(),
            found,
            known: VERSION,
        },
        HeadError::NotASegment => OpenError::broken(path, 0, "not a segment of a write-ahead log"),
    })?;
    let mut next = expected;
    let mut places = Vec::new();
    let mut offset = SEGMENT_HEAD as usize;
    while let Some((frame, batch)) = whole_batch(bytes, offset) {
        let first = next.unwrap_or(frame.first_index);
        if frame.first_index != first {
            let what = format!(
                "a batch begins with entry {}, expected entry {first}",
                frame.first_index
            );
            return Err(OpenError::broken(path, offset as u64, what));
        }
        let records = frame.records(batch).ok_or_else(|| {
            OpenError::broken(
                path,
                offset as u64,
                "the lengths of its records do not add up",
            )
        })?;
        let mut index = first;
        for (at, length) in records {
            places.push(Place {
                index,
                offset: (offset + at) as u64,
                length: length as u32,
            });
            index += 1;
        }
        next = Some(index);
        offset += frame.length;
    }
    let torn = end != End::BeingWritten && check_rest(path, bytes, offset, end)?;
    Ok(Scanned {
        places,
        end: offset as u64,
        torn,
    })
}

fn whole_batch(bytes: &[u8], offset: usize) -> Option<(BatchFrame, &[u8])> {
    let batch = bytes.get(offset..)?;
    let frame = BatchFrame::head(batch)?;
    frame.is_whole(batch).then_some((frame, batch))
}

/// What lies behind the last whole batch: nothing (false), a torn write (true), or damage (an error).
fn check_rest(path: &Path, bytes: &[u8], offset: usize, end: End) -> Result<bool, OpenError> {
    let rest = bytes.get(offset..).unwrap_or_default();
    if rest.iter().all(|byte| *byte == 0) {
        return Ok(false);
    }
    let broken = |what: &str| OpenError::broken(path, offset as u64, what);
    if end == End::Whole {
        return Err(broken("a broken batch, and later segments exist"));
    }
    let later = (offset + 8..bytes.len())
        .step_by(8)
        .find(|at| whole_batch(bytes, *at).is_some());
    if let Some(later) = later {
        return Err(broken(&format!(
            "a broken batch, and a whole one follows at byte {later}"
        )));
    }
    let explained = match BatchFrame::head(rest) {
        Some(frame) => {
            frame.end_is_missing(rest) || has_untouched_sector(bytes, offset, frame.length)
        }
        None => nothing_behind_head(rest) || has_untouched_sector(bytes, offset, BatchFrame::HEAD),
    };
    if explained {
        Ok(true)
    } else {
        Err(broken(
            "a damaged batch (not a torn write: no part of it is missing)",
        ))
    }
}

/// Whether the write stopped within the head: no batch has a body of zeroes only.
fn nothing_behind_head(rest: &[u8]) -> bool {
    rest.iter().skip(BatchFrame::HEAD).all(|byte| *byte == 0)
}

/// Whether some sector's share of the range is still all zero.
fn has_untouched_sector(bytes: &[u8], offset: usize, length: usize) -> bool {
    let end = (offset + length).min(bytes.len());
    let mut start = offset;
    while start < end {
        let sector_end = ((start / SECTOR + 1) * SECTOR).min(end);
        if bytes
            .get(start..sector_end)
            .is_some_and(|part| part.iter().all(|byte| *byte == 0))
        {
            return true;
        }
        start = sector_end;
    }
    false
}
