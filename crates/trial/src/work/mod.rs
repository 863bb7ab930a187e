//! Workers: each one partner on behalf of one person, at one kind of work, until the trial is over.
//!
//! A new kind of work is a variant of [`Kind`], a file that does it, and what it leaves in the [`Harvest`].

mod pace;
mod reading;
mod stalling;
mod streaming;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use decide::Time;
use tokio::task::JoinSet;

pub(crate) use pace::{Beat, Pace};
pub(crate) use writing::{Sent, Told};

use crate::broken::{At as _, Result};
use crate::hand::Hand;
use crate::latency::Spread;
use crate::scene::Scene;
use crate::surroundings::Moment;

/// What a worker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Reads everything that its agreement lets it read, over and over.
    Reading,
    /// Sends messages, imports contacts, deletes posts: whatever of it its agreement lets it do.
    Writing,
    /// Reads streams, record by record, and opens them again.
    Streaming,
    /// Asks for long answers and stops reading in the middle of one.
    Stalling,
}

/// One worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    pub(crate) kind: Kind,
    /// The partner's number in the cast.
    pub(crate) partner: usize,
    /// The number of the connected person.
    pub(crate) connected: usize,
    pub(crate) pace: Pace,
    /// Whether every answer is kept for comparison with the ledger.
    pub(crate) keeps: bool,
}

/// An answer that a client received, at least its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) partner: usize,
    pub(crate) connected: usize,
    pub(crate) operation: &'static str,
    /// Before it was asked for, by the wall clock.
    pub(crate) begun: Time,
    /// After the last byte of it came.
    pub(crate) ended: Time,
    /// Everybody whose id stands anywhere in what came, in order.
    pub(crate) people: Vec<u32>,
}

/// What a worker leaves behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Harvest {
    pub(crate) receipts: Vec<Receipt>,
    /// Everything that was to be written.
    pub(crate) sent: Vec<Sent>,
    /// Every answered request.
    pub(crate) timed: Vec<Timed>,
}

/// How long one answered request took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timed {
    /// When it was due.
    pub(crate) due: Moment,
    /// Microseconds from then to the last byte of the answer.
    pub(crate) took: u32,
}

impl Harvest {
    fn add(&mut self, other: Harvest) {
        self.receipts.extend(other.receipts);
        self.sent.extend(other.sent);
        self.timed.extend(other.timed);
    }

    /// How long requests took that were due between two moments of the trial.
    pub(crate) fn spread(&self, from: Duration, until: Duration) -> Spread {
        let within = |timed: &&Timed| (from..until).contains(&Duration::from_micros(timed.due.0));
        let mut took: Vec<u32> = self
            .timed
            .iter()
            .filter(within)
            .map(|timed| timed.took)
            .collect();
        Spread::of(&mut took)
    }
}

/// Workers that are at it.
pub(crate) struct Crew(JoinSet<Result<Harvest>>);

impl Crew {
    /// Puts them to work.
    pub(crate) fn start(scene: &Arc<Scene>, jobs: impl IntoIterator<Item = Job>) -> Result<Crew> {
        let mut crew = JoinSet::new();
        for (number, job) in jobs.into_iter().enumerate() {
            let hand = Hand::new(&scene.place, job.partner, job.connected)?;
            let (scene, number) = (scene.clone(), u64::try_from(number).unwrap_or(u64::MAX));
            crew.spawn(async move {
                match job.kind {
                    Kind::Reading => reading::read(&scene, hand, job, number).await,
                    Kind::Writing => writing::write(&scene, hand, job, number).await,
                    Kind::Streaming => streaming::stream(&scene, hand, job, number).await,
                    Kind::Stalling => stalling::stall(&scene, hand, job).await,
                }
            });
        }
        Ok(Crew(crew))
    }

    /// Waits for all of them; the trial must be over.
    pub(crate) async fn harvest(mut self) -> Result<Harvest> {
        let mut all = Harvest::default();
        while let Some(one) = self.0.join_next().await {
            all.add(one.at("a worker")??);
        }
        Ok(all)
    }
}
