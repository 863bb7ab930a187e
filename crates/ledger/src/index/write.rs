//! Making a run: under another name until it is whole and durable.

use super::error::at;
use super::run::{BLOCK, Head, PAIRS, PAIRS_AT, Run};
use super::{IndexError, IndexOptions, Pair};
use crate::Hash;
use crate::files::Handle;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::PathBuf;
use std::sync::Arc;

/// What a run is called while it is written.
pub(super) const UNFINISHED: &str = "unfinished";
/// How the names of runs end.
pub(super) const ENDING: &str = ".run";

/// A run that is being written, pair by pair in order.
pub(super) struct RunWriter<'a> {
    options: &'a IndexOptions,
    handle: Handle,
    from: u64,
    to: u64,
    pairs: u64,
    offset: u64,
    block: Vec<u8>,
    fences: Vec<u8>,
}

impl<'a> RunWriter<'a> {
    pub(super) fn create(
        options: &'a IndexOptions,
        from: u64,
        to: u64,
    ) -> Result<Self, IndexError> {
        let path = options.dir.join(UNFINISHED);
        Ok(Self {
            options,
            handle: at(&path, options.files.create(&path))?,
            from,
            to,
            pairs: 0,
            offset: BLOCK as u64,
            block: Vec::with_capacity(BLOCK),
            fences: Vec::new(),
        })
    }

    pub(super) fn push(&mut self, (key, entry): Pair) -> Result<(), IndexError> {
        if self.block.is_empty() {
            self.fences.extend_from_slice(&key.to_be_bytes());
        }
        self.block.extend_from_slice(&key.to_be_bytes());
        self.block.extend_from_slice(&entry.to_be_bytes());
        self.pairs += 1;
        if self.block.len() == PAIRS * 16 {
            self.end_block()?;
        }
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), IndexError> {
        let count = (self.block.len() / 16) as u32;
        let mut rest = count.to_be_bytes().to_vec();
        rest.resize(PAIRS_AT - 4, 0);
        rest.append(&mut self.block);
        rest.resize(BLOCK - 4, 0);
        let mut bytes = crc32fast::hash(&rest).to_be_bytes().to_vec();
        bytes.append(&mut rest);
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), IndexError> {
        let files = &self.options.files;
        let written = files.write_at(&self.handle, self.offset, bytes);
        at(&self.handle.path, written)?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// Makes the run durable under its name, and opens it.
    pub(super) fn finish(mut self, leaf: Hash) -> Result<Run, IndexError> {
        if !self.block.is_empty() {
            self.end_block()?;
        }
        let mut fences = std::mem::take(&mut self.fences);
        fences.extend_from_slice(&crc32fast::hash(&fences).to_be_bytes());
        self.write(&fences)?;
        let head = Head {
            from: self.from,
            to: self.to,
            pairs: self.pairs,
            leaf,
        };
        let (files, path) = (&self.options.files, &self.handle.path);
        at(path, files.write_at(&self.handle, 0, &head.encode()))?;
        at(path, files.sync_all(&self.handle))?;
        let to = self.options.dir.join(name(self.from, self.to));
        at(&to, files.rename(path, &to))?;
        at(&self.options.dir, files.sync_dir(&self.options.dir))?;
        Run::open(&**files, &to)
    }
}

/// What the run over these entries is called.
pub(super) fn name(from: u64, to: u64) -> String {
    format!("{from:016x}-{to:016x}{ENDING}")
}

/// The span that a name says, if it is one of a run.
pub(super) fn span(name: &str) -> Option<(u64, u64)> {
    let (from, to) = name.strip_suffix(ENDING)?.split_once('-')?;
    let number = |text: &str| u64::from_str_radix(text, 16).ok();
    let span = (number(from)?, number(to)?);
    (self::name(span.0, span.1) == name).then_some(span)
}

/// Makes one run of several that follow on one another.
pub(super) fn merge(options: &IndexOptions, runs: &[Arc<Run>]) -> Result<Run, IndexError> {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
        return Err(super::run::broken(&PathBuf::new(), "nothing to merge"));
    };
    let mut writer = RunWriter::create(options, first.head().from, last.head().to)?;
    let mut cursors: Vec<Cursor<'_>> = runs.iter().map(|run| Cursor::new(run)).collect();
    let mut heap = BinaryHeap::new();
    for (which, cursor) in cursors.iter_mut().enumerate() {
        heap.extend(cursor.next(options)?.map(|pair| Reverse((pair, which))));
    }
    while let Some(Reverse((pair, which))) = heap.pop() {
        writer.push(pair)?;
        if let Some(cursor) = cursors.get_mut(which) {
            heap.extend(cursor.next(options)?.map(|pair| Reverse((pair, which))));
        }
    }
    writer.finish(last.head().leaf)
}

/// A run read from its beginning, block by block.
struct Cursor<'a> {
    run: &'a Run,
    block: u64,
    pairs: std::vec::IntoIter<Pair>,
}

impl<'a> Cursor<'a> {
    fn new(run: &'a Run) -> Self {
        Self {
            run,
            block: 0,
            pairs: Vec::new().into_iter(),
        }
    }

    fn next(&mut self, options: &IndexOptions) -> Result<Option<Pair>, IndexError> {
        if let Some(pair) = self.pairs.next() {
            return Ok(Some(pair));
        }
        if self.block >= self.run.head().blocks() {
            return Ok(None);
        }
        self.pairs = self.run.block(&*options.files, self.block)?.into_iter();
        self.block += 1;
        Ok(self.pairs.next())
    }
}
