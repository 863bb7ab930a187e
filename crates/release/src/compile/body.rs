//! The body of a request: which members a partner may send, and which are always sent.

use decide::{Reach, Verb};
use serde_json::Value;

use super::parameters::{BOUNDED, bounds, fits, reached, touched};
use super::schema::{Document, Schema};
use crate::document::step;
use crate::extension::{BodyNote, KEY, OperationNote, ParameterNote};
use crate::operation::OnBehalf;
use crate::parameter::{Body, Holds, Kind, Named, Sort};
use crate::plan::Plan;

/// Compiles what an operation says of its request's body. `None`: it takes none.
pub(super) fn compile(
    document: &mut Document<'_>,
    plan: &mut Plan,
    note: &OperationNote,
    (at, method): (&str, &str),
    operation: &Value,
) -> Option<Body> {
    let at = step(at, "requestBody");
    let mut described = operation.get("requestBody")?.as_object()?;
    let mut here = at.clone();
    if let Some(target) = document.reference(&at, described) {
        described = document.at(&target)?.as_object()?;
        here = target;
    }
    let required = described.get("required") == Some(&Value::Bool(true));
    let schema = step(&step(&step(&here, "content"), "application/json"), "schema");
    let (mut members, mut told) = (Vec::new(), false);
    if document.at(&schema).is_some() {
        let mut reading = Reading {
            document,
            plan,
            note,
            expanding: Vec::new(),
            told: false,
        };
        members = reading.root(&schema);
        told = reading.told;
    }
    if members.is_empty() && !required {
        return None;
    }
    if !matches!(method, "POST" | "PUT" | "PATCH") {
        document.problems.add(
            &at,
            &format!("a {method} with a body"),
            "a body at POST, PUT or PATCH",
            "leave the body unannotated and not required, or the operation unmapped",
        );
    } else if members.is_empty() && !told {
        document.problems.add(
            &at,
            "the body is required, and nothing says what it may hold",
            "notes at properties of its schema for application/json",
            "annotate them, or leave the operation unmapped",
        );
    }
    Some(Body { required, members })
}

struct Reading<'a, 'd> {
    document: &'a mut Document<'d>,
    plan: &'a mut Plan,
    note: &'a OperationNote,
    /// The targets of `$ref` around the place being compiled.
    expanding: Vec<String>,
    /// A mistake was told, from which it follows that nothing is named.
    told: bool,
}

impl Reading<'_, '_> {
    fn root(&mut self, pointer: &str) -> Vec<Named> {
        let schema = self.document.shape(&[pointer.to_owned()]);
        if schema.is("object") {
            return self.members(&schema, pointer);
        }
        self.wrong(
            pointer,
            &format!("the body is {}", schema.shown()),
            "an object",
            "describe it as an object, or leave the operation unmapped",
        );
        Vec::new()
    }

    fn wrong(&mut self, at: &str, problem: &str, expected: &str, remedy: &str) {
        self.told = true;
        self.document.problems.add(at, problem, expected, remedy);
    }

    fn members(&mut self, schema: &Schema, at: &str) -> Vec<Named> {
        if let Some(again) = schema
            .targets
            .iter()
            .find(|target| self.expanding.contains(target))
        {
            let problem = format!("the schema {again} contains itself here");
            self.wrong(
                at,
                &problem,
                "a structure that ends",
                "leave this member without a note",
            );
            return Vec::new();
        }
        let before = self.expanding.len();
        self.expanding.extend(schema.targets.iter().cloned());
        let mut named = Vec::new();
        for (name, pointers) in &schema.properties {
            let required = schema.required.contains(name);
            if let Some(holds) = self.member(pointers) {
                named.push(Named {
                    name: name.clone(),
                    required,
                    holds,
                });
            }
        }
        self.complete(schema, at, &named);
        self.expanding.truncate(before);
        named
    }

    /// What the schema requires can be sent, where anything can.
    fn complete(&mut self, schema: &Schema, at: &str, named: &[Named]) {
        let refused = schema
            .required
            .iter()
            .find(|name| named.iter().all(|member| member.name != **name));
        if let Some(name) = refused.filter(|_| !named.is_empty()) {
            self.wrong(
                at,
                &format!(
                    "the member `{name}` of the body is required, and refused for want of a note"
                ),
                if self.reads() {
                    "a note: `structure`, `touches`, `pass`, `record` or `always`"
                } else {
                    "a note: `structure`, `person`, `category`, `pass`, `record` or `always`"
                },
                "annotate it, or leave the operation unmapped",
            );
        }
    }

    fn member(&mut self, pointers: &[String]) -> Option<Holds> {
        let (at, note) = self.note(pointers)?;
        let schema = self.document.shape(pointers);
        let pointer = pointers.last().map_or("", String::as_str);
        match note {
            BodyNote::Structure => self.structure(&schema, pointer, &at),
            BodyNote::Is(ParameterNote::Pass) => self.pass(&schema, pointer, &at),
            BodyNote::Person(reach) => self.person(&reach, &schema, &at),
            BodyNote::Is(
                ParameterNote::Touches(categories) | ParameterNote::Category(categories),
            ) => Some(Holds::Touches {
                categories: touched(self.plan, &categories),
                kind: self.kind(&schema, &at)?,
            }),
            BodyNote::Is(ParameterNote::Always(value)) => {
                fits(self.document, &at, pointer, &value);
                Some(Holds::Always(value))
            }
            BodyNote::Is(_) => {
                let many = self.ids("record", &schema, &at)?;
                Some(Holds::Record { many })
            }
        }
    }

