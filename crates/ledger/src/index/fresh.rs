//! The newest part of an index: in memory, over the entries behind the last run.

use super::Pair;

/// Pairs that are looked through one by one; beyond that they are sorted into a chunk.
const UNSORTED: usize = 1 << 13;

/// Pairs of a span of entries.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    from: u64,
    to: u64,
    /// Each sorted, and each of later entries than the one before.
    chunks: Vec<Vec<Pair>>,
    newest: Vec<Pair>,
    len: usize,
}

impl Fresh {
    /// Empty, beginning with this entry.
    pub(super) fn from(from: u64) -> Self {
        Self {
            from,
            to: from,
            ..Self::default()
        }
    }

    /// Behind the last entry.
    pub(super) fn to(&self) -> u64 {
        self.to
    }

    /// How many pairs.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Takes in the pairs of the next entries, up to `to`.
    pub(super) fn add(&mut self, pairs: Vec<Pair>, to: u64) {
        self.len += pairs.len();
        self.to = to;
        self.newest.extend(pairs);
        if self.newest.len() >= UNSORTED {
            let mut chunk = std::mem::take(&mut self.newest);
            chunk.sort_unstable();
            self.chunks.push(chunk);
        }
    }

    /// The entries with this key, rising.
    pub(super) fn find(&self, key: u64) -> Vec<u64> {
        let mut found = Vec::new();
        for chunk in &self.chunks {
            let start = chunk.partition_point(|(other, _)| *other < key);
            let rest = chunk.get(start..).unwrap_or_default().iter();
            let equal = rest.take_while(|(other, _)| *other == key);
            found.extend(equal.map(|(_, entry)| *entry));
        }
        let newest = self.newest.iter().filter(|(other, _)| *other == key);
        found.extend(newest.map(|(_, entry)| *entry));
        found
    }

    /// The span, and all pairs in order.
    pub(super) fn sorted(&self) -> (u64, u64, Vec<Pair>) {
        let chunks = self.chunks.iter().chain([&self.newest]);
        let mut all: Vec<Pair> = chunks.flatten().copied().collect();
        all.sort();
        (self.from, self.to, all)
    }
}
