//! From a draft to a record: order drawn by lot, padding, encryption, leaves, header.

use super::details::{GCM_TAG, LedgerKey, SlotKey, encode_details, seal_common, slot_nonce};
use super::header::{Header, Kind};
use super::key::hmac_sha256;
use super::people::{FEWEST_PLACES, MOST_PLACES, PlaceLeaf, Tags};
use super::{
    DisclosureDraft, EntrySeed, IntentDraft, OutcomeDraft, PersonPart, RefusalsDraft, SealError,
    Tag,
};
use crate::{Hash, IdempotencyKey, Record};

/// The plain length of slots is a multiple of this, so that it says little of what is in them.
const SLOT_STEP: usize = 32;
/// A common part longer than this belongs elsewhere.
const MOST_COMMON: usize = 1 << 20;
/// A slot's plain bytes at most; its length is written in two.
const MOST_SLOT: usize = 60_000;
/// Refusal reasons in one entry at most.
const MOST_REASONS: usize = 1000;

impl EntrySeed {
    fn derive(&self, what: &[u8]) -> [u8; 32] {
        hmac_sha256(&self.0, &[b"countersign entry v1 ", what])
    }

    fn nonce(&self) -> [u8; 16] {
        let mut nonce = [0; 16];
        nonce
            .iter_mut()
            .zip(self.derive(b"nonce"))
            .for_each(|(byte, value)| *byte = value);
        nonce
    }

    /// Bytes that nobody can tell from random ones: the key stream of AES-256-GCM.
    fn stream(&self, what: &[u8], length: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length + GCM_TAG];
        SlotKey::new(&self.derive(what))?.seal([0; 12], &mut bytes)?;
        bytes.truncate(length);
        Some(bytes)
    }
}

impl DisclosureDraft<'_> {
    /// Seals the draft into a record. `seed` must be fresh: its reuse would betray people.
    pub fn seal(
        &self,
        ledger_key: &LedgerKey,
        seed: EntrySeed,
        key: IdempotencyKey,
    ) -> Result<Record, SealError> {
        self.seal_as(Kind::Disclosure, ledger_key, &seed, key)
    }

    fn seal_as(
        &self,
        kind: Kind,
        ledger_key: &LedgerKey,
        seed: &EntrySeed,
        key: IdempotencyKey,
    ) -> Result<Record, SealError> {
        self.check()?;
        let nonce = seed.nonce();
        let (slots, slot_length, places) = self.places(seed, &nonce).ok_or(SealError::Cipher)?;
        let common = seal_common(ledger_key, &nonce, self.common).ok_or(SealError::Cipher)?;
        let details = encode_details(&common, &slots, slot_length);
        let tags = Tags::new(seed.derive(b"blinds"), places);
        let header = Header {
            kind,
            minute: self.minute,
            partner: self.partner,
            operation: self.operation,
            register_position: self.register_position,
            ledger_position: self.ledger_position,
            nonce,
        };
        let mut entry = header.encode();
        entry.extend_from_slice(&self.agreement.0);
        entry.extend_from_slice(&tags.root().0);
        entry.extend_from_slice(&Hash::of(&details).0);
        Ok(Record {
            entry,
            tags: tags.encode(),
            details,
            key,
        })
    }

    fn check(&self) -> Result<(), SealError> {
        if self.people.is_empty() {
            return Err(SealError::Nobody);
        }
        limit("people", self.people.len(), MOST_PLACES)?;
        limit("bytes of the common part", self.common.len(), MOST_COMMON)?;
        let period = self.minute.period();
        for (position, person) in self.people.iter().enumerate() {
            limit("bytes of a slot", person.slot.len(), MOST_SLOT)?;
            if person.secrets.period != period {
                return Err(SealError::Period { position });
            }
        }
        Ok(())
    }

    /// All slots sealed one behind the other, their length, and what the leaves are made of.
    fn places(
        &self,
        seed: &EntrySeed,
        nonce: &[u8; 16],
    ) -> Option<(Vec<u8>, usize, Vec<PlaceLeaf>)> {
        let order = self.order(seed)?;
        let longest = self
            .people
            .iter()
            .map(|person| person.slot.len())
            .max()
            .unwrap_or(0);
        let slot_length = (longest + 2).next_multiple_of(SLOT_STEP) + GCM_TAG;
        let padding = order.iter().filter(|place| place.is_none()).count();
        let padding = seed.stream(b"padding", padding * (32 + slot_length))?;
        let mut padding = padding.chunks_exact(32 + slot_length);
        let mut slots = vec![0; slot_length * order.len()];
        let mut places = Vec::with_capacity(order.len());
        for ((slot, person), position) in
            slots.chunks_exact_mut(slot_length).zip(&order).zip(0u32..)
        {
            let tag = match person {
                Some(person) => {
                    seal_slot(person, slot_nonce(nonce, position), slot)?;
                    person.secrets.tag
                }
                None => {
                    let (tag, bytes) = padding.next()?.split_first_chunk::<32>()?;
                    slot.copy_from_slice(bytes);
                    Tag(*tag)
                }
            };
            places.push(PlaceLeaf {
                tag,
                slot: Hash::of(slot),
            });
        }
        Some((slots, slot_length, places))
    }

    /// People and padding, shuffled (Fisher-Yates), so that a place says nothing about who has it.
    fn order(&self, seed: &EntrySeed) -> Option<Vec<Option<&PersonPart<'_>>>> {
        let places = self.people.len().next_power_of_two().max(FEWEST_PLACES);
        let mut order: Vec<_> = self.people.iter().map(Some).collect();
        order.resize(places, None);
        let lots = seed.stream(b"order", places * 8)?;
        let (lots, _) = lots.as_chunks::<8>();
        for (last, lot) in (1..places).rev().zip(lots) {
            // The bias of the remainder is below 2^-47 for the largest number of places.
            let other = (u64::from_be_bytes(*lot) % (last as u64 + 1)) as usize;
            order.swap(last, other);
        }
        Some(order)
    }
}

