//! What a person has said: consents, bars and connections, out of the register's log.

use std::collections::BTreeSet;

use decide::{Event, PersonNo, Time};
use ledger::entry::{Minute, Period};
use ledger::key_of;

use super::{TrailError, Trails};
use crate::refusals::minute_of;

/// One thing that the person said, or that was said for them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    /// Its place in the register's log.
    pub(crate) entry: u64,
    pub(crate) at: Time,
    /// The event, with nobody in it but this person.
    pub(crate) event: Event,
}

/// All that the person said, oldest first.
pub(super) fn of(trails: &Trails, person: PersonNo, now: Time) -> Result<Vec<Said>, TrailError> {
    let key = trails.of.people().key(person);
    let tags = key.ok_or(TrailError::NoKey(person.0))?.tag_key();
    let mut places = BTreeSet::new();
    for period in months(trails, now)? {
        places.extend(trails.register.find(key_of(&tags.tag(period).0), 0)?);
    }
    let mut said = Vec::new();
    for entry in places {
        let (at, event) = trails.of.happened(entry)?;
        let theirs = event.and_then(|event| theirs(trails, person, event));
        said.extend(theirs.map(|event| Said { entry, at, event }));
    }
    Ok(said)
}

/// From the month of the register's first entry on.
fn months(trails: &Trails, now: Time) -> Result<Vec<Period>, TrailError> {
    let now = minute_of(now).unwrap_or(Minute(0)).period();
    let first = match trails.register.size() {
        0 => now,
        _ => minute_of(trails.of.happened(0)?.0).map_or(now, Minute::period),
    };
    Ok((first.0..=now.0.max(first.0)).map(Period).collect())
}

/// The event, if it is about this person, with nobody else in it. The index has eight bytes of a tag, and a consent can be
/// thousands of people's.
fn theirs(trails: &Trails, person: PersonNo, mut event: Event) -> Option<Event> {
    let is_theirs = match &mut event {
        Event::ConsentGiven { people, .. } => {
            let among = people.contains(&person);
            *people = vec![person];
            among
        }
        Event::ConsentWithdrawn { person: who, .. }
        | Event::BarSet { person: who, .. }
        | Event::BarLifted { person: who, .. }
        | Event::PersonLeft { person: who } => *who == person,
        Event::Connected { connection } => connection.person == person,
        Event::Disconnected { connection } => {
            let known = trails.facts().connection(connection);
            known.is_some_and(|known| known.person == person)
        }
        _ => false,
    };
    is_theirs.then_some(event)
}
