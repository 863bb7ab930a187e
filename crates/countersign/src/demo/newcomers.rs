//! People who can log in and have connected nothing yet, so that the story can be gone through from its beginning; and two
//! friends, so that it can be looked at from the other side: one who has agreed, and one who was never asked.

use sample::{PersonNo, World};

use super::cast::PARTNERS;
use super::files::LeftPerson;
use super::history::{agrees, refuses};
use crate::exit::{Exit, Failure};

/// How many there are, the friends not counted.
const MOST: usize = 3;

/// They, and two friends of the first of them.
pub(super) struct Newcomers {
    first: PersonNo,
    others: Vec<PersonNo>,
    /// Has agreed to Findr.
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
        // Findr is the first partner. Who agreed to it stands in its answers until they refuse.
        let agreed = |person: &PersonNo| {
            let findr = PARTNERS.first();
            findr.is_some_and(|findr| agrees(seed, 0, findr, *person))
        };
        let friend_of = |person: PersonNo, who_agreed: bool| {
            let mut friends = world.friends(person).into_iter().filter(&free);
            friends.find(|it| agreed(it) == who_agreed)
        };
        let mut people = world.people().filter(&free);
        let first = people.find_map(|person| {
            let (friend, bystander) = (friend_of(person, true)?, friend_of(person, false)?);
            Some((person, friend, bystander))
        });
        let (first, friend, bystander) = first.ok_or_else(|| {
            Exit::Internal.because(
                "nobody of these people has a friend who agreed to Findr and one who did not; try another --seed",
            )
        })?;
        let others =
            people.filter(|it| ![friend, bystander].contains(it) && world.friends(*it).len() > 10);
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
