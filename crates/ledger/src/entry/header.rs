//! What every entry begins with, in its final byte layout (version 1).

use super::{Bytes, Minute};
use sha2::{Digest, Sha256};

/// The version of the entry form that this program writes.
pub(super) const VERSION: u8 = 1;

/// What an entry records. The codes are final; those reserved for later have no form yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Code 1: data about people may have left to a partner.
    Disclosure,
    /// Code 2: refusals of one partner and operation, counted over one minute. Holds no people.
    Refusals,
    /// Code 3: a write, delete or import that concerns people may have gone upstream.
    Intent,
    /// Code 4: what became of an intent.
    Outcome,
    /// Code 5, reserved: a person was erased.
    Erased,
    /// Code 6, reserved: the root of the index over tags up to a position.
    IndexRoot,
    /// Code 7, reserved: an auditor replayed a range.
    Audited,
}

impl Kind {
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Disclosure => 1,
            Self::Refusals => 2,
            Self::Intent => 3,
            Self::Outcome => 4,
            Self::Erased => 5,
            Self::IndexRoot => 6,
            Self::Audited => 7,
        }
    }

    pub(super) fn from_code(code: u8) -> Option<Self> {
        let all = [
            Self::Disclosure,
            Self::Refusals,
            Self::Intent,
            Self::Outcome,
            Self::Erased,
            Self::IndexRoot,
            Self::Audited,
        ];
        all.into_iter().find(|kind| kind.code() == code)
    }
}

/// Sixteen bytes that stand for a partner, an operation or a promise, whose plain id never enters the log.
///
/// All three are public knowledge, so this is a name for them and not a secret:
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

    /// The digest of a public promise, in the place of an operation: what a promise made the platform refuse is counted
    /// under it, whatever the operation was.
    pub fn of_promise(id: &str) -> Self {
        Self::of("countersign promise v1\n", id)
    }

    fn of(domain: &str, id: &str) -> Self {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(domain)
            .chain_update(id)
            .finalize()
            .into();
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(digest)
            .for_each(|(byte, value)| *byte = value);
        Self(bytes)
    }
}

/// The first 72 bytes of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// What the entry records.
    pub kind: Kind,
    /// When, to the minute. The exact time is in the encrypted details only.
    pub minute: Minute,
    /// Which partner.
    pub partner: Digest16,
    /// By which operation.
    pub operation: Digest16,
    /// The register position R up to which facts were taken into account.
    pub register_position: u64,
    /// The position L of the gateway's own ledger up to which use was counted.
    pub ledger_position: u64,
    /// Random, so that no entry's leaf hash can be guessed from what is known of it.
    pub nonce: [u8; 16],
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, self.kind.code(), 0, 0];
        bytes.extend_from_slice(&self.minute.0.to_be_bytes());
        bytes.extend_from_slice(&self.partner.0);
        bytes.extend_from_slice(&self.operation.0);
        bytes.extend_from_slice(&self.register_position.to_be_bytes());
        bytes.extend_from_slice(&self.ledger_position.to_be_bytes());
        bytes.extend_from_slice(&self.nonce);
        bytes
    }

    /// Reads what follows the first four bytes.
    pub(super) fn decode(kind: Kind, bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            kind,
            minute: Minute(bytes.u32()?),
            partner: Digest16(bytes.array()?),
            operation: Digest16(bytes.array()?),
            register_position: bytes.u64()?,
            ledger_position: bytes.u64()?,
            nonce: bytes.array()?,
        })
    }
}
