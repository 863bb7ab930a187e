//! A slow plain model of the rule, written from the design's text and the events' own descriptions.
//!
//! It keeps everything that happened and answers each question by reading through all of it. No columns, no folding, no
//! caches: what is under test is fast, what tests it is plain. It shares nothing with `decide` but the nouns.

mod accept;
mod judge;
mod scan;

use std::collections::BTreeSet;

use decide::{Happened, Now, PowerId, Question, Reason, Time};

/// Everything that happened, in order.
#[derive(Clone, Debug, Default)]
pub struct Model {
    history: Vec<Happened>,
}

/// What the model says to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The moment believed.
    pub at: Option<Time>,
    /// Datum by datum.
    pub data: Vec<Judged>,
}

/// What the model says about one datum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Whether it may pass.
    pub passes: bool,
    /// What stands against it whoever it is about.
    pub reasons: BTreeSet<Reason>,
    /// What stands against it because of each person, in order.
    pub people: Vec<BTreeSet<Reason>>,
    /// The power by which each person is reached, if there is one.
    pub powers: Vec<Option<PowerId>>,
}

impl Model {
    /// All that happened.
    #[must_use]
    pub fn history(&self) -> &[Happened] {
        &self.history
    }

    /// Whether the event can happen after all the others.
    #[must_use]
    pub fn accepts(&self, next: &Happened) -> bool {
        accept::accepts(&self.history, next)
    }

    /// Writes the event down, without asking whether it can be.
    pub fn add(&mut self, next: Happened) {
        self.history.push(next);
    }

    /// The answer.
    #[must_use]
    pub fn answer(&self, question: &Question<'_>, now: Now) -> Answer {
        judge::answer(&self.history, question, now)
    }
}
