//! Accounting for ids of people: where the document itself marks them by `format`, none may be forgotten.
//!
//! Anything declared as an id of a person within a record must be among that record's people, also where the member
//! itself does not leave: who is mentioned in a message is one of its people, whether or not the mention is shown.

use super::tree::Tree;
use crate::plan::{Node, Scalar};

/// How deeply declared members are looked through below what is walked.
const DEPTH: usize = 8;

impl Tree<'_, '_> {
    pub(super) fn account(&mut self, root: &Node, pointers: &[String]) {
        if !self.document.note.formats.is_empty() {
            self.place(Some(root), pointers, false, "", 0);
        }
    }

    fn place(
        &mut self,
        node: Option<&Node>,
        pointers: &[String],
        in_record: bool,
        path: &str,
        depth: usize,
    ) {
        if depth > DEPTH || (node.is_none() && !in_record) {
            return;
        }
        let schema = self.document.shape(pointers);
        let marked = |format: &Option<String>, formats: &[String]| {
            format.as_ref().is_some_and(|it| formats.contains(it))
        };
        if marked(&schema.format, &self.document.note.formats) && in_record {
            let named = matches!(node, Some(Node::Scalar(Scalar { taps, .. })) if !taps.is_empty());
            if !named {
                self.forgotten(pointers, path);
            }
        }
        let in_record = in_record
            || matches!(node, Some(Node::Object(object)) if object.record.is_some())
            || matches!(node, Some(Node::Map(_)));
        if let (Some(cases), Some(Node::Cases(nodes))) = (&schema.cases, node) {
            for (value, target) in &cases.cases {
                let node = nodes.cases.iter().find(|(known, _)| **known == **value);
                let pointers = vec![target.clone()];
                self.place(
                    node.map(|(_, node)| node),
                    &pointers,
                    in_record,
                    path,
                    depth + 1,
                );
            }
        }
        if !schema.items.is_empty() {
            let items = self.document.shape(&schema.items);
            let path = format!("{path}/*");
            match node {
                Some(Node::List(list)) => {
                    self.place(Some(&list.item), &schema.items, in_record, &path, depth + 1);
                }
                // A list of ids is one place.
                Some(Node::Scalar(scalar)) if !scalar.taps.is_empty() => {}
                _ if marked(&items.format, &self.document.note.formats) && in_record => {
                    self.forgotten(&schema.items, &path);
                }
                _ => self.place(None, &schema.items, in_record, &path, depth + 1),
            }
        }
        for (name, pointers) in &schema.properties {
            let member = match node {
                Some(Node::Object(object)) => object.members.iter().find(|m| *m.name == **name),
                _ => None,
            };
            let path = format!("{path}/{name}");
            self.place(
                member.map(|member| &member.node),
                pointers,
                in_record,
                &path,
                depth + 1,
            );
        }
        if let Some(Node::Map(map)) = node {
            let path = format!("{path}/*");
            self.place(
                Some(&map.value),
                &schema.additional,
                in_record,
                &path,
                depth + 1,
            );
        }
    }

    fn forgotten(&mut self, pointers: &[String], path: &str) {
        let at = pointers.first().cloned().unwrap_or_default();
        self.wrong(
            &at,
            &format!("`{path}` holds an id of a person whom no record around it names"),
            "a place in `people` that leads here",
            "name it (`optional: true` if it may be missing)",
        );
    }
}
