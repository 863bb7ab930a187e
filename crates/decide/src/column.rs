//! One bit per person: atomic words on large pages, read by every thread while they are written.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use roaring::RoaringBitmap;

use crate::ids::PersonNo;
use crate::time::Day;

/// People on one page: 128 KiB of bits.
const PAGE_BITS: u32 = 20;
const WORDS: usize = 1 << (PAGE_BITS - 6);
const PAGES: usize = 1 << (32 - PAGE_BITS);

type Page = Box<[AtomicU64]>;

/// A set of people, one bit each. Pages appear when first written and never move, so readers need no lock.
pub(crate) struct Bits {
    pages: Box<[OnceLock<Page>]>,
}

impl Bits {
    pub(crate) fn new() -> Bits {
        Bits {
            pages: std::iter::repeat_with(OnceLock::new).take(PAGES).collect(),
        }
    }

    /// Whether the person is in the set. Sees every write that returned before this call.
    pub(crate) fn has(&self, person: PersonNo) -> bool {
        let (page, word, bit) = place(person);
        self.pages
            .get(page)
            .and_then(OnceLock::get)
            .and_then(|page| page.get(word))
            .is_some_and(|word| word.load(Ordering::Acquire) & bit != 0)
    }

    pub(crate) fn set(&self, person: PersonNo) {
        let (page, word, bit) = place(person);
        let blank = || {
            std::iter::repeat_with(|| AtomicU64::new(0))
                .take(WORDS)
                .collect()
        };
        if let Some(word) = self
            .pages
            .get(page)
            .and_then(|page| page.get_or_init(blank).get(word))
        {
            word.fetch_or(bit, Ordering::AcqRel);
        }
    }

    pub(crate) fn clear(&self, person: PersonNo) {
        let (page, word, bit) = place(person);
        let page = self.pages.get(page).and_then(OnceLock::get);
        if let Some(word) = page.and_then(|page| page.get(word)) {
            word.fetch_and(!bit, Ordering::AcqRel);
        }
    }

    /// Everybody in the set, in rising order.
    pub(crate) fn members(&self) -> RoaringBitmap {
        let pages = self
            .pages
            .iter()
            .zip(0u32..)
            .filter_map(|(page, n)| Some((page.get()?, n)));
        let words = pages.flat_map(|(page, n)| {
            page.iter()
                .zip(0u32..)
                .map(move |(word, w)| ((n << PAGE_BITS) | (w << 6), word.load(Ordering::Acquire)))
        });
        words
            .filter(|(_, word)| *word != 0)
            .flat_map(|(first, word)| {
                (0u32..64)
                    .filter(move |b| word >> b & 1 == 1)
                    .map(move |b| first | b)
            })
            .collect()
    }

    pub(crate) fn of(members: &RoaringBitmap) -> Bits {
        let bits = Bits::new();
        members.iter().for_each(|person| bits.set(PersonNo(person)));
        bits
    }
}

fn place(PersonNo(number): PersonNo) -> (usize, usize, u64) {
    let page = number >> PAGE_BITS;
    let word = (number & ((1 << PAGE_BITS) - 1)) >> 6;
    (page as usize, word as usize, 1 << (number & 63))
}

/// The consents to one power of one partner: a bit each, and beside the bits the days on which they expire.
///
/// A bit is enough while no expiry has come; from then on the cohorts are asked too, until [`Consents::sweep`] has
/// cleared the bits. So an answer never depends on whether somebody swept in time.
pub(crate) struct Consents {
    bits: Bits,
    cohorts: RwLock<BTreeMap<Day, RoaringBitmap>>,
    /// The earliest day in `cohorts`.
    next: AtomicI32,
}

impl Consents {
    pub(crate) fn new() -> Consents {
        Consents {
            bits: Bits::new(),
            cohorts: RwLock::default(),
            next: AtomicI32::new(i32::MAX),
        }
    }

    /// Whether the person's consent is in force on this day.
    pub(crate) fn hold(&self, person: PersonNo, today: Day) -> bool {
        // Before the bit: a sweep clears bits first and then moves `next`, so a `next` read afterwards could vouch for a
        // bit that was about to be cleared.
        let next = self.next.load(Ordering::Acquire);
        if !self.bits.has(person) {
            return false;
        }
        if today.0 < next {
            return true;
        }
        let cohorts = self.cohorts.read().unwrap_or_else(PoisonError::into_inner);
        // Asked again under the lock: a sweep may have cleared the bit and dropped its cohort in between.
        self.bits.has(person)
            && !cohorts
                .range(..=today)
                .any(|(_, people)| people.contains(person.0))
    }

    /// Whether a consent of the person's is kept here, in force or expired.
    pub(crate) fn is_kept(&self, person: PersonNo) -> bool {
        self.bits.has(person)
    }

    /// The day on whose beginning the person's consent expires, while it is in force on `today`.
    pub(crate) fn until(&self, person: PersonNo, today: Day) -> Option<Day> {
        let cohorts = self.cohorts.read().unwrap_or_else(PoisonError::into_inner);
        let mut later = cohorts.range((Bound::Excluded(today), Bound::Unbounded));
        later.find_map(|(day, people)| people.contains(person.0).then_some(*day))
    }

