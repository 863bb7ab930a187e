//! A route: all that can be said about one category through one reach before looking at any person.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::agreement::{Digest, Policy};
use crate::bar::Bar;
use crate::column::Bits;
use crate::facts::{Facts, Grant, Linked};
use crate::ids::{Category, PartnerId, PersonNo, PromiseId, Purpose};
use crate::power::{Frequency, LegalBasis, Power, PowerId, Reach, Verb};
use crate::promise::{Form, Promise};
use crate::question::{Asker, Behalf};
use crate::reason::{MissingFact, Reason};
use crate::standing::{Agreement, Standing, Version};
use crate::time::{Days, Now, Time};
use crate::way::{Link, Through};

/// What one category through one reach would come to, whoever the people are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Why nobody's datum can pass; empty: it depends on the people.
    pub reasons: Vec<Reason>,
    /// The power that would be used, if any agreement has one.
    pub power: Option<PowerId>,
    /// Its frequency, if limited: reserve a use before asking the rule.
    pub frequency: Option<Frequency>,
}

/// Whether anything could pass, before the platform's API is called. Says nothing about any person, and grants nothing.
#[must_use]
pub fn preview(
    facts: &Facts,
    asker: &Asker,
    pairs: &[(Category, Reach)],
    now: Now,
) -> Vec<Preview> {
    let shut = |reason| Preview {
        reasons: vec![reason],
        power: None,
        frequency: None,
    };
    match World::at(facts, asker, now) {
        Err(reason) => pairs.iter().map(|_| shut(reason.clone())).collect(),
        Ok(world) => {
            let look = |(category, reach): &(Category, Reach)| {
                let route = world.route(category, reach);
                let mut reasons = route.reasons;
                // Which use it is will be known once it is reserved.
                reasons.retain(|reason| *reason != Reason::Missing(MissingFact::Use));
                Preview {
                    reasons,
                    power: route.power,
                    frequency: route.frequency,
                }
            };
            pairs.iter().map(look).collect()
        }
    }
}

impl Facts {
    /// The promises in force that cover something of what an operation can show, whoever is in it: those that forbid it,
    /// and those under which everybody has to have consented. Not whether one of them kept anything back: that depends on
    /// people.
    #[must_use]
    pub fn promises_over(
        &self,
        asker: &Asker,
        pairs: &[(Category, Reach)],
        at: Time,
    ) -> Vec<PromiseId> {
        let standing = self.standing();
        let covers = |promise: &Promise| {
            pairs.iter().any(|(category, reach)| {
                let (partner, purpose) = (&asker.partner, &asker.purpose);
                promise
                    .scope
                    .covers(partner, asker.verb, category, reach, purpose)
            })
        };
        let over = standing.promises(at).filter(|(_, promise)| covers(promise));
        over.map(|(id, _)| id.clone()).collect()
    }
}

/// The facts as one asker meets them at one believed moment.
pub(crate) struct World<'a> {
    facts: &'a Facts,
    asker: &'a Asker,
    standing: Arc<Standing>,
    linked: Option<Linked>,
    at: Time,
}

/// What holds for everybody reached this way, and what is needed to look at each person.
#[derive(Clone)]
pub(crate) struct Route {
    /// Reasons that refuse whoever it is about.
    pub(crate) reasons: Vec<Reason>,
    pub(crate) power: Option<PowerId>,
    /// The document of the version that the power was found in.
    pub(crate) agreement: Option<Digest>,
    pub(crate) frequency: Option<Frequency>,
    pub(crate) window: Option<Days>,
    pub(crate) reach: Reach,
    pub(crate) grant: Option<Arc<Grant>>,
    /// The connection covers the power: the connecting person's own consent.
    pub(crate) covered: bool,
    /// Stands on another basis than consent, accepted by the policy.
    pub(crate) other_basis: bool,
    /// Promises that hold unless everybody consented.
    pub(crate) unless_consented: Vec<PromiseId>,
    /// The bars that can apply, with those who have set them; `None` where somebody else keeps the facts about people.
    pub(crate) bars: Vec<(Bar, Option<Arc<Bits>>)>,
}

