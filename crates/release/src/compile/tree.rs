//! From an answer's schema to the tree that answers of its kind are walked along.

use std::sync::Arc;

use decide::{Category, Reach};

use super::people::{Aim, Way};
use super::schema::{Document, Schema};
use crate::document::step;
use crate::extension::{ObjectNote, OperationNote, PersonNote};
use crate::operation::OnBehalf;
use crate::plan::{
    Cases, List, LookupPlan, Member, NO_CATEGORY, Node, OWN, Object, Plan, RecordPlan, Slot,
};
use crate::shown::{Row, Uncovered};

/// Compiles one operation's answer.
#[derive(Debug)]
pub(crate) struct Tree<'a, 'd> {
    pub(crate) document: &'a mut Document<'d>,
    pub(crate) operation: &'a OperationNote,
    /// Where the operation stands, for messages.
    pub(crate) at: &'a str,
    pub(crate) categories: Vec<Category>,
    pub(crate) reaches: Vec<Reach>,
    pub(crate) records: Vec<RecordPlan>,
    pub(crate) keys: Vec<Box<str>>,
    pub(crate) rows: Vec<Row>,
    pub(crate) uncovered: Vec<Uncovered>,
    pub(crate) lookups: Vec<LookupPlan>,
    pub(crate) forms: Vec<(Box<str>, Box<str>)>,
    pub(crate) cursors: Vec<Box<str>>,
    /// Some member is open.
    pub(crate) open: bool,
    /// How many members are kept for calls.
    pub(crate) told: u16,
    /// The names of the operation's path parameters.
    pub(crate) path_names: Vec<String>,
    /// The targets of `$ref` around the place being compiled.
    expanding: Vec<String>,
}

/// What is around a place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Around {
    /// The innermost record.
    pub(crate) record: Option<u16>,
    /// For each of the people of the records around: how they may be reached.
    pub(crate) people: Vec<Vec<u8>>,
    /// Within a list of that record, so a member stands there more than once.
    pub(crate) in_list: bool,
    /// The outermost record.
    pub(crate) outermost: bool,
    /// The innermost record names exactly one person itself.
    pub(crate) one_person: bool,
    /// A record around has `people-from`.
    pub(crate) people_from: bool,
    /// A record around has `own-among`.
    pub(crate) own_among: bool,
    /// Within a map whose keys are ids of records.
    pub(crate) keyed: bool,
    /// An element of a list of ids.
    pub(crate) element: bool,
    /// The path for people: `/data/*/name`.
    pub(crate) path: String,
}

impl Around {
    pub(super) fn at(&self, name: &str) -> Around {
        Around {
            path: format!("{}/{name}", self.path),
            ..self.clone()
        }
    }
}

impl<'a, 'd> Tree<'a, 'd> {
    pub(crate) fn new(
        document: &'a mut Document<'d>,
        operation: &'a OperationNote,
        at: &'a str,
    ) -> Tree<'a, 'd> {
        Tree {
            document,
            operation,
            at,
            categories: Vec::new(),
            reaches: vec![Reach::Own],
            records: Vec::new(),
            keys: Vec::new(),
            rows: Vec::new(),
            uncovered: Vec::new(),
            lookups: Vec::new(),
            forms: Vec::new(),
            cursors: Vec::new(),
            open: false,
            told: 0,
            path_names: Vec::new(),
            expanding: Vec::new(),
        }
    }

    /// The plan for answers with this schema.
    pub(crate) fn compile(mut self, schema: &str) -> (Plan, Vec<Row>, Vec<Uncovered>) {
        let pointers = vec![schema.to_owned()];
        let root = match &self.operation.page {
            Some(page) if page.items.is_empty() => self.items(&pointers, &Around::default()),
            Some(page) => {
                let slots = super::envelope::slots(page);
                self.envelope(&pointers, &Around::default(), &slots, &[])
            }
            None => self.root(&pointers),
        };
        if let Some(root) = &root {
            self.account(root, &pointers);
        }
        for category in &self.operation.order {
            self.category(category);
        }
        let plan = Plan {
            root: root.unwrap_or(Node::Slot(Slot::After)),
            categories: self.categories,
            reaches: self.reaches,
            records: self.records,
            keys: self.keys,
            paged: self.operation.page.is_some(),
            empty_is_nothing: self.operation.empty_is_nothing.unwrap_or(false),
            lookups: self.lookups,
            open: self.open,
            forms: self.forms,
            identifiers: Arc::clone(&self.document.identifiers),
            cursors: self.cursors,
        };
        (plan, self.rows, self.uncovered)
    }

