//! The hashes of the tree: RFC 6962 section 2.1 over SHA-256, as C2SP tlog-tiles fixes them.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256 hash: of a leaf, of a node, or a root.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The root of the tree without entries: SHA-256 of nothing.
    pub fn empty_root() -> Self {
        Self::of(&[])
    }

    /// Plain SHA-256 of `bytes`; neither a leaf nor a node.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The hash of an entry: SHA-256(0x00 ‖ entry).
    pub fn leaf(entry: &[u8]) -> Self {
        let mut sha = Sha256::new();
        sha.update([0]);
        sha.update(entry);
        Self(sha.finalize().into())
    }

    /// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
    pub fn node(left: Self, right: Self) -> Self {
        let mut bytes = [1u8; 65];
        let (_, children) = bytes.split_at_mut(1);
        let (l, r) = children.split_at_mut(32);
        l.copy_from_slice(&left.0);
        r.copy_from_slice(&right.0);
        Self::of(&bytes)
    }

    /// Standard base64, as checkpoints and proofs write hashes.
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads what [`Hash::to_base64`] writes; `None` unless it is exactly 32 bytes.
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_tree_the_empty_leaf_and_a_node_hash_as_rfc_6962_says() {
        let hex = |h: Hash| h.to_string();
        assert_eq!(
            hex(Hash::empty_root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            hex(Hash::leaf(b"")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        // transparency-dev/merkle: HashChildren("N123", "N456") is not 32 bytes wide, so the
        // RFC's own two-leaf tree stands here (root of leaves "" and 0x00).
        let two = Hash::node(Hash::leaf(b""), Hash::leaf(&[0]));
        assert_eq!(
            hex(two),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
        );
    }

    #[test]
    fn base64_of_a_hash_reads_back_and_anything_but_32_bytes_does_not() {
        let h = Hash::leaf(b"ada");
        assert_eq!(Hash::from_base64(&h.to_base64()), Some(h));
        assert_eq!(Hash::from_base64("AAAA"), None);
        assert_eq!(Hash::from_base64("not base64"), None);
    }
}
