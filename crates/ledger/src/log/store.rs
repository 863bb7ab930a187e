//! The published files of a log: tiles, entry bundles, blobs, checkpoint. Written whole, under their
//! final name only when durable, and read back before anything relies on them.

use super::blobs::{Blobs, encode_blobs};
use super::error::ReadError;
use crate::Hash;
use crate::files::Files;
use crate::tile::{TILE_WIDTH, TileId, bundle_path, decode_bundle, decode_tile, nested};
use crate::tree::perfect_root;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) const CHECKPOINT: &str = "checkpoint";

/// A log's directory and the operations on it.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(super) dir: PathBuf,
    pub(super) files: Arc<dyn Files>,
}

/// The blobs beside the log; each has its own files of 256, so that one kind can go without the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BlobKind {
    Tags = 1,
    Details = 2,
    Keys = 3,
}

impl BlobKind {
    pub(super) const ALL: [Self; 3] = [Self::Tags, Self::Details, Self::Keys];

    fn dir(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Details => "details",
            Self::Keys => "keys",
        }
    }

    pub(super) fn path(self, bundle: u64) -> String {
        format!("{}/{}", self.dir(), nested(bundle))
    }
}

/// An input/output error with the path it concerns.
#[derive(Debug)]
pub(super) struct At {
    pub(super) path: PathBuf,
    pub(super) source: io::Error,
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.source)
    }
}

impl From<At> for ReadError {
    fn from(at: At) -> Self {
        Self::Io {
            path: at.path,
            source: at.source,
        }
    }
}

impl At {
    /// Whether the disk had no room for what was to be written. A write that was cut short by it has changed nothing
    /// that the log relies on, wherever a file gets its name only when it is whole.
    pub(super) fn is_no_space(&self) -> bool {
        use io::ErrorKind::{QuotaExceeded, StorageFull};
        matches!(self.source.kind(), StorageFull | QuotaExceeded)
    }
}

/// Puts the path to a sync's error, which is never taken for a full disk: after it nobody knows what is durable.
pub(super) fn at_sync(path: &Path, result: io::Result<()>) -> Result<(), At> {
    at(
        path,
        result.map_err(|error| io::Error::other(format!("sync failed: {error}"))),
    )
}

/// Puts the path to an error.
pub(super) fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, At> {
    result.map_err(|source| At {
        path: path.to_owned(),
        source,
    })
}

impl Store {
    pub(super) fn path(&self, relative: &str) -> PathBuf {
        self.dir.join(relative)
    }

    /// Writes a file of the log under its final name: temporary file, sync, rename, sync of the directory.
    pub(super) fn write(&self, relative: &str, bytes: &[u8]) -> Result<(), At> {
        let path = self.path(relative);
        self.make_parents(&path)?;
        write_whole(&*self.files, &path, bytes)
    }

    pub(super) fn read(&self, relative: &str) -> Result<Vec<u8>, At> {
        let path = self.path(relative);
        at(&path, self.files.read(&path))
    }

    /// The hashes of a tile, as wide as its id says. A partial tile that is gone is the beginning of the
    /// full one that replaced it.
    pub(super) fn tile(&self, id: TileId) -> Result<Vec<Hash>, ReadError> {
        let full = TileId::full(id.level, id.index);
        match self.read(&id.path()) {
            Err(gone)
                if gone.source.kind() == io::ErrorKind::NotFound
                    && id != full
                    && self.path(&full.path()).exists() =>
            {
                let mut hashes = self.tile(full)?;
                hashes.truncate(usize::from(id.width));
                Ok(hashes)
            }
            read => decode_tile(&read?, id.width)
                .ok_or_else(|| self.broken(&id.path(), "not a tile of this width")),
        }
    }

    /// The entries of a bundle; with the same way out as [`Store::tile`].
    pub(super) fn bundle(&self, index: u64, width: u16) -> Result<Vec<Vec<u8>>, ReadError> {
        let path = bundle_path(index, width);
        let full = bundle_path(index, TILE_WIDTH as u16);
        match self.read(&path) {
            Err(gone)
                if gone.source.kind() == io::ErrorKind::NotFound
                    && width < 256
                    && self.path(&full).exists() =>
            {
                let mut entries = self.bundle(index, TILE_WIDTH as u16)?;
                entries.truncate(usize::from(width));
                Ok(entries)
            }
            read => decode_bundle(&read?, width)
                .ok_or_else(|| self.broken(&path, "not a bundle of this many entries")),
        }
    }

