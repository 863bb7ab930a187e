//! Time cut where an answer could change: at every midnight (UTC), and at every event and date of the documents.
//!
//! Between two cuts nothing changes but people's own facts, so the rule is asked once per act and piece.

use decide::Time;

const MS_A_DAY: i64 = 86_400_000;
/// 1990-01-01 and 2100-01-01: moments outside are no dates of accesses.
const FIRST_DAY: i64 = 7_305;
const LAST_DAY: i64 = 47_482;

/// The pieces of time, numbered from 0.
#[derive(Clone, Debug)]
pub(crate) struct Cuts {
    /// For each day: the number of its first piece.
    days: Vec<u32>,
    /// When each piece begins.
    begins: Vec<i64>,
}

impl Cuts {
    /// Cuts at every midnight and at these moments.
    pub(crate) fn new(mut moments: Vec<i64>) -> Cuts {
        moments.sort_unstable();
        moments.dedup();
        let mut moments = moments.into_iter().peekable();
        let (mut days, mut begins) = (Vec::new(), Vec::<i64>::new());
        for day in FIRST_DAY..LAST_DAY {
            let midnight = day.saturating_mul(MS_A_DAY);
            while moments.next_if(|at| *at <= midnight).is_some() {}
            days.push(u32::try_from(begins.len()).unwrap_or(u32::MAX));
            begins.push(midnight);
            while let Some(at) = moments.next_if(|at| *at < midnight.saturating_add(MS_A_DAY)) {
                begins.push(at);
            }
        }
        days.push(u32::try_from(begins.len()).unwrap_or(u32::MAX));
        Cuts { days, begins }
    }

    /// The piece in which a moment lies; `None`: it is no date of an access.
    #[inline]
    pub(crate) fn piece(&self, at: Time) -> Option<u32> {
        let day = usize::try_from(at.0.div_euclid(MS_A_DAY).checked_sub(FIRST_DAY)?).ok()?;
        let (first, next) = (*self.days.get(day)?, *self.days.get(day.checked_add(1)?)?);
        if next.wrapping_sub(first) == 1 {
            return Some(first);
        }
        let pieces = self.begins.get(first as usize..next as usize)?;
        let within = pieces.partition_point(|begins| *begins <= at.0);
        first
            .checked_add(u32::try_from(within).ok()?)?
            .checked_sub(1)
    }

    /// When a piece begins.
    pub(crate) fn begins(&self, piece: u32) -> Time {
        Time(self.begins.get(piece as usize).copied().unwrap_or(i64::MAX))
    }

    pub(crate) fn count(&self) -> usize {
        self.begins.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_lies_in_the_last_piece_that_has_begun() {
        let noon = FIRST_DAY * MS_A_DAY + MS_A_DAY / 2;
        let cuts = Cuts::new(vec![noon, noon + 5, noon, (FIRST_DAY + 1) * MS_A_DAY]);
        let pieces =
            [noon - 1, noon, noon + 4, noon + 5, noon + MS_A_DAY].map(|at| cuts.piece(Time(at)));
        assert_eq!(pieces, [Some(0), Some(1), Some(1), Some(2), Some(3)]);
        assert_eq!(cuts.begins(1), Time(noon));
        assert_eq!(cuts.piece(Time(0)), None);
        assert_eq!(cuts.piece(Time(LAST_DAY * MS_A_DAY)), None);
    }
}
