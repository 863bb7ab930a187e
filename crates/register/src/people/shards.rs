//! From the platform's id to the number: a hash table in shards, so that a writer holds few readers up, and briefly.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use decide::PersonNo;
use hashbrown::HashTable;

const SHARDS: usize = 256;

type Table = HashTable<(PersonNo, Arc<str>)>;

/// A shard on cache lines of its own, so that readers of different shards do not slow each other down.
#[repr(align(128))]
#[derive(Default)]
struct Shard(RwLock<Table>);

/// The tables. SipHash under a random key: ids come from people, and chosen ones must not collide.
pub(super) struct Shards {
    shards: Box<[Shard]>,
    hasher: RandomState,
}

impl Default for Shards {
    fn default() -> Shards {
        Shards {
            shards: std::iter::repeat_with(Shard::default)
                .take(SHARDS)
                .collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Shards {
    pub(super) fn get(&self, id: &str) -> Option<PersonNo> {
        let (hash, shard) = self.place(id)?;
        let table = shard.0.read().unwrap_or_else(PoisonError::into_inner);
        table
            .find(hash, |(_, known)| **known == *id)
            .map(|(number, _)| *number)
    }

    /// Gives the id to this number; whoever had it before has left.
    pub(super) fn insert(&self, id: Arc<str>, number: PersonNo) {
        let Some((hash, shard)) = self.place(&id) else {
            return;
        };
        let mut table = shard.0.write().unwrap_or_else(PoisonError::into_inner);
        match table.find_mut(hash, |(_, known)| *known == id) {
            Some(entry) => *entry = (number, id),
            None => {
                table.insert_unique(hash, (number, id), |(_, id)| self.hasher.hash_one(&**id));
            }
        }
    }

    /// Takes the id away, if this number still has it.
    pub(super) fn remove(&self, id: &str, number: PersonNo) {
        let Some((hash, shard)) = self.place(id) else {
            return;
        };
        let mut table = shard.0.write().unwrap_or_else(PoisonError::into_inner);
        let theirs = |(n, known): &(PersonNo, Arc<str>)| *n == number && **known == *id;
        if let Ok(entry) = table.find_entry(hash, theirs) {
            entry.remove();
        }
    }

    /// The table uses the hash's high and lowest bits, so the shard goes by bits between.
    fn place(&self, id: &str) -> Option<(u64, &Shard)> {
        let hash = self.hasher.hash_one(id);
        let shard = self.shards.get((hash >> 40) as usize % SHARDS)?;
        Some((hash, shard))
    }
}
