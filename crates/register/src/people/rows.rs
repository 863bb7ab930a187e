//! From the number to what is kept of a person: pages that never move.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use decide::{Day, PersonNo};

use crate::entry::PersonSlot;

/// People on a page.
const PAGE: usize = 4096;

/// What is kept of one person.
#[derive(Default)]
pub(super) struct Row {
    /// The platform's id; `None` once they left.
    pub(super) id: Option<Arc<str>>,
    /// `None` once erased.
    pub(super) secret: Option<Secret>,
    pub(super) active: Option<Day>,
}

/// Key and salt of the enrolment commitment.
pub(super) struct Secret {
    pub(super) key: [u8; 32],
    pub(super) salt: [u8; 32],
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.key.fill(0);
        std::hint::black_box(&self.key);
    }
}

impl Row {
    pub(super) fn of(slot: &PersonSlot) -> Row {
        Row {
            id: Some(Arc::from(&*slot.id)),
            secret: Some(Secret {
                key: *slot.key.expose(),
                salt: slot.salt.0,
            }),
            active: None,
        }
    }
}

/// Rows by number.
#[derive(Default)]
pub(super) struct Rows {
    pages: RwLock<Vec<Arc<RwLock<Vec<Row>>>>>,
    len: AtomicU32,
}

impl Rows {
    pub(super) fn len(&self) -> u32 {
        self.len.load(Ordering::Acquire)
    }

    /// Adds a row under the next number. One writer at a time.
    pub(super) fn push(&self, row: Row) -> PersonNo {
        let number = self.len();
        let last = {
            let mut pages = self.pages.write().unwrap_or_else(PoisonError::into_inner);
            if (number as usize).is_multiple_of(PAGE) {
                // Full size at once: a page that grew would move what it holds and leave copies of keys behind.
                pages.push(Arc::new(RwLock::new(Vec::with_capacity(PAGE))));
            }
            pages.last().cloned()
        };
        if let Some(page) = last {
            page.write()
                .unwrap_or_else(PoisonError::into_inner)
                .push(row);
        }
        self.len.store(number.saturating_add(1), Ordering::Release);
        PersonNo(number)
    }

    pub(super) fn read<T>(&self, person: PersonNo, look: impl FnOnce(&Row) -> T) -> Option<T> {
        let (page, row) = self.place(person)?;
        let page = page.read().unwrap_or_else(PoisonError::into_inner);
        page.get(row).map(look)
    }

    pub(super) fn change<T>(
        &self,
        person: PersonNo,
        change: impl FnOnce(&mut Row) -> T,
    ) -> Option<T> {
        let (page, row) = self.place(person)?;
        let mut page = page.write().unwrap_or_else(PoisonError::into_inner);
        page.get_mut(row).map(change)
    }

    fn place(&self, PersonNo(number): PersonNo) -> Option<(Arc<RwLock<Vec<Row>>>, usize)> {
        let pages = self.pages.read().unwrap_or_else(PoisonError::into_inner);
        let page = pages.get(number as usize / PAGE)?;
        Some((page.clone(), number as usize % PAGE))
    }
}