fn seal_slot(person: &PersonPart<'_>, nonce: [u8; 12], slot: &mut [u8]) -> Option<()> {
    let (length, rest) = slot.split_first_chunk_mut::<2>()?;
    *length = u16::try_from(person.slot.len()).ok()?.to_be_bytes();
    rest.get_mut(..person.slot.len())?
        .copy_from_slice(person.slot);
    person.secrets.slot_key.seal(nonce, slot)
}

impl IntentDraft<'_> {
    /// Seals the draft into a record. `seed` must be fresh, as ever.
    pub fn seal(
        &self,
        ledger_key: &LedgerKey,
        seed: EntrySeed,
        key: IdempotencyKey,
    ) -> Result<Record, SealError> {
        self.0.seal_as(Kind::Intent, ledger_key, &seed, key)
    }
}

impl OutcomeDraft<'_> {
    /// Seals the draft into a record without tags. `seed` must be fresh, as ever.
    pub fn seal(
        &self,
        ledger_key: &LedgerKey,
        seed: EntrySeed,
        key: IdempotencyKey,
    ) -> Result<Record, SealError> {
        limit("bytes of the common part", self.common.len(), MOST_COMMON)?;
        let nonce = seed.nonce();
        let common = seal_common(ledger_key, &nonce, self.common).ok_or(SealError::Cipher)?;
        let details = encode_details(&common, &[], 0);
        let header = Header {
            kind: Kind::Outcome,
            minute: self.minute,
            partner: self.partner,
            operation: self.operation,
            register_position: self.register_position,
            ledger_position: self.ledger_position,
            nonce,
        };
        let mut entry = header.encode();
        entry.extend_from_slice(&self.intent.to_be_bytes());
        entry.extend_from_slice(&self.leaf.0);
        entry.extend_from_slice(&self.ending.codes());
        entry.extend_from_slice(&Hash::of(&details).0);
        Ok(Record {
            entry,
            tags: Vec::new(),
            details,
            key,
        })
    }
}

impl RefusalsDraft<'_> {
    /// Seals the draft into a record without blobs. `seed` must be fresh, as ever.
    pub fn seal(&self, seed: EntrySeed, key: IdempotencyKey) -> Result<Record, SealError> {
        limit("reasons", self.counts.len(), MOST_REASONS)?;
        let ascending = self.counts.is_sorted_by(|(a, _), (b, _)| a < b);
        if self.counts.is_empty() || !ascending || self.counts.iter().any(|(_, count)| *count == 0)
        {
            return Err(SealError::Counts);
        }
        let header = Header {
            kind: Kind::Refusals,
            minute: self.minute,
            partner: self.partner,
            operation: self.operation,
            register_position: self.register_position,
            ledger_position: self.ledger_position,
            nonce: seed.nonce(),
        };
        let mut entry = header.encode();
        entry.extend_from_slice(&(self.counts.len() as u16).to_be_bytes());
        for (code, count) in self.counts {
            entry.extend_from_slice(&code.to_be_bytes());
            entry.extend_from_slice(&count.to_be_bytes());
        }
        Ok(Record {
            entry,
            tags: Vec::new(),
            details: Vec::new(),
            key,
        })
    }
}

fn limit(what: &'static str, found: usize, limit: usize) -> Result<(), SealError> {
    if found <= limit {
        Ok(())
    } else {
        Err(SealError::TooMany { what, found, limit })
    }
}
