//! All logs as a stream of pieces of work, handed out to whichever thread is free.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::blocks::{Block, Blocks};
use super::columnar::Foot;
use super::faults::Faults;
use super::mapping::Mapping;
use super::open::{Form, Packing, open};
use super::rows::{Numbering, Rows};
use crate::judge::Batch;

/// A log.
#[derive(Clone)]
pub(crate) struct LogFile {
    pub(crate) path: PathBuf,
    /// As reports name it.
    pub(crate) name: String,
    pub(crate) form: Form,
    pub(crate) packing: Packing,
    pub(crate) bytes: u64,
    pub(crate) mapping: Arc<Mapping>,
}

/// One piece of work.
enum Piece {
    Text {
        file: usize,
        header: Arc<[String]>,
        block: Block,
    },
    Group {
        file: usize,
        foot: Foot,
        group: usize,
    },
}

/// Hands pieces out, file after file.
pub(crate) struct Feed<'f> {
    files: &'f [LogFile],
    at: Mutex<At>,
    /// Bytes of files that have been read.
    read: Arc<AtomicU64>,
    only_kinds: bool,
}

#[derive(Default)]
struct At {
    /// The file after the open one.
    next: usize,
    open: Option<Opened>,
    faults: Faults,
}

enum Opened {
    Text {
        file: usize,
        header: Arc<[String]>,
        blocks: Blocks,
    },
    Columns {
        file: usize,
        foot: Foot,
        group: usize,
    },
}

impl<'f> Feed<'f> {
    pub(crate) fn new(files: &'f [LogFile], only_kinds: bool, read: Arc<AtomicU64>) -> Feed<'f> {
        Feed {
            files,
            at: Mutex::default(),
            read,
            only_kinds,
        }
    }

    /// What went wrong with files as a whole.
    pub(crate) fn faults(self) -> Faults {
        self.at
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .faults
    }

    fn next(&self) -> Option<Piece> {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let At { next, open, faults } = &mut *at;
            match open {
                None => {
                    let file = *next;
                    let log = self.files.get(file)?;
                    *next = next.saturating_add(1);
                    match self.open(file, log) {
                        Ok(opened) => *open = opened,
                        Err(wrong) => faults.rows(&wrong, &log.name, None, 0),
                    }
                }
                Some(Opened::Columns { file, foot, group }) => {
                    if *group < foot.groups() {
                        let piece = Piece::Group {
                            file: *file,
                            foot: foot.clone(),
                            group: *group,
                        };
                        *group = group.saturating_add(1);
                        return Some(piece);
                    }
                    *open = None;
                }
                Some(Opened::Text {
                    file,
                    header,
                    blocks,
                }) => {
                    let name = self.files.get(*file).map_or("", |log| log.name.as_str());
                    match blocks.next() {
                        Ok(Some(block)) => {
                            return Some(Piece::Text {
                                file: *file,
                                header: header.clone(),
                                block,
                            });
                        }
                        Ok(None) => *open = None,
                        Err(error) => {
                            let wrong = format!(
                                "the file cannot be read on from here ({error}); how many rows are lost nobody knows"
                            );
                            faults.rows(&wrong, name, Some(blocks.line()), 0);
                            *open = None;
                        }
                    }
                }
            }
        }
    }

    /// Opens a log; `None` for an empty one.
    fn open(&self, file: usize, log: &LogFile) -> Result<Option<Opened>, String> {
        if log.form == Form::Parquet {
            let foot = Foot::read(&log.path)
                .map_err(|error| format!("the file is not Parquet, or has lost its end ({error}); none of its rows were judged"))?;
            return Ok(Some(Opened::Columns {
                file,
                foot,
                group: 0,
            }));
        }
        let read = self.read.clone();
        let count = move |bytes| {
            read.fetch_add(bytes, Ordering::Relaxed);
        };
        let wrong =
            |error| format!("the file cannot be read ({error}); none of its rows were judged");
        let header = match log.form {
            Form::Csv => heading(log).map_err(wrong)?,
            Form::Ndjson | Form::Parquet => Vec::new(),
        };
        let source = open(&log.path, log.packing, count).map_err(wrong)?;
        let blocks = Blocks::new(source, log.form == Form::Csv);
        Ok(Some(Opened::Text {
            file,
            header: header.into(),
            blocks,
        }))
    }
}

