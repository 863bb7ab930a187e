//! One line of a trail, as small as it can be kept.

use decide::{Digest, PartnerId, PowerId, Purpose};
use ledger::entry::Became;

/// One entry of the ledger that is about the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its place. Not to be shown where the way was through somebody else: it tells the time.
    pub(crate) entry: u64,
    /// When, in minutes since 1970.
    pub(crate) minute: u32,
    /// Which of [`super::Trail::whats`].
    pub(crate) what: u32,
}

/// What an entry says to the person; the same for most of their entries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct What {
    /// To whom. `None`: no partner of this id is known any more.
    pub(crate) partner: Option<PartnerId>,
    /// Under which powers something about this person was in it; empty where the details are erased.
    pub(crate) powers: Vec<PowerId>,
    /// The documents of the agreement versions in which they were found, in the same order.
    pub(crate) agreements: Vec<Digest>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) by: By,
    pub(crate) deed: Deed,
}

/// For whom the partner acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum By {
    /// For the person themselves.
    Themselves,
    /// For somebody else, or nobody can say any more for whom: told to the day, and only when the day is over.
    Another,
    /// For nobody.
    Nobody,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Deed {
    /// Data may have left.
    Disclosed,
    /// Something was to be written, deleted or handed in; what became of it, once that is known.
    Intended(Option<Became>),
}

impl Deed {
    /// Whether it is certain that nothing was done.
    pub(crate) fn was_refused(self) -> bool {
        self == Self::Intended(Some(Became::Refused))
    }

    /// Whether a later entry can say more about it.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Intended(None | Some(Became::Unknown)))
    }
}

/// Minutes of a day.
pub(crate) const DAY: u32 = 24 * 60;

impl What {
    /// Whether a row may be told at this minute: what went through somebody else only when its day is over, so that
    /// looking again and again does not tell the hour.
    pub(crate) fn is_told(&self, row: &Row, now: u32) -> bool {
        match self.by {
            By::Themselves | By::Nobody => true,
            By::Another => row.minute / DAY < now / DAY,
        }
    }
}
