//! The numbers by which the ledger counts reasons of the rule. Final: a number is never given to another reason.

use std::collections::BTreeMap;

use decide::{Decision, MissingFact, Reason};

/// The ledger's number of a reason. Which bar or which promise is not told apart: entries hold no more than they need.
pub(crate) fn code(reason: &Reason) -> u16 {
    match reason {
        Reason::ClockWentBack => 1,
        Reason::ClockJumpedAhead => 2,
        Reason::Missing(MissingFact::Policy) => 3,
        Reason::Missing(MissingFact::Use) => 4,
        Reason::Missing(MissingFact::WhenMade) => 5,
        Reason::NoPeople => 6,
        Reason::UnresolvedPerson => 7,
        Reason::UnknownPerson => 8,
        Reason::UnknownCategory => 9,
        Reason::NotTheirOwn => 10,
        Reason::UnknownPartner => 20,
        Reason::NotGranted => 21,
        Reason::NotSignedByPartner => 22,
        Reason::NotSignedByPlatform => 23,
        Reason::NotStarted => 24,
        Reason::Ended => 25,
        Reason::Suspended => 26,
        Reason::Superseded => 27,
        Reason::HandedBack => 28,
        Reason::Lapsed => 29,
        Reason::TooOften => 30,
        Reason::OutsideWindow => 31,
        Reason::BasisNotAccepted => 32,
        Reason::NoConnection => 40,
        Reason::ConnectionOfAnother => 41,
        Reason::ConnectionEnded => 42,
        Reason::NotCovered => 43,
        Reason::ConnectionQuiet => 44,
        Reason::NoConsent => 50,
        Reason::Barred(_) => 51,
        Reason::Promised(_) => 60,
    }
}

/// How often each reason stood against a datum, by number.
pub(crate) fn tally(decision: &Decision) -> BTreeMap<u16, u32> {
    let mut counts = BTreeMap::new();
    for (reason, count) in decision.tally() {
        let total: &mut u32 = counts.entry(code(reason)).or_default();
        *total = total.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }
    counts
}
