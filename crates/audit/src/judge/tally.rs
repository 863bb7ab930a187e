//! Counting: rows by what stands against them, people once each.

use decide::Time;

use super::slots::Slots;
use crate::facts::Crowd;

/// Rows of one act in one piece of time, against which the same stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) slots: Slots,
    pub(crate) open: u8,
    pub(crate) rows: u64,
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// The entries of one act in one piece: few, so they are searched in order.
pub(crate) type Cell = Vec<Entry>;

/// Counts one row in.
#[inline]
pub(crate) fn count(cell: &mut Cell, slots: Slots, open: u8, at: Time) {
    let known = cell
        .iter_mut()
        .find(|entry| entry.slots == slots && entry.open == open);
    match known {
        Some(entry) => {
            entry.rows = entry.rows.wrapping_add(1);
            entry.first = entry.first.min(at.0);
            entry.last = entry.last.max(at.0);
        }
        None => cell.push(Entry {
            slots,
            open,
            rows: 1,
            first: at.0,
            last: at.0,
        }),
    }
}

/// Rows of one partner in one month.
#[derive(Clone, Debug, Default)]
pub(crate) struct MonthRows {
    pub(crate) own: u64,
    pub(crate) through: u64,
    pub(crate) refused: u64,
    /// Rows against each promise, by its number.
    pub(crate) against: Vec<u64>,
}

impl MonthRows {
    pub(crate) fn merge(&mut self, other: &MonthRows) {
        self.own = self.own.saturating_add(other.own);
        self.through = self.through.saturating_add(other.through);
        self.refused = self.refused.saturating_add(other.refused);
        self.against
            .resize(self.against.len().max(other.against.len()), 0);
        for (mine, theirs) in self.against.iter_mut().zip(&other.against) {
            *mine = mine.saturating_add(*theirs);
        }
    }
}

/// The people reached, counted by all threads together.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    pub(crate) all: Crowd,
    /// For each partner and month: on their own behalf, and through others.
    pub(crate) months: Vec<[Crowd; 2]>,
    /// For each act and bit of [`Slots`].
    pub(crate) concerned: Vec<Crowd>,
}

/// Bits of [`Slots`] for each act.
pub(crate) const BITS: usize = Slots::BITS as usize;

impl Reached {
    pub(crate) fn new(partner_months: usize, acts: usize) -> Reached {
        Reached {
            all: Crowd::default(),
            months: std::iter::repeat_with(Default::default)
                .take(partner_months)
                .collect(),
            concerned: std::iter::repeat_with(Crowd::default)
                .take(acts.saturating_mul(BITS))
                .collect(),
        }
    }

    /// The people whom a finding of an act concerns.
    pub(crate) fn of_finding(&self, act: usize, bit: u32) -> Option<&Crowd> {
        self.concerned
            .get(act.saturating_mul(BITS).saturating_add(bit as usize))
    }
}
