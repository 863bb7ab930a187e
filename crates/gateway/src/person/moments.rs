//! Moments as people read them, in UTC: pages without scripts do not know where their reader is.

use decide::{Day, Time};

use crate::refusals::minute_of;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The present minute.
pub(super) fn minute(now: Time) -> u32 {
    minute_of(now).map_or(0, |minute| minute.0)
}

/// The day of a minute.
pub(super) fn day(minute: u32) -> Day {
    Time(i64::from(minute) * 60_000).day()
}

/// A day: `today`, `yesterday`, `3 March 2026`.
pub(super) fn of_day(day: Day, today: Day) -> String {
    if day == today {
        return "today".to_owned();
    }
    if day.0.checked_add(1) == Some(today.0) {
        return "yesterday".to_owned();
    }
    calendar(day)
}

/// A day by the calendar alone: `3 March 2026`.
pub(super) fn calendar(day: Day) -> String {
    let text = day.to_string();
    let mut parts = text.rsplit('-');
    let mut number = || parts.next().and_then(|part| part.parse::<usize>().ok());
    let (in_month, month) = (number(), number());
    let year = text.rsplitn(3, '-').nth(2);
    let month = month.and_then(|month| MONTHS.get(month.checked_sub(1)?));
    match (in_month, month, year) {
        (Some(in_month), Some(month), Some(year)) => format!("{in_month} {month} {year}"),
        _ => text,
    }
}

/// A moment by the calendar alone: `3 March 2026 at 14:02`.
pub(super) fn of_time(time: Time) -> String {
    let minute = minute(time);
    let day = calendar(day(minute));
    format!("{day} at {:02}:{:02}", minute / 60 % 24, minute % 60)
}

/// A minute: `yesterday at 14:02`.
pub(super) fn of_minute(minute: u32, today: Day) -> String {
    let day = of_day(day(minute), today);
    format!("{day} at {:02}:{:02}", minute / 60 % 24, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_people_say_them() {
        let at = |text: &str| text.parse::<Day>().unwrap_or(Day(0));
        let today = at("2026-03-04");
        let minute = |text: &str, minute: i64| {
            u32::try_from(at(text).begins().0 / 60_000 + minute).unwrap_or(0)
        };
        for (of, says) in [
            (minute("2026-03-04", 0), "today at 00:00"),
            (minute("2026-03-03", 14 * 60 + 2), "yesterday at 14:02"),
            (minute("2026-03-02", 1439), "2 March 2026 at 23:59"),
            (minute("2025-12-31", 61), "31 December 2025 at 01:01"),
        ] {
            assert_eq!(of_minute(of, today), says);
        }
        assert_eq!(of_day(at("2026-03-03"), today), "yesterday");
        assert_eq!(calendar(at("2026-03-03")), "3 March 2026");
    }
}