    fn reads(&self) -> bool {
        self.note.verb == Verb::Read
    }

    fn person(&mut self, reach: &Reach, schema: &Schema, at: &str) -> Option<Holds> {
        let many = self.ids("person", schema, at)?;
        let expected = match self.note.on_behalf {
            OnBehalf::Nobody if *reach != Reach::Directory => "directory",
            OnBehalf::Person if many && *reach == Reach::Own => "one id, where it is their own",
            _ => {
                let reach = reached(self.plan, reach);
                return Some(Holds::Person { reach, many });
            }
        };
        let problem = format!("reach `{reach}` here");
        self.wrong(at, &problem, expected, "correct the reach, or `on-behalf`");
        None
    }

    /// Whether it is a list of ids; `None` where it is neither one nor an id.
    fn ids(&mut self, note: &str, schema: &Schema, at: &str) -> Option<bool> {
        match self.kind(schema, at)? {
            Kind::One(Sort::Text | Sort::Integer) => Some(false),
            Kind::Many(Sort::Text | Sort::Integer) => Some(true),
            _ => {
                let problem = format!("`{note}` at {}", schema.shown());
                let other = if self.reads() { "touches" } else { "category" };
                self.wrong(
                    at,
                    &problem,
                    "an id as text or integer, or a list of them",
                    &format!("correct the schema, or use `{other}`"),
                );
                None
            }
        }
    }

    /// The note at this use, and where it stands.
    fn note(&mut self, pointers: &[String]) -> Option<(String, BodyNote)> {
        let mut found = None;
        for pointer in pointers {
            let Some(note) = self.document.at(pointer).and_then(|map| map.get(KEY)) else {
                continue;
            };
            let at = step(pointer, KEY);
            self.document.used.insert(at.clone());
            let read = if self.reads() {
                BodyNote::read(note)
            } else {
                BodyNote::of_write(note)
            };
            match read {
                Ok(note) => found = Some((at, note)),
                Err(mistakes) => {
                    self.told = true;
                    self.document.problems.add_all(&at, mistakes);
                }
            }
        }
        found
    }

    fn structure(&mut self, schema: &Schema, pointer: &str, at: &str) -> Option<Holds> {
        self.understood(schema);
        if schema.is("array") && !self.reads() {
            let items = schema.items.clone();
            let inner = self.document.shape(&items);
            let pointer = items.last().map_or("", String::as_str);
            return match self.structure(&inner, pointer, at)? {
                Holds::Members(members) => Some(Holds::Items(members)),
                _ => None,
            };
        }
        if !schema.is("object") {
            let problem = format!("`structure` at {}", schema.shown());
            self.wrong(
                at,
                &problem,
                if self.reads() {
                    "an object"
                } else {
                    "an object, or a list of objects"
                },
                "say what the value is, or leave it without a note",
            );
            return None;
        }
        let members = self.members(schema, pointer);
        if members.is_empty() {
            self.wrong(
                at,
                "`structure` at an object of which nothing is named",
                "notes at its properties",
                "annotate them, or remove the note",
            );
        }
        Some(Holds::Members(members))
    }

    fn pass(&mut self, schema: &Schema, pointer: &str, at: &str) -> Option<Holds> {
        let many = schema.is("array");
        let of = match schema.items.last() {
            Some(items) if many => items.clone(),
            _ => pointer.to_owned(),
        };
        let values = bounds(self.document, &of);
        if values.is_none() {
            self.wrong(
                at,
                "`pass` at a member that takes anything",
                BOUNDED,
                "bound it in the overlay, or say what it touches",
            );
        }
        Some(Holds::Pass {
            values: values?,
            many,
        })
    }

    /// What kind of value the schema declares. Objects are gone into, never passed on.
    fn kind(&mut self, schema: &Schema, at: &str) -> Option<Kind> {
        self.understood(schema);
        let many = schema.is("array");
        let inner = if many {
            self.document.shape(&schema.items)
        } else {
            Schema::default()
        };
        if schema.is("object") || inner.is("object") || inner.is("array") {
            self.wrong(
                at,
                "this note at something with members of its own",
                "a scalar, or a list of scalars",
                "use `structure: true`, and name the members inside",
            );
            return None;
        }
        Some(match (many, &schema.types) {
            (true, Some(types)) if types.len() == 1 => Kind::Many(sort(&inner)),
            (false, Some(_)) => Kind::One(sort(schema)),
            _ => Kind::Either,
        })
    }

    fn understood(&mut self, schema: &Schema) {
        for (at, keyword) in &schema.odd {
            let problem =
                format!("`{keyword}` at something that an overlay maps is not understood");
            self.wrong(
                at,
                &problem,
                "`properties`, `items`, `allOf`, `$ref`",
                "replace it in the overlay by what the platform really takes, or leave the member without a note",
            );
        }
    }
}

fn sort(schema: &Schema) -> Sort {
    let types: Vec<&str> = schema.types.iter().flatten().map(String::as_str).collect();
    match types.as_slice() {
        ["string"] => Sort::Text,
        ["integer"] => Sort::Integer,
        ["number"] | ["integer", "number"] => Sort::Number,
        ["boolean"] => Sort::Boolean,
        _ => Sort::Any,
    }
}
