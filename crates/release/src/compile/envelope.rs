//! What is around the list of an answer that comes in pages: only the way to it, and the cursors.

use super::tree::{Around, Tree};
use crate::extension::PageNote;
use crate::plan::{Member, Node, Object, Slot};

/// A place that `page` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Items,
    Slot(Slot),
}

/// The places that `page` names, as steps.
pub(crate) fn slots(page: &PageNote) -> Vec<(Vec<String>, Part)> {
    let steps = |pointer: &String| {
        pointer
            .split('/')
            .skip(1)
            .map(|s| s.replace("~1", "/").replace("~0", "~"))
            .collect()
    };
    let mut out = vec![(steps(&page.items), Part::Items)];
    out.extend(
        page.after
            .as_ref()
            .map(|after| (steps(after), Part::Slot(Slot::After))),
    );
    out.extend(
        page.next
            .as_ref()
            .map(|next| (steps(next), Part::Slot(Slot::Next))),
    );
    out
}

impl Tree<'_, '_> {
    /// An object of the envelope, with the places that lie below it. `been` are the steps to it.
    pub(super) fn envelope(
        &mut self,
        pointers: &[String],
        around: &Around,
        slots: &[(Vec<String>, Part)],
        been: &[String],
    ) -> Option<Node> {
        let schema = self.document.schema(pointers, false);
        let mut members = Vec::new();
        for (name, pointers) in &schema.properties {
            let inner = Around {
                path: format!("{}/{name}", around.path),
                ..around.clone()
            };
            let below: Vec<_> = slots
                .iter()
                .filter(|(steps, _)| steps.first() == Some(name))
                .map(|(steps, part)| (steps.iter().skip(1).cloned().collect::<Vec<_>>(), *part))
                .collect();
            let node = match below.as_slice() {
                [] => {
                    self.beside(pointers, &inner);
                    None
                }
                [(rest, Part::Items)] if rest.is_empty() => self.items(pointers, &inner),
                [(rest, Part::Slot(slot))] if rest.is_empty() => Some(Node::Slot(*slot)),
                _ => {
                    let been: Vec<String> = been.iter().chain([name]).cloned().collect();
                    self.envelope(pointers, &inner, &below, &been)
                }
            };
            if let Some(node) = node {
                members.push(Member {
                    name: name.as_str().into(),
                    key: self.key(name),
                    node,
                });
            }
        }
        for (steps, part) in slots {
            let known = steps
                .first()
                .is_some_and(|first| schema.member(first).is_some());
            if !known {
                let key = match part {
                    Part::Items => "items",
                    Part::Slot(Slot::After) => "after",
                    Part::Slot(Slot::Next) => "next",
                };
                let names: Vec<&str> = schema
                    .properties
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .collect();
                let at = format!("{}/x-countersign/page/{key}", self.at);
                let here = been
                    .iter()
                    .map(|step| format!("/{step}"))
                    .collect::<String>();
                self.wrong(
                    &at,
                    &format!("the answer has no `{here}/{}`", steps.join("/")),
                    &format!("members there: {}", names.join(", ")),
                    "correct the pointer",
                );
            }
        }
        let dropped = super::tree::not_named(&schema.properties, &members);
        Some(Node::Object(Object {
            members,
            record: None,
            hidden: false,
            bears: Vec::new(),
            dropped,
            open_ended: !schema.additional.is_empty(),
        }))
    }

    /// A member beside the list: dropped, and a note there would have no effect.
    fn beside(&mut self, pointers: &[String], around: &Around) {
        let schema = self.document.schema(pointers, true);
        if let Some((at, _)) = &schema.site {
            self.wrong(
                at,
                "a note beside a list that comes in pages",
                "around the list only what `page` names",
                "remove the note: totals and the like tell of people who were left out",
            );
        }
        self.uncovered.push(crate::shown::Uncovered {
            member: around.path.clone(),
            kind: schema.shown(),
        });
    }

    pub(super) fn items(&mut self, pointers: &[String], around: &Around) -> Option<Node> {
        let schema = self.document.schema(pointers, true);
        let list = if schema.is("array") {
            self.list(&schema, around)
        } else {
            None
        };
        match list {
            Some(Node::List(mut list)) => {
                if !of_records(&list.item) {
                    self.not_records(pointers);
                }
                list.items = true;
                list.bears = Vec::new();
                Some(Node::List(list))
            }
            _ => {
                self.not_records(pointers);
                None
            }
        }
    }

    fn not_records(&mut self, pointers: &[String]) {
        let at = pointers.first().map_or("", String::as_str);
        self.wrong(
            at,
            "the list that comes in pages is not one of records",
            "a list of objects with `people`",
            "write `people` at the schema of its elements",
        );
    }
}

/// Whether whatever stands here is a record of its own.
pub(crate) fn of_records(node: &Node) -> bool {
    match node {
        Node::Object(object) => object.record.is_some(),
        Node::Cases(cases) => cases.cases.iter().all(|(_, node)| of_records(node)),
        _ => false,
    }
}
