//! Each person's secrets of the month, computed once and looked up by every request.

use super::details::SlotKey;
use super::{Period, PersonKey, Tag};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// One person's tag and prepared details key of one month.
pub struct PersonSecrets {
    pub(super) period: Period,
    pub(super) tag: Tag,
    pub(super) slot_key: SlotKey,
}

impl PersonSecrets {
    /// Computes them: six HMACs and a key schedule, some microseconds; go through [`PeriodSecrets`].
    /// `None` only if the cipher refuses the key, which does not happen with 32 bytes.
    pub fn new(key: &PersonKey, period: Period) -> Option<Self> {
        let slot_key = SlotKey::new(&key.details_key(period))?;
        Some(Self {
            period,
            tag: key.tag_key().tag(period),
            slot_key,
        })
    }

    /// The tag.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The month they are of.
    pub fn period(&self) -> Period {
        self.period
    }
}

impl fmt::Debug for PersonSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonSecrets(secret)")
    }
}

/// A bounded cache of [`PersonSecrets`] by the person's dense number.
///
/// Direct-mapped: the number's low bits choose the one place where a person can be, and whoever comes
/// later replaces whoever is there. Numbers are dense, so places fill evenly, and a hit costs one
/// uncontended read lock and one comparison of the whole number.
#[derive(Debug)]
pub struct PeriodSecrets {
    places: Box<[RwLock<Option<Kept>>]>,
}

#[derive(Debug)]
struct Kept {
    person: u32,
    secrets: Arc<PersonSecrets>,
}

impl PeriodSecrets {
    /// A cache for `people` people, rounded up to a power of two; about 0.8 kB each once filled.
    pub fn new(people: usize) -> Self {
        let places = people.max(1).next_power_of_two();
        Self {
            places: (0..places).map(|_| RwLock::new(None)).collect(),
        }
    }

    /// The person's secrets of the month; `key` is asked for only when they are not there, and
    /// `None` from it (no such person, key destroyed) is passed on.
    pub fn get(
        &self,
        person: u32,
        period: Period,
        key: impl FnOnce() -> Option<PersonKey>,
    ) -> Option<Arc<PersonSecrets>> {
        let place = self.place(person)?;
        let kept = place.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept
            .as_ref()
            .filter(|kept| kept.person == person && kept.secrets.period == period)
        {
            return Some(kept.secrets.clone());
        }
        drop(kept);
        // The key is fetched and stored under the lock: `forget` in between would otherwise be undone.
        let mut kept = place.write().unwrap_or_else(PoisonError::into_inner);
        let secrets = Arc::new(PersonSecrets::new(&key()?, period)?);
        *kept = Some(Kept {
            person,
            secrets: secrets.clone(),
        });
        Some(secrets)
    }

    /// Drops what is kept of a person, to be called after their key was destroyed.
    pub fn forget(&self, person: u32) {
        if let Some(place) = self.place(person) {
            place
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .take_if(|kept| kept.person == person);
        }
    }

    fn place(&self, person: u32) -> Option<&RwLock<Option<Kept>>> {
        self.places.get(person as usize & (self.places.len() - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(person: u32) -> Option<PersonKey> {
        Some(PersonKey::from_random([person as u8; 32]))
    }

    #[test]
    fn a_second_look_up_does_not_ask_for_the_key_and_another_month_does() {
        let cache = PeriodSecrets::new(8);
        let (november, december) = (
            Period::new(2026, 11).unwrap(),
            Period::new(2026, 12).unwrap(),
        );
        let first = cache.get(3, november, || key_of(3)).unwrap();
        let again = cache.get(3, november, || panic!("it is there")).unwrap();
        assert_eq!(first.tag(), again.tag());
        assert_ne!(
            cache.get(3, december, || key_of(3)).unwrap().tag(),
            first.tag()
        );
    }

    #[test]
    fn people_who_share_a_place_never_get_each_others_secrets() {
        let cache = PeriodSecrets::new(8);
        let month = Period::new(2026, 11).unwrap();
        let ada = cache.get(3, month, || key_of(3)).unwrap();
        let bert = cache.get(11, month, || key_of(11)).unwrap();
        assert_ne!(ada.tag(), bert.tag());
        assert_eq!(cache.get(3, month, || key_of(3)).unwrap().tag(), ada.tag());
    }

    #[test]
    fn a_person_without_a_key_has_no_secrets_and_a_forgotten_one_is_asked_for_again() {
        let cache = PeriodSecrets::new(8);
        let month = Period::new(2026, 11).unwrap();
        cache.get(3, month, || key_of(3)).unwrap();
        cache.forget(11);
        assert!(
            cache.get(3, month, || None).is_some(),
            "another person of the same place was forgotten"
        );
        cache.forget(3);
        assert!(cache.get(3, month, || None).is_none());
    }
}
