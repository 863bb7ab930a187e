//! The rule.
//!
//! A datum passes only if a live agreement signed by both sides grants the power, the connection covers it, every
//! person in it has consented and has no bar, and no promise covers it.

use crate::answer::{Decision, NO_POWER};
use crate::bar::Bar;
use crate::column::Bits;
use crate::facts::{Facts, read};
use crate::ids::PersonNo;
use crate::power::Reach;
use crate::question::{Datum, Question, Subject, Who};
use crate::reason::{MissingFact, Reason};
use crate::route::{Route, World};
use crate::time::{Day, Now, Time, Watch};

/// Decides about a whole list of data at once, with every reason for each person because of whom something is refused.
///
/// Pure: the same facts, question and time give the same answer. It cannot fail; what cannot be judged is refused.
#[must_use]
pub fn decide(facts: &Facts, question: &Question<'_>, now: Now) -> Decision {
    let _still = read(&facts.writing);
    let revocations = facts.revocations();
    let position = facts.position();
    let mut judge = Judge::new(question, position, revocations);
    match World::at(facts, question.asker, now) {
        Err(reason) => judge.refuse_all(question, &reason),
        Ok(world) => {
            judge.decision.at = Some(world.moment());
            for datum in question.data {
                judge.judge(facts, &world, question, datum);
            }
        }
    }
    judge.decision
}

/// What a person can have against a datum, as bits; bars follow from [`FIRST_BAR`] on, in the route's order.
pub(crate) const UNRESOLVED: u32 = 1;
const UNKNOWN: u32 = 1 << 1;
const NOT_THEIR_OWN: u32 = 1 << 2;
const NO_CONSENT: u32 = 1 << 3;
const PROMISED: u32 = 1 << 4;
const TOO_OLD: u32 = 1 << 5;
const AGE_UNKNOWN: u32 = 1 << 6;
const FIRST_BAR: u32 = 7;

struct Judge {
    decision: Decision,
    /// Routes already looked at, by category and reach index.
    routes: Vec<Option<Met>>,
    reaches: usize,
}

/// A route that was looked at, with what every further person reached by it shares.
struct Met {
    route: Route,
    /// Where its power stands in [`Decision::powers`].
    power: u16,
    /// Lists of reasons already made, by what the person has against it. Few: people differ in few ways.
    made: Vec<(u32, u32)>,
}

impl Judge {
    fn new(question: &Question<'_>, position: u64, revocations: u64) -> Judge {
        let routes = question
            .categories
            .len()
            .saturating_mul(question.reaches.len());
        Judge {
            decision: Decision {
                sets: vec![Vec::new()],
                of_data: Vec::with_capacity(question.data.len()),
                starts: Vec::with_capacity(question.data.len()),
                of_people: Vec::with_capacity(question.data.len()),
                passes: Vec::with_capacity(question.data.len()),
                by_power: Vec::with_capacity(question.data.len()),
                powers: Vec::new(),
                agreements: Vec::new(),
                position,
                revocations,
                at: None,
            },
            routes: std::iter::repeat_with(|| None).take(routes).collect(),
            reaches: question.reaches.len(),
        }
    }

    fn refuse_all(&mut self, question: &Question<'_>, reason: &Reason) {
        for datum in question.data {
            let against = self.make(vec![reason.clone()]);
            self.open(against);
            for _ in question.people(datum).unwrap_or_default() {
                self.note_person(0, NO_POWER);
            }
            self.decision.passes.push(false);
        }
    }

    fn judge(&mut self, facts: &Facts, world: &World<'_>, question: &Question<'_>, datum: &Datum) {
        let people = question.people(datum).unwrap_or_default();
        if people.is_empty() {
            let against = self.make(vec![Reason::NoPeople]);
            self.open(against);
            self.decision.passes.push(false);
            return;
        }
        self.open(0);
        let mut passes = true;
        for subject in people {
            let (against, power) = self.judge_person(facts, world, question, datum, *subject);
            passes &= against == 0;
            self.note_person(against, power);
        }
        self.decision.passes.push(passes);
    }

