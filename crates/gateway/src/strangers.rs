//! Requests by nobody that is known: a line in the operator's log now and then, and nothing in the ledger.

use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::problem::Problem;

/// Lines a minute at most; the rest is only counted (metric `countersign_strangers`).
const LINES_A_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Writes about strangers, not more often than anybody can read.
pub(crate) struct Strangers(DefaultDirectRateLimiter);

impl Default for Strangers {
    fn default() -> Self {
        Self(RateLimiter::direct(Quota::per_minute(LINES_A_MINUTE)))
    }
}

impl Strangers {
    /// Notes why a stranger was turned away. Nothing of the request is written: whatever a stranger sends could be
    /// meant for the log.
    pub(crate) fn note(&self, problem: &Problem) -> bool {
        let writes = self.0.check().is_ok();
        if writes {
            tracing::info!(problem = problem.kind().slug, detail = %problem.detail(), "a stranger was turned away");
        }
        writes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_strangers_writes_a_line_a_second_at_most() {
        let strangers = Strangers::default();
        let lines = (0..10_000)
            .filter(|_| strangers.note(&Problem::NoToken))
            .count();
        assert!((60..=62).contains(&lines), "{lines}");
    }
}
