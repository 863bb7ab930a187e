//! The details of an entry: a common part for auditors and one slot per person, all encrypted.

use super::key::hmac_sha256;
use super::people::BLOB_START;
use super::{Bytes, PersonSecrets};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use std::fmt;

/// The ledger's own key, under which the common part of details is sealed. Never prints itself.
#[derive(Clone)]
pub struct LedgerKey([u8; 32]);

impl LedgerKey {
    /// A key from 32 random bytes.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the key store. Nothing else should need them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key per entry, so that no number of entries uses up the nonces of one.
    fn of_entry(&self, nonce: &[u8; 16]) -> Option<SlotKey> {
        SlotKey::new(&hmac_sha256(&self.0, &[b"countersign common v1", nonce]))
    }
}

impl fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LedgerKey(secret)")
    }
}

/// A prepared AES-256-GCM key.
pub(super) struct SlotKey(LessSafeKey);

/// What GCM adds to a plaintext.
pub(super) const GCM_TAG: usize = 16;

impl SlotKey {
    pub(super) fn new(bytes: &[u8; 32]) -> Option<Self> {
        Some(Self(LessSafeKey::new(
            UnboundKey::new(&AES_256_GCM, bytes).ok()?,
        )))
    }

    /// Encrypts all but the last 16 bytes in place and puts the tag there.
    pub(super) fn seal(&self, nonce: [u8; 12], slot: &mut [u8]) -> Option<()> {
        let (plain, tag) = slot.split_at_mut_checked(slot.len().checked_sub(GCM_TAG)?)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let made = self
            .0
            .seal_in_place_separate_tag(nonce, Aad::empty(), plain)
            .ok()?;
        tag.copy_from_slice(made.as_ref());
        Some(())
    }

    fn open(&self, nonce: [u8; 12], cipher: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = cipher.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length = self
            .0
            .open_in_place(nonce, Aad::empty(), &mut bytes)
            .ok()?
            .len();
        bytes.truncate(length);
        Some(bytes)
    }
}

/// The nonce of a slot: the entry's first 12 random bytes, the place added to the last four by XOR.
/// Within an entry no two places share it, and a person's key of a month meets few entries.
pub(super) fn slot_nonce(entry_nonce: &[u8; 16], position: u32) -> [u8; 12] {
    let [a, b, c, d, e, f, g, h, i, j, k, l, ..] = *entry_nonce;
    let [w, x, y, z] = position.to_be_bytes();
    [a, b, c, d, e, f, g, h, i ^ w, j ^ x, k ^ y, l ^ z]
}

/// Seals the common part.
pub(super) fn seal_common(
    key: &LedgerKey,
    entry_nonce: &[u8; 16],
    plain: &[u8],
) -> Option<Vec<u8>> {
    let mut bytes = plain.to_vec();
    bytes.resize(plain.len() + GCM_TAG, 0);
    key.of_entry(entry_nonce)?
        .seal(slot_nonce(entry_nonce, 0), &mut bytes)?;
    Some(bytes)
}

/// The blob's bytes.
pub(super) fn encode_details(common: &[u8], slots: &[u8], slot_length: usize) -> Vec<u8> {
    let mut blob = Vec::with_capacity(16 + common.len() + slots.len());
    blob.extend_from_slice(&BLOB_START);
    for number in [
        slots.len().checked_div(slot_length).unwrap_or(0),
        slot_length,
        common.len(),
    ] {
        blob.extend_from_slice(&(number as u32).to_be_bytes());
    }
    blob.extend_from_slice(common);
    blob.extend_from_slice(slots);
    blob
}

/// The details blob of one entry, still encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Details<'a> {
    common: &'a [u8],
    slots: &'a [u8],
    slot_length: usize,
}

impl fmt::Debug for Details<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Details({} slots)", self.places())
    }
}

impl<'a> Details<'a> {
    /// Reads the blob; `None` unless its lengths add up.
    pub fn parse(blob: &'a [u8]) -> Option<Self> {
        let mut bytes = Bytes(blob);
        let start: [u8; 4] = bytes.array()?;
        let [count, slot_length, common] =
            [bytes.u32()?, bytes.u32()?, bytes.u32()?].map(|number| number as usize);
        let common = bytes.take(common)?;
        let slots = bytes.take(count.checked_mul(slot_length)?)?;
        // An outcome concerns whom its intent concerns: it has a common part and no slots.
        let slots_fit = slot_length > GCM_TAG || (count, slot_length) == (0, 0);
        let whole = start == BLOB_START && bytes.0.is_empty() && slots_fit;
        whole.then_some(Self {
            common,
            slots,
            slot_length,
        })
    }

    /// How many slots there are, padding included.
    pub fn places(&self) -> usize {
        self.slots.len().checked_div(self.slot_length).unwrap_or(0)
    }

    /// The ciphertext of one slot; its SHA-256 stands in the person's leaf.
    pub fn slot(&self, position: u32) -> Option<&'a [u8]> {
        let start = (position as usize).checked_mul(self.slot_length)?;
        self.slots.get(start..start.checked_add(self.slot_length)?)
    }

    /// The common part in plain. `None` under another key, or if it was altered.
    pub fn open_common(&self, key: &LedgerKey, entry_nonce: &[u8; 16]) -> Option<Vec<u8>> {
        key.of_entry(entry_nonce)?
            .open(slot_nonce(entry_nonce, 0), self.common)
    }

    /// One person's slot in plain. `None` under another person's key, or once the key is destroyed.
    pub fn open_slot(
        &self,
        position: u32,
        secrets: &PersonSecrets,
        entry_nonce: &[u8; 16],
    ) -> Option<Vec<u8>> {
        let plain = secrets
            .slot_key
            .open(slot_nonce(entry_nonce, position), self.slot(position)?)?;
        let mut bytes = Bytes(&plain);
        let length = bytes.u16()?;
        bytes.take(usize::from(length)).map(<[u8]>::to_vec)
    }
}
