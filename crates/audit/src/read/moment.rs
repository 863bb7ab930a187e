//! Moments as logs write them.

use decide::Time;

/// How a column writes moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TimeForm {
    /// RFC 3339 text; a whole number is taken for milliseconds.
    #[default]
    Rfc3339,
    /// Seconds since 1970, also with a fraction.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Microseconds since 1970.
    Microseconds,
}

/// Why a text is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoMoment {
    /// Not in the form.
    Form,
    /// A local time without a zone: nobody knows when it was.
    Zone,
    /// Before 1990 or after 2099: no date of an access.
    Date,
}

impl NoMoment {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            NoMoment::Form => "the time is not in the form that the mapping names",
            NoMoment::Zone => {
                "the time has no zone, and the mapping names none (times without-zone)"
            }
            NoMoment::Date => "the time lies before 1990 or after 2099",
        }
    }
}

/// A moment with its offset from UTC in minutes, where the text has one.
pub(crate) type Dated = (i64, Option<i32>);

/// Whether an access can have this date.
pub(crate) fn plausible(at: i64) -> Result<i64, NoMoment> {
    if (631_152_000_000..4_102_444_800_000).contains(&at) {
        Ok(at)
    } else {
        Err(NoMoment::Date)
    }
}

/// Reads a moment. `zone` is the offset in minutes for texts without one.
pub(crate) fn moment(text: &str, form: TimeForm, zone: Option<i32>) -> Result<Dated, NoMoment> {
    let number = |unit: i64| whole(text, unit).and_then(plausible).map(|at| (at, None));
    match form {
        TimeForm::Seconds => seconds(text),
        TimeForm::Milliseconds => number(1),
        TimeForm::Microseconds => number(-1000),
        TimeForm::Rfc3339 if text.bytes().all(|byte| byte.is_ascii_digit()) => number(1),
        TimeForm::Rfc3339 => rfc3339(text.as_bytes(), zone),
    }
}

fn whole(text: &str, unit: i64) -> Result<i64, NoMoment> {
    let number: i64 = text.parse().map_err(|_| NoMoment::Form)?;
    Ok(if unit < 0 {
        number.div_euclid(unit.saturating_neg())
    } else {
        number
    })
}

fn seconds(text: &str) -> Result<Dated, NoMoment> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().map_err(|_| NoMoment::Form)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NoMoment::Form);
    }
    let at = whole
        .checked_mul(1000)
        .and_then(|at| at.checked_add(thousandths(fraction.as_bytes())));
    Ok((plausible(at.ok_or(NoMoment::Date)?)?, None))
}

/// The first three digits after the point; what is finer is cut off.
fn thousandths(digits: &[u8]) -> i64 {
    let digit = |n: usize| {
        digits
            .get(n)
            .map_or(0, |digit| i64::from(digit.wrapping_sub(b'0')))
    };
    digit(0)
        .saturating_mul(100)
        .saturating_add(digit(1).saturating_mul(10))
        .saturating_add(digit(2))
}

/// `2018-12-18T09:30:00.250Z`, with `T` or a blank, with `Z` or an offset.
fn rfc3339(text: &[u8], zone: Option<i32>) -> Result<Dated, NoMoment> {
    let (Some(fixed), Some(mut rest)) = (text.get(..19), text.get(19..)) else {
        return Err(NoMoment::Form);
    };
    let two = |n: usize| -> Option<i64> {
        let (tens, ones) = (fixed.get(n)?, fixed.get(n.checked_add(1)?)?);
        let both = tens.is_ascii_digit() && ones.is_ascii_digit();
        both.then(|| {
            i64::from(tens.wrapping_sub(b'0'))
                .saturating_mul(10)
                .saturating_add(i64::from(ones.wrapping_sub(b'0')))
        })
    };
    let parts = (two(0), two(2), two(5), two(8), two(11), two(14), two(17));
    let (Some(century), Some(year), Some(month), Some(day), Some(hour), Some(minute), Some(second)) =
        parts
    else {
        return Err(NoMoment::Form);
    };
    let marks = [4, 7, 10, 13, 16].map(|n| fixed.get(n).copied().unwrap_or(0));
    let sound = matches!(marks, [b'-', b'-', b'T' | b't' | b' ', b':', b':'])
        && hour < 24
        && minute < 60
        && second <= 60;
    let year = century.saturating_mul(100).saturating_add(year);
    if !sound || !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return Err(NoMoment::Form);
    }
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix(b".") {
        let digits = after
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        fraction = thousandths(after.get(..digits).unwrap_or(&[]));
        rest = after.get(digits..).unwrap_or(&[]);
        if digits == 0 {
            return Err(NoMoment::Form);
        }
    }
    let (offset, shown) = match rest {
        b"Z" | b"z" => (0, Some(0)),
        b"" => (zone.ok_or(NoMoment::Zone)?, None),
        _ => {
            let offset = parse_offset(rest).ok_or(NoMoment::Form)?;
            (offset, Some(offset))
        }
    };
    let days = days_from_civil(year, month, day);
    let minutes = days
        .saturating_mul(1440)
        .saturating_add(hour.saturating_mul(60))
        .saturating_add(minute);
    let at = minutes
        .saturating_sub(i64::from(offset))
        .saturating_mul(60_000);
    // A leap second is the last of its minute.
    let at = at
        .saturating_add(second.min(59).saturating_mul(1000))
        .saturating_add(fraction);
    Ok((plausible(at)?, shown))
}

