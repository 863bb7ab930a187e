//! What the rule is asked: who asks, and which data about whom.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::ids::{Category, ConnectionId, PartnerId, PersonNo, Purpose};
use crate::power::{PowerId, Reach, Verb};
use crate::time::Time;

/// For whom the partner acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Behalf {
    /// For the person of this connection.
    Connection(ConnectionId),
    /// For nobody (a directory feed): everybody is reached as `directory`.
    Nobody,
}

/// Who asks, for what, by which verb: the same for every datum of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Asker {
    /// Which partner.
    pub partner: PartnerId,
    /// For whom it acts.
    pub behalf: Behalf,
    /// What for.
    pub purpose: Purpose,
    /// By which verb.
    pub verb: Verb,
    /// The uses reserved for this question, one for each power with a limited frequency.
    #[serde(default)]
    pub draws: Vec<Draw>,
}

/// A reserved use of a power: the how-many-th in its span, counted from 1, reserved before deciding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// Which power.
    pub power: PowerId,
    /// The how-many-th use.
    pub ordinal: u32,
}

/// Somebody whom a datum is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Resolved to a number.
    Known(PersonNo),
    /// Meant, and not resolved: an unknown id, a null, a number where text was expected. Refused.
    Unresolved,
}

/// A person as a datum reaches them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Who.
    pub who: Who,
    /// Index into [`Question::reaches`].
    pub reach: u8,
}

/// One datum: one category, about some people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datum {
    /// Index into [`Question::categories`].
    pub category: u16,
    /// The people, as a range of [`Question::subjects`]. Data of one record share a range. Empty is refused.
    pub subjects: Range<u32>,
    /// When the datum was made, where a power is limited to a window.
    pub made: Option<Time>,
}

/// A whole list of data at once. Thousands of people are one question.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub asker: &'a Asker,
    /// The categories that the data name by index.
    pub categories: &'a [Category],
    /// The reaches that the subjects name by index.
    pub reaches: &'a [Reach],
    /// All people, of all data.
    pub subjects: &'a [Subject],
    /// The data.
    pub data: &'a [Datum],
}

impl<'a> Question<'a> {
    /// The people of one datum; `None` when its range does not lie within [`Question::subjects`].
    #[must_use]
    pub fn people(&self, datum: &Datum) -> Option<&'a [Subject]> {
        let from = usize::try_from(datum.subjects.start).ok()?;
        let to = usize::try_from(datum.subjects.end).ok()?;
        self.subjects.get(from..to)
    }
}
