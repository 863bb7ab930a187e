//! Tiles, blobs and checkpoints, derived from what the disk holds.
//!
//! Nothing is signed over bytes that were only in memory: every record is read back from the
//! write-ahead log and hashed again, every file is read back after it was written, and the root that
//! comes out must be the one that the committer computed on its own. Any difference stops the log.

use super::error::{Failure, Shortage, Trouble};
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

/// What the publishing thread does besides: it keeps spare segments, and looks whether there is room.
#[derive(Debug)]
pub(super) struct Upkeep {
    pub(super) shared: Arc<Shared>,
    pub(super) publisher: Arc<Mutex<Publisher>>,
    pub(super) every: Duration,
    pub(super) segment_bytes: u64,
    /// How many segments lie ready when all is well: the next one, and the reserve.
    pub(super) spares: usize,
    pub(super) keep_free: u64,
}

impl Upkeep {
    /// Runs until the log is dropped or has failed: publishes at intervals, and makes spare segments when they are used
    /// up. While there is no room it tries again at the same intervals.
    pub(super) fn run(self) {
        let mut last = Instant::now();
        while self.shared.failure().is_none() {
            let left = self.every.saturating_sub(last.elapsed());
            let is_short = self.shared.shortage().is_some();
            let idle = |state: &mut State| {
                !state.closing && (is_short || state.spares.len() >= self.spares)
            };
            let waited = self
                .shared
                .wake
                .wait_timeout_while(self.shared.state(), left, idle);
            let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            let closing = state.closing;
            drop(state);
            if closing {
                return;
            }
            if last.elapsed() >= self.every {
                last = Instant::now();
                self.look_after();
            } else if let Err(Trouble::NoSpace(shortage)) = self.make_spares() {
                self.shared.set_shortage(Some(shortage));
            }
        }
    }

    /// Publishes, makes spares, and says whether there is room. A failure has already stopped the log.
    fn look_after(&self) {
        let published = self
            .publisher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .publish();
        let short = [published.map(drop), self.make_spares()]
            .into_iter()
            .find_map(|done| match done {
                Err(Trouble::NoSpace(shortage)) => Some(shortage),
                _ => None,
            });
        self.shared
            .set_shortage(short.or_else(|| self.too_little_free()));
    }

    /// Says that there is no room, where that is known before anything was tried.
    pub(super) fn look_at_room(&self) {
        self.shared.set_shortage(self.too_little_free());
    }

    fn make_spares(&self) -> Result<(), Trouble> {
        while self.shared.state().spares.len() < self.spares {
            match Spare::make(&self.shared.store, self.segment_bytes).map_err(Trouble::from) {
                Ok(spare) => self.shared.state().spares.push_back(spare),
                Err(Trouble::Failed(failure)) => {
                    return Err(Trouble::Failed(self.shared.fail(failure)));
                }
                no_space @ Err(_) => return no_space.map(drop),
            }
        }
        Ok(())
    }

    /// Whether less is free than is to be kept. Not knowing counts as too little.
    fn too_little_free(&self) -> Option<Shortage> {
        if self.keep_free == 0 {
            return None;
        }
        let store = &self.shared.store;
        let dir = store.dir.display();
        match store.files.free(&store.dir) {
            Ok(free) if free >= self.keep_free => None,
            Ok(free) => Some(Shortage::new(format_args!(
                "{dir}: {free} bytes are free, {} are to be kept free",
                self.keep_free
            ))),
            Err(error) => Some(Shortage::new(format_args!(
                "{dir}: how much is free cannot be asked: {error}"
            ))),
        }
    }
}

impl Publisher {
    /// Publishes all that is durable. A full disk leaves everything as it was, for another time; any other error stops
    /// the log.
    pub(super) fn publish(&mut self) -> Result<Checkpoint, Trouble> {
        if let Some(failure) = self.shared.failure() {
            return Err(Trouble::Failed(failure));
        }
        let before = self.edge.clone();
        let published = self.publish_tail();
        match published {
            Err(Trouble::Failed(failure)) => Err(Trouble::Failed(self.shared.fail(failure))),
            Err(no_space) => {
                self.edge = before;
                Err(no_space)
            }
            published => published,
        }
    }

