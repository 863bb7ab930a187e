//! The Merkle tree as it grows.
