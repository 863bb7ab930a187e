//! Public promises, compiled to prohibitions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{Category, PartnerId, PromiseId, Purpose};
use crate::power::{Power, Reach, Verb};
use crate::time::Time;

/// What a promise says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Form {
    /// What it covers does not happen.
    Absolute,
    /// What it covers does not happen unless every person concerned has consented. A legal basis other than consent
    /// does not count as consent here.
    UnlessConsented,
    /// Absolute between two moments.
    Dated {
        /// The first moment; `None`: from when it was made.
        from: Option<Time>,
        /// The first moment no longer covered; `None`: no end.
        until: Option<Time>,
    },
    /// Nobody can judge it ("you have complete control"). Listed, never counted as enforced.
    NotJudgeable,
}

/// What a promise covers. A set that is left out covers everything of its kind; an empty set is not the same and covers
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scope {
    /// Which verbs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verbs: Option<BTreeSet<Verb>>,
    /// Which categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<BTreeSet<Category>>,
    /// Which reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaches: Option<BTreeSet<Reach>>,
    /// Which purposes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purposes: Option<BTreeSet<Purpose>>,
    /// Which partners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partners: Option<BTreeSet<PartnerId>>,
}

impl Scope {
    /// Whether a power of this partner's falls under it, whatever its form says about when and for whom.
    #[must_use]
    pub fn names(&self, partner: &PartnerId, power: &Power) -> bool {
        let Power {
            verb,
            category,
            reach,
            purpose,
            ..
        } = power;
        self.covers(partner, *verb, category, reach, purpose)
    }
}

/// A public statement by the platform that no agreement, person in the company or label can override.
///
/// Wording, date and address live in the register's document; the rule needs form and scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Promise {
    /// Its id.
    pub promise: PromiseId,
    /// Its form.
    pub form: Form,
    /// What it covers.
    pub scope: Scope,
}

impl Scope {
    /// Whether this act falls under the promise.
    pub(crate) fn covers(
        &self,
        partner: &PartnerId,
        verb: Verb,
        category: &Category,
        reach: &Reach,
        purpose: &Purpose,
    ) -> bool {
        named(&self.partners, partner)
            && named(&self.verbs, &verb)
            && named(&self.categories, category)
            && named(&self.reaches, reach)
            && named(&self.purposes, purpose)
    }
}

fn named<T: Ord>(set: &Option<BTreeSet<T>>, it: &T) -> bool {
    set.as_ref().is_none_or(|set| set.contains(it))
}
