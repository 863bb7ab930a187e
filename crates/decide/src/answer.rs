//! The answer: which data may pass, and every reason for each person because of whom one may not.

use std::collections::{BTreeMap, BTreeSet};

use crate::agreement::Digest;
use crate::ids::PersonNo;
use crate::power::PowerId;
use crate::question::{Question, Who};
use crate::reason::Reason;
use crate::time::Time;

/// The rule's answer to one question.
///
/// Only [`crate::decide`] makes one. Reasons are shared: a list of thousands with three different fates holds three
/// lists of reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// All distinct lists of reasons; the first is empty: "nothing stands against it".
    pub(crate) sets: Vec<Vec<Reason>>,
    /// For each datum: what stands against it whoever its people are.
    pub(crate) of_data: Vec<u32>,
    /// For each datum, where its people begin in `of_people`.
    pub(crate) starts: Vec<usize>,
    /// For each person of each datum, in order: what stands against it because of them.
    pub(crate) of_people: Vec<u32>,
    /// For each datum, whether it passes.
    pub(crate) passes: Vec<bool>,
    /// For each person of each datum: the power under which they are reached, as an index into `powers`.
    pub(crate) by_power: Vec<u16>,
    /// The powers that were found for any of it.
    pub(crate) powers: Vec<PowerId>,
    /// For each of them, the document of the agreement version it was found in.
    pub(crate) agreements: Vec<Digest>,
    /// The register position up to which facts were folded.
    pub(crate) position: u64,
    /// [`crate::Facts::revocations`] before anything was read.
    pub(crate) revocations: u64,
    /// The moment that was believed; `None` where the clock was not.
    pub(crate) at: Option<Time>,
}

/// Index into [`Decision::powers`] for "no power found".
pub(crate) const NO_POWER: u16 = u16::MAX;

/// A person about whom something may leave, by which powers: what the ledger records of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// Who.
    pub person: PersonNo,
    /// By which powers, as bits over [`Decision::powers`]; the last bit stands for all beyond the 64th.
    pub powers: u64,
}

impl Decision {
    /// Whether the datum may pass. A datum that was not asked about may not.
    #[must_use]
    pub fn passes(&self, datum: usize) -> bool {
        self.passes.get(datum).copied().unwrap_or(false)
    }