    fn root(&mut self, pointers: &[String]) -> Option<Node> {
        let schema = self.document.schema(pointers, false);
        if !schema.is("object") && !schema.is("array") {
            let pointer = pointers.first().map_or("", String::as_str);
            self.wrong(
                pointer,
                &format!("the answer is {}", schema.shown()),
                "an object, or a list of objects",
                "describe the answer's schema as one of them",
            );
            return None;
        }
        let mut root = self.container(&schema, pointers, &Around::default());
        // The answer to a question that exists is there, even when nothing is in it.
        if let Some(Node::Object(object)) = &mut root
            && object.record.is_none()
        {
            object.bears.clear();
        }
        root
    }

    pub(crate) fn wrong(&mut self, at: &str, problem: &str, expected: &str, remedy: &str) {
        self.document.problems.add(at, problem, expected, remedy);
    }

    pub(crate) fn category(&mut self, category: &Category) -> u16 {
        let known = self.categories.iter().position(|known| known == category);
        let at = known.unwrap_or_else(|| {
            self.categories.push(category.clone());
            self.categories.len() - 1
        });
        u16::try_from(at).unwrap_or(NO_CATEGORY)
    }

    /// The reach that a note names, or else the operation's.
    pub(crate) fn reach(&mut self, named: Option<&Reach>, at: &str) -> u8 {
        let Some(reach) = named.or(self.operation.reach.as_ref()) else {
            let operation = self.at.to_owned();
            self.wrong(
                at,
                "nothing says how this person is reached",
                &format!("`reach` here, or at the operation {operation}"),
                "add `reach`",
            );
            return OWN;
        };
        if self.operation.on_behalf == OnBehalf::Nobody && *reach != Reach::Directory {
            self.wrong(
                at,
                &format!("reach `{reach}` where the partner acts for nobody"),
                "directory",
                "correct the reach, or `on-behalf`",
            );
        }
        let known = self.reaches.iter().position(|known| known == reach);
        let at = known.unwrap_or_else(|| {
            self.reaches.push(reach.clone());
            self.reaches.len() - 1
        });
        u8::try_from(at).unwrap_or(u8::MAX)
    }

