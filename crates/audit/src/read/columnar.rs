//! Row groups of Parquet as columns of numbers: texts are looked at once per dictionary, not once per row.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use super::faults::Faults;
use super::mapping::{Is, Mapping, Telling};
use super::moment::{NoMoment, TimeForm, moment, plausible};
use super::rows::{NO_DATA, Rows};
use crate::facts::People;
use crate::judge::{Batch, NOBODY};

/// Rows that are read at once.
const ROWS: usize = 1 << 16;

/// An opened file: what its foot says.
#[derive(Clone)]
pub(crate) struct Foot {
    metadata: ArrowReaderMetadata,
}

impl Foot {
    /// Reads a file's foot.
    ///
    /// # Errors
    /// It is not Parquet, or has lost its end.
    pub(crate) fn read(path: &Path) -> Result<Foot, String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
            .map_err(|error| error.to_string())?;
        let fields = plain.schema().fields().iter().map(keep_dictionary);
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let options = ArrowReaderOptions::new().with_schema(schema);
        let metadata =
            ArrowReaderMetadata::try_new(plain.metadata().clone(), options).unwrap_or(plain);
        Ok(Foot { metadata })
    }

    pub(crate) fn groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Rows before a group.
    pub(crate) fn before(&self, group: usize) -> u64 {
        let groups = self.metadata.metadata().row_groups().iter().take(group);
        groups
            .map(|group| u64::try_from(group.num_rows()).unwrap_or(0))
            .sum()
    }

    pub(crate) fn rows_of(&self, group: usize) -> u64 {
        let group = self.metadata.metadata().row_groups().get(group);
        group.map_or(0, |group| u64::try_from(group.num_rows()).unwrap_or(0))
    }

    pub(crate) fn bytes_of(&self, group: usize) -> u64 {
        let group = self.metadata.metadata().row_groups().get(group);
        group.map_or(0, |group| {
            u64::try_from(group.compressed_size()).unwrap_or(0)
        })
    }

    /// Reads one group, the columns of these names only, and hands on what is read batch by batch.
    pub(crate) fn read_group(
        &self,
        path: &Path,
        group: usize,
        names: &[&str],
        mut take: impl FnMut(&RecordBatch),
    ) -> Result<(), String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
        let builder = builder
            .with_projection(mask)
            .with_row_groups(vec![group])
            .with_batch_size(ROWS);
        for batch in builder.build().map_err(|error| error.to_string())? {
            take(&batch.map_err(|error| error.to_string())?);
        }
        Ok(())
    }
}

fn keep_dictionary(field: &Arc<Field>) -> Arc<Field> {
    match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => {
            let kind = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            Arc::new(field.as_ref().clone().with_data_type(kind))
        }
        _ => field.clone(),
    }
}

/// A column of texts: what stands in each row, as a number of a different text.
pub(crate) struct Texts {
    /// For each row the number of its text; `u32::MAX` for none.
    pub(crate) numbers: Vec<u32>,
    pub(crate) texts: Vec<String>,
}

/// A column of texts or whole numbers as texts; dictionaries are kept.
pub(crate) fn texts(column: &ArrayRef) -> Option<Texts> {
    if let DataType::Dictionary(_, _) = column.data_type() {
        let dictionary = column.as_dictionary_opt::<Int32Type>()?;
        let values = dictionary.values().as_string_opt::<i32>()?;
        let texts = values
            .iter()
            .map(|text| text.unwrap_or_default().to_owned())
            .collect();
        let key = |key: Option<i32>| {
            key.and_then(|key| u32::try_from(key).ok())
                .unwrap_or(u32::MAX)
        };
        return Some(Texts {
            numbers: dictionary.keys().iter().map(key).collect(),
            texts,
        });
    }
    let mut all = Texts {
        numbers: Vec::with_capacity(column.len()),
        texts: Vec::new(),
    };
    each_text(column, |text| match text {
        None => all.numbers.push(u32::MAX),
        Some(text) => {
            all.numbers
                .push(u32::try_from(all.texts.len()).unwrap_or(u32::MAX));
            all.texts.push(text.to_owned());
        }
    })?;
    Some(all)
}

