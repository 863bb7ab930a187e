//! Reading records back: from full bundles and their blobs, or from the write-ahead log.

use super::blobs::Blobs;
use super::error::ReadError;
use super::shared::{Shared, TailRecord};
use super::store::{BlobKind, Store, at};
use super::wal::decode_record;
use super::{IdempotencyKey, Record, Stored};
use crate::tile::{TILE_WIDTH, TileId};

const WIDTH: u64 = TILE_WIDTH as u64;

/// Reads one record from the write-ahead log and checks its sum.
pub(super) fn read_tail(store: &Store, place: &TailRecord) -> Result<Record, ReadError> {
    let path = &place.handle.path;
    let mut bytes = vec![0; place.length as usize];
    at(
        path,
        store.files.read_at(&place.handle, place.offset, &mut bytes),
    )?;
    decode_record(&bytes).map_err(|what| ReadError::Broken {
        path: path.clone(),
        what: format!("{what} (byte {})", place.offset),
    })
}

/// A full bundle of 256 records, its entries checked against their tile.
#[derive(Debug)]
pub(super) struct Bundle {
    first: u64,
    entries: Vec<Vec<u8>>,
    blobs: [Blobs; 3],
}

impl Bundle {
    pub(super) fn open(store: &Store, index: u64) -> Result<Self, ReadError> {
        let leaves = store.tile(TileId::full(0, index))?;
        let entries = store.checked_bundle(index, &leaves)?;
        let [tags, details, keys] = BlobKind::ALL.map(|kind| store.blobs(kind, index));
        Ok(Self {
            first: index * WIDTH,
            entries,
            blobs: [tags?, details?, keys?],
        })
    }

    fn entry(&self, index: u64) -> Result<&Vec<u8>, ReadError> {
        let place = index.wrapping_sub(self.first) as usize;
        let size = self.first + self.entries.len() as u64;
        let entry = self.entries.get(place);
        entry.ok_or(ReadError::OutOfRange { index, size })
    }

    pub(super) fn get(&self, store: &Store, index: u64) -> Result<Stored, ReadError> {
        let place = index.wrapping_sub(self.first) as usize;
        let entry = self.entry(index)?.clone();
        let [tags, details, keys] = &self.blobs;
        let key = keys.get(place)?.try_into().map_err(|_| {
            store.broken(
                &BlobKind::Keys.path(self.first / WIDTH),
                format!("key {place} is not 16 bytes"),
            )
        })?;
        let record = Record {
            entry,
            tags: tags.get(place)?,
            details: details.get(place)?,
            key: IdempotencyKey(key),
        };
        Ok(Stored { index, record })
    }
}

impl BlobKind {
    /// The part of a record that lies in this kind of blob.
    pub(super) fn of(self, record: &Record) -> &[u8] {
        match self {
            Self::Tags => &record.tags,
            Self::Details => &record.details,
            Self::Keys => &record.key.0,
        }
    }
}

/// One record, from wherever it is now. `kept` is the bundle read last, if it can be used again.
pub(super) fn read(
    shared: &Shared,
    index: u64,
    kept: &mut Option<Bundle>,
) -> Result<Stored, ReadError> {
    read_at(&shared.store, index, place(shared, index)?.as_ref(), kept)
}

/// One record: from its place in the write-ahead log, if it has one, or else from its full bundle.
pub(super) fn read_at(
    store: &Store,
    index: u64,
    place: Option<&TailRecord>,
    kept: &mut Option<Bundle>,
) -> Result<Stored, ReadError> {
    match place {
        Some(place) => Ok(Stored {
            index,
            record: read_tail(store, place)?,
        }),
        None => bundle(store, index, kept)?.get(store, index),
    }
}

/// The entry alone: of what lies in full bundles no blob is read.
pub(super) fn read_entry(
    shared: &Shared,
    index: u64,
    kept: &mut Option<Bundle>,
) -> Result<Vec<u8>, ReadError> {
    match place(shared, index)? {
        Some(place) => Ok(read_tail(&shared.store, &place)?.entry),
        None => bundle(&shared.store, index, kept)?.entry(index).cloned(),
    }
}

/// Where a record is in the write-ahead log; `None` where it is in a full bundle.
fn place(shared: &Shared, index: u64) -> Result<Option<TailRecord>, ReadError> {
    let state = shared.state();
    if index >= state.size {
        return Err(ReadError::OutOfRange {
            index,
            size: state.size,
        });
    }
    let place = index.checked_sub(state.tail_start);
    Ok(place.and_then(|skip| state.tail.get(skip as usize).cloned()))
}

/// The bundle that holds a record.
fn bundle<'k>(
    store: &Store,
    index: u64,
    kept: &'k mut Option<Bundle>,
) -> Result<&'k Bundle, ReadError> {
    let first = index / WIDTH * WIDTH;
    match kept {
        Some(bundle) if bundle.first == first => {}
        _ => *kept = Some(Bundle::open(store, index / WIDTH)?),
    }
    // It was just put there; an empty place is out of range.
    kept.as_ref()
        .ok_or(ReadError::OutOfRange { index, size: first })
}
