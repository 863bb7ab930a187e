//! A person's random key and all that is derived from it.

use super::time::Period;
use crate::Hash;
use aws_lc_rs::hmac;
use std::fmt;

/// A person's key: 32 bytes drawn at random, never derived, so that it can be destroyed.
///
/// Destroying it makes that person's details unreadable and their tags nobody's. Never prints itself.
#[derive(Clone)]
pub struct PersonKey([u8; 32]);

/// The half of a person's key from which their tags come. The person may have it, to look for
/// entries about them, without being able to read anybody's details.
#[derive(Clone)]
pub struct TagKey([u8; 32]);

/// The 16 random bytes or more that open an enrolment commitment together with the key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EnrolmentSalt(pub [u8; 32]);

/// What goes into the register at enrolment: it fixes the person's key without showing it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EnrolmentCommitment(pub Hash);

/// What stands for one person in one month's entries: HMAC of the month under their tag key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tag(pub [u8; 32]);

impl PersonKey {
    /// A key from 32 random bytes that the caller draws for this person alone.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the key store. Nothing else should need them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The half that makes tags.
    pub fn tag_key(&self) -> TagKey {
        TagKey(hmac_sha256(&self.0, &[b"countersign tag key v1"]))
    }

    /// The key under which this person's slots of one month are sealed.
    pub(super) fn details_key(&self, period: Period) -> [u8; 32] {
        let details = hmac_sha256(&self.0, &[b"countersign details key v1"]);
        hmac_sha256(
            &details,
            &[b"countersign details period v1", &period.0.to_be_bytes()],
        )
    }

    /// SHA-256(domain ‖ key ‖ salt): what the register keeps of this key at enrolment.
    pub fn commitment(&self, salt: EnrolmentSalt) -> EnrolmentCommitment {
        let mut bytes = b"countersign enrolment v1\n".to_vec();
        bytes.extend_from_slice(&self.0);
        bytes.extend_from_slice(&salt.0);
        EnrolmentCommitment(Hash::of(&bytes))
    }
}

impl EnrolmentCommitment {
    /// Whether this key and salt open the commitment.
    pub fn opens_with(&self, key: &PersonKey, salt: EnrolmentSalt) -> bool {
        key.commitment(salt) == *self
    }
}

impl TagKey {
    /// The person's tag in one month.
    pub fn tag(&self, period: Period) -> Tag {
        Tag(hmac_sha256(
            &self.0,
            &[b"countersign tag v1", &period.0.to_be_bytes()],
        ))
    }

    /// The bytes, to be handed to the person it belongs to.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for PersonKey {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl Drop for TagKey {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonKey(secret)")
    }
}

impl fmt::Debug for TagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TagKey(secret)")
    }
}

impl fmt::Debug for EnrolmentSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolmentSalt(secret)")
    }
}

/// Overwrites a secret that is going away; `black_box` keeps the write from being optimised out.
/// Best effort: copies that the compiler made on the way are not reached.
fn wipe(secret: &mut [u8; 32]) {
    secret.fill(0);
    std::hint::black_box(secret);
}

/// HMAC-SHA256 over the parts in order.
pub(super) fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}
