//! The powers that a partner asks for, as `authorization_details` (RFC 9396): of one exact version of one agreement.
//!
//! What the agreement does not grant is refused when the request is pushed, before any person sees anything, and looked
//! at again when the person answers. Whether a power can be used is asked of the rule itself, not read a second time.

use std::collections::BTreeSet;

use decide::{
    AgreementId, Asker, Behalf, Category, Connection, Digest, Now, PartnerId, Power, PowerId,
    Preview, Purpose, Reach, Reason, Time, Verb,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::GrantFault;
use crate::gateway::Gateway;
use crate::paper;

/// The one type of authorization details that this server knows.
pub(crate) const TYPE: &str = "countersign_powers";

/// How many powers one request may name.
const MOST: usize = 64;

/// Powers that a partner wants, found in the version that it named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Which agreement.
    pub(crate) agreement: AgreementId,
    /// Which version of it.
    pub(crate) version: u32,
    /// That version's document.
    pub(crate) digest: Digest,
    /// Which powers, each once.
    pub(crate) powers: BTreeSet<PowerId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Element {
    #[serde(rename = "type")]
    _kind: Kind,
    agreement: AgreementId,
    version: u32,
    digest: Option<Digest>,
    powers: Vec<Named>,
}

#[derive(Deserialize)]
enum Kind {
    #[serde(rename = "countersign_powers")]
    Powers,
}

/// A power by its id, or by what it is: an agreement grants no two powers of the same four words.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Id(PowerId),
    Words(Words),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    verb: Verb,
    category: Category,
    reach: Reach,
    purpose: Purpose,
}

impl Named {
    fn names(&self, power: &Power) -> bool {
        match self {
            Self::Id(id) => power.id() == *id,
            Self::Words(words) => {
                words.verb == power.verb
                    && words.category == power.category
                    && words.reach == power.reach
                    && words.purpose == power.purpose
            }
        }
    }
}

impl Wanted {
    /// Reads what a partner asks for, and finds it in the agreement.
    pub(crate) fn read(
        gateway: &Gateway,
        partner: &PartnerId,
        text: &str,
        now: Time,
    ) -> Result<Self, GrantFault> {
        let array: Vec<Value> = serde_json::from_str(text).map_err(|_| GrantFault::DetailsForm)?;
        let [element] = array.as_slice() else {
            return Err(GrantFault::DetailsForm);
        };
        if element.get("type").and_then(Value::as_str) != Some(TYPE) {
            return Err(GrantFault::DetailsType);
        }
        let element: Element =
            serde_json::from_value(element.clone()).map_err(|_| GrantFault::DetailsForm)?;
        let wanted = element.find(gateway, partner, now)?;
        wanted.check(gateway, partner, now)?;
        Ok(wanted)
    }

    /// Whether the version still governs and every power of it could be used, whoever the people are.
    pub(crate) fn check(
        &self,
        gateway: &Gateway,
        partner: &PartnerId,
        now: Time,
    ) -> Result<(), GrantFault> {
        let facts = gateway.register.facts();
        if facts.governing(&self.agreement, now) != Some(self.version) {
            return Err(GrantFault::DetailsVersion);
        }
        let powers = powers_of(gateway, self);
        for power in powers {
            let preview = look(gateway, partner, &Behalf::Nobody, &power, now);
            let against = |reason: &Reason| *reason != Reason::NoConnection;
            if preview.power != Some(power.id()) || preview.reasons.iter().any(against) {
                return Err(GrantFault::DetailsNotNow);
            }
        }
        Ok(())
    }
}

