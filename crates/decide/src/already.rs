//! Which events would change nothing, so that nobody fills the register by taking away what is gone.

use crate::event::Event;
use crate::facts::{Facts, read};
use crate::ids::{PartnerId, PersonNo};
use crate::power::PowerId;
use crate::route::versions_of;

impl Facts {
    /// Whether something is taken away that is gone already, or a bar lifted that does not stand: applying the event would
    /// then change no answer, now or later.
    ///
    /// Not to be misread: `false` says nothing. It is also the answer for every event that takes nothing away, and for one
    /// that [`Facts::check`] refuses; ask that first.
    #[must_use]
    pub fn already(&self, event: &Event) -> bool {
        match event {
            Event::ConsentWithdrawn {
                person,
                partner,
                power,
            } => !self.is_given(*person, partner, *power),
            Event::BarSet { person, bar } => self.bar(bar).is_some_and(|bits| bits.has(*person)),
            Event::BarLifted { person, bar } => {
                !self.bar(bar).is_some_and(|bits| bits.has(*person))
            }
            Event::Disconnected { connection } => {
                self.linked(connection).is_some_and(|linked| linked.ended)
            }
            Event::AgreementSuspended { agreement } => {
                let standing = self.standing();
                let known = standing.agreement(agreement);
                known.is_some_and(|known| known.suspended)
            }
            Event::PowerHandedBack { partner, power } => self.is_handed_back(partner, *power),
            _ => false,
        }
    }

    /// Whether anything of the person's is there that withdrawing would clear: a consent, also one that has expired; the
    /// mark by which a consent outweighs their signal; or the power in a connection of theirs, also in one that is over.
    fn is_given(&self, person: PersonNo, partner: &PartnerId, power: PowerId) -> bool {
        let said = |grant: &crate::facts::Grant| {
            grant.consents.is_kept(person) || grant.lifted.has(person)
        };
        if self.grant(partner, power).is_some_and(|grant| said(&grant)) {
            return true;
        }
        read(&self.connections).of(person).any(|linked| {
            let connection = &linked.connection;
            connection.partner == *partner && connection.powers.contains(&power)
        })
    }

    /// Whether the partner has handed the power back, and no version that both have signed since grants it again.
    fn is_handed_back(&self, partner: &PartnerId, power: PowerId) -> bool {
        let standing = self.standing();
        let Some(then) = standing.handed_back(partner, power) else {
            return false;
        };
        let mut versions = versions_of(&standing, partner);
        !versions.any(|(_, version)| {
            version.ids.contains(&power) && version.signed().is_some_and(|signed| then < signed)
        })
    }
}
