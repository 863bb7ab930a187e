//! One schema as it holds at one place: `$ref` followed with its siblings, `allOf` merged.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::problems::Problems;
use crate::document::{local, step};
use crate::extension::{KEY, ObjectNote, RootNote, SiteNote, kind, read_schema};
use crate::sweep::Forms;

/// The document, and which of its notes have been read.
#[derive(Debug)]
pub(crate) struct Document<'d> {
    pub(crate) root: &'d Value,
    pub(crate) problems: Problems,
    pub(crate) used: HashSet<String>,
    /// What the note at the root says.
    pub(crate) note: RootNote,
    /// What identifies itself on this platform.
    pub(crate) identifiers: Arc<Forms>,
}

/// A schema after merging.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    /// What the note where it is used says, and where that stands.
    pub(crate) site: Option<(String, SiteNote)>,
    /// What the note at the object says.
    pub(crate) object: Option<(String, ObjectNote)>,
    /// `None`: any.
    pub(crate) types: Option<BTreeSet<String>>,
    pub(crate) format: Option<String>,
    /// Each member with the pointers of all schemas that hold for it.
    pub(crate) properties: Vec<(String, Vec<String>)>,
    pub(crate) items: Vec<String>,
    /// Schemas of `additionalProperties`.
    pub(crate) additional: Vec<String>,
    /// Keywords by which data could come in that the plan would not see.
    pub(crate) odd: Vec<(String, &'static str)>,
    /// What `$ref`s led to.
    pub(crate) targets: Vec<String>,
    /// Members that must be there.
    pub(crate) required: Vec<String>,
    /// `oneOf` with a `discriminator`: which schema holds, one of its members says.
    pub(crate) cases: Option<Cases>,
}

/// A discriminated `oneOf`.
#[derive(Clone, Debug)]
pub(crate) struct Cases {
    /// The member that decides.
    pub(crate) by: String,
    /// Its values, each with the pointer of the schema that holds then.
    pub(crate) cases: Vec<(String, String)>,
}

/// Which notes are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notes {
    /// Those about this use of the schema, and those about the object.
    Use,
    /// Those about the object.
    Object,
    /// None.
    Nowhere,
}

impl Notes {
    /// At what a `$ref` or an `allOf` brings in.
    fn below(self) -> Notes {
        match self {
            Notes::Use | Notes::Object => Notes::Object,
            Notes::Nowhere => Notes::Nowhere,
        }
    }
}

const ODD: &[&str] = &[
    "oneOf",
    "anyOf",
    "if",
    "then",
    "else",
    "patternProperties",
    "dependentSchemas",
    "prefixItems",
    "$dynamicRef",
    "$recursiveRef",
    "unevaluatedProperties",
    "unevaluatedItems",
];

impl Schema {
    pub(crate) fn is(&self, name: &str) -> bool {
        match &self.types {
            Some(types) => types.contains(name),
            None => match name {
                "object" => {
                    !self.properties.is_empty()
                        || !self.additional.is_empty()
                        || self.cases.is_some()
                }
                "array" => !self.items.is_empty(),
                _ => false,
            },
        }
    }

    /// What it declares, for people.
    pub(crate) fn shown(&self) -> String {
        match &self.types {
            Some(types) if !types.is_empty() => {
                types.iter().cloned().collect::<Vec<_>>().join(" or ")
            }
            _ if self.is("object") => "object".to_owned(),
            _ if self.is("array") => "array".to_owned(),
            _ => "anything".to_owned(),
        }
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Vec<String>> {
        self.properties
            .iter()
            .find_map(|(known, pointers)| (known == name).then_some(pointers))
    }
}

impl<'d> Document<'d> {
    pub(crate) fn at(&self, pointer: &str) -> Option<&'d Value> {
        self.root.pointer(pointer)
    }

    /// The schema that holds where all of these do. `site`: notes about this use are allowed at the pointers.
    pub(crate) fn schema(&mut self, pointers: &[String], site: bool) -> Schema {
        let notes = if site { Notes::Use } else { Notes::Object };
        self.gathered(pointers, notes)
    }