    /// The list of reasons that stands against the datum because of this person, and the power that was found.
    fn judge_person(
        &mut self,
        facts: &Facts,
        world: &World<'_>,
        question: &Question<'_>,
        datum: &Datum,
        subject: Subject,
    ) -> (u32, u16) {
        let Some(category) = question.categories.get(usize::from(datum.category)) else {
            return (self.make(vec![Reason::UnknownCategory]), NO_POWER);
        };
        let Some(reach) = question.reaches.get(usize::from(subject.reach)) else {
            return (self.make(vec![Reason::UnresolvedPerson]), NO_POWER);
        };
        let at = usize::from(datum.category)
            .saturating_mul(self.reaches)
            .saturating_add(usize::from(subject.reach));
        let Some(slot) = self.routes.get_mut(at) else {
            return (self.make(vec![Reason::UnknownCategory]), NO_POWER);
        };
        let met = slot.get_or_insert_with(|| {
            let route = world.route(category, reach);
            let power = number_of(&mut self.decision, &route);
            Met {
                route,
                power,
                made: Vec::new(),
            }
        });
        let against = against(facts, world, &met.route, datum, subject);
        if against == 0 && met.route.reasons.is_empty() {
            return (0, met.power);
        }
        if let Some((_, set)) = met.made.iter().find(|(known, _)| *known == against) {
            return (*set, met.power);
        }
        let set = intern(&mut self.decision.sets, spell(&met.route, against));
        met.made.push((against, set));
        (set, met.power)
    }

    fn open(&mut self, against: u32) {
        self.decision.starts.push(self.decision.of_people.len());
        self.decision.of_data.push(against);
    }

    fn note_person(&mut self, against: u32, power: u16) {
        self.decision.of_people.push(against);
        self.decision.by_power.push(power);
    }

    fn make(&mut self, reasons: Vec<Reason>) -> u32 {
        intern(&mut self.decision.sets, reasons)
    }
}

/// The number of a list of reasons, one for equal lists.
fn intern(sets: &mut Vec<Vec<Reason>>, reasons: Vec<Reason>) -> u32 {
    let known = sets.iter().position(|set| *set == reasons);
    let number = known.unwrap_or_else(|| {
        sets.push(reasons);
        sets.len().saturating_sub(1)
    });
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The number of the route's power in the decision, given out when it is first met.
fn number_of(decision: &mut Decision, route: &Route) -> u16 {
    let (Some(id), Some(agreement)) = (route.power, route.agreement) else {
        return NO_POWER;
    };
    let known = decision.powers.iter().position(|power| *power == id);
    let number = known.unwrap_or_else(|| {
        decision.powers.push(id);
        decision.agreements.push(agreement);
        decision.powers.len().saturating_sub(1)
    });
    u16::try_from(number).unwrap_or(NO_POWER)
}

/// 3: consent and bars, and what else depends on the person or the datum.
fn against(
    facts: &Facts,
    world: &World<'_>,
    route: &Route,
    datum: &Datum,
    subject: Subject,
) -> u32 {
    let too_old = age(route, datum, world.moment());
    let Who::Known(person) = subject.who else {
        return UNRESOLVED | too_old;
    };
    let at_hand = AtHand {
        facts,
        route,
        person,
        connected: world.connected() == Some(person),
        today: world.moment().day(),
    };
    too_old | weigh(route, &at_hand)
}

/// What is known about one person at the moment of the question: by the facts, or by whoever keeps them elsewhere.
pub(crate) trait Person {
    /// Known, and has not left.
    fn is_member(&self) -> bool;
    /// The one on whose behalf the partner acts.
    fn connected(&self) -> bool;
    /// Their own word to the route's power is in force; a connection is not asked.
    fn consents(&self) -> bool;
    /// An explicit `own` consent to the route's power came after their Global Privacy Control.
    fn lifted(&self) -> bool;
    /// They have set the bar.
    fn barred(&self, bar: &Bar, set_by: Option<&Bits>) -> bool;
}

/// A person as the facts know them.
struct AtHand<'a> {
    facts: &'a Facts,
    route: &'a Route,
    person: PersonNo,
    connected: bool,
    today: Day,
}

