//! The write-ahead log at start: read its segments, check them against the published tiles, cut a
//! torn end, and find where the log goes on.

use super::error::OpenError;
use super::shared::TailRecord;
use super::store::{Store, at, at_sync};
use super::wal::{End, SEGMENT_HEAD, Scanned, Segment, decode_record, scan, segment_numbers};
use super::{Checkpoint, IdempotencyKey};
use crate::Hash;
use crate::tile::{TILE_WIDTH, TileId};
use crate::tree::Edge;
use std::collections::VecDeque;

const WIDTH: u64 = TILE_WIDTH as u64;

/// What the write-ahead log holds.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) segments: VecDeque<(Segment, Option<u64>)>,
    pub(super) tail: VecDeque<TailRecord>,
    pub(super) keys: Vec<IdempotencyKey>,
    pub(super) tail_start: u64,
    pub(super) end: u64,
}

/// Who reads the write-ahead log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reader {
    /// The one who holds the lock, and goes on writing: a torn end is cut, a damaged one refused.
    Owner,
    /// Somebody beside the owner, who may be in the middle of a write: whatever follows the last whole batch is left
    /// alone.
    Onlooker,
}

/// Reads the segments, checks them against the tiles, cuts a torn end if it is the owner's to cut.
pub(super) fn recover(
    store: &Store,
    checkpoint: &Checkpoint,
    edge: &Edge,
    reader: Reader,
) -> Result<Recovered, OpenError> {
    let tail_start = checkpoint.size / WIDTH * WIDTH;
    let mut found = Recovered {
        segments: VecDeque::new(),
        tail: VecDeque::new(),
        keys: Vec::new(),
        tail_start,
        end: SEGMENT_HEAD,
    };
    let mut published = PublishedLeaves {
        store,
        edge,
        tail_start,
        last: None,
    };
    let numbers = segment_numbers(store)?;
    let mut next = None;
    let mut expected_number = None;
    for number in &numbers {
        let (segment, bytes) = Segment::open(&*store.files, store, *number)?;
        let path = segment.handle.path.clone();
        if expected_number.is_some_and(|expected| expected != *number) {
            return Err(OpenError::broken(
                &path,
                0,
                "the segment before it is missing",
            ));
        }
        expected_number = Some(number + 1);
        let is_last = numbers.last() == Some(number);
        let end = match (is_last, reader) {
            (false, _) => End::Whole,
            (true, Reader::Owner) => End::PerhapsTorn,
            (true, Reader::Onlooker) => End::BeingWritten,
        };
        let scanned = scan(&path, &bytes, next, end)?;
        if let Some((_, end)) = found.segments.back_mut() {
            *end = next;
        }
        next = take_records(&mut found, &segment, &bytes, &scanned, &mut published)?.or(next);
        if scanned.torn {
            cut(store, &segment, scanned.end)?;
        }
        found.end = scanned.end;
        found.segments.push_back((segment, None));
    }
    if found.segments.is_empty() {
        return Err(no_segment(store));
    }
    let size = next.unwrap_or(tail_start);
    if size < checkpoint.size {
        return Err(OpenError::SmallerThanCheckpoint {
            dir: store.dir.clone(),
            found: size,
            expected: checkpoint.size,
        });
    }
    Ok(found)
}

/// Checks a segment's records and keeps the places of those in the tail; gives the index behind them.
fn take_records(
    found: &mut Recovered,
    segment: &Segment,
    bytes: &[u8],
    scanned: &Scanned,
    published: &mut PublishedLeaves<'_>,
) -> Result<Option<u64>, OpenError> {
    let path = &segment.handle.path;
    for place in &scanned.places {
        let start = place.offset as usize;
        let record = bytes
            .get(start..start + place.length as usize)
            .ok_or("outside of the segment")
            .and_then(decode_record);
        let record = record.map_err(|what| OpenError::broken(path, place.offset, what))?;
        let leaf = Hash::leaf(&record.entry);
        if published
            .leaf(place.index)?
            .is_some_and(|signed| signed != leaf)
        {
            let what = format!("entry {} is not the one in the published tile", place.index);
            return Err(OpenError::broken(path, place.offset, what));
        }
        if place.index >= found.tail_start {
            if place.index != found.tail_start + found.tail.len() as u64 {
                let what = format!(
                    "entries {} to {} before it are missing",
                    found.tail_start, place.index
                );
                return Err(OpenError::broken(path, place.offset, what));
            }
            let (offset, length) = (place.offset, place.length);
            found.tail.push_back(TailRecord {
                handle: segment.handle.clone(),
                offset,
                length,
                leaf,
            });
            found.keys.push(record.key);
        }
    }
    Ok(scanned.places.last().map(|place| place.index + 1))
}

/// Leaf hashes that are already published, by index.
struct PublishedLeaves<'a> {
    store: &'a Store,
    edge: &'a Edge,
    tail_start: u64,
    last: Option<(u64, Vec<Hash>)>,
}

impl PublishedLeaves<'_> {
    fn leaf(&mut self, index: u64) -> Result<Option<Hash>, OpenError> {
        if let Some(place) = index.checked_sub(self.tail_start) {
            return Ok(self
                .edge
                .levels()
                .first()
                .and_then(|leaves| leaves.get(place as usize))
                .copied());
        }
        let tile = index / WIDTH;
        if self.last.as_ref().is_none_or(|(kept, _)| *kept != tile) {
            self.last = Some((tile, self.store.tile(TileId::full(0, tile))?));
        }
        Ok(self
            .last
            .as_ref()
            .and_then(|(_, leaves)| leaves.get((index % WIDTH) as usize))
            .copied())
    }
}

/// Zeroes what was never acknowledged, so that the next scan finds nothing behind the end.
fn cut(store: &Store, segment: &Segment, end: u64) -> Result<(), OpenError> {
    let path = &segment.handle.path;
    let zeroes = vec![0; segment.length.saturating_sub(end) as usize];
    at(path, store.files.write_at(&segment.handle, end, &zeroes))?;
    Ok(at_sync(path, store.files.sync_data(&segment.handle))?)
}

pub(super) fn no_segment(store: &Store) -> OpenError {
    OpenError::broken(&store.path("wal"), 0, "no segment of the write-ahead log")
}
