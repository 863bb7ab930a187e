//! Trails that were read, in memory, so that a second look reads only what is new.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use decide::PersonNo;

use super::Trail;

/// Rows of all people together: 16 bytes each.
const MOST_ROWS: usize = 1 << 22;
/// People; each costs some hundred bytes beside the rows.
const MOST_PEOPLE: usize = 10_000;

type Shared = Arc<Mutex<Trail>>;

/// What is kept.
#[derive(Default)]
pub(super) struct Kept {
    trails: Mutex<HashMap<PersonNo, Shared>>,
}

impl Kept {
    /// The person's, an empty one if there is none yet. Whoever reads it on holds its lock.
    pub(super) fn of(&self, person: PersonNo) -> Shared {
        self.trails().entry(person).or_default().clone()
    }

    /// Forgets some people when there are too many or too much: they are read again when they look again.
    pub(super) fn make_room(&self) {
        let mut trails = self.trails();
        // One that is being read is left alone; how much it holds is counted the next time.
        let rows = |trail: &Shared| trail.try_lock().ok().map(|trail| trail.rows.len());
        let mut all: usize = trails.values().filter_map(rows).sum();
        if all <= MOST_ROWS && trails.len() <= MOST_PEOPLE {
            return;
        }
        trails.retain(|_, trail| match rows(trail) {
            Some(rows) if all > MOST_ROWS / 2 => {
                all = all.saturating_sub(rows);
                false
            }
            _ => true,
        });
        if trails.len() > MOST_PEOPLE {
            trails.clear();
        }
    }

    fn trails(&self) -> MutexGuard<'_, HashMap<PersonNo, Shared>> {
        self.trails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trail::Row;

    #[test]
    fn what_is_kept_stays_within_its_bounds_and_nobody_gets_anothers() {
        let kept = Kept::default();
        let row = Row {
            entry: 0,
            minute: 0,
            what: 0,
        };
        for person in 0..40 {
            let trail = kept.of(PersonNo(person));
            trail.lock().unwrap_or_else(PoisonError::into_inner).rows = vec![row; 1 << 18];
            kept.make_room();
        }
        let rows = |trail: &Shared| trail.lock().map_or(0, |trail| trail.rows.len());
        let all: usize = kept.trails().values().map(rows).sum();
        assert!(all <= MOST_ROWS, "{all}");
        assert_eq!(rows(&kept.of(PersonNo(100))), 0);
        for person in 0..=u32::try_from(MOST_PEOPLE).unwrap_or(0) {
            kept.of(PersonNo(person));
        }
        kept.make_room();
        assert!(kept.trails().len() <= MOST_PEOPLE);
    }
}
