//! What answers leave behind about people who were never asked: bounded in memory, and no answer waits for the file.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use decide::{Day, Event, PartnerId, PersonNo, PowerId};
use register::Change;

/// What is held until the next round takes it. Beyond this it is dropped and counted.
const MOST: usize = 1 << 14;
/// What is remembered of today, so that a list that is asked for again and again is looked up once.
const MOST_SEEN: usize = 1 << 16;

/// Somebody whose consent to a power of a partner's was all that was missing. Through whom they were reached is not in
/// it, and nowhere behind it: what is not kept cannot be derived.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Lacking {
    pub(crate) partner: PartnerId,
    pub(crate) power: PowerId,
    pub(crate) person: PersonNo,
}

/// What the register was told that bears on who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A withdrawal is a no, also to being asked again.
    Withdrawn(Lacking),
    /// Somebody left; nothing of theirs is kept.
    Left(PersonNo),
}

/// What has been noticed and not yet been written down.
#[derive(Default)]
pub(crate) struct Noticed(Mutex<Held>);

#[derive(Default)]
struct Held {
    day: Option<Day>,
    seen: HashSet<Lacking>,
    fresh: Vec<Lacking>,
    heard: Vec<Heard>,
}

impl Noticed {
    /// Notes who lacked consent in one answer of a partner's; how many found no room.
    pub(super) fn note(
        &self,
        partner: &PartnerId,
        lacking: &[(PersonNo, PowerId)],
        today: Day,
    ) -> u64 {
        let mut held = self.held();
        if held.day != Some(today) {
            held.day = Some(today);
            held.seen.clear();
        }
        let mut dropped = 0;
        for (person, power) in lacking {
            let one = Lacking {
                partner: partner.clone(),
                power: *power,
                person: *person,
            };
            if held.seen.contains(&one) {
                continue;
            }
            if held.fresh.len() >= MOST {
                dropped += 1;
                continue;
            }
            if held.seen.len() >= MOST_SEEN {
                held.seen.clear();
            }
            held.seen.insert(one.clone());
            held.fresh.push(one);
        }
        dropped
    }

    /// Notes what of a change of the register bears on who is asked. One that finds no room costs somebody a question
    /// too many; whoever left is found by the next day's sweep.
    pub(super) fn hear(&self, change: &Change) {
        let heard = match change {
            Change::Fact(Event::ConsentWithdrawn {
                person,
                partner,
                power,
            }) => Heard::Withdrawn(Lacking {
                partner: partner.clone(),
                power: *power,
                person: *person,
            }),
            Change::Fact(Event::PersonLeft { person }) => Heard::Left(*person),
            _ => return,
        };
        let mut held = self.held();
        if held.heard.len() < MOST {
            held.heard.push(heard);
        }
    }

    /// What could not be written down is heard again, before what came since.
    pub(super) fn hear_again(&self, heard: Vec<Heard>) {
        let mut held = self.held();
        let since = std::mem::replace(&mut held.heard, heard);
        held.heard.extend(since);
        held.heard.truncate(MOST);
    }

    /// Whoever wants to be asked again is looked at anew.
    pub(super) fn look_again(&self) {
        self.held().seen.clear();
    }

    pub(super) fn take(&self) -> (Vec<Lacking>, Vec<Heard>) {
        let mut held = self.held();
        (
            std::mem::take(&mut held.fresh),
            std::mem::take(&mut held.heard),
        )
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(range: std::ops::Range<u32>) -> Vec<(PersonNo, PowerId)> {
        range.map(|n| (PersonNo(n), PowerId([1; 32]))).collect()
    }

    #[test]
    fn a_flood_of_refusals_stays_within_its_room_and_what_found_none_is_counted() {
        let noticed = Noticed::default();
        let findr: PartnerId = "findr".parse().unwrap();
        let flood = people(0..100_000);
        assert_eq!(noticed.note(&findr, &flood, Day(1)), 100_000 - MOST as u64);
        // The same list again, as partners do: nothing is held twice.
        assert_eq!(noticed.note(&findr, &people(0..1000), Day(1)), 0);
        assert_eq!(noticed.take().0.len(), MOST);
        // What found no room is tried again, and what did is known.
        assert_eq!(noticed.note(&findr, &people(0..20_000), Day(1)), 0);
        assert_eq!(noticed.take().0.len(), 20_000 - MOST);
        assert!(noticed.held().seen.len() <= MOST_SEEN);
    }

    #[test]
    fn what_is_known_of_today_is_looked_at_again_tomorrow() {
        let noticed = Noticed::default();
        let findr: PartnerId = "findr".parse().unwrap();
        for (day, new) in [(1, 3), (1, 0), (2, 3)] {
            noticed.note(&findr, &people(0..3), Day(day));
            assert_eq!(noticed.take().0.len(), new, "day {day}");
        }
    }
}
