//! What committer, publisher and readers of one log share.

use super::error::{AppendError, Shortage};
use super::store::Store;
use super::wal::{Segment, Spare};
use super::{Checkpoint, Failure};
use crate::Hash;
use crate::files::Handle;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Shared by the threads of one log. The lock is held for moments only, never over file operations.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: Store,
    state: Mutex<State>,
    /// Wakes the publisher before its time: a spare segment is wanted, or the log closes.
    pub(super) wake: Condvar,
    failure: watch::Sender<Option<Failure>>,
    shortage: watch::Sender<Option<Shortage>>,
}

/// Where things stand.
#[derive(Debug)]
pub(super) struct State {
    /// Size and root over all durable entries, as the committer computed it.
    pub(super) size: u64,
    pub(super) root: Hash,
    /// Where the records from `tail_start` on lie: those not yet in full, published bundles.
    pub(super) tail: VecDeque<TailRecord>,
    pub(super) tail_start: u64,
    /// Segments in use, oldest first, with the index behind their last record (`None` for the one being written).
    pub(super) segments: VecDeque<(Segment, Option<u64>)>,
    /// Segments made ahead; the last of them, as many as the options say, are the reserve.
    pub(super) spares: VecDeque<Spare>,
    /// Where in the last segment the next batch goes.
    pub(super) end: u64,
    pub(super) published: Checkpoint,
    pub(super) closing: bool,
}

/// A durable record in the write-ahead log.
#[derive(Clone, Debug)]
pub(super) struct TailRecord {
    pub(super) handle: Arc<Handle>,
    pub(super) offset: u64,
    pub(super) length: u32,
    /// The leaf hash that went into the committer's tree.
    pub(super) leaf: Hash,
}

impl Shared {
    pub(super) fn new(store: Store, state: State) -> Self {
        Self {
            store,
            state: Mutex::new(state),
            wake: Condvar::new(),
            failure: watch::Sender::new(None),
            shortage: watch::Sender::new(None),
        }
    }

    /// Why there is no room, while there is none.
    pub(super) fn shortage(&self) -> Option<Shortage> {
        self.shortage.borrow().clone()
    }

    pub(super) fn set_shortage(&self, shortage: Option<Shortage>) {
        self.shortage.send_replace(shortage);
    }

    /// Whether a record may be taken in now; `reserved`: it is one for which the reserve is kept.
    pub(super) fn admit(&self, reserved: bool) -> Result<(), AppendError> {
        if let Some(failure) = self.failure() {
            return Err(AppendError::Stopped(failure));
        }
        match self.shortage() {
            Some(shortage) if !reserved => Err(AppendError::NoSpace(shortage)),
            _ => Ok(()),
        }
    }

    /// A thread that panicked holding the lock left a state that is still true: fields change together
    /// only after the disk has done its part.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure.borrow().clone()
    }

    pub(super) fn watch_failure(&self) -> watch::Receiver<Option<Failure>> {
        self.failure.subscribe()
    }

    /// Stops the log for good. The first reason stays.
    pub(super) fn fail(&self, failure: Failure) -> Failure {
        self.failure.send_if_modified(|kept| {
            let first = kept.is_none();
            kept.get_or_insert(failure);
            first
        });
        self.failure().unwrap_or_else(|| Failure::new("stopped"))
    }
}
