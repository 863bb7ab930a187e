//! The fixed part of every entry, in its final byte layout (version 1).

use sha2::{Digest, Sha256};

/// What an entry records. Codes are final; reserved ones are refused until they have a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Data about people may have left to a partner.
    Disclosure,
    /// Refusals of one partner and operation, counted over one minute. Holds no people.
    Refusals,
}

/// Sixteen bytes that stand for a partner or an operation, whose plain id never enters the log.
///
/// Partners and operations are public knowledge, so this is a name for them and not a secret:
/// whoever knows the partner's id can compute it. What it does is keep plain ids out of entries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Digest16(pub [u8; 16]);

impl Digest16 {
    /// The digest of a partner's id.
    pub fn of_partner(id: &str) -> Self {
        Self::of("countersign partner v1\n", id)
    }

    /// The digest of an operation (its OpenAPI operationId).
    pub fn of_operation(id: &str) -> Self {
        Self::of("countersign operation v1\n", id)
    }

    fn of(domain: &str, id: &str) -> Self {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(domain)
            .chain_update(id)
            .finalize()
            .into();
        let (first, _) = digest.split_at(16);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(first);
        Self(bytes)
    }
}
