//! Cursors as partners see them: sealed, bound to their list, all of a few lengths.

use std::fmt;
use std::sync::Arc;

/// Twelve random bytes, for one sealing and never for another.
#[derive(Clone, Copy)]
pub struct Nonce(pub [u8; 12]);

/// The key under which cursors are sealed (AES-256-GCM). It never prints.
///
/// Nonces are random, so one key is good for 2^32 cursors (NIST SP 800-38D, 8.3); a new key only ends the lists that
/// partners are in the middle of.
#[derive(Clone)]
pub struct CursorKey(#[expect(dead_code, reason = "skeleton")] Arc<[u8; 32]>);

impl CursorKey {
    /// A key of 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> CursorKey {
        CursorKey(Arc::new(bytes))
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(…)")
    }
}
