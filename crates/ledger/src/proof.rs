//! Inclusion and consistency proofs (RFC 6962 section 2.1, verified as in RFC 9162 section 2.1.3 and
//! 2.1.4), and the text in which one is handed to a person (C2SP tlog-proof).
//!
//! Provers ask for perfect subtrees by (height, index) through a closure, so the same code runs over
//! tiles on disk, over a reader of addresses, and over the naive model of the tests.

mod text;

pub use text::{LogProof, LogProofError};

use crate::Hash;

/// The inclusion proof of leaf `index` in the tree of `size` leaves, from the leaf's sibling upwards.
/// `None` if there is no such leaf.
pub fn prove_inclusion<E>(
    index: u64,
    size: u64,
    subtree: &mut impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if index >= size {
        return Ok(None);
    }
    let mut path = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range_root(middle, end, subtree)?);
            end = middle;
        } else {
            path.push(range_root(start, middle, subtree)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(Some(path))
}

/// The proof that the tree of `old` leaves is a prefix of the tree of `new` leaves. Empty for `old`
/// 0 or equal to `new`; `None` if `old` is larger.
pub fn prove_consistency<E>(
    old: u64,
    new: u64,
    subtree: &mut impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Option<Vec<Hash>>, E> {
    if old > new {
        return Ok(None);
    }
    if old == 0 || old == new {
        return Ok(Some(Vec::new()));
    }
    let mut path = Vec::new();
    let (mut start, mut end) = (0, new);
    while end > old {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(range_root(middle, end, subtree)?);
            end = middle;
        } else {
            path.push(range_root(start, middle, subtree)?);
            start = middle;
        }
    }
    if start != 0 {
        path.push(range_root(start, end, subtree)?); // the old tree is not itself a node of the new one
    }
    path.reverse();
    Ok(Some(path))
}

/// The root of the tree over the first `size` leaves.
pub fn root_at<E>(
    size: u64,
    subtree: &mut impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Hash, E> {
    if size == 0 {
        Ok(Hash::empty_root())
    } else {
        range_root(0, size, subtree)
    }
}

/// Whether `path` proves that `leaf` is leaf `index` of the tree with this size and root.
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, path: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = Hash::node(*sibling, hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = Hash::node(hash, *sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

/// Whether `path` proves that the tree (`old`, `old_root`) is a prefix of the tree (`new`, `new_root`).
pub fn verify_consistency(
    old: u64,
    old_root: Hash,
    new: u64,
    new_root: Hash,
    path: &[Hash],
) -> bool {
    if old == 0 || old == new {
        let same = if old == new {
            old_root == new_root
        } else {
            old_root == Hash::empty_root()
        };
        return path.is_empty() && same;
    }
    if old > new {
        return false;
    }
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let mut siblings = path.iter().copied();
    // If the old tree is perfect it is a node of the new one, and the verifier already has its hash.
    let first = if old.is_power_of_two() {
        Some(old_root)
    } else {
        siblings.next()
    };
    let Some(first) = first else { return false };
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in siblings {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = Hash::node(sibling, old_hash);
            new_hash = Hash::node(sibling, new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = Hash::node(new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == old_root && new_hash == new_root
}

/// The largest power of two below `n`, for `n` of at least 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The root over leaves `start..end`, where `start` lies on a boundary of the subtree that it begins.
fn range_root<E>(
    start: u64,
    end: u64,
    subtree: &mut impl FnMut(u8, u64) -> Result<Hash, E>,
) -> Result<Hash, E> {
    let length = end - start;
    if length.is_power_of_two() {
        let height = length.trailing_zeros();
        return subtree(height as u8, start >> height);
    }
    let middle = start + split(length);
    let left = range_root(start, middle, subtree)?;
    Ok(Hash::node(left, range_root(middle, end, subtree)?))
}
