//! Whose tag is whose in a month.

use std::collections::HashMap;
use std::sync::Arc;

use decide::PersonNo;
use ledger::entry::{Period, PeriodSecrets, PersonSecrets, Tag};
use register::People;

/// People whose keys of a month are kept ready; about 1 kB each.
const SECRETS_KEPT: usize = 1 << 16;

/// The tags of everybody, for the month at hand and the one before: entries go through the months in order.
pub(super) struct Months<'a> {
    people: &'a Arc<People>,
    months: Vec<(Period, HashMap<Tag, PersonNo>)>,
    secrets: PeriodSecrets,
}

impl<'a> Months<'a> {
    pub(super) fn new(people: &'a Arc<People>) -> Months<'a> {
        Months {
            people,
            months: Vec::new(),
            secrets: PeriodSecrets::new(SECRETS_KEPT),
        }
    }

    /// Whose tag this is; `None` for padding, and for those whose key is destroyed.
    pub(super) fn of(&mut self, period: Period, tag: Tag) -> Option<PersonNo> {
        if self.months.iter().all(|(kept, _)| *kept != period) {
            if self.months.len() > 1 {
                self.months.remove(0);
            }
            let tags = everybody(self.people, period);
            self.months.push((period, tags));
        }
        let (_, tags) = self.months.iter().find(|(kept, _)| *kept == period)?;
        tags.get(&tag).copied()
    }

    /// A person's secrets of the month.
    pub(super) fn secrets(&self, person: PersonNo, period: Period) -> Option<Arc<PersonSecrets>> {
        self.secrets
            .get(person.0, period, || self.people.key(person))
    }
}

fn everybody(people: &People, period: Period) -> HashMap<Tag, PersonNo> {
    (0..people.len())
        .filter_map(|number| {
            let person = PersonNo(number);
            Some((people.key(person)?.tag_key().tag(period), person))
        })
        .collect()
}
