//! How many, how often: requests at once and a second, altogether and per partner.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use decide::PartnerId;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config;
use crate::problem::Problem;

/// Counts requests. Keys are enrolled partners only, so strangers cannot make it grow.
pub(crate) struct Limits {
    at_once: Arc<Semaphore>,
    of_partner: Mutex<HashMap<PartnerId, Arc<Semaphore>>>,
    most_per_partner: usize,
    rate: DefaultKeyedRateLimiter<PartnerId>,
}

/// Leave for one request; given back when dropped.
#[derive(Debug)]
pub(crate) struct Leave {
    _permit: OwnedSemaphorePermit,
}

impl Limits {
    pub(crate) fn new(limits: &config::Limits) -> Self {
        let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(limits.rate_per_partner))
            .allow_burst(at_least_one(limits.burst_per_partner));
        Self {
            at_once: Arc::new(Semaphore::new(limits.requests.min(Semaphore::MAX_PERMITS))),
            of_partner: Mutex::default(),
            most_per_partner: limits.requests_per_partner.min(Semaphore::MAX_PERMITS),
            rate: RateLimiter::keyed(quota),
        }
    }

    /// Leave to answer a request, whoever sends it. Nobody waits in line: a queue here would only hide the overload.
    pub(crate) fn enter(&self) -> Result<Leave, Problem> {
        leave_of(&self.at_once).ok_or(Problem::Busy)
    }

    /// Leave to answer a request of this partner's.
    pub(crate) fn admit(&self, partner: &PartnerId) -> Result<Leave, Problem> {
        self.rate
            .check_key(partner)
            .map_err(|_| Problem::TooManyRequests)?;
        let mut of_partner = self
            .of_partner
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let semaphore = of_partner
            .entry(partner.clone())
            .or_insert_with(|| Arc::new(Semaphore::new(self.most_per_partner)));
        leave_of(semaphore).ok_or(Problem::TooManyRequests)
    }
}

fn leave_of(semaphore: &Arc<Semaphore>) -> Option<Leave> {
    let permit = semaphore.clone().try_acquire_owned().ok()?;
    Some(Leave { _permit: permit })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::new(&config::Limits {
            requests: 3,
            requests_per_partner: 2,
            rate_per_partner: 1,
            burst_per_partner: 4,
            ..config::Limits::default()
        })
    }

    #[test]
    fn beyond_the_limit_requests_are_refused_until_one_has_ended() {
        let limits = limits();
        let first = limits.enter().unwrap();
        let _others = [limits.enter().unwrap(), limits.enter().unwrap()];
        assert_eq!(limits.enter().unwrap_err(), Problem::Busy);
        drop(first);
        assert!(limits.enter().is_ok());
    }

    #[test]
    fn a_partner_that_fills_its_own_share_does_not_fill_anothers() {
        let limits = limits();
        let (findr, reelbox) = ("findr".parse().unwrap(), "reelbox".parse().unwrap());
        let _held = [limits.admit(&findr).unwrap(), limits.admit(&findr).unwrap()];
        assert_eq!(limits.admit(&findr).unwrap_err(), Problem::TooManyRequests);
        assert!(limits.admit(&reelbox).is_ok());
    }

    #[test]
    fn a_partner_that_asks_too_often_is_told_so() {
        let limits = limits();
        let findr = "findr".parse().unwrap();
        let refused = (0..5).filter(|_| limits.admit(&findr).is_err()).count();
        assert_eq!(refused, 1); // a burst of 4, then one a second
    }
}
