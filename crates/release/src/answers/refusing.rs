//! One person after the other refuses: what goes, and whether they are still named in what leaves.

use decide::PersonNo;

use super::findings::Found;
use super::recording::Recording;
use super::remains::remains;
use super::report::Kind;
use super::run::Look;
use super::town::Town;
use crate::api::Route;
use crate::judged::Judged;
use crate::reduce::write;

impl Look<'_> {
    pub(super) fn refusals(
        &mut self,
        recording: &Recording,
        route: &Route,
        town: &Town,
        people: &[PersonNo],
        everybody: &Judged,
    ) {
        let tried = people.len().min(self.settings.refusing);
        let (before, _) = everybody.records();
        for person in people.iter().take(tried) {
            if town.refuses(*person, true).is_none() {
                continue;
            }
            let judged = self.again(recording, route, town);
            town.refuses(*person, false);
            if let Some(judged) = judged {
                self.refusal(recording, *person, before, &judged);
            }
        }
        let id = route.operation().id().to_owned();
        let refusing = &mut self.tallies.entry(id).or_default().refusing;
        refusing.not_tried = refusing.not_tried.saturating_add(people.len() - tried);
    }

    fn refusal(&mut self, recording: &Recording, person: PersonNo, before: usize, now: &Judged) {
        let operation = now.operation().clone();
        let body = write(now).map(|written| written.body);
        let called = self.people.called(person);
        let places = body
            .zip(called)
            .map(|(body, called)| remains(&body, called, &operation.plan.identifiers))
            .unwrap_or_default();
        let (left, _) = now.records();
        let gone = u64::try_from(before.saturating_sub(left)).unwrap_or(u64::MAX);
        let tally = self.tallies.entry(operation.id().to_owned()).or_default();
        let refusing = &mut tally.refusing;
        refusing.runs = refusing.runs.saturating_add(1);
        refusing.records_gone = refusing.records_gone.saturating_add(gone);
        refusing.most_gone = refusing.most_gone.max(gone);
        refusing.nothing_gone += usize::from(gone == 0);
        refusing.still_named += usize::from(!places.is_empty());
        for place in places {
            let found = Found {
                kind: Kind::StillNamed,
                operation: operation.id(),
                member: place.clone(),
                what: "somebody refused, and what leaves still holds an identifier of theirs here"
                    .to_owned(),
                at: place,
            };
            self.findings.add(recording, found);
        }
    }
}
