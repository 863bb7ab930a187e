//! What form a file has, and unpacking it.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// The form of a file's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Csv,
    Ndjson,
    Parquet,
}

/// What a file is packed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// Form and packing, by the endings of the name: `.csv`, `.ndjson`, `.jsonl`, `.json`, `.log` (as NDJSON), `.parquet`;
/// then `.gz`, `.zst`.
pub(crate) fn form_of(path: &Path) -> Option<(Form, Packing)> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let (name, packing) = if let Some(name) = name.strip_suffix(".gz") {
        (name, Packing::Gzip)
    } else if let Some(name) = name.strip_suffix(".zst") {
        (name, Packing::Zstd)
    } else {
        (name.as_str(), Packing::Plain)
    };
    let form = match name.rsplit_once('.')?.1 {
        "csv" => Form::Csv,
        "ndjson" | "jsonl" | "json" | "log" => Form::Ndjson,
        "parquet" if packing == Packing::Plain => Form::Parquet,
        _ => return None,
    };
    Some((form, packing))
}

/// As a report names it.
pub(crate) fn name(form: Form, packing: Packing) -> String {
    let form = match form {
        Form::Csv => "csv",
        Form::Ndjson => "ndjson",
        Form::Parquet => "parquet",
    };
    match packing {
        Packing::Plain => form.to_owned(),
        Packing::Gzip => format!("{form}+gzip"),
        Packing::Zstd => format!("{form}+zstd"),
    }
}

/// Opens a file of text and unpacks it. `read` counts bytes as they lie on disk.
pub(crate) fn open(
    path: &Path,
    packing: Packing,
    read: impl FnMut(u64) + Send + 'static,
) -> io::Result<Box<dyn Read + Send>> {
    let counted = Counted {
        file: File::open(path)?,
        read,
    };
    let buffered = BufReader::with_capacity(1 << 18, counted);
    Ok(match packing {
        Packing::Plain => Box::new(buffered),
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(buffered)),
        Packing::Zstd => Box::new(zstd::Decoder::with_buffer(buffered)?),
    })
}

struct Counted<F> {
    file: File,
    read: F,
}

impl<F: FnMut(u64)> Read for Counted<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        (self.read)(count as u64);
        Ok(count)
    }
}
