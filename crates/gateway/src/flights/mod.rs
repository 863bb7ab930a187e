//! Answers in flight: released, and not yet out of our hands.
//!
//! A withdrawal holds for every question asked after it. What was answered just before is still on its way through
//! HTTP's buffers and the operating system's, and a partner that reads slowly can keep it there for as long as it
//! likes. So every answer about anybody is written down here before it is looked at for the last time, and crossed out
//! when the last of its bytes has been sent. Whoever takes something away waits for exactly those that it concerns:
//! two seconds, and then their connections are cut.

mod concerned;
mod line;
mod owed;
mod sent;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use decide::{Asker, Concern, PersonNo, PowerId};
use prometheus_client::metrics::counter::Counter;
use tokio::sync::Notify;

pub(crate) use concerned::is_concerned;
pub(crate) use line::Line;
pub(crate) use owed::{Held, Owed, Standing, handed_over};
pub(crate) use wire::{Socket, Wire};

/// How long an answer may take to leave once somebody has withdrawn from it.
const DRAIN: Duration = Duration::from_secs(2);
/// How often connections are asked to look whether the operating system has sent everything: it does not say so.
const LOOK: Duration = Duration::from_millis(10);

/// All answers in flight.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    open: Mutex<Open>,
    /// Told whenever one has landed, or a connection has ended.
    landed: Notify,
    /// Connections that were cut.
    pub(crate) cut: Counter,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    flights: HashMap<u64, Arc<Aboard>>,
}

/// Who is in an answer, by whose question and on which connection.
#[derive(Debug)]
pub(crate) struct Aboard {
    /// Who asked, for whom, what for.
    pub(crate) asker: Asker,
    /// The person for whom the partner acts.
    pub(crate) me: Option<PersonNo>,
    /// The powers by which anything was found, as [`Concern::powers`] numbers them.
    pub(crate) powers: Vec<PowerId>,
    /// Everybody in it, in rising order of number.
    pub(crate) concerns: Vec<Concern>,
    /// Where it goes.
    pub(crate) line: Arc<Line>,
}

/// An answer in flight. It has landed when this is dropped: hold it for as long as any byte of it can still be sent.
#[derive(Debug)]
pub(crate) struct Flight {
    number: u64,
    line: Arc<Line>,
}

impl Flights {
    /// Writes an answer down, until what is returned is dropped.
    ///
    /// Look at [`decide::Facts::revocations`] after this and not before: whatever is taken away later finds the answer
    /// here.
    pub(crate) fn board(&self, aboard: Aboard) -> Flight {
        let line = aboard.line.clone();
        let mut open = self.open();
        let number = open.next;
        open.next = open.next.wrapping_add(1);
        open.flights.insert(number, Arc::new(aboard));
        Flight { number, line }
    }

    /// Waits until none of these answers can be sent any more: two seconds by themselves, then they are cut.
    ///
    /// The change that concerns them must have been folded into the facts before.
    pub(crate) async fn clear(&self, concerned: impl Fn(&Aboard) -> bool) {
        let mut left: Vec<(u64, Arc<Aboard>)> = self.all();
        left.retain(|(_, aboard)| concerned(aboard));
        let drained = tokio::time::timeout(DRAIN, self.gone(&mut left)).await;
        if drained.is_ok() {
            return;
        }
        for (_, aboard) in &left {
            if aboard.line.cut() {
                self.cut.inc();
                let partner = &aboard.asker.partner;
                tracing::warn!(%partner, "a connection was cut: an answer on it had not left two seconds after somebody withdrew");
            }
        }
        self.gone(&mut left).await;
    }

    async fn gone(&self, left: &mut Vec<(u64, Arc<Aboard>)>) {
        loop {
            // Made before looking, so that nothing that lands meanwhile is missed.
            let landed = self.landed.notified();
            {
                let open = self.open();
                left.retain(|(number, aboard)| {
                    open.flights.contains_key(number) && !aboard.line.is_closed()
                });
            }
            if left.is_empty() {
                return;
            }
            left.iter().for_each(|(_, aboard)| aboard.line.look());
            let _ = tokio::time::timeout(LOOK, landed).await;
        }
    }

    /// A connection has ended: nothing on it can be sent any more.
    fn line_closed(&self) {
        self.landed.notify_waiters();
    }

    fn land(&self, number: u64) {
        let aboard = self.open().flights.remove(&number);
        // Freed outside the lock.
        drop(aboard);
        self.landed.notify_waiters();
    }

    fn all(&self) -> Vec<(u64, Arc<Aboard>)> {
        let open = self.open();
        let all = open.flights.iter();
        all.map(|(number, aboard)| (*number, aboard.clone()))
            .collect()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.line.flights.land(self.number);
    }
}