impl Person for AtHand<'_> {
    fn is_member(&self) -> bool {
        self.facts.is_member(self.person)
    }

    fn connected(&self) -> bool {
        self.connected
    }

    fn consents(&self) -> bool {
        let grant = self.route.grant.as_ref();
        grant.is_some_and(|grant| grant.consents.hold(self.person, self.today))
    }

    fn lifted(&self) -> bool {
        let grant = self.route.grant.as_ref();
        grant.is_some_and(|grant| grant.lifted.has(self.person))
    }

    fn barred(&self, _: &Bar, set_by: Option<&Bits>) -> bool {
        // Facts that are kept elsewhere are not these: who has set it is not known then.
        set_by.is_none_or(|set_by| set_by.has(self.person))
    }
}

/// What a resolved person has against a datum reached by this route.
pub(crate) fn weigh(route: &Route, person: &impl Person) -> u32 {
    let mut against = 0;
    if !person.is_member() {
        against |= UNKNOWN;
    }
    if route.reach == Reach::Own && !person.connected() {
        against |= NOT_THEIR_OWN;
    }
    if !consents(route, person) {
        if !route.other_basis {
            against |= NO_CONSENT;
        }
        if !route.unless_consented.is_empty() {
            against |= PROMISED;
        }
    }
    for ((bar, set_by), bit) in route.bars.iter().zip(FIRST_BAR..) {
        if person.barred(bar, set_by.as_deref()) && !lifted(bar, person) {
            against |= 1 << bit;
        }
    }
    against
}

/// For the one who connected, the connection's consent counts; for everybody else only their own. That a connection
/// covers a power which stands on another basis is no consent: nobody could have refused it.
fn consents(route: &Route, person: &impl Person) -> bool {
    if person.connected() && !route.other_basis {
        return route.covered;
    }
    person.consents()
}

fn lifted(bar: &Bar, person: &impl Person) -> bool {
    *bar == Bar::GlobalPrivacyControl && person.lifted()
}

fn age(route: &Route, datum: &Datum, at: Time) -> u32 {
    match (route.window, datum.made) {
        (None, _) => 0,
        (Some(_), None) => AGE_UNKNOWN,
        (Some(window), Some(made)) if made < at.minus(window) => TOO_OLD,
        // From so far ahead that our own clock would not be believed: nobody knows when it was made.
        (Some(_), Some(made)) if made.0 > at.0.saturating_add(Watch::LEAP_MS) => AGE_UNKNOWN,
        (Some(_), Some(_)) => 0,
    }
}

/// The reasons behind the bits, with those of the route.
pub(crate) fn spell(route: &Route, against: u32) -> Vec<Reason> {
    let own = [
        (UNRESOLVED, Reason::UnresolvedPerson),
        (UNKNOWN, Reason::UnknownPerson),
        (NOT_THEIR_OWN, Reason::NotTheirOwn),
        (NO_CONSENT, Reason::NoConsent),
        (TOO_OLD, Reason::OutsideWindow),
        (AGE_UNKNOWN, Reason::Missing(MissingFact::WhenMade)),
    ];
    let mut reasons = route.reasons.clone();
    reasons.extend(
        own.into_iter()
            .filter(|(bit, _)| against & bit != 0)
            .map(|(_, reason)| reason),
    );
    if against & PROMISED != 0 {
        reasons.extend(route.unless_consented.iter().cloned().map(Reason::Promised));
    }
    for ((bar, _), bit) in route.bars.iter().zip(FIRST_BAR..) {
        if against & (1 << bit) != 0 {
            reasons.push(Reason::Barred(bar.clone()));
        }
    }
    reasons.sort();
    reasons.dedup();
    reasons
}
