//! A slow and plain walk over an answer beside its plan, to tell what stands where. What leaves is decided by the real one.

use serde_json::{Map as Members, Value};

use super::trail::{Step, Trail};
use crate::plan::{Map, Node, Object, Scalar, Tap};

/// Something met on the way.
#[derive(Debug)]
pub(super) enum Met<'p, 'v> {
    /// A place of the plan for a scalar, or for a list of them.
    Datum(&'p Scalar),
    /// The key of a map of this category.
    Key(u16),
    /// What should be an id of a person. A key of a map has no value.
    Person {
        id: Id<'v>,
        tap: Tap,
    },
    /// The document declares it, and the overlay does not cover it.
    Dropped(&'v Value),
    /// The document does not declare it; `allowed`: it says that anything may stand there.
    Undeclared {
        name: &'v str,
        value: &'v Value,
        allowed: bool,
    },
    /// An object whose deciding member says nothing foreseen; what it says.
    Unforeseen(Option<&'v str>),
    /// Something else than the document declares.
    Other(&'v Value),
    /// A record begins here, or ends.
    Opens,
    Closes,
}

/// A value, or a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Id<'v> {
    Value(&'v Value),
    Key(&'v str),
}

impl Id<'_> {
    /// As platforms write ids.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Id::Key(key) => Some((*key).to_owned()),
            Id::Value(Value::String(text)) => Some(text.clone()),
            Id::Value(Value::Number(number)) => Some(number.to_string()),
            Id::Value(_) => None,
        }
    }
}

/// The one that walks.
pub(super) struct Visitor<'f, 'p, 'v> {
    pub(super) trail: Trail,
    /// Whether a name that the document does not know names somebody: it is not shown then.
    pub(super) is_somebody: &'f dyn Fn(&str) -> bool,
    pub(super) met: &'f mut dyn FnMut(&Trail, Met<'p, 'v>),
}

impl<'p, 'v> Visitor<'_, 'p, 'v> {
    fn tell(&mut self, met: Met<'p, 'v>) {
        (self.met)(&self.trail, met);
    }

    fn into(&mut self, step: Step, node: &'p Node, value: &'v Value) {
        self.trail.push(step);
        self.visit(node, value);
        self.trail.pop();
    }

    pub(super) fn visit(&mut self, node: &'p Node, value: &'v Value) {
        match (node, value) {
            (Node::Scalar(scalar), _) => self.scalar(scalar, value),
            (Node::Slot(_) | Node::Cursor(_), _) => {}
            (Node::Alone(alone), _) => {
                self.tell(Met::Opens);
                self.visit(&alone.node, value);
                self.tell(Met::Closes);
            }
            (_, Value::Null) => {}
            (Node::Cases(cases), Value::Object(members)) => {
                let said = members.get(&*cases.by).and_then(Value::as_str);
                let known = cases.cases.iter().find(|(known, _)| Some(&**known) == said);
                match known {
                    Some((_, node)) => self.visit(node, value),
                    None => self.tell(Met::Unforeseen(said)),
                }
            }
            (Node::Object(object), Value::Object(members)) => self.object(object, members),
            (Node::Map(map), Value::Object(members)) => self.map(map, members),
            (Node::List(list), Value::Array(elements)) => {
                for (n, element) in elements.iter().enumerate() {
                    self.into(Step::Element(n), &list.item, element);
                }
            }
            _ => self.tell(Met::Other(value)),
        }
    }

    fn scalar(&mut self, scalar: &'p Scalar, value: &'v Value) {
        self.tell(Met::Datum(scalar));
        for tap in &scalar.taps {
            match value {
                Value::Array(ids) if scalar.many => {
                    for id in ids {
                        self.tell(Met::Person {
                            id: Id::Value(id),
                            tap: *tap,
                        });
                    }
                }
                Value::Null if tap.optional => {}
                _ => self.tell(Met::Person {
                    id: Id::Value(value),
                    tap: *tap,
                }),
            }
        }
    }

    fn object(&mut self, object: &'p Object, members: &'v Members<String, Value>) {
        if object.record.is_some() {
            self.tell(Met::Opens);
        }
        for (name, value) in members {
            let known = object.members.iter().find(|member| *member.name == **name);
            if let Some(member) = known {
                self.into(Step::Name(name.clone()), &member.node, value);
                continue;
            }
            let declared = object.dropped.iter().any(|known| **known == **name);
            let hidden = !declared && (self.is_somebody)(name);
            self.trail.push(if hidden {
                Step::Key
            } else {
                Step::Name(name.clone())
            });
            self.tell(if declared {
                Met::Dropped(value)
            } else {
                Met::Undeclared {
                    name,
                    value,
                    allowed: object.open_ended,
                }
            });
            self.trail.pop();
        }
        if object.record.is_some() {
            self.tell(Met::Closes);
        }
    }

    fn map(&mut self, map: &'p Map, members: &'v Members<String, Value>) {
        for (key, value) in members {
            self.trail.push(Step::Key);
            self.tell(Met::Opens);
            self.tell(Met::Key(map.category));
            if !map.of_records {
                let tap = Tap {
                    up: 0,
                    reach: map.reach,
                    optional: false,
                    form: None,
                };
                self.tell(Met::Person {
                    id: Id::Key(key),
                    tap,
                });
            }
            self.visit(&map.value, value);
            self.tell(Met::Closes);
            self.trail.pop();
        }
    }
}
