//! Maps: objects whose keys are people, or ids of records.

use super::schema::Schema;
use super::tree::{Around, Tree, add, bears};
use crate::extension::{KeysNote, ObjectNote, PersonNote};
use crate::plan::{Map, Node, OWN, RecordPlan};
use crate::shown::Row;

impl Tree<'_, '_> {
    pub(super) fn map(&mut self, schema: &Schema, around: &Around) -> Option<Node> {
        let (at, note) = schema.object.as_ref()?;
        let keys = note.keys.as_ref()?;
        let at_places = |person: &PersonNote| matches!(person, PersonNote::At { .. });
        let named = !note.people.is_empty() || note.own_among || note.people_from.is_some();
        let named = named && (!keys.of_records || note.people.iter().any(at_places));
        if schema.additional.is_empty() || !schema.properties.is_empty() || named {
            self.wrong(
                at,
                "`keys` at something else than a map of people",
                "an object with `additionalProperties` and nothing else; its people are the keys",
                "correct the schema, or remove `keys`",
            );
            return None;
        }
        let mut inner = around.at("*");
        inner.keyed = keys.of_records;
        let record = self.entry(at, note, keys, &mut inner)?;
        let category = self.category(&keys.category);
        self.row_of_keys(keys, around, &inner);
        self.obliged(at, &keys.category, true, keys.also_own, &inner);
        let values = self.document.schema(&schema.additional, true);
        let value = match &values.site {
            Some((at, note)) if note.category.is_some() => {
                self.without_effect(&values);
                self.datum(&values, at, note, &inner)
            }
            _ => self.container(&values, &schema.additional, &inner),
        }?;
        let mut bears = bears(&value);
        add(&mut bears, category);
        Some(Node::Map(Box::new(Map {
            of_records: keys.of_records,
            empty_is_absent: false,
            record,
            category,
            reach: if keys.of_records {
                OWN
            } else {
                self.reach(keys.reach.as_ref(), at)
            },
            value,
            bears,
        })))
    }

    /// The record that each entry is.
    fn entry(
        &mut self,
        at: &str,
        note: &ObjectNote,
        keys: &KeysNote,
        inner: &mut Around,
    ) -> Option<u16> {
        if keys.of_records {
            let people = ObjectNote {
                record: true,
                keys: None,
                ..note.clone()
            };
            let record = self.record(at, &people, inner, false)?;
            if let Some(people_from) = &note.people_from {
                let lookup = self.lookup(people_from, None, inner, at);
                if let Some(plan) = self.records.get_mut(usize::from(record)) {
                    plan.lookup = lookup;
                }
            }
            if keys.also_own {
                self.somebody(at);
                if let Some(plan) = self.records.get_mut(usize::from(record)) {
                    plan.own_too = true;
                    plan.has_people = true;
                }
                inner.people.push(vec![OWN]);
            }
            return Some(record);
        }
        let reach = self.reach(keys.reach.as_ref(), at);
        if keys.also_own {
            self.somebody(at);
        }
        let record = self.open(&RecordPlan {
            inherit: note.inherit,
            owed: 1,
            has_people: true,
            own_too: keys.also_own,
            ..RecordPlan::default()
        });
        if !note.inherit {
            inner.people = Vec::new();
        }
        inner.people.push(vec![reach]);
        if keys.also_own {
            inner.people.push(vec![OWN]);
        }
        inner.record = Some(record);
        inner.in_list = false;
        inner.outermost = false;
        inner.one_person = true;
        Some(record)
    }

    fn row_of_keys(&mut self, keys: &KeysNote, around: &Around, inner: &Around) {
        let people = inner
            .people
            .iter()
            .map(|alternatives| self.names(alternatives))
            .collect();
        self.rows.push(Row {
            member: format!("{}/* (the keys)", around.path),
            category: keys.category.clone(),
            people,
            identifies: true,
            needed: false,
            leaves: true,
        });
    }
}
