//! Members: what the note at a property says it is.

use decide::{Category, Reach};

use super::schema::Schema;
use super::tree::{Around, Tree, leaves};
use crate::extension::{Must, ObjectNote, PersonNote, SiteNote, TimeForm};
use crate::operation::OnBehalf;
use crate::plan::{Alone, ELEMENT, NO_CATEGORY, Node, OWN, RecordPlan, Scalar};
use crate::shown::{Row, Uncovered};

impl Tree<'_, '_> {
    /// A member of an object: what its note says, or nothing.
    pub(super) fn site(&mut self, pointers: &[String], around: &Around) -> Option<Node> {
        let schema = self.document.schema(pointers, true);
        let Some((at, note)) = &schema.site else {
            self.uncovered.push(Uncovered {
                member: around.path.clone(),
                kind: schema.shown(),
            });
            return None;
        };
        if let Some(name) = &note.cursor {
            return self.cursor(&schema, at, note, name);
        }
        let both = note.structure && note.category.is_some();
        if both || !(note.structure || note.category.is_some() || note.time.is_some()) {
            self.wrong(
                at,
                "a member is walked into, or is a datum, or tells a time",
                "one of `structure: true`, `category`, `time: true`",
                "keep the one that is true",
            );
            return None;
        }
        if note.alone && note.category.is_none() {
            self.wrong(
                at,
                "`alone` at something that is no datum",
                "`alone: true` with `category`",
                "remove `alone`; an object or a list of them takes `record: true`",
            );
        }
        if note.alone {
            self.alone(&schema, at, note, &mut around.clone())
        } else if note.structure {
            self.structure(&schema, pointers, (at, note), around)
        } else {
            self.without_effect(&schema);
            self.datum(&schema, at, note, around)
        }
    }

    /// An object, list or map: one that identifies its record, and one that is missing when nothing is left of it.
    fn structure(
        &mut self,
        schema: &Schema,
        pointers: &[String],
        (at, note): (&str, &SiteNote),
        around: &Around,
    ) -> Option<Node> {
        let mut around = around.clone();
        let group = note.identifies.then(|| {
            if around.record.is_none() || around.in_list {
                self.wrong(
                    at,
                    "`identifies` at something that cannot identify its record",
                    "a member that stands once in a record",
                    "remove `identifies`",
                );
            }
            let outer = around.record;
            if let Some(record) = outer.and_then(|record| self.records.get_mut(usize::from(record)))
            {
                record.identifiers += 1;
            }
            let record = self.open(&RecordPlan {
                inherit: true,
                required: true,
                ..RecordPlan::default()
            });
            around.record = Some(record);
            around.outermost = false;
            record
        });
        let mut node = self.container(schema, pointers, &around)?;
        match &mut node {
            Node::List(list) => list.empty_is_absent |= note.empty_is_absent,
            Node::Map(map) => map.empty_is_absent |= note.empty_is_absent,
            // An object in which nothing is named would leave as `{}`, and say that it is there.
            Node::Object(object) => {
                object.hidden |= !object.members.iter().any(|member| leaves(&member.node));
            }
            _ if note.empty_is_absent => self.wrong(
                at,
                "`empty: absent` at what cannot be empty",
                "a list or a map",
                "remove `empty`",
            ),
            _ => {}
        }
        Some(match group {
            Some(record) => Node::Alone(Box::new(Alone { record, node })),
            None => node,
        })
    }

    /// A datum that is a record of its own, with the people around it and those that its note adds.
    pub(super) fn alone(
        &mut self,
        schema: &Schema,
        at: &str,
        note: &SiteNote,
        around: &mut Around,
    ) -> Option<Node> {
        around.element = true;
        let object = schema.object.as_ref().map(|(at, note)| (at, note.clone()));
        let (at_note, mut whose) = match object {
            Some((at, whose)) => (at.clone(), whose),
            None => (at.to_owned(), ObjectNote::default()),
        };
        let places = whose.people.iter();
        if places.clone().any(|it| matches!(it, PersonNote::At { .. })) || whose.keys.is_some() {
            self.wrong(
                &at_note,
                "a value has no members that could name people",
                "`people` with `own` and `{parameter: NAME}`, or `people-from`",
                "correct the note",
            );
            return None;
        }
        whose.record = true;
        let record = self.record(&at_note, &whose, around, false)?;
        let lookup = whose
            .people_from
            .as_ref()
            .and_then(|note| self.lookup(note, None, around, &at_note));
        if let Some(plan) = self.records.get_mut(usize::from(record)) {
            plan.lookup = lookup;
        }
        let mut node = self.datum(schema, at, note, around)?;
        if let (Node::Scalar(scalar), Some(_)) = (&mut node, lookup) {
            scalar.tells.push((0, ELEMENT));
        }
        Some(Node::Alone(Box::new(Alone { record, node })))
    }