    /// The same without a look at notes: those at a request's body are others.
    pub(crate) fn shape(&mut self, pointers: &[String]) -> Schema {
        self.gathered(pointers, Notes::Nowhere)
    }

    fn gathered(&mut self, pointers: &[String], notes: Notes) -> Schema {
        let mut out = Schema::default();
        for pointer in pointers {
            self.gather(pointer, notes, &mut out, &mut Vec::new());
        }
        out
    }

    fn gather(&mut self, pointer: &str, notes: Notes, out: &mut Schema, trail: &mut Vec<String>) {
        if trail.iter().any(|been| been == pointer) {
            self.problems.add(
                pointer,
                "the `$ref`s lead back here",
                "references that end at a schema",
                "break the circle",
            );
            return;
        }
        let map = match self.at(pointer) {
            Some(Value::Object(map)) => map,
            Some(Value::Bool(_)) => return,
            other => {
                let found = other.map_or("nothing", kind);
                self.problems.add(
                    pointer,
                    &format!("there is {found}"),
                    "a schema",
                    "correct the document or the reference",
                );
                return;
            }
        };
        trail.push(pointer.to_owned());
        if let Some(target) = self.reference(pointer, map) {
            out.targets.push(target.clone());
            self.gather(&target, notes.below(), out, trail);
        }
        for part in parts(pointer, map, "allOf") {
            self.gather(&part, notes.below(), out, trail);
        }
        self.either(pointer, map, notes, out, trail);
        self.own(pointer, map, out);
        if notes != Notes::Nowhere {
            self.note(pointer, map, notes == Notes::Use, out);
        }
        trail.pop();
    }

    /// The target of the `$ref` here, if any.
    pub(crate) fn reference(&mut self, pointer: &str, map: &Map<String, Value>) -> Option<String> {
        let reference = map.get("$ref")?;
        let target = reference.as_str().and_then(local);
        if target.is_none() {
            self.problems.add(
                &step(pointer, "$ref"),
                &format!("{reference} cannot be followed"),
                "a reference into the same document, such as #/components/schemas/Person",
                "bundle the document into one file first",
            );
        }
        target
    }

    /// `oneOf` and `anyOf` with `null` are a way to say nullable; any other is not understood.
    fn either(
        &mut self,
        pointer: &str,
        map: &Map<String, Value>,
        notes: Notes,
        out: &mut Schema,
        trail: &mut Vec<String>,
    ) {
        for keyword in ["oneOf", "anyOf"] {
            let (null, other): (Vec<String>, Vec<String>) =
                parts(pointer, map, keyword).into_iter().partition(|part| {
                    self.at(part)
                        .and_then(|part| part.get("type"))
                        .is_some_and(|t| t == "null")
                });
            match other.as_slice() {
                [] => {}
                [one] if !null.is_empty() => self.gather(one, notes.below(), out, trail),
                _ if keyword == "oneOf" && map.contains_key("discriminator") => {
                    self.discriminated(pointer, map, out);
                }
                _ => out.odd.push((step(pointer, keyword), keyword)),
            }
        }
    }

    /// `discriminator` (OpenAPI 3.1, section 4.8.25), with a mapping that is written out.
    fn discriminated(&mut self, pointer: &str, map: &Map<String, Value>, out: &mut Schema) {
        let at = step(pointer, "discriminator");
        let note = map.get("discriminator");
        let by = note
            .and_then(|note| note.get("propertyName"))
            .and_then(Value::as_str);
        let mapping = note
            .and_then(|note| note.get("mapping"))
            .and_then(Value::as_object);
        let (Some(by), Some(mapping)) = (by, mapping) else {
            self.problems.add(
                &at,
                "the discriminator does not say which value means which schema",
                "`propertyName`, and a `mapping` from values to references such as #/components/schemas/Message",
                "add it in the overlay",
            );
            return;
        };
        let mut cases = Vec::new();
        for (value, target) in mapping {
            match target.as_str().and_then(local) {
                Some(target) => cases.push((value.clone(), target)),
                None => self.problems.add(
                    &step(&step(&at, "mapping"), value),
                    &format!("{target} cannot be followed"),
                    "a reference into the same document, such as #/components/schemas/Message",
                    "correct it",
                ),
            }
        }
        if out.cases.is_some() {
            self.problems.add(
                &at,
                "a second discriminator for the same object",
                "one",
                "remove one of them",
            );
        }
        out.cases = Some(Cases {
            by: by.to_owned(),
            cases,
        });
    }

