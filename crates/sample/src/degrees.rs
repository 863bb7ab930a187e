//! How many friends people have: Facebook's distribution of 2011.
//!
//! Published facts (Ugander, Karrer, Backstrom and Marlow, 2011): median 99, mean about 190, at most 5,000.
//! The quantile function below is a straight-line fit of our own through a few points, in whole
//! numbers, so that every machine computes the same.

/// Nobody has more friends than this; the platform's own limit.
pub const MAX_FRIENDS: u32 = 5_000;

/// (thousandths of all people, friends that they have at most).
const KNOTS: [(u64, u64); 11] = [
    (0, 0),
    (100, 10),
    (250, 33),
    (500, 99),
    (700, 200),
    (850, 360),
    (920, 530),
    (970, 780),
    (990, 1_050),
    (998, 1_800),
    (1_000, 5_000),
];

/// The friends of the person who stands at `part` of `whole` when all are ordered by the number of
/// their friends: `friends_at_quantile(1, 2)` is the median. Beyond the whole it is the maximum.
///
/// This is the number aimed at; in small worlds some friendships fall together (see
/// [`World::friends`](crate::World::friends)) and the real number is a little lower.
pub fn friends_at_quantile(part: u64, whole: u64) -> u32 {
    let (part, whole) = (u128::from(part), u128::from(whole.max(1)));
    for ((x0, y0), (x1, y1)) in KNOTS.into_iter().zip(KNOTS.into_iter().skip(1)) {
        let [x0, y0, x1, y1] = [x0, y0, x1, y1].map(u128::from);
        if part * 1_000 <= x1 * whole {
            let along = (part * 1_000).saturating_sub(x0 * whole);
            let friends = y0 + along * (y1 - y0) / ((x1 - x0) * whole);
            return u32::try_from(friends).unwrap_or(MAX_FRIENDS);
        }
    }
    MAX_FRIENDS
}

/// The friendships' ends ("stubs") of a whole world, laid out by rank: rank 0 has the most friends,
/// and ranks with equally many stand together, so a few thousand lines describe everybody.
#[derive(Debug)]
pub(crate) struct Stubs {
    /// From most friends to fewest.
    classes: Vec<Class>,
    total: u64,
}

/// All ranks with the same number of friends.
#[derive(Debug, Clone, Copy)]
struct Class {
    first_rank: u64,
    first_stub: u64,
    friends: u64,
}

impl Stubs {
    /// The layout for a world of so many people. In worlds below 10,000 people nobody is meant to
    /// have more than half of all people as friends.
    pub(crate) fn lay_out(people: u32) -> Self {
        let most = MAX_FRIENDS.min(people / 2);
        let people = u64::from(people);
        let aimed = |rank: u64| friends_at_quantile(2 * (people - rank) - 1, 2 * people).min(most);
        let (mut classes, mut rank, mut stub) = (Vec::new(), 0, 0);
        while rank < people {
            let friends = u64::from(aimed(rank));
            let next = first(rank, people, |r| u64::from(aimed(r)) < friends);
            classes.push(Class {
                first_rank: rank,
                first_stub: stub,
                friends,
            });
            stub += friends * (next - rank);
            rank = next;
        }
        Self {
            classes,
            total: stub,
        }
    }

    /// How many stubs there are: twice the friendships aimed at.
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// The stubs that belong to one rank.
    pub(crate) fn of_rank(&self, rank: u64) -> std::ops::Range<u64> {
        let Some(class) = self.last_class(|c| c.first_rank <= rank) else {
            return 0..0;
        };
        let start = class.first_stub + (rank - class.first_rank) * class.friends;
        start..start + class.friends
    }

    /// The rank that a stub belongs to.
    pub(crate) fn rank_of(&self, stub: u64) -> u64 {
        let class = self.last_class(|c| c.first_stub <= stub && c.friends > 0);
        class.map_or(0, |c| {
            c.first_rank + (stub - c.first_stub) / c.friends.max(1)
        })
    }

    /// The lowest rank (the one with the most friends) of those who have at most so many stubs.
    pub(crate) fn first_rank_with_at_most(&self, friends: u64) -> Option<u64> {
        let at = self.classes.partition_point(|c| c.friends > friends);
        self.classes.get(at).map(|c| c.first_rank)
    }

    fn last_class(&self, holds: impl Fn(&Class) -> bool) -> Option<Class> {
        let end = self.classes.partition_point(holds);
        self.classes.get(end.checked_sub(1)?).copied()
    }
}

/// The first number in `from..to` for which `holds`, where it holds from some point on; else `to`.
fn first(mut from: u64, mut to: u64, holds: impl Fn(u64) -> bool) -> u64 {
    while from < to {
        let middle = from + (to - from) / 2;
        if holds(middle) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_facts_hold() {
        assert_eq!(friends_at_quantile(1, 2), 99);
        assert_eq!(friends_at_quantile(1, 1), MAX_FRIENDS);
        let mean = (0..10_000)
            .map(|i| u64::from(friends_at_quantile(2 * i + 1, 20_000)))
            .sum::<u64>()
            / 10_000;
        assert!((185..=197).contains(&mean), "mean {mean}");
    }

    #[test]
    fn every_stub_belongs_to_the_rank_that_owns_it() {
        for people in [0, 1, 2, 3, 60, 1_000, 20_000] {
            let stubs = Stubs::lay_out(people);
            let mut next = 0;
            for rank in 0..u64::from(people) {
                let own = stubs.of_rank(rank);
                assert_eq!(own.start, next);
                next = own.end;
                for stub in own {
                    assert_eq!(stubs.rank_of(stub), rank);
                }
            }
            assert_eq!(next, stubs.total());
        }
    }

    #[test]
    fn a_hundred_million_people_fit_in_a_few_thousand_lines() {
        let stubs = Stubs::lay_out(100_000_000);
        assert!(stubs.classes.len() <= 5_001);
        assert_eq!(stubs.of_rank(0).count(), 4_999);
        assert_eq!(stubs.of_rank(50_000_000).count(), 98);
    }
}
