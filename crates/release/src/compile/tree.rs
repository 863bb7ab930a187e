//! From an answer's schema to the tree that answers of its kind are walked along.

use decide::{Category, Reach};

use super::schema::{Document, Schema};
use crate::document::step;
use crate::extension::{OperationNote, PersonNote};
use crate::operation::OnBehalf;
use crate::plan::{List, Map, Member, NO_CATEGORY, Node, OWN, Object, Plan, RecordPlan, Slot};
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
            expanding: Vec::new(),
        }
    }

    /// The plan for answers with this schema.
    pub(crate) fn compile(mut self, schema: &str) -> (Plan, Vec<Row>, Vec<Uncovered>) {
        let pointers = vec![schema.to_owned()];
        let root = match &self.operation.page {
            Some(page) => {
                let slots = super::envelope::slots(page);
                self.envelope(&pointers, &Around::default(), &slots, &[])
            }
            None => self.root(&pointers),
        };
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
            empty_is_nothing: self.operation.empty_is_nothing,
        };
        (plan, self.rows, self.uncovered)
    }

    fn root(&mut self, pointers: &[String]) -> Option<Node> {
        let schema = self.document.schema(pointers, false);
        if !schema.is("object") {
            let pointer = pointers.first().map_or("", String::as_str);
            self.wrong(
                pointer,
                &format!("the answer is {}", schema.shown()),
                "an object, or `page` with the place of the list",
                "describe the answer's schema as an object",
            );
            return None;
        }
        let mut root = self.container(&schema, pointers, &Around::default(), true);
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

    /// An object, list or map to walk into.
    pub(super) fn container(
        &mut self,
        schema: &Schema,
        pointers: &[String],
        around: &Around,
        root: bool,
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
        let node = if schema.is("array") && !root {
            self.list(schema, around)
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
        let inner = self.document.schema(&schema.items, false);
        let mut around = around.at("*");
        around.in_list = true;
        if !inner.is("object") && !inner.is("array") {
            let at = schema
                .items
                .first()
                .or(schema.targets.last())
                .cloned()
                .unwrap_or_default();
            self.wrong(
                &at,
                &format!("`structure` at a list of {}", inner.shown()),
                "a list of objects",
                "use `category` at the list",
            );
            return None;
        }
        let item = self.container(&inner, &schema.items, &around, false)?;
        let bears = bears(&item);
        Some(Node::List(List {
            item: Box::new(item),
            hidden: false,
            items: false,
            marks: Vec::new(),
            bears,
        }))
    }

    fn map(&mut self, schema: &Schema, around: &Around) -> Option<Node> {
        let (at, note) = schema.object.as_ref()?;
        let keys = note.keys.as_ref()?;
        if schema.additional.is_empty()
            || !schema.properties.is_empty()
            || !note.people.is_empty()
            || note.own_among
        {
            self.wrong(
                at,
                "`keys` at something else than a map of people",
                "an object with `additionalProperties` and nothing else; its people are the keys",
                "correct the schema, or remove `keys`",
            );
            return None;
        }
        let reach = self.reach(keys.reach.as_ref(), at);
        let category = self.category(&keys.category);
        let record = self.open(&RecordPlan {
            inherit: note.inherit,
            owed: 1,
            has_people: true,
            ..RecordPlan::default()
        });
        let mut inner = around.at("*");
        inner.people = if note.inherit {
            around.people.clone()
        } else {
            Vec::new()
        };
        inner.people.push(vec![reach]);
        inner.record = Some(record);
        inner.in_list = false;
        inner.outermost = false;
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
        let values = self.document.schema(&schema.additional, true);
        let value = match &values.site {
            Some((at, note)) if note.category.is_some() => self.datum(&values, at, note, &inner),
            _ => self.container(&values, &schema.additional, &inner, false),
        }?;
        let mut bears = bears(&value);
        add(&mut bears, category);
        Some(Node::Map(Box::new(Map {
            record,
            category,
            reach,
            value,
            bears,
        })))
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
        };
        if let Some((at, note)) = &schema.object {
            for (n, person) in note.people.iter().enumerate() {
                if let PersonNote::At { at: place, reach } = person {
                    let at = format!("{}/{n}", step(at, "people"));
                    let reach = self.reach(reach.as_ref(), &at);
                    self.tap(&mut object, pointers, place, reach, &at);
                }
            }
        }
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

/// All categories at or below a place.
pub(crate) fn bears(node: &Node) -> Vec<u16> {
    match node {
        Node::Scalar(scalar) if scalar.category == NO_CATEGORY => Vec::new(),
        Node::Scalar(scalar) => vec![scalar.category],
        Node::Object(object) => object.bears.clone(),
        Node::List(list) => list.bears.clone(),
        Node::Map(map) => map.bears.clone(),
        Node::Slot(_) => Vec::new(),
    }
}

fn add(all: &mut Vec<u16>, one: u16) {
    if !all.contains(&one) {
        all.push(one);
    }
}
