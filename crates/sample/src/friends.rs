//! Friendships: symmetric, stored nowhere, with a given distribution of how many people have.
//!
//! Everybody gets as many *stubs* (ends of friendships) as their rank says. All stubs of the world
//! are shuffled into one row by a permutation that needs no table, and neighbours in the row
//! (places 2k and 2k + 1) are matched. So the friend at the other end of a stub is one permutation
//! forward, one bit flipped, and one permutation back; the friends of a person cost as many steps
//! as there are friends. A stub matched with one of the same person, or a second match of the same
//! two people, counts for nothing: among millions hardly anybody loses a friend to that, among
//! thousands a few per cent do (most with the largest circles).

use std::collections::HashSet;

use crate::dates::TODAY;
use crate::world::{PersonNo, World};

impl World {
    /// The friends of a person, in an order that never changes.
    pub fn friends(&self, person: PersonNo) -> Vec<PersonNo> {
        if !self.has(person) {
            return Vec::new();
        }
        let mut friends = self.friends_ever(person);
        friends.retain(|f| self.has(*f));
        friends
    }

    /// The friend that a person's profile shows; `None` too where that friend is absent, since
    /// nobody takes their place.
    pub fn best_friend(&self, person: PersonNo) -> Option<PersonNo> {
        if !self.has(person) {
            return None;
        }
        self.friends_ever(person)
            .first()
            .copied()
            .filter(|best| self.has(*best))
    }

    /// Somebody with exactly so many friends: for measurements, which want a list of a known length.
    /// `None` where nobody near that place has. O(candidates × friends).
    pub fn person_with_degree(&self, friends: u32) -> Option<PersonNo> {
        const CANDIDATES: u64 = 5_000;
        let wanted = usize::try_from(friends).ok()?;
        // Going up from those meant to have so many: some with more stubs lost a few.
        let fewer = friends.checked_sub(1).map(u64::from);
        let top = fewer.and_then(|fewer| self.shape.stubs.first_rank_with_at_most(fewer));
        let top = top.unwrap_or(u64::from(self.shape.people));
        (top.saturating_sub(CANDIDATES)..top)
            .rev()
            .filter_map(|rank| self.at_rank(rank))
            .find(|person| self.has(*person) && self.friends(*person).len() == wanted)
    }

    /// The day on which two became friends, the same seen from either, in days since 1970.
    pub(crate) fn friends_since(&self, one: PersonNo, other: PersonNo) -> u64 {
        let (low, high) = (one.min(other), one.max(other));
        let joined = self.joined(one).max(self.joined(other));
        joined + self.shape.key.mix([2, low.wide(), high.wide()]) % (TODAY - joined).max(1)
    }

    /// The friends of a person, whether or not the platform holds data about them: choices that
    /// must not depend on who is absent are made from these.
    pub(crate) fn friends_ever(&self, person: PersonNo) -> Vec<PersonNo> {
        let shape = &self.shape;
        let own = shape.stubs.of_rank(shape.ranks.forward(person.wide()));
        let mut seen = HashSet::from([person]);
        own.filter_map(|stub| {
            let neighbour = shape.row.forward(stub) ^ 1;
            // The last of an odd row stands alone.
            (neighbour < shape.stubs.total()).then(|| shape.row.back(neighbour))
        })
        .filter_map(|stub| self.at_rank(shape.stubs.rank_of(stub)))
        .filter(|friend| seen.insert(*friend))
        .collect()
    }

    fn at_rank(&self, rank: u64) -> Option<PersonNo> {
        u32::try_from(self.shape.ranks.back(rank))
            .ok()
            .map(PersonNo)
    }
}
