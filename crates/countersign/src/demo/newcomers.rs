//! People who can log in and have connected nothing yet, so that the story can be gone through from its beginning; and a
//! friend, so that it can be looked at from the other side.

use sample::{PersonNo, World};

use super::cast::PARTNERS;
use super::files::LeftPerson;
use super::history::{agrees, refuses};
use crate::exit::{Exit, Failure};

/// How many there are, the friend not counted.
const MOST: usize = 3;

/// They, and the friend of the first of them.
pub(super) struct Newcomers {
    people: Vec<PersonNo>,
    friend: PersonNo,
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
        let friend_of = |person: PersonNo| {
            let friends = world.friends(person);
            friends.iter().copied().find(|it| free(it) && agreed(it))
        };
        let mut people = world.people().filter(free);
        let first = people.find_map(|person| Some((person, friend_of(person)?)));
        let (first, friend) = first.ok_or_else(|| {
            Exit::Internal.because(
                "nobody of these people has a friend who agreed to Findr; try another --seed",
            )
        })?;
        let others = people.filter(|it| *it != friend && world.friends(*it).len() > 10);
        Ok(Newcomers {
            people: std::iter::once(first).chain(others).take(MOST).collect(),
            friend,
        })
    }

    /// Everybody, for the login.
    pub(super) fn all(&self) -> Vec<PersonNo> {
        let people = self.people.iter().copied();
        people.chain(std::iter::once(self.friend)).collect()
    }

    pub(super) fn named(&self, world: &World) -> Vec<LeftPerson> {
        self.people.iter().map(|it| named(world, *it)).collect()
    }

    pub(super) fn friend_named(&self, world: &World) -> LeftPerson {
        named(world, self.friend)
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
