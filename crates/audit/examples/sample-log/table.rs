//! Writing one table as CSV, NDJSON or Parquet; plain, or packed with gzip or zstd.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Int64Builder, StringDictionaryBuilder, TimestampMillisecondBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

/// How a column is written.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Text,
    Id,
    Time,
}

/// What stands in a cell.
#[derive(Clone, Copy)]
pub enum Cell<'a> {
    None,
    Text(&'a str),
    Id(u64),
    Time(i64),
}

/// A row group of Parquet.
const GROUP: usize = 1 << 19;

pub type Columns = &'static [(&'static str, Kind)];

/// One open file.
pub struct Table {
    columns: Columns,
    to: To,
    line: String,
}

#[allow(clippy::large_enum_variant, reason = "there is one of them at a time")]
enum To {
    Csv(Box<dyn Write>),
    Ndjson(Box<dyn Write>),
    Parquet {
        writer: ArrowWriter<File>,
        builders: Vec<Builder>,
        rows: usize,
    },
}

enum Builder {
    Text(StringDictionaryBuilder<Int32Type>),
    Id(Int64Builder),
    Time(TimestampMillisecondBuilder),
}

fn packed(path: &Path) -> Box<dyn Write> {
    let file = BufWriter::new(File::create(path).expect("a new file"));
    match path.extension().and_then(|it| it.to_str()) {
        Some("gz") => Box::new(flate2::write::GzEncoder::new(
            file,
            flate2::Compression::fast(),
        )),
        Some("zst") => Box::new(zstd::Encoder::new(file, 1).expect("zstd").auto_finish()),
        _ => Box::new(file),
    }
}

impl Table {
    /// `form` is the ending of the name: `csv`, `ndjson`, `parquet`, `csv.gz`, `ndjson.zst`.
    pub fn create(dir: &Path, name: &str, form: &str, columns: Columns) -> Table {
        let path = dir.join(format!("{name}.{form}"));
        let to = match form.split('.').next() {
            Some("csv") => {
                let mut out = packed(&path);
                let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
                writeln!(out, "{}", names.join(",")).expect("written");
                To::Csv(out)
            }
            Some("ndjson") => To::Ndjson(packed(&path)),
            _ => {
                let fields = columns
                    .iter()
                    .map(|(name, kind)| Field::new(*name, data_type(*kind), true));
                let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
                let properties = WriterProperties::builder()
                    .set_compression(Compression::SNAPPY)
                    .build();
                let file = File::create(&path).expect("a new file");
                let writer =
                    ArrowWriter::try_new(file, schema, Some(properties)).expect("a schema");
                To::Parquet {
                    writer,
                    builders: builders(columns),
                    rows: 0,
                }
            }
        };
        Table {
            columns,
            to,
            line: String::new(),
        }
    }

    pub fn row(&mut self, cells: &[Cell<'_>]) {
        match &mut self.to {
            To::Csv(out) => {
                self.line.clear();
                for (n, cell) in cells.iter().enumerate() {
                    if n > 0 {
                        self.line.push(',');
                    }
                    push(&mut self.line, *cell);
                }
                writeln!(out, "{}", self.line).expect("written");
            }
            To::Ndjson(out) => {
                self.line.clear();
                for ((name, _), cell) in self.columns.iter().zip(cells) {
                    self.line
                        .push_str(if self.line.is_empty() { "{\"" } else { ",\"" });
                    self.line.push_str(name);
                    self.line.push_str("\":");
                    match cell {
                        Cell::None => self.line.push_str("null"),
                        Cell::Id(_) => push(&mut self.line, *cell),
                        _ => {
                            self.line.push('"');
                            push(&mut self.line, *cell);
                            self.line.push('"');
                        }
                    }
                }
                writeln!(out, "{}}}", self.line).expect("written");
            }
            To::Parquet {
                writer,
                builders,
                rows,
            } => {
                for (builder, cell) in builders.iter_mut().zip(cells) {
                    match (builder, cell) {
                        (Builder::Text(to), Cell::Text(text)) => to.append_value(text),
                        (Builder::Text(to), _) => to.append_null(),
                        (Builder::Id(to), Cell::Id(id)) => to.append_value(*id as i64),
                        (Builder::Id(to), _) => to.append_null(),
                        (Builder::Time(to), Cell::Time(at)) => to.append_value(*at),
                        (Builder::Time(to), _) => to.append_null(),
                    }
                }
                *rows += 1;
                if *rows == GROUP {
                    flush(self.columns, writer, builders);
                    *rows = 0;
                }
            }
        }
    }

    pub fn close(self) {
        match self.to {
            To::Csv(mut out) | To::Ndjson(mut out) => out.flush().expect("written"),
            To::Parquet {
                mut writer,
                mut builders,
                ..
            } => {
                flush(self.columns, &mut writer, &mut builders);
                writer.close().expect("written");
            }
        }
    }
}

fn push(line: &mut String, cell: Cell<'_>) {
    match cell {
        Cell::None => {}
        Cell::Text(text) => line.push_str(text),
        Cell::Id(id) => line.push_str(&id.to_string()),
        Cell::Time(at) => line.push_str(&decide::Time(at).to_string()),
    }
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Kind::Id => DataType::Int64,
        Kind::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
    }
}

fn builders(columns: Columns) -> Vec<Builder> {
    let builder = |kind| match kind {
        Kind::Text => Builder::Text(StringDictionaryBuilder::new()),
        Kind::Id => Builder::Id(Int64Builder::new()),
        Kind::Time => Builder::Time(TimestampMillisecondBuilder::new().with_timezone("UTC")),
    };
    columns.iter().map(|(_, kind)| builder(*kind)).collect()
}

fn flush(columns: Columns, writer: &mut ArrowWriter<File>, builders: &mut [Builder]) {
    let arrays = builders.iter_mut().map(|builder| -> ArrayRef {
        match builder {
            Builder::Text(it) => Arc::new(it.finish()),
            Builder::Id(it) => Arc::new(it.finish()),
            Builder::Time(it) => Arc::new(it.finish()),
        }
    });
    let named = columns
        .iter()
        .map(|(name, _)| *name)
        .zip(arrays)
        .map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(named).expect("columns of one length");
    writer.write(&batch).expect("written");
    writer.flush().expect("written");
}
