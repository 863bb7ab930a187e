//! Segment files: made whole and zeroed before the first batch goes in, because syncing into
//! allocated blocks costs a fraction of growing a file.

use crate::files::{Files, Handle};
use crate::log::store::{At, Store, at, at_sync};
use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const MAGIC: &[u8; 8] = b"CSWAL\0\0\0";
pub(crate) const VERSION: u32 = 1;
/// Bytes before the first batch: magic, version, zeroes.
pub(crate) const SEGMENT_HEAD: u64 = 64;

/// A segment in use.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    pub(crate) length: u64,
    pub(crate) handle: Arc<Handle>,
}

/// The number in the next spare's name. Committer and publisher may make one at the same time, so each gets its own.
static NEXT_SPARE: AtomicU64 = AtomicU64::new(0);

/// A segment made ahead of its use, so that the committer only has to rename it.
#[derive(Debug)]
pub(crate) struct Spare {
    handle: Handle,
    length: u64,
}

impl Spare {
    /// Makes one: written through with zeroes and synced. What was begun is removed where the disk is full.
    pub(crate) fn make(store: &Store, length: u64) -> Result<Self, At> {
        let number = NEXT_SPARE.fetch_add(1, Ordering::Relaxed);
        let path = store.path(&spare_path(number));
        let made = Self::make_at(store, &path, length);
        if made.as_ref().is_err_and(At::is_no_space) {
            drop(store.files.remove(&path));
        }
        made
    }

    fn make_at(store: &Store, path: &Path, length: u64) -> Result<Self, At> {
        // Not to be tried where it cannot be: it would take the disk's last room from everybody for a moment.
        let free = store.files.free(&store.dir).unwrap_or(u64::MAX);
        if free < length {
            return at(path, Err(io::ErrorKind::StorageFull.into()));
        }
        let handle = at(path, store.files.create(path))?;
        let zeroes = vec![0; 1 << 20];
        let mut offset = 0;
        while offset < length {
            let part = zeroes
                .get(..(length - offset).min(1 << 20) as usize)
                .unwrap_or_default();
            at(path, store.files.write_at(&handle, offset, part))?;
            offset += part.len() as u64;
        }
        at(path, store.files.write_at(&handle, 0, &head()))?;
        at_sync(path, store.files.sync_all(&handle))?;
        Ok(Self { handle, length })
    }

    /// Takes over the spares that an earlier run left behind: on a full disk they could not be made again. What is not
    /// a whole, empty segment of this length is removed.
    pub(crate) fn take_over(store: &Store, length: u64) -> Result<VecDeque<Self>, At> {
        let dir = store.path("wal");
        let mut spares = VecDeque::new();
        for name in at(&dir, store.files.list(&dir))? {
            if !name.ends_with(".tmp") {
                continue;
            }
            let path = dir.join(&name);
            let number = name
                .strip_prefix("spare-")
                .and_then(|rest| rest.strip_suffix(".tmp")?.parse::<u64>().ok());
            let bytes = at(&path, store.files.read(&path))?;
            let is_empty = bytes.len() as u64 == length
                && bytes.starts_with(&head())
                && bytes.iter().skip(head().len()).all(|byte| *byte == 0);
            match number {
                Some(number) if is_empty => {
                    NEXT_SPARE.fetch_max(number + 1, Ordering::Relaxed);
                    let handle = at(&path, store.files.open(&path))?;
                    at_sync(&path, store.files.sync_all(&handle))?;
                    spares.push_back(Self { handle, length });
                }
                _ => at(&path, store.files.remove(&path))?,
            }
        }
        Ok(spares)
    }

    /// Its length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Gives it its number; afterwards it is part of the log.
    pub(crate) fn install(self, store: &Store, number: u64) -> Result<Segment, At> {
        let path = store.path(&segment_path(number));
        at(&path, store.files.rename(&self.handle.path, &path))?;
        let dir = store.path("wal");
        at_sync(&dir, store.files.sync_dir(&dir))?;
        let handle = Handle {
            path,
            file: self.handle.file,
        };
        Ok(Segment {
            number,
            length: self.length,
            handle: Arc::new(handle),
        })
    }
}

/// What is wrong with a segment's head, if anything.
pub(crate) fn check_head(bytes: &[u8]) -> Result<(), HeadError> {
    match bytes.split_first_chunk::<12>() {
        Some((head, _)) if head.starts_with(MAGIC) => {
            let [.., a, b, c, d] = *head;
            match u32::from_be_bytes([a, b, c, d]) {
                VERSION => Ok(()),
                newer if newer > VERSION => Err(HeadError::Newer(newer)),
                _ => Err(HeadError::NotASegment),
            }
        }
        _ => Err(HeadError::NotASegment),
    }
}

pub(crate) enum HeadError {
    NotASegment,
    Newer(u32),
}

/// What a segment begins with.
fn head() -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(&VERSION.to_be_bytes());
    head
}

fn spare_path(number: u64) -> String {
    format!("wal/spare-{number}.tmp")
}

/// The segment with which a log begins.
pub(crate) fn first_segment() -> String {
    segment_path(1)
}

/// The bytes of a segment that holds these batches and has no room for more.
pub(crate) fn whole_segment(batches: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = head();
    bytes.resize(SEGMENT_HEAD as usize, 0);
    batches
        .iter()
        .for_each(|batch| bytes.extend_from_slice(batch));
    bytes
}

pub(crate) fn segment_path(number: u64) -> String {
    format!("wal/{number:016x}.wal")
}

/// The numbers of the segments that are there, ascending.
pub(crate) fn segment_numbers(store: &Store) -> Result<Vec<u64>, At> {
    let dir: PathBuf = store.path("wal");
    let names = at(&dir, store.files.list(&dir))?;
    let mut numbers: Vec<u64> = names
        .iter()
        .filter_map(|name| u64::from_str_radix(name.strip_suffix(".wal")?, 16).ok())
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

impl Segment {
    /// Opens an existing segment and reads it whole.
    pub(crate) fn open(
        files: &dyn Files,
        store: &Store,
        number: u64,
    ) -> Result<(Self, Vec<u8>), At> {
        let path = store.path(&segment_path(number));
        let handle = at(&path, files.open(&path))?;
        let bytes = at(&path, files.read(&path))?;
        Ok((
            Self {
                number,
                length: bytes.len() as u64,
                handle: Arc::new(handle),
            },
            bytes,
        ))
    }
}
