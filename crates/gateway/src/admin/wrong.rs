//! Addresses from which wrong tokens came: after so many, none of the staff's tokens is taken from there for a while.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use decide::Time;

/// So many wrong tokens within [`WHILE_MS`] lock an address out.
const MOST: u32 = 20;
/// How long wrong tokens are counted, and for how long an address is locked out then.
const WHILE_MS: i64 = 600_000;
/// Addresses that are remembered; beyond them the one that was first goes.
const ADDRESSES: usize = 4096;

/// What is remembered of wrong tokens.
#[derive(Default)]
pub(super) struct Wrong(Mutex<HashMap<IpAddr, Tries>>);

struct Tries {
    many: u32,
    /// The first of them; once there are too many, the last.
    since: Time,
}

impl Tries {
    fn forgotten(&self, now: Time) -> bool {
        now.0.saturating_sub(self.since.0) >= WHILE_MS
    }
}

impl Wrong {
    /// A wrong token came from there.
    pub(super) fn note(&self, from: IpAddr, now: Time) {
        let mut held = self.held();
        if held.len() >= ADDRESSES && !held.contains_key(&from) {
            held.retain(|_, tries| !tries.forgotten(now));
        }
        if held.len() >= ADDRESSES && !held.contains_key(&from) {
            let first = held.iter().min_by_key(|(_, tries)| tries.since);
            if let Some(first) = first.map(|(address, _)| *address) {
                held.remove(&first);
            }
        }
        let fresh = Tries {
            many: 0,
            since: now,
        };
        let tries = held.entry(from).or_insert(fresh);
        if tries.forgotten(now) {
            (tries.many, tries.since) = (0, now);
        }
        if tries.many < MOST {
            tries.many += 1;
            if tries.many == MOST {
                tries.since = now;
            }
        }
    }

    /// Whether the address is locked out.
    pub(super) fn is_locked_out(&self, from: IpAddr, now: Time) -> bool {
        let held = self.held();
        held.get(&from)
            .is_some_and(|tries| tries.many >= MOST && !tries.forgotten(now))
    }

    fn held(&self) -> MutexGuard<'_, HashMap<IpAddr, Tries>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(n.into())
    }

    #[test]
    fn an_address_is_locked_out_after_so_many_and_let_in_again_after_a_while() {
        let wrong = Wrong::default();
        for n in 0..MOST {
            assert!(!wrong.is_locked_out(address(1), Time(0)), "{n}");
            wrong.note(address(1), Time(i64::from(n)));
        }
        let last = i64::from(MOST) - 1;
        assert!(wrong.is_locked_out(address(1), Time(last + WHILE_MS - 1)));
        assert!(!wrong.is_locked_out(address(1), Time(last + WHILE_MS)));
        assert!(!wrong.is_locked_out(address(2), Time(last)));
    }

    #[test]
    fn few_wrong_tokens_over_a_long_time_lock_nobody_out() {
        let wrong = Wrong::default();
        for n in 0..10 * i64::from(MOST) {
            wrong.note(address(1), Time(n * WHILE_MS / 10));
            assert!(!wrong.is_locked_out(address(1), Time(n * WHILE_MS / 10)));
        }
    }

    #[test]
    fn however_many_addresses_there_are_the_memory_is_bounded() {
        let wrong = Wrong::default();
        for n in 0..3 * ADDRESSES as u32 {
            wrong.note(address(n), Time(i64::from(n)));
        }
        assert_eq!(wrong.held().len(), ADDRESSES);
    }
}
