//! How often a worker asks.

use std::time::Duration;

use crate::surroundings::{Moment, Stopwatch};

/// How often a worker asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Again as soon as it has been answered.
    AsFastAsItCan,
    /// So often, whatever the answers take. A request that could not be sent in time counts from when it was due, so
    /// that a gateway that stands still is not measured once but as often as somebody would have asked.
    Every(Duration),
}

/// The beat of one worker.
#[derive(Debug)]
pub(crate) struct Beat {
    pace: Pace,
    due: Moment,
}

impl Beat {
    /// A beat that begins a part (0 to 1) of its interval from now, so that workers do not ask all at once.
    pub(crate) fn start(pace: Pace, watch: &Stopwatch, part: f64) -> Beat {
        let Moment(now) = watch.now();
        let wait = match pace {
            Pace::AsFastAsItCan => 0,
            Pace::Every(interval) => micros(interval.mul_f64(part.clamp(0.0, 1.0))),
        };
        Beat {
            pace,
            due: Moment(now.saturating_add(wait)),
        }
    }

    /// Waits for the next request to be due; when it was.
    pub(crate) async fn next(&mut self, watch: &Stopwatch) -> Moment {
        let Pace::Every(interval) = self.pace else {
            return watch.now();
        };
        let due = self.due;
        self.due = Moment(due.0.saturating_add(micros(interval)));
        let early = due.since(watch.now());
        if !early.is_zero() {
            tokio::time::sleep(early).await;
        }
        due
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
