//! Full verification of a log's directory: everything is read and hashed again.

use super::open::{lock, read_checkpoint};
use super::store::{BlobKind, CHECKPOINT, Store};
use super::wal::{End, Segment, decode_record, scan, segment_numbers};
use super::{Checkpoint, IdempotencyKey, OpenError, ReadError, Record, Stored};
use crate::Hash;
use crate::files::RealFiles;
use crate::note::VerifierKey;
use crate::tile::{TILE_WIDTH, TileId};
use crate::tree::Edge;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

const WIDTH: u64 = TILE_WIDTH as u64;

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// The checkpoint to which all tiles and entries add up.
    pub checkpoint: Checkpoint,
    /// How many records were handed to `each`, entry and blobs.
    pub records: u64,
    /// Durable entries beyond the checkpoint, checked by their sums only. `None` while another process
    /// writes the log: then the last, incomplete bundle is hashed but its blobs are not looked at.
    pub unpublished: Option<u64>,
}

/// The first thing that does not add up.
#[derive(Debug, Error)]
#[error("{path}: {what}")]
pub struct VerifyError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong in it.
    pub what: String,
}

impl VerifyError {
    fn new(path: &Path, what: impl std::fmt::Display) -> Self {
        Self {
            path: path.to_owned(),
            what: what.to_string(),
        }
    }
}

impl From<ReadError> for VerifyError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io { path, source } => Self::new(&path, source),
            ReadError::Broken { path, what } => Self { path, what },
            ReadError::Newer { ref path, .. } => Self {
                path: path.clone(),
                what: error.to_string(),
            },
            ReadError::OutOfRange { .. } => Self::new(Path::new(""), error),
        }
    }
}

/// Re-hashes everything under `dir` against its signed checkpoint, and the anchor's if one is given.
///
/// `each` is called with every record in order and the checkpoint's size, for progress and for checks
/// that the engine cannot make, such as [`crate::entry::check`]; an error from it ends the verification.
/// May run beside the process that writes the log.
pub fn verify(
    dir: &Path,
    key: &VerifierKey,
    anchor: Option<&Path>,
    each: &mut dyn FnMut(&Stored, u64) -> Result<(), String>,
) -> Result<VerifyReport, VerifyError> {
    let store = Store {
        dir: dir.to_owned(),
        files: Arc::new(RealFiles),
    };
    let open_error = |path: &Path| {
        let path = path.to_owned();
        move |error: OpenError| VerifyError::new(&path, error)
    };
    let checkpoint_path = store.path(CHECKPOINT);
    let held = lock(dir); // before the checkpoint is read, so that none is written meanwhile
    let checkpoint =
        read_checkpoint(&store, &checkpoint_path, key).map_err(open_error(&checkpoint_path))?;
    let anchored = match anchor {
        Some(path) => Some((
            path,
            read_checkpoint(&store, path, key).map_err(open_error(path))?,
        )),
        None => None,
    };
    let mut pass = Pass {
        store: &store,
        checkpoint: &checkpoint,
        edge: Edge::default(),
        anchored,
        records: 0,
        each,
    };
    pass.bundles()?;
    pass.root()?;
    let unpublished = match held {
        Ok(_held) => Some(pass.write_ahead_log()?),
        Err(OpenError::Locked { .. }) => None,
        Err(error) => return Err(VerifyError::new(dir, error)),
    };
    if let Some((path, seen)) = pass
        .anchored
        .filter(|(_, seen)| unpublished.is_some() || seen.size <= checkpoint.size)
    {
        return Err(VerifyError::new(
            path,
            format!("has seen {} entries, the log does not hold them", seen.size),
        ));
    }
    Ok(VerifyReport {
        records: pass.records,
        unpublished,
        checkpoint,
    })
}

/// One pass over a log.
struct Pass<'a> {
    store: &'a Store,
    checkpoint: &'a Checkpoint,
    edge: Edge,
    /// The anchor's checkpoint, until the tree has reached its size and agreed with it.
    anchored: Option<(&'a Path, Checkpoint)>,
    records: u64,
    each: &'a mut dyn FnMut(&Stored, u64) -> Result<(), String>,
}

