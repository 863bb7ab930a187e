//! What holds on every history, whatever the answer is.

use crate::support::{Lived, as_answer, ask, fold, histories, history, live, on_histories};
use decide::{
    AgreementId, Bar, Category, ClaimedRole, Days, Event, Facts, Form, Happened, MissingFact, Now,
    PersonNo, Promise, Reach, Reason, Scope, Subject, Time, Who, decide, preview,
};
use proptest::prelude::*;
use testkit::Asked;
use testkit::model::{Answer, Judged};
use testkit::random::{self, Dice, Seeds};

fn image(facts: &Facts) -> String {
    serde_json::to_string(&facts.image()).unwrap()
}

/// What passes, datum by datum.
fn passes(answer: &Answer) -> Vec<bool> {
    answer.data.iter().map(|datum| datum.passes).collect()
}

#[test]
fn facts_of_a_snapshot_go_on_as_facts_folded_from_the_beginning_do() {
    on_histories(histories(0.005), |seeds| {
        let lived = live(seeds);
        let all = lived.model.history();
        let (before, after) = all.split_at(seeds.beginning as usize % (all.len() + 1));
        let text = image(&fold(before));
        let loaded = Facts::from_image(serde_json::from_str(&text).unwrap());
        assert_eq!(image(&loaded), text, "loading a snapshot changes nothing");
        for happened in after {
            loaded.apply(happened).unwrap();
        }
        assert_eq!(image(&loaded), image(&lived.facts));
        assert_eq!(
            (loaded.position(), loaded.latest()),
            (lived.facts.position(), lived.facts.latest())
        );
        assert_eq!(loaded.next_number(), lived.facts.next_number());
        for (asked, now) in lived.questions(seeds) {
            assert_eq!(ask(&loaded, &asked, now), ask(&lived.facts, &asked, now));
        }
    });
}

#[test]
fn leaving_out_what_holds_already_changes_no_answer() {
    let left_out = std::cell::Cell::new(0);
    on_histories(histories(0.005), |seeds| {
        let lived = live(seeds);
        let facts = Facts::default();
        let mut of_this = 0;
        for happened in lived.model.history() {
            if facts.already(&happened.event) {
                of_this += 1;
                facts.pass_over();
            } else {
                facts.apply(happened).unwrap();
            }
        }
        if facts.latest() != lived.facts.latest() {
            return; // the last of it was left out: it is another moment, and the clock is judged by another test
        }
        for (asked, now) in lived.questions(seeds) {
            let (judged, all) = (ask(&facts, &asked, now), ask(&lived.facts, &asked, now));
            assert_eq!(judged.data, all.data);
        }
        left_out.set(left_out.get() + of_this);
    });
    assert!(left_out.get() > 0, "nothing that held already was compared");
}

#[test]
fn an_event_that_is_refused_leaves_no_trace() {
    on_histories(histories(0.002), |seeds| {
        let facts = Facts::default();
        let mut taken: Vec<Happened> = Vec::new();
        let attempts = seeds
            .beginning()
            .into_iter()
            .map(Ok)
            .chain(seeds.events.iter().map(Err));
        for attempt in attempts {
            let happened = attempt.unwrap_or_else(|seed| random::attempt(*seed, &taken));
            let (before, revocations) = (image(&facts), facts.revocations());
            let checked = facts.check(&happened);
            let applied = facts.apply(&happened);
            assert_eq!(checked, applied, "check says what apply does");
            if applied.is_ok() {
                taken.push(happened);
            } else {
                assert_eq!((image(&facts), facts.revocations()), (before, revocations));
            }
        }
    });
}

#[test]
fn sweeping_changes_no_answer() {
    on_histories(histories(0.02), |seeds| {
        let lived = live(seeds);
        for (asked, now) in lived.questions(seeds) {
            let before = ask(&lived.facts, &asked, now);
            let Some(at) = before.at else {
                continue;
            };
            let swept = fold(lived.model.history());
            swept.sweep(at.day());
            assert_eq!(ask(&swept, &asked, now), before);
            let later = Now::At(at.plus(Days(30)));
            assert_eq!(ask(&swept, &asked, later), ask(&lived.facts, &asked, later));
        }
    });
}

fn with_role(history: &[Happened], role: ClaimedRole) -> Vec<Happened> {
    let mut history = history.to_vec();
    for happened in &mut history {
        if let Event::AgreementOffered { offer } = &mut happened.event {
            offer.claimed_role = role;
        }
    }
    history
}

#[test]
fn the_claimed_role_changes_nothing() {
    on_histories(histories(0.005), |seeds| {
        let lived = live(seeds);
        for role in [
            ClaimedRole::ThirdParty,
            ClaimedRole::ServiceProvider,
            ClaimedRole::JointController,
        ] {
            let facts = fold(&with_role(lived.model.history(), role));
            for (asked, now) in lived.questions(seeds) {
                assert_eq!(ask(&facts, &asked, now), ask(&lived.facts, &asked, now));
            }
        }
    });
}

