//! Tiles, blobs and checkpoints, derived from what the disk holds.
//!
//! Nothing is signed over bytes that were only in memory: every record is read back from the
//! write-ahead log and hashed again, every file is read back after it was written, and the root that
//! comes out must be the one that the committer computed on its own. Any difference stops the log.

use super::error::Failure;
use super::read::read_tail;
use super::shared::{Shared, State, TailRecord};
use super::store::{BlobKind, CHECKPOINT, at, write_whole};
use super::wal::Spare;
use super::{Checkpoint, Record};
use crate::Hash;
use crate::note::Signer;
use crate::tile::{TILE_WIDTH, TileId, bundle_path, decode_bundle, encode_bundle, encode_tile};
use crate::tree::Edge;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const WIDTH: u64 = TILE_WIDTH as u64;

/// Everything that only publishing touches.
#[derive(Debug)]
pub(super) struct Publisher {
    pub(super) shared: Arc<Shared>,
    pub(super) signer: Arc<Signer>,
    pub(super) anchor: Option<PathBuf>,
    /// The tree as far as it is published.
    pub(super) edge: Edge,
}

/// The publishing thread: publishes at intervals, and makes a spare segment whenever there is none.
pub(super) fn run(
    shared: &Shared,
    publisher: &Mutex<Publisher>,
    every: Duration,
    segment_bytes: u64,
) {
    let mut last = Instant::now();
    while shared.failure().is_none() {
        let left = every.saturating_sub(last.elapsed());
        let idle = |state: &mut State| !state.closing && state.spare.is_some();
        let waited = shared.wake.wait_timeout_while(shared.state(), left, idle);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let (closing, spare_wanted) = (state.closing, state.spare.is_none());
        drop(state);
        if closing {
            return;
        }
        if spare_wanted {
            match Spare::make(&shared.store, segment_bytes) {
                Ok(spare) => shared.state().spare = Some(spare),
                Err(error) => drop(shared.fail(Failure::new(error))),
            }
        }
        if last.elapsed() >= every {
            last = Instant::now();
            // An error has already stopped the log, which ends this loop too.
            let _ = publisher
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .publish();
        }
    }
}

impl Publisher {
    /// Publishes all that is durable; any error stops the log.
    pub(super) fn publish(&mut self) -> Result<Checkpoint, Failure> {
        if let Some(failure) = self.shared.failure() {
            return Err(failure);
        }
        self.publish_tail()
            .map_err(|failure| self.shared.fail(failure))
    }

    fn publish_tail(&mut self) -> Result<Checkpoint, Failure> {
        let (size, root) = {
            let state = self.shared.state();
            if state.size == self.edge.size() {
                return Ok(state.published.clone());
            }
            (state.size, state.root)
        };
        let mut now_full = Vec::new();
        for bundle in self.edge.size() / WIDTH..size.div_ceil(WIDTH) {
            self.publish_bundle(bundle, size.min((bundle + 1) * WIDTH), &mut now_full)?;
        }
        for (hashes, level) in self
            .edge
            .levels()
            .iter()
            .zip(0u8..)
            .filter(|(hashes, _)| !hashes.is_empty())
        {
            let index = size >> (8 * (u32::from(level) + 1));
            self.write_tile(
                TileId {
                    level,
                    index,
                    width: hashes.len() as u16,
                },
                hashes,
            )?;
        }
        if self.edge.root() != root {
            return Err(Failure::new(format!(
                "at size {size} the files on disk add up to {}, but {root} was committed; nothing was signed",
                self.edge.root()
            )));
        }
        let checkpoint = Checkpoint {
            origin: self.signer.name().to_owned(),
            size,
            root,
        };
        self.write_checkpoint(&checkpoint)?;
        self.trim(&checkpoint, &now_full)?;
        Ok(checkpoint)
    }

    /// Reads the records of one bundle back, hashes them, and writes what they make.
    fn publish_bundle(
        &mut self,
        bundle: u64,
        end: u64,
        now_full: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let start = bundle * WIDTH;
        let tail: Vec<TailRecord> = {
            let state = self.shared.state();
            let skip = start.saturating_sub(state.tail_start) as usize;
            state
                .tail
                .iter()
                .skip(skip)
                .take((end - start) as usize)
                .cloned()
                .collect()
        };
        let mut records = Vec::with_capacity(tail.len());
        for (index, place) in (start..).zip(&tail) {
            let record = read_tail(&self.shared.store, place).map_err(Failure::new)?;
            if Hash::leaf(&record.entry) != place.leaf {
                return Err(Failure::new(format!(
                    "{}: entry {index} on disk is not the one committed; nothing was signed",
                    place.handle.path.display()
                )));
            }
            records.push(record);
        }
        self.write_bundle(bundle, &records, &tail)?;
        if tail.len() == TILE_WIDTH {
            self.write_blobs(bundle, &records)?;
            now_full.push(bundle_path(bundle, TILE_WIDTH as u16));
        }
        for (index, place) in (start..).zip(&tail) {
            if index < self.edge.size() {
                continue; // already in the tree since an earlier publication
            }
            for full in self.edge.push(place.leaf) {
                self.write_tile(full.id, &full.hashes)?;
                now_full.push(full.id.path());
            }
        }
        Ok(())
    }

