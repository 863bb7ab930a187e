//! Random histories and questions, grown from seeds, one number for one event.
//!
//! A history is a list of numbers: each makes one attempt at an event in the light of what has happened so far, often
//! valid and sometimes not. Taking a number out takes one event out, so a failing history shrinks by trying that
//! ([`shrink`]), and proptest shrinks it the same way.

mod dice;
mod event;
mod question;

use decide::{Happened, Now};

pub use dice::Dice;

use crate::Asked;

/// The numbers of a history: how it begins, its events, and its questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// How it begins.
    pub beginning: u64,
    /// One event each.
    pub events: Vec<u64>,
    /// One question each, asked at the end.
    pub questions: Vec<u64>,
}

impl Seeds {
    /// The history of this number, always the same on every machine.
    #[must_use]
    pub fn of(number: u64) -> Seeds {
        let mut dice = Dice::new(number);
        let longest = if dice.chance(1, 2) { 8 } else { 32 };
        let events = dice.below(longest);
        Seeds {
            beginning: dice.roll(),
            events: (0..events).map(|_| dice.roll()).collect(),
            questions: (0..2).map(|_| dice.roll()).collect(),
        }
    }

    /// How it begins: mostly a platform with people, an agreement, a connection and consents; sometimes nothing.
    #[must_use]
    pub fn beginning(&self) -> Vec<Happened> {
        event::beginning(&mut Dice::new(self.beginning))
    }
}

/// An attempt at the next event.
#[must_use]
pub fn attempt(seed: u64, history: &[Happened]) -> Happened {
    event::attempt(&mut Dice::new(seed), history)
}

/// A question and a clock.
#[must_use]
pub fn question(seed: u64, history: &[Happened]) -> (Asked, Now) {
    question::question(&mut Dice::new(seed), history)
}

/// The smallest seeds found, by leaving out one event or question after another, for which the test still fails.
pub fn shrink(mut seeds: Seeds, fails: impl Fn(&Seeds) -> bool) -> Seeds {
    loop {
        let without = |all: &[u64], n: usize| {
            all.iter()
                .enumerate()
                .filter(|(at, _)| *at != n)
                .map(|(_, seed)| *seed)
                .collect::<Vec<_>>()
        };
        let fewer_events = (0..seeds.events.len()).map(|n| Seeds {
            events: without(&seeds.events, n),
            ..seeds.clone()
        });
        let fewer_questions = (0..seeds.questions.len()).map(|n| Seeds {
            questions: without(&seeds.questions, n),
            ..seeds.clone()
        });
        match fewer_events
            .chain(fewer_questions)
            .find(|fewer| fails(fewer))
        {
            Some(fewer) => seeds = fewer,
            None => return seeds,
        }
    }
}