    /// A bundle whose every entry hashes to its place in the tile given.
    pub(super) fn checked_bundle(
        &self,
        index: u64,
        leaves: &[Hash],
    ) -> Result<Vec<Vec<u8>>, ReadError> {
        let width = leaves.len().min(TILE_WIDTH) as u16;
        let entries = self.bundle(index, width)?;
        match entries
            .iter()
            .zip(leaves)
            .position(|(entry, leaf)| Hash::leaf(entry) != *leaf)
        {
            None => Ok(entries),
            Some(at) => Err(self.broken(
                &bundle_path(index, width),
                format!("entry {at} in it is not the one hashed"),
            )),
        }
    }

    pub(super) fn write_blobs(
        &self,
        kind: BlobKind,
        bundle: u64,
        items: &[&[u8]],
    ) -> Result<(), At> {
        let first = bundle * TILE_WIDTH as u64;
        self.write(&kind.path(bundle), &encode_blobs(kind as u16, first, items))
    }

    pub(super) fn blobs(&self, kind: BlobKind, bundle: u64) -> Result<Blobs, ReadError> {
        let path = self.path(&kind.path(bundle));
        Blobs::open(
            self.files.clone(),
            &path,
            kind as u16,
            bundle * TILE_WIDTH as u64,
        )
    }

    pub(super) fn broken(&self, relative: &str, what: impl std::fmt::Display) -> ReadError {
        ReadError::Broken {
            path: self.path(relative),
            what: what.to_string(),
        }
    }

    /// Removes the partial forms of a tile or bundle that is now there in full (tlog-tiles allows it).
    pub(super) fn remove_partials(&self, full_path: &str) -> Result<(), At> {
        let dir = self.path(&format!("{full_path}.p"));
        if !dir.exists() {
            return Ok(());
        }
        for name in at(&dir, self.files.list(&dir))? {
            let path = dir.join(name);
            at(&path, self.files.remove(&path))?;
        }
        at(&dir, self.files.remove_dir(&dir))
    }

    /// Makes the directories above `path`, and their names durable up to the log's own directory.
    pub(super) fn make_parents(&self, path: &Path) -> Result<(), At> {
        let Some(parent) = path.parent().filter(|parent| !parent.exists()) else {
            return Ok(());
        };
        at(parent, self.files.create_dirs(parent))?;
        for dir in parent
            .ancestors()
            .skip(1)
            .take_while(|dir| dir.starts_with(&self.dir))
        {
            at_sync(dir, self.files.sync_dir(dir))?;
        }
        Ok(())
    }
}

/// Temporary file, sync, rename, sync of the directory: afterwards the file is there whole, or as before.
pub(super) fn write_whole(files: &dyn Files, path: &Path, bytes: &[u8]) -> Result<(), At> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".tmp");
    let temporary = PathBuf::from(temporary);
    let handle = at(&temporary, files.create(&temporary))?;
    if let Err(error) = at(&temporary, files.write_at(&handle, 0, bytes)) {
        if error.is_no_space() {
            drop(files.remove(&temporary)); // what little was written may be what somebody else needs
        }
        return Err(error);
    }
    at_sync(&temporary, files.sync_all(&handle))?;
    at(path, files.rename(&temporary, path))?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    at_sync(parent, files.sync_dir(parent))
}

/// Perfect subtrees of the tree of `size` leaves, out of its tiles; keeps the tile last read of each level.
#[derive(Debug)]
pub(super) struct Subtrees<'a> {
    store: &'a Store,
    size: u64,
    last: HashMap<u8, (u64, Vec<Hash>)>,
}

impl<'a> Subtrees<'a> {
    pub(super) fn new(store: &'a Store, size: u64) -> Self {
        Self {
            store,
            size,
            last: HashMap::new(),
        }
    }

    /// The root of the perfect subtree of this height at this place.
    pub(super) fn root(&mut self, height: u8, index: u64) -> Result<Hash, ReadError> {
        let level = height / 8;
        let inner = u32::from(height % 8);
        let first = index << inner;
        let hashes = self.tile(level, first >> 8)?;
        let start = (first & 255) as usize;
        match hashes.get(start..start + (1 << inner)) {
            Some(subtree) => Ok(perfect_root(subtree)),
            None => Err(self.store.broken(
                &TileId::full(level, first >> 8).path(),
                "narrower than the tree needs",
            )),
        }
    }

    fn tile(&mut self, level: u8, index: u64) -> Result<&[Hash], ReadError> {
        let kept = self
            .last
            .get(&level)
            .is_some_and(|(kept, _)| *kept == index);
        if !kept {
            let id = TileId::in_tree(level, index, self.size).ok_or_else(|| {
                self.store
                    .broken(&TileId::full(level, index).path(), "outside of the tree")
            })?;
            self.last.insert(level, (index, self.store.tile(id)?));
        }
        Ok(self.last.get(&level).map_or(&[], |(_, hashes)| hashes))
    }
}
