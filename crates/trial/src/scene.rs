//! What all workers of a trial share, and what they leave behind.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::people::People;
use crate::place::Place;
use crate::surroundings::Stopwatch;

/// The place, the people, and the state of a trial.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) place: Place,
    pub(crate) people: People,
    pub(crate) watch: Stopwatch,
    pub(crate) seed: u64,
    /// Whether the gateway is there to be asked. Nobody calls it while it is not.
    up: watch::Sender<bool>,
    stopped: AtomicBool,
    /// Calls under way.
    busy: AtomicUsize,
    pub(crate) counts: Counts,
    findings: Mutex<BTreeMap<String, u64>>,
}

/// Counts of a trial that is running, for its progress.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Answers of which at least the head arrived with status 200.
    pub(crate) answers: AtomicU64,
    /// Those that were cut off.
    pub(crate) cut: AtomicU64,
    /// Requests to which nothing came.
    pub(crate) lost: AtomicU64,
    /// Acknowledged withdrawals and bars.
    pub(crate) taken: AtomicU64,
    /// Acknowledged consents and lifted bars.
    pub(crate) given: AtomicU64,
    /// Changes by people of which nobody knows whether they hold.
    pub(crate) unacknowledged: AtomicU64,
    /// How often somebody who wavers was in an answer.
    pub(crate) there: AtomicU64,
    /// How often somebody who was out was rightly not in an answer that had held them before.
    pub(crate) kept_out: AtomicU64,
    /// Writes, deletes and imports that a partner was told are done.
    pub(crate) written: AtomicU64,
    /// Streams that were opened.
    pub(crate) streams: AtomicU64,
    /// Records of streams that came, whole or cut off.
    pub(crate) records: AtomicU64,
    /// Connections on which a partner stopped reading in the middle of an answer.
    pub(crate) stalled: AtomicU64,
    /// Other statuses than 200.
    statuses: Mutex<BTreeMap<u16, u64>>,
}

/// Findings beyond this number are counted and not kept.
const MOST_FINDINGS: usize = 50;

impl Scene {
    pub(crate) fn new(place: Place, people: People, seed: u64) -> Scene {
        Scene {
            place,
            people,
            watch: Stopwatch::start(),
            seed,
            up: watch::Sender::new(false),
            stopped: AtomicBool::new(false),
            busy: AtomicUsize::new(0),
            counts: Counts::default(),
            findings: Mutex::default(),
        }
    }

    /// Says whether the gateway is there.
    pub(crate) fn is_up(&self, up: bool) {
        self.up.send_replace(up);
    }

    /// Ends all workers after what they are at.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.up.send_replace(true);
    }

    /// Whether the trial is over.
    pub(crate) fn is_over(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Waits until the gateway is there. `None`: the trial is over.
    pub(crate) async fn turn(&self) -> Option<Turn<'_>> {
        let mut up = self.up.subscribe();
        let _ = up.wait_for(|up| *up).await;
        self.busy.fetch_add(1, Ordering::SeqCst);
        let turn = Turn(self);
        (!self.is_over()).then_some(turn)
    }

    /// Waits, for a while, until no call is under way; whether none is.
    pub(crate) async fn quiet(&self) -> bool {
        for _ in 0..1000 {
            if self.busy.load(Ordering::SeqCst) == 0 {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    /// Notes something that must not be.
    pub(crate) fn found(&self, what: String) {
        let mut findings = self.findings();
        if findings.len() < MOST_FINDINGS || findings.contains_key(&what) {
            *findings.entry(what).or_default() += 1;
        }
    }

    /// How often something was found that must not be.
    pub(crate) fn wrong(&self) -> u64 {
        self.findings().values().sum()
    }

    /// Everything that must not be, so far, and how often.
    pub(crate) fn told_findings(&self) -> Vec<String> {
        let findings = self.findings();
        let told = findings.iter().map(|(what, times)| match times {
            1 => what.clone(),
            times => format!("{times} times: {what}"),
        });
        told.collect()
    }

    fn findings(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call of a worker's; dropped when it is over.
#[derive(Debug)]
pub(crate) struct Turn<'a>(&'a Scene);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Counts {
    pub(crate) fn add(count: &AtomicU64, many: u64) {
        count.fetch_add(many, Ordering::Relaxed);
    }

    pub(crate) fn get(count: &AtomicU64) -> u64 {
        count.load(Ordering::Relaxed)
    }

    /// Notes a status other than 200.
    pub(crate) fn status(&self, status: u16) {
        *self
            .statuses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(status)
            .or_default() += 1;
    }

    /// Statuses other than 200, and how many.
    pub(crate) fn statuses(&self) -> BTreeMap<u16, u64> {
        self.statuses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
