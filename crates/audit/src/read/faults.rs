//! What could not be used, by reason, with the first places.

use std::collections::BTreeMap;

use super::clock::{self, Edges};
use crate::report::{NotJudged, Place, Remark};

/// So many places are shown for a reason.
const PLACES: usize = 5;

/// What went wrong while reading, of one thread or of all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    rows: BTreeMap<String, (u64, Vec<Place>)>,
    remarks: BTreeMap<(String, String), Remark>,
    /// The first and last rows of pieces of files, until all are there.
    pub(crate) edges: Vec<Edges>,
}

impl Faults {
    /// A row cannot be used.
    pub(crate) fn row(&mut self, reason: &str, file: &str, line: u64) {
        self.rows(reason, file, Some(line), 1);
    }

    /// So many rows cannot be used.
    pub(crate) fn rows(&mut self, reason: &str, file: &str, line: Option<u64>, count: u64) {
        let place = || Place {
            file: file.to_owned(),
            line,
        };
        match self.rows.get_mut(reason) {
            Some((rows, places)) => {
                *rows = rows.saturating_add(count);
                if places.len() < PLACES {
                    places.push(place());
                }
            }
            None => {
                self.rows.insert(reason.to_owned(), (count, vec![place()]));
            }
        }
    }

    /// Something to know about a file, so many times, first at this line; no row is lost by it.
    pub(crate) fn remark(&mut self, what: &str, file: &str, line: Option<u64>, times: u64) {
        let key = (file.to_owned(), what.to_owned());
        let place = Place {
            file: file.to_owned(),
            line,
        };
        let remark = Remark {
            place,
            what: what.to_owned(),
            times: 0,
        };
        let remark = self.remarks.entry(key).or_insert(remark);
        remark.times = remark.times.saturating_add(times);
        if line.is_some_and(|line| remark.place.line.is_none_or(|first| line < first)) {
            remark.place.line = line;
        }
    }

    /// How many rows.
    pub(crate) fn count(&self) -> u64 {
        self.rows.values().map(|(rows, _)| *rows).sum()
    }

    /// Takes another thread's in.
    pub(crate) fn merge(&mut self, other: Faults) {
        for (reason, (rows, places)) in other.rows {
            let mine = self.rows.entry(reason).or_default();
            mine.0 = mine.0.saturating_add(rows);
            mine.1.extend(places);
            mine.1.sort();
            mine.1.truncate(PLACES);
        }
        self.edges.extend(other.edges);
        for (key, remark) in other.remarks {
            match self.remarks.get_mut(&key) {
                None => {
                    self.remarks.insert(key, remark);
                }
                Some(mine) => {
                    mine.times = mine.times.saturating_add(remark.times);
                    if remark.place < mine.place {
                        mine.place = remark.place;
                    }
                }
            }
        }
    }

    /// As a report lists them.
    pub(crate) fn lines(mut self) -> (Vec<NotJudged>, Vec<Remark>) {
        clock::join(&mut self);
        let rows = self.rows.into_iter();
        let rows = rows.map(|(reason, (rows, places))| NotJudged {
            reason,
            rows,
            places,
        });
        (rows.collect(), self.remarks.into_values().collect())
    }
}