/// Each row's text, numbers in decimal.
pub(crate) fn each_text(column: &ArrayRef, mut take: impl FnMut(Option<&str>)) -> Option<()> {
    macro_rules! numbers {
        ($kind:ty) => {
            column
                .as_primitive::<$kind>()
                .iter()
                .for_each(|number| take(number.map(|number| number.to_string()).as_deref()))
        };
    }
    match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().for_each(take),
        DataType::Dictionary(_, _) => {
            let Texts { numbers, texts } = texts(column)?;
            numbers
                .iter()
                .for_each(|number| take(texts.get(*number as usize).map(String::as_str)));
        }
        DataType::Int32 => numbers!(Int32Type),
        DataType::Int64 => numbers!(Int64Type),
        DataType::UInt32 => numbers!(UInt32Type),
        DataType::UInt64 => numbers!(UInt64Type),
        DataType::Timestamp(..) => {
            let moments = moments(column, TimeForm::Rfc3339, None)?;
            moments
                .iter()
                .for_each(|at| take(at.ok().map(|at| at.to_string()).as_deref()));
        }
        DataType::Date32 => {
            let days = column.as_primitive::<arrow_array::types::Date32Type>();
            days.iter()
                .for_each(|day| take(day.map(|day| decide::Day(day).to_string()).as_deref()));
        }
        _ => return None,
    }
    Some(())
}

/// Numbers of people, by whole numbers or texts.
fn people(column: &ArrayRef, people: &People, out: &mut Vec<u32>) -> Option<()> {
    match column.data_type() {
        DataType::Int64 => {
            let numbers = column.as_primitive::<Int64Type>();
            out.extend(numbers.iter().map(|id| match id {
                None => NOBODY,
                Some(id) => match u64::try_from(id) {
                    Ok(id) => people.by_number(id),
                    Err(_) => people.by_text(&id.to_string()),
                },
            }));
        }
        DataType::Dictionary(_, _) => {
            let Texts { numbers, texts } = texts(column)?;
            let known: Vec<u32> = texts.iter().map(|id| people.by_text(id)).collect();
            out.extend(
                numbers
                    .iter()
                    .map(|number| known.get(*number as usize).copied().unwrap_or(NOBODY)),
            );
        }
        _ => each_text(column, |id| {
            out.push(id.map_or(NOBODY, |id| people.by_text(id)))
        })?,
    }
    Some(())
}

