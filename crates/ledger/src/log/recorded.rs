//! The proof, as a type, that a record is durable: the hinge of the gateway's order of steps.

/// The committer's word that a batch was synced; nothing else can make one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Synced {
    index: u64,
}

impl Synced {
    /// To be called by the committer after the batch's sync returned without an error, and nowhere else.
    pub(super) fn after_sync(index: u64) -> Self {
        Self { index }
    }
}

/// A value whose record is durable: what was carried through [`Log::record`](crate::Log::record).
///
/// Its fields are private and only the log makes it, after the sync of the batch that holds the
/// record has returned. So a function that takes `Recorded<T>` cannot be called with a `T` whose
/// entry might still be lost. Not to be misread: it does not say that a checkpoint covers the entry
/// yet (that comes with the next publication), nor that the disk keeps what it acknowledged.
#[derive(Debug)]
#[must_use = "a recorded value that is not released was recorded for nothing"]
pub struct Recorded<T> {
    index: u64,
    carried: T,
}

impl<T> Recorded<T> {
    pub(super) fn new(synced: Synced, carried: T) -> Self {
        Self {
            index: synced.index,
            carried,
        }
    }

    /// The record's zero-based place in the log.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// What was carried.
    pub fn carried(&self) -> &T {
        &self.carried
    }

    /// Gives back what was carried, to be released.
    pub fn into_inner(self) -> T {
        self.carried
    }
}
