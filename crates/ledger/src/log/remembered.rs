//! The idempotency keys of the last records, so that an append tried again is recognised.

use super::IdempotencyKey;
use crate::Hash;
use std::collections::{HashMap, VecDeque};

/// Keys of the last records; older ones fall out.
#[derive(Debug)]
pub(super) struct Remembered {
    limit: usize,
    by_key: HashMap<IdempotencyKey, (u64, Hash)>,
    in_order: VecDeque<IdempotencyKey>,
}

impl Remembered {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            by_key: HashMap::new(),
            in_order: VecDeque::new(),
        }
    }

    /// The place and leaf of the first record with this key.
    pub(super) fn find(&self, key: IdempotencyKey) -> Option<(u64, Hash)> {
        self.by_key.get(&key).copied()
    }

    pub(super) fn insert(&mut self, key: IdempotencyKey, index: u64, leaf: Hash) {
        self.by_key.entry(key).or_insert((index, leaf));
        self.in_order.push_back(key);
        while self.in_order.len() > self.limit {
            if let Some(oldest) = self.in_order.pop_front() {
                self.by_key.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_keys_are_remembered_and_older_ones_fall_out() {
        let mut keys = Remembered::new(2);
        for index in 0..3u8 {
            keys.insert(
                IdempotencyKey([index; 16]),
                u64::from(index),
                Hash::leaf(&[index]),
            );
        }
        assert_eq!(keys.find(IdempotencyKey([0; 16])), None);
        assert_eq!(
            keys.find(IdempotencyKey([1; 16])),
            Some((1, Hash::leaf(&[1])))
        );
        assert_eq!(
            keys.find(IdempotencyKey([2; 16])),
            Some((2, Hash::leaf(&[2])))
        );
    }
}
