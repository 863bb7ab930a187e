//! What goes into the log and what comes out of it.

use std::fmt;

/// Sixteen bytes by which an append is recognised when it is tried again.
///
/// Draw it at random per thing to be recorded (or derive it from the caller's own request id) and
/// use it again only to retry that same record. A key that was used is remembered with its record
/// on disk, and looked up among the last [`Options::remember`](crate::Options::remember) records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IdempotencyKey(pub [u8; 16]);

/// One record to append: the entry and the two blobs that lie beside the log.
///
/// All of it is committed in one write, so an entry is never durable without its blobs.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The entry: at most 65,535 bytes; its hash becomes a leaf of the tree, for ever.
    pub entry: Vec<u8>,
    /// The blob for auditors. Not in the tree by itself: the entry must commit to it.
    pub tags: Vec<u8>,
    /// The encrypted blob that may later be erased. Not in the tree either.
    pub details: Vec<u8>,
    /// By which a repeated append is recognised.
    pub key: IdempotencyKey,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("entry_bytes", &self.entry.len())
            .field("tags_bytes", &self.tags.len())
            .field("details_bytes", &self.details.len())
            .finish_non_exhaustive()
    }
}

/// One record read back, with its place in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Zero-based place in the log.
    pub index: u64,
    /// Entry, blobs and key as they were appended.
    pub record: Record,
}
