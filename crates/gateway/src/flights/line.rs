//! A partner's connection, as far as answers in flight on it are concerned: what everybody but the connection's own
//! task holds of it.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::owed::Requests;
use super::{Flights, Held};

/// A connection. Made before it is served; [`super::Wire`] is its other half.
#[derive(Debug)]
pub(crate) struct Line {
    pub(super) flights: Arc<Flights>,
    pub(super) owed: Requests,
    handed: Mutex<Handed>,
    cut: AtomicBool,
    wake: Notify,
}

/// What is held for answers that HTTP's machinery is done with. `None`: the connection has ended.
type Handed = Option<Vec<Held>>;

impl Line {
    pub(crate) fn new(flights: Arc<Flights>) -> Arc<Self> {
        Arc::new(Self {
            flights,
            owed: Requests::new(),
            handed: Mutex::new(Some(Vec::new())),
            cut: AtomicBool::new(false),
            wake: Notify::new(),
        })
    }

    /// Ends the connection at once, and nothing that has not been sent is sent any more. Whether this was the first to
    /// say so.
    pub(crate) fn cut(&self) -> bool {
        let first = !self.cut.swap(true, Ordering::SeqCst);
        self.wake.notify_one();
        first
    }

    /// Whether it is to end at once.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    /// Has the connection's task look whether everything has been sent.
    pub(crate) fn look(&self) {
        self.wake.notify_one();
    }

    /// Serves the connection until it ends, or is cut. What serves it is asked to go on whenever somebody wants to know
    /// whether everything has been sent. For the connection's one task.
    pub(crate) async fn unless_cut(&self, served: impl Future) {
        let mut served = pin!(served);
        loop {
            tokio::select! {
                biased;
                () = self.wake.notified() => if self.is_cut() {
                    return;
                },
                _ended = &mut served => return,
            }
        }
    }

    /// Whether it has ended: its socket is closed, and what the operating system had not sent is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.handed().is_none()
    }

    pub(super) fn hand_over(&self, held: Held) {
        // What nobody can take any more lands, after the lock is free.
        let _landed = match &mut *self.handed() {
            Some(handed) => {
                handed.push(held);
                None
            }
            None => Some(held),
        };
        // HTTP/2's machinery lets go of an answer's last frame after it has flushed, and then waits for the partner.
        self.look();
    }

    /// HTTP's machinery holds nothing more of what was handed over, so it takes none of our memory. If the operating
    /// system holds nothing either, it has landed.
    pub(super) fn flushed(&self, is_sent: impl FnOnce() -> bool) {
        let mut written = match &mut *self.handed() {
            Some(handed) if !handed.is_empty() => std::mem::take(handed),
            _ => return,
        };
        if is_sent() {
            return;
        }
        written.iter_mut().for_each(|held| held.leave = None);
        if let Some(handed) = &mut *self.handed() {
            handed.append(&mut written);
        }
    }

    /// Whether everything that was handed over is known to have been sent.
    pub(crate) fn is_clear(&self) -> bool {
        self.handed().as_ref().is_none_or(Vec::is_empty)
    }

    pub(super) fn close(&self) {
        let handed = self.handed().take();
        drop(handed);
        self.flights.line_closed();
    }

    fn handed(&self) -> std::sync::MutexGuard<'_, Handed> {
        self.handed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