    /// A cursor of the platform's, which leaves sealed.
    fn cursor(&mut self, schema: &Schema, at: &str, note: &SiteNote, name: &str) -> Option<Node> {
        if note.structure || note.category.is_some() || note.time.is_some() {
            self.wrong(
                at,
                "a cursor that is also something else",
                "`cursor` alone",
                "keep the one that is true",
            );
        }
        if schema.types.is_some() && !schema.is("string") {
            self.wrong(
                at,
                &format!("a cursor that is {}", schema.shown()),
                "text",
                "correct the schema, or leave the member out",
            );
        }
        let known = self.cursors.iter().position(|known| **known == *name);
        let number = known.unwrap_or_else(|| {
            self.cursors.push(name.into());
            self.cursors.len() - 1
        });
        u16::try_from(number).ok().map(Node::Cursor)
    }

    pub(super) fn datum(
        &mut self,
        schema: &Schema,
        at: &str,
        note: &SiteNote,
        around: &Around,
    ) -> Option<Node> {
        let many = schema.is("array") && !note.open;
        if note.open {
            return self.open_datum(at, note, around);
        }
        self.understood(schema);
        let flat = if many {
            self.document.schema(&schema.items, false)
        } else {
            Schema::default()
        };
        if schema.is("object") || (many && (flat.is("object") || flat.is("array"))) {
            self.wrong(
                at,
                "a category at something with members of its own",
                "a scalar, or a list of scalars",
                "use `structure: true`, and name the members inside",
            );
            return None;
        }
        self.is_time(schema, at, note);
        if note.identifies && (note.category.is_none() || many || around.in_list || note.also_own) {
            self.wrong(
                at,
                "`identifies` at something that cannot identify its record",
                "a scalar with a category, once in the record, without `also`",
                "remove `identifies`",
            );
        }
        if note.names.is_some()
            && (note.category.is_none() || many || !around.one_person || around.in_list)
        {
            self.wrong(
                at,
                "`names` at something that is not the identifier of one person",
                "a scalar with a category, in a record that names exactly one person itself",
                "remove `names`, or let the record name its person",
            );
        }
        let category = self.its_category(at, note, around);
        let also = note.also_own.then(|| self.also(at));
        if note.identifies
            && let Some(record) = around
                .record
                .and_then(|record| self.records.get_mut(usize::from(record)))
        {
            record.identifiers += 1;
        }
        self.row(note, around);
        Some(Node::Scalar(Scalar {
            category,
            many,
            nullable: note.nullable,
            identifies: note.identifies,
            time: note.time,
            open: false,
            names: note.names.clone(),
            tells: Vec::new(),
            numeric: schema.is("integer") && !schema.is("string"),
            taps: Vec::new(),
            also,
        }))
    }

    /// The datum's category, and what must hold of it here.
    fn its_category(&mut self, at: &str, note: &SiteNote, around: &Around) -> u16 {
        let Some(named) = &note.category else {
            return NO_CATEGORY;
        };
        if around.people.is_empty() && !note.also_own {
            self.wrong(
                at,
                "a datum of nobody: no object around it names its people",
                "`people` at this object or at one around it",
                "say whose data these are",
            );
        }
        self.obliged(at, named, note.identifies, note.also_own, around);
        self.category(named)
    }

