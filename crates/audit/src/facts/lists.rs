//! The lists as they were read, row by row, before they become spans of time.

use std::collections::BTreeSet;

use decide::{Bar, PartnerId, PowerId};

/// No end.
pub(crate) const NEVER: i64 = i64::MAX;

/// A person agreed to one power of one partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConsentRow {
    /// Number of the pair of partner and power in [`Lists::grants`].
    pub grant: u32,
    /// Who.
    pub person: u32,
    /// When, in milliseconds since 1970.
    pub given: i64,
    /// The midnight (UTC) at which it expired; `i64::MAX`: never.
    pub until: i64,
    /// When it was withdrawn; `i64::MAX`: never.
    pub withdrawn: i64,
}

/// A person refused for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BarRow {
    /// Number of the bar in [`Lists::bars`].
    pub bar: u32,
    /// Who.
    pub person: u32,
    /// From when.
    pub set: i64,
    /// When it was lifted; `i64::MAX`: never.
    pub lifted: i64,
}

/// A person connected a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionRow {
    /// Number of the partner in [`Lists::partners`].
    pub partner: u32,
    /// Who.
    pub person: u32,
    /// When.
    pub from: i64,
    /// The midnight (UTC) at which it ended by itself; `i64::MAX`: never.
    pub until: i64,
    /// When the person ended it; `i64::MAX`: never.
    pub ended: i64,
    /// Number of the set of powers in [`Lists::sets`].
    pub powers: u32,
}

/// Everything that was read about people. A list that is `None` was not given, which is not the same as an empty one:
/// what it would have said is not judged then, and counted as open.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Partners, as rows number them.
    pub partners: Vec<PartnerId>,
    /// Pairs of partner and power, as rows number them.
    pub grants: Vec<(PartnerId, PowerId)>,
    /// Bars, as rows number them.
    pub bars: Vec<Bar>,
    /// Sets of powers, as rows number them.
    pub sets: Vec<BTreeSet<PowerId>>,
    /// Who agreed.
    pub consents: Option<Vec<ConsentRow>>,
    /// Who refused.
    pub barred: Option<Vec<BarRow>>,
    /// Who connected.
    pub connections: Option<Vec<ConnectionRow>>,
    /// On which days (since 1970) who did something.
    pub activity: Option<Vec<(u32, i32)>>,
    /// Who was a person of the platform, from when to before when. Not given: whoever is named anywhere.
    pub people: Option<Vec<(u32, i64, i64)>>,
}

/// The number of one in a list of different ones; added if it is new.
pub(crate) fn number<T: PartialEq + Clone>(all: &mut Vec<T>, one: &T) -> u32 {
    let known = all.iter().position(|it| it == one);
    let number = known.unwrap_or_else(|| {
        all.push(one.clone());
        all.len().saturating_sub(1)
    });
    u32::try_from(number).unwrap_or(u32::MAX)
}
