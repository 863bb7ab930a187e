//! What the tests of random histories share: living a history through, in `decide` and in the model.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use decide::{Decision, Facts, Happened, Now, Question, decide};
use testkit::Asked;
use testkit::model::{Answer, Judged, Model};
use testkit::random::{self, Seeds};

/// Set where mutants are tested: each of them runs everything, so histories are few and failing ones stay as they are.
fn quick() -> bool {
    std::env::var_os("COUNTERSIGN_QUICK").is_some()
}

/// How many histories a test lives through: its share of `COUNTERSIGN_HISTORIES`, which is 100,000 if not set.
pub(crate) fn histories(share: f64) -> u64 {
    let all = std::env::var("COUNTERSIGN_HISTORIES")
        .map_or(if quick() { 1_500 } else { 100_000 }, |text| {
            text.parse().unwrap()
        });
    (all as f64 * share).ceil() as u64
}

/// A history as both have it, with every attempt at an event judged by both alike.
pub(crate) struct Lived {
    pub(crate) facts: Facts,
    pub(crate) model: Model,
}

/// Lives a history through. Panics where `decide` and the model do not agree whether an event can be.
pub(crate) fn live(seeds: &Seeds) -> Lived {
    let mut lived = Lived {
        facts: Facts::default(),
        model: Model::default(),
    };
    for happened in seeds.beginning() {
        lived.attempt(happened);
    }
    for seed in &seeds.events {
        let happened = random::attempt(*seed, lived.model.history());
        lived.attempt(happened);
    }
    lived
}

/// The events of a history that could be, in order.
pub(crate) fn history(seeds: &Seeds) -> Vec<Happened> {
    live(seeds).model.history().to_vec()
}

impl Lived {
    fn attempt(&mut self, happened: Happened) {
        let accepts = self.model.accepts(&happened);
        let applied = self.facts.apply(&happened);
        assert_eq!(
            applied.is_ok(),
            accepts,
            "decide: {applied:?}; the model takes it: {accepts}; {happened:?}"
        );
        if accepts {
            self.model.add(happened);
        }
    }

    /// The questions of the seeds.
    pub(crate) fn questions(&self, seeds: &Seeds) -> Vec<(Asked, Now)> {
        seeds
            .questions
            .iter()
            .map(|seed| random::question(*seed, self.model.history()))
            .collect()
    }
}

/// The facts that these events come to.
pub(crate) fn fold(history: &[Happened]) -> Facts {
    let facts = Facts::default();
    for happened in history {
        facts
            .apply(happened)
            .unwrap_or_else(|invalid| panic!("{happened:?}: {invalid}"));
    }
    facts
}

/// A decision in the model's form.
pub(crate) fn as_answer(decision: &Decision, question: &Question<'_>) -> Answer {
    let set = |reasons: &[decide::Reason]| {
        let set: BTreeSet<_> = reasons.iter().cloned().collect();
        assert_eq!(set.len(), reasons.len(), "a reason twice: {reasons:?}");
        set
    };
    let judged = |(n, datum): (usize, &decide::Datum)| {
        let count = question.people(datum).unwrap_or_default().len();
        assert!(
            decision.reasons_of_person(n, count).is_empty(),
            "reasons of nobody"
        );
        Judged {
            passes: decision.passes(n),
            reasons: set(decision.reasons(n)),
            people: (0..count)
                .map(|nth| set(decision.reasons_of_person(n, nth)))
                .collect(),
            powers: (0..count).map(|_| None).collect(),
        }
    };
    Answer {
        at: decision.at(),
        data: question.data.iter().enumerate().map(judged).collect(),
    }
}

/// The answer of `decide` in the model's form.
pub(crate) fn ask(facts: &Facts, asked: &Asked, now: Now) -> Answer {
    let question = asked.question();
    as_answer(&decide(facts, &question, now), &question)
}

/// Runs a test on many histories; when it fails, shrinks the history, tells how to repeat it, and fails.
pub(crate) fn on_histories(count: u64, test: impl Fn(&Seeds)) {
    for number in 0..count {
        let seeds = Seeds::of(number);
        if quick() {
            test(&seeds);
        } else if catch_unwind(AssertUnwindSafe(|| test(&seeds))).is_err() {
            let hook = std::panic::take_hook();
            std::panic::set_hook(Box::new(|_| {}));
            let fails = |seeds: &Seeds| catch_unwind(AssertUnwindSafe(|| test(seeds))).is_err();
            let smallest = random::shrink(seeds, fails);
            std::panic::set_hook(hook);
            eprintln!("history {number} fails; the smallest of it that does:\n{smallest:?}");
            if let Ok(history) = catch_unwind(AssertUnwindSafe(|| history(&smallest))) {
                for happened in &history {
                    eprintln!("{happened:?}");
                }
                for seed in &smallest.questions {
                    eprintln!("{:?}", random::question(*seed, &history));
                }
            }
            test(&smallest);
            unreachable!("it failed before");
        }
    }
}
