//! Random histories: whatever happened, a restart gives the same facts, from the log and from a snapshot.

use crate::common::*;
use decide::{Bar, Connection, Event, PersonNo, Reach, Time};
use proptest::prelude::*;
use register::{Change, Register};

/// One step of a history; some are refused, and that is part of it.
#[derive(Clone, Debug)]
enum Act {
    Join(u8),
    Leave(u8),
    Active(Vec<u8>),
    Consent(Vec<u8>, usize),
    Withdraw(u8, usize),
    Bar(u8, bool, bool),
    Connect(u8, u8),
    Disconnect(u8),
    Used(usize),
    Suspend(bool),
    Snapshot,
    Later(i64),
}

fn act() -> impl Strategy<Value = Act> {
    let person = 0..12u8;
    let people = prop::collection::vec(0..12u8, 1..5);
    prop_oneof![
        2 => (0..12u8).prop_map(Act::Join),
        1 => person.clone().prop_map(Act::Leave),
        1 => people.clone().prop_map(Act::Active),
        3 => (people, 0..3usize).prop_map(|(people, power)| Act::Consent(people, power)),
        2 => (person.clone(), 0..3usize).prop_map(|(person, power)| Act::Withdraw(person, power)),
        1 => (person.clone(), any::<bool>(), any::<bool>()).prop_map(|(person, set, gpc)| Act::Bar(person, set, gpc)),
        1 => (person.clone(), 0..6u8).prop_map(|(person, id)| Act::Connect(person, id)),
        1 => (0..6u8).prop_map(Act::Disconnect),
        1 => (0..3usize).prop_map(Act::Used),
        1 => any::<bool>().prop_map(Act::Suspend),
        1 => Just(Act::Snapshot),
        2 => (0..200_000_000i64).prop_map(Act::Later),
    ]
}

fn live(register: &Register, now: Time, act: &Act) {
    let event = match act {
        Act::Join(n) => {
            let ids = vec![format!("guest-{n}")];
            return drop(append(register, now, Change::Join { ids }));
        }
        Act::Snapshot => {
            register.snapshot().unwrap();
            return;
        }
        Act::Later(_) => return,
        Act::Leave(n) => Event::PersonLeft {
            person: PersonNo((*n).into()),
        },
        Act::Active(people) => Event::PeopleActive {
            people: numbers(people),
        },
        Act::Consent(people, power) => consent(&numbers(people), powers()[*power]),
        Act::Withdraw(n, power) => Event::ConsentWithdrawn {
            person: PersonNo((*n).into()),
            partner: findr(),
            power: powers()[*power],
        },
        Act::Bar(n, set, gpc) => {
            let person = PersonNo((*n).into());
            let bar = if *gpc {
                Bar::GlobalPrivacyControl
            } else {
                Bar::Through(Reach::Friend)
            };
            if *set {
                Event::BarSet { person, bar }
            } else {
                Event::BarLifted { person, bar }
            }
        }
        Act::Connect(n, id) => Event::Connected {
            connection: Connection {
                connection: format!("c-{id}").parse().unwrap(),
                person: PersonNo((*n).into()),
                partner: findr(),
                powers: powers().into_iter().collect(),
                notice: notice(),
                until: "2027-06-01".parse().unwrap(),
            },
        },
        Act::Disconnect(id) => Event::Disconnected {
            connection: format!("c-{id}").parse().unwrap(),
        },
        Act::Used(power) => Event::PowerUsed {
            partner: findr(),
            power: powers()[*power],
        },
        Act::Suspend(yes) => {
            let agreement = "findr-search".parse().unwrap();
            if *yes {
                Event::AgreementSuspended { agreement }
            } else {
                Event::AgreementResumed { agreement }
            }
        }
    };
    let size = register.log().size();
    if fact(register, now, event).is_err() {
        assert_eq!(
            register.log().size(),
            size,
            "a refused event leaves nothing"
        );
    }
}

fn numbers(people: &[u8]) -> Vec<PersonNo> {
    people.iter().map(|n| PersonNo((*n).into())).collect()
}

fn ids(register: &Register) -> Vec<Option<std::sync::Arc<str>>> {
    (0..register.people().len())
        .map(|n| register.people().id(PersonNo(n)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn facts_after_a_restart_equal_the_live_ones_with_and_without_a_snapshot(acts in prop::collection::vec(act(), 1..60)) {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("register");
        let register = agreed(&home);
        let mut now = start();
        for act in &acts {
            if let Act::Later(ms) = act {
                now = Time(now.0 + ms);
            }
            live(&register, now, act);
        }
        let (facts, book, people) = (image(&register), register.book(), ids(&register));
        drop(register);

        let quick = reopen(&home);
        prop_assert_eq!(image(&quick), facts.clone());
        prop_assert_eq!((quick.book(), ids(&quick)), (book.clone(), people.clone()));
        drop(quick);

        std::fs::remove_file(home.join("snapshot")).ok();
        let slow = reopen(&home);
        prop_assert_eq!(image(&slow), facts);
        prop_assert_eq!((slow.book(), ids(&slow)), (book, people));
    }
}
