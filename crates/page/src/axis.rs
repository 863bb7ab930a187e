//! An axis of time, as per cents of a picture's width.

use std::fmt;

use decide::Day;

/// From one day to another, drawn from left to right.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    from: Day,
    until: Day,
}

/// A place or a width along the axis, in per cent of the picture. Printed as CSS and SVG take it: `12.34%`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Place(pub f64);

/// A year's beginning on the axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Year {
    /// Which.
    pub year: i32,
    /// Where it begins.
    pub at: Place,
    /// How wide it is, as far as it lies on the axis.
    pub wide: Place,
}

impl Axis {
    /// An axis; one that would end before it begins is one day long.
    #[must_use]
    pub fn new(from: Day, until: Day) -> Axis {
        Axis {
            from,
            until: until.max(Day(from.0.saturating_add(1))),
        }
    }

    /// Where the day lies; days beyond the ends lie on them.
    #[must_use]
    pub fn at(&self, day: Day) -> Place {
        let days = |from: Day, to: Day| f64::from(to.0.saturating_sub(from.0));
        let inside = day.clamp(self.from, self.until);
        Place(days(self.from, inside) / days(self.from, self.until) * 100.0)
    }

    /// How wide the time from one day to another is.
    #[must_use]
    pub fn wide(&self, from: Day, to: Day) -> Place {
        Place((self.at(to).0 - self.at(from).0).max(0.0))
    }

    /// The years that begin on the axis.
    #[must_use]
    pub fn years(&self) -> Vec<Year> {
        let begins = |year: i32| format!("{year:04}-01-01").parse::<Day>().ok();
        let first: i32 = self
            .from
            .to_string()
            .get(..4)
            .and_then(|year| year.parse().ok())
            .unwrap_or(1970);
        (first..first.saturating_add(200))
            .filter_map(|year| Some((year, begins(year)?)))
            .skip_while(|(_, day)| *day < self.from)
            .take_while(|(_, day)| *day < self.until)
            .map(|(year, day)| Year {
                year,
                at: self.at(day),
                wide: self.wide(day, begins(year.saturating_add(1)).unwrap_or(self.until)),
            })
            .collect()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}%", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap_or(Day(0))
    }

    #[test]
    fn a_day_lies_where_its_share_of_the_time_says() {
        let axis = Axis::new(day("2011-01-01"), day("2015-01-01"));
        assert_eq!(axis.at(day("2013-01-01")).to_string(), "50.03%");
        assert_eq!(axis.at(day("1999-01-01")).to_string(), "0.00%");
        assert_eq!(axis.at(day("2099-01-01")).to_string(), "100.00%");
        let wide = axis.wide(day("2014-01-01"), day("2099-01-01"));
        assert_eq!(wide.to_string(), "24.98%");
    }

    #[test]
    fn only_years_that_begin_on_the_axis_are_named() {
        let axis = Axis::new(day("2011-05-01"), day("2013-02-01"));
        let years: Vec<i32> = axis.years().iter().map(|year| year.year).collect();
        assert_eq!(years, [2012, 2013]);
    }

    #[test]
    fn an_axis_that_ends_before_it_begins_divides_by_no_zero() {
        let axis = Axis::new(day("2011-05-01"), day("2011-05-01"));
        assert_eq!(axis.at(day("2011-05-01")).to_string(), "0.00%");
    }
}