    pub(crate) fn give(&self, person: PersonNo, until: Day) {
        let mut cohorts = self.cohorts.write().unwrap_or_else(PoisonError::into_inner);
        drop_from(&mut cohorts, person);
        cohorts.entry(until).or_default().insert(person.0);
        self.note_next(&cohorts);
        self.bits.set(person);
    }

    pub(crate) fn withdraw(&self, person: PersonNo) {
        self.bits.clear(person);
        let mut cohorts = self.cohorts.write().unwrap_or_else(PoisonError::into_inner);
        drop_from(&mut cohorts, person);
        self.note_next(&cohorts);
    }

    /// Clears what has expired by this day. Changes no answer for this day or a later one.
    pub(crate) fn sweep(&self, today: Day) {
        let mut cohorts = self.cohorts.write().unwrap_or_else(PoisonError::into_inner);
        while let Some(cohort) = cohorts
            .first_entry()
            .filter(|cohort| *cohort.key() <= today)
        {
            cohort
                .remove()
                .iter()
                .for_each(|person| self.bits.clear(PersonNo(person)));
        }
        self.note_next(&cohorts);
    }

    pub(crate) fn image(&self) -> Vec<(Day, RoaringBitmap)> {
        let cohorts = self.cohorts.read().unwrap_or_else(PoisonError::into_inner);
        cohorts
            .iter()
            .map(|(day, people)| (*day, people.clone()))
            .collect()
    }

    pub(crate) fn from_image(image: Vec<(Day, RoaringBitmap)>) -> Consents {
        let consents = Consents::new();
        image
            .iter()
            .flat_map(|(_, people)| people)
            .for_each(|person| consents.bits.set(PersonNo(person)));
        let cohorts: BTreeMap<Day, RoaringBitmap> = image.into_iter().collect();
        consents.note_next(&cohorts);
        *consents
            .cohorts
            .write()
            .unwrap_or_else(PoisonError::into_inner) = cohorts;
        consents
    }

    fn note_next(&self, cohorts: &BTreeMap<Day, RoaringBitmap>) {
        let next = cohorts.first_key_value().map_or(i32::MAX, |(day, _)| day.0);
        self.next.store(next, Ordering::Release);
    }
}

/// Takes a person out of whatever cohort they are in; at most one.
fn drop_from(cohorts: &mut BTreeMap<Day, RoaringBitmap>, person: PersonNo) {
    cohorts.retain(|_, people| {
        people.remove(person.0);
        !people.is_empty()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_is_one_persons_alone_on_every_page() {
        let bits = Bits::new();
        let people = [0, 1, 63, 64, (1 << PAGE_BITS) - 1, 1 << PAGE_BITS, u32::MAX].map(PersonNo);
        for person in people {
            assert!(!bits.has(person));
            bits.set(person);
            assert!(bits.has(person));
        }
        assert!(
            !bits.has(PersonNo(2)) && !bits.has(PersonNo(65)) && !bits.has(PersonNo(u32::MAX - 1))
        );
        assert_eq!(
            bits.members().iter().map(PersonNo).collect::<Vec<_>>(),
            people
        );
        bits.clear(PersonNo(64));
        assert!(!bits.has(PersonNo(64)) && bits.has(PersonNo(63)) && bits.has(PersonNo(0)));
        bits.clear(PersonNo(5 << PAGE_BITS));
        assert_eq!(Bits::of(&bits.members()).members(), bits.members());
    }

    #[test]
    fn a_consent_ends_on_its_day_whether_or_not_anybody_swept() {
        let consents = Consents::new();
        consents.give(PersonNo(1), Day(10));
        consents.give(PersonNo(2), Day(12));
        let held = |day| [1, 2].map(|person| consents.hold(PersonNo(person), Day(day)));
        assert_eq!(
            [held(9), held(10), held(11), held(12)],
            [[true, true], [false, true], [false, true], [false, false]]
        );
        consents.sweep(Day(10));
        assert_eq!(
            [held(10), held(11), held(12)],
            [[false, true], [false, true], [false, false]]
        );
        assert_eq!(consents.image().len(), 1);
    }

    #[test]
    fn renewing_forgets_the_former_day_and_withdrawing_forgets_both() {
        let consents = Consents::new();
        consents.give(PersonNo(1), Day(10));
        consents.give(PersonNo(1), Day(20));
        assert!(consents.hold(PersonNo(1), Day(15)));
        consents.sweep(Day(15));
        assert!(consents.hold(PersonNo(1), Day(15)));
        let again = Consents::from_image(consents.image());
        assert!(again.hold(PersonNo(1), Day(19)) && !again.hold(PersonNo(1), Day(20)));
        consents.withdraw(PersonNo(1));
        assert!(!consents.hold(PersonNo(1), Day(15)) && consents.image().is_empty());
        consents.give(PersonNo(1), Day(30));
        assert!(consents.hold(PersonNo(1), Day(29)));
    }
}
