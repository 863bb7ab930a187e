//! Whose data is in an answer that does not say it: friends of a person, members of a thread, subjects of a request.

use std::sync::Arc;

use crate::facts::People;

/// A list of who stands behind a key.
#[derive(Debug)]
pub struct Bystanders {
    /// The name by which operations refer to it.
    pub name: String,
    /// Numbers of the keys, shared by all lists whose keys are no people; `None` where a key is a person.
    keys: Option<Arc<People>>,
    /// Where the people of each key begin, with the end of all.
    starts: Vec<u64>,
    people: Vec<u32>,
}

impl Bystanders {
    /// From pairs of key and person. `keys` is `None` where a key is a person.
    #[must_use]
    pub fn of(name: String, keys: Option<Arc<People>>, mut pairs: Vec<(u32, u32)>) -> Bystanders {
        pairs.sort_unstable();
        pairs.dedup();
        let count = pairs
            .last()
            .map_or(0, |(key, _)| (*key as usize).saturating_add(1));
        let mut starts = vec![0u64; count.saturating_add(1)];
        for (key, _) in &pairs {
            if let Some(next) = starts.get_mut((*key as usize).saturating_add(1)) {
                *next = next.saturating_add(1);
            }
        }
        let mut sum = 0u64;
        for start in &mut starts {
            sum = sum.saturating_add(*start);
            *start = sum;
        }
        let people = pairs.into_iter().map(|(_, person)| person).collect();
        Bystanders {
            name,
            keys,
            starts,
            people,
        }
    }

    /// Whether keys are people.
    #[must_use]
    pub fn of_person(&self) -> bool {
        self.keys.is_none()
    }

    /// The numbers of keys that are not people.
    #[must_use]
    pub fn keys(&self) -> Option<&People> {
        self.keys.as_deref()
    }

    /// Who stands behind a key; empty where the list does not have it.
    #[inline]
    #[must_use]
    pub fn behind(&self, key: u32) -> &[u32] {
        let at = |n: usize| {
            self.starts
                .get(n)
                .and_then(|start| usize::try_from(*start).ok())
        };
        let (Some(from), Some(to)) = (at(key as usize), at((key as usize).saturating_add(1)))
        else {
            return &[];
        };
        self.people.get(from..to).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_key_stand_its_people_each_once() {
        let pairs = vec![(3, 9), (1, 5), (3, 2), (1, 5)];
        let list = Bystanders::of("friends".into(), None, pairs);
        let behind: Vec<&[u32]> = (0..5).map(|key| list.behind(key)).collect();
        assert_eq!(behind, [&[][..], &[5], &[], &[2, 9], &[]]);
    }
}
