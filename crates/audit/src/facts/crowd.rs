//! Different people, counted exactly: a bit each, set by several threads at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The first page holds so many people as a power of two; each further one as many as all before it.
const FIRST: u32 = 16;
const PAGES: usize = 17;

/// A set of people that only grows.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    pages: [OnceLock<Box<[AtomicU64]>>; PAGES],
}

impl Crowd {
    #[inline]
    pub(crate) fn add(&self, person: u32) {
        let (page, offset) = place(person);
        let Some(page) = self
            .pages
            .get(page)
            .map(|it| it.get_or_init(|| blank(page)))
        else {
            return;
        };
        if let Some(word) = page.get((offset >> 6) as usize) {
            let bit = 1 << (offset & 63);
            // Most are there already, and looking is cheaper than writing.
            if word.load(Ordering::Relaxed) & bit == 0 {
                word.fetch_or(bit, Ordering::Relaxed);
            }
        }
    }

    pub(crate) fn count(&self) -> u64 {
        let words = self.pages.iter().filter_map(OnceLock::get).flatten();
        words
            .map(|word| u64::from(word.load(Ordering::Relaxed).count_ones()))
            .sum()
    }
}

fn blank(page: usize) -> Box<[AtomicU64]> {
    let people = 1usize << (FIRST as usize).saturating_add(page.saturating_sub(1));
    std::iter::repeat_with(|| AtomicU64::new(0))
        .take(people >> 6)
        .collect()
}

#[inline]
fn place(person: u32) -> (usize, u32) {
    let high = person >> FIRST;
    if high == 0 {
        return (0, person);
    }
    let page = u32::BITS.saturating_sub(high.leading_zeros());
    let begins = 1u32 << FIRST.saturating_add(page).saturating_sub(1);
    (page as usize, person.wrapping_sub(begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_counts_once_on_every_page() {
        let crowd = Crowd::default();
        let people = [
            0,
            1,
            63,
            65_535,
            65_536,
            131_071,
            131_072,
            262_144,
            1 << 31,
            u32::MAX,
        ];
        let places: std::collections::BTreeSet<_> =
            people.iter().map(|person| place(*person)).collect();
        assert_eq!(places.len(), people.len());
        for _ in 0..2 {
            people[..8].iter().for_each(|person| crowd.add(*person));
        }
        assert_eq!(crowd.count(), 8);
    }
}
