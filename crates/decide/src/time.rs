//! Moments and days, always handed in, and the watch that notices a clock going wrong.

use std::fmt;
use std::str::FromStr;

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(pub i64);

/// A day in UTC, counted from 1970-01-01. Written as `2026-11-23`. A consent that runs `until` a day ends when that
/// day begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub i32);

/// A number of days, as limits and clocks use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Days(pub u32);

/// What the clock says, if it can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Now {
    /// A believable moment.
    At(Time),
    /// The clock stepped back by more than [`Watch::CLAMPED_MS`]: everything is refused until it has caught up.
    WentBack,
    /// The clock stepped ahead by more than [`Watch::LEAP_MS`]: everything is refused until an operator confirms.
    JumpedAhead,
}

const MS_A_DAY: i64 = 86_400_000;

impl Time {
    /// The UTC day in which this moment lies.
    #[must_use]
    pub fn day(self) -> Day {
        let day = self.0.div_euclid(MS_A_DAY).max(i64::from(i32::MIN));
        Day(i32::try_from(day).unwrap_or(i32::MAX))
    }

    /// This moment moved by so many days, saturating at the ends of time.
    #[must_use]
    pub fn plus(self, days: Days) -> Time {
        Time(
            self.0
                .saturating_add(i64::from(days.0).saturating_mul(MS_A_DAY)),
        )
    }

    /// This moment moved back by so many days, saturating at the ends of time.
    #[must_use]
    pub fn minus(self, days: Days) -> Time {
        Time(
            self.0
                .saturating_sub(i64::from(days.0).saturating_mul(MS_A_DAY)),
        )
    }
}

impl Day {
    /// The first moment of this day, in UTC.
    #[must_use]
    pub fn begins(self) -> Time {
        Time(i64::from(self.0).saturating_mul(MS_A_DAY))
    }

    /// This day moved by so many days.
    #[must_use]
    pub fn plus(self, days: Days) -> Day {
        Day(self
            .0
            .saturating_add(i32::try_from(days.0).unwrap_or(i32::MAX)))
    }

    /// How many whole days have gone by since `earlier`; 0 when `earlier` lies ahead.
    #[must_use]
    pub fn since(self, earlier: Day) -> Days {
        Days(u32::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Tells believable time from a clock and from how long a monotonic counter says has gone by.
///
/// Pure: it reads neither. The program reads both and hands them in.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// The latest moment that was believed.
    last: Option<Time>,
    /// Milliseconds that have gone by since then, by the monotonic counter.
    since_ms: i64,
    /// Set while a jump ahead waits for an operator.
    waiting: bool,
}

impl Watch {
    /// A step back of up to this many milliseconds is clamped; a larger one refuses.
    pub const CLAMPED_MS: i64 = 5_000;
    /// A step ahead of more than this many milliseconds beyond what has gone by waits for an operator.
    pub const LEAP_MS: i64 = 3_600_000;

    /// A watch that goes on from the last moment that the logs know; `None` for a new deployment.
    #[must_use]
    pub fn from(last: Option<Time>) -> Watch {
        Watch {
            last,
            since_ms: 0,
            waiting: false,
        }
    }

    /// What to believe, given what the clock says and the milliseconds that have gone by since the last call by a
    /// monotonic counter (0 at a restart, when nobody can know).
    pub fn tell(&mut self, clock: Time, gone_by_ms: i64) -> Now {
        let Some(last) = self.last else {
            self.last = Some(clock);
            return Now::At(clock);
        };
        self.since_ms = self.since_ms.saturating_add(gone_by_ms.max(0));
        let step = clock.0.saturating_sub(last.0);
        if step < -Self::CLAMPED_MS {
            return Now::WentBack;
        }
        if self.waiting || step.saturating_sub(self.since_ms) > Self::LEAP_MS {
            self.waiting = true;
            return Now::JumpedAhead;
        }
        let believed = Time(clock.0.max(last.0));
        self.last = Some(believed);
        self.since_ms = 0;
        Now::At(believed)
    }

    /// The latest moment that was believed; `None`: none yet.
    #[must_use]
    pub fn last(&self) -> Option<Time> {
        self.last
    }

    /// An operator has looked: the clock is right, time goes on from here. Also this never takes time back: what was
    /// believed before stays the least that will be believed.
    pub fn confirm(&mut self, clock: Time) {
        self.waiting = false;
        self.since_ms = 0;
        self.last = Some(self.last.map_or(clock, |last| last.max(clock)));
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{} ms since 1970", self.0),
        }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Time, String> {
        text.parse::<Timestamp>()
            .map(|stamp| Time(stamp.as_millisecond()))
            .map_err(|_| format!("{text:?} is not a moment: expected RFC 3339 with a zone, for example 2026-11-23T09:30:00Z"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.begins().0) {
            Ok(stamp) => write!(f, "{}", Offset::UTC.to_datetime(stamp).date()),
            Err(_) => write!(f, "day {}", self.0),
        }
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Day, String> {
        let date: Date = text
            .parse()
            .map_err(|_| format!("{text:?} is not a day: expected a date such as 2026-11-23"))?;
        let begins = Offset::UTC
            .to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
            .map_err(|_| format!("{text:?} is beyond the calendar"))?;
        Ok(Time(begins.as_millisecond()).day())
    }
}

macro_rules! as_text {
    ($($name:ident)*) => {$(
        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(it: $name) -> String {
                it.to_string()
            }
        }
    )*};
}

as_text!(Time Day);