#[test]
fn one_more_person_never_lets_a_refused_datum_pass() {
    on_histories(histories(0.02), |seeds| {
        let lived = live(seeds);
        for (asked, now) in lived.questions(seeds) {
            let before = passes(&ask(&lived.facts, &asked, now));
            let more = with_one_more_person_each(&asked, seeds.beginning);
            let after = passes(&ask(&lived.facts, &more, now));
            for ((datum, before), after) in asked.data.iter().zip(before).zip(after) {
                let nobody = asked
                    .question()
                    .people(datum)
                    .unwrap_or_default()
                    .is_empty();
                assert!(
                    before || !after || nobody,
                    "{datum:?} passes with one more person"
                );
            }
        }
    });
}

fn with_one_more_person_each(asked: &Asked, seed: u64) -> Asked {
    let mut dice = Dice::new(seed);
    let mut more = asked.clone();
    more.subjects.clear();
    for datum in &mut more.data {
        let people = asked.question().people(datum).unwrap_or_default();
        let from = more.subjects.len() as u32;
        more.subjects.extend_from_slice(people);
        let reach = people.first().map_or(0, |subject| subject.reach);
        let who = Who::Known(PersonNo(dice.below(7) as u32));
        more.subjects.push(Subject { who, reach });
        datum.subjects = from..more.subjects.len() as u32;
    }
    more
}

/// Events that take away, which no history may make give.
fn refusals(dice: &mut Dice, asked: &Asked) -> Vec<Event> {
    let person = PersonNo(dice.below(6) as u32);
    let partner = asked.asker.partner.clone();
    let agreement: AgreementId = "with-findr".parse().unwrap();
    let promise = |form| Promise {
        promise: "p-last".parse().unwrap(),
        form,
        scope: Scope::default(),
    };
    let mut events = vec![
        Event::BarSet {
            person,
            bar: Bar::Everything,
        },
        Event::BarSet {
            person,
            bar: Bar::GlobalPrivacyControl,
        },
        Event::BarSet {
            person,
            bar: Bar::Through(Reach::Friend),
        },
        Event::BarSet {
            person,
            bar: Bar::Partner(partner.clone()),
        },
        Event::PromiseMade {
            promise: promise(Form::Absolute),
        },
        Event::PromiseMade {
            promise: promise(Form::UnlessConsented),
        },
        Event::PromiseMade {
            promise: promise(Form::Dated {
                from: None,
                until: None,
            }),
        },
        Event::PromiseMade {
            promise: promise(Form::NotJudgeable),
        },
        Event::AgreementSuspended {
            agreement: agreement.clone(),
        },
        Event::AgreementEnded { agreement },
        Event::PersonLeft { person },
    ];
    for power in asked.data.iter().filter_map(|_| asked.asker.draws.first()) {
        let (partner, power) = (partner.clone(), power.power);
        events.push(Event::PowerHandedBack {
            partner: partner.clone(),
            power,
        });
        events.push(Event::ConsentWithdrawn {
            person,
            partner,
            power,
        });
    }
    events
}

#[test]
fn a_bar_a_withdrawal_a_promise_never_opens_anything() {
    on_histories(histories(0.002), |seeds| {
        let lived = live(seeds);
        let mut dice = Dice::new(seeds.beginning);
        for (asked, now) in lived.questions(seeds) {
            let before = passes(&ask(&lived.facts, &asked, now));
            for event in refusals(&mut dice, &asked) {
                let at = lived.facts.latest().unwrap_or(Time(0));
                let facts = fold(lived.model.history());
                let revocations = facts.revocations();
                if facts
                    .apply(&Happened {
                        at,
                        event: event.clone(),
                    })
                    .is_err()
                {
                    continue;
                }
                let after = passes(&ask(&facts, &asked, now));
                for (before, after) in before.iter().zip(&after) {
                    assert!(*before || !after, "{event:?} opened something");
                    let told = facts.revocations() != revocations;
                    assert!(before == after || told, "{event:?} closed something untold");
                }
            }
        }
    });
}

#[test]
fn whatever_closes_at_once_is_told_by_the_revocations() {
    on_histories(histories(0.003), |seeds| {
        let all = history(seeds);
        for seed in &seeds.questions {
            let (asked, _) = random::question(*seed, &all);
            let facts = Facts::default();
            let mut passed: Option<(Vec<bool>, Time)> = None;
            for happened in &all {
                let revocations = facts.revocations();
                // What passes at the moment of the event, just before it.
                let before = passed
                    .as_ref()
                    .map(|_| passes(&ask(&facts, &asked, Now::At(happened.at))));
                facts.apply(happened).unwrap();
                let after = passes(&ask(&facts, &asked, Now::At(happened.at)));
                let closed = before
                    .iter()
                    .flatten()
                    .zip(&after)
                    .any(|(before, after)| *before && !after);
                assert!(
                    !closed || facts.revocations() != revocations,
                    "{happened:?} closed something untold"
                );
                passed = Some((after, happened.at));
            }
        }
    });
}

