//! A row as a lane of the picture: a bar from beginning to end, what it was held against, and the time between.

use decide::{Day, PromiseId, Reason};
use page::{Axis, Place, between};

use super::view::{Cite, cites};
use crate::dates::{end, enforced};
use crate::outcome::{Outcome, RowOutcome, Verdict};
use crate::read::{Case, Row};
use crate::record::Setting;

/// One lane.
pub(super) struct Lane<'a> {
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) cites: Vec<Cite>,
    pub(super) bars: Vec<Bar>,
    /// The stretch between claimed and observed end.
    pub(super) hatch: Option<(Place, Place)>,
    /// The beginning is not on record: the bar fades in.
    pub(super) fades_in: Option<Fade>,
    /// The end is not on record: the bar fades out.
    pub(super) fades_out: Option<Fade>,
    /// From a promise to a bar that begins after it.
    pub(super) wait: Option<(Place, Place)>,
    pub(super) promises: Vec<(Place, bool)>,
    pub(super) gap: Option<Gap>,
    /// The picture in words.
    pub(super) words: String,
}

/// A piece of the bar.
pub(super) struct Bar {
    pub(super) at: Place,
    pub(super) wide: Place,
    /// A promise in force covered it.
    pub(super) broken: bool,
    pub(super) words: String,
}

/// Where a bar fades, as wide as a fade is.
pub(super) struct Fade {
    pub(super) at: Place,
    pub(super) broken: bool,
}

/// The time between a public statement and the end of a power.
pub(super) struct Gap {
    pub(super) at: Place,
    /// `start`, `middle` or `end`: where of the words `at` is.
    pub(super) anchor: &'static str,
    pub(super) words: String,
    pub(super) enforced: bool,
}

/// How wide a fade is, and the least that a bar is, so that a single day can be seen.
const FADE: f64 = 2.5;
const LEAST: f64 = 0.8;

pub(super) fn lanes<'a>(case: &'a Case, outcome: &'a Outcome, axis: &Axis) -> Vec<Lane<'a>> {
    let pairs = case.rows.iter().zip(&outcome.rows);
    pairs
        .filter_map(|(row, said)| lane(case, row, said, axis))
        .collect()
}

fn lane<'a>(case: &'a Case, row: &'a Row, said: &RowOutcome, axis: &Axis) -> Option<Lane<'a>> {
    let record = &row.record;
    let begins = record.beginning()?.day?;
    let ends = end(row);
    let last = ends.unwrap_or(begins);
    let against = against(case, row, said, last);
    let since = against.as_ref().filter(|it| it.enforced).map(|it| it.made);
    let broken_from = since.map(|made| made.max(begins));
    let mut bars = Vec::new();
    let split = broken_from.unwrap_or(last);
    let mut add = |from: Day, to: Day, broken: bool, words: String| {
        let wide = Place(axis.wide(from, to).0.max(LEAST));
        bars.push(Bar {
            at: axis.at(from),
            wide,
            broken,
            words,
        });
    };
    if begins < split || broken_from.is_none() {
        add(begins, split, false, format!("on from {begins} to {split}"));
    }
    if let Some(from) = broken_from {
        let what = format!("on from {from} to {last}, against a promise in force");
        add(from, last, true, what);
    }
    let day = |moment: &Option<crate::record::Moment>| moment.as_ref().and_then(|it| it.day);
    let hatch = match (day(&record.claimed_end), day(&record.observed_end)) {
        (Some(claimed), Some(observed)) if claimed < observed => {
            let from = claimed.max(begins);
            Some((axis.at(from), axis.wide(from, observed)))
        }
        _ => None,
    };
    let wait = since
        .filter(|made| *made < begins)
        .map(|made| (axis.at(made), axis.at(begins)));
    let fades_in = record.from.is_none().then(|| Fade {
        at: Place((axis.at(begins).0 - FADE).max(0.0)),
        broken: broken_from == Some(begins),
    });
    let fades_out = ends.is_none().then(|| Fade {
        at: Place(axis.at(last).0 + LEAST),
        broken: broken_from.is_some(),
    });
    let promises = case
        .promises
        .iter()
        .map(|it| (axis.at(it.made), enforced(it.promise.form)));
    let gap = against.map(|it| gap(&it, begins, last, ends.is_some(), axis));
    let mut words = match &record.from {
        Some(_) => format!("On from {begins}"),
        None => format!("Known to be on by {begins}; the beginning is not on record"),
    };
    for (what, day) in [
        ("said to have ended on", day(&record.claimed_end)),
        ("last seen on", day(&record.observed_end)),
    ] {
        if let Some(day) = day {
            words += &format!("; {what} {day}");
        }
    }
    if ends.is_none() {
        words += "; the end is not on record";
    }
    if let Some(gap) = &gap {
        words += &format!("; {}", gap.words);
    }
    let mut sources = record.sources.clone();
    sources.truncate(3);
    Some(Lane {
        id: &record.row,
        title: &record.title,
        cites: cites(case, &sources),
        bars,
        hatch,
        fades_in,
        fades_out,
        wait,
        promises: promises.collect(),
        gap,
        words: words + ".",
    })
}

/// What a row is measured against.
struct Against {
    promise: PromiseId,
    made: Day,
    enforced: bool,
}

/// Of the statements that the record holds against the row, the earliest that the rule itself finds covering it; where
/// it finds none of them, the earliest.
///
/// Where the sides disagree on whether the data was public, the row is asked both ways, and a promise counts only if it
/// covers both: doubt counts for the platform.
fn against(case: &Case, row: &Row, said: &RowOutcome, last: Day) -> Option<Against> {
    let made = |id: &PromiseId| {
        let made = case.promise(id)?.made;
        (made <= last).then_some(made)
    };
    let disputed = row.record.consent.setting == Setting::Disputed;
    let dates = said.dates.iter().map(|date| &date.verdicts);
    let covering = row.record.statements.iter().filter(|id| {
        let mut dates = dates.clone();
        dates.any(|verdicts| {
            let mut others = verdicts.iter().filter(|it| it.reaches_others());
            let refused = |it: &Verdict| it.reasons.contains(&Reason::Promised((*id).clone()));
            match disputed {
                true => others.clone().count() > 0 && others.all(refused),
                false => others.any(refused),
            }
        })
    });
    let covering = covering.filter_map(|id| Some((made(id)?, id.clone(), true)));
    let stated = row.record.statements.iter();
    let stated = stated.filter_map(|id| Some((made(id)?, id.clone(), false)));
    let (made, promise, enforced) = covering.min().or_else(|| stated.min())?;
    Some(Against {
        promise,
        made,
        enforced,
    })
}

fn gap(against: &Against, begins: Day, last: Day, ended: bool, axis: &Axis) -> Gap {
    let end = axis.at(last).0;
    // The words take up to 60 % of a narrow page, and must hang over neither side.
    let (at, anchor) = match end {
        end if end > 66.0 => (Place(end), "end"),
        end if end > 36.0 => (Place(end), "middle"),
        _ => (axis.at(begins), "start"),
    };
    let (span, name) = (
        between(against.made, last),
        against.promise.as_str().to_uppercase(),
    );
    let words = match (against.made == last, ended) {
        (true, _) => format!("on the day of {name}"),
        (false, true) => format!("until {span} after {name}"),
        (false, false) => format!("still on {span} after {name}"),
    };
    Gap {
        at,
        anchor,
        words,
        enforced: against.enforced,
    }
}
