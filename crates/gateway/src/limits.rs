//! How many, how often: requests at once and a second, altogether and per partner.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use decide::PartnerId;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::Method;
use release::{Api, Operation};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config;
use crate::problem::Problem;

/// How long the answers of an operation take by their nature. What takes its time has places of its own, so that it
/// leaves the others theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As long as the platform needs.
    Quick,
    /// The platform keeps the answer back for up to so long until there is something to tell.
    Waits(Duration),
    /// The answer is a stream.
    Streams,
}

impl Pace {
    /// Of the operation that a request leads to.
    pub(crate) fn of(api: &Api, method: &Method, path: &str) -> Self {
        let own = |operation: &Operation| match (operation.stream(), operation.wait()) {
            (Some(_), _) => Self::Streams,
            (None, 0) => Self::Quick,
            (None, seconds) => Self::Waits(Duration::from_secs(seconds.into())),
        };
        // Most platforms have none that takes its time, and then nobody has to look for the operation twice.
        let mut all = api.operations().iter();
        if all.all(|operation| own(operation) == Self::Quick) {
            return Self::Quick;
        }
        let operation = api.operation(method.as_str(), path);
        operation.map_or(Self::Quick, own)
    }

    /// How much longer than others a request may take until its answer begins.
    pub(crate) fn patience(self) -> Duration {
        match self {
            Self::Quick | Self::Streams => Duration::ZERO,
            Self::Waits(wait) => wait,
        }
    }
}

/// Counts requests. Keys are enrolled partners only, so strangers cannot make it grow.
pub(crate) struct Limits {
    quick: Places,
    waiting: Places,
    rate: DefaultKeyedRateLimiter<PartnerId>,
}

/// So many at once, and so many of one partner.
struct Places {
    at_once: Arc<Semaphore>,
    of_partner: Mutex<HashMap<PartnerId, Arc<Semaphore>>>,
    most_per_partner: usize,
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
            quick: Places::new(limits.requests, limits.requests_per_partner),
            waiting: Places::new(limits.waiting, limits.waiting_per_partner),
            rate: RateLimiter::keyed(quota),
        }
    }

    /// Leave to answer a request, whoever sends it. Nobody waits in line: a queue here would only hide the overload.
    pub(crate) fn enter(&self, pace: Pace) -> Result<Leave, Problem> {
        leave_of(&self.places(pace).at_once).ok_or(Problem::Busy)
    }

    /// Leave to answer a request of this partner's.
    pub(crate) fn admit(&self, partner: &PartnerId, pace: Pace) -> Result<Leave, Problem> {
        self.rate
            .check_key(partner)
            .map_err(|_| Problem::TooManyRequests)?;
        let places = self.places(pace);
        leave_of(&places.of(partner)).ok_or(Problem::TooManyRequests)
    }

    fn places(&self, pace: Pace) -> &Places {
        match pace {
            Pace::Quick => &self.quick,
            Pace::Waits(_) | Pace::Streams => &self.waiting,
        }
    }
}

impl Places {
    fn new(most: usize, most_per_partner: usize) -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            of_partner: Mutex::default(),
            most_per_partner: most_per_partner.min(Semaphore::MAX_PERMITS),
        }
    }

    fn of(&self, partner: &PartnerId) -> Arc<Semaphore> {
        let mut of_partner = self
            .of_partner
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let semaphore = of_partner
            .entry(partner.clone())
            .or_insert_with(|| Arc::new(Semaphore::new(self.most_per_partner)));
        semaphore.clone()
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
            waiting: 2,
            waiting_per_partner: 1,
            ..config::Limits::default()
        })
    }

    #[test]
    fn beyond_the_limit_requests_are_refused_until_one_has_ended() {
        let limits = limits();
        let first = limits.enter(Pace::Quick).unwrap();
        let _others = [
            limits.enter(Pace::Quick).unwrap(),
            limits.enter(Pace::Quick).unwrap(),
        ];
        assert_eq!(limits.enter(Pace::Quick).unwrap_err(), Problem::Busy);
        drop(first);
        assert!(limits.enter(Pace::Quick).is_ok());
    }

    #[test]
    fn a_partner_that_fills_its_own_share_does_not_fill_anothers() {
        let limits = limits();
        let (findr, reelbox) = ("findr".parse().unwrap(), "reelbox".parse().unwrap());
        let _held = [
            limits.admit(&findr, Pace::Quick).unwrap(),
            limits.admit(&findr, Pace::Quick).unwrap(),
        ];
        assert_eq!(
            limits.admit(&findr, Pace::Quick).unwrap_err(),
            Problem::TooManyRequests
        );
        assert!(limits.admit(&reelbox, Pace::Quick).is_ok());
    }

    #[test]
    fn a_partner_that_asks_too_often_is_told_so() {
        let limits = limits();
        let findr = "findr".parse().unwrap();
        let refused = (0..5)
            .filter(|_| limits.admit(&findr, Pace::Quick).is_err())
            .count();
        assert_eq!(refused, 1); // a burst of 4, then one a second
    }

    #[test]
    fn what_waits_and_what_streams_takes_no_place_among_the_others() {
        let limits = limits();
        let (findr, reelbox) = ("findr".parse().unwrap(), "reelbox".parse().unwrap());
        let wait = Pace::Waits(Duration::from_secs(60));
        let _held = [
            limits.enter(wait).unwrap(),
            limits.enter(Pace::Streams).unwrap(),
        ];
        assert_eq!(limits.enter(wait).unwrap_err(), Problem::Busy);
        assert!(limits.enter(Pace::Quick).is_ok());
        let _one = limits.admit(&findr, Pace::Streams).unwrap();
        assert_eq!(
            limits.admit(&findr, wait).unwrap_err(),
            Problem::TooManyRequests
        );
        assert!(limits.admit(&findr, Pace::Quick).is_ok());
        assert!(limits.admit(&reelbox, wait).is_ok());
    }
}