    fn own(&mut self, pointer: &str, map: &Map<String, Value>, out: &mut Schema) {
        for keyword in ODD.iter().skip(2) {
            if map.get(*keyword).is_some_and(|value| !value.is_boolean()) {
                out.odd.push((step(pointer, keyword), keyword));
            }
        }
        if let Some(types) = types(map) {
            let both: BTreeSet<String> = match &out.types {
                Some(before) => before.intersection(&types).cloned().collect(),
                None => types.clone(),
            };
            if both.is_empty() && !types.is_empty() {
                self.problems.add(
                    pointer,
                    "no value has all the types that hold here",
                    "types that agree",
                    "correct the schemas that `allOf` or `$ref` bring together",
                );
            }
            out.types = Some(both);
        }
        out.format = map
            .get("format")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .or_else(|| out.format.take());
        if let Some(properties) = map.get("properties").and_then(Value::as_object) {
            let base = step(pointer, "properties");
            for name in properties.keys() {
                let here = step(&base, name);
                match out.properties.iter_mut().find(|(known, _)| known == name) {
                    Some((_, pointers)) => pointers.push(here),
                    None => out.properties.push((name.clone(), vec![here])),
                }
            }
        }
        let required = map.get("required").and_then(Value::as_array);
        let names = required.into_iter().flatten().filter_map(Value::as_str);
        out.required.extend(names.map(str::to_owned));
        if map.get("items").is_some_and(Value::is_object) {
            out.items.push(step(pointer, "items"));
        }
        if map
            .get("additionalProperties")
            .is_some_and(Value::is_object)
        {
            out.additional.push(step(pointer, "additionalProperties"));
        }
    }

    fn note(&mut self, pointer: &str, map: &Map<String, Value>, site: bool, out: &mut Schema) {
        let Some(note) = map.get(KEY) else { return };
        let at = step(pointer, KEY);
        self.used.insert(at.clone());
        match read_schema(note) {
            Err(mistakes) => self.problems.add_all(&at, mistakes),
            Ok((here, object)) => {
                if here.is_some() && !site {
                    self.problems.add(
                        &at,
                        "the note says what one use of this schema is, at the schema itself",
                        "`structure`, `category` and what belongs to them at the property that uses it, beside its `$ref`",
                        "move it there, so that a new use of the schema does not disclose anything by itself",
                    );
                } else if let Some(here) = here {
                    self.only_one(out.site.as_ref().map(|(at, _)| at), &at);
                    out.site = Some((at.clone(), here));
                }
                if let Some(object) = object {
                    self.only_one(out.object.as_ref().map(|(at, _)| at), &at);
                    out.object = Some((at, object));
                }
            }
        }
    }
}

impl Document<'_> {
    /// Of two notes one would be forgotten, with the people that it names.
    fn only_one(&mut self, known: Option<&String>, at: &str) {
        if let Some(known) = known.filter(|known| *known != at) {
            self.problems.add(
                at,
                &format!("a second note for the same place, after {known}"),
                "one note that says all",
                "bring both into one",
            );
        }
    }
}

fn parts(pointer: &str, map: &Map<String, Value>, keyword: &str) -> Vec<String> {
    let count = map
        .get(keyword)
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let base = step(pointer, keyword);
    (0..count).map(|n| format!("{base}/{n}")).collect()
}

/// The declared types; that it may be `null` is no type of its own here.
fn types(map: &Map<String, Value>) -> Option<BTreeSet<String>> {
    let names: Vec<&Value> = match map.get("type")? {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    };
    Some(
        names
            .into_iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .map(str::to_owned)
            .collect(),
    )
}
