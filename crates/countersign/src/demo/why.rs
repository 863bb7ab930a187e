//! Why the rest did not leave: the same rule, asked again record by record, over the same facts.
//!
//! The gateway tells a partner nothing of this. It is what the platform itself can find out afterwards.

use std::collections::{BTreeMap, BTreeSet};

use decide::{
    Asker, Category, Datum, Now, Question, Reach, Reason, Subject, Who, decide as ask_the_rule,
};
use register::Register;
use sample::{PersonNo, Record, World};

use super::cast::Ask;

/// What the rule says to everything that a partner could have been handed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Why {
    /// How many records there are.
    pub(super) records: u64,
    /// How many of them pass.
    pub(super) pass: u64,
    /// How many each reason stands against; a record can have several.
    pub(super) reasons: BTreeMap<Reason, u64>,
}

impl Why {
    /// Adds what is so for another connection.
    pub(super) fn add(&mut self, other: Why) {
        self.records += other.records;
        self.pass += other.pass;
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
    }
}

/// Asks about all records that `ask` would have been handed for `me` in 2018.
pub(super) fn ask_again(
    (register, world): (&Register, &World),
    asker: &Asker,
    ask: &Ask,
    me: PersonNo,
    records: &[Record],
    now: Now,
) -> Why {
    let (Ok(category), Ok(reach)) = (ask.category.parse::<Category>(), ask.reach.parse::<Reach>())
    else {
        return Why::default();
    };
    let mut subjects = Vec::new();
    let mut data = Vec::new();
    for record in records {
        let start = count(subjects.len());
        subjects.extend(record.concerns.iter().map(|person| {
            Subject {
                who: register
                    .people()
                    .number(&world.id_of(*person))
                    .map_or(Who::Unresolved, Who::Known),
                reach: u8::from(*person != me),
            }
        }));
        data.push(Datum {
            category: 0,
            subjects: start..count(subjects.len()),
            made: None,
        });
    }
    let question = Question {
        asker,
        categories: &[category],
        reaches: &[Reach::Own, reach],
        subjects: &subjects,
        data: &data,
    };
    let decision = ask_the_rule(register.facts(), &question, now);
    let mut why = Why {
        records: data.len() as u64,
        pass: decision.passed() as u64,
        reasons: BTreeMap::new(),
    };
    for (at, datum) in data.iter().enumerate() {
        let people = 0..datum.subjects.len();
        let of_people = people.flat_map(|nth| decision.reasons_of_person(at, nth));
        let reasons: BTreeSet<&Reason> = decision.reasons(at).iter().chain(of_people).collect();
        for reason in reasons {
            *why.reasons.entry(reason.clone()).or_default() += 1;
        }
    }
    why
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// A reason as people say it.
pub(super) fn in_words(reason: &Reason, partner: &str) -> String {
    match reason {
        Reason::NoConsent => "somebody was not asked, or has not agreed".to_owned(),
        Reason::NotSignedByPartner => format!("{partner}'s own officer never signed"),
        Reason::NotGranted => "no agreement grants it".to_owned(),
        Reason::Lapsed => "lapsed: nobody used it for too long".to_owned(),
        Reason::Promised(promise) => format!("promised not to ({promise})"),
        Reason::Barred(_) => "somebody wants nothing given to partners".to_owned(),
        other => other.to_string(),
    }
}
