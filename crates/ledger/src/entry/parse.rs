//! Reading entries, and checking that an entry and the blobs beside it belong together.

use super::header::VERSION;
use super::{Bytes, Details, Ending, Header, Kind, Tags};
use crate::Hash;
use thiserror::Error;

/// An entry read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// Data about people may have left.
    Disclosure(Disclosure),
    /// Refusals were counted.
    Refusals(Refusals),
    /// A write, delete or import may have gone upstream.
    Intent(Disclosure),
    /// What became of one.
    Outcome(Outcome),
}

/// A disclosure, or an intent, which has the same form: 168 bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disclosure {
    /// What every entry begins with.
    pub header: Header,
    /// The hash of the agreement version in force.
    pub agreement: Hash,
    /// The root over the people's leaves.
    pub people_root: Hash,
    /// SHA-256 of the details blob, which may be erased.
    pub details: Hash,
}

/// Refusals of one partner and operation in one minute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusals {
    /// What every entry begins with.
    pub header: Header,
    /// How many by reason code, ascending.
    pub counts: Vec<(u16, u32)>,
}

/// What became of an intent: 148 bytes. It has details and no people of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// What every entry begins with.
    pub header: Header,
    /// The place of the intent's entry in this log.
    pub intent: u64,
    /// The leaf hash of that entry.
    pub leaf: Hash,
    /// What became of it, and how that is known.
    pub ending: Ending,
    /// SHA-256 of the details blob, which may be erased.
    pub details: Hash,
}

/// Why bytes are no entry, or blobs are not those of the entry.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EntryError {
    /// Not the layout of its kind.
    #[error("not an entry: {0}")]
    Form(&'static str),
    /// A later form of entry.
    #[error("an entry of version {found}, this program knows {known}; use a newer program")]
    Newer {
        /// The version found.
        found: u8,
        /// The version known.
        known: u8,
    },
    /// A kind whose form is yet to come, or no kind at all.
    #[error("an entry of kind {0}, which this program does not know; use a newer program")]
    Kind(u8),
    /// The tags blob is not one.
    #[error("the tags beside the entry are not readable as such")]
    Tags,
    /// The tags blob is another one.
    #[error("the tags beside the entry have root {found}, the entry says {expected}")]
    PeopleRoot {
        /// The root of what lies there.
        found: Hash,
        /// The root that the entry commits to.
        expected: Hash,
    },
    /// The details blob is another one.
    #[error("the details beside the entry hash to {found}, the entry says {expected}")]
    DetailsHash {
        /// The hash of what lies there.
        found: Hash,
        /// The hash that the entry commits to.
        expected: Hash,
    },
    /// A slot of the details is not the one in its person's leaf.
    #[error("slot {0} of the details is not the one that its leaf commits to")]
    Slot(u32),
    /// An entry without people has blobs.
    #[error(
        "this kind of entry has no tags (refusals have no details either), but some lie beside it"
    )]
    Unexpected,
}

impl Entry {
    /// Reads an entry; every byte has to be accounted for.
    pub fn parse(entry: &[u8]) -> Result<Self, EntryError> {
        let mut bytes = Bytes(entry);
        let [version, code, zero @ ..]: [u8; 4] = bytes
            .array()
            .ok_or(EntryError::Form("shorter than four bytes"))?;
        if version != VERSION {
            return Err(EntryError::Newer {
                found: version,
                known: VERSION,
            });
        }
        if zero != [0, 0] {
            return Err(EntryError::Form("bytes 2 and 3 are not zero"));
        }
        let kind = Kind::from_code(code).ok_or(EntryError::Kind(code))?;
        let short = EntryError::Form("shorter than its kind");
        let header = Header::decode(kind, &mut bytes).ok_or(short)?;
        let parsed = match kind {
            Kind::Disclosure => disclosure(header, &mut bytes).map(Self::Disclosure),
            Kind::Refusals => refusals(header, &mut bytes).map(Self::Refusals),
            Kind::Intent => disclosure(header, &mut bytes).map(Self::Intent),
            Kind::Outcome => outcome(header, &mut bytes).map(Self::Outcome),
            _ => return Err(EntryError::Kind(code)),
        };
        let parsed = parsed.ok_or(EntryError::Form("not the layout of its kind"))?;
        if bytes.0.is_empty() {
            Ok(parsed)
        } else {
            Err(EntryError::Form("longer than its kind"))
        }
    }

