//! Every reason for which the rule can refuse, each with a name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bar::Bar;
use crate::ids::PromiseId;

/// A fact without which nothing can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingFact {
    /// No policy has been set.
    Policy,
    /// The power is limited in frequency, and the question does not say which use this is.
    Use,
    /// The power is limited to a window, and nobody knows when the datum was made.
    WhenMade,
}

/// Why a datum about a person may not pass. An answer carries all that apply, not the first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The clock stepped back.
    ClockWentBack,
    /// The clock jumped ahead, and no operator has confirmed it.
    ClockJumpedAhead,
    /// A fact is missing.
    Missing(MissingFact),
    /// The datum names nobody: "all of nobody agreed" is not agreement.
    NoPeople,
    /// Somebody is meant who could not be resolved.
    UnresolvedPerson,
    /// A number that the register does not know, or of somebody who has left.
    UnknownPerson,
    /// A category that the platform's policy does not know.
    UnknownCategory,
    /// Reach `own` was claimed for somebody other than the one who connected.
    NotTheirOwn,

    /// 1: the register does not know the partner.
    UnknownPartner,
    /// 1: no agreement with the partner has such a power in any version.
    NotGranted,
    /// 1: the partner's officer has not signed the version that has it.
    NotSignedByPartner,
    /// 1: the platform's officer has not signed the version that has it.
    NotSignedByPlatform,
    /// 1: its term has not begun.
    NotStarted,
    /// 1: the agreement, or its term, has ended.
    Ended,
    /// 1: the agreement is suspended.
    Suspended,
    /// 1: a newer version governs, and it no longer has the power.
    Superseded,
    /// 1: the partner has handed the power back.
    HandedBack,
    /// 1: nobody used the power for longer than the policy allows.
    Lapsed,
    /// 1: used as often as the agreement allows in this span.
    TooOften,
    /// 1: the datum is older than the agreement's window.
    OutsideWindow,
    /// 1: the power stands on a basis other than consent that the policy does not name for it, or that its reach
    /// does not allow.
    BasisNotAccepted,

    /// 2: no such connection, or none where the reach needs one.
    NoConnection,
    /// 2: the connection is with another partner.
    ConnectionOfAnother,
    /// 2: the connection has ended.
    ConnectionEnded,
    /// 2: the connection does not cover the power.
    NotCovered,
    /// 2: the person has done nothing for so long that the connection has gone quiet.
    ConnectionQuiet,

    /// 3: this person has no consent in force to this power of this partner.
    NoConsent,
    /// 3: a standing refusal of this person's.
    Barred(Bar),

    /// 4: a promise in force covers it.
    Promised(PromiseId),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Reason::ClockWentBack => "the clock stepped back",
            Reason::ClockJumpedAhead => "the clock jumped ahead and no operator has confirmed it",
            Reason::Missing(MissingFact::Policy) => "no policy has been set",
            Reason::Missing(MissingFact::Use) => {
                "no use was reserved for a power with a limited frequency"
            }
            Reason::Missing(MissingFact::WhenMade) => "nobody knows when the datum was made",
            Reason::NoPeople => "the datum names nobody",
            Reason::UnresolvedPerson => "somebody in it could not be resolved",
            Reason::UnknownPerson => "somebody in it is not known to the register",
            Reason::UnknownCategory => "the category is not known to the policy",
            Reason::NotTheirOwn => "reach own was claimed for somebody else",
            Reason::UnknownPartner => "the partner is not known",
            Reason::NotGranted => "no agreement grants it",
            Reason::NotSignedByPartner => "the partner has not signed",
            Reason::NotSignedByPlatform => "the platform has not signed",
            Reason::NotStarted => "the agreement has not started",
            Reason::Ended => "the agreement has ended",
            Reason::Suspended => "the agreement is suspended",
            Reason::Superseded => "a newer version no longer grants it",
            Reason::HandedBack => "the partner handed the power back",
            Reason::Lapsed => "the power lapsed from disuse",
            Reason::TooOften => "it was used as often as agreed",
            Reason::OutsideWindow => "the datum is older than agreed",
            Reason::BasisNotAccepted => "the legal basis is not accepted for it",
            Reason::NoConnection => "there is no connection",
            Reason::ConnectionOfAnother => "the connection is with another partner",
            Reason::ConnectionEnded => "the connection has ended",
            Reason::NotCovered => "the connection does not cover it",
            Reason::ConnectionQuiet => "the connection has gone quiet",
            Reason::NoConsent => "not asked, or has not consented",
            Reason::Barred(bar) => return write!(f, "barred ({bar:?})"),
            Reason::Promised(promise) => return write!(f, "promised not to ({promise})"),
        };
        f.write_str(text)
    }
}