impl<'a> World<'a> {
    /// The world at this moment.
    ///
    /// # Errors
    /// The one reason for which nothing at all can be judged.
    pub(crate) fn at(facts: &'a Facts, asker: &'a Asker, now: Now) -> Result<World<'a>, Reason> {
        let at = match now {
            Now::At(at) => believe(at, facts.latest())?,
            Now::WentBack => return Err(Reason::ClockWentBack),
            Now::JumpedAhead => return Err(Reason::ClockJumpedAhead),
        };
        let standing = facts.standing();
        if standing.policy.is_none() {
            return Err(Reason::Missing(MissingFact::Policy));
        }
        let linked = match &asker.behalf {
            Behalf::Connection(id) => facts.linked(id),
            Behalf::Nobody => None,
        };
        Ok(World {
            facts,
            asker,
            standing,
            linked,
            at,
        })
    }

    /// The moment that was believed.
    pub(crate) fn moment(&self) -> Time {
        self.at
    }

    /// The person for whom the partner acts, whatever has become of the connection.
    pub(crate) fn connected(&self) -> Option<PersonNo> {
        self.linked.as_ref().map(|linked| linked.connection.person)
    }

    pub(crate) fn route(&self, category: &Category, reach: &Reach) -> Route {
        let asker = self.asker;
        let act = Act {
            verb: asker.verb,
            category,
            reach,
            purpose: &asker.purpose,
        };
        let found = find(self.facts, &self.standing, &asker.partner, &act, self.at);
        let mut reasons = Vec::new();
        self.judge_agreement(&act, found.as_ref(), &mut reasons);
        let covered =
            self.judge_connection(reach, found.as_ref().map(|found| found.id), &mut reasons);
        let unless_consented = self.judge_promises(&act, &mut reasons);
        reasons.sort();
        reasons.dedup();
        let power = found.as_ref().map(|found| found.power);
        Route {
            reasons,
            power: found.as_ref().map(|found| found.id),
            agreement: found.as_ref().map(|found| found.agreement),
            frequency: power.and_then(|power| power.frequency),
            window: power.and_then(|power| power.window),
            reach: reach.clone(),
            grant: found
                .as_ref()
                .and_then(|found| self.facts.grant(&asker.partner, found.id)),
            covered,
            other_basis: power.is_some_and(|power| power.legal_basis != LegalBasis::Consent),
            unless_consented,
            bars: self.bars(reach),
        }
    }

    /// 1: agreement.
    fn judge_agreement(&self, act: &Act<'_>, found: Option<&Found<'_>>, reasons: &mut Vec<Reason>) {
        let policy = self.standing.policy.as_ref();
        if !self.standing.partners.contains(&self.asker.partner) {
            reasons.push(Reason::UnknownPartner);
        }
        if !policy.is_some_and(|policy| policy.categories.contains(act.category)) {
            reasons.push(Reason::UnknownCategory);
        }
        let Some(found) = found else {
            reasons.push(Reason::NotGranted);
            return;
        };
        reasons.extend(found.reasons.iter().cloned());
        if let Some(frequency) = found.power.frequency {
            reasons.extend(self.judge_use(found.id, frequency));
        }
        if !basis_accepted(policy, found.id, found.power) {
            reasons.push(Reason::BasisNotAccepted);
        }
    }

    /// Uses count from 1, so a 0th is none; of several reserved for one power the furthest counts.
    fn judge_use(&self, power: PowerId, frequency: Frequency) -> Option<Reason> {
        let draws = self.asker.draws.iter().filter(|draw| draw.power == power);
        match draws.map(|draw| draw.ordinal).max() {
            None | Some(0) => Some(Reason::Missing(MissingFact::Use)),
            Some(ordinal) => (ordinal > frequency.times).then_some(Reason::TooOften),
        }
    }

    /// 2: connection. Whether it covers the power, which is then the connecting person's consent.
    fn judge_connection(
        &self,
        reach: &Reach,
        power: Option<PowerId>,
        reasons: &mut Vec<Reason>,
    ) -> bool {
        self.behalf(power).judge(reach, reasons)
    }

    /// How things stand with the connection at this moment.
    fn behalf(&self, power: Option<PowerId>) -> Through {
        if self.asker.behalf == Behalf::Nobody {
            return Through::Nobody;
        }
        let Some(linked) = &self.linked else {
            return Through::Nothing;
        };
        let connection = &linked.connection;
        let today = self.at.day();
        let quiet_after = self
            .standing
            .policy
            .as_ref()
            .map(|policy| policy.connection_quiet_after);
        Through::Connection(Link {
            of_another: connection.partner != self.asker.partner,
            ended: linked.ended || connection.until <= today,
            quiet: quiet_after.is_some_and(|after| linked.quiet(today, after)),
            covers: power.is_some_and(|power| connection.powers.contains(&power)),
        })
    }

    /// 4: promises. Those that refuse everybody become reasons, those that depend on consent are handed back.
    fn judge_promises(&self, act: &Act<'_>, reasons: &mut Vec<Reason>) -> Vec<PromiseId> {
        let mut unless_consented = Vec::new();
        for (id, promise) in self.standing.promises(self.at) {
            let partner = &self.asker.partner;
            if !promise
                .scope
                .covers(partner, act.verb, act.category, act.reach, act.purpose)
            {
                continue;
            }
            if promise.form == Form::UnlessConsented {
                unless_consented.push(id.clone());
            } else {
                reasons.push(Reason::Promised(id.clone()));
            }
        }
        unless_consented
    }

    /// The bars that can cover this reach, of those that anybody has set.
    fn bars(&self, reach: &Reach) -> Vec<(Bar, Option<Arc<Bits>>)> {
        let bars = self.bars_that_cover(reach).into_iter();
        bars.filter_map(|bar| {
            let bits = self.facts.bar(&bar)?;
            Some((bar, Some(bits)))
        })
        .collect()
    }

    /// The bars that would cover this reach, whether or not anybody has set them.
    fn bars_that_cover(&self, reach: &Reach) -> Vec<Bar> {
        let advertising = self.standing.is_advertising(&self.asker.purpose);
        let mut bars = vec![
            Bar::Everything,
            Bar::Through(reach.clone()),
            Bar::Partner(self.asker.partner.clone()),
        ];
        if *reach != Reach::Own || advertising {
            bars.push(Bar::GlobalPrivacyControl);
        }
        bars
    }

    /// The route without anything about people or their connections: those facts are kept elsewhere.
    pub(crate) fn route_without_people(&self, category: &Category, reach: &Reach) -> Route {
        let mut route = self.route(category, reach);
        route.reasons.retain(|reason| {
            !matches!(
                reason,
                Reason::NoConnection | Reason::Missing(MissingFact::Use)
            )
        });
        route.grant = None;
        route.covered = false;
        let bars = self.bars_that_cover(reach).into_iter();
        route.bars = bars.map(|bar| (bar, None)).collect();
        route
    }
}

