//! Spans of time, person by person: the facts of all moments at once, so that rows need no order.

use decide::Time;

/// From when to before when something held, in milliseconds as [`Time`] counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

/// A connection of a person with one partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkSpan {
    pub(crate) from: i64,
    /// From when it was over, by the person or by its day.
    pub(crate) ended: i64,
    /// From when its person had been gone for too long.
    pub(crate) quiet: i64,
    /// Which powers it names, as a number of a set of powers.
    pub(crate) powers: u32,
}

impl Span {
    /// Whether it held at this moment.
    pub(crate) fn holds(self, at: Time) -> bool {
        self.from <= at.0 && at.0 < self.until
    }
}

/// A few values for some of all people. A bit tells whether a person has any; the values of all who have lie together,
/// so memory goes with what is known and not with how many people there are.
#[derive(Debug)]
pub(crate) struct Sparse<T> {
    words: Vec<u64>,
    /// How many people have values before each word.
    ranks: Vec<u32>,
    /// Where the values of each person who has any begin, with the end of all; empty while everybody has one.
    starts: Vec<u32>,
    values: Vec<T>,
}

impl<T> Default for Sparse<T> {
    fn default() -> Sparse<T> {
        Sparse {
            words: Vec::new(),
            ranks: Vec::new(),
            starts: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<T: Copy> Sparse<T> {
    /// From values in rising order of people.
    pub(crate) fn of(sorted: impl IntoIterator<Item = (u32, T)>) -> Sparse<T> {
        let mut it = Sparse::default();
        let mut before = None;
        for (person, value) in sorted {
            let word = (person >> 6) as usize;
            if word >= it.words.len() {
                it.words.resize(word.saturating_add(1), 0);
            }
            if before != Some(person) {
                it.starts
                    .push(u32::try_from(it.values.len()).unwrap_or(u32::MAX));
            }
            if let Some(bits) = it.words.get_mut(word) {
                *bits |= 1 << (person & 63);
            }
            it.values.push(value);
            before = Some(person);
        }
        if it.starts.len() == it.values.len() {
            it.starts = Vec::new();
        } else {
            it.starts
                .push(u32::try_from(it.values.len()).unwrap_or(u32::MAX));
        }
        let mut rank = 0u32;
        it.ranks = it
            .words
            .iter()
            .map(|word| {
                let here = rank;
                rank = rank.saturating_add(word.count_ones());
                here
            })
            .collect();
        it
    }

    /// The person's values, in the order in which they were given.
    #[inline]
    pub(crate) fn get(&self, person: u32) -> &[T] {
        let word = (person >> 6) as usize;
        let (Some(bits), Some(rank)) = (self.words.get(word), self.ranks.get(word)) else {
            return &[];
        };
        let bit = 1u64 << (person & 63);
        if bits & bit == 0 {
            return &[];
        }
        let index =
            (*rank as usize).saturating_add((bits & (bit.wrapping_sub(1))).count_ones() as usize);
        if self.starts.is_empty() {
            return self
                .values
                .get(index..index.saturating_add(1))
                .unwrap_or(&[]);
        }
        let start = self.starts.get(index).copied().unwrap_or(0) as usize;
        let end = self
            .starts
            .get(index.saturating_add(1))
            .copied()
            .unwrap_or(0) as usize;
        self.values.get(start..end).unwrap_or(&[])
    }
}

impl Sparse<Span> {
    /// Whether a span of the person's holds at this moment.
    #[inline]
    pub(crate) fn holds(&self, person: u32, at: Time) -> bool {
        self.get(person).iter().any(|span| span.holds(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_their_own_values_and_nobody_elses() {
        let rows = [
            (0, 'a'),
            (5, 'b'),
            (5, 'c'),
            (63, 'd'),
            (64, 'e'),
            (1000, 'f'),
        ];
        let several = Sparse::of(rows);
        let one = Sparse::of(rows.into_iter().filter(|(_, value)| *value != 'c'));
        for person in 0..1100 {
            let its = |without| -> Vec<char> {
                let mine = rows
                    .iter()
                    .filter(|(of, value)| *of == person && Some(*value) != without);
                mine.map(|(_, value)| *value).collect()
            };
            assert_eq!(several.get(person), its(None), "{person}");
            assert_eq!(one.get(person), its(Some('c')), "{person}");
        }
    }

    #[test]
    fn a_span_holds_from_its_first_moment_to_before_its_last() {
        let span = Sparse::of([(
            3,
            Span {
                from: 10,
                until: 20,
            },
        )]);
        let held = [9, 10, 19, 20].map(|at| span.holds(3, Time(at)));
        assert_eq!(held, [false, true, true, false]);
    }
}
