//! A log as somebody sees it who does not hold its lock: for what has to work beside the process that writes it.
//!
//! What is seen is the log as of one moment, entries beyond the last checkpoint included. Files that are published never
//! change; segments of the write-ahead log are held open, so it is no matter when the owner removes them.

use super::error::{OpenError, ReadError};
use super::open::{check_anchor, check_format, holder_of, published, read_anchor, read_checkpoint};
use super::read::{Bundle, read_at};
use super::recover::{Reader, Recovered, recover};
use super::store::{CHECKPOINT, Store};
use super::{Checkpoint, Stored};
use crate::Hash;
use crate::files::RealFiles;
use crate::note::VerifierKey;
use crate::tree::Frontier;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

/// How often it is looked again when the owner published meanwhile.
const LOOKS: usize = 10;

/// A log as of one moment, to be read. Changes nothing on disk, and holds nobody up.
#[derive(Debug)]
pub struct Look {
    pub(super) store: Store,
    pub(super) checkpoint: Checkpoint,
    pub(super) wal: Recovered,
    tree: Frontier,
    note: Vec<u8>,
}

impl Look {
    /// Looks at the log in `dir`, whether or not a process has it open. Checks what [`Log::open`](crate::Log::open)
    /// checks, also against the anchor if one is given; but what follows the last whole batch of the write-ahead log
    /// may be a write in progress, so it is neither looked at nor refused.
    pub fn open(dir: &Path, key: &VerifierKey, anchor: Option<&Path>) -> Result<Self, OpenError> {
        let store = Store {
            dir: dir.to_owned(),
            files: Arc::new(RealFiles),
        };
        check_format(&store, key.name())?;
        let mut looks = 0;
        loop {
            looks += 1;
            let before = read_checkpoint(&store, &store.path(CHECKPOINT), key)?;
            match Self::once(&store, key, anchor) {
                Ok(look) => return Ok(look),
                Err(error) => {
                    // Segments and partial tiles go when something was published; then all is elsewhere.
                    let after = read_checkpoint(&store, &store.path(CHECKPOINT), key)?;
                    if after == before || looks >= LOOKS {
                        return Err(error);
                    }
                }
            }
        }
    }

    fn once(store: &Store, key: &VerifierKey, anchor: Option<&Path>) -> Result<Self, OpenError> {
        // The anchor first: it must not be ahead of what is read after it.
        let seen = match anchor {
            Some(anchor) => Some((anchor, read_anchor(store, anchor, key)?)),
            None => None,
        };
        let note = store.read(CHECKPOINT)?;
        let (checkpoint, edge) = published(store, key)?;
        let signed = Checkpoint::open(&String::from_utf8_lossy(&note), key);
        if signed.as_ref().ok() != Some(&checkpoint) {
            let path = store.path(CHECKPOINT);
            return Err(OpenError::broken(&path, 0, "it was replaced meanwhile"));
        }
        let wal = recover(store, &checkpoint, &edge, Reader::Onlooker)?;
        if let Some((anchor, seen)) = &seen {
            check_anchor(store, anchor, seen, &edge, &wal)?;
        }
        let mut tree = edge.frontier();
        for (index, place) in (wal.tail_start..).zip(&wal.tail) {
            if index >= edge.size() {
                tree.push(place.leaf);
            }
        }
        Ok(Self {
            store: store.clone(),
            checkpoint,
            wal,
            tree,
            note,
        })
    }

    /// How many entries are seen.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// The root of the tree over them.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The last checkpoint that was signed. There may be entries beyond it.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The checkpoint as the signed note that it is.
    pub fn note(&self) -> &[u8] {
        &self.note
    }

    /// One record.
    pub fn read(&self, index: u64) -> Result<Stored, ReadError> {
        self.read_with(index, &mut None)
    }

    /// Records from `from` to the end that was seen, one bundle in memory at a time.
    pub fn iter(&self, from: u64) -> impl Iterator<Item = Result<Stored, ReadError>> + '_ {
        let mut kept = None;
        (from..self.size()).map(move |index| self.read_with(index, &mut kept))
    }

    fn read_with(&self, index: u64, kept: &mut Option<Bundle>) -> Result<Stored, ReadError> {
        let size = self.size();
        if index >= size {
            return Err(ReadError::OutOfRange { index, size });
        }
        let place = index
            .checked_sub(self.wal.tail_start)
            .and_then(|at| self.wal.tail.get(at as usize));
        read_at(&self.store, index, place, kept)
    }
}

/// Who has the log in `dir` open now: a process, as it wrote itself into the lock. `None`: nobody.
pub fn holder(dir: &Path) -> Option<String> {
    let path = dir.join("lock");
    let file = File::open(&path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            Some(holder_of(&path).unwrap_or_else(|| "another process".to_owned()))
        }
        _ => None,
    }
}
