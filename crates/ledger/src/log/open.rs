//! Opening a log: lock it, check that it is whole and has not gone backwards, find its end.
//!
//! What is checked is what can be checked quickly whatever the size: the tiles at the right edge add
//! up to the signed checkpoint, the write-ahead log agrees with them, and nothing is missing that the
//! checkpoint or the anchor has seen. [`crate::verify`] hashes everything.

use super::error::{OpenError, ReadError};
use super::options::Options;
use super::recover::{Reader, Recovered, no_segment, recover};
use super::remembered::Remembered;
use super::shared::State;
use super::store::{At, BlobKind, CHECKPOINT, Store, Subtrees, at, write_whole};
use super::wal::{Segment, Spare};
use super::{Checkpoint, IdempotencyKey};
use crate::Hash;
use crate::note::VerifierKey;
use crate::proof::root_at;
use crate::tile::{TILE_WIDTH, TileId};
use crate::tree::{Edge, Frontier, perfect_root, width_at};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

const WIDTH: u64 = TILE_WIDTH as u64;
pub(super) const FORMAT: &str = "format";
const FORMAT_VERSION: u32 = 1;

/// An opened log, before its threads start.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) state: State,
    pub(super) edge: Edge,
    pub(super) tree: Frontier,
    pub(super) remembered: Remembered,
    pub(super) segment: Segment,
    pub(super) end: u64,
}

impl From<At> for OpenError {
    fn from(At { path, source }: At) -> Self {
        Self::Io { path, source }
    }
}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io { path, source } => Self::Io { path, source },
            ReadError::Broken { path, what } => Self::Broken {
                path,
                offset: 0,
                what,
            },
            ReadError::Newer { path, found, known } => Self::Newer { path, found, known },
            ReadError::OutOfRange { .. } => Self::Broken {
                path: "".into(),
                offset: 0,
                what: error.to_string(),
            },
        }
    }
}

/// Takes the directory's lock; it is held as long as the file is open. It says who holds it, for others' messages.
pub(super) fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join("lock");
    let file = at(
        &path,
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path),
    )?;
    match try_lock(&file) {
        Ok(()) => {
            // Only for people: where it cannot be written (a full disk), the lock holds all the same.
            drop(write_holder(&file));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked {
            dir: dir.to_owned(),
            holder: holder_of(&path),
        }),
        Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
    }
}

/// Tries for a moment: a process that this one has just started holds what was open here until its own program begins.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..10 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            other => return other,
        }
    }
    file.try_lock()
}

fn write_holder(mut file: &File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "process {}", std::process::id())
}

/// Who holds the lock, as they wrote it.
pub(super) fn holder_of(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let number = text.trim_end().strip_prefix("process ")?;
    number.parse::<u32>().ok()?;
    Some(format!("process {number}"))
}

/// Makes an empty log: segment, checkpoint of size 0, anchor, and last of all the `format` file.
pub(super) fn create(store: &Store, options: &Options) -> Result<(), OpenError> {
    let origin = options.signer.name().to_owned();
    if let Some(anchor) = options.anchor.as_deref().filter(|anchor| anchor.exists()) {
        let seen = read_checkpoint(store, anchor, options.signer.verifier())?;
        if seen.size > 0 {
            return Err(OpenError::AnchorExists {
                anchor: anchor.to_owned(),
                origin,
                size: seen.size,
            });
        }
    }
    let wal = store.path("wal");
    at(&wal, store.files.create_dirs(&wal))?;
    Spare::make(store, options.segment_bytes)?.install(store, 1)?;
    let checkpoint = Checkpoint {
        origin: origin.clone(),
        size: 0,
        root: Hash::empty_root(),
    }
    .sign(&options.signer);
    store.write(CHECKPOINT, checkpoint.as_bytes())?;
    if let Some(anchor) = &options.anchor {
        write_whole(&*store.files, anchor, checkpoint.as_bytes())?;
    }
    Ok(store.write(
        FORMAT,
        format!("countersign log\nversion {FORMAT_VERSION}\norigin {origin}\n").as_bytes(),
    )?)
}

