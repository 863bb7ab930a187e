//! The sealed parts beside an entry: the body first, then one part per person who joins.
//!
//! The entry commits to the root over the parts' hashes and not to the bytes as a whole, so one person's part can be
//! replaced by its hash when they are erased, and the entry still verifies.

use std::fmt;

use ledger::Hash;
use ledger::entry::{EnrolmentCommitment, EnrolmentSalt, PersonKey};
use ledger::tree::Frontier;

use super::Unreadable;
use crate::seal::RegisterKey;

const VERSION: u8 = 1;
const THERE: u8 = 0;
const ERASED: u8 = 1;
const PURPOSE: &str = "countersign register details v1";

/// What is kept of a person at enrolment.
#[derive(Clone)]
pub(crate) struct PersonSlot {
    pub(crate) key: PersonKey,
    pub(crate) salt: EnrolmentSalt,
    /// The platform's own id.
    pub(crate) id: Box<str>,
}

/// A part of the details.
#[derive(Clone, Debug)]
pub(crate) enum Part<T> {
    There(T),
    /// Only the hash of the sealed part is left.
    Erased,
}

/// Details in the clear.
pub(super) struct Opened {
    pub(super) body: Vec<u8>,
    pub(super) slots: Vec<Part<PersonSlot>>,
    pub(super) root: Hash,
}

impl PersonSlot {
    pub(crate) fn commitment(&self) -> EnrolmentCommitment {
        self.key.commitment(self.salt)
    }

    fn to_bytes(&self) -> Vec<u8> {
        [self.key.expose(), &self.salt.0, self.id.as_bytes()].concat()
    }

    fn of_bytes(bytes: &[u8]) -> Option<PersonSlot> {
        let (key, rest) = bytes.split_first_chunk::<32>()?;
        let (salt, id) = rest.split_first_chunk::<32>()?;
        Some(PersonSlot {
            key: PersonKey::from_random(*key),
            salt: EnrolmentSalt(*salt),
            id: std::str::from_utf8(id).ok()?.into(),
        })
    }
}

impl fmt::Debug for PersonSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonSlot(secret)")
    }
}

/// Seals the parts; gives the blob and the root that the entry commits to.
pub(super) fn seal(
    key: &RegisterKey,
    salt: &[u8; 32],
    aad: &[u8],
    body: Vec<u8>,
    slots: &[PersonSlot],
) -> Result<(Vec<u8>, Hash), Unreadable> {
    let sealer = key.sealer(PURPOSE, salt)?;
    let mut blob = vec![VERSION];
    blob.extend(salt);
    let mut tree = Frontier::default();
    let slots = slots.iter().map(PersonSlot::to_bytes);
    for (part, n) in std::iter::once(body).chain(slots).zip(0u64..) {
        let sealed = sealer.seal(n, aad, part)?;
        let length = u32::try_from(sealed.len()).map_err(|_| Unreadable::Form("too long"))?;
        tree.push(Hash::leaf(&sealed));
        blob.push(THERE);
        blob.extend(length.to_be_bytes());
        blob.extend(sealed);
    }
    Ok((blob, tree.root()))
}

/// Opens the parts that are there.
pub(super) fn open(key: &RegisterKey, aad: &[u8], blob: &[u8]) -> Result<Opened, Unreadable> {
    let torn = || Unreadable::Form("torn details");
    let ([VERSION, rest @ ..], _) = (blob, ()) else {
        return Err(Unreadable::Form("details of another version"));
    };
    let (salt, mut rest) = rest.split_first_chunk::<32>().ok_or_else(torn)?;
    let sealer = key.sealer(PURPOSE, salt)?;
    let mut tree = Frontier::default();
    let mut body = None;
    let mut slots = Vec::new();
    for n in 0u64.. {
        let Some((flag, after)) = rest.split_first() else {
            break;
        };
        let (length, after) = after.split_first_chunk::<4>().ok_or_else(torn)?;
        let length = u32::from_be_bytes(*length) as usize;
        let (bytes, after) = after.split_at_checked(length).ok_or_else(torn)?;
        rest = after;
        match (*flag, n) {
            (THERE, 0) => {
                tree.push(Hash::leaf(bytes));
                body = Some(sealer.open(0, aad, bytes.to_vec())?);
            }
            (THERE, n) => {
                tree.push(Hash::leaf(bytes));
                let plain = sealer.open(n, aad, bytes.to_vec())?;
                slots.push(Part::There(PersonSlot::of_bytes(&plain).ok_or_else(torn)?));
            }
            (ERASED, 1..) => {
                tree.push(Hash(bytes.try_into().map_err(|_| torn())?));
                slots.push(Part::Erased);
            }
            _ => return Err(torn()),
        }
    }
    Ok(Opened {
        body: body.ok_or_else(torn)?,
        slots,
        root: tree.root(),
    })
}
