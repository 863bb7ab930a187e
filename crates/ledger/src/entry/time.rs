//! Time as entries hold it: the minute it happened, and the month by which tags rotate.

/// Whole minutes since 1970-01-01T00:00Z. Entries hold no finer time outside their encrypted details.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Minute(pub u32);

impl Minute {
    /// The minute that contains a Unix time in seconds; `None` past the year 10135.
    pub fn of_unix_seconds(seconds: u64) -> Option<Self> {
        u32::try_from(seconds / 60).ok().map(Self)
    }

    /// The calendar month (UTC) of this minute.
    pub fn period(self) -> Period {
        // Days to civil date, after Howard Hinnant's "chrono-compatible low-level date algorithms".
        let days = u64::from(self.0) / (24 * 60) + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 {
            march_month + 2
        } else {
            march_month - 10
        };
        let year = era * 400 + year_of_era + u64::from(month < 2);
        Period(u32::try_from(year * 12 + month).unwrap_or(u32::MAX))
    }
}

/// A calendar month in UTC: year × 12 + (month − 1). A person's tag changes with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Period(pub u32);

impl Period {
    /// The month (1 to 12) of a year; `None` for other numbers.
    pub fn new(year: u32, month: u32) -> Option<Self> {
        (1..=12)
            .contains(&month)
            .then(|| year.checked_mul(12)?.checked_add(month - 1))
            .flatten()
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period_at(seconds: u64) -> Period {
        Minute::of_unix_seconds(seconds).unwrap().period()
    }

    #[test]
    fn a_minute_lies_in_the_calendar_month_that_utc_gives_it() {
        assert_eq!(Some(period_at(0)), Period::new(1970, 1));
        assert_eq!(Some(period_at(951_782_400)), Period::new(2000, 2)); // 29 February 2000
        assert_eq!(Some(period_at(951_868_800)), Period::new(2000, 3)); // 1 March 2000
        assert_eq!(Some(period_at(1_796_083_199)), Period::new(2026, 11)); // last second of November
        assert_eq!(Some(period_at(1_796_083_200)), Period::new(2026, 12));
        assert_eq!(Some(period_at(4_107_542_400)), Period::new(2100, 3)); // 2100 has no 29 February
        assert_eq!(Some(period_at(4_107_542_399)), Period::new(2100, 2));
    }

    #[test]
    fn months_follow_one_another_without_a_gap_for_a_hundred_years() {
        let mut last = period_at(0);
        for day in 1..36_525u64 {
            let now = period_at(day * 86_400);
            assert!(now == last || now.0 == last.0 + 1, "day {day}");
            last = now;
        }
        assert_eq!(last.0 - period_at(0).0, 1200 - 1);
    }

    #[test]
    fn a_month_that_is_none_has_no_period() {
        assert_eq!(Period::new(2026, 0), None);
        assert_eq!(Period::new(2026, 13), None);
    }
}
