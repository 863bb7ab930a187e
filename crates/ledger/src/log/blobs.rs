//! Files of up to 256 blobs: tags, details or idempotency keys of one bundle of entries.
//!
//! Layout (big-endian): `CSBLOB\0\0`, version u32, kind u16, count u16, first index u64, then per
//! blob offset u32, length u32, CRC-32 u32, flags u32 (0; others are of a later version), then the
//! CRC-32 of all that, then the blobs. A blob can be read alone, and rewritten without the tree.

use super::error::ReadError;
use super::store::at;
use crate::files::{Files, Handle};
use std::path::Path;
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"CSBLOB\0\0";
const VERSION: u32 = 1;
const HEAD: usize = 24;
const ROW: usize = 16;

pub(super) fn encode_blobs(kind: u16, first: u64, items: &[&[u8]]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&(items.len() as u16).to_be_bytes());
    bytes.extend_from_slice(&first.to_be_bytes());
    let mut offset = HEAD + items.len() * ROW + 4;
    for item in items {
        for number in [offset as u32, item.len() as u32, crc32fast::hash(item), 0] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        offset += item.len();
    }
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
    items.iter().for_each(|item| bytes.extend_from_slice(item));
    bytes
}

/// An open file of blobs; its table is read and checked, the blobs not yet.
#[derive(Debug)]
pub(super) struct Blobs {
    files: Arc<dyn Files>,
    handle: Handle,
    rows: Vec<[u32; 4]>,
}

impl Blobs {
    pub(super) fn open(
        files: Arc<dyn Files>,
        path: &Path,
        kind: u16,
        first: u64,
    ) -> Result<Self, ReadError> {
        let broken = |what: &str| ReadError::Broken {
            path: path.to_owned(),
            what: what.to_owned(),
        };
        let handle = at(path, files.open(path))?;
        let mut head = [0; HEAD];
        at(path, files.read_at(&handle, 0, &mut head))?;
        let count = check_head(&head, kind, first).map_err(|bad| match bad {
            BadHead::Newer(found) => ReadError::Newer {
                path: path.to_owned(),
                found,
                known: VERSION,
            },
            BadHead::Other => broken(&format!("not the blobs of kind {kind} from index {first}")),
        })?;
        let mut table = vec![0; count * ROW + 4];
        at(path, files.read_at(&handle, HEAD as u64, &mut table))?;
        let (rows, sum) = table.split_at(count * ROW);
        let mut crc = crc32fast::Hasher::new();
        crc.update(&head);
        crc.update(rows);
        if sum != crc.finalize().to_be_bytes() {
            return Err(broken("the sum over its table is wrong"));
        }
        let rows: Vec<[u32; 4]> = rows
            .as_chunks::<4>()
            .0
            .as_chunks::<4>()
            .0
            .iter()
            .map(|row| row.map(u32::from_be_bytes))
            .collect();
        if rows.iter().any(|[_, _, _, flags]| *flags != 0) {
            return Err(broken("flags of a newer version; use a newer program"));
        }
        Ok(Self {
            files,
            handle,
            rows,
        })
    }

    /// How many blobs there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The blob at this place in the file, checked.
    pub(super) fn get(&self, place: usize) -> Result<Vec<u8>, ReadError> {
        let path = &self.handle.path;
        let broken = |what: String| ReadError::Broken {
            path: path.clone(),
            what,
        };
        let [offset, length, crc, _] = *self
            .rows
            .get(place)
            .ok_or_else(|| broken(format!("blob {place} of {} is missing", self.rows.len())))?;
        let mut bytes = vec![0; length as usize];
        at(
            path,
            self.files
                .read_at(&self.handle, u64::from(offset), &mut bytes),
        )?;
        if crc32fast::hash(&bytes) != crc {
            return Err(broken(format!(
                "the sum over blob {place} (byte {offset}) is wrong"
            )));
        }
        Ok(bytes)
    }
}

enum BadHead {
    Newer(u32),
    Other,
}

fn check_head(head: &[u8; HEAD], kind: u16, first: u64) -> Result<usize, BadHead> {
    let mut expected = MAGIC.to_vec();
    expected.extend_from_slice(&VERSION.to_be_bytes());
    expected.extend_from_slice(&kind.to_be_bytes());
    let (fixed, rest) = head.split_at(14);
    let (count, index) = rest.split_at(2);
    if fixed.get(..8) == Some(MAGIC) && fixed.get(8..12) > Some(VERSION.to_be_bytes().as_slice()) {
        let found = fixed.get(8..12).unwrap_or_default().iter();
        let found = found.fold(0_u32, |sum, byte| sum.wrapping_mul(256) + u32::from(*byte));
        return Err(BadHead::Newer(found));
    }
    if fixed != expected || index != first.to_be_bytes() {
        return Err(BadHead::Other);
    }
    Ok(count
        .iter()
        .fold(0, |count, byte| count * 256 + usize::from(*byte)))
}
