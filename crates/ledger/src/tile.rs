//! Coordinates, paths and bytes of tiles and entry bundles (C2SP tlog-tiles).

use crate::Hash;

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: usize = 256;
/// The longest entry that a bundle's two-byte length can hold.
pub const MAX_ENTRY: usize = 65_535;

/// Which tile, and how much of it: a partial one (1 to 255 hashes) or a full one (256).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TileId {
    /// 0 for leaf hashes; a hash at level l covers 256^l leaves.
    pub level: u8,
    /// Place within the level.
    pub index: u64,
    /// 1 to 256.
    pub width: u16,
}

impl TileId {
    /// A full tile.
    pub fn full(level: u8, index: u64) -> Self {
        Self {
            level,
            index,
            width: TILE_WIDTH as u16,
        }
    }

    /// The tile as it is in a tree of `size` leaves; `None` if nothing of it exists there.
    pub fn in_tree(level: u8, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        let width = hashes
            .saturating_sub(index.checked_mul(TILE_WIDTH as u64)?)
            .min(TILE_WIDTH as u64);
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self {
            level,
            index,
            width,
        })
    }

    /// The path relative to the log's directory, which is also its address.
    pub fn path(&self) -> String {
        format!(
            "tile/{}/{}{}",
            self.level,
            nested(self.index),
            partial(self.width)
        )
    }
}

/// The path of an entry bundle of `width` entries.
pub fn bundle_path(index: u64, width: u16) -> String {
    format!("tile/entries/{}{}", nested(index), partial(width))
}

/// An index in groups of three digits, all but the last behind an `x`: `x001/x234/067`.
pub fn nested(index: u64) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    path
}

fn partial(width: u16) -> String {
    if usize::from(width) == TILE_WIDTH {
        String::new()
    } else {
        format!(".p/{width}")
    }
}

/// A tile's bytes: its hashes, one after the other.
pub fn encode_tile(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads a tile of `width` hashes; `None` if it has another length.
pub fn decode_tile(bytes: &[u8], width: u16) -> Option<Vec<Hash>> {
    let (chunks, rest) = bytes.as_chunks::<32>();
    (rest.is_empty() && chunks.len() == usize::from(width))
        .then(|| chunks.iter().map(|chunk| Hash(*chunk)).collect())
}

/// A bundle's bytes: each entry behind its length in two bytes, big-endian. `None` if one is too long.
pub fn encode_bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend_from_slice(&u16::try_from(entry.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Some(bytes)
}

/// Reads a bundle of `width` entries; `None` if it holds fewer, more, or half a one.
pub fn decode_bundle(mut bytes: &[u8], width: u16) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::with_capacity(usize::from(width));
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry.to_vec());
        bytes = rest;
    }
    (entries.len() == usize::from(width)).then_some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tile_paths_are_those_of_the_specification() {
        assert_eq!(TileId::full(0, 1_234_067).path(), "tile/0/x001/x234/067");
        assert_eq!(
            TileId {
                level: 0,
                index: 273,
                width: 112
            }
            .path(),
            "tile/0/273.p/112"
        );
        assert_eq!(bundle_path(1_000, 256), "tile/entries/x001/000");
        assert_eq!(bundle_path(0, 1), "tile/entries/000.p/1");
    }

    #[test]
    fn a_tree_of_70_000_has_the_tiles_that_the_specification_counts() {
        let width = |level, index| TileId::in_tree(level, index, 70_000).map(|tile| tile.width);
        assert_eq!(
            (width(0, 272), width(0, 273), width(0, 274)),
            (Some(256), Some(112), None)
        );
        assert_eq!(
            (width(1, 0), width(1, 1), width(1, 2)),
            (Some(256), Some(17), None)
        );
        assert_eq!(
            (width(2, 0), width(2, 1), width(3, 0)),
            (Some(1), None, None)
        );
        assert_eq!(
            TileId::in_tree(0, 1, 256),
            None,
            "an empty tile does not exist"
        );
    }

    #[test]
    fn a_bundle_reads_back_and_a_cut_one_does_not() {
        let entries: Vec<Vec<u8>> = vec![vec![], vec![7; 300], b"cleo".to_vec()];
        let bytes = encode_bundle(entries.iter().map(Vec::as_slice)).unwrap();
        assert_eq!(decode_bundle(&bytes, 3), Some(entries));
        assert_eq!(decode_bundle(&bytes, 2), None);
        assert_eq!(decode_bundle(&bytes[..bytes.len() - 1], 3), None);
        assert_eq!(encode_bundle([[0u8; 65_536].as_slice()]), None);
    }
}
