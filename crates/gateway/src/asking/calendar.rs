//! Each person's own day: the one day in thirty on which their requests are opened and they are told.
//!
//! It is theirs for good and has nothing to do with anybody else's doings. Whatever was noticed in the thirty days
//! before becomes visible on it, all at once, so that nobody can tell by the day of a request which of their friends
//! connected a partner the day before.

use decide::{Day, Days};
use sha2::{Digest as _, Sha256};

/// How many days lie between two of a person's own days, and at least between two digests.
pub(super) const CYCLE: Days = Days(30);

/// The person's next own day after today. A request is never opened on the day on which it came up.
pub(super) fn opening(person: &str, today: Day) -> Day {
    let hash = Sha256::new()
        .chain_update(b"countersign asking day v1\n")
        .chain_update(person);
    let bytes: [u8; 32] = hash.finalize().into();
    let [a, b, c, ..] = bytes.map(i32::from);
    let cycle = i32::try_from(CYCLE.0).unwrap_or(i32::MAX);
    let offset = ((a << 16) | (b << 8) | c).rem_euclid(cycle);
    let since = today.0.saturating_sub(offset).rem_euclid(cycle);
    Day(today.0.saturating_add(cycle - since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn whatever_comes_up_within_thirty_days_is_opened_on_one_day_after_them() {
        let first = opening("ada", Day(20_000));
        assert!((20_001..=20_030).contains(&first.0));
        for day in first.0..first.0 + 30 {
            assert_eq!(opening("ada", Day(day)), Day(first.0 + 30), "day {day}");
        }
    }

    #[test]
    fn people_have_different_days_spread_over_the_thirty() {
        let days: BTreeSet<Day> = (0..2000)
            .map(|n| opening(&format!("person-{n}"), Day(0)))
            .collect();
        assert_eq!(days.len(), 30);
    }
}