/// `+01:00`, `+0100` or `-05`, in minutes.
pub(crate) fn parse_offset(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let digits: Vec<i32> = digits
        .iter()
        .filter(|byte| **byte != b':')
        .map(|byte| {
            byte.is_ascii_digit()
                .then(|| i32::from(byte.wrapping_sub(b'0')))
        })
        .collect::<Option<_>>()?;
    let (hours, minutes) = match digits.as_slice() {
        [a, b] => (a.saturating_mul(10).saturating_add(*b), 0),
        [a, b, c, d] => (
            a.saturating_mul(10).saturating_add(*b),
            c.saturating_mul(10).saturating_add(*d),
        ),
        _ => return None,
    };
    let sound = hours < 24 && minutes < 60;
    sound.then(|| {
        hours
            .saturating_mul(60)
            .saturating_add(minutes)
            .saturating_mul(sign)
    })
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar: years begin in March, so that the leap day is the last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 {
        year.saturating_sub(1)
    } else {
        year
    };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let from_march = month.saturating_add(9).rem_euclid(12);
    let of_year = from_march
        .saturating_mul(153)
        .saturating_add(2)
        .div_euclid(5)
        .saturating_add(day)
        .saturating_sub(1);
    let leaps = of_era.div_euclid(4).saturating_sub(of_era.div_euclid(100));
    let of_era = of_era
        .saturating_mul(365)
        .saturating_add(leaps)
        .saturating_add(of_year);
    era.saturating_mul(146_097)
        .saturating_add(of_era)
        .saturating_sub(719_468)
}

/// A day, `2018-12-18`, as days since 1970.
pub(crate) fn day(text: &str) -> Option<i32> {
    let day: decide::Day = text.parse().ok()?;
    Some(day.0)
}

/// A moment of a list: RFC 3339 with a zone, or milliseconds.
pub(crate) fn list_moment(text: &str) -> Result<Time, NoMoment> {
    moment(text, TimeForm::Rfc3339, None).map(|(at, _)| Time(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_agree_with_the_calendar_of_the_rule() {
        for text in [
            "1996-02-29T23:59:59Z",
            "2000-03-01T00:00:00.250Z",
            "2018-12-18T09:30:00+01:00",
            "2099-12-31T12:00:00-05:30",
            "2024-02-29T00:00:00.999999Z",
        ] {
            let expected: Time = text.parse().unwrap_or(Time(0));
            assert_eq!(
                moment(text, TimeForm::Rfc3339, None).map(|(at, _)| at),
                Ok(expected.0),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_moment_says_why() {
        let cases = [
            ("2018-12-18T09:30:00", NoMoment::Zone),
            ("2018-13-18T09:30:00Z", NoMoment::Form),
            ("2018-02-29T09:30:00Z", NoMoment::Form),
            ("2018-12-18T24:30:00Z", NoMoment::Form),
            ("2018-12-18T09:30:00.Z", NoMoment::Form),
            ("18/Dec/2018:09:30:00 +0100", NoMoment::Form),
            ("1970-01-01T00:00:00Z", NoMoment::Date),
            ("0", NoMoment::Date),
            ("", NoMoment::Form),
        ];
        for (text, why) in cases {
            assert_eq!(moment(text, TimeForm::Rfc3339, None), Err(why), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_in_the_unit_that_is_named() {
        let at = 1_545_125_400_250;
        for (text, form) in [
            ("1545125400250", TimeForm::Milliseconds),
            ("1545125400250", TimeForm::Rfc3339),
            ("1545125400250999", TimeForm::Microseconds),
            ("1545125400.250", TimeForm::Seconds),
            ("1545125400.25", TimeForm::Seconds),
        ] {
            assert_eq!(moment(text, form, None), Ok((at, None)), "{text}");
        }
        assert_eq!(
            moment("2018-12-18 10:30:00.250", TimeForm::Rfc3339, Some(60)),
            Ok((at, None))
        );
        assert_eq!(
            moment("2018-12-18 10:30:00.250+0100", TimeForm::Rfc3339, None),
            Ok((at, Some(60)))
        );
    }
}
