//! A list in any of the forms, row by row, by the names of its columns.

use std::borrow::Cow;
use std::path::Path;

use super::blocks::Blocks;
use super::cells::{self, Cell};
use super::columnar::{Foot, Texts, texts};
use super::faults::Faults;
use super::open::{Form, Packing, open};

/// Reads a list. `take` gets the wanted cells of each row, and says what is wrong with them. Gives back how many rows
/// there were. A list that cannot be read to its end is an error: nobody could say what it would have held.
pub(crate) fn read(
    path: &Path,
    file: &str,
    (form, packing): (Form, Packing),
    names: &[&str],
    faults: &mut Faults,
    mut take: impl FnMut(&[Option<Cell<'_>>]) -> Result<(), String>,
) -> Result<u64, String> {
    let mut rows = 0u64;
    let mut each = |row: &[Option<Cell<'_>>], line: u64, faults: &mut Faults| {
        rows = rows.saturating_add(1);
        if let Err(wrong) = take(row) {
            faults.row(&format!("not counted: {wrong}"), file, line);
        }
    };
    match form {
        Form::Parquet => read_parquet(path, names, faults, &mut each)?,
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

fn read_parquet(
    path: &Path,
    names: &[&str],
    faults: &mut Faults,
    each: &mut Each<'_>,
) -> Result<(), String> {
    let foot = Foot::read(path)?;
    let mut line = 0u64;
    for group in 0..foot.groups() {
        foot.read_group(path, group, names, |batch| {
            let columns: Vec<Option<Texts>> = names
                .iter()
                .map(|name| batch.column_by_name(name).and_then(texts))
                .collect();
            for row in 0..batch.num_rows() {
                line = line.saturating_add(1);
                let cell = |texts: &'_ Option<Texts>| {
                    let texts = texts.as_ref()?;
                    let text = texts.texts.get(*texts.numbers.get(row)? as usize)?;
                    Some(Cell::Text(Cow::Owned(text.clone())))
                };
                let cells: Vec<Option<Cell<'_>>> = columns.iter().map(cell).collect();
                each(&cells, line, faults);
            }
        })?;
    }
    Ok(())
}
