//! Segment files: made whole and zeroed before the first batch goes in, because syncing into
//! allocated blocks costs a fraction of growing a file.

use crate::files::{Files, Handle};
use crate::log::store::{At, Store, at};
use std::path::PathBuf;
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

/// A segment made ahead of its use, so that the committer only has to rename it.
#[derive(Debug)]
pub(crate) struct Spare {
    handle: Handle,
    length: u64,
}

impl Spare {
    /// Makes one: written through with zeroes and synced. Committer and publisher may do so at the same
    /// time, so each gets a name of its own.
    pub(crate) fn make(store: &Store, length: u64) -> Result<Self, At> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let path = store.path(&format!(
            "wal/spare-{}.tmp",
            MADE.fetch_add(1, Ordering::Relaxed)
        ));
        let handle = at(&path, store.files.create(&path))?;
        let zeroes = vec![0; 1 << 20];
        let mut offset = 0;
        while offset < length {
            let part = zeroes
                .get(..(length - offset).min(1 << 20) as usize)
                .unwrap_or_default();
            at(&path, store.files.write_at(&handle, offset, part))?;
            offset += part.len() as u64;
        }
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(&VERSION.to_be_bytes());
        at(&path, store.files.write_at(&handle, 0, &head))?;
        at(&path, store.files.sync_all(&handle))?;
        Ok(Self { handle, length })
    }

    /// Gives it its number; afterwards it is part of the log.
    pub(crate) fn install(self, store: &Store, number: u64) -> Result<Segment, At> {
        let path = store.path(&segment_path(number));
        at(&path, store.files.rename(&self.handle.path, &path))?;
        let dir = store.path("wal");
        at(&dir, store.files.sync_dir(&dir))?;
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

pub(crate) fn segment_path(number: u64) -> String {
    format!("wal/{number:016x}.wal")
}

/// Removes spares that an earlier run left behind.
pub(crate) fn remove_spares(store: &Store) -> Result<(), At> {
    let dir = store.path("wal");
    let names = at(&dir, store.files.list(&dir))?;
    names
        .iter()
        .filter(|name| name.ends_with(".tmp"))
        .try_for_each(|name| {
            let path = dir.join(name);
            at(&path, store.files.remove(&path))
        })
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