impl Element {
    fn find(self, gateway: &Gateway, partner: &PartnerId, now: Time) -> Result<Wanted, GrantFault> {
        let book = gateway.register.book();
        // Another partner's agreement and one that does not exist sound the same.
        let offered = book
            .version(&self.agreement, self.version)
            .filter(|offered| offered.offer.partner == *partner)
            .ok_or(GrantFault::DetailsVersion)?;
        if gateway.register.facts().governing(&self.agreement, now) != Some(self.version) {
            return Err(GrantFault::DetailsVersion);
        }
        let digest = offered.offer.digest;
        if self.digest.is_some_and(|claimed| claimed != digest) {
            return Err(GrantFault::DetailsVersion);
        }
        if self.powers.is_empty() || self.powers.len() > MOST {
            return Err(GrantFault::DetailsForm);
        }
        let mut powers = BTreeSet::new();
        for named in &self.powers {
            let mut granted = offered.offer.powers.iter();
            let power = granted.find(|power| named.names(power));
            let power = power.ok_or(GrantFault::DetailsPower)?;
            if !powers.insert(power.id()) {
                return Err(GrantFault::DetailsForm);
            }
        }
        Ok(Wanted {
            agreement: self.agreement,
            version: self.version,
            digest,
            powers,
        })
    }
}

/// The powers themselves, as the version's document defines them.
pub(crate) fn powers_of(gateway: &Gateway, wanted: &Wanted) -> Vec<Power> {
    let book = gateway.register.book();
    let offered = book.version(&wanted.agreement, wanted.version);
    let all = offered.map_or(&[][..], |offered| &offered.offer.powers);
    let asked = all
        .iter()
        .filter(|power| wanted.powers.contains(&power.id()));
    asked.cloned().collect()
}

/// What a connection's powers are for.
pub(crate) fn purposes(gateway: &Gateway, connection: &Connection) -> BTreeSet<Purpose> {
    let book = gateway.register.book();
    let offered = book.agreements.values().flatten();
    let theirs = offered.filter(|offered| offered.offer.partner == connection.partner);
    let powers = theirs.flat_map(|offered| &offered.offer.powers);
    let covered = powers.filter(|power| connection.powers.contains(&power.id()));
    covered.map(|power| power.purpose.clone()).collect()
}

/// What could pass now by a token for this purpose, as authorization details: asked of the rule, as of this moment. What
/// a person's own bars would refuse is not looked at, so nothing about them can be learned here.
pub(crate) fn usable(
    gateway: &Gateway,
    partner: &PartnerId,
    behalf: &Behalf,
    purpose: &Purpose,
    now: Time,
) -> Vec<Value> {
    let book = gateway.register.book();
    let facts = gateway.register.facts();
    let theirs =
        paper::governing(&book, facts, now).filter(|offered| offered.offer.partner == *partner);
    let details = theirs.filter_map(|offered| {
        let offer = &offered.offer;
        let for_it = offer
            .powers
            .iter()
            .filter(|power| power.purpose == *purpose);
        let passing = for_it.filter(|power| {
            let preview = look(gateway, partner, behalf, power, now);
            preview.power == Some(power.id()) && preview.reasons.is_empty()
        });
        let passing: Vec<PowerId> = passing.map(Power::id).collect();
        (!passing.is_empty())
            .then(|| detail(&offer.agreement, offer.version, offer.digest, &passing))
    });
    details.collect()
}

fn detail(agreement: &AgreementId, version: u32, digest: Digest, powers: &[PowerId]) -> Value {
    json!({ "type": TYPE, "agreement": agreement, "version": version, "digest": digest, "powers": powers })
}

/// What one power of a partner's would come to now, whoever the people are.
pub(crate) fn look(
    gateway: &Gateway,
    partner: &PartnerId,
    behalf: &Behalf,
    power: &Power,
    now: Time,
) -> Preview {
    let asker = Asker {
        partner: partner.clone(),
        behalf: behalf.clone(),
        purpose: power.purpose.clone(),
        verb: power.verb,
        draws: Vec::new(),
    };
    let pair = [(power.category.clone(), power.reach.clone())];
    let looked = decide::preview(gateway.register.facts(), &asker, &pair, Now::At(now));
    looked.into_iter().next().unwrap_or(Preview {
        reasons: vec![Reason::NotGranted],
        power: None,
        frequency: None,
    })
}