    /// What every entry begins with.
    pub fn header(&self) -> &Header {
        match self {
            Self::Disclosure(disclosure) | Self::Intent(disclosure) => &disclosure.header,
            Self::Refusals(refusals) => &refusals.header,
            Self::Outcome(outcome) => &outcome.header,
        }
    }
}

fn disclosure(header: Header, bytes: &mut Bytes<'_>) -> Option<Disclosure> {
    let [agreement, people_root, details] =
        [bytes.array()?, bytes.array()?, bytes.array()?].map(Hash);
    Some(Disclosure {
        header,
        agreement,
        people_root,
        details,
    })
}

fn outcome(header: Header, bytes: &mut Bytes<'_>) -> Option<Outcome> {
    Some(Outcome {
        header,
        intent: bytes.u64()?,
        leaf: Hash(bytes.array()?),
        ending: Ending::from_codes(bytes.array()?)?,
        details: Hash(bytes.array()?),
    })
}

fn refusals(header: Header, bytes: &mut Bytes<'_>) -> Option<Refusals> {
    let count = bytes.u16()?;
    let counts = (0..count)
        .map(|_| Some((bytes.u16()?, bytes.u32()?)))
        .collect::<Option<Vec<_>>>()?;
    let canonical =
        counts.is_sorted_by(|(a, _), (b, _)| a < b) && counts.iter().all(|(_, count)| *count > 0);
    (canonical && count > 0).then_some(Refusals { header, counts })
}

/// What an auditor without secrets checks: the entry is well formed, its people root is that of the
/// tags beside it, its details hash that of the details beside it, and every slot that of its leaf.
pub fn check(entry: &[u8], tags: &[u8], details: &[u8]) -> Result<Entry, EntryError> {
    let entry = Entry::parse(entry)?;
    match &entry {
        Entry::Disclosure(it) | Entry::Intent(it) => check_blobs(it, tags, details)?,
        Entry::Outcome(outcome) if tags.is_empty() => check_outcome(outcome, details)?,
        Entry::Refusals(_) if tags.is_empty() && details.is_empty() => {}
        Entry::Refusals(_) | Entry::Outcome(_) => return Err(EntryError::Unexpected),
    }
    Ok(entry)
}

fn check_outcome(outcome: &Outcome, details: &[u8]) -> Result<(), EntryError> {
    check_details(outcome.details, details)?;
    match Details::parse(details) {
        Some(details) if details.places() == 0 => Ok(()),
        _ => Err(EntryError::Form(
            "the details of an outcome have a common part and no slots",
        )),
    }
}

fn check_details(expected: Hash, details: &[u8]) -> Result<(), EntryError> {
    let found = Hash::of(details);
    if found == expected {
        Ok(())
    } else {
        Err(EntryError::DetailsHash { found, expected })
    }
}

fn check_blobs(disclosure: &Disclosure, tags: &[u8], details: &[u8]) -> Result<(), EntryError> {
    let tags = Tags::parse(tags).ok_or(EntryError::Tags)?;
    let (found, expected) = (tags.root(), disclosure.people_root);
    if found != expected {
        return Err(EntryError::PeopleRoot { found, expected });
    }
    check_details(disclosure.details, details)?;
    let details =
        Details::parse(details).ok_or(EntryError::Form("the details' lengths do not add up"))?;
    if details.places() != tags.places() {
        return Err(EntryError::Form("as many slots as tags are needed"));
    }
    for position in 0..tags.places() as u32 {
        if details.slot(position).map(Hash::of) != tags.slot(position as usize) {
            return Err(EntryError::Slot(position));
        }
    }
    Ok(())
}
