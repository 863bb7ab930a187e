//! Single disclosures: to the minute where the person acted themselves, by the day where somebody else did.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use decide::Day;

use super::Read;
use crate::person::moments;
use crate::trail::{By, Row, What};

/// One, to the minute.
pub(in crate::person) struct Single {
    pub(in crate::person) minute: u32,
    pub(in crate::person) when: String,
    pub(in crate::person) partner: String,
    pub(in crate::person) what: String,
    pub(in crate::person) purpose: String,
    pub(in crate::person) way: String,
}

/// All of one kind on one day.
pub(in crate::person) struct ByDay {
    pub(in crate::person) day: Day,
    pub(in crate::person) when: String,
    pub(in crate::person) partner: String,
    pub(in crate::person) what: String,
    pub(in crate::person) purpose: String,
    pub(in crate::person) way: String,
    pub(in crate::person) count: u64,
}

/// The newest before a place, and the place before which the next page begins. No place of another's way is ever among
/// these: it would tell the time.
pub(in crate::person) fn single(
    read: &Read<'_>,
    before: Option<u64>,
    most: usize,
) -> (Vec<Single>, Option<u64>) {
    let before = before.unwrap_or(u64::MAX);
    let exact = read.rows().rev();
    let mut exact = exact.filter(|(row, what)| what.by != By::Another && row.entry < before);
    let rows: Vec<(&Row, &What)> = exact.by_ref().take(most).collect();
    let older = exact.next().is_some();
    let next = rows.last().map(|(row, _)| row.entry);
    let today = moments::day(read.now);
    let lines = rows.iter().map(|(row, what)| Single {
        minute: row.minute,
        when: moments::of_minute(row.minute, today),
        partner: read.name(what),
        what: read.acts(what),
        purpose: Read::purpose(what),
        way: read.way(what),
    });
    (lines.collect(), next.filter(|_| older))
}

/// Whole days before a day, newest first, and the day before which the next page begins.
pub(in crate::person) fn by_day(
    read: &Read<'_>,
    before: Option<Day>,
    least: usize,
) -> (Vec<ByDay>, Option<Day>) {
    type Key = (Reverse<Day>, String, String, String, String);
    let before = before.unwrap_or(Day(i32::MAX));
    let mut counted: BTreeMap<Key, u64> = BTreeMap::new();
    for (row, what) in read.rows().filter(|(_, what)| what.by == By::Another) {
        let day = moments::day(row.minute);
        if day >= before {
            continue;
        }
        let key = (
            Reverse(day),
            read.name(what),
            read.acts(what),
            Read::purpose(what),
            read.way(what),
        );
        let count = counted.entry(key).or_default();
        *count = count.saturating_add(1);
    }
    let today = moments::day(read.now);
    let mut lines: Vec<ByDay> = Vec::new();
    for ((Reverse(day), partner, what, purpose, way), count) in counted {
        if lines.len() >= least && lines.last().is_some_and(|last| last.day != day) {
            let next = lines.last().map(|last| last.day);
            return (lines, next);
        }
        lines.push(ByDay {
            day,
            when: moments::of_day(day, today),
            partner,
            what,
            purpose,
            way,
            count,
        });
    }
    (lines, None)
}
