//! Days and seconds of the world, written as RFC 3339 writes them. The world's clock stands still.

/// The world's "today", 18 December 2018, in days since 1 January 1970.
pub(crate) const TODAY: u64 = 17_883;
/// The seconds of a day.
pub(crate) const DAY: u64 = 86_400;

/// A calendar date, `2018-12-18`, from days since 1 January 1970.
pub(crate) fn date(days: u64) -> String {
    // Hinnant's civil_from_days, for dates after 1970 only.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A moment in UTC, `2018-12-18T09:30:00Z`, from seconds since 1 January 1970.
pub(crate) fn moment(seconds: u64) -> String {
    let of_day = seconds % DAY;
    format!(
        "{}T{:02}:{:02}:{:02}Z",
        date(seconds / DAY),
        of_day / 3_600,
        of_day / 60 % 60,
        of_day % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (10_957, "2000-01-01"),
            (11_016, "2000-02-29"),
            (TODAY, "2018-12-18"),
        ] {
            assert_eq!(date(days), expected);
        }
        assert_eq!(
            moment(TODAY * DAY + 9 * 3_600 + 30 * 60 + 5),
            "2018-12-18T09:30:05Z"
        );
    }
}
