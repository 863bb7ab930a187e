//! Clock and randomness of a trial. Everything that is chosen comes from the seed; only keys are drawn from the system.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use decide::Time;
use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::broken::{At as _, Result};

/// What the wall clock says. The gateway on trial reads the same one.
#[expect(
    clippy::disallowed_methods,
    reason = "a trial is a program of its own and reads the clock as the one on trial does"
)]
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map(|since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    Time(millis.unwrap_or(0))
}

/// A moment of this process, in microseconds since the trial began. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) u64);

/// Counts from the beginning of the trial.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    pub(crate) fn now(&self) -> Moment {
        Moment(u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Moment {
    /// How long ago `earlier` was.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// The generator of one part of a trial: the same for the same seed and part, whatever the others draw.
pub(crate) fn dice(seed: u64, part: u64) -> ChaCha8Rng {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    dice.set_stream(part);
    dice
}

/// A generator that nobody can foresee: for keys and proofs.
pub(crate) fn unforeseeable() -> Result<ChaCha8Rng> {
    ChaCha8Rng::try_from_os_rng().at("the operating system's random bytes")
}

/// As a partner's client wants time and randomness.
pub(crate) fn of_partner() -> Result<partner::Surroundings> {
    let random = std::sync::Mutex::new(unforeseeable()?);
    Ok(partner::Surroundings {
        now: Arc::new(|| now().0.div_euclid(1000)),
        random: Arc::new(move || {
            let mut bytes = [0; 16];
            random
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .fill_bytes(&mut bytes);
            bytes
        }),
    })
}

/// As the register wants its randomness.
pub(crate) fn fill() -> Result<Arc<register::Fill>> {
    let random = std::sync::Mutex::new(unforeseeable()?);
    Ok(Arc::new(move |bytes: &mut [u8]| {
        random
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .fill_bytes(bytes);
        Ok(())
    }))
}
