//! What was kept out of an answer, place by place, and why.

use std::collections::{BTreeMap, BTreeSet};

use decide::{Datum, Question, Reason, Who};

use super::{Against, Cause, KeptOut};
use crate::answers::people::People;
use crate::answers::town::Town;
use crate::answers::written::places;
use crate::judged::Judged;
use crate::walk::lives;
use crate::walk::seen::{Seen, Use};

/// All of it, each place and cause once, in the order of the answer.
pub(super) fn out(judged: &Judged, town: &Town, people: &People) -> Vec<KeptOut> {
    let walk = &judged.settled.walk;
    let (seen, plan) = (&walk.seen, &walk.operation.plan);
    let decision = judged.permit.decision();
    let places = places(plan, seen, decision, &judged.living);
    let data = places.data.into_iter();
    let at: BTreeMap<u32, (String, bool)> = data
        .map(|(datum, place, written)| (datum, (place, written)))
        .collect();
    let swept: BTreeSet<u32> = seen.swept_at(decision).into_iter().map(|it| it.0).collect();
    let question = judged.question(&town.asker);
    let mut kept: Vec<KeptOut> = Vec::new();
    for (n, (datum, (record, use_))) in seen.data.iter().zip(&seen.uses).enumerate() {
        let known = u32::try_from(n).ok().and_then(|n| at.get(&n));
        let written = known.is_some_and(|(_, written)| *written);
        let cause = match decision.passes(n) {
            true if written || *use_ == Use::Needed => continue,
            // A null, which has no place of its own, is written with its record.
            true if known.is_none() && lives(&judged.living, *record) => continue,
            true if is_within(seen, *record, &swept) => Cause::Names,
            true => Cause::Record,
            false => Cause::Rule(against(judged, &question, n, datum, people)),
        };
        let around = places.records.get(*record as usize);
        let place = known.map(|(place, _)| place).or(around);
        let category = plan.categories.get(usize::from(datum.category));
        let Some(category) = category.cloned() else {
            continue;
        };
        let one = KeptOut {
            place: place.cloned().unwrap_or_default(),
            category,
            cause,
        };
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// Whether a record, or one around it, is among these.
fn is_within(seen: &Seen, record: u32, among: &BTreeSet<u32>) -> bool {
    let mut at = record;
    // Each is met after the one around it, so this ends.
    while let Some(known) = seen.records.get(at as usize) {
        if among.contains(&at) {
            return true;
        }
        at = known.parent;
    }
    false
}

fn against(
    judged: &Judged,
    question: &Question<'_>,
    n: usize,
    datum: &Datum,
    people: &People,
) -> Vec<Against> {
    let decision = judged.permit.decision();
    let whole = decision.reasons(n).iter().map(|reason| Against {
        person: None,
        reach: None,
        reason: reason.clone(),
    });
    let subjects = question.people(datum).unwrap_or_default().iter();
    let each = subjects.enumerate().flat_map(|(nth, subject)| {
        let person = match subject.who {
            Who::Known(person) => people.id(person),
            Who::Unresolved => None,
        };
        let reach = question.reaches.get(usize::from(subject.reach));
        let reasons = decision.reasons_of_person(n, nth);
        // What there is no power for nobody has connected or agreed to either: that is not told beside it.
        let ungranted = reasons.contains(&Reason::NotGranted);
        let told = move |reason: &&Reason| !ungranted || **reason == Reason::NotGranted;
        reasons.iter().filter(told).map(move |reason| Against {
            person: person.map(str::to_owned),
            reach: reach.cloned(),
            reason: reason.clone(),
        })
    });
    whole.chain(each).collect()
}
