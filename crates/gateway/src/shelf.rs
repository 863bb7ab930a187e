//! Things kept for a while under handles that nobody can guess: pushed requests, codes, sessions.
//!
//! In memory and in one process, like the tokens: a restart forgets them, and whoever was in the middle begins again.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::Time;
use sha2::{Digest as _, Sha256};

use crate::entropy::{Entropy, NoEntropy};

/// A handle as it is kept: never itself.
pub(crate) type Mark = [u8; 32];

/// A shelf on which every thing has an owner and all stay equally long.
///
/// An owner who puts more than so many pushes out the oldest of their own, and nobody else's.
pub(crate) struct Shelf<Owner, Thing> {
    lifetime_ms: i64,
    most_per_owner: usize,
    held: Mutex<Held<Owner, Thing>>,
}

struct Held<Owner, Thing> {
    things: HashMap<Mark, Kept<Owner, Thing>>,
    of_owner: HashMap<Owner, VecDeque<Mark>>,
    /// In the order in which they were put, which is the order in which they expire.
    by_expiry: VecDeque<(Time, Mark)>,
}

struct Kept<Owner, Thing> {
    owner: Owner,
    until: Time,
    thing: Thing,
}

/// The mark of a handle. Looked up by it, how long a look-up takes says nothing about any handle that exists.
pub(crate) fn mark(handle: &str) -> Mark {
    Sha256::digest(handle).into()
}

/// 256 random bits as text that fits into addresses, cookies and headers.
pub(crate) fn handle(entropy: &Entropy) -> Result<String, NoEntropy> {
    Ok(URL_SAFE_NO_PAD.encode(entropy.bytes::<32>()?))
}

impl<Owner: Clone + Eq + Hash, Thing> Shelf<Owner, Thing> {
    pub(crate) fn new(lifetime_ms: i64, most_per_owner: usize) -> Self {
        let held = Held {
            things: HashMap::new(),
            of_owner: HashMap::new(),
            by_expiry: VecDeque::new(),
        };
        Self {
            lifetime_ms,
            most_per_owner,
            held: Mutex::new(held),
        }
    }

    /// Puts a thing and says its handle.
    pub(crate) fn put(
        &self,
        owner: Owner,
        thing: Thing,
        entropy: &Entropy,
        now: Time,
    ) -> Result<String, NoEntropy> {
        let handle = handle(entropy)?;
        let mark = mark(&handle);
        let until = Time(now.0.saturating_add(self.lifetime_ms));
        let mut held = self.held();
        held.forget_expired(now);
        let theirs = held.of_owner.entry(owner.clone()).or_default();
        let oldest = (theirs.len() >= self.most_per_owner)
            .then(|| theirs.front().copied())
            .flatten();
        theirs.push_back(mark);
        if let Some(oldest) = oldest {
            held.remove(&oldest);
        }
        held.by_expiry.push_back((until, mark));
        held.things.insert(
            mark,
            Kept {
                owner,
                until,
                thing,
            },
        );
        Ok(handle)
    }

    /// Takes a thing away; whoever comes second finds nothing.
    pub(crate) fn take(&self, mark: &Mark, now: Time) -> Option<Thing> {
        let kept = self.held().remove(mark)?;
        (now < kept.until).then_some(kept.thing)
    }

    /// Looks at a thing, or changes it, while nobody else does.
    pub(crate) fn with<T>(
        &self,
        mark: &Mark,
        now: Time,
        look: impl FnOnce(&mut Thing) -> T,
    ) -> Option<T> {
        let mut held = self.held();
        let kept = held.things.get_mut(mark)?;
        (now < kept.until).then(|| look(&mut kept.thing))
    }

    fn held(&self) -> MutexGuard<'_, Held<Owner, Thing>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Owner: Clone + Eq + Hash, Thing> Held<Owner, Thing> {
    fn forget_expired(&mut self, now: Time) {
        while let Some((until, mark)) = self.by_expiry.front().copied()
            && until <= now
        {
            self.by_expiry.pop_front();
            self.remove(&mark);
        }
    }

    fn remove(&mut self, mark: &Mark) -> Option<Kept<Owner, Thing>> {
        let kept = self.things.remove(mark)?;
        if let Some(theirs) = self.of_owner.get_mut(&kept.owner) {
            theirs.retain(|other| other != mark);
            if theirs.is_empty() {
                self.of_owner.remove(&kept.owner);
            }
        }
        Some(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    fn entropy() -> Entropy {
        let next = AtomicU64::new(1);
        Entropy::from_fill(move |bytes| {
            let n = next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            bytes
                .iter_mut()
                .zip(n.iter().cycle())
                .for_each(|(b, n)| *b = *n);
            Ok(())
        })
    }

    #[test]
    fn a_thing_is_there_until_its_last_moment_and_is_taken_once() {
        let (shelf, entropy) = (Shelf::new(100, 10), entropy());
        let put = || mark(&shelf.put("ada", 1, &entropy, Time(0)).unwrap());
        let (one, other) = (put(), put());
        assert_eq!(shelf.with(&one, Time(99), |thing| *thing), Some(1));
        assert_eq!(shelf.with(&one, Time(100), |thing| *thing), None);
        assert_eq!(shelf.take(&other, Time(99)), Some(1));
        assert_eq!(shelf.take(&other, Time(99)), None);
        assert_eq!(shelf.take(&one, Time(100)), None);
    }

    #[test]
    fn whoever_puts_too_much_pushes_out_the_oldest_of_their_own() {
        let (shelf, entropy) = (Shelf::new(100, 2), entropy());
        let put = |owner, thing| mark(&shelf.put(owner, thing, &entropy, Time(0)).unwrap());
        let of_bert = put("bert", 0);
        let of_ada: Vec<Mark> = (1..=3).map(|thing| put("ada", thing)).collect();
        let there = |mark| shelf.with(mark, Time(1), |thing| *thing);
        assert_eq!(there(&of_bert), Some(0));
        assert_eq!(
            of_ada.iter().map(there).collect::<Vec<_>>(),
            [None, Some(2), Some(3)]
        );
    }

    #[test]
    fn what_has_expired_leaves_nothing_behind() {
        let (shelf, entropy) = (Shelf::new(100, 2), entropy());
        for n in 0..1000 {
            shelf.put(n, (), &entropy, Time(i64::from(n) * 10)).unwrap();
        }
        let held = shelf.held();
        let kept = (held.things.len(), held.of_owner.len(), held.by_expiry.len());
        assert_eq!(kept, (10, 10, 10));
    }
}