/// Checks and recovers the log in a locked directory.
pub(super) fn open(store: &Store, options: &Options) -> Result<Opened, OpenError> {
    check_format(store, options.signer.name())?;
    let key = options.signer.verifier();
    let (checkpoint, edge) = published(store, key)?;
    let wal = recover(store, &checkpoint, &edge, Reader::Owner)?;
    if let Some(anchor) = &options.anchor {
        let seen = read_anchor(store, anchor, key)?;
        check_anchor(store, anchor, &seen, &edge, &wal)?;
    }
    let mut remembered = load_remembered(store, wal.tail_start, options.remember)?;
    let mut tree = edge.frontier();
    for (index, (place, key)) in (wal.tail_start..).zip(wal.tail.iter().zip(&wal.keys)) {
        remembered.insert(*key, index, place.leaf);
        if index >= edge.size() {
            tree.push(place.leaf);
        }
    }
    let (segment, _) = wal
        .segments
        .back()
        .cloned()
        .ok_or_else(|| no_segment(store))?;
    let spares = Spare::take_over(store, options.segment_bytes)?;
    let state = State {
        size: tree.size(),
        root: tree.root(),
        tail: wal.tail,
        tail_start: wal.tail_start,
        segments: wal.segments,
        spares,
        end: wal.end,
        published: checkpoint,
        closing: false,
    };
    Ok(Opened {
        state,
        edge,
        tree,
        remembered,
        segment,
        end: wal.end,
    })
}

/// The checkpoint, and the tree's edge that adds up to it.
pub(super) fn published(store: &Store, key: &VerifierKey) -> Result<(Checkpoint, Edge), OpenError> {
    let checkpoint = read_checkpoint(store, &store.path(CHECKPOINT), key)?;
    let edge = load_edge(store, checkpoint.size)?;
    if edge.root() != checkpoint.root {
        return Err(OpenError::RootDiffers {
            dir: store.dir.clone(),
            signed_by: store.path(CHECKPOINT),
            size: checkpoint.size,
            found: edge.root(),
            expected: checkpoint.root,
        });
    }
    check_beneath(store, &edge)?;
    Ok((checkpoint, edge))
}

pub(super) fn check_format(store: &Store, origin: &str) -> Result<(), OpenError> {
    let path = store.path(FORMAT);
    let text = match store.files.read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(OpenError::Missing {
                dir: store.dir.clone(),
            });
        }
        Err(source) => return Err(OpenError::Io { path, source }),
    };
    let mut lines = text.lines();
    let named = lines.next() == Some("countersign log");
    let version = lines
        .next()
        .and_then(|line| line.strip_prefix("version ")?.parse::<u32>().ok());
    let found = lines.next().and_then(|line| line.strip_prefix("origin "));
    match (named, version, found) {
        (true, Some(version), _) if version > FORMAT_VERSION => Err(OpenError::Newer {
            path,
            found: version,
            known: FORMAT_VERSION,
        }),
        (true, Some(FORMAT_VERSION), Some(found)) if found == origin => Ok(()),
        (true, Some(FORMAT_VERSION), Some(found)) => Err(OpenError::Origin {
            path,
            found: found.to_owned(),
            expected: origin.to_owned(),
        }),
        _ => Err(OpenError::broken(
            &path,
            0,
            "expected `countersign log`, `version 1`, `origin <name>` on three lines",
        )),
    }
}

pub(super) fn read_checkpoint(
    store: &Store,
    path: &Path,
    key: &VerifierKey,
) -> Result<Checkpoint, OpenError> {
    let bytes = at(path, store.files.read(path))?;
    let text = String::from_utf8_lossy(&bytes);
    Checkpoint::open(&text, key).map_err(|source| OpenError::Checkpoint {
        path: path.to_owned(),
        source,
    })
}

