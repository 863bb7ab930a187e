//! People who join: their ids judged, their numbers, keys and salts given.

use std::collections::HashSet;

use decide::{Event, Invalid};
use ledger::entry::{EnrolmentSalt, PersonKey};

use super::PersonSlot;
use crate::error::Refused;
use crate::options::Fill;
use crate::state::State;

/// People in one change; more would make one entry's details too large.
pub(crate) const PEOPLE_AT_MOST: usize = 10_000;
/// Bytes of a platform's id.
const ID_AT_MOST: usize = 512;

pub(super) fn join(
    state: &State,
    fill: &Fill,
    ids: &[String],
) -> Result<(Event, Vec<PersonSlot>), Refused> {
    if ids.is_empty() {
        return Err(Refused::Nobody);
    }
    if ids.len() > PEOPLE_AT_MOST {
        return Err(Refused::TooMany {
            found: ids.len(),
            limit: PEOPLE_AT_MOST,
        });
    }
    let mut seen = HashSet::with_capacity(ids.len());
    for (place, id) in ids.iter().enumerate() {
        if let Some(what) = unfit(id) {
            return Err(Refused::BadId { place, what });
        }
        if !seen.insert(id) {
            return Err(Refused::BadId {
                place,
                what: "there twice",
            });
        }
        if state.people.number(id).is_some() {
            return Err(Refused::IdInUse { place });
        }
    }
    let count = u32::try_from(ids.len()).map_err(|_| Invalid::NoNumbersLeft)?;
    let first = state.facts.next_number();
    let slots = ids
        .iter()
        .map(|id| slot(fill, id))
        .collect::<Result<_, _>>()?;
    Ok((Event::PeopleJoined { first, count }, slots))
}

/// Each key is drawn for one person alone: one that came from a master key could not be destroyed alone.
fn slot(fill: &Fill, id: &str) -> Result<PersonSlot, Refused> {
    let (mut key, mut salt) = ([0; 32], [0; 32]);
    fill(&mut key)?;
    fill(&mut salt)?;
    Ok(PersonSlot {
        key: PersonKey::from_random(key),
        salt: EnrolmentSalt(salt),
        id: id.into(),
    })
}

/// What is wrong with a platform's id, if anything.
pub(crate) fn unfit(id: &str) -> Option<&'static str> {
    if id.is_empty() {
        Some("empty")
    } else if id.len() > ID_AT_MOST {
        Some("too long")
    } else if id.chars().any(char::is_control) {
        Some("not plain text")
    } else {
        None
    }
}