    fn publish_tail(&mut self) -> Result<Checkpoint, Trouble> {
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
            return Err(wrong(format_args!(
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
    ) -> Result<(), Trouble> {
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
            let record = read_tail(&self.shared.store, place)?;
            if Hash::leaf(&record.entry) != place.leaf {
                return Err(wrong(format_args!(
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
    ) -> Result<(), Trouble> {
        let width = records.len() as u16;
        let path = bundle_path(bundle, width);
        let entries = records.iter().map(|record| record.entry.as_slice());
        let bytes =
            encode_bundle(entries).ok_or_else(|| wrong("an entry is too long for a bundle"))?;
        self.shared.store.write(&path, &bytes)?;
        let on_disk = self.shared.store.read(&path)?;
        let entries = decode_bundle(&on_disk, width).unwrap_or_default();
        let same = entries.len() == tail.len()
            && entries
                .iter()
                .zip(tail)
                .all(|(entry, place)| Hash::leaf(entry) == place.leaf);
        self.check_read_back(same, &path)
    }

    fn write_blobs(&self, bundle: u64, records: &[Record]) -> Result<(), Trouble> {
        for kind in BlobKind::ALL {
            let items: Vec<&[u8]> = records.iter().map(|record| kind.of(record)).collect();
            self.shared.store.write_blobs(kind, bundle, &items)?;
            let on_disk = self.shared.store.blobs(kind, bundle)?;
            let mut same = on_disk.len() == items.len();
            for (place, item) in items.iter().enumerate() {
                same &= on_disk.get(place)? == *item;
            }
            self.check_read_back(same, &kind.path(bundle))?;
        }
        Ok(())
    }

    fn write_tile(&self, id: TileId, hashes: &[Hash]) -> Result<(), Trouble> {
        let path = id.path();
        self.shared.store.write(&path, &encode_tile(hashes))?;
        let on_disk = self.shared.store.tile(id)?;
        self.check_read_back(on_disk == hashes, &path)
    }

    fn write_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), Trouble> {
        let text = checkpoint.sign(&self.signer);
        let store = &self.shared.store;
        store.write(CHECKPOINT, text.as_bytes())?;
        let on_disk = store.read(CHECKPOINT)?;
        self.check_read_back(on_disk == text.as_bytes(), CHECKPOINT)?;
        if let Some(anchor) = &self.anchor {
            // After the checkpoint: an anchor ahead of its log would look like a restored image.
            write_whole(&*store.files, anchor, text.as_bytes())?;
        }
        Ok(())
    }

    fn check_read_back(&self, same: bool, relative: &str) -> Result<(), Trouble> {
        let path = self.shared.store.path(relative);
        if same {
            Ok(())
        } else {
            Err(wrong(format_args!(
                "{}: reads back other than it was written; nothing was signed",
                path.display()
            )))
        }
    }

    /// Forgets what the published files now hold: tail, segments, partial tiles. A file that a full disk keeps from
    /// being removed (some file systems need room for that, too) is in nobody's way.
    fn trim(&self, checkpoint: &Checkpoint, now_full: &[String]) -> Result<(), Trouble> {
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
        let segments = obsolete
            .iter()
            .map(|path| at(path, store.files.remove(path)));
        let partials = now_full.iter().map(|full| store.remove_partials(full));
        for removed in segments.chain(partials) {
            match removed.map_err(Trouble::from) {
                Ok(()) | Err(Trouble::NoSpace(_)) => {}
                failed => return failed,
            }
        }
        Ok(())
    }
}

/// What was found on the disk is not what was put there.
fn wrong(what: impl std::fmt::Display) -> Trouble {
    Trouble::Failed(Failure::new(what))
}
