//! Row groups of Parquet as columns of numbers: texts are looked at once per dictionary, not once per row.

use arrow_array::{ArrayRef, RecordBatch};
use rustc_hash::FxHashMap;

use super::columnar::{Texts, moments, people, readable, texts};
use super::faults::Faults;
use super::mapping::{Is, Mapping, Telling};
use super::moment::NoMoment;
use super::rows::Rows;
use crate::judge::{Batch, NOBODY};

/// The columns that tell what kind of row it is.
const TELLING: [Is; 8] = [
    Is::Partner,
    Is::Operation,
    Is::Verb,
    Is::Category,
    Is::Reach,
    Is::Purpose,
    Is::Method,
    Is::Path,
];

impl Rows<'_> {
    /// Takes a batch of Parquet in. `first` is the number of its first row; `lines` takes the number of each row that
    /// is handed on.
    #[allow(
        clippy::too_many_arguments,
        reason = "each is borrowed for a time of its own"
    )]
    pub(crate) fn take_columns(
        &mut self,
        columns: &RecordBatch,
        mapping: &Mapping,
        file: &str,
        first: u64,
        batch: &mut Batch,
        lines: &mut Vec<u64>,
        faults: &mut Faults,
    ) {
        let count = columns.num_rows();
        let column = |is: Is| {
            mapping
                .place(is)
                .and_then(|place| mapping.columns.get(place))
                .and_then(|(_, name)| columns.column_by_name(name))
        };
        let whole =
            |wrong: &str, faults: &mut Faults| faults.rows(wrong, file, Some(first), count as u64);
        let Some(times) =
            column(Is::Time).and_then(|times| moments(times, mapping.time, mapping.zone))
        else {
            return whole(
                "the file has no column of times by that name, or of another kind",
                faults,
            );
        };
        // A column that nobody can read must not pass for one that says nothing.
        let unread = TELLING.into_iter().chain([Is::People, Is::Key, Is::Status]);
        if unread.filter_map(column).any(|it| !readable(it)) {
            return whole(
                "a column that the mapping names is of a kind that cannot be read here",
                faults,
            );
        }
        let told = self.kinds_of(&column, mapping, count);
        let mut actors = Vec::with_capacity(count);
        if !self.only_kinds
            && column(Is::Person)
                .is_some_and(|ids| people(ids, self.people(), &mut actors).is_none())
        {
            return whole(
                "the column of people is of a kind that holds no ids",
                faults,
            );
        }
        let named = column(Is::People)
            .filter(|_| !self.only_kinds)
            .and_then(texts);
        let keys = column(Is::Key).filter(|_| !self.only_kinds).and_then(texts);
        let status = column(Is::Status).and_then(texts);
        let in_path = if self.only_kinds {
            Vec::new()
        } else {
            self.in_paths(&column, mapping, count)
        };
        for (row, (at, kind)) in times.into_iter().zip(told).enumerate() {
            let line = first.saturating_add(row as u64);
            let of = |texts: &'_ Option<Texts>| texts.as_ref()?.of_row(row).map(str::to_owned);
            match of(&status).map(|it| it.parse::<u16>()) {
                Some(Ok(status)) if !(200..300).contains(&status) => {
                    self.clock.no_data(line);
                    continue;
                }
                Some(Err(_)) => {
                    faults.row("the status is no number", file, line);
                    continue;
                }
                Some(Ok(_)) | None => {}
            }
            let (at, kind) = match (at.map_err(NoMoment::reason), kind) {
                (Ok(at), Ok(kind)) => (at, kind),
                (Err(reason), _) | (_, Err(reason)) => {
                    faults.row(reason, file, line);
                    continue;
                }
            };
            batch.kinds.push(kind);
            batch.times.push(at);
            lines.push(line);
            if self.only_kinds {
                continue;
            }
            // A column of times is in one zone throughout; texts are told apart only where they are read row by row.
            self.clock.row(at, None, line);
            let (of_path, its_key) = in_path.get(row).copied().unwrap_or((NOBODY, None));
            let actor = actors.get(row).copied().filter(|it| *it != NOBODY);
            batch.people.push(actor.unwrap_or(of_path));
            if keys.is_some() || !in_path.is_empty() {
                let named = || of(&keys).map_or(NOBODY, |key| self.key_of(&key));
                batch.keys.push(its_key.unwrap_or_else(named));
            }
            if named.is_some() {
                let all = of(&named).unwrap_or_default();
                let each = all
                    .split(mapping.separator)
                    .map(str::trim)
                    .filter(|one| !one.is_empty());
                batch.named.extend(each.map(|id| self.people().by_text(id)));
                batch
                    .ends
                    .push(u32::try_from(batch.named.len()).unwrap_or(u32::MAX));
            }
        }
        std::mem::take(&mut self.clock).tell(file, faults);
    }

    /// The kind of each row: the texts that tell it are few, so each combination is looked at once.
    fn kinds_of<'c>(
        &mut self,
        column: &impl Fn(Is) -> Option<&'c ArrayRef>,
        mapping: &Mapping,
        count: usize,
    ) -> Vec<Result<u32, &'static str>> {
        let all: [Option<Texts>; 8] = TELLING.map(|is| column(is).and_then(texts));
        let (codes, different) = codes(&all, count);
        let mut met: Vec<Option<Result<u32, &'static str>>> = vec![None; different];
        let mut kind = |(row, code): (usize, u64)| {
            let slot = usize::try_from(code).ok().and_then(|it| met.get_mut(it));
            let mut read = || self.kind_of_row(&all, mapping, row);
            match slot {
                Some(slot) => *slot.get_or_insert_with(read),
                None => read(),
            }
        };
        codes.into_iter().enumerate().map(&mut kind).collect()
    }

    fn kind_of_row(
        &mut self,
        all: &[Option<Texts>; 8],
        mapping: &Mapping,
        row: usize,
    ) -> Result<u32, &'static str> {
        let [partner, name, verb, category, reach, purpose, method, path] =
            all.each_ref().map(|texts| texts.as_ref()?.of_row(row));
        let operation = match (name, path) {
            _ if mapping.operations.is_empty() => None,
            (Some(name), _) => mapping.named(name),
            (None, Some(path)) => mapping
                .requested(method, path)
                .map(|(operation, ..)| operation),
            (None, None) => None,
        };
        if operation.is_none() && !mapping.operations.is_empty() {
            return Err("the operation is not in the mapping");
        }
        self.kind(Telling {
            partner,
            operation,
            verb,
            category,
            reach,
            purpose,
        })
    }

    /// Whom and which key the path of each row names; each combination of method and path is looked at once.
    fn in_paths<'c>(
        &mut self,
        column: &impl Fn(Is) -> Option<&'c ArrayRef>,
        mapping: &Mapping,
        count: usize,
    ) -> Vec<(u32, Option<u32>)> {
        let (methods, paths) = (column(Is::Method), column(Is::Path));
        let Some(paths) = paths
            .and_then(texts)
            .filter(|_| !mapping.operations.is_empty())
        else {
            return Vec::new();
        };
        let methods = methods.and_then(texts);
        let by_name = column(Is::Operation).and_then(texts);
        let mut met: FxHashMap<(u32, u32), (u32, Option<u32>)> = FxHashMap::default();
        let number =
            |texts: &Texts, row: usize| texts.numbers.get(row).copied().unwrap_or(u32::MAX);
        (0..count)
            .map(|row| {
                let method = methods.as_ref().map_or(u32::MAX, |it| number(it, row));
                let named = by_name.as_ref().map_or(u32::MAX, |it| number(it, row));
                let path = if named == u32::MAX {
                    number(&paths, row)
                } else {
                    u32::MAX
                };
                *met.entry((method, path)).or_insert_with(|| {
                    let method = methods
                        .as_ref()
                        .and_then(|it| it.texts.get(method as usize));
                    let path = paths.texts.get(path as usize);
                    let found =
                        path.and_then(|path| mapping.requested(method.map(String::as_str), path));
                    let Some((_, person, key)) = found else {
                        return (NOBODY, None);
                    };
                    // "me" in a path is the one whom the log names.
                    let person = person.filter(|it| *it != "me");
                    (
                        person.map_or(NOBODY, |it| self.people().by_text(it)),
                        key.map(|key| self.key_of(key)),
                    )
                })
            })
            .collect()
    }
}

