//! A list in any of the forms, row by row, by the names of its columns.

use std::borrow::Cow;
use std::path::Path;

use arrow_array::{Array as _, ArrayRef};

use super::blocks::Blocks;
use super::cells::{self, Cell};
use super::columnar::{Foot, Texts, ids, stamps, texts};
use super::faults::Faults;
use super::moment::NoMoment;
use super::open::{Form, Packing, open};

/// A column that a list can have, and what it is to hold.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// Words.
    Text(&'static str),
    /// People or keys: texts, or whole numbers.
    Id(&'static str),
    /// Moments or days.
    Moment(&'static str),
}

impl Wanted {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Wanted::Text(name) | Wanted::Id(name) | Wanted::Moment(name) => name,
        }
    }
}

/// Reads a list. `take` gets the wanted cells of each row, and says what is wrong with them. Gives back how many rows
/// there were. A list that cannot be read to its end is an error: nobody could say what it would have held.
pub(crate) fn read(
    path: &Path,
    file: &str,
    (form, packing): (Form, Packing),
    wanted: &[Wanted],
    faults: &mut Faults,
    mut take: impl FnMut(&[Option<Cell<'_>>]) -> Result<(), String>,
) -> Result<u64, String> {
    let names: Vec<&str> = wanted.iter().map(|it| it.name()).collect();
    let names = names.as_slice();
    let mut rows = 0u64;
    let mut each = |row: &[Option<Cell<'_>>], line: u64, faults: &mut Faults| {
        rows = rows.saturating_add(1);
        if let Err(wrong) = take(row) {
            faults.row(&format!("not counted: {wrong}"), file, line);
        }
    };
    match form {
        Form::Parquet => read_parquet(path, wanted, faults, &mut each)?,
        Form::Csv => read_csv(path, packing, names, file, faults, &mut each)?,
        Form::Ndjson => {
            let source = open(path, packing, |_| {}).map_err(|error| error.to_string())?;
            let mut blocks = Blocks::new(source, false);
            while let Some(block) = blocks.next().map_err(|error| error.to_string())? {
                let mut row = Vec::new();
                for (line, number) in block
                    .bytes
                    .split(|byte| *byte == b'\n')
                    .zip(block.first_line..)
                {
                    if line.iter().all(u8::is_ascii_whitespace) {
                        continue;
                    }
                    let text = std::str::from_utf8(line).ok();
                    match text.map(|text| cells::of_json(text, names, &mut row)) {
                        Some(Ok(())) => each(&row, number, faults),
                        _ => {
                            faults.row("not counted: the line is not one JSON object", file, number)
                        }
                    }
                }
            }
        }
    }
    Ok(rows)
}

type Each<'e> = dyn FnMut(&[Option<Cell<'_>>], u64, &mut Faults) + 'e;

fn read_csv(
    path: &Path,
    packing: Packing,
    names: &[&str],
    file: &str,
    faults: &mut Faults,
    each: &mut Each<'_>,
) -> Result<(), String> {
    let source = open(path, packing, |_| {}).map_err(|error| error.to_string())?;
    let mut reader = csv::ReaderBuilder::new().from_reader(source);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let places: Vec<Option<usize>> = names
        .iter()
        .map(|name| header.iter().position(|it| it == *name))
        .collect();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) if error.is_io_error() => return Err(error.to_string()),
            Err(_) => {
                let line = reader.position().line();
                faults.row("not counted: the line is not UTF-8 text, or has more or fewer cells than the heading", file, line);
                continue;
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |place: &Option<usize>| {
            cells::of_csv(
                place
                    .and_then(|place| record.get(place))
                    .unwrap_or_default(),
            )
        };
        let row: Vec<Option<Cell<'_>>> = places.iter().map(cell).collect();
        each(&row, line, faults);
    }
}

/// A column of Parquet, as it is wanted.
enum Column {
    Texts(Texts),
    Ids(Vec<Option<u64>>),
    Moments(Vec<Option<Result<i64, NoMoment>>>),
}

impl Column {
    /// What a column cannot be read as must not count as empty: an empty end means "never".
    fn of(wanted: Wanted, column: &ArrayRef) -> Result<Column, String> {
        let typed = match wanted {
            Wanted::Text(_) => None,
            Wanted::Id(_) => ids(column).map(Column::Ids),
            Wanted::Moment(_) => stamps(column).map(|moments| {
                let cell = |(row, at)| (!column.is_null(row)).then_some(at);
                Column::Moments(moments.into_iter().enumerate().map(cell).collect())
            }),
        };
        typed
            .or_else(|| texts(column).map(Column::Texts))
            .ok_or_else(|| {
                format!(
                    "the column {} is of a kind that cannot be read here ({})",
                    wanted.name(),
                    column.data_type()
                )
            })
    }

    fn cell(&self, row: usize) -> Option<Cell<'_>> {
        match self {
            Column::Texts(all) => {
                let number = *all.numbers.get(row)?;
                let text = all.texts.get(number as usize)?;
                Some(Cell::Text(Cow::Borrowed(text)))
            }
            Column::Ids(all) => (*all.get(row)?).map(Cell::Id),
            Column::Moments(all) => (*all.get(row)?).map(Cell::Moment),
        }
    }
}

fn read_parquet(
    path: &Path,
    wanted: &[Wanted],
    faults: &mut Faults,
    each: &mut Each<'_>,
) -> Result<(), String> {
    let foot = Foot::read(path)?;
    let names: Vec<&str> = wanted.iter().map(|it| it.name()).collect();
    let (mut line, mut wrong) = (0u64, None);
    for group in 0..foot.groups() {
        foot.read_group(path, group, &names, |batch| {
            let columns: Result<Vec<Option<Column>>, String> = wanted
                .iter()
                .map(|it| {
                    let column = batch.column_by_name(it.name());
                    column.map(|column| Column::of(*it, column)).transpose()
                })
                .collect();
            let columns = match columns {
                Ok(columns) => columns,
                Err(why) => {
                    wrong = Some(why);
                    return;
                }
            };
            let mut row = Vec::with_capacity(columns.len());
            for number in 0..batch.num_rows() {
                line = line.saturating_add(1);
                row.clear();
                row.extend(columns.iter().map(|it| it.as_ref()?.cell(number)));
                each(&row, line, faults);
            }
        })?;
    }
    wrong.map_or(Ok(()), Err)
}