    /// How many data pass.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.passes.iter().filter(|passes| **passes).count()
    }

    /// How many data were asked about.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.passes.len()
    }

    /// What stands against the datum whoever it is about.
    #[must_use]
    pub fn reasons(&self, datum: usize) -> &[Reason] {
        self.of_data.get(datum).map_or(&[], |set| self.set(*set))
    }

    /// What stands against the datum because of its `nth` person.
    #[must_use]
    pub fn reasons_of_person(&self, datum: usize, nth: usize) -> &[Reason] {
        let at = self
            .starts
            .get(datum)
            .and_then(|start| start.checked_add(nth));
        let within = at.filter(|at| {
            self.starts
                .get(datum.saturating_add(1))
                .is_none_or(|end| at < end)
        });
        within
            .and_then(|at| self.of_people.get(at))
            .map_or(&[], |set| self.set(*set))
    }

    /// How many pairs of datum and person each reason stood against; a pair with several counts for each.
    #[must_use]
    pub fn tally(&self) -> BTreeMap<&Reason, u64> {
        let mut uses = vec![0u64; self.sets.len()];
        for set in self.of_data.iter().chain(&self.of_people) {
            if let Some(count) = uses.get_mut(*set as usize) {
                *count = count.saturating_add(1);
            }
        }
        let mut tally = BTreeMap::new();
        for (set, count) in self.sets.iter().zip(uses) {
            for reason in set {
                let total: &mut u64 = tally.entry(reason).or_default();
                *total = total.saturating_add(count);
            }
        }
        tally
    }

    /// The powers that were found, as [`Concern::powers`] numbers them.
    #[must_use]
    pub fn powers(&self) -> &[PowerId] {
        &self.powers
    }

    /// For each of [`Decision::powers`], the exact document of the agreement version it was found in.
    #[must_use]
    pub fn agreements(&self) -> &[Digest] {
        &self.agreements
    }

    /// The powers by which something passed, each once.
    #[must_use]
    pub fn powers_that_passed(&self) -> BTreeSet<PowerId> {
        let ends = self
            .starts
            .iter()
            .skip(1)
            .copied()
            .chain([self.by_power.len()]);
        let spans = self
            .starts
            .iter()
            .zip(ends)
            .zip(&self.passes)
            .filter(|(_, passes)| **passes);
        let mut used = vec![false; self.powers.len()];
        for number in
            spans.flat_map(|((start, end), _)| self.by_power.get(*start..end).unwrap_or_default())
        {
            if let Some(used) = used.get_mut(usize::from(*number)) {
                *used = true;
            }
        }
        let used = self.powers.iter().zip(used).filter(|(_, used)| *used);
        used.map(|(power, _)| *power).collect()
    }

    /// Everybody whose own consent is all that was missing: for each datum against which nothing else stood, those who
    /// have not given it, each with the power that it would take. Each pair once, in rising order.
    ///
    /// A promise that holds unless everybody consented counts as want of consent. One that holds whatever anybody says is
    /// not told apart from it here: [`crate::preview`] tells, before anybody is asked for what could not pass.
    #[must_use]
    pub fn lacking_consent(&self, question: &Question<'_>) -> Vec<(PersonNo, PowerId)> {
        let is_want = |reason: &Reason| matches!(reason, Reason::NoConsent | Reason::Promised(_));
        let only: Vec<bool> = self
            .sets
            .iter()
            .map(|set| set.contains(&Reason::NoConsent) && set.iter().all(is_want))
            .collect();
        let wants = |set: u32| only.get(set as usize).copied().unwrap_or(false);
        let mut lacking = Vec::new();
        let data = question.data.iter().zip(&self.starts).zip(&self.of_data);
        for ((datum, start), _) in data.filter(|(_, against)| **against == 0) {
            let people = question.people(datum).unwrap_or_default();
            let sets = self.of_people.iter().skip(*start).take(people.len());
            if !sets.clone().all(|set| *set == 0 || wants(*set)) {
                continue;
            }
            let powers = self.by_power.iter().skip(*start);
            for ((subject, set), power) in people.iter().zip(sets).zip(powers) {
                let power = self.powers.get(usize::from(*power));
                if let (Who::Known(person), true, Some(power)) = (subject.who, wants(*set), power) {
                    lacking.push((person, *power));
                }
            }
        }
        lacking.sort_unstable();
        lacking.dedup();
        lacking
    }

    /// The register position that the answer rests on.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The moment that the answer holds for; `None` when the clock could not be believed.
    #[must_use]
    pub fn at(&self) -> Option<Time> {
        self.at
    }

    /// The state of [`crate::Facts::revocations`] that the answer rests on: if it has changed since, ask again.
    #[must_use]
    pub fn revocations(&self) -> u64 {
        self.revocations
    }

    /// Makes the decision something to hold: the key that the ledger and the reducer ask for.
    #[must_use]
    pub fn permit(self) -> Permit {
        Permit(self)
    }

    fn set(&self, set: u32) -> &[Reason] {
        self.sets.get(set as usize).map_or(&[], Vec::as_slice)
    }
}

/// Leave for exactly the data that passed, and for no other. Only a [`Decision`] becomes one, and only
/// [`crate::decide`] makes those, so holding it proves that the rule was asked.
///
/// It is not yet leave to answer: the ledger comes first.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit(Decision);

impl Permit {
    /// The decision behind it.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.0
    }

    /// Everybody about whom something may leave, each once, in rising order of number.
    #[must_use]
    pub fn concerns(&self, question: &Question<'_>) -> Vec<Concern> {
        let mut concerns: Vec<Concern> = Vec::new();
        for ((datum, start), _) in question
            .data
            .iter()
            .zip(&self.0.starts)
            .zip(&self.0.passes)
            .filter(|(_, passes)| **passes)
        {
            let people = question.people(datum).unwrap_or_default();
            let powers = self.0.by_power.iter().skip(*start);
            for (subject, power) in people.iter().zip(powers) {
                if let Who::Known(person) = subject.who {
                    concerns.push(Concern {
                        person,
                        powers: 1 << u32::from(*power).min(63),
                    });
                }
            }
        }
        concerns.sort_unstable_by_key(|concern| concern.person);
        concerns.dedup_by(|next, kept| {
            let same = next.person == kept.person;
            if same {
                kept.powers |= next.powers;
            }
            same
        });
        concerns
    }
}