/// Moments of a column.
fn moments(
    column: &ArrayRef,
    form: TimeForm,
    zone: Option<i32>,
) -> Option<Vec<Result<i64, NoMoment>>> {
    let whole = |number: Option<i64>, to_ms: &dyn Fn(i64) -> i64| {
        number.map(to_ms).ok_or(NoMoment::Form).and_then(plausible)
    };
    let local = |of: &Option<Arc<str>>| match (of, zone) {
        (Some(_), _) => Ok(0),
        (None, Some(minutes)) => Ok(i64::from(minutes).saturating_mul(60_000)),
        (None, None) => Err(NoMoment::Zone),
    };
    macro_rules! stamps {
        ($kind:ty, $zone:expr, $to_ms:expr) => {{
            let shift = match local($zone) {
                Ok(shift) => shift,
                Err(no) => return Some(vec![Err(no); column.len()]),
            };
            let to_ms = |at: i64| $to_ms(at).saturating_sub(shift);
            column
                .as_primitive::<$kind>()
                .iter()
                .map(|at| whole(at, &to_ms))
                .collect()
        }};
    }
    Some(match column.data_type() {
        DataType::Timestamp(TimeUnit::Second, zone) => {
            stamps!(TimestampSecondType, zone, |at: i64| at.saturating_mul(1000))
        }
        DataType::Timestamp(TimeUnit::Millisecond, zone) => {
            stamps!(TimestampMillisecondType, zone, |at: i64| at)
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            stamps!(TimestampMicrosecondType, zone, |at: i64| at
                .div_euclid(1000))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
            stamps!(TimestampNanosecondType, zone, |at: i64| at
                .div_euclid(1_000_000))
        }
        DataType::Int64 => {
            let to_ms = |at: i64| match form {
                TimeForm::Seconds => at.saturating_mul(1000),
                TimeForm::Milliseconds | TimeForm::Rfc3339 => at,
                TimeForm::Microseconds => at.div_euclid(1000),
            };
            column
                .as_primitive::<Int64Type>()
                .iter()
                .map(|at| whole(at, &to_ms))
                .collect()
        }
        _ => {
            let mut all = Vec::with_capacity(column.len());
            each_text(column, |text| {
                all.push(
                    text.ok_or(NoMoment::Form)
                        .and_then(|text| moment(text, form, zone))
                        .map(|(at, _)| at),
                );
            })?;
            all
        }
    })
}

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
        for (row, (at, kind)) in times.into_iter().zip(told).enumerate() {
            let line = first.saturating_add(row as u64);
            let of = |texts: &Option<Texts>| {
                let texts = texts.as_ref()?;
                texts.texts.get(*texts.numbers.get(row)? as usize).cloned()
            };
            if of(&status)
                .and_then(|it| it.parse::<u16>().ok())
                .is_some_and(|it| !(200..300).contains(&it))
            {
                faults.remark(NO_DATA, file, Some(line));
                continue;
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
            batch
                .people
                .push(actors.get(row).copied().unwrap_or(NOBODY));
            if keys.is_some() {
                batch
                    .keys
                    .push(of(&keys).map_or(NOBODY, |key| self.key_of(&key)));
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
    }

    /// The kind of each row: the texts that tell it are few, so each combination is looked at once.
    fn kinds_of<'c>(
        &mut self,
        column: &impl Fn(Is) -> Option<&'c ArrayRef>,
        mapping: &Mapping,
        count: usize,
    ) -> Vec<Result<u32, &'static str>> {
        let telling = [
            Is::Partner,
            Is::Operation,
            Is::Verb,
            Is::Category,
            Is::Reach,
            Is::Purpose,
            Is::Method,
            Is::Path,
        ];
        let all: [Option<Texts>; 8] = telling.map(|is| column(is).and_then(texts));
        let mut met: rustc_hash::FxHashMap<[u32; 8], Result<u32, &'static str>> =
            rustc_hash::FxHashMap::default();
        let mut last: Option<([u32; 8], Result<u32, &'static str>)> = None;
        (0..count)
            .map(|row| {
                let key = [0, 1, 2, 3, 4, 5, 6, 7].map(|n: usize| {
                    let texts = all.get(n).and_then(Option::as_ref);
                    texts
                        .and_then(|texts| texts.numbers.get(row))
                        .copied()
                        .unwrap_or(u32::MAX)
                });
                if let Some((_, kind)) = last.filter(|(before, _)| *before == key) {
                    return kind;
                }
                let kind = *met.entry(key).or_insert_with(|| {
                    let text = |n: usize| {
                        let number = *key.get(n)?;
                        all.get(n)?
                            .as_ref()?
                            .texts
                            .get(number as usize)
                            .map(String::as_str)
                    };
                    let operation = match (text(1), text(7)) {
                        _ if mapping.operations.is_empty() => None,
                        (Some(name), _) => mapping.named(name),
                        (None, Some(path)) => mapping
                            .requested(text(6), path)
                            .map(|(operation, ..)| operation),
                        (None, None) => None,
                    };
                    if operation.is_none() && !mapping.operations.is_empty() {
                        return Err("the operation is not in the mapping");
                    }
                    self.kind(Telling {
                        partner: text(0),
                        operation,
                        verb: text(2),
                        category: text(3),
                        reach: text(4),
                        purpose: text(5),
                    })
                });
                last = Some((key, kind));
                kind
            })
            .collect()
    }
}