impl Pass<'_> {
    fn bundles(&mut self) -> Result<(), VerifyError> {
        self.compare_with_anchor()?;
        for bundle in 0..self.checkpoint.size.div_ceil(WIDTH) {
            let Some(tile) = TileId::in_tree(0, bundle, self.checkpoint.size) else {
                continue;
            };
            let leaves = self.store.tile(tile)?;
            let entries = self.store.checked_bundle(bundle, &leaves)?;
            for leaf in leaves {
                self.push(leaf)?;
            }
            if entries.len() == TILE_WIDTH {
                self.blobs(bundle, entries)?;
            }
        }
        Ok(())
    }

    /// Adds a leaf; compares each tile that it completes with the file, and the root with the anchor's.
    fn push(&mut self, leaf: Hash) -> Result<(), VerifyError> {
        for full in self.edge.push(leaf) {
            if self.edge.size() <= self.checkpoint.size && self.store.tile(full.id)? != full.hashes
            {
                return Err(self
                    .store
                    .broken(&full.id.path(), "is not what the entries hash to")
                    .into());
            }
        }
        self.compare_with_anchor()
    }

    fn compare_with_anchor(&mut self) -> Result<(), VerifyError> {
        if let Some((path, seen)) = self
            .anchored
            .take_if(|(_, seen)| seen.size == self.edge.size())
            && seen.root != self.edge.root()
        {
            let what = format!(
                "at size {} the log's root is {}, the anchor's {}",
                seen.size,
                self.edge.root(),
                seen.root
            );
            return Err(VerifyError::new(path, what));
        }
        Ok(())
    }

    fn blobs(&mut self, bundle: u64, entries: Vec<Vec<u8>>) -> Result<(), VerifyError> {
        let [tags, details, keys] = BlobKind::ALL.map(|kind| self.store.blobs(kind, bundle));
        let (tags, details, keys) = (tags?, details?, keys?);
        for (place, entry) in entries.into_iter().enumerate() {
            let path = BlobKind::Keys.path(bundle);
            let key = keys
                .get(place)?
                .try_into()
                .map_err(|_| self.store.broken(&path, "a key is not 16 bytes"))?;
            let record = Record {
                entry,
                tags: tags.get(place)?,
                details: details.get(place)?,
                key: IdempotencyKey(key),
            };
            self.hand_out(Stored {
                index: bundle * WIDTH + place as u64,
                record,
            })?;
        }
        Ok(())
    }

    fn hand_out(&mut self, stored: Stored) -> Result<(), VerifyError> {
        self.records += 1;
        (self.each)(&stored, self.checkpoint.size).map_err(|what| {
            VerifyError::new(&self.store.dir, format!("entry {}: {what}", stored.index))
        })
    }

    fn root(&self) -> Result<(), VerifyError> {
        for (hashes, level) in self
            .edge
            .levels()
            .iter()
            .zip(0u8..)
            .skip(1)
            .filter(|(hashes, _)| !hashes.is_empty())
        {
            let index = self.edge.size() >> (8 * (u32::from(level) + 1));
            let id = TileId {
                level,
                index,
                width: hashes.len() as u16,
            };
            if self.store.tile(id)? != *hashes {
                return Err(self
                    .store
                    .broken(&id.path(), "is not what the entries hash to")
                    .into());
            }
        }
        if self.edge.root() == self.checkpoint.root {
            return Ok(());
        }
        let what = format!(
            "signs root {}, but the entries hash to {}",
            self.checkpoint.root,
            self.edge.root()
        );
        Err(VerifyError::new(&self.store.path(CHECKPOINT), what))
    }

    /// The records of the last, incomplete bundle and those not yet published; gives how many the latter are.
    fn write_ahead_log(&mut self) -> Result<u64, VerifyError> {
        let incomplete = self.checkpoint.size / WIDTH * WIDTH;
        let leaves = self.edge.levels().first().cloned().unwrap_or_default();
        let numbers =
            segment_numbers(self.store).map_err(|at| VerifyError::new(&at.path, at.source))?;
        let mut next = None;
        for number in &numbers {
            let opened = Segment::open(&RealFiles, self.store, *number);
            let (segment, bytes) = opened.map_err(|at| VerifyError::new(&at.path, at.source))?;
            let path = &segment.handle.path;
            let end = if numbers.last() == Some(number) {
                End::PerhapsTorn
            } else {
                End::Whole
            };
            let scanned = scan(path, &bytes, next, end).map_err(|e| VerifyError::new(path, e))?;
            for place in scanned.places {
                next = Some(place.index + 1);
                let start = place.offset as usize;
                let bytes = bytes
                    .get(start..start + place.length as usize)
                    .unwrap_or_default();
                let broken = |what: &str| VerifyError::new(path, format!("byte {start}: {what}"));
                let record = decode_record(bytes).map_err(broken)?;
                let published = place
                    .index
                    .checked_sub(incomplete)
                    .and_then(|at| leaves.get(at as usize));
                if published.is_some_and(|published| *published != Hash::leaf(&record.entry)) {
                    return Err(broken(&format!(
                        "entry {} is not the one in the published tile",
                        place.index
                    )));
                }
                if place.index >= self.checkpoint.size {
                    self.push(Hash::leaf(&record.entry))?;
                }
                if place.index >= incomplete {
                    self.hand_out(Stored {
                        index: place.index,
                        record,
                    })?;
                }
            }
        }
        let size = next.unwrap_or(incomplete);
        size.checked_sub(self.checkpoint.size).ok_or_else(|| {
            let what = format!(
                "holds {size} entries, the checkpoint has seen {}",
                self.checkpoint.size
            );
            VerifyError::new(&self.store.path("wal"), what)
        })
    }
}
