//! Records: whose an object is.

use super::tree::{Around, Tree};
use crate::document::step;
use crate::extension::{ObjectNote, PersonNote};
use crate::plan::{OWN, RecordPlan};
use crate::shown::Row;

impl Tree<'_, '_> {
    pub(super) fn record(
        &mut self,
        at: &str,
        note: &ObjectNote,
        around: &mut Around,
        element: bool,
    ) -> Option<u16> {
        if note.people.is_empty() && !note.record && note.people_from.is_none() {
            if note.own_among || !note.inherit {
                self.wrong(
                    at,
                    "the note is about people, and names none",
                    "`people`, or `record: true`",
                    "add it",
                );
            }
            return None;
        }
        let mut people = if note.inherit {
            around.people.clone()
        } else {
            Vec::new()
        };
        let mut plan = RecordPlan {
            inherit: note.inherit,
            own_among: note.own_among,
            ..RecordPlan::default()
        };
        for (n, person) in note.people.iter().enumerate() {
            let at = format!("{}/{n}", step(at, "people"));
            match person {
                PersonNote::Own => {
                    self.somebody(&at);
                    plan.own_too = true;
                    plan.has_people = true;
                    people.push(vec![OWN]);
                }
                PersonNote::At {
                    reach, optional, ..
                } => {
                    plan.owed += i64::from(!optional);
                    plan.has_people = true;
                    let mut alternatives = vec![self.reach(reach.as_ref(), &at)];
                    if note.own_among && !alternatives.contains(&OWN) {
                        alternatives.push(OWN);
                    }
                    // Whoever may be missing narrows nothing that could pass.
                    if !optional {
                        people.push(alternatives);
                    }
                }
                PersonNote::Parameter { name, reach } => {
                    let reach = self.reach(reach.as_ref(), &at);
                    self.asked(name, &at);
                    plan.has_people = true;
                    plan.asked.push((name.as_str().into(), reach));
                    people.push(vec![reach, OWN]);
                }
            }
        }
        if let Some(people_from) = &note.people_from {
            let at = step(at, "people-from");
            let reach = self.reach(people_from.reach.as_ref(), &at);
            plan.has_people = true;
            people.push(vec![reach, OWN]);
            around.people_from = true;
        } else if !note.inherit {
            around.people_from = false;
        }
        around.own_among = note.own_among || (around.own_among && note.inherit);
        if note.own_among {
            self.somebody(at);
            if plan.own_too || !plan.has_people {
                self.wrong(
                    at,
                    "`own-among` where the answer does not say who is among them",
                    "`people` by their places, without the word `own`",
                    "name the places where the ids of all of them stand",
                );
            }
        }
        if people.is_empty() {
            self.wrong(
                at,
                "a record of nobody: neither it nor an object around it names people",
                "`people`",
                "say whose data these are",
            );
        }
        if element || around.record.is_none() {
            plan.order = self
                .operation
                .order
                .iter()
                .map(|category| self.category(category))
                .collect();
            self.order_rows(&people, &around.path);
        }
        around.outermost = around.record.is_none();
        let one = |person: &PersonNote| match person {
            PersonNote::Own => true,
            PersonNote::At { at, optional, .. } => !optional && !at.contains('*'),
            PersonNote::Parameter { .. } => true,
        };
        around.one_person =
            note.people_from.is_none() && matches!(note.people.as_slice(), [it] if one(it));
        around.people = people;
        around.in_list = false;
        around.record = Some(self.open(&plan));
        around.record
    }

    /// A person whom the request names: the operation has to have such a parameter.
    fn asked(&mut self, name: &str, at: &str) {
        if !self.path_names.iter().any(|known| known == name) {
            let known = self.path_names.join(", ");
            self.wrong(
                at,
                &format!("the operation has no path parameter `{name}`"),
                &format!("one of its path parameters: {known}"),
                "correct the name",
            );
        }
    }

    pub(super) fn order_rows(&mut self, people: &[Vec<u8>], path: &str) {
        for category in &self.operation.order {
            self.rows.push(Row {
                member: format!("{path} (their order)"),
                category: category.clone(),
                people: people
                    .iter()
                    .map(|alternatives| self.names(alternatives))
                    .collect(),
                identifies: false,
                needed: true,
                leaves: false,
            });
        }
    }
}