    fn write_bundle(
        &self,
        bundle: u64,
        records: &[Record],
        tail: &[TailRecord],
    ) -> Result<(), Failure> {
        let width = records.len() as u16;
        let path = bundle_path(bundle, width);
        let entries = records.iter().map(|record| record.entry.as_slice());
        let bytes = encode_bundle(entries)
            .ok_or_else(|| Failure::new("an entry is too long for a bundle"))?;
        self.shared
            .store
            .write(&path, &bytes)
            .map_err(Failure::new)?;
        let on_disk = self.shared.store.read(&path).map_err(Failure::new)?;
        let entries = decode_bundle(&on_disk, width).unwrap_or_default();
        let same = entries.len() == tail.len()
            && entries
                .iter()
                .zip(tail)
                .all(|(entry, place)| Hash::leaf(entry) == place.leaf);
        self.check_read_back(same, &path)
    }

    fn write_blobs(&self, bundle: u64, records: &[Record]) -> Result<(), Failure> {
        for kind in BlobKind::ALL {
            let items: Vec<&[u8]> = records.iter().map(|record| kind.of(record)).collect();
            self.shared
                .store
                .write_blobs(kind, bundle, &items)
                .map_err(Failure::new)?;
            let on_disk = self
                .shared
                .store
                .blobs(kind, bundle)
                .map_err(Failure::new)?;
            let mut same = on_disk.len() == items.len();
            for (place, item) in items.iter().enumerate() {
                same &= on_disk.get(place).map_err(Failure::new)? == *item;
            }
            self.check_read_back(same, &kind.path(bundle))?;
        }
        Ok(())
    }

    fn write_tile(&self, id: TileId, hashes: &[Hash]) -> Result<(), Failure> {
        let path = id.path();
        self.shared
            .store
            .write(&path, &encode_tile(hashes))
            .map_err(Failure::new)?;
        let on_disk = self.shared.store.tile(id).map_err(Failure::new)?;
        self.check_read_back(on_disk == hashes, &path)
    }

    fn write_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), Failure> {
        let text = checkpoint.sign(&self.signer);
        let store = &self.shared.store;
        store
            .write(CHECKPOINT, text.as_bytes())
            .map_err(Failure::new)?;
        let on_disk = store.read(CHECKPOINT).map_err(Failure::new)?;
        self.check_read_back(on_disk == text.as_bytes(), CHECKPOINT)?;
        if let Some(anchor) = &self.anchor {
            // After the checkpoint: an anchor ahead of its log would look like a restored image.
            write_whole(&*store.files, anchor, text.as_bytes()).map_err(Failure::new)?;
        }
        Ok(())
    }

    fn check_read_back(&self, same: bool, relative: &str) -> Result<(), Failure> {
        let path = self.shared.store.path(relative);
        if same {
            Ok(())
        } else {
            Err(Failure::new(format!(
                "{}: reads back other than it was written; nothing was signed",
                path.display()
            )))
        }
    }

    /// Forgets what the published files now hold: tail, segments, partial tiles.
    fn trim(&self, checkpoint: &Checkpoint, now_full: &[String]) -> Result<(), Failure> {
        let mut obsolete = Vec::new();
        {
            let mut state = self.shared.state();
            state.published = checkpoint.clone();
            let boundary = checkpoint.size / WIDTH * WIDTH;
            let done = boundary.saturating_sub(state.tail_start) as usize;
            state.tail.drain(..done);
            state.tail_start = boundary;
            while let Some((segment, Some(end))) = state.segments.front()
                && *end <= boundary
            {
                obsolete.push(segment.handle.path.clone());
                state.segments.pop_front();
            }
        }
        let store = &self.shared.store;
        for path in obsolete {
            at(&path, store.files.remove(&path)).map_err(Failure::new)?;
        }
        now_full
            .iter()
            .try_for_each(|full| store.remove_partials(full))
            .map_err(Failure::new)
    }
}
