//! The Merkle tree as it grows (RFC 6962 section 2.1), in two independent shapes.
//!
//! [`Frontier`] is what the committer keeps: one hash per perfect subtree, cheap to extend and to
//! turn into a root. [`Edge`] is what the publisher keeps: the incomplete tiles at the right edge,
//! from which files are written. That two computations must agree before anything is signed is the
//! guard against a bit that flips in memory.

use crate::Hash;
use crate::tile::{TILE_WIDTH, TileId};

/// The roots of the perfect subtrees that make up a tree, largest (leftmost) first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// How many leaves it has seen.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the hash of the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut rest = self.size;
        while rest & 1 == 1 {
            let Some(left) = self.subtrees.pop() else {
                break;
            };
            hash = Hash::node(left, hash);
            rest >>= 1;
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The root over all leaves seen.
    pub fn root(&self) -> Hash {
        let mut right_to_left = self.subtrees.iter().rev().copied();
        let Some(last) = right_to_left.next() else {
            return Hash::empty_root();
        };
        right_to_left.fold(last, |right, left| Hash::node(left, right))
    }
}

/// The incomplete tiles at the right edge of a tree: at each level fewer than 256 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

/// A tile that has just become full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullTile {
    /// Where it belongs.
    pub id: TileId,
    /// Its 256 hashes.
    pub hashes: Vec<Hash>,
}

impl Edge {
    /// The edge of a tree of `size` leaves whose incomplete tiles hold these hashes, lowest level first.
    /// `None` if their widths are not those of that size.
    pub fn from_levels(size: u64, levels: Vec<Vec<Hash>>) -> Option<Self> {
        let fits = levels
            .iter()
            .zip(0u32..)
            .all(|(hashes, level)| hashes.len() as u64 == width_at(size, level));
        let height = u32::try_from(levels.len()).ok()?;
        let complete = size.checked_shr(8 * height).unwrap_or(0) == 0;
        (fits && complete).then_some(Self { size, levels })
    }

    /// How many leaves it has seen.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hashes of the incomplete tile at each level, lowest first; may be empty.
    pub fn levels(&self) -> &[Vec<Hash>] {
        &self.levels
    }

    /// Adds the hash of the next leaf and gives the tiles that it completed, lowest level first.
    pub fn push(&mut self, leaf: Hash) -> Vec<FullTile> {
        self.size += 1;
        let mut completed = Vec::new();
        let mut hash = leaf;
        for level in 0u8.. {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::with_capacity(TILE_WIDTH));
            }
            let Some(hashes) = self.levels.get_mut(usize::from(level)) else {
                break;
            };
            hashes.push(hash);
            if hashes.len() < TILE_WIDTH {
                break;
            }
            let hashes = std::mem::replace(hashes, Vec::with_capacity(TILE_WIDTH));
            hash = perfect_root(&hashes);
            let index = (self.size >> (8 * (u32::from(level) + 1))) - 1;
            completed.push(FullTile {
                id: TileId::full(level, index),
                hashes,
            });
        }
        completed
    }

    /// The same tree in the committer's shape.
    pub fn frontier(&self) -> Frontier {
        let mut subtrees = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let (subtree, right) = rest.split_at(1 << rest.len().ilog2());
                subtrees.push(perfect_root(subtree));
                rest = right;
            }
        }
        Frontier {
            size: self.size,
            subtrees,
        }
    }

    /// The root over all leaves seen.
    pub fn root(&self) -> Hash {
        self.frontier().root()
    }
}

/// How wide the incomplete tile at a tile level is in a tree of `size` leaves; 0 to 255.
pub fn width_at(size: u64, level: u32) -> u64 {
    size.checked_shr(8 * level).unwrap_or(0) & 255
}

/// The root over a power of two of hashes, pairwise. (Of other numbers it would not be RFC 6962's.)
pub fn perfect_root(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        let half = row.len() / 2;
        for place in 0..half {
            if let (Some(left), Some(right)) =
                (row.get(2 * place).copied(), row.get(2 * place + 1).copied())
                && let Some(parent) = row.get_mut(place)
            {
                *parent = Hash::node(left, right);
            }
        }
        row.truncate(half);
    }
    row.first().copied().unwrap_or_else(Hash::empty_root)
}
