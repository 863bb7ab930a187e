//! One finding: what stands against how many accesses of one partner under one power.

use std::fmt;

use decide::{Category, Day, PartnerId, PowerId, PromiseId, Purpose, Reach, Reason, Time, Verb};
use serde::{Deserialize, Serialize};

/// What is wrong. One access can have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// No agreement with the partner governs at all.
    NoAgreement,
    /// An agreement grants it, and the partner's officer has not signed.
    NotSignedByPartner,
    /// An agreement grants it, and the platform's own officer has not signed.
    NotSignedByPlatform,
    /// Before the agreement's term.
    BeforeStart,
    /// After the end: of the agreement, of its term, of the version that had the power, or after the partner handed
    /// the power back.
    AfterEnd,
    /// While the agreement was suspended.
    WhileSuspended,
    /// The partner has an agreement, and it does not reach so far: another verb, category, reach or purpose, older
    /// data, more often, or on a legal basis that is not accepted.
    WiderThanSigned,
    /// A power that had lapsed from disuse was used.
    LapsedUsed,
    /// A power was granted, signed by both, and never used in the time that the logs cover. Has no accesses.
    NeverUsed,
    /// The person on whose behalf the partner acted had not agreed, or no longer.
    PersonNotAsked,
    /// Somebody else in the answer had not agreed, or no longer.
    BystanderNotAsked,
    /// Somebody in the answer had refused for good, and it was ignored.
    BarIgnored,
    /// A public promise was broken; [`Finding::words`] says which.
    PromiseBroken,
    /// The partner went on asking for a person who had been gone for longer than the policy allows.
    QuietPolled,
    /// Data about somebody whom the list of people does not know, or who had left.
    PersonUnknown,
}

impl Kind {
    /// All of them, in the order in which reports list them.
    pub const ALL: [Kind; 15] = [
        Kind::NoAgreement,
        Kind::NotSignedByPartner,
        Kind::NotSignedByPlatform,
        Kind::BeforeStart,
        Kind::AfterEnd,
        Kind::WhileSuspended,
        Kind::WiderThanSigned,
        Kind::LapsedUsed,
        Kind::NeverUsed,
        Kind::PersonNotAsked,
        Kind::BystanderNotAsked,
        Kind::BarIgnored,
        Kind::PromiseBroken,
        Kind::QuietPolled,
        Kind::PersonUnknown,
    ];

    /// A heading for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Kind::NoAgreement => "no agreement",
            Kind::NotSignedByPartner => "not signed by the partner",
            Kind::NotSignedByPlatform => "not signed by the platform",
            Kind::BeforeStart => "before the agreement began",
            Kind::AfterEnd => "after the end",
            Kind::WhileSuspended => "while suspended",
            Kind::WiderThanSigned => "wider than signed",
            Kind::LapsedUsed => "a lapsed power used",
            Kind::NeverUsed => "granted and never used",
            Kind::PersonNotAsked => "the person not asked",
            Kind::BystanderNotAsked => "a bystander not asked",
            Kind::BarIgnored => "a bar ignored",
            Kind::PromiseBroken => "a promise broken",
            Kind::QuietPolled => "asked for people who had gone quiet",
            Kind::PersonUnknown => "a person not known, or gone",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// What a partner did: a power without its limits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What is done.
    pub verb: Verb,
    /// With what kind of data.
    pub category: Category,
    /// Of whom.
    pub reach: Reach,
    /// What for.
    pub purpose: Purpose,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Act {
            verb,
            category,
            reach,
            purpose,
        } = self;
        write!(f, "{verb} {category} through {reach} for {purpose}")
    }
}

/// A promise's words, beside what broke it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Which promise.
    pub promise: PromiseId,
    /// The day on which it was made in public.
    pub made: Day,
    /// What it says, in the words of its document: a summary, not a quotation.
    pub summary: String,
    /// Where it can be read.
    pub address: String,
}

/// What stands against the accesses of one partner under one power.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Finding {
    /// What is wrong.
    pub kind: Kind,
    /// Whose access it was.
    pub partner: PartnerId,
    /// What was done.
    pub act: Act,
    /// The powers of agreements that were found for it over the time; empty where no agreement has any. Several when
    /// a later version changed its limits.
    pub powers: Vec<PowerId>,
    /// The rule's own reasons behind it, in its order.
    pub reasons: Vec<Reason>,
    /// Rows of the logs.
    pub accesses: u64,
    /// Different people whom it concerns: those who were not asked, or who had refused; otherwise all whose data left.
    /// 0 where nobody could be named.
    pub people: u64,
    /// The first of these accesses; `None` for [`Kind::NeverUsed`].
    pub first: Option<Time>,
    /// The last.
    pub last: Option<Time>,
    /// For [`Kind::PromiseBroken`]: what was promised. One finding a promise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
}
