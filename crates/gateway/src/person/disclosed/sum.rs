//! The sum of a trail: per partner and power, how often, since when, and when last.

use std::collections::BTreeMap;

use decide::PowerId;

use super::{Read, is_new};
use crate::person::{moments, words};
use crate::trail::{By, Row, What};

/// One partner with its lines.
pub(in crate::person) struct Partner {
    pub(in crate::person) name: String,
    pub(in crate::person) sums: Vec<Sum>,
}

/// How often something happened by one way.
pub(in crate::person) struct Sum {
    /// "see name"
    pub(in crate::person) what: String,
    pub(in crate::person) purpose: String,
    /// "as yourself", "through a friend"
    pub(in crate::person) way: String,
    /// "12 times since 3 March, last yesterday at 14:02"
    pub(in crate::person) when: String,
    /// The first about somebody who had connected nothing, and they have not said that they have seen it.
    pub(in crate::person) new: bool,
}

struct Counted<'a> {
    count: u64,
    first: (&'a Row, &'a What),
    last: &'a Row,
}

/// By partner's name, and within it by what, and by the way: whatever is told apart on the page.
type Key = (String, String, String, String);

/// The sums, by partner. `seen`: until when first disclosures have been seen.
pub(in crate::person) fn sums(read: &Read<'_>, seen: u32) -> Vec<Partner> {
    let mut counted: BTreeMap<Key, Counted<'_>> = BTreeMap::new();
    for (row, what) in read.rows() {
        let powers = what.powers.iter().copied().map(Some);
        let none = what.powers.is_empty().then_some(None);
        for power in powers.chain(none) {
            let key = key(read, what, power);
            let sum = counted.entry(key).or_insert(Counted {
                count: 0,
                first: (row, what),
                last: row,
            });
            sum.count = sum.count.saturating_add(1);
            // Entries stand nearly in the order of their minutes, and not quite.
            if row.minute < sum.first.0.minute {
                sum.first = (row, what);
            }
            if row.minute > sum.last.minute {
                sum.last = row;
            }
        }
    }
    let mut partners: Vec<Partner> = Vec::new();
    for ((name, what, purpose, way), sum) in counted {
        let line = line(read, (what, purpose, way), &sum, seen);
        match partners.last_mut() {
            Some(last) if last.name == name => last.sums.push(line),
            _ => partners.push(Partner {
                name,
                sums: vec![line],
            }),
        }
    }
    partners
}

fn key(read: &Read<'_>, what: &What, power: Option<PowerId>) -> Key {
    let one = What {
        powers: power.into_iter().collect(),
        ..what.clone()
    };
    (
        read.name(what),
        read.acts(&one),
        Read::purpose(what),
        read.way(&one),
    )
}

fn line(
    read: &Read<'_>,
    (what, purpose, way): (String, String, String),
    sum: &Counted<'_>,
    seen: u32,
) -> Sum {
    let (first, of) = sum.first;
    let exact = of.by != By::Another;
    let today = moments::day(read.now);
    let last = if exact {
        moments::of_minute(sum.last.minute, today)
    } else {
        moments::of_day(moments::day(sum.last.minute), today)
    };
    let since = moments::of_day(moments::day(first.minute), today);
    Sum {
        what,
        purpose,
        way,
        when: words::times(sum.count, &since, &last),
        new: is_new(of, first, seen),
    }
}
