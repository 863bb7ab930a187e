//! A person's own standing refusals.

use serde::{Deserialize, Serialize};

use crate::ids::PartnerId;
use crate::power::Reach;

/// A standing refusal, stronger than any consent. A standing preference can refuse; it can never grant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bar {
    /// Nothing to any partner.
    Everything,
    /// Nothing through this reach ("nothing through friends").
    Through(Reach),
    /// Nothing to this partner.
    Partner(PartnerId),
    /// Global Privacy Control (`Sec-GPC: 1`): every reach but `own`, and every reach for advertising. A later explicit
    /// `own` consent lifts it for that power alone.
    GlobalPrivacyControl,
}