/// The first row of a CSV file.
fn heading(log: &LogFile) -> std::io::Result<Vec<String>> {
    let source = open(&log.path, log.packing, |_| {})?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(source);
    let mut record = csv::ByteRecord::new();
    reader
        .read_byte_record(&mut record)
        .map_err(std::io::Error::other)?;
    Ok(record
        .iter()
        .map(|cell| String::from_utf8_lossy(cell).into_owned())
        .collect())
}

/// Rows and broken rows of each file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(pub(crate) Vec<(u64, u64)>);

/// One thread's reading.
pub(crate) struct Reader<'a> {
    feed: &'a Feed<'a>,
    /// A reader for each log: mappings differ.
    rows: Vec<Option<Rows<'a>>>,
    numbering: Numbering<'a>,
    pub(crate) faults: Faults,
    pub(crate) counts: Counts,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(feed: &'a Feed<'a>, numbering: Numbering<'a>) -> Reader<'a> {
        Reader {
            feed,
            rows: feed.files.iter().map(|_| None).collect(),
            numbering,
            faults: Faults::default(),
            counts: Counts(vec![(0, 0); feed.files.len()]),
        }
    }

    /// Reads the next piece and hands its batches on, with the file's name and the line of each row; `false` at the
    /// end. What `take` gives back are rows that were no use after all.
    pub(crate) fn read(
        &mut self,
        batch: &mut Batch,
        lines: &mut Vec<u64>,
        mut take: impl FnMut(&Batch, &[u64]) -> Vec<usize>,
    ) -> bool {
        let Some(piece) = self.feed.next() else {
            return false;
        };
        let (Piece::Text { file, .. } | Piece::Group { file, .. }) = piece;
        let Some(log) = self.feed.files.get(file) else {
            return true;
        };
        let Some(slot) = self.rows.get_mut(file) else {
            return true;
        };
        let rows = slot
            .get_or_insert_with(|| Rows::new(self.numbering, &log.mapping, self.feed.only_kinds));
        let faults = &mut self.faults;
        let before = faults.count();
        let mut hand_on = |batch: &mut Batch, lines: &mut Vec<u64>, faults: &mut Faults| {
            for row in take(batch, lines) {
                let line = lines.get(row).copied().unwrap_or(0);
                faults.row(
                    "the row does not say whose data it was: nobody is named",
                    &log.name,
                    line,
                );
            }
            batch.clear();
            lines.clear();
        };
        batch.clear();
        lines.clear();
        let count = match piece {
            Piece::Text { header, block, .. } => {
                let count = rows.read(&block, log.form, &header, &log.name, batch, lines, faults);
                hand_on(batch, lines, faults);
                count
            }
            Piece::Group { foot, group, .. } => {
                let mut done = 0u64;
                let first = foot.before(group).saturating_add(1);
                let names: Vec<&str> = log
                    .mapping
                    .columns
                    .iter()
                    .filter(|(is, _)| !self.feed.only_kinds || Mapping::tells_kind(*is))
                    .map(|(_, name)| name.as_str())
                    .collect();
                let read = foot.read_group(&log.path, group, &names, |columns| {
                    let first = first.saturating_add(done);
                    rows.take_columns(
                        columns,
                        &log.mapping,
                        &log.name,
                        first,
                        batch,
                        lines,
                        faults,
                    );
                    done = done.saturating_add(columns.num_rows() as u64);
                    hand_on(batch, lines, faults);
                });
                if let Err(error) = read {
                    let lost = foot.rows_of(group).saturating_sub(done);
                    let wrong = format!("the row group cannot be read ({error})");
                    faults.rows(&wrong, &log.name, Some(first.saturating_add(done)), lost);
                }
                self.feed
                    .read
                    .fetch_add(foot.bytes_of(group), Ordering::Relaxed);
                foot.rows_of(group)
            }
        };
        if let Some((rows, broken)) = self.counts.0.get_mut(file) {
            *rows = rows.saturating_add(count);
            *broken = broken.saturating_add(faults.count().saturating_sub(before));
        }
        true
    }
}
