//! The world: a seed, a number of people, and nobody stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::degrees::Stubs;
use crate::ids::{self, Ids};
use crate::mix::{Key, Shuffle};
use crate::names;
use crate::threads;

/// What a world grows from. Equal seeds and numbers of people give equal worlds, byte for byte, on
/// every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

/// A person's number inside the world, from 0. The platform's API never shows it, and it has
/// nothing to do with the dense numbers that Countersign gives to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonNo(pub u32);

impl PersonNo {
    pub(crate) const fn wide(self) -> u64 {
        self.0 as u64
    }
}

/// A generated population, with everything that the platform knows about it.
///
/// Holds a few tables of some thousand lines whatever the number of people; every method computes
/// what it is asked for, in time proportional to that person's own data. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) shape: Arc<Shape>,
    absent: Arc<BTreeSet<PersonNo>>,
}

/// All that a world is made of.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) people: u32,
    /// For attributes, dates and texts.
    pub(crate) key: Key,
    /// Person → rank by number of friends.
    pub(crate) ranks: Shuffle,
    pub(crate) stubs: Stubs,
    /// Stub → its place in the row in which neighbours are matched; see `friends.rs`.
    pub(crate) row: Shuffle,
    /// Person → place in the directory.
    pub(crate) directory: Shuffle,
    /// Room between two neighbours' ids.
    stride: u64,
    pub(crate) surnames: Shuffle,
    pub(crate) streets: Shuffle,
    pub(crate) phones: Shuffle,
    pub(crate) posts: Ids,
    pub(crate) direct_threads: Ids,
    pub(crate) group_threads: Ids,
    pub(crate) groups: [Shuffle; threads::LAYERS],
}

/// Person ids have 12 letters of five bits.
const ID_LETTERS: u32 = 12;

impl World {
    /// The world of a seed.
    pub fn generate(seed: Seed, people: u32) -> Self {
        let key = |salt| Key::new(seed.0, salt);
        let everybody = u128::from(people);
        let stubs = Stubs::lay_out(people);
        let row = Shuffle::new(u128::from(stubs.total()), key(2));
        let shape = Shape {
            people,
            key: key(0),
            ranks: Shuffle::new(everybody, key(1)),
            stubs,
            row,
            directory: Shuffle::new(everybody, key(3)),
            stride: (1 << (5 * ID_LETTERS)) / u64::from(people.max(1)),
            surnames: Shuffle::new(u128::from(names::SURNAMES), key(4)),
            streets: Shuffle::new(u128::from(names::STREETS) * 100, key(5)),
            phones: Shuffle::new(10_000_000_000, key(6)),
            posts: Ids::new("p_", 9, Shuffle::new(1 << 45, key(7))),
            direct_threads: Ids::new("t_d", 13, Shuffle::new(1 << 64, key(8))),
            group_threads: Ids::new("t_g", 13, Shuffle::new(1 << 64, key(9))),
            groups: [10, 11, 12].map(|salt| Shuffle::new(everybody, key(salt))),
        };
        Self {
            shape: Arc::new(shape),
            absent: Arc::default(),
        }
    }

    /// The same world in which the platform holds no data about these people (besides those that
    /// are absent already): no profile, friendship, post, reaction or thread of theirs, no entry
    /// about them in anybody's contact book, no place in the directory.
    ///
    /// Everything that does not concern them is as it was: same ids, same order, same bytes. It is
    /// *not* a world generated with fewer people, which would be another world altogether.
    #[must_use]
    pub fn without(&self, people: &[PersonNo]) -> Self {
        let absent = self
            .absent
            .iter()
            .chain(people)
            .copied()
            .filter(|p| p.0 < self.shape.people)
            .collect();
        Self {
            shape: Arc::clone(&self.shape),
            absent: Arc::new(absent),
        }
    }

    /// Whether the platform holds data about this person.
    pub fn has(&self, person: PersonNo) -> bool {
        person.0 < self.shape.people && !self.absent.contains(&person)
    }

    /// How many people the platform holds data about.
    pub fn population(&self) -> u32 {
        self.shape
            .people
            .saturating_sub(u32::try_from(self.absent.len()).unwrap_or(u32::MAX))
    }

    /// Everybody, in the order of the directory: by id.
    pub fn people(&self) -> impl Iterator<Item = PersonNo> + '_ {
        let places = 0..u64::from(self.shape.people);
        places
            .filter_map(|place| self.at_place(place))
            .filter(|p| self.has(*p))
    }

    /// A stretch of the directory: so many people after the first `skip`. O(`take`), however deep.
    pub fn directory(&self, skip: u64, take: usize) -> Vec<PersonNo> {
        let mut gone: Vec<u64> = self
            .absent
            .iter()
            .map(|p| self.shape.directory.forward(p.wide()))
            .collect();
        gone.sort_unstable();
        let start = gone
            .into_iter()
            .fold(skip, |start, place| start + u64::from(place <= start));
        (start..u64::from(self.shape.people))
            .filter_map(|place| self.at_place(place))
            .filter(|p| self.has(*p))
            .take(take)
            .collect()
    }

    /// The id that the platform gave this person: 14 characters, the same in every world of this
    /// seed and size, and one that nobody else has. Also for people whom this world is without.
    pub fn id_of(&self, person: PersonNo) -> String {
        let shape = &self.shape;
        let place = shape.directory.forward(person.wide());
        let within = shape.key.mix([1, person.wide()]) % shape.stride.max(1);
        format!(
            "u_{}",
            ids::letters(place * shape.stride + within, ID_LETTERS)
        )
    }

    /// The person with this id, if the platform holds data about them.
    pub fn person_with_id(&self, id: &str) -> Option<PersonNo> {
        let value = ids::number(id.strip_prefix("u_")?)?;
        let person = self.at_place(value.checked_div(self.shape.stride)?)?;
        (self.has(person) && self.id_of(person) == id).then_some(person)
    }

    fn at_place(&self, place: u64) -> Option<PersonNo> {
        (place < u64::from(self.shape.people))
            .then(|| self.shape.directory.back(place))
            .and_then(|number| u32::try_from(number).ok())
            .map(PersonNo)
    }
}
