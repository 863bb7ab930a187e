//! How many people an agreement's powers reach: what a steward sees before a decision.
//!
//! Counted from the facts by the same columns and bars that the rule reads. What the facts do not know (who is whose
//! friend, who is in which thread) is not guessed: see [`Reached::bound`].

use roaring::RoaringBitmap;

use crate::bar::Bar;
use crate::column::Bits;
use crate::facts::{Facts, Grant, Linked, read};
use crate::ids::{AgreementId, PartnerId};
use crate::power::{Power, PowerId, Reach};
use crate::time::{Day, Time};

/// Whom one power of one partner reaches, as far as people's own word goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reached {
    /// The people whose data can leave under it; for reaches through others, if somebody connected can reach them.
    open: RoaringBitmap,
    /// People with a live connection that covers the power.
    pub connected: u64,
    /// People who have agreed to it themselves, whatever bars they have set.
    pub agreed: u64,
    /// Of those who have agreed or connected, the ones whose own bar stands against it.
    pub barred: u64,
    /// Whether the number of those reached is only a bound, because it depends on who is whose friend or in which
    /// thread: exact for reach `own` and for a directory, a bound for every other.
    pub bound: bool,
}

impl Reached {
    /// How many people's data can leave under the power: exactly so many, or at most ([`Reached::bound`]).
    #[must_use]
    pub fn people(&self) -> u64 {
        self.open.len()
    }

    /// How many different people several powers reach together.
    #[must_use]
    pub fn together<'a>(all: impl IntoIterator<Item = &'a Reached>) -> u64 {
        let mut people = RoaringBitmap::new();
        for reached in all {
            people |= &reached.open;
        }
        people.len()
    }
}

/// How an agreement stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    /// The version that governs, if any does.
    pub governing: Option<u32>,
    /// Nothing passes until it is resumed.
    pub suspended: bool,
    /// Ended by somebody, for good.
    pub ended: bool,
    /// Its term, or that of every version, is over.
    pub run_out: bool,
}

impl Stands {
    /// Whether its powers can work now.
    #[must_use]
    pub fn works(self) -> bool {
        self.governing.is_some() && !self.suspended && !self.ended && !self.run_out
    }
}

impl Facts {
    /// How the agreement stands; `None` if it was never offered.
    #[must_use]
    pub fn stands(&self, agreement: &AgreementId, at: Time) -> Option<Stands> {
        let standing = self.standing();
        let agreement = standing.agreement(agreement)?;
        let governing = agreement.governing(at);
        let over = governing.is_some_and(|version| version.offer.term.until <= at);
        Some(Stands {
            governing: governing.map(|version| version.offer.version),
            suspended: agreement.suspended,
            ended: agreement.ended,
            run_out: over || agreement.over(at) && !agreement.ended,
        })
    }

    /// Whom each of these powers reaches, in their order, as people's word stands at this moment. Whether an agreement
    /// grants the power, and whether a promise forbids it, is not asked: that is what is to be decided.
    #[must_use]
    pub fn census(&self, partner: &PartnerId, powers: &[Power], at: Time) -> Vec<Reached> {
        let today = at.day();
        let doors = self.doors(partner, powers, today);
        let each = powers.iter().zip(doors);
        each.map(|(power, door)| self.reached(partner, power, &door, today))
            .collect()
    }

    /// The people whose live connections cover each of the powers, in one walk over all connections.
    fn doors(&self, partner: &PartnerId, powers: &[Power], today: Day) -> Vec<RoaringBitmap> {
        let ids: Vec<PowerId> = powers.iter().map(Power::id).collect();
        let mut doors = vec![RoaringBitmap::new(); ids.len()];
        let standing = self.standing();
        let Some(policy) = &standing.policy else {
            return doors;
        };
        let connections = read(&self.connections);
        let live = |linked: &&Linked| {
            linked.connection.partner == *partner
                && !linked.ended
                && today < linked.connection.until
                && !linked.quiet(today, policy.connection_quiet_after)
        };
        for linked in connections.by_id.values().filter(live) {
            for (id, door) in ids.iter().zip(&mut doors) {
                if linked.connection.powers.contains(id) {
                    door.insert(linked.connection.person.0);
                }
            }
        }
        doors
    }

    fn reached(
        &self,
        partner: &PartnerId,
        power: &Power,
        door: &RoaringBitmap,
        today: Day,
    ) -> Reached {
        let grant = self.grant(partner, power.id());
        let mut agreed = RoaringBitmap::new();
        for (until, people) in grant.iter().flat_map(|grant| grant.consents.image()) {
            if today < until {
                agreed |= people;
            }
        }
        // Only who connects is there as `own`; everybody else is reached by their own word, and through somebody.
        let asked = match power.reach {
            Reach::Own => door,
            _ => &agreed,
        };
        let barred = self.refusing(partner, power, grant.as_deref()) & asked;
        let exact = matches!(power.reach, Reach::Own | Reach::Directory);
        let mut open = RoaringBitmap::new();
        if exact || !door.is_empty() {
            open = but(asked, &barred);
        }
        if !exact && door.len() == 1 {
            // Nobody is their own friend: through themselves alone they are not reached.
            open = but(&open, door);
        }
        Reached {
            open,
            connected: door.len(),
            agreed: agreed.len(),
            barred: barred.len(),
            bound: !exact,
        }
    }

    /// Everybody who has set a bar against the power, and not taken it back for it.
    fn refusing(&self, partner: &PartnerId, power: &Power, grant: Option<&Grant>) -> RoaringBitmap {
        let bars = self.bars_against(partner, power).into_iter();
        bars.fold(RoaringBitmap::new(), |all, (bar, set_by)| {
            let mut people = set_by.members();
            if let (Bar::GlobalPrivacyControl, Some(grant)) = (bar, grant) {
                people = but(&people, &grant.lifted.members());
            }
            all | people
        })
    }

    /// The bars that stand against the power, with who has set them.
    fn bars_against(&self, partner: &PartnerId, power: &Power) -> Vec<(Bar, std::sync::Arc<Bits>)> {
        let objects = power.reach != Reach::Own || self.standing().is_advertising(&power.purpose);
        let mut bars = vec![
            Bar::Everything,
            Bar::Through(power.reach.clone()),
            Bar::Partner(partner.clone()),
        ];
        if objects {
            bars.push(Bar::GlobalPrivacyControl);
        }
        let set = bars.into_iter();
        set.filter_map(|bar| Some((bar.clone(), self.bar(&bar)?)))
            .collect()
    }
}

/// Everybody in the one set who is not in the other.
fn but(all: &RoaringBitmap, others: &RoaringBitmap) -> RoaringBitmap {
    all ^ (all & others)
}
