//! People who can log in and have connected nothing yet, so that the story can be gone through from its beginning; and two
//! friends, so that it can be looked at from the other side: one who has agreed, and one who was never asked.

use sample::{PersonNo, Thread, World};

use super::cast::PARTNERS;
use super::files::LeftPerson;
use super::history::{agrees, refuses};
use crate::exit::{Exit, Failure};

/// How many there are, the friends not counted.
const MOST: usize = 3;

/// So many threads are on the first page of them.
const ONE_PAGE: usize = 20;

/// They, and two friends of the first of them.
pub(super) struct Newcomers {
    first: PersonNo,
    others: Vec<PersonNo>,
    /// Has agreed to Findr; and to Reelbox, with a thread of the two of them, unless there are too few people for that.
    friend: PersonNo,
    /// Has not, and has refused nothing.
    bystander: PersonNo,
}

impl Newcomers {
    /// The first in the directory who fit.
    pub(super) fn of(
        world: &World,
        connected: &[PersonNo],
        seed: u64,
    ) -> Result<Newcomers, Failure> {
        let free = |person: &PersonNo| !connected.contains(person) && !refuses(seed, *person);
        // Who agreed to a partner stands in its answers until they refuse.
        let agreed = |person: PersonNo, partners: usize| {
            let mut partners = PARTNERS.iter().zip(0..).take(partners);
            partners.all(|(partner, number)| agrees(seed, number, partner, person))
        };
        let alone = |one: PersonNo, other: PersonNo| {
            let threads = world.threads(one);
            let both = |it: &Thread| it.participants.len() == 2 && it.participants.contains(&other);
            threads.len() <= ONE_PAGE && threads.iter().any(both)
        };
        let friend_of = |person: PersonNo, fits: &dyn Fn(PersonNo) -> bool| {
            let mut friends = world.friends(person).into_iter().filter(&free);
            friends.find(|friend| fits(*friend))
        };
        let known_to = |fits: &dyn Fn(PersonNo, PersonNo) -> bool| {
            world.people().filter(&free).find_map(|person| {
                let friend = friend_of(person, &|friend| fits(person, friend))?;
                let bystander = friend_of(person, &|friend| !agreed(friend, 1))?;
                Some((person, friend, bystander))
            })
        };
        // Findr is the first partner, Reelbox the second.
        let both = known_to(&|person, friend| agreed(friend, 2) && alone(person, friend));
        let found = both.or_else(|| known_to(&|_, friend| agreed(friend, 1)));
        let (first, friend, bystander) = found.ok_or_else(|| {
            Exit::Internal.because(
                "nobody of these people has a friend who agreed to Findr and one who did not; try another --seed",
            )
        })?;
        let known = [first, friend, bystander];
        let people = world.people().filter(&free);
        let others = people.filter(|it| !known.contains(it) && world.friends(*it).len() > 10);
        Ok(Newcomers {
            first,
            others: others.take(MOST - 1).collect(),
            friend,
            bystander,
        })
    }

    /// Everybody, for the login.
    pub(super) fn all(&self) -> Vec<PersonNo> {
        let friends = [self.friend, self.bystander];
        self.people().chain(friends).collect()
    }

    fn people(&self) -> impl Iterator<Item = PersonNo> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    pub(super) fn named(&self, world: &World) -> Vec<LeftPerson> {
        self.people().map(|it| named(world, it)).collect()
    }

    pub(super) fn first_named(&self, world: &World) -> LeftPerson {
        named(world, self.first)
    }

    pub(super) fn friend_named(&self, world: &World) -> LeftPerson {
        named(world, self.friend)
    }

    pub(super) fn bystander_named(&self, world: &World) -> LeftPerson {
        named(world, self.bystander)
    }
}

fn named(world: &World, person: PersonNo) -> LeftPerson {
    LeftPerson {
        id: world.id_of(person),
        name: world
            .person(person)
            .map_or_else(String::new, |person| person.name()),
    }
}
