//! A run: one file of sorted pairs over a span of entries.
//!
//! Form (big-endian). A head of 4,096 bytes: `CSINDEX\0`, version u32, zero u32, first entry u64, entry behind the last
//! u64, number of pairs u64, leaf hash of the last entry (32), CRC-32 of all that, zeroes. Then blocks of 4,096 bytes:
//! CRC-32 of the rest, number of pairs u32, 8 zeroes, up to 255 pairs of key u64 and entry u64, zeroes. Then the first key
//! of each block, and the CRC-32 of those.

use super::error::at;
use super::{IndexError, Pair};
use crate::Hash;
use crate::files::{Files, Handle};
use std::path::Path;

pub(super) const MAGIC: &[u8; 8] = b"CSINDEX\0";
pub(super) const VERSION: u32 = 1;
/// Bytes of the head and of each block.
pub(super) const BLOCK: usize = 4096;
/// Pairs of a full block.
pub(super) const PAIRS: usize = 255;
/// Bytes of the head that the sum is over.
pub(super) const HEAD: usize = 72;
/// Where a block's pairs begin.
pub(super) const PAIRS_AT: usize = 16;

/// What a run's head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) pairs: u64,
    /// Of the entry before `to`: a run belongs to one log.
    pub(super) leaf: Hash,
}

impl Head {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        bytes.extend_from_slice(&[0; 4]);
        for number in [self.from, self.to, self.pairs] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.leaf.0);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        bytes.resize(BLOCK, 0);
        bytes
    }

    fn decode(path: &Path, bytes: &[u8]) -> Result<Self, IndexError> {
        let broken = |what| broken(path, what);
        if bytes.get(..8) != Some(MAGIC) {
            return Err(broken("not a run of an index"));
        }
        let version = u32::try_from(number(bytes, 8, 4)).unwrap_or(u32::MAX);
        if version > VERSION {
            return Err(IndexError::Newer {
                path: path.to_owned(),
                found: version,
                known: VERSION,
            });
        }
        let (head, rest) = bytes
            .split_at_checked(HEAD)
            .ok_or_else(|| broken("too short"))?;
        if number(rest, 0, 4) != u64::from(crc32fast::hash(head)) {
            return Err(broken("the sum over its head is wrong"));
        }
        let leaf = head.get(40..72).and_then(|leaf| leaf.try_into().ok());
        Ok(Self {
            from: number(head, 16, 8),
            to: number(head, 24, 8),
            pairs: number(head, 32, 8),
            leaf: Hash(leaf.ok_or_else(|| broken("too short"))?),
        })
    }

    /// How many blocks hold that many pairs.
    pub(super) fn blocks(&self) -> u64 {
        self.pairs.div_ceil(PAIRS as u64)
    }
}

/// A run that was opened. Its file stays open, so it can be read on when it was merged into another.
#[derive(Debug)]
pub(super) struct Run {
    handle: Handle,
    head: Head,
    /// The first key of each block.
    fences: Vec<u64>,
}

impl Run {
    /// Opens a run and checks its head and its fences; its blocks are checked when they are read.
    pub(super) fn open(files: &dyn Files, path: &Path) -> Result<Self, IndexError> {
        let handle = at(path, files.open(path))?;
        let mut bytes = vec![0; BLOCK];
        at(path, files.read_at(&handle, 0, &mut bytes))?;
        let head = Head::decode(path, &bytes)?;
        let count = usize::try_from(head.blocks()).map_err(|_| broken(path, "too long"))?;
        if head.from >= head.to {
            return Err(broken(path, "it covers no entry"));
        }
        // A length that cannot be is not allocated.
        let length = at(path, handle.file.metadata())?.len();
        if length != (1 + head.blocks()) * BLOCK as u64 + head.blocks() * 8 + 4 {
            return Err(broken(path, "not as long as its head says"));
        }
        let mut bytes = vec![0; count * 8 + 4];
        let end = (1 + head.blocks()) * BLOCK as u64;
        at(path, files.read_at(&handle, end, &mut bytes))?;
        let (fences, sum) = bytes.split_at(count * 8);
        if number(sum, 0, 4) != u64::from(crc32fast::hash(fences)) {
            return Err(broken(path, "the sum over its fences is wrong"));
        }
        let fences = fences.as_chunks::<8>().0.iter();
        let fences: Vec<u64> = fences.map(|key| u64::from_be_bytes(*key)).collect();
        Ok(Self {
            handle,
            head,
            fences,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.handle.path
    }

    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    pub(super) fn to(&self) -> u64 {
        self.head.to
    }

    pub(super) fn pairs(&self) -> u64 {
        self.head.pairs
    }

    /// Adds the entries with this key, rising.
    pub(super) fn find(
        &self,
        files: &dyn Files,
        key: u64,
        found: &mut Vec<u64>,
    ) -> Result<(), IndexError> {
        // The block before the first that begins at or behind the key can end with it.
        let first = self.fences.partition_point(|fence| *fence < key);
        let first = first.saturating_sub(1);
        for block in first..self.fences.len() {
            if self.fences.get(block).is_none_or(|fence| *fence > key) {
                break;
            }
            let pairs = self.block(files, block as u64)?;
            let equal = pairs.iter().filter(|(other, _)| *other == key);
            found.extend(equal.map(|(_, entry)| *entry));
        }
        Ok(())
    }

    /// The pairs of one block, checked.
    pub(super) fn block(&self, files: &dyn Files, block: u64) -> Result<Vec<Pair>, IndexError> {
        let path = self.path();
        let mut bytes = vec![0; BLOCK];
        let offset = (1 + block) * BLOCK as u64;
        at(path, files.read_at(&self.handle, offset, &mut bytes))?;
        let (sum, rest) = bytes.split_at(4);
        if number(sum, 0, 4) != u64::from(crc32fast::hash(rest)) {
            return Err(broken(path, "the sum over a block is wrong"));
        }
        let before = block * PAIRS as u64;
        let count = self.head.pairs.saturating_sub(before).min(PAIRS as u64);
        if number(rest, 0, 4) != count {
            return Err(broken(path, "a block has another number of pairs"));
        }
        let pairs = rest.get(PAIRS_AT - 4..).unwrap_or_default();
        let pairs = pairs.as_chunks::<16>().0.iter().take(count as usize);
        Ok(pairs
            .map(|pair| (number(pair, 0, 8), number(pair, 8, 8)))
            .collect())
    }
}

/// A big-endian number of so many bytes; bytes that are not there count as zero.
fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    let bytes = bytes.get(at..at + length).unwrap_or_default();
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(super) fn broken(path: &Path, what: &'static str) -> IndexError {
    IndexError::Broken {
        path: path.to_owned(),
        what,
    }
}
