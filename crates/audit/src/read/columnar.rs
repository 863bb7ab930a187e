//! Parquet: what a file's foot says, its row groups, and columns as texts, ids and moments.

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

use super::moment::{NoMoment, TimeForm, moment, plausible};
use crate::facts::People;
use crate::judge::NOBODY;

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
    let kind = match field.data_type() {
        DataType::Dictionary(_, values) => values,
        kind => kind,
    };
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
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

impl Texts {
    /// What stands in a row.
    pub(crate) fn of_row(&self, row: usize) -> Option<&str> {
        let number = *self.numbers.get(row)?;
        self.texts.get(number as usize).map(String::as_str)
    }
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

/// Whether [`texts`] can read a column.
pub(crate) fn readable(column: &ArrayRef) -> bool {
    match column.data_type() {
        DataType::Dictionary(keys, values) => {
            **keys == DataType::Int32 && **values == DataType::Utf8
        }
        DataType::Utf8
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Timestamp(..)
        | DataType::Date32 => true,
        _ => false,
    }
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
pub(crate) fn people(column: &ArrayRef, people: &People, out: &mut Vec<u32>) -> Option<()> {
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

/// Ids of a column of whole numbers, none of them negative; `None` for any other column.
pub(crate) fn ids(column: &ArrayRef) -> Option<Vec<Option<u64>>> {
    let numbers = column.as_primitive_opt::<Int64Type>()?;
    let id = |id: Option<i64>| id.map(u64::try_from).transpose().ok();
    numbers.iter().map(id).collect()
}

/// Moments of a column of times, or of whole numbers as milliseconds; `None` for any other column. A null is not told
/// apart from a wrong one here.
pub(crate) fn stamps(column: &ArrayRef) -> Option<Vec<Result<i64, NoMoment>>> {
    match column.data_type() {
        DataType::Timestamp(..) | DataType::Int64 => moments(column, TimeForm::Rfc3339, None),
        _ => None,
    }
}

/// Moments of a column.
pub(crate) fn moments(
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