impl Facts {
    /// A power of the partner's, from whatever version of an agreement ever had it.
    #[must_use]
    pub fn power(&self, partner: &PartnerId, id: PowerId) -> Option<Power> {
        self.standing().power(partner, id).cloned()
    }

    /// Whether somebody's bar stands against what this partner would be told of them by this power. A power that is not
    /// known is covered: nothing passes by it. What lifts Global Privacy Control for one power is not looked at.
    #[must_use]
    pub fn bar_covers(&self, bar: &Bar, partner: &PartnerId, id: PowerId) -> bool {
        let standing = self.standing();
        let Some(power) = standing.power(partner, id) else {
            return true;
        };
        match bar {
            Bar::Everything => true,
            Bar::Through(reach) => *reach == power.reach,
            Bar::Partner(whom) => whom == partner,
            Bar::GlobalPrivacyControl => {
                power.reach != Reach::Own || standing.is_advertising(&power.purpose)
            }
        }
    }
}

/// A step back of the clock behind the last event is clamped if small, and refused if not.
fn believe(at: Time, latest: Option<Time>) -> Result<Time, Reason> {
    let latest = latest.unwrap_or(at);
    if at.0 < latest.0.saturating_sub(crate::time::Watch::CLAMPED_MS) {
        return Err(Reason::ClockWentBack);
    }
    Ok(at.max(latest))
}

/// What is to be done with what, without the people.
struct Act<'a> {
    verb: Verb,
    category: &'a Category,
    reach: &'a Reach,
    purpose: &'a Purpose,
}

/// The power that an agreement has for an act, and why it cannot be used.
struct Found<'s> {
    agreement: Digest,
    power: &'s Power,
    id: PowerId,
    reasons: Vec<Reason>,
}

