//! `decide` against the slow plain model, on random histories.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use crate::support::{as_answer, histories, live, on_histories};
use decide::{Reason, Who, decide};
use testkit::random::Seeds;

/// Verdict and all reasons, per datum and person, and whom an answer concerns.
fn decide_equals_the_model(seeds: &Seeds) -> (u64, u64, BTreeSet<Reason>) {
    let lived = live(seeds);
    let (mut asked_data, mut passed, mut seen) = (0, 0, BTreeSet::new());
    for (asked, now) in lived.questions(seeds) {
        let question = asked.question();
        let decision = decide(&lived.facts, &question, now);
        let mut expected = lived.model.answer(&question, now);
        let powers: Vec<_> = expected
            .data
            .iter_mut()
            .map(|it| std::mem::take(&mut it.powers))
            .collect();
        let mut got = as_answer(&decision, &question);
        got.data.iter_mut().for_each(|it| it.powers.clear());
        assert_eq!(got, expected, "decide (left) and the model (right) differ");
        assert_eq!(decision.position(), lived.model.history().len() as u64);
        assert_eq!(decision.asked(), question.data.len());
        let model_passed = expected.data.iter().filter(|it| it.passes).count();
        assert_eq!(decision.passed(), model_passed);
        assert_tally(&decision, &expected);

        let permit = decision.permit();
        let mut concerned = BTreeSet::new();
        for ((datum, judged), powers) in question.data.iter().zip(&expected.data).zip(powers) {
            if judged.passes {
                for (subject, power) in question.people(datum).unwrap().iter().zip(powers) {
                    let Who::Known(person) = subject.who else {
                        panic!("somebody unresolved passes")
                    };
                    concerned.insert((person, power.expect("nothing passes without a power")));
                }
            }
        }
        let all = permit.decision().powers().to_vec();
        let told: Vec<_> = permit.concerns(&question);
        assert!(
            told.is_sorted_by(|a, b| a.person < b.person),
            "each once, in rising order"
        );
        let told: BTreeSet<_> = told
            .iter()
            .flat_map(|it| {
                let bits = it.powers;
                let of = all
                    .iter()
                    .enumerate()
                    .filter(move |(n, _)| bits >> n & 1 == 1);
                of.map(|(_, power)| (it.person, *power))
            })
            .collect();
        assert_eq!(
            told, concerned,
            "everybody in data that pass, with the powers, and nobody else"
        );

        asked_data += expected.data.len() as u64;
        passed += model_passed as u64;
        seen.extend(
            expected
                .data
                .into_iter()
                .flat_map(|it| it.people.into_iter().flatten().chain(it.reasons)),
        );
    }
    (asked_data, passed, seen)
}

fn assert_tally(decision: &decide::Decision, expected: &testkit::model::Answer) {
    let mut tally = std::collections::BTreeMap::new();
    for judged in &expected.data {
        for reason in judged.reasons.iter().chain(judged.people.iter().flatten()) {
            *tally.entry(reason).or_insert(0) += 1;
        }
    }
    assert_eq!(decision.tally(), tally);
}

#[test]
fn decide_agrees_with_the_plain_model_over_random_histories() {
    let count = histories(1.0);
    let (asked, passed) = (Cell::new(0), Cell::new(0));
    let seen = RefCell::new(BTreeSet::new());
    on_histories(count, |seeds| {
        let (more_asked, more_passed, reasons) = decide_equals_the_model(seeds);
        asked.set(asked.get() + more_asked);
        passed.set(passed.get() + more_passed);
        seen.borrow_mut().extend(reasons.iter().map(kind));
    });
    println!(
        "{count} histories, {} data asked about, {} passed",
        asked.get(),
        passed.get()
    );
    // A generator whose histories never pass, or never meet some reason, would test nothing.
    assert!(
        passed.get() * 12 > asked.get(),
        "{} of {} pass",
        passed.get(),
        asked.get()
    );
    if count >= 1_000 {
        assert_eq!(
            seen.borrow().len(),
            31,
            "every kind of reason occurs: {:?}",
            seen.borrow()
        );
    }
}

fn kind(reason: &Reason) -> String {
    let text = format!("{reason:?}");
    let parts: Vec<_> = text.split(['(', ')']).collect();
    if parts[0] == "Missing" {
        parts[..2].join(" ")
    } else {
        parts[0].to_owned()
    }
}
