//! Why records go although everybody agrees: somebody in them is unknown, or the sweep found somebody.

use std::collections::BTreeSet;

use decide::Who;

use super::findings::Found;
use super::recording::Recording;
use super::report::Kind;
use super::run::Look;
use super::written::{Places, places};
use crate::judged::Judged;
use crate::plan::OWN;
use crate::walk::lookups::Outcome;
use crate::walk::seen::{NO_RECORD, Record, Seen};

impl Look<'_> {
    /// Tells what was found while everybody agreed.
    pub(super) fn causes(&mut self, recording: &Recording, judged: &Judged) {
        let walk = &judged.settled.walk;
        let (seen, plan) = (&walk.seen, &walk.operation.plan);
        let decision = judged.permit.decision();
        let places = places(plan, seen, decision, &judged.living);
        self.swept(recording, judged, &places);
        self.calls(recording, judged);
        for (at, record) in seen.records.iter().enumerate() {
            let Some(what) = unknown(judged, record) else {
                continue;
            };
            let place = places.records.get(at).cloned().unwrap_or_default();
            let found = Found {
                kind: Kind::NotRecognised,
                operation: judged.operation().id(),
                member: place.clone(),
                what: what.to_owned(),
                at: place,
            };
            self.findings.add(recording, found);
        }
    }

    fn swept(&mut self, recording: &Recording, judged: &Judged, places: &Places) {
        let seen = &judged.settled.walk.seen;
        let swept = seen.swept_at(judged.permit.decision());
        // One text can be hit more than once.
        let data: BTreeSet<u32> = swept.into_iter().map(|(_, datum)| datum).collect();
        for datum in data {
            let place = places.data.iter().find(|(known, ..)| *known == datum);
            let place = place.map_or_else(String::new, |(_, place, _)| place.clone());
            let mut mentions = seen.mentions.iter().filter(|it| it.datum == datum);
            let what = if mentions.any(|mention| !mention.people.is_empty()) {
                "it names somebody whom the answers recognise elsewhere, and not here; the record goes"
            } else {
                "it holds an identifier of somebody whom no answer recognises; the record goes"
            };
            let found = Found {
                kind: Kind::Swept,
                operation: judged.operation().id(),
                member: place.clone(),
                what: what.to_owned(),
                at: place,
            };
            self.findings.add(recording, found);
        }
    }

    /// Calls that were not recorded, or whose answer is no list of people.
    fn calls(&mut self, recording: &Recording, judged: &Judged) {
        let walk = &judged.settled.walk;
        let failed = walk.seen.lookups.iter();
        let failed = failed.filter(|lookup| !matches!(lookup.outcome, Outcome::Listed(_)));
        let paths: BTreeSet<&str> = failed.map(|lookup| lookup.path.as_str()).collect();
        for path in paths {
            let path = self.without_people(path, judged);
            let found = Found {
                kind: Kind::CallNotRecorded,
                operation: judged.operation().id(),
                member: String::new(),
                what: format!("`GET {path}`"),
                at: String::new(),
            };
            self.findings.add(recording, found);
        }
    }

    /// A path in which nobody is named.
    fn without_people(&self, path: &str, judged: &Judged) -> String {
        let plan = &judged.operation().plan;
        let segments = path.split('/').map(|segment| {
            let text = crate::document::percent_decoded(segment);
            let somebody = text.is_some_and(|text| self.people.is_named(&text, plan));
            if somebody { "*" } else { segment }
        });
        segments.collect::<Vec<_>>().join("/")
    }
}

/// Why nobody can say who all is in a record, if it is this record's own fault.
fn unknown(judged: &Judged, record: &Record) -> Option<&'static str> {
    let walk = &judged.settled.walk;
    let seen = &walk.seen;
    if !has_unknown(seen, record) {
        return None;
    }
    if record.owed != 0 {
        return Some("a place of people is missing, null, or not of the declared type");
    }
    let rules = walk.operation.plan.records.get(usize::from(record.plan));
    if let Some(lookup) = record.lookup {
        let call = seen.lookups.get(lookup as usize);
        let Some(Outcome::Listed(listed)) = call.map(|call| &call.outcome) else {
            return None; // The call itself is told.
        };
        if listed.is_empty() {
            return Some("the call for its people lists nobody");
        }
        if listed.iter().any(|one| one.subject.who == Who::Unresolved) {
            return Some("the call for its people lists somebody without an id");
        }
    }
    if rules.is_some_and(|rules| rules.own_among) && !has_own(seen, record) {
        return Some(
            "the person who connected is not among its people (`own-among`): say for whom it was recorded",
        );
    }
    let around = (record.parent != NO_RECORD)
        .then(|| seen.records.get(record.parent as usize))
        .flatten();
    let inherits = rules.is_none_or(|rules| rules.inherit);
    if inherits && around.is_some_and(|around| has_unknown(seen, around)) {
        return None;
    }
    Some("what stands at a place of people is no id, or the call for its people could not be made")
}

fn has_unknown(seen: &Seen, record: &Record) -> bool {
    let range = record.subjects.start as usize..record.subjects.end as usize;
    let subjects = seen.subjects.get(range).unwrap_or_default();
    subjects.iter().any(|it| it.who == Who::Unresolved)
}

fn has_own(seen: &Seen, record: &Record) -> bool {
    let range = record.subjects.start as usize..record.subjects.end as usize;
    let subjects = seen.subjects.get(range).unwrap_or_default();
    subjects
        .iter()
        .any(|it| it.reach == OWN && it.who != Who::Unresolved)
}
