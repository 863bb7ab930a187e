//! Numbers and spans as people read them.

use decide::Day;

const MONTH: f64 = 30.436_875;

/// How long it is from one day to another, rounded down to months: `5 years 2 months`; days below a month.
#[must_use]
pub fn between(from: Day, to: Day) -> String {
    let days = to.since(from).0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "days fit in u32, and so do months"
    )]
    let months = (f64::from(days) / MONTH) as u32;
    let several = |count: u32, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    match (months / 12, months % 12) {
        (0, 0) => several(days, "day"),
        (0, months) => several(months, "month"),
        (years, 0) => several(years, "year"),
        (years, months) => format!("{} {}", several(years, "year"), several(months, "month")),
    }
}

/// A number with its thousands apart: `12,345`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_years_and_months() {
        let day = |text: &str| text.parse().unwrap_or(Day(0));
        let told = |from, to| between(day(from), day(to));
        assert_eq!(told("2014-04-30", "2019-07-24"), "5 years 2 months");
        assert_eq!(told("2014-04-30", "2015-05-31"), "1 year 1 month");
        assert_eq!(told("2014-04-30", "2014-05-10"), "10 days");
        assert_eq!(told("2014-04-30", "2014-05-01"), "1 day");
        assert_eq!(told("2016-01-01", "2018-01-02"), "2 years");
        assert_eq!(told("2018-01-02", "2016-01-01"), "0 days");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