    /// Any value at all, which leaves or goes as a whole.
    fn open_datum(&mut self, at: &str, note: &SiteNote, around: &Around) -> Option<Node> {
        if note.category.is_none() || note.identifies || note.names.is_some() || note.time.is_some()
        {
            self.wrong(
                at,
                "`open` at something that is not a datum alone",
                "`open: true` with `category`, and at most `also` and `nullable`",
                "remove what does not belong",
            );
        }
        self.open = true;
        let category = self.its_category(at, note, around);
        let also = note.also_own.then(|| self.also(at));
        self.row(note, around);
        Some(Node::Scalar(Scalar {
            category,
            many: false,
            nullable: note.nullable,
            identifies: false,
            time: None,
            open: true,
            names: None,
            tells: Vec::new(),
            numeric: false,
            taps: Vec::new(),
            also,
        }))
    }

    fn is_time(&mut self, schema: &Schema, at: &str, note: &SiteNote) {
        let (fits, expected) = match note.time {
            None => return,
            Some(TimeForm::Text) => (
                matches!(schema.format.as_deref(), Some("date-time" | "date")),
                "`format: date-time` or `format: date`",
            ),
            Some(TimeForm::Milliseconds | TimeForm::Seconds) => {
                (schema.is("integer"), "`type: integer`")
            }
        };
        if !fits {
            self.wrong(
                at,
                "`time` at something that is no time",
                expected,
                "declare the format, or remove `time`",
            );
        }
    }

    /// What the root says must hold wherever a datum of the category stands.
    pub(super) fn obliged(
        &mut self,
        at: &str,
        category: &Category,
        identifies: bool,
        also_own: bool,
        around: &Around,
    ) {
        let Some(known) = &self.document.note.categories else {
            return;
        };
        let Some((_, musts)) = known.iter().find(|(known, _)| known == category) else {
            let near: Vec<&str> = known.iter().map(|(known, _)| known.as_str()).collect();
            let near = crate::extension::nearest(category.as_str(), &near).map_or_else(
                || "list it at the document's root".to_owned(),
                |near| format!("did you mean `{near}`? else list it at the document's root"),
            );
            let problem = format!("`{category}` is not among the categories of this platform");
            self.wrong(
                at,
                &problem,
                "one that `categories` lists at the document's root",
                &near,
            );
            return;
        };
        let missing = musts.iter().copied().filter(|must| !match must {
            Must::PeopleFrom => around.people_from,
            Must::OwnAmong => around.own_among,
            Must::Identifies => identifies,
            Must::AlsoOwn => also_own,
        });
        for must in missing.collect::<Vec<_>>() {
            self.wrong(
                at,
                &format!("`{category}` without `{}`", must.word()),
                &format!(
                    "`{}`, as `categories` says at the document's root",
                    must.word()
                ),
                "add it here or, for people, at the record around it",
            );
        }
    }

    /// A record of one datum, in which the person who connected is concerned too.
    pub(super) fn also(&mut self, at: &str) -> u16 {
        self.somebody(at);
        self.records.push(RecordPlan {
            inherit: true,
            own_too: true,
            ..RecordPlan::default()
        });
        u16::try_from(self.records.len() - 1).unwrap_or(u16::MAX)
    }

    pub(super) fn somebody(&mut self, at: &str) {
        if self.operation.on_behalf == OnBehalf::Nobody {
            self.wrong(
                at,
                "`own` where the partner acts for nobody",
                "`on-behalf: person` at the operation",
                "remove `own`, or correct `on-behalf`",
            );
        }
    }

    pub(super) fn row(&mut self, note: &SiteNote, around: &Around) {
        let Some(category) = &note.category else {
            return;
        };
        let mut people = around.people.clone();
        if note.also_own {
            people.push(vec![OWN]);
        }
        self.rows.push(Row {
            member: around.path.clone(),
            category: category.clone(),
            people: people
                .iter()
                .map(|alternatives| self.names(alternatives))
                .collect(),
            identifies: note.identifies,
            needed: note.identifies && around.outermost,
            leaves: true,
        });
    }

    pub(crate) fn names(&self, reaches: &[u8]) -> Vec<Reach> {
        reaches
            .iter()
            .filter_map(|at| self.reaches.get(usize::from(*at)).cloned())
            .collect()
    }
}
