//! Rows of a log, by columns, after their texts have become numbers.

use std::sync::{Arc, PoisonError, RwLock};

use crate::facts::ActNo;

/// "Not said" among numbers of people and keys.
pub const NOBODY: u32 = u32::MAX;

/// Whose data an act of a row concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// That of the person on whose behalf the partner acted.
    Own,
    /// That of the people whom the row itself names.
    Named,
    /// That of the people behind the row's person or key, by this list of bystanders.
    Listed(usize),
    /// Nobody says.
    Unknown,
}

/// One of the acts of a row: an operation can do several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// Whose act, and which.
    pub act: ActNo,
    /// Whose data.
    pub whose: Whose,
}

/// The kinds of rows met so far: partner and operation, as the acts that they are.
#[derive(Debug, Default)]
pub struct Kinds {
    all: RwLock<Vec<Arc<[Part]>>>,
}

impl Kinds {
    /// The number of a kind; a new one if it was not met before.
    pub fn number(&self, parts: &[Part]) -> u32 {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        let known = all.iter().position(|it| **it == *parts);
        let number = known.unwrap_or_else(|| {
            all.push(parts.into());
            all.len().saturating_sub(1)
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arc<[Part]>> {
        self.all
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Rows, by columns of one length.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// What kind of row, by [`Kinds`].
    pub kinds: Vec<u32>,
    /// When, in milliseconds since 1970.
    pub times: Vec<i64>,
    /// On whose behalf; [`NOBODY`] where the row does not say. Empty while only kinds and times are wanted.
    pub people: Vec<u32>,
    /// A thread or request, by the keys of the list of bystanders that the row's operation names; [`NOBODY`] where
    /// the list does not know it. Empty where no row has one.
    pub keys: Vec<u32>,
    /// For each row where its named people end in `named`. Empty where no row names any.
    pub ends: Vec<u32>,
    /// The people whom rows name.
    pub named: Vec<u32>,
}

impl Batch {
    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Takes all rows out, keeping the room for others.
    pub fn clear(&mut self) {
        self.kinds.clear();
        self.times.clear();
        self.people.clear();
        self.keys.clear();
        self.ends.clear();
        self.named.clear();
    }

    /// The people whom the row names.
    pub(crate) fn named_in(&self, row: usize) -> &[u32] {
        let end = |row: usize| self.ends.get(row).map_or(0, |end| *end as usize);
        let from = row.checked_sub(1).map_or(0, end);
        self.named.get(from..end(row)).unwrap_or(&[])
    }
}
