//! How long things took.

use std::fmt;
use std::time::Duration;

/// The spread of many times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spread {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) p999: Duration,
    pub(crate) slowest: Duration,
}

impl Spread {
    /// From microseconds, which it sorts. Zero everywhere where there are none.
    pub(crate) fn of(micros: &mut [u32]) -> Spread {
        micros.sort_unstable();
        // The least time within which so many of a thousand had ended.
        let within = |of_1000: usize| {
            let rank = micros.len().saturating_mul(of_1000).div_ceil(1000);
            let micros = micros.get(rank.saturating_sub(1)).copied().unwrap_or(0);
            Duration::from_micros(u64::from(micros))
        };
        Spread {
            p50: within(500),
            p99: within(990),
            p999: within(999),
            slowest: within(1000),
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread {
            p50,
            p99,
            p999,
            slowest,
        } = self;
        let [p50, p99, p999, slowest] = [p50, p99, p999, slowest].map(|time| milliseconds(*time));
        write!(
            f,
            "p50 {p50} ms, p99 {p99} ms, p99.9 {p999} ms, at most {slowest} ms"
        )
    }
}

/// Milliseconds with as many digits as mean something.
pub(crate) fn milliseconds(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    match ms {
        ms if ms < 10.0 => format!("{ms:.2}"),
        ms if ms < 100.0 => format!("{ms:.1}"),
        ms => format!("{ms:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let mut micros: Vec<u32> = (1..=1000).rev().collect();
        let spread = Spread::of(&mut micros);
        assert_eq!(spread.p50, Duration::from_micros(500));
        assert_eq!(spread.p99, Duration::from_micros(990));
        assert_eq!(spread.p999, Duration::from_micros(999));
        assert_eq!(spread.slowest, Duration::from_micros(1000));
        assert_eq!(Spread::of(&mut [7]).p50, Duration::from_micros(7));
        assert_eq!(Spread::of(&mut []), Spread::default());
    }
}
