//! The rule for whoever keeps the facts about people elsewhere: an audit of somebody else's access logs.
//!
//! There time varies from row to row, and consents lie as spans of time in columns, not as bits of one moment. So the
//! rule is asked in two steps: [`Way::at`] for all that does not depend on people, by the same functions that
//! [`crate::decide`] calls; then [`Way::reasons`] for one person as they stood at that moment, by the same functions
//! again. Whoever asks must find out how the person stood; what follows from it is decided here.

use crate::bar::Bar;
use crate::column::Bits;
use crate::facts::{Facts, read};
use crate::ids::{Category, PartnerId, Purpose};
use crate::power::{Frequency, PowerId, Reach, Verb};
use crate::question::{Asker, Behalf};
use crate::reason::Reason;
use crate::route::{Route, World};
use crate::rule::{Person, spell, weigh};
use crate::time::{Days, Now, Time};

/// A connection as it stands at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Link {
    /// It is with another partner.
    pub of_another: bool,
    /// It has ended: by the person, or by its day.
    pub ended: bool,
    /// Its person has been gone for too long.
    pub quiet: bool,
    /// It names the power that was found ([`Way::power`]).
    pub covers: bool,
}

/// On whose behalf the partner acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Through {
    /// On nobody's (a directory feed).
    Nobody,
    /// On behalf of a connection that does not exist.
    Nothing,
    /// On behalf of the person of this connection.
    Connection(Link),
}

impl Through {
    /// 2: connection. Whether it covers the power, which is then the connecting person's consent.
    pub(crate) fn judge(self, reach: &Reach, reasons: &mut Vec<Reason>) -> bool {
        let link = match self {
            Through::Nobody if *reach == Reach::Directory => return false,
            Through::Nobody | Through::Nothing => {
                reasons.push(Reason::NoConnection);
                return false;
            }
            Through::Connection(link) => link,
        };
        // Two partners can have powers of one id; what was said to one is not said to the other.
        let covered = link.covers && !link.of_another;
        let checks = [
            (link.of_another, Reason::ConnectionOfAnother),
            (link.ended, Reason::ConnectionEnded),
            (link.quiet, Reason::ConnectionQuiet),
            (!covered, Reason::NotCovered),
        ];
        let applying = checks.into_iter().filter(|(applies, _)| *applies);
        reasons.extend(applying.map(|(_, reason)| reason));
        covered
    }
}

/// How one person stood at the moment of an access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and all combinations occur"
)]
pub struct Known {
    /// Known, and had not left.
    pub member: bool,
    /// The one on whose behalf the partner acted.
    pub connected: bool,
    /// Their own consent to [`Way::power`] was in force; a connection is another thing.
    pub consents: bool,
    /// A consent or a connection of theirs to [`Way::power`], with reach `own`, came after their Global Privacy Control.
    pub lifted: bool,
    /// [`Bar::Everything`] stood.
    pub everything: bool,
    /// [`Bar::Through`] the way's reach stood.
    pub through: bool,
    /// [`Bar::Partner`] stood, for the way's partner.
    pub partner: bool,
    /// [`Bar::GlobalPrivacyControl`] stood.
    pub signal: bool,
}

impl Person for Known {
    fn is_member(&self) -> bool {
        self.member
    }

    fn connected(&self) -> bool {
        self.connected
    }

    fn consents(&self) -> bool {
        self.consents
    }

    fn lifted(&self) -> bool {
        self.lifted
    }

    fn barred(&self, bar: &Bar, _: Option<&Bits>) -> bool {
        match bar {
            Bar::Everything => self.everything,
            Bar::Through(_) => self.through,
            Bar::Partner(_) => self.partner,
            Bar::GlobalPrivacyControl => self.signal,
        }
    }
}

/// What one act of one partner comes to at one moment, whoever the people are: agreement and promises are judged.
#[derive(Clone)]
pub struct Way {
    route: Route,
}

impl Way {
    /// Looks at agreements and promises for this act at this moment. Whether a power's frequency allows this use, and
    /// whether the datum lies within its window, is not judged: [`Way::frequency`] and [`Way::window`] say what would
    /// have to be known.
    ///
    /// # Errors
    /// The one reason for which nothing can be judged at this moment.
    pub fn at(
        facts: &Facts,
        partner: &PartnerId,
        (verb, category, reach, purpose): (Verb, &Category, &Reach, &Purpose),
        at: Time,
    ) -> Result<Way, Reason> {
        let _still = read(&facts.writing);
        let asker = Asker {
            partner: partner.clone(),
            behalf: Behalf::Nobody,
            purpose: purpose.clone(),
            verb,
            draws: Vec::new(),
        };
        let world = World::at(facts, &asker, Now::At(at))?;
        let route = world.route_without_people(category, reach);
        Ok(Way { route })
    }

    /// The power that an agreement has for it, if any; a person's consent is asked for this one.
    #[must_use]
    pub fn power(&self) -> Option<PowerId> {
        self.route.power
    }

    /// How often the power may be used, if that is limited.
    #[must_use]
    pub fn frequency(&self) -> Option<Frequency> {
        self.route.frequency
    }

    /// How old the data may be, if that is limited.
    #[must_use]
    pub fn window(&self) -> Option<Days> {
        self.route.window
    }

    /// Whether the power stands on another basis than consent: then a connection is no consent.
    #[must_use]
    pub fn on_other_basis(&self) -> bool {
        self.route.other_basis
    }

    /// What stands against it whoever the people are.
    #[must_use]
    pub fn reasons_for_all(&self) -> &[Reason] {
        &self.route.reasons
    }

    /// What stands against reaching this person, in the order and form in which [`crate::decide`] gives it. `None` for
    /// somebody who could not be resolved.
    #[must_use]
    pub fn reasons(&self, through: Through, person: Option<Known>) -> Vec<Reason> {
        let mut route = self.route.clone();
        route.covered = through.judge(&route.reach, &mut route.reasons);
        match person {
            Some(known) => spell(&route, weigh(&route, &known)),
            None => spell(&route, crate::rule::UNRESOLVED),
        }
    }
}

impl PartialEq for Way {
    /// Whether both give the same answer about everybody.
    fn eq(&self, other: &Way) -> bool {
        let key = |way: &Way| {
            let Route {
                reasons,
                power,
                agreement,
                frequency,
                window,
                reach,
                grant: _,
                covered: _,
                other_basis,
                unless_consented,
                bars,
            } = way.route.clone();
            let bars: Vec<Bar> = bars.into_iter().map(|(bar, _)| bar).collect();
            let limits = (frequency, window, other_basis);
            (
                reasons,
                power,
                agreement,
                limits,
                reach,
                unless_consented,
                bars,
            )
        };
        key(self) == key(other)
    }
}
