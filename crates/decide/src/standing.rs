//! What changes seldom and is read by every question: partners, agreements, promises, notices, policy.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::agreement::{AgreementVersion, Policy};
use crate::ids::{AgreementId, NoticeHash, PartnerId, PromiseId, Purpose};
use crate::power::{Power, PowerId};
use crate::promise::{Form, Promise};
use crate::time::Time;

/// All of it, as one value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub(crate) policy: Option<Policy>,
    pub(crate) partners: BTreeSet<PartnerId>,
    /// In the order in which they were first offered.
    pub(crate) agreements: Vec<Agreement>,
    pub(crate) notices: BTreeSet<NoticeHash>,
    pub(crate) promises: Vec<Promised>,
    /// The latest moment at which a partner handed a power back.
    pub(crate) handed_back: Vec<(PartnerId, PowerId, Time)>,
}

/// An agreement with all its versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Agreement {
    pub(crate) id: AgreementId,
    pub(crate) partner: PartnerId,
    /// Version n at index n - 1.
    pub(crate) versions: Vec<Version>,
    pub(crate) suspended: bool,
    pub(crate) ended: bool,
}

/// A version with its signatures and its powers' ids.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) offer: AgreementVersion,
    pub(crate) ids: Vec<PowerId>,
    /// When each side signed first.
    pub(crate) by_platform: Option<Time>,
    pub(crate) by_partner: Option<Time>,
    /// Powers that had lapsed when a new policy came. They stay so: a longer limit does not bring them back.
    pub(crate) lapsed: BTreeSet<PowerId>,
}

/// A promise and what it becomes when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Promised {
    pub(crate) id: PromiseId,
    /// From when what holds; `None`: nothing any more. In the order in which it was announced.
    pub(crate) stages: Vec<(Time, Option<Promise>)>,
}

impl Version {
    /// From when both have signed.
    pub(crate) fn signed(&self) -> Option<Time> {
        Some(self.by_platform?.max(self.by_partner?))
    }

    /// From when it can govern: signed by both, and its term begun.
    pub(crate) fn governs_from(&self) -> Option<Time> {
        Some(self.signed()?.max(self.offer.term.from))
    }

    pub(crate) fn powers(&self) -> impl Iterator<Item = (&Power, PowerId)> {
        self.offer.powers.iter().zip(self.ids.iter().copied())
    }
}

impl Agreement {
    /// The version that governs at this moment, if any has been signed by both and has begun.
    pub(crate) fn governing(&self, at: Time) -> Option<&Version> {
        self.versions
            .iter()
            .rfind(|version| version.governs_from().is_some_and(|from| from <= at))
    }

    /// Whether nothing of it can ever be used again without a new version.
    pub(crate) fn over(&self, at: Time) -> bool {
        self.ended
            || self
                .versions
                .iter()
                .all(|version| version.offer.term.until <= at)
    }
}

impl Promised {
    /// What holds at this moment, with its form resolved in time.
    pub(crate) fn in_force(&self, at: Time) -> Option<&Promise> {
        let (since, promise) = self.stages.iter().rfind(|(from, _)| *from <= at)?;
        let promise = promise.as_ref()?;
        let holds = match promise.form {
            Form::Absolute | Form::UnlessConsented => true,
            Form::Dated { from, until } => {
                from.unwrap_or(*since) <= at && until.is_none_or(|until| at < until)
            }
            Form::NotJudgeable => false,
        };
        holds.then_some(promise)
    }
}

impl Standing {
    pub(crate) fn agreement(&self, id: &AgreementId) -> Option<&Agreement> {
        self.agreements.iter().find(|agreement| agreement.id == *id)
    }

    pub(crate) fn agreement_mut(&mut self, id: &AgreementId) -> Option<&mut Agreement> {
        self.agreements
            .iter_mut()
            .find(|agreement| agreement.id == *id)
    }

    /// Whether Global Privacy Control objects to the purpose for every reach.
    pub(crate) fn is_advertising(&self, purpose: &Purpose) -> bool {
        let named = |policy: &Policy| policy.advertising.contains(purpose);
        purpose.is_advertising() || self.policy.as_ref().is_some_and(named)
    }

    /// A power of the partner's, from whatever version ever had it.
    pub(crate) fn power(&self, partner: &PartnerId, id: PowerId) -> Option<&Power> {
        let theirs = self
            .agreements
            .iter()
            .filter(|agreement| agreement.partner == *partner);
        theirs
            .flat_map(|agreement| &agreement.versions)
            .flat_map(Version::powers)
            .find_map(|(power, its)| (its == id).then_some(power))
    }

    pub(crate) fn handed_back(&self, partner: &PartnerId, id: PowerId) -> Option<Time> {
        self.handed_back
            .iter()
            .find_map(|(p, i, at)| (p == partner && *i == id).then_some(*at))
    }

    /// The promises in force.
    pub(crate) fn promises(&self, at: Time) -> impl Iterator<Item = (&PromiseId, &Promise)> {
        self.promises
            .iter()
            .filter_map(move |promised| Some((&promised.id, promised.in_force(at)?)))
    }
}
