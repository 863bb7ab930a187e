//! Which answers in flight a change of the register concerns.

use decide::{Behalf, Event, Facts, LegalBasis, Now, PersonNo, PowerId, preview};
use register::Change;

use super::Aboard;

/// Whether the change takes away something that this answer was given by. `facts` hold the change already.
///
/// By person and power where a person decided, by partner and power where the partner or the platform did. In doubt it
/// does: an answer too many is waited for at most.
pub(crate) fn is_concerned(by: &Change, aboard: &Aboard, facts: &Facts, now: Now) -> bool {
    match by {
        Change::Fact(event) => by_event(event, aboard, facts, now),
        // A promise can ask for consent where another basis was enough.
        Change::MakePromise { .. } => {
            aboard.rests_on_another_basis(facts) || !aboard.still_granted(facts, now)
        }
        Change::SignAgreement { .. } | Change::SetPolicy { .. } => {
            !aboard.still_granted(facts, now)
        }
        Change::Join { .. }
        | Change::EnrolPartner { .. }
        | Change::PartnerKeys { .. }
        | Change::EnrolOfficer { .. }
        | Change::RotateOfficerKey { .. }
        | Change::RevokeOfficer { .. }
        | Change::OfferAgreement { .. }
        | Change::PublishNotice { .. }
        | Change::RenewConsent { .. }
        | Change::DraftAgreement { .. }
        | Change::ReviewDraft { .. }
        | Change::ProposePromise { .. }
        | Change::AnswerProposal { .. } => false,
    }
}

fn by_event(event: &Event, aboard: &Aboard, facts: &Facts, now: Now) -> bool {
    let partner = &aboard.asker.partner;
    match event {
        Event::ConsentWithdrawn {
            person,
            partner: from,
            power,
        } => from == partner && aboard.has_under(*person, |known| known == *power),
        Event::BarSet { person, bar } => {
            aboard.has_under(*person, |power| facts.bar_covers(bar, partner, power))
        }
        Event::PersonLeft { person } => aboard.has_under(*person, |_| true),
        Event::Disconnected { connection } => {
            matches!(&aboard.asker.behalf, Behalf::Connection(id) if id == connection)
        }
        Event::PowerHandedBack { partner: by, power } => {
            by == partner && aboard.powers(aboard.used()).any(|known| known == *power)
        }
        Event::AgreementSuspended { .. }
        | Event::AgreementEnded { .. }
        | Event::AgreementSigned { .. }
        | Event::PolicySet { .. }
        | Event::PromiseMade { .. } => !aboard.still_granted(facts, now),
        Event::PeopleJoined { .. }
        | Event::PeopleActive { .. }
        | Event::PartnerEnrolled { .. }
        | Event::AgreementOffered { .. }
        | Event::AgreementResumed { .. }
        | Event::PowerUsed { .. }
        | Event::NoticePublished { .. }
        | Event::ConsentGiven { .. }
        | Event::BarLifted { .. }
        | Event::PromiseWeakened { .. }
        | Event::Connected { .. } => false,
    }
}

impl Aboard {
    /// Whether the person is in it by such a power, or it was given on their behalf by one: what a connection no longer
    /// covers it covers for nobody.
    fn has_under(&self, person: PersonNo, is_such: impl Fn(PowerId) -> bool) -> bool {
        if self.me == Some(person) && self.powers(self.used()).any(&is_such) {
            return true;
        }
        let found = self
            .concerns
            .binary_search_by_key(&person, |concern| concern.person);
        let concern = found.ok().and_then(|at| self.concerns.get(at));
        concern.is_some_and(|concern| self.powers(concern.powers).any(is_such))
    }

    /// Whether agreement, connection and promises still allow everything that it was given by.
    fn still_granted(&self, facts: &Facts, now: Now) -> bool {
        let used: Vec<PowerId> = self.powers(self.used()).collect();
        let of = |id: &PowerId| {
            let power = facts.power(&self.asker.partner, *id)?;
            Some((power.category, power.reach))
        };
        let Some(pairs) = used.iter().map(of).collect::<Option<Vec<_>>>() else {
            return false;
        };
        let previews = preview(facts, &self.asker, &pairs, now);
        previews
            .iter()
            .zip(&used)
            .all(|(preview, power)| preview.reasons.is_empty() && preview.power == Some(*power))
    }

    fn rests_on_another_basis(&self, facts: &Facts) -> bool {
        let of = |id| facts.power(&self.asker.partner, id);
        let mut used = self.powers(self.used()).filter_map(of);
        used.any(|power| power.legal_basis != LegalBasis::Consent)
    }

    /// The powers by which somebody is in it, as bits.
    fn used(&self) -> u64 {
        let concerns = self.concerns.iter();
        concerns.fold(0, |used, concern| used | concern.powers)
    }

    /// The powers that these bits stand for. The last bit stands for all from the 64th on.
    fn powers(&self, bits: u64) -> impl Iterator<Item = PowerId> {
        let powers = self.powers.iter().zip(0u32..);
        powers.filter_map(move |(power, n)| (bits >> n.min(63) & 1 == 1).then_some(*power))
    }
}
