//! A copy of a log, made beside the process that writes it: what was published file by file, and what was not in one
//! segment of its own.

use super::error::OpenError;
use super::look::Look;
use super::open::FORMAT;
use super::read::read_tail;
use super::store::{At, BlobKind, CHECKPOINT, Store, at, at_sync};
use super::wal::{BatchWriter, first_segment, whole_segment};
use crate::files::RealFiles;
use crate::tile::{TILE_WIDTH, TileId, bundle_path, encode_bundle, encode_tile};
use crate::tree::width_at;
use std::path::Path;
use std::sync::Arc;

const WIDTH: u64 = TILE_WIDTH as u64;
/// A batch of the copy stops growing here.
const BATCH_BYTES: usize = 4 << 20;

impl Look {
    /// Copies what is seen into a missing or empty directory, durable when this returns. The copy opens and verifies as
    /// a log of its own; its `format` file is written last, so that half a copy is none.
    pub fn copy_to(&self, dir: &Path) -> Result<(), OpenError> {
        let to = Store {
            dir: dir.to_owned(),
            files: Arc::new(RealFiles),
        };
        at(dir, to.files.create_dirs(dir))?;
        if !at(dir, to.files.list(dir))?.is_empty() {
            return Err(OpenError::NotEmpty {
                dir: dir.to_owned(),
            });
        }
        self.copy_tiles(&to)?;
        self.copy_bundles(&to)?;
        self.copy_tail(&to)?;
        put(&to, CHECKPOINT, self.note())?;
        at_sync(dir, to.files.sync_dir(dir))?;
        put(&to, FORMAT, &self.store.read(FORMAT)?)?;
        Ok(at_sync(dir, to.files.sync_dir(dir))?)
    }

    fn copy_tiles(&self, to: &Store) -> Result<(), OpenError> {
        let size = self.checkpoint.size;
        for level in 0u8..8 {
            let shift = 8 * u32::from(level);
            if size >> shift == 0 {
                break;
            }
            let full = (size >> shift) / WIDTH;
            for index in 0..full {
                self.copy_file(to, &TileId::full(level, index).path())?;
            }
            let width = width_at(size, u32::from(level)) as u16;
            if width > 0 {
                let id = TileId {
                    level,
                    index: full,
                    width,
                };
                put(to, &id.path(), &encode_tile(&self.store.tile(id)?))?;
            }
        }
        Ok(())
    }

    fn copy_bundles(&self, to: &Store) -> Result<(), OpenError> {
        let size = self.checkpoint.size;
        for bundle in 0..size / WIDTH {
            self.copy_file(to, &bundle_path(bundle, TILE_WIDTH as u16))?;
            for kind in BlobKind::ALL {
                self.copy_file(to, &kind.path(bundle))?;
            }
        }
        let width = (size % WIDTH) as u16;
        if width > 0 {
            let entries = self.store.bundle(size / WIDTH, width)?;
            let bytes = encode_bundle(entries.iter().map(Vec::as_slice)).unwrap_or_default();
            put(to, &bundle_path(size / WIDTH, width), &bytes)?;
        }
        Ok(())
    }

    /// The records of the last, incomplete bundle and those that are not published yet.
    fn copy_tail(&self, to: &Store) -> Result<(), OpenError> {
        let mut batches = Vec::new();
        let (mut writer, mut first) = (BatchWriter::new(), self.wal.tail_start);
        for (index, place) in (self.wal.tail_start..).zip(&self.wal.tail) {
            let record = read_tail(&self.store, place)?;
            if index > first && writer.length_with(&record) > BATCH_BYTES {
                batches.push(std::mem::replace(&mut writer, BatchWriter::new()).finish(first));
                first = index;
            }
            writer.push(&record);
        }
        if !self.wal.tail.is_empty() {
            batches.push(writer.finish(first));
        }
        Ok(put(to, &first_segment(), &whole_segment(&batches))?)
    }

    fn copy_file(&self, to: &Store, relative: &str) -> Result<(), OpenError> {
        Ok(put(to, relative, &self.store.read(relative)?)?)
    }
}

/// Writes a file of the copy. Nobody reads it before the copy is whole, so it has its final name at once.
fn put(to: &Store, relative: &str, bytes: &[u8]) -> Result<(), At> {
    let path = to.path(relative);
    to.make_parents(&path)?;
    let handle = at(&path, to.files.create(&path))?;
    at(&path, to.files.write_at(&handle, 0, bytes))?;
    at_sync(&path, to.files.sync_all(&handle))
}