/// The incomplete tiles of a tree of this size.
fn load_edge(store: &Store, size: u64) -> Result<Edge, OpenError> {
    let mut levels = Vec::new();
    for level in 0u8..8 {
        let shift = 8 * u32::from(level);
        if size >> shift == 0 {
            break;
        }
        let width = width_at(size, u32::from(level)) as u16;
        let index = (size >> shift) / WIDTH;
        let hashes = if width == 0 {
            Vec::new()
        } else {
            store.tile(TileId {
                level,
                index,
                width,
            })?
        };
        levels.push(hashes);
    }
    Edge::from_levels(size, levels)
        .ok_or_else(|| OpenError::broken(&store.dir, 0, "tiles of wrong width"))
}

/// What lies directly beneath the edge: the last bundle's entries hash to the lowest tile, and the last
/// full tile of each level to its place in the one above.
fn check_beneath(store: &Store, edge: &Edge) -> Result<(), OpenError> {
    if let Some(leaves) = edge.levels().first().filter(|leaves| !leaves.is_empty()) {
        store.checked_bundle(edge.size() / WIDTH, leaves)?;
    }
    for (hashes, below) in edge.levels().iter().skip(1).zip(0u8..) {
        let Some(last) = hashes.last() else { continue };
        let id = TileId::full(below, (edge.size() >> (8 * (u32::from(below) + 1))) - 1);
        if perfect_root(&store.tile(id)?) != *last {
            return Err(store
                .broken(&id.path(), "does not hash to its place in the tile above")
                .into());
        }
    }
    Ok(())
}

/// What the anchor has seen.
pub(super) fn read_anchor(
    store: &Store,
    anchor: &Path,
    key: &VerifierKey,
) -> Result<Checkpoint, OpenError> {
    if !anchor.exists() {
        return Err(OpenError::AnchorMissing {
            dir: store.dir.clone(),
            anchor: anchor.to_owned(),
        });
    }
    read_checkpoint(store, anchor, key)
}

/// The log must hold what the anchor has seen, and hash to what the anchor says.
pub(super) fn check_anchor(
    store: &Store,
    anchor: &Path,
    seen: &Checkpoint,
    edge: &Edge,
    wal: &Recovered,
) -> Result<(), OpenError> {
    let (dir, anchor) = (store.dir.clone(), anchor.to_owned());
    let size = wal.tail_start + wal.tail.len() as u64;
    if seen.size > size {
        return Err(OpenError::SmallerThanAnchor {
            dir,
            anchor,
            found: size,
            expected: seen.size,
        });
    }
    let root = if seen.size <= edge.size() {
        let mut subtrees = Subtrees::new(store, edge.size());
        root_at(seen.size, &mut |height, index| subtrees.root(height, index))?
    } else {
        let mut tree = edge.frontier();
        let published = (edge.size() - wal.tail_start) as usize;
        let more = (seen.size - edge.size()) as usize;
        wal.tail
            .iter()
            .skip(published)
            .take(more)
            .for_each(|place| tree.push(place.leaf));
        tree.root()
    };
    if root == seen.root {
        Ok(())
    } else {
        Err(OpenError::RootDiffers {
            dir,
            signed_by: anchor,
            size: seen.size,
            found: root,
            expected: seen.root,
        })
    }
}

/// The keys of the last records in full bundles.
fn load_remembered(store: &Store, tail_start: u64, limit: usize) -> Result<Remembered, OpenError> {
    let mut remembered = Remembered::new(limit);
    let first = tail_start.saturating_sub(limit as u64) / WIDTH;
    for bundle in first..tail_start / WIDTH {
        let leaves = store.tile(TileId::full(0, bundle))?;
        let keys = store.blobs(BlobKind::Keys, bundle)?;
        for (place, leaf) in leaves.into_iter().enumerate() {
            let key = keys.get(place)?.try_into().map_err(|_| {
                OpenError::broken(
                    &store.path(&BlobKind::Keys.path(bundle)),
                    0,
                    format!("key {place} is not 16 bytes"),
                )
            })?;
            remembered.insert(IdempotencyKey(key), bundle * WIDTH + place as u64, leaf);
        }
    }
    Ok(remembered)
}
