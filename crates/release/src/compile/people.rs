//! Where a record names its people: places are added to the tree, hidden where nothing else is wanted of them.

use super::schema::Schema;
use super::tree::{Tree, not_named};
use crate::plan::{List, Member, NO_CATEGORY, Node, Object, Scalar, Tap};

/// What a pointer leads to, while it is followed.
pub(super) struct Way<'w> {
    /// How many records lie between the one that names its people and this place.
    pub(super) up: usize,
    pub(super) aim: Aim,
    /// Where the pointer stands, for messages, and what it says.
    pub(super) at: &'w str,
    pub(super) whole: &'w str,
}

/// What is wanted of the place.
#[derive(Clone, Copy)]
pub(super) enum Aim {
    /// The id of a person.
    Person {
        reach: u8,
        optional: bool,
        form: Option<u16>,
    },
    /// A value that a call needs, kept under this number.
    Told(u16),
}

impl Tree<'_, '_> {
    /// Makes the place at the end of the way what is wanted of it, for the record `object`.
    pub(super) fn tap(&mut self, object: &mut Object, schema: &[String], way: &Way<'_>) {
        let steps: Vec<&str> = way.whole.split('/').collect();
        self.through_object(object, schema, &steps, way);
    }

    /// A template of an address, such as `https://social.example/users/{}`.
    pub(super) fn form(&mut self, form: &str, at: &str) -> Option<u16> {
        let parts = form.split_once("{}");
        let Some((before, after)) = parts.filter(|(_, after)| !after.contains("{}")) else {
            self.wrong(
                at,
                &format!("{form:?} has not exactly one placeholder"),
                "an address with {} where the id stands, such as https://social.example/users/{}",
                "correct `form`",
            );
            return None;
        };
        self.forms.push((before.into(), after.into()));
        u16::try_from(self.forms.len() - 1).ok()
    }

    fn lost(&mut self, way: &Way<'_>, problem: &str, expected: &str) {
        let problem = format!("`{}`: {problem}", way.whole);
        self.wrong(
            way.at,
            &problem,
            expected,
            "correct the pointer, or declare the member in the overlay",
        );
    }

    fn through_object(
        &mut self,
        object: &mut Object,
        pointers: &[String],
        steps: &[&str],
        way: &Way<'_>,
    ) {
        let Some((name, rest)) = steps.split_first() else {
            return;
        };
        let schema = self.document.schema(pointers, true);
        let Some(member) = schema.member(name) else {
            let known: Vec<&str> = schema
                .properties
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            self.lost(
                way,
                &format!("there is no member `{name}`"),
                &format!("one of {}", known.join(", ")),
            );
            return;
        };
        let member = member.clone();
        let inner = self.document.schema(&member, true);
        let at = object
            .members
            .iter()
            .position(|known| *known.name == **name);
        let existing = at
            .and_then(|at| object.members.get_mut(at))
            .map(|member| &mut member.node);
        match existing {
            Some(node) => self.through(node, &inner, &member, rest, way),
            None => {
                let Some(mut node) = hidden(&inner, rest) else {
                    self.ends_wrong(&inner, rest, way);
                    return;
                };
                self.through(&mut node, &inner, &member, rest, way);
                self.declared(&mut node, &inner);
                let key = self.key(name);
                object.members.push(Member {
                    name: (*name).into(),
                    key,
                    node,
                });
            }
        }
    }

    fn through(
        &mut self,
        node: &mut Node,
        schema: &Schema,
        pointers: &[String],
        steps: &[&str],
        way: &Way<'_>,
    ) {
        match (node, steps) {
            (Node::Scalar(scalar), []) if !scalar.many && !scalar.open => {
                self.tap_scalar(scalar, schema, way);
            }
            (Node::Scalar(scalar), ["*"]) if scalar.many => {
                let items = self.document.schema(&schema.items, false);
                scalar.numeric = items.is("integer") && !items.is("string");
                self.tap_scalar(scalar, &items, way);
            }
            (Node::Alone(alone), _) => {
                let up = way.up + 1;
                self.through(
                    &mut alone.node,
                    schema,
                    pointers,
                    steps,
                    &Way { up, ..*way },
                );
            }
            (Node::Object(object), [_, ..]) => {
                let up = way.up + usize::from(object.record.is_some());
                self.through_object(object, pointers, steps, &Way { up, ..*way });
            }
            (Node::List(list), ["*", rest @ ..]) if !rest.is_empty() => {
                if matches!(
                    way.aim,
                    Aim::Person {
                        optional: false,
                        ..
                    }
                ) {
                    list.marks.push(way.up);
                }
                if let Node::Object(object) = &mut *list.item {
                    let up = way.up + usize::from(object.record.is_some());
                    self.through_object(object, &schema.items, rest, &Way { up, ..*way });
                } else {
                    self.ends_wrong(schema, steps, way);
                }
            }
            _ => self.ends_wrong(schema, steps, way),
        }
    }

    /// What the document declares in a place that is looked at for people only.
    fn declared(&mut self, node: &mut Node, schema: &Schema) {
        match node {
            Node::Object(object) => {
                object.dropped = not_named(&schema.properties, &object.members);
                object.open_ended = !schema.additional.is_empty();
            }
            Node::List(list) => {
                let items = self.document.schema(&schema.items, false);
                self.declared(&mut list.item, &items);
            }
            _ => {}
        }
    }

    fn tap_scalar(&mut self, scalar: &mut Scalar, schema: &Schema, way: &Way<'_>) {
        if schema.types.is_some() && !schema.is("string") && !schema.is("integer") {
            self.lost(
                way,
                &format!("an id that is {}", schema.shown()),
                "text or a whole number",
            );
        }
        match way.aim {
            Aim::Person {
                reach,
                optional,
                form,
            } => scalar.taps.push(Tap {
                up: way.up,
                reach,
                optional,
                form,
            }),
            Aim::Told(number) => scalar.tells.push((way.up, number)),
        }
    }

    fn ends_wrong(&mut self, schema: &Schema, rest: &[&str], way: &Way<'_>) {
        let found = schema.shown();
        if rest.is_empty() {
            self.lost(
                way,
                &format!("it ends at {found}"),
                "the place of an id: text or a whole number",
            );
        } else {
            let rest = rest.join("/");
            self.lost(
                way,
                &format!("`{rest}` cannot follow {found}"),
                "a member's name after an object, * after a list",
            );
        }
    }
}

/// A place that is looked at for people only.
fn hidden(schema: &Schema, steps: &[&str]) -> Option<Node> {
    let scalar = |many| {
        Node::Scalar(Scalar {
            category: NO_CATEGORY,
            many,
            nullable: false,
            identifies: false,
            time: None,
            open: false,
            names: None,
            tells: Vec::new(),
            numeric: schema.is("integer") && !schema.is("string"),
            taps: Vec::new(),
            also: None,
        })
    };
    let object = || {
        Node::Object(Object {
            members: Vec::new(),
            record: None,
            hidden: true,
            bears: Vec::new(),
            dropped: Vec::new(),
            open_ended: false,
        })
    };
    match steps {
        [] if !schema.is("object") && !schema.is("array") => Some(scalar(false)),
        ["*"] if schema.is("array") => Some(scalar(true)),
        ["*", ..] if schema.is("array") => Some(Node::List(List {
            item: Box::new(object()),
            empty_is_absent: false,
            hidden: true,
            items: false,
            marks: Vec::new(),
            bears: Vec::new(),
        })),
        [_, ..] if schema.is("object") => Some(object()),
        _ => None,
    }
}