/// What stands against somebody who is reached this way and about whom nothing else is known.
fn against_whoever(lived: &Lived, asked: &Asked, pair: &(Category, Reach), now: Now) -> Judged {
    let nobody = [(Who::Unresolved, pair.1.clone())];
    let alone = Asked {
        data: vec![],
        subjects: vec![],
        ..asked.clone()
    };
    let alone = alone.datum_of(&pair.0, &nobody, None);
    let mut answer = lived.model.answer(&alone.question(), now);
    let judged = answer.data.remove(0);
    let of_the_person = [
        Reason::UnresolvedPerson,
        Reason::Missing(MissingFact::WhenMade),
    ];
    let all = judged.people[0].iter().chain(&judged.reasons);
    let reasons = all
        .filter(|reason| !of_the_person.contains(reason))
        .cloned()
        .collect();
    Judged { reasons, ..judged }
}

#[test]
fn the_preview_tells_what_stands_against_whoever_it_is_about() {
    on_histories(histories(0.02), |seeds| {
        let lived = live(seeds);
        for (asked, now) in lived.questions(seeds) {
            let pairs: Vec<_> = asked
                .categories
                .iter()
                .flat_map(|category| {
                    asked
                        .reaches
                        .iter()
                        .map(|reach| (category.clone(), reach.clone()))
                })
                .collect();
            let previews = preview(&lived.facts, &asked.asker, &pairs, now);
            assert_eq!(previews.len(), pairs.len());
            for (pair, look) in pairs.iter().zip(previews) {
                let mut judged = against_whoever(&lived, &asked, pair, now);
                // Which use it is will be known once it is reserved.
                judged.reasons.remove(&Reason::Missing(MissingFact::Use));
                assert_eq!(look.reasons, judged.reasons.into_iter().collect::<Vec<_>>());
                assert_eq!(look.power, judged.powers[0]);
                let offered = lived.model.history().iter().find_map(|it| match &it.event {
                    Event::AgreementOffered { offer } => {
                        offer.powers.iter().find(|it| Some(it.id()) == look.power)
                    }
                    _ => None,
                });
                assert_eq!(look.frequency, offered.and_then(|power| power.frequency));
            }
        }
    });
}

#[test]
fn a_datum_is_answered_the_same_alone_and_in_a_list() {
    on_histories(histories(0.02), |seeds| {
        let lived = live(seeds);
        for (asked, now) in lived.questions(seeds) {
            let together = ask(&lived.facts, &asked, now);
            for (datum, expected) in asked.data.iter().zip(&together.data) {
                let alone = Asked {
                    data: vec![datum.clone()],
                    ..asked.clone()
                };
                assert_eq!(&ask(&lived.facts, &alone, now).data[0], expected);
            }
        }
    });
}

#[test]
fn the_answer_names_powers_and_documents_of_what_passed() {
    on_histories(histories(0.02), |seeds| {
        let lived = live(seeds);
        for (asked, now) in lived.questions(seeds) {
            let question = asked.question();
            let decision = decide(&lived.facts, &question, now);
            let answer = lived.model.answer(&question, now);
            let passed = answer.data.iter().filter(|datum| datum.passes);
            let expected: std::collections::BTreeSet<_> = passed
                .flat_map(|datum| datum.powers.iter().flatten().copied())
                .collect();
            assert_eq!(decision.powers_that_passed(), expected);
            assert_eq!(decision.powers().len(), decision.agreements().len());
            for (power, digest) in decision.powers().iter().zip(decision.agreements()) {
                let offered = lived.model.history().iter().any(|it| {
                    matches!(&it.event, Event::AgreementOffered { offer }
                        if offer.digest == *digest && offer.powers.iter().any(|it| it.id() == *power))
                });
                assert!(offered, "the document holds the power");
            }
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(histories(0.005) as u32))]

    /// The same as the test over numbered histories, on histories that proptest makes and shrinks.
    #[test]
    fn decide_agrees_with_the_model_on_histories_of_proptest(
        beginning: u64,
        events in proptest::collection::vec(any::<u64>(), 0..24),
        questions in proptest::collection::vec(any::<u64>(), 1..3),
    ) {
        let seeds = Seeds { beginning, events, questions };
        let lived = live(&seeds);
        for (asked, now) in lived.questions(&seeds) {
            let question = asked.question();
            let mut expected = lived.model.answer(&question, now);
            let mut got = as_answer(&decide(&lived.facts, &question, now), &question);
            expected.data.iter_mut().chain(&mut got.data).for_each(|it| it.powers.clear());
            prop_assert_eq!(got, expected);
        }
    }
}
