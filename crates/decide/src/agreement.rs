//! Agreements as the rule sees them, and the platform's policy beside them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{AgreementId, Category, PartnerId, Purpose};
use crate::power::{LegalBasis, Power, PowerId, hex_id};
use crate::time::{Days, Time};

/// SHA-256 of an agreement's exact document, byte for byte as both officers signed it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

hex_id!(Digest, "document digest");

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The platform's officer.
    Platform,
    /// The partner's officer: the countersignature. Without it every power in the version is inert.
    Partner,
}

/// What the partner is said to be. It is shown and exported, and changes nothing in the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimedRole {
    /// An organisation of its own.
    ThirdParty,
    /// "An extension of ourselves."
    ServiceProvider,
    /// Decides purposes together with the platform.
    JointController,
}

/// From when to when an agreement may govern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The first moment.
    pub from: Time,
    /// The first moment no longer in the term.
    pub until: Time,
}

/// One version of an agreement: what of its document the rule needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AgreementVersion {
    /// Which agreement.
    pub agreement: AgreementId,
    /// Counts up from 1.
    pub version: u32,
    /// With whom.
    pub partner: PartnerId,
    /// The exact document.
    pub digest: Digest,
    /// What the partner is said to be; without effect on the rule.
    pub claimed_role: ClaimedRole,
    /// From when to when.
    pub term: Term,
    /// What it grants, if signed by both.
    pub powers: Vec<Power>,
}

/// The platform's own settings that the rule obeys. Nothing is decided before one is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policy {
    /// Every category that the platform knows; any other is refused as unknown.
    pub categories: BTreeSet<Category>,
    /// A power unused for more than so many days has lapsed.
    pub power_lapses_after: Days,
    /// A connection whose person did nothing for more than so many days has gone quiet.
    pub connection_quiet_after: Days,
    /// No consent runs longer than this.
    pub consent_at_most: Days,
    /// The platform's own purposes that count as advertising, beside DPV's.
    #[serde(default)]
    pub advertising: BTreeSet<Purpose>,
    /// Powers that may stand on another basis than consent, named in so many words.
    #[serde(default)]
    pub other_bases: BTreeSet<(PowerId, LegalBasis)>,
}
