//! An entry of the register in bytes: what stands in the log, beside it, and who can read which.
//!
//! `specs/register-entry.md` has the same for readers of other programs.

mod details;
mod kind;
mod roots;

pub(crate) use details::{Part, PersonSlot};
pub(crate) use kind::Kind;

use decide::{Event, StaffId, Time};
use ledger::entry::{Minute, Tag};
use ledger::{Hash, IdempotencyKey, Record};
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::seal::{RegisterKey, Unsealed};

const MAGIC: &[u8; 4] = b"CSR1";
const HEAD: usize = 74;
/// Public text above this lies in the details; an entry has 65,535 bytes in all.
const PUBLIC_AT_MOST: usize = 60_000;

/// All of an entry in the clear, as the fold takes it.
#[derive(Debug)]
pub(crate) struct Clear {
    pub(crate) body: Body,
    /// Those who join; empty for every other kind.
    pub(crate) joined: Vec<Part<PersonSlot>>,
}

/// What every entry says in its first sealed part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Body {
    /// The exact moment.
    pub(crate) at: Time,
    /// By which a change asked for again under the same idempotency key is told from another one.
    pub(crate) asked: Asked,
    /// What it means for the facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fact: Option<Event>,
    /// What it means for the book; in the entry's public part instead when it has room there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) change: Option<Change>,
    /// Who of the platform's staff did it, where somebody did. Entries of before this was written down have nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<StaffId>,
}

/// The first half of the SHA-256 of a change as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Asked(pub(crate) u128);

/// Whom an entry is about.
#[derive(Debug)]
pub(crate) enum About {
    /// Nobody in particular: its content is public.
    Nobody,
    /// These people, by their tags of the entry's month.
    People(Vec<Tag>),
    /// People who join, with what is kept of each.
    Joining(Vec<PersonSlot>),
}

/// Why an entry could not be read back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("not an entry of this form: {0}")]
    Form(&'static str),
    #[error("an entry of {0}, which this program does not know; use a newer program")]
    Newer(String),
    #[error("its details {0}")]
    Sealed(#[from] Unsealed),
    #[error("its details are not those that the entry commits to")]
    OtherDetails,
    #[error("its content is not of this version: {0}")]
    Json(#[from] serde_json::Error),
}

/// Random bytes for one entry, drawn fresh.
pub(crate) struct Salts {
    /// For the details' key.
    pub(crate) details: [u8; 32],
    /// For the blinds of people's leaves.
    pub(crate) blind: [u8; 32],
}

/// Makes the record of one entry.
pub(crate) fn seal(
    register_key: &RegisterKey,
    salts: &Salts,
    kind: Kind,
    mut body: Body,
    about: &About,
    key: IdempotencyKey,
) -> Result<Record, Unreadable> {
    let minute = u32::try_from(body.at.0.div_euclid(60_000)).map_or(Minute(0), Minute);
    let public = public_part(kind, &mut body, about)?;
    let (people_root, tags) = match about {
        About::Nobody => (Hash([0; 32]), Vec::new()),
        About::People(tags) => roots::of_tags(tags, &salts.blind),
        About::Joining(slots) => roots::of_commitments(slots),
    };
    let no_slots = Vec::new();
    let slots = match about {
        About::Joining(slots) => slots,
        _ => &no_slots,
    };
    let mut entry = MAGIC.to_vec();
    entry.extend([kind.code(), 0]);
    entry.extend(minute.0.to_be_bytes());
    let body = serde_json::to_vec(&body)?;
    let (details, details_root) = details::seal(register_key, &salts.details, &entry, body, slots)?;
    entry.extend(details_root.0);
    entry.extend(people_root.0);
    entry.extend(public);
    Ok(Record {
        entry,
        tags,
        details,
        key,
    })
}

/// Moves what is public out of the body, where it has room.
fn public_part(kind: Kind, body: &mut Body, about: &About) -> Result<Vec<u8>, serde_json::Error> {
    if !matches!(about, About::Nobody) || kind.is_internal() {
        return Ok(Vec::new());
    }
    let public = match (&body.change, &body.fact) {
        (Some(change), _) => serde_json::to_vec(change)?,
        (None, Some(fact)) => serde_json::to_vec(fact)?,
        (None, None) => Vec::new(),
    };
    if public.len() > PUBLIC_AT_MOST {
        let digest = decide::Digest(Hash::of(&public).0);
        return serde_json::to_vec(&serde_json::json!({ "sha-256": digest }));
    }
    body.change = None;
    Ok(public)
}

/// What kind of entry it is, as far as everybody can read it.
pub(crate) fn kind_of(record: &Record) -> Option<Kind> {
    match record.entry.split_first_chunk::<5>()? {
        ([b'C', b'S', b'R', b'1', code], _) => Kind::of_code(*code),
        _ => None,
    }
}

/// Reads an entry back, and checks that its details are those that it commits to.
pub(crate) fn open(register_key: &RegisterKey, record: &Record) -> Result<Clear, Unreadable> {
    let (head, public) = record
        .entry
        .split_at_checked(HEAD)
        .ok_or(Unreadable::Form("shorter than its header"))?;
    let (aad, roots) = head.split_at(10);
    let kind = match aad {
        [b'C', b'S', b'R', b'1', kind, 0, ..] => *kind,
        [b'C', b'S', b'R', found @ b'2'..=b'9', ..] => {
            return Err(Unreadable::Newer(format!("version {}", char::from(*found))));
        }
        _ => return Err(Unreadable::Form("another beginning than CSR1")),
    };
    let kind = Kind::of_code(kind).ok_or_else(|| Unreadable::Newer(format!("kind {kind}")))?;
    let opened = details::open(register_key, aad, &record.details)?;
    if !roots.starts_with(&opened.root.0) {
        return Err(Unreadable::OtherDetails);
    }
    let mut body: Body = serde_json::from_slice(&opened.body)?;
    if kind.is_by_change() && body.change.is_none() {
        body.change = Some(serde_json::from_slice(public)?);
    }
    Ok(Clear {
        body,
        joined: opened.slots,
    })
}

#[cfg(test)]
mod tests;
