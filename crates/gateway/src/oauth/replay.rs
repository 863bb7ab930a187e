//! Remembers which ids of assertions and proofs were used, for as long as one could be used again.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use decide::{PartnerId, Time};
use sha2::{Digest as _, Sha256};

/// Ids that were used, per partner, so that no partner can crowd out another's.
///
/// Only what a partner's own key has signed gets in, so strangers cannot fill it. What a flood needs is bounded by
/// `most`, 34 bytes an id, and is used again from span to span: memory does not climb while the flood lasts.
pub(crate) struct Replays {
    /// How long an id must be remembered: the longest time for which what bears it is accepted.
    keep_ms: i64,
    /// Ids of one partner remembered per span of `keep_ms`.
    most: usize,
    seen: Mutex<HashMap<PartnerId, Spans>>,
}

/// Two spans of time: an id is forgotten when the span after its own has ended, so each is kept for `keep_ms` at least.
struct Spans {
    began: Time,
    current: HashSet<Id>,
    former: HashSet<Id>,
}

/// The first half of an id's SHA-256. Two ids that meet in it would take some 2^64 attempts, and only the partner who made
/// them would be refused for it.
type Id = [u8; 16];

/// Why an id is not taken as new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stale {
    /// It was used before.
    Used,
    /// So many were used lately that no more can be remembered; taking it would mean forgetting another.
    Full,
}

impl Replays {
    pub(crate) fn new(keep_ms: i64, most: usize) -> Self {
        Self {
            keep_ms,
            most,
            seen: Mutex::default(),
        }
    }

    /// Notes that `partner` used `id` at this moment.
    pub(crate) fn first_use(&self, partner: &PartnerId, id: &str, now: Time) -> Result<(), Stale> {
        let id = short(id);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let spans = seen.entry(partner.clone()).or_insert_with(|| Spans {
            began: now,
            current: HashSet::new(),
            former: HashSet::new(),
        });
        spans.turn(now, self.keep_ms);
        if spans.former.contains(&id) || spans.current.contains(&id) {
            return Err(Stale::Used);
        }
        if spans.current.len() >= self.most {
            return Err(Stale::Full);
        }
        spans.current.insert(id);
        Ok(())
    }
}

impl Spans {
    fn turn(&mut self, now: Time, keep_ms: i64) {
        let age = now.0.saturating_sub(self.began.0);
        if age < keep_ms {
            return;
        }
        std::mem::swap(&mut self.former, &mut self.current);
        if age >= keep_ms.saturating_mul(2) {
            empty(&mut self.former);
        }
        empty(&mut self.current);
        self.began = now;
    }
}

fn short(id: &str) -> Id {
    let mut short = Id::default();
    for (to, from) in short.iter_mut().zip(Sha256::digest(id)) {
        *to = from;
    }
    short
}

/// Empties a set for the next span: room that was needed is kept for it, room that was not is given back.
fn empty(ids: &mut HashSet<Id>) {
    let needed = ids.len();
    ids.clear();
    ids.shrink_to(needed);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findr() -> PartnerId {
        "findr".parse().unwrap()
    }

    #[test]
    fn an_id_is_new_once_for_as_long_as_it_must_be_kept() {
        let replays = Replays::new(100, 10);
        assert_eq!(replays.first_use(&findr(), "a", Time(0)), Ok(()));
        for moment in [0, 50, 99, 100, 150, 199] {
            assert_eq!(
                replays.first_use(&findr(), "a", Time(moment)),
                Err(Stale::Used),
                "{moment}"
            );
        }
        assert_eq!(replays.first_use(&findr(), "a", Time(400)), Ok(()));
    }

    #[test]
    fn every_id_is_kept_for_at_least_the_whole_time_whenever_it_came() {
        for came in 0..250 {
            let replays = Replays::new(100, 1000);
            for moment in 0..came {
                let _ = replays.first_use(&findr(), &format!("other {moment}"), Time(moment));
            }
            assert_eq!(replays.first_use(&findr(), "a", Time(came)), Ok(()));
            for moment in came..came + 100 {
                let used = replays.first_use(&findr(), "a", Time(moment));
                assert_eq!(used, Err(Stale::Used), "came {came}, again {moment}");
            }
        }
    }

    #[test]
    fn when_no_more_can_be_remembered_nothing_new_is_taken() {
        let replays = Replays::new(100, 2);
        assert_eq!(replays.first_use(&findr(), "a", Time(0)), Ok(()));
        assert_eq!(replays.first_use(&findr(), "b", Time(0)), Ok(()));
        assert_eq!(replays.first_use(&findr(), "c", Time(0)), Err(Stale::Full));
        let shopfront = "shopfront".parse().unwrap();
        assert_eq!(replays.first_use(&shopfront, "a", Time(0)), Ok(()));
    }
}
