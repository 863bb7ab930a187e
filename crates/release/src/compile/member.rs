//! Members: what the note at a property says it is.

use decide::Reach;

use super::schema::Schema;
use super::tree::{Around, Tree};
use crate::extension::SiteNote;
use crate::operation::OnBehalf;
use crate::plan::{NO_CATEGORY, Node, OWN, RecordPlan, Scalar};
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
        let both = note.structure && note.category.is_some();
        if both || !(note.structure || note.category.is_some() || note.time) {
            self.wrong(
                at,
                "a member is walked into, or is a datum, or tells a time",
                "one of `structure: true`, `category`, `time: true`",
                "keep the one that is true",
            );
            return None;
        }
        if note.structure {
            self.container(&schema, pointers, around, false)
        } else {
            self.datum(&schema, at, note, around)
        }
    }

    pub(super) fn datum(
        &mut self,
        schema: &Schema,
        at: &str,
        note: &SiteNote,
        around: &Around,
    ) -> Option<Node> {
        let many = schema.is("array");
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
        if note.time && !matches!(schema.format.as_deref(), Some("date-time" | "date")) {
            self.wrong(
                at,
                "`time` at something that is no time",
                "`format: date-time` or `format: date`",
                "declare the format, or remove `time`",
            );
        }
        if note.identifies && (note.category.is_none() || many || around.in_list) {
            self.wrong(
                at,
                "`identifies` at something that cannot identify its record",
                "a scalar with a category, once in the record",
                "remove `identifies`",
            );
        }
        let mut category = NO_CATEGORY;
        if let Some(named) = &note.category {
            category = self.category(named);
            if around.people.is_empty() && !note.also_own {
                self.wrong(
                    at,
                    "a datum of nobody: no object around it names its people",
                    "`people` at this object or at one around it",
                    "say whose data these are",
                );
            }
        }
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
            numeric: schema.is("integer") && !schema.is("string"),
            taps: Vec::new(),
            also,
        }))
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
