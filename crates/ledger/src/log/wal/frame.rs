//! The bytes of a batch and of the records in it (big-endian).
//!
//! Batch: `CSB1`, body length u32, first index u64, record count u32, CRC-32 of the body u32, zero
//! u32, CRC-32 of these 28 bytes; the body; `CSBEND!\n`; zeroes up to a multiple of 8. The end mark
//! is not zero, so a batch of which only the beginning was written is told from a damaged one.
//!
//! Record: CRC-32 of the rest u32, lengths of entry, tags and details u32 each, key 16 bytes, entry,
//! tags, details. The sum of its own lets one record be read alone.

use crate::log::{IdempotencyKey, Record};
use crate::tile::MAX_ENTRY;

const MAGIC: &[u8; 4] = b"CSB1";
const END: &[u8; 8] = b"CSBEND!\n";
const BATCH_HEAD: usize = 32;
const RECORD_HEAD: usize = 32;

/// How many bytes a record takes in a batch.
pub(crate) fn record_length(record: &Record) -> usize {
    RECORD_HEAD + record.entry.len() + record.tags.len() + record.details.len()
}

/// A batch being put together.
#[derive(Debug)]
pub(crate) struct BatchWriter {
    bytes: Vec<u8>,
    count: u32,
}

impl BatchWriter {
    /// What a batch takes besides its records, at most.
    pub(crate) const OVERHEAD: usize = BATCH_HEAD + END.len() + 7;

    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![0; BATCH_HEAD],
            count: 0,
        }
    }

    /// Adds a record; gives its place in the batch's bytes.
    pub(crate) fn push(&mut self, record: &Record) -> usize {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        for part in [&record.entry, &record.tags, &record.details] {
            self.bytes
                .extend_from_slice(&(part.len() as u32).to_be_bytes());
        }
        self.bytes.extend_from_slice(&record.key.0);
        for part in [&record.entry, &record.tags, &record.details] {
            self.bytes.extend_from_slice(part);
        }
        let sum = self.bytes.get(start + 4..).map_or(0, crc32fast::hash);
        put(&mut self.bytes, start, &sum.to_be_bytes());
        self.count += 1;
        start
    }

    /// How long the finished batch will be.
    fn finished_length(&self) -> usize {
        (self.bytes.len() + END.len()).next_multiple_of(8)
    }

    /// How long it would be with this record, too.
    pub(crate) fn length_with(&self, record: &Record) -> usize {
        (self.bytes.len() + record_length(record) + END.len()).next_multiple_of(8)
    }

    pub(crate) fn finish(mut self, first_index: u64) -> Vec<u8> {
        let body = self.bytes.get(BATCH_HEAD..).unwrap_or_default();
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(&(body.len() as u32).to_be_bytes());
        head.extend_from_slice(&first_index.to_be_bytes());
        head.extend_from_slice(&self.count.to_be_bytes());
        head.extend_from_slice(&crc32fast::hash(body).to_be_bytes());
        head.extend_from_slice(&[0; 4]);
        head.extend_from_slice(&crc32fast::hash(&head).to_be_bytes());
        put(&mut self.bytes, 0, &head);
        let length = self.finished_length();
        self.bytes.extend_from_slice(END);
        self.bytes.resize(length, 0);
        self.bytes
    }
}

/// A batch read from a segment: where it lies and what its head says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchFrame {
    pub(crate) first_index: u64,
    pub(crate) length: usize,
    count: u32,
    body: usize,
    crc: u32,
}

impl BatchFrame {
    pub(crate) const HEAD: usize = BATCH_HEAD;

    /// The head at the start of `bytes`, if it is one and its sum is right.
    pub(crate) fn head(bytes: &[u8]) -> Option<Self> {
        let (head, _) = bytes.split_first_chunk::<BATCH_HEAD>()?;
        let (summed, sum) = head.split_at(BATCH_HEAD - 4);
        if !head.starts_with(MAGIC) || sum != crc32fast::hash(summed).to_be_bytes() {
            return None;
        }
        let body = number(head, 4)? as usize;
        let first_index = u64::from(number(head, 8)?) << 32 | u64::from(number(head, 12)?);
        let length = (BATCH_HEAD + body + END.len()).next_multiple_of(8);
        Some(Self {
            first_index,
            length,
            count: number(head, 16)?,
            body,
            crc: number(head, 20)?,
        })
    }

    /// Whether body and end mark are whole. `bytes` starts at the batch.
    pub(crate) fn is_whole(&self, bytes: &[u8]) -> bool {
        let end = BATCH_HEAD + self.body;
        let body_fits = bytes
            .get(BATCH_HEAD..end)
            .is_some_and(|body| crc32fast::hash(body) == self.crc);
        body_fits && bytes.get(end..end + END.len()) == Some(END)
    }

    /// Whether the end mark was not written, or only its beginning: zeroes in its place, or the file ends before.
    pub(crate) fn end_is_missing(&self, bytes: &[u8]) -> bool {
        let end = BATCH_HEAD + self.body;
        let Some(mark) = bytes.get(end..end + END.len()) else {
            return true;
        };
        let written = mark
            .iter()
            .zip(END)
            .take_while(|(found, expected)| found == expected)
            .count();
        written < END.len() && mark.iter().skip(written).all(|byte| *byte == 0)
    }

    /// Offset and length of each record, seen from the batch's start; `None` if they do not add up.
    pub(crate) fn records(&self, bytes: &[u8]) -> Option<Vec<(usize, usize)>> {
        let end = BATCH_HEAD + self.body;
        let mut places = Vec::with_capacity(self.count as usize);
        let mut start = BATCH_HEAD;
        while start < end {
            let parts = bytes.get(start..)?;
            let lengths = [number(parts, 4)?, number(parts, 8)?, number(parts, 12)?];
            let length = lengths
                .iter()
                .try_fold(RECORD_HEAD, |sum, part| sum.checked_add(*part as usize))?;
            places.push((start, length));
            start = start.checked_add(length)?;
        }
        (start == end && places.len() == self.count as usize).then_some(places)
    }
}

/// Reads one record and checks its sum. Returns why not otherwise.
pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record, &'static str> {
    let (sum, rest) = bytes
        .split_first_chunk::<4>()
        .ok_or("too short for a record")?;
    if u32::from_be_bytes(*sum) != crc32fast::hash(rest) {
        return Err("the record's sum is wrong");
    }
    split_record(bytes).ok_or("the record's lengths do not add up")
}

fn split_record(bytes: &[u8]) -> Option<Record> {
    let (head, body) = bytes.split_at_checked(RECORD_HEAD)?;
    let (entry, rest) = body.split_at_checked(number(head, 4)? as usize)?;
    let (tags, details) = rest.split_at_checked(number(head, 8)? as usize)?;
    if details.len() != number(head, 12)? as usize || entry.len() > MAX_ENTRY {
        return None;
    }
    let key = IdempotencyKey(head.get(16..32)?.try_into().ok()?);
    Some(Record {
        entry: entry.to_vec(),
        tags: tags.to_vec(),
        details: details.to_vec(),
        key,
    })
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..at + 4)?
        .try_into()
        .ok()
        .map(u32::from_be_bytes)
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}