/// The power for the act: the usable one, or else the one that is nearest to usable, the latest of equals.
fn find<'s>(
    facts: &Facts,
    standing: &'s Standing,
    partner: &PartnerId,
    act: &Act<'_>,
    at: Time,
) -> Option<Found<'s>> {
    let matches = |power: &Power| {
        power.verb == act.verb
            && power.category == *act.category
            && power.reach == *act.reach
            && power.purpose == *act.purpose
    };
    let versions = versions_of(standing, partner);
    let candidates = versions.flat_map(|(agreement, version)| {
        let mine = version.powers().filter(|(power, _)| matches(power));
        mine.map(move |(power, id)| {
            let reasons = standing_of(facts, standing, agreement, version, id, at);
            Found {
                agreement: version.offer.digest,
                power,
                id,
                reasons,
            }
        })
    });
    candidates
        .enumerate()
        .min_by_key(|(n, found)| (found.reasons.len(), Reverse(*n)))
        .map(|(_, found)| found)
}

pub(crate) fn versions_of<'s>(
    standing: &'s Standing,
    partner: &PartnerId,
) -> impl Iterator<Item = (&'s Agreement, &'s Version)> {
    let theirs = standing
        .agreements
        .iter()
        .filter(move |agreement| agreement.partner == *partner);
    theirs.flat_map(|agreement| {
        agreement
            .versions
            .iter()
            .map(move |version| (agreement, version))
    })
}

/// Whether a power stands on consent, or else on a basis that the policy names for this very power, and about whoever
/// connected.
pub(crate) fn basis_accepted(policy: Option<&Policy>, id: PowerId, power: &Power) -> bool {
    let basis = &power.legal_basis;
    let named = policy.is_some_and(|p| p.other_bases.contains(&(id, basis.clone())));
    *basis == LegalBasis::Consent || (named && power.reach == Reach::Own)
}

/// Why a version's power cannot be used at this moment.
pub(crate) fn standing_of(
    facts: &Facts,
    standing: &Standing,
    agreement: &Agreement,
    version: &Version,
    id: PowerId,
    at: Time,
) -> Vec<Reason> {
    let governing = agreement
        .governing(at)
        .map(|governing| governing.offer.version);
    let handed_back = standing.handed_back(&agreement.partner, id);
    let checks = [
        (
            agreement.ended || version.offer.term.until <= at,
            Reason::Ended,
        ),
        (agreement.suspended, Reason::Suspended),
        (version.by_partner.is_none(), Reason::NotSignedByPartner),
        (version.by_platform.is_none(), Reason::NotSignedByPlatform),
        (at < version.offer.term.from, Reason::NotStarted),
        (
            governing.is_some_and(|governing| version.offer.version < governing),
            Reason::Superseded,
        ),
        (
            handed_back.is_some_and(|then| version.signed().is_none_or(|s| s <= then)),
            Reason::HandedBack,
        ),
        (
            lapsed(facts, standing, agreement, version, id, at),
            Reason::Lapsed,
        ),
    ];
    checks
        .into_iter()
        .filter_map(|(applies, reason)| applies.then_some(reason))
        .collect()
}

/// Disuse counts from when the version began to govern, or from the last use, whichever is later.
pub(crate) fn lapsed(
    facts: &Facts,
    standing: &Standing,
    agreement: &Agreement,
    version: &Version,
    id: PowerId,
    at: Time,
) -> bool {
    let (Some(from), Some(policy)) = (version.governs_from(), &standing.policy) else {
        return false;
    };
    if version.lapsed.contains(&id) {
        return true;
    }
    let used = facts.last_used(&agreement.partner, id);
    let since = used.map_or(from.day(), |used| used.max(from.day()));
    at.day().since(since) > policy.power_lapses_after
}

/// Whether a use of the power can count: some version has it, and it has not lapsed there.
pub(crate) fn alive(
    facts: &Facts,
    standing: &Standing,
    partner: &PartnerId,
    power: PowerId,
    at: Time,
) -> bool {
    versions_of(standing, partner).any(|(agreement, version)| {
        version.ids.contains(&power)
            && version.governs_from().is_some_and(|from| from <= at)
            && !lapsed(facts, standing, agreement, version, power, at)
    })
}
