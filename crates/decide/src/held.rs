//! How the powers of an agreement's version stand, for whoever shows them: by the same functions by which they are
//! judged, so that no page can say "live" of what the rule refuses.

use crate::agreement::Policy;
use crate::facts::{Facts, read};
use crate::ids::{AgreementId, PartnerId};
use crate::power::{Power, PowerId};
use crate::promise::Form;
use crate::reason::Reason;
use crate::route::{basis_accepted, standing_of};
use crate::standing::{Agreement, Standing, Version};
use crate::time::{Day, Days, Time};

/// One power of one version, at a moment, whoever the people are.
///
/// Not to be misread: a power without a reason against it is live, and still lets nothing pass about anybody who has not
/// agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: PowerId,
    /// What it allows.
    pub power: Power,
    /// Everything that keeps it from being used at this moment, whoever the people are. Empty: it is live.
    pub reasons: Vec<Reason>,
    /// From when it could be used: signed by both, and its term begun. `None` while a signature is missing.
    pub since: Option<Time>,
    /// The last day on which anything passed by it, under whatever version.
    pub used: Option<Day>,
    /// The first day on which it will have lapsed, if nothing passes by it before. `None` where no clock runs: not signed
    /// by both, no policy, or lapsed already under a former policy.
    pub lapses: Option<Day>,
    /// When the partner last handed it back. A later version may have granted it again since.
    pub handed_back: Option<Time>,
}

impl Facts {
    /// The powers of a version, in the document's order, as they stand at this moment. Empty where there is no such
    /// version.
    #[must_use]
    pub fn held(&self, agreement: &AgreementId, version: u32, at: Time) -> Vec<Held> {
        let _still = read(&self.writing);
        let standing = self.standing();
        let Some(agreement) = standing.agreement(agreement) else {
            return Vec::new();
        };
        let mut versions = agreement.versions.iter();
        let Some(version) = versions.find(|it| it.offer.version == version) else {
            return Vec::new();
        };
        let powers = version.powers();
        powers
            .map(|(power, id)| {
                let facts = self;
                Looking {
                    facts,
                    standing: &standing,
                    agreement,
                    version,
                }
                .at(power, id, at)
            })
            .collect()
    }

    /// The same of the version that governs. Empty where none does.
    #[must_use]
    pub fn held_now(&self, agreement: &AgreementId, at: Time) -> Vec<Held> {
        let governing = self.governing(agreement, at);
        governing.map_or_else(Vec::new, |version| self.held(agreement, version, at))
    }
}

/// One version of one agreement, among all facts.
struct Looking<'a> {
    facts: &'a Facts,
    standing: &'a Standing,
    agreement: &'a Agreement,
    version: &'a Version,
}

impl Looking<'_> {
    fn at(&self, power: &Power, id: PowerId, at: Time) -> Held {
        let (standing, partner) = (self.standing, &self.agreement.partner);
        let policy = standing.policy.as_ref();
        let mut reasons = standing_of(self.facts, standing, self.agreement, self.version, id, at);
        if !policy.is_some_and(|policy| policy.categories.contains(&power.category)) {
            reasons.push(Reason::UnknownCategory);
        }
        if !basis_accepted(policy, id, power) {
            reasons.push(Reason::BasisNotAccepted);
        }
        reasons.extend(self.forbidding(power, partner, at));
        reasons.sort();
        reasons.dedup();
        let used = self.facts.last_used(partner, id);
        Held {
            id,
            power: power.clone(),
            reasons,
            since: self.version.governs_from(),
            used,
            lapses: self.lapses(policy, used, id),
            handed_back: standing.handed_back(partner, id),
        }
    }

    /// The promises in force that forbid it to everybody.
    fn forbidding(&self, power: &Power, partner: &PartnerId, at: Time) -> Vec<Reason> {
        let promises = self.standing.promises(at);
        let covering = promises.filter(|(_, promise)| {
            promise.form != Form::UnlessConsented && promise.scope.names(partner, power)
        });
        covering
            .map(|(id, _)| Reason::Promised(id.clone()))
            .collect()
    }

    /// As [`crate::route::lapsed`] counts: so many whole days after the beginning or the last use it still stands.
    fn lapses(&self, policy: Option<&Policy>, used: Option<Day>, id: PowerId) -> Option<Day> {
        let from = self.version.governs_from()?.day();
        if self.version.lapsed.contains(&id) {
            return None;
        }
        let since = used.map_or(from, |used| used.max(from));
        Some(since.plus(policy?.power_lapses_after).plus(Days(1)))
    }
}