/// So many codes have a place in a table; more are numbered anew.
const CODES: u64 = 1 << 16;

/// A number for each row, the same for rows of which all columns say the same, and below which all numbers are. Column
/// by column, so that millions of rows are a few additions each.
fn codes(all: &[Option<Texts>], count: usize) -> (Vec<u64>, usize) {
    let mut codes = vec![0u64; count];
    let mut different = 1u64;
    for texts in all.iter().flatten() {
        let each = (texts.texts.len() as u64).saturating_add(1);
        for (code, number) in codes.iter_mut().zip(&texts.numbers) {
            // Nothing is 0: its number is the highest.
            *code = code
                .wrapping_mul(each)
                .wrapping_add(u64::from(number.wrapping_add(1)));
        }
        different = different.saturating_mul(each);
        if different > CODES {
            let mut met: FxHashMap<u64, u64> = FxHashMap::default();
            for code in &mut codes {
                let next = met.len() as u64;
                *code = *met.entry(*code).or_insert(next);
            }
            different = met.len() as u64;
        }
    }
    (codes, usize::try_from(different).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_one_number_exactly_if_all_their_columns_say_the_same() {
        let column = |different: usize, step: usize| {
            let number = |row: usize| match row * step % (different + 1) {
                0 => u32::MAX,
                n => u32::try_from(n - 1).unwrap_or(0),
            };
            Some(Texts {
                numbers: (0..5_000).map(number).collect(),
                texts: vec![String::new(); different],
            })
        };
        for all in [
            [column(3, 1), None, column(2, 7)],
            [column(4_000, 1), column(3_000, 11), column(2, 1)],
        ] {
            let (codes, different) = codes(&all, 5_000);
            let mut by_code = std::collections::BTreeMap::new();
            let mut by_words = std::collections::BTreeMap::new();
            for (row, code) in codes.iter().enumerate() {
                assert!((*code as usize) < different);
                let words: Vec<u32> = all.iter().flatten().map(|it| it.numbers[row]).collect();
                assert_eq!(*by_code.entry(*code).or_insert(words.clone()), words);
                assert_eq!(by_words.entry(words).or_insert(*code), code);
            }
        }
    }
}
