//! The gateway's one clock: what the wall clock says, judged by how much time a monotonic counter says has gone by.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use decide::{Day, Days, Now, Time, Watch};

use crate::problem::Problem;

/// Reads a wall clock: milliseconds since 1970.
pub type Wall = Box<dyn Fn() -> Time + Send + Sync>;
/// Reads a counter that never goes back and does not follow the wall clock: milliseconds since some fixed start.
pub type Monotonic = Box<dyn Fn() -> i64 + Send + Sync>;
/// Says how many days the days of asking are ahead of the clock's. It may grow and never shrinks.
pub type Ahead = Box<dyn Fn() -> Days + Send + Sync>;

/// The only clock that the gateway asks. Its readers are handed in by the program, or by a test.
///
/// Not to be misread: what it tells is not what the wall clock says. A wall clock that stepped back or jumped ahead is
/// not believed, and then nothing is released and no token is honoured.
pub struct Clock {
    wall: Wall,
    monotonic: Monotonic,
    asking_ahead: Ahead,
    watched: Mutex<Watched>,
}

struct Watched {
    watch: Watch,
    counted: i64,
}

impl Clock {
    /// A clock that goes on from `last`, the latest moment that register and ledger know (`None`: a new deployment).
    #[must_use]
    pub fn new(last: Option<Time>, wall: Wall, monotonic: Monotonic) -> Self {
        let watched = Watched {
            watch: Watch::from(last),
            counted: monotonic(),
        };
        Self {
            wall,
            monotonic,
            asking_ahead: Box::new(|| Days(0)),
            watched: Mutex::new(watched),
        }
    }

    /// The same clock, with days of asking that may be ahead of it: for a demo, in which nobody waits thirty days to be
    /// told that they are asked. It bears on nothing but when requests are opened and told.
    ///
    /// There is no setting for it, on purpose: who is told sooner than in thirty days can tell by the day who connected.
    #[must_use]
    pub fn asking_ahead(mut self, ahead: Ahead) -> Self {
        self.asking_ahead = ahead;
        self
    }

    /// The day of asking at this moment: the moment's own, unless the program handed in another.
    pub(crate) fn asking_day(&self, now: Time) -> Day {
        now.day().plus((self.asking_ahead)())
    }

    /// What to believe about the present moment.
    pub fn now(&self) -> Now {
        // Both readers are read under the lock, so that two callers cannot count the same time twice.
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = (self.monotonic)();
        let gone_by = counted.saturating_sub(watched.counted);
        watched.counted = counted;
        watched.watch.tell((self.wall)(), gone_by)
    }

    /// The present moment, or the problem with which everything is refused while the clock cannot be believed.
    pub(crate) fn moment(&self) -> Result<Time, Problem> {
        match self.now() {
            Now::At(time) => Ok(time),
            Now::WentBack | Now::JumpedAhead => Err(Problem::ClockNotBelieved),
        }
    }

    /// The present moment, or the latest that was believed while the wall clock is not. For what is only shown, and for what
    /// takes something away.
    pub(crate) fn about_now(&self) -> Time {
        self.now(); // believes what can be believed
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.watch.last().unwrap_or(Time(0))
    }

    /// An operator has looked at the wall clock and it is right: time goes on from what it says now.
    pub fn confirm(&self) -> Time {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let clock = (self.wall)();
        watched.counted = (self.monotonic)();
        watched.watch.confirm(clock);
        clock
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    const HOUR: i64 = 3_600_000;

    fn clock_at(start: i64) -> (Clock, Arc<AtomicI64>, Arc<AtomicI64>) {
        let (wall, counter) = (
            Arc::new(AtomicI64::new(start)),
            Arc::new(AtomicI64::new(7_000)),
        );
        let (w, c) = (wall.clone(), counter.clone());
        let clock = Clock::new(
            None,
            Box::new(move || Time(w.load(Ordering::Relaxed))),
            Box::new(move || c.load(Ordering::Relaxed)),
        );
        (clock, wall, counter)
    }

    #[test]
    fn a_night_that_really_went_by_is_believed() {
        let (clock, wall, counter) = clock_at(HOUR);
        assert_eq!(clock.now(), Now::At(Time(HOUR)));
        wall.fetch_add(12 * HOUR, Ordering::Relaxed);
        counter.fetch_add(12 * HOUR, Ordering::Relaxed);
        assert_eq!(clock.now(), Now::At(Time(13 * HOUR)));
    }

    #[test]
    fn a_jump_ahead_waits_until_an_operator_confirms_it() {
        let (clock, wall, _) = clock_at(HOUR);
        assert_eq!(clock.now(), Now::At(Time(HOUR)));
        wall.fetch_add(2 * HOUR, Ordering::Relaxed);
        assert_eq!(clock.now(), Now::JumpedAhead);
        assert!(matches!(clock.moment(), Err(Problem::ClockNotBelieved)));
        assert_eq!(clock.confirm(), Time(3 * HOUR));
        assert_eq!(clock.now(), Now::At(Time(3 * HOUR)));
    }

    #[test]
    fn a_step_back_refuses_until_the_clock_has_caught_up() {
        let (clock, wall, _) = clock_at(HOUR);
        assert_eq!(clock.now(), Now::At(Time(HOUR)));
        wall.fetch_sub(6_000, Ordering::Relaxed);
        assert_eq!(clock.now(), Now::WentBack);
        wall.fetch_add(6_000, Ordering::Relaxed);
        assert_eq!(clock.now(), Now::At(Time(HOUR)));
    }
}
