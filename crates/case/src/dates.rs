//! The dates that matter to a row, and what the record says was so on them.

use std::collections::BTreeMap;

use decide::{Day, Form, PromiseId};
use serde::Serialize;

use crate::read::{Case, Row};

/// Why a date matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The power began.
    Began,
    /// Its beginning is not on record; by this day it was there.
    KnownBy,
    /// A public statement that the row is held against.
    Said(PromiseId),
    /// It is said to have ended.
    ClaimedEnd,
    /// The last day on which it was seen to be on.
    ObservedEnd,
}

/// What the record says of the power on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It was on.
    On,
    /// It is said to have ended, and was seen to be on.
    SaidToHaveEndedAndOn,
    /// It is said to have ended; nothing on record contradicts that.
    SaidToHaveEnded,
    /// It was on when last seen; the record says no more.
    LastSeen,
}

impl Standing {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Standing::On => "on",
            Standing::SaidToHaveEndedAndOn => "said to have ended; still on by the record",
            Standing::SaidToHaveEnded => "said to have ended",
            Standing::LastSeen => "on when last seen",
        }
    }
}

/// The row's dates in order, each with why it matters: beginning, statements made while it was on, both ends.
#[must_use]
pub(crate) fn of(case: &Case, row: &Row) -> Vec<(Day, Vec<Mark>)> {
    let record = &row.record;
    let day = |moment: &Option<crate::record::Moment>| moment.as_ref().and_then(|it| it.day);
    let mut dates: BTreeMap<Day, Vec<Mark>> = BTreeMap::new();
    let mut add = |day: Option<Day>, mark: Mark| {
        if let Some(day) = day {
            dates.entry(day).or_default().push(mark);
        }
    };
    match &record.from {
        Some(from) => add(from.day, Mark::Began),
        None => add(day(&record.known_by), Mark::KnownBy),
    }
    add(day(&record.claimed_end), Mark::ClaimedEnd);
    add(day(&record.observed_end), Mark::ObservedEnd);
    let began = record.beginning().and_then(|moment| moment.day);
    let ended = end(row);
    for id in &record.statements {
        let made = case.promise(id).map(|promise| promise.made);
        let meanwhile = made.filter(|made| {
            began.is_some_and(|began| began <= *made) && ended.is_none_or(|ended| *made <= ended)
        });
        if let Some(made) = meanwhile {
            dates.entry(made).or_default().push(Mark::Said(id.clone()));
        }
    }
    dates.into_iter().collect()
}

/// The last day on which anything on record has the power on; `None`: no end is on record.
#[must_use]
pub(crate) fn end(row: &Row) -> Option<Day> {
    let day = |moment: &Option<crate::record::Moment>| moment.as_ref().and_then(|it| it.day);
    let (claimed, observed) = (day(&row.record.claimed_end), day(&row.record.observed_end));
    claimed.max(observed)
}

/// What the record says on a day.
#[must_use]
pub(crate) fn standing(row: &Row, on: Day) -> Standing {
    let day = |moment: &Option<crate::record::Moment>| moment.as_ref().and_then(|it| it.day);
    let (claimed, observed) = (day(&row.record.claimed_end), day(&row.record.observed_end));
    let said_to_have_ended = claimed.is_some_and(|claimed| claimed <= on);
    match observed {
        Some(observed) if on <= observed && said_to_have_ended => Standing::SaidToHaveEndedAndOn,
        Some(observed) if on == observed => Standing::LastSeen,
        _ if said_to_have_ended => Standing::SaidToHaveEnded,
        _ => Standing::On,
    }
}

/// Whether a statement is one that the rule enforces.
#[must_use]
pub(crate) fn enforced(form: Form) -> bool {
    form != Form::NotJudgeable
}
