//! What a connection still owes: requests that are being answered, and answers of which the partner has not taken
//! everything. Nobody may hold the gateway's memory by not reading, nor a connection by asking nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Flight, Line};
use crate::limits::Leave;

/// The requests of one connection that are not over.
#[derive(Debug)]
pub(super) struct Requests(Mutex<Open>);

#[derive(Debug)]
struct Open {
    next: u64,
    /// From when on each answer can be taken as a whole; `None`: it is not there yet.
    requests: HashMap<u64, Option<Instant>>,
    /// Since when there are none.
    idle: Instant,
}

/// How a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Something is asked or answered.
    Busy,
    /// Nothing has been, for so long as an idle connection stays open.
    Idle,
    /// An answer is there for longer than a partner may take over one.
    Overdue,
}

impl Requests {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Open {
            next: 0,
            requests: HashMap::new(),
            idle: Instant::now(),
        }))
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// A request has come. It is over when what is returned is dropped: hold it until the operating system has sent the
    /// answer's last byte.
    pub(crate) fn begin(self: &Arc<Self>) -> Owed {
        let mut open = self.owed.open();
        let number = open.next;
        open.next = open.next.wrapping_add(1);
        open.requests.insert(number, None);
        Owed {
            number,
            line: self.clone(),
        }
    }

    /// How it stands now: `quiet` is how long it may be idle, `most` how long a partner may take over an answer.
    pub(crate) fn standing(&self, quiet: Duration, most: Duration) -> Standing {
        let open = self.owed.open();
        let now = Instant::now();
        let mut there = open.requests.values().flatten();
        if there.any(|since| now.duration_since(*since) > most) {
            Standing::Overdue
        } else if open.requests.is_empty() && now.duration_since(open.idle) > quiet {
            Standing::Idle
        } else {
            Standing::Busy
        }
    }
}

/// One request that is not over.
#[derive(Debug)]
pub(crate) struct Owed {
    number: u64,
    line: Arc<Line>,
}

impl Owed {
    /// The answer is there, or will be whole after so long: then the partner's time to take it begins.
    pub(crate) fn is_there(&self, after: Duration) {
        let mut open = self.line.owed.open();
        let from = Instant::now() + after;
        open.requests.insert(self.number, Some(from));
    }
}

impl Drop for Owed {
    fn drop(&mut self) {
        let mut open = self.line.owed.open();
        open.requests.remove(&self.number);
        if open.requests.is_empty() {
            open.idle = Instant::now();
        }
    }
}

/// What is held until an answer is sent.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// `None`: it is about nobody.
    pub(crate) flight: Option<Flight>,
    /// The partner's place among requests.
    pub(crate) leave: Option<Arc<Leave>>,
    pub(crate) owed: Option<Owed>,
}

/// HTTP's machinery has copied or written the bytes of an answer. Whether they have been sent the connection finds out.
pub(crate) fn handed_over(held: Held) {
    let of_flight = held.flight.as_ref().map(|flight| &flight.line);
    let line = of_flight.or(held.owed.as_ref().map(|owed| &owed.line));
    if let Some(line) = line.cloned() {
        line.hand_over(held);
    }
}