    pub(crate) fn key(&mut self, name: &str) -> u16 {
        let rendered = format!("{}:", serde_json::Value::from(name));
        let known = self.keys.iter().position(|known| **known == *rendered);
        let at = known.unwrap_or_else(|| {
            self.keys.push(rendered.into());
            self.keys.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// Refuses keywords by which data could come that the plan would not see.
    pub(super) fn understood(&mut self, schema: &Schema) {
        for (at, keyword) in &schema.odd {
            self.wrong(
                at,
                &format!("`{keyword}` at something that an overlay maps is not understood"),
                "`properties`, `items`, `additionalProperties`, `allOf`, `$ref`",
                "replace it in the overlay by what the answers really hold, or leave the member unmapped",
            );
        }
    }

    /// A note about people where there is no object that could be theirs.
    pub(super) fn without_effect(&mut self, schema: &Schema) {
        if let Some((at, _)) = &schema.object {
            self.wrong(
                at,
                "a note about people has no effect here",
                "such a note at an object, or at each schema that a discriminator names",
                "move it there, or add `alone: true` to the note of a single value",
            );
        }
    }

    /// An object, list or map to walk into.
    pub(super) fn container(
        &mut self,
        schema: &Schema,
        pointers: &[String],
        around: &Around,
    ) -> Option<Node> {
        let at = pointers.last().map_or("", String::as_str);
        self.understood(schema);
        if let Some(again) = schema
            .targets
            .iter()
            .find(|target| self.expanding.contains(target))
            .cloned()
        {
            self.wrong(
                at,
                &format!("the schema {again} contains itself here"),
                "a structure that ends",
                "leave this member unmapped",
            );
            return None;
        }
        let before = self.expanding.len();
        self.expanding.extend(schema.targets.iter().cloned());
        let node = if schema.is("array") {
            self.list(schema, around)
        } else if schema.cases.is_some() {
            self.cases(schema, at, around)
        } else if schema
            .object
            .as_ref()
            .is_some_and(|(_, note)| note.keys.is_some())
        {
            self.map(schema, around)
        } else if schema.is("object") {
            self.object(schema, pointers, around, false)
                .map(Node::Object)
        } else {
            self.wrong(
                at,
                &format!("`structure` at {}", schema.shown()),
                "an object or a list",
                "use `category`, or declare what is inside",
            );
            None
        };
        self.expanding.truncate(before);
        node
    }

    pub(crate) fn list(&mut self, schema: &Schema, around: &Around) -> Option<Node> {
        self.without_effect(schema);
        let inner = self.document.shape(&schema.items);
        let mut around = around.at("*");
        around.in_list = true;
        if !inner.is("object") && !inner.is("array") {
            return self.list_of_ids(schema, &inner, &around);
        }
        let inner = self.document.schema(&schema.items, false);
        let mut item = self.container(&inner, &schema.items, &around)?;
        // A list within a list shows nothing of those who refuse, not even how many such lists there are.
        match &mut item {
            Node::List(list) => list.empty_is_absent = true,
            Node::Map(map) => map.empty_is_absent = true,
            _ => {}
        }
        let bears = bears(&item);
        Some(Node::List(List {
            item: Box::new(item),
            empty_is_absent: false,
            hidden: false,
            items: false,
            marks: Vec::new(),
            bears,
        }))
    }

    /// A list of scalars of which each is a record of its own, as the note at `items` says.
    fn list_of_ids(&mut self, schema: &Schema, inner: &Schema, around: &Around) -> Option<Node> {
        let noted = self.document.schema(&schema.items, true);
        let Some((at, note)) = noted
            .site
            .as_ref()
            .filter(|(_, note)| note.category.is_some())
        else {
            let at = schema.items.first().or(schema.targets.last());
            let at = at.cloned().unwrap_or_default();
            self.wrong(
                &at,
                &format!("`structure` at a list of {}", inner.shown()),
                "a list of objects, or `category` at the list's `items`",
                "use `category` at the list",
            );
            return None;
        };
        let mut around = around.clone();
        let item = self.alone(&noted, at, note, &mut around)?;
        let bears = bears(&item);
        Some(Node::List(List {
            item: Box::new(item),
            empty_is_absent: false,
            hidden: false,
            items: false,
            marks: Vec::new(),
            bears,
        }))
    }

    /// An object of which one member says which schema holds.
    fn cases(&mut self, schema: &Schema, at: &str, around: &Around) -> Option<Node> {
        let cases = schema.cases.as_ref()?;
        self.without_effect(schema);
        if !schema.properties.is_empty() || !schema.additional.is_empty() {
            self.wrong(
                at,
                "members beside a discriminated `oneOf`",
                "all members in the schemas that the discriminator names",
                "bring what they share into each of them by `allOf`",
            );
            return None;
        }
        let mut out = Vec::new();
        for (value, target) in &cases.cases {
            let pointers = vec![target.clone()];
            let variant = self.document.schema(&pointers, false);
            if !variant.properties.iter().any(|(name, _)| *name == cases.by) {
                self.wrong(
                    target,
                    &format!("the schema has no member `{}`, which decides", cases.by),
                    "the discriminator's `propertyName`",
                    "declare it",
                );
            }
            let mut around = around.clone();
            around.path = format!("{}({value})", around.path);
            let before = self.expanding.len();
            self.expanding.push(target.clone());
            let node = self.container(&variant, &pointers, &around);
            self.expanding.truncate(before);
            out.push((value.as_str().into(), node?));
        }
        let mut all = Vec::new();
        for (_, node) in &out {
            bears(node).into_iter().for_each(|one| add(&mut all, one));
        }
        Some(Node::Cases(Box::new(Cases {
            by: cases.by.as_str().into(),
            cases: out,
            bears: all,
        })))
    }

    /// Whatever `identified-by` names has to say so itself too.
    fn identified(&mut self, note: &ObjectNote, object: &Object, at: &str) {
        for name in &note.identified_by {
            let member = object.members.iter().find(|it| *it.name == **name);
            if !member.is_some_and(|it| identifies(&it.node, &self.records)) {
                self.wrong(
                    at,
                    &format!("`{name}` does not identify its record"),
                    "`identifies: true` at every member that `identified-by` names",
                    "add it there, or correct the name",
                );
            }
        }
    }

    pub(super) fn open(&mut self, record: &RecordPlan) -> u16 {
        self.records.push(record.clone());
        u16::try_from(self.records.len() - 1).unwrap_or(u16::MAX)
    }

    /// An object with fixed members; `element` if it is one of the list that comes in pages.
    pub(crate) fn object(
        &mut self,
        schema: &Schema,
        pointers: &[String],
        around: &Around,
        element: bool,
    ) -> Option<Object> {
        let mut around = around.clone();
        let mut record = None;
        if let Some((at, note)) = &schema.object {
            record = self.record(at, note, &mut around, element);
        }
        let mut members = Vec::new();
        for (name, pointers) in &schema.properties {
            if let Some(node) = self.site(pointers, &around.at(name)) {
                members.push(Member {
                    name: name.as_str().into(),
                    key: self.key(name),
                    node,
                });
            }
        }
        let mut object = Object {
            members,
            record,
            hidden: false,
            bears: Vec::new(),
            dropped: Vec::new(),
            open_ended: !schema.additional.is_empty(),
        };
        if let Some((at, note)) = &schema.object {
            for (n, person) in note.people.iter().enumerate() {
                if let PersonNote::At {
                    at: place,
                    reach,
                    optional,
                    form,
                } = person
                {
                    let at = format!("{}/{n}", step(at, "people"));
                    let reach = self.reach(reach.as_ref(), &at);
                    let form = form.as_ref().and_then(|form| self.form(form, &at));
                    let way = Way {
                        up: 0,
                        aim: Aim::Person {
                            reach,
                            optional: *optional,
                            form,
                        },
                        at: &at,
                        whole: place,
                    };
                    self.tap(&mut object, pointers, &way);
                }
            }
            if let Some(people_from) = &note.people_from {
                let at = step(at, "people-from");
                let lookup = self.lookup(people_from, Some((&mut object, pointers)), &around, &at);
                if let Some(plan) = record.and_then(|at| self.records.get_mut(usize::from(at))) {
                    plan.lookup = lookup;
                }
            }
        }
        if let Some((at, note)) = &schema.object {
            self.identified(note, &object, &step(at, "identified-by"));
        }
        object.dropped = not_named(&schema.properties, &object.members);
        let at = pointers.last().map_or("", String::as_str);
        if object.members.len() > 128 {
            self.wrong(
                at,
                "more than 128 members are mapped",
                "at most 128",
                "leave some unmapped",
            );
        }
        object.bears = object
            .members
            .iter()
            .flat_map(|member| bears(&member.node))
            .fold(Vec::new(), |mut all, one| {
                add(&mut all, one);
                all
            });
        Some(object)
    }
}

/// Whether anything of a place can leave.
pub(super) fn leaves(node: &Node) -> bool {
    match node {
        Node::Scalar(scalar) => scalar.category != NO_CATEGORY,
        Node::Object(object) => object.members.iter().any(|member| leaves(&member.node)),
        Node::List(list) => leaves(&list.item),
        Node::Map(_) | Node::Slot(_) | Node::Cursor(_) => true,
        Node::Cases(cases) => cases.cases.iter().any(|(_, node)| leaves(node)),
        Node::Alone(alone) => leaves(&alone.node),
    }
}

/// Whether the record goes without it.
fn identifies(node: &Node, records: &[RecordPlan]) -> bool {
    match node {
        Node::Scalar(scalar) => scalar.identifies,
        Node::Alone(alone) => records
            .get(usize::from(alone.record))
            .is_some_and(|record| record.required),
        _ => false,
    }
}

/// All categories at or below a place.
pub(crate) fn bears(node: &Node) -> Vec<u16> {
    match node {
        Node::Scalar(scalar) if scalar.category == NO_CATEGORY => Vec::new(),
        Node::Scalar(scalar) => vec![scalar.category],
        Node::Object(object) => object.bears.clone(),
        Node::List(list) => list.bears.clone(),
        Node::Map(map) => map.bears.clone(),
        Node::Cases(cases) => cases.bears.clone(),
        Node::Alone(alone) => bears(&alone.node),
        Node::Slot(_) | Node::Cursor(_) => Vec::new(),
    }
}

/// The declared members that are not among those of the plan.
pub(super) fn not_named(properties: &[(String, Vec<String>)], members: &[Member]) -> Vec<Box<str>> {
    let names = properties.iter().map(|(name, _)| name.as_str());
    names
        .filter(|name| !members.iter().any(|member| *member.name == **name))
        .map(Into::into)
        .collect()
}

pub(super) fn add(all: &mut Vec<u16>, one: u16) {
    if !all.contains(&one) {
        all.push(one);
    }
}
