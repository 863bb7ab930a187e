//! Time lines: who reached how many people when, own against through others, accesses against promises.

use std::fmt;
use std::str::FromStr;

use decide::{PartnerId, PromiseId, Time};
use serde::{Deserialize, Serialize};

/// A calendar month in UTC, written as `2018-12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    /// The year.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
}

/// One partner in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MonthLine {
    /// Which month.
    pub month: Month,
    /// Which partner.
    pub partner: PartnerId,
    /// Data of the people on whose behalf the partner acted (reach `own`).
    pub own: Side,
    /// Data of others: through friends, threads, contacts, the directory.
    pub through_others: Side,
    /// Rows against which something stands, each once.
    pub refused: u64,
    /// Rows against each promise; only those with any.
    pub against: Vec<Against>,
}

/// One side of a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// Rows of the logs. A row that reached people both ways (a thread) counts on both sides.
    pub accesses: u64,
    /// Different people reached.
    pub people: u64,
}

/// Rows against one promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Against {
    /// Which.
    pub promise: PromiseId,
    /// How many.
    pub accesses: u64,
}

impl Month {
    /// The month in which a moment lies, in UTC.
    #[must_use]
    pub fn of(at: Time) -> Month {
        let text = at.day().to_string();
        text.get(..7)
            .and_then(|text| text.parse().ok())
            .unwrap_or(Month { year: 0, month: 1 })
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Month {
        match self.month {
            12 => Month {
                year: self.year.saturating_add(1),
                month: 1,
            },
            month => Month {
                month: month.saturating_add(1),
                ..self
            },
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Month, String> {
        let parts = text.split_once('-');
        let month = parts.and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
        match month {
            Some((year, month @ 1..=12)) => Ok(Month { year, month }),
            _ => Err(format!(
                "{text:?} is not a month: expected for example 2018-12"
            )),
        }
    }
}

impl TryFrom<String> for Month {
    type Error = String;

    fn try_from(text: String) -> Result<Month, String> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(it: Month) -> String {
        it.to_string()
    }
}
