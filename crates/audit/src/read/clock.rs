//! What the times of a file tell beside the moment of each row: a clock that jumped, zones that are mixed.
//!
//! Rows are judged by their own time whatever this says; an auditor should know it all the same. Several threads read
//! pieces of one file, so each piece keeps its first and its last row, and neighbours are compared at the end.

use super::faults::Faults;

/// A step back of more than this, or ahead of more than [`AHEAD`], between two rows is remarked on.
const BACK: i64 = 5_000;
const AHEAD: i64 = 7 * 86_400_000;

pub(crate) const MIXED: &str = "time zones are mixed; each row was judged by its own";
pub(crate) const WENT_BACK: &str =
    "the time goes back by more than 5 s; rows were judged by their own time";
pub(crate) const WENT_AHEAD: &str =
    "the time jumps ahead by more than 7 days; rows were judged by their own time";
pub(crate) const NO_DATA: &str =
    "answers without data (a status other than 200 to 299) are no accesses";

const ALL: [&str; 4] = [MIXED, WENT_BACK, WENT_AHEAD, NO_DATA];

/// When a row was, with its offset from UTC in minutes where it has one, and its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    line: u64,
    at: i64,
    offset: Option<i32>,
}

/// The first and the last row of a piece of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edges {
    file: String,
    first: Row,
    last: Row,
}

/// One piece of a file, row by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    first: Option<Row>,
    last: Option<Row>,
    /// How often each of [`ALL`] was met, and at which line first.
    met: [(u64, u64); 4],
}

impl Clock {
    /// A row that is an access.
    #[inline]
    pub(crate) fn row(&mut self, at: i64, offset: Option<i32>, line: u64) {
        let row = Row { line, at, offset };
        if let Some(before) = self.last.replace(row) {
            for (n, applies) in between(before, row).into_iter().enumerate() {
                if applies {
                    self.note(n, line);
                }
            }
        } else {
            self.first = Some(row);
        }
    }

    /// A row that is none, because nothing left.
    pub(crate) fn no_data(&mut self, line: u64) {
        self.note(3, line);
    }

    fn note(&mut self, what: usize, line: u64) {
        if let Some((times, first)) = self.met.get_mut(what) {
            if *times == 0 {
                *first = line;
            }
            *times = times.saturating_add(1);
        }
    }

    /// At the end of the piece.
    pub(crate) fn tell(self, file: &str, faults: &mut Faults) {
        for (what, (times, line)) in ALL.into_iter().zip(self.met) {
            if times > 0 {
                faults.remark(what, file, Some(line), times);
            }
        }
        if let Some((first, last)) = self.first.zip(self.last) {
            let file = file.to_owned();
            faults.edges.push(Edges { file, first, last });
        }
    }
}

/// Compares the pieces of each file with their neighbours, once all of them have been read.
pub(crate) fn join(faults: &mut Faults) {
    let mut edges = std::mem::take(&mut faults.edges);
    edges.sort();
    for pair in edges.windows(2) {
        let [before, after] = pair else { continue };
        if before.file != after.file {
            continue;
        }
        let told = between(before.last, after.first);
        for (what, _) in ALL.into_iter().zip(told).filter(|(_, applies)| *applies) {
            faults.remark(what, &after.file, Some(after.first.line), 1);
        }
    }
}

/// Mixed zones, back, ahead.
#[inline]
fn between(before: Row, row: Row) -> [bool; 3] {
    [
        before.offset != row.offset,
        row.at < before.at.saturating_sub(BACK),
        row.at > before.at.saturating_add(AHEAD),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(rows: &[(u64, i64)], faults: &mut Faults) {
        let mut clock = Clock::default();
        rows.iter()
            .for_each(|(line, at)| clock.row(*at, Some(0), *line));
        clock.tell("a.csv", faults);
    }

    /// Whichever thread read which piece.
    #[test]
    fn a_jump_between_two_pieces_is_told_like_one_within() {
        let (mut one, mut other) = (Faults::default(), Faults::default());
        piece(&[(20, 100), (21, 200), (22, AHEAD + 201)], &mut other);
        piece(&[(1, 10_000), (19, 20_000)], &mut one);
        one.merge(other);
        let (_, remarks) = one.lines();
        let told: Vec<_> = remarks
            .iter()
            .map(|it| (it.what.as_str(), it.place.line, it.times))
            .collect();
        assert_eq!(told, [(WENT_BACK, Some(20), 1), (WENT_AHEAD, Some(22), 1)]);
    }
}
