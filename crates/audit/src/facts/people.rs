//! The platform's ids of people as dense numbers, for as long as one audit runs.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

/// Whole numbers below this have a place of their own in a table; all other ids are hashed.
const TABLED: u64 = 1 << 26;
const PAGE: u64 = 1 << 16;
const NOBODY: u32 = 0;

/// Who is who. An id is text; a whole number is the same id as its decimal text, so that lists in CSV and logs in
/// Parquet agree.
#[derive(Debug)]
pub struct People {
    tabled: Box<[OnceLock<Box<[AtomicU32]>>]>,
    hashed: RwLock<Hashed>,
}

#[derive(Debug, Default)]
struct Hashed {
    numbers: FxHashMap<u64, u32>,
    texts: FxHashMap<Box<str>, u32>,
    given: u32,
}

impl Default for People {
    fn default() -> People {
        let pages = TABLED.div_euclid(PAGE);
        let tabled = (0..pages).map(|_| OnceLock::new()).collect();
        People {
            tabled,
            hashed: RwLock::default(),
        }
    }
}

impl People {
    /// The number of a person by an id that is a whole number; a new one if nobody had it.
    #[inline]
    pub fn by_number(&self, id: u64) -> u32 {
        match self.slot(id) {
            Some(slot) => match slot.load(Ordering::Acquire) {
                NOBODY => self.add_tabled(slot),
                number => number.wrapping_sub(1),
            },
            None => self.by_hash(id),
        }
    }

    /// The number of a person by an id that is text.
    pub fn by_text(&self, id: &str) -> u32 {
        if let Some(number) = whole(id) {
            return self.by_number(number);
        }
        let read = self.hashed.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.texts.get(id) {
            return *known;
        }
        drop(read);
        let mut hashed = self.hashed.write().unwrap_or_else(PoisonError::into_inner);
        let next = hashed.given;
        let number = *hashed.texts.entry(id.into()).or_insert(next);
        if number == next {
            hashed.given = next.saturating_add(1);
        }
        number
    }

    /// The number of an id that was met before.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<u32> {
        if let Some(number) = whole(id) {
            if let Some(slot) = self.slot(number) {
                return slot.load(Ordering::Acquire).checked_sub(1);
            }
            let read = self.hashed.read().unwrap_or_else(PoisonError::into_inner);
            return read.numbers.get(&number).copied();
        }
        let read = self.hashed.read().unwrap_or_else(PoisonError::into_inner);
        read.texts.get(id).copied()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.hashed
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .given
    }

    fn slot(&self, id: u64) -> Option<&AtomicU32> {
        let page = self
            .tabled
            .get(usize::try_from(id.div_euclid(PAGE)).ok()?)?;
        let page = page.get_or_init(|| (0..PAGE).map(|_| AtomicU32::new(NOBODY)).collect());
        page.get(usize::try_from(id.rem_euclid(PAGE)).ok()?)
    }

    fn add_tabled(&self, slot: &AtomicU32) -> u32 {
        let mut hashed = self.hashed.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have been quicker.
        if let Some(number) = slot.load(Ordering::Acquire).checked_sub(1) {
            return number;
        }
        let number = hashed.given;
        hashed.given = number.saturating_add(1);
        slot.store(hashed.given, Ordering::Release);
        number
    }

    fn by_hash(&self, id: u64) -> u32 {
        let read = self.hashed.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.numbers.get(&id) {
            return *known;
        }
        drop(read);
        let mut hashed = self.hashed.write().unwrap_or_else(PoisonError::into_inner);
        let next = hashed.given;
        let number = *hashed.numbers.entry(id).or_insert(next);
        if number == next {
            hashed.given = next.saturating_add(1);
        }
        number
    }
}

/// The whole number that a text is the one decimal form of.
fn whole(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let canonical = match bytes {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.len() < 19 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_is_one_person_in_whatever_form_it_comes() {
        let people = People::default();
        let seven = people.by_number(7);
        assert_eq!(people.by_text("7"), seven);
        assert_ne!(people.by_text("07"), seven, "another text is another id");
        let far = people.by_number(9_000_000_000_000_000_000);
        assert_eq!(people.by_text("9000000000000000000"), far);
        let ana = people.by_text("ana");
        assert_eq!(people.by_text("ana"), ana);
        assert_eq!(people.count(), 4);
    }

    #[test]
    fn threads_that_meet_over_an_id_agree_on_its_number() {
        let people = People::default();
        let all = || {
            (0..20_000u64)
                .map(|id| people.by_number(id.wrapping_mul(7919) % 5000))
                .collect::<Vec<_>>()
        };
        let (here, there) = std::thread::scope(|scope| {
            let other = scope.spawn(all);
            (all(), other.join().expect("no panic"))
        });
        assert_eq!(here, there);
        assert_eq!(people.count(), 5000);
    }
}
