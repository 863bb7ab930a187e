//! The descent along the plan, as one pass of serde_json over the body.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Walk;
use super::reader::{Reader, Stopped, text_of};
use super::seen::{ENTRY_KEY, NO_KEY, Op, Use};
use crate::compile::of_records;
use crate::error::AnswerRefused;
use crate::plan::{Alone, Cases, List, Map, Node, Object};

/// One place of the plan, about to be read.
pub(super) struct At<'b, 'w, 'r> {
    pub(super) reader: &'r mut Reader<'b, 'w>,
    pub(super) node: &'w Node,
    pub(super) key: u16,
    /// How many objects and lists are around it.
    pub(super) depth: usize,
}

fn stop<E: Error>(_: Stopped) -> E {
    E::custom("stopped")
}

impl<'de> DeserializeSeed<'de> for At<'de, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.node {
            Node::Scalar(scalar) => {
                let raw = raw(deserializer)?;
                too_deep(self.reader, raw, self.depth).map_err(stop)?;
                self.reader.scalar(scalar, self.key, raw).map_err(stop)
            }
            Node::Slot(slot) => {
                let raw = raw(deserializer)?;
                too_deep(self.reader, raw, self.depth).map_err(stop)?;
                self.reader.slot(*slot, self.key, raw).map_err(stop)
            }
            Node::Cursor(which) => {
                let raw = raw(deserializer)?;
                too_deep(self.reader, raw, self.depth).map_err(stop)?;
                self.reader.cursor(*which, self.key, raw).map_err(stop)
            }
            Node::Cases(cases) => {
                let raw = raw(deserializer)?;
                too_deep(self.reader, raw, self.depth).map_err(stop)?;
                self.cases(cases, raw)
            }
            Node::Alone(alone) => self.alone(alone, deserializer),
            Node::Object(_) | Node::List(_) | Node::Map(_) => deserializer.deserialize_any(self),
        }
    }
}

impl<'de, 'w> Visitor<'de> for At<'de, 'w, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    // Scalars where the plan has an object or a list: dropped, whatever they are.
    fn visit_bool<E>(mut self, _: bool) -> Result<(), E> {
        self.something_else();
        Ok(())
    }

    fn visit_i64<E>(mut self, _: i64) -> Result<(), E> {
        self.something_else();
        Ok(())
    }

    fn visit_u64<E>(mut self, _: u64) -> Result<(), E> {
        self.something_else();
        Ok(())
    }

    fn visit_f64<E>(mut self, _: f64) -> Result<(), E> {
        self.something_else();
        Ok(())
    }

    fn visit_str<E>(mut self, _: &str) -> Result<(), E> {
        self.something_else();
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        let At {
            reader, node, key, ..
        } = self;
        if let Node::List(list) = node
            && list.items
            && key != NO_KEY
        {
            let opened = reader.open_items(key);
            return reader.close_items(opened).map_err(stop);
        }
        if !reader.inside {
            reader.absent(node, key);
            return Ok(());
        }
        // An element that is nobody is no element.
        if key == NO_KEY {
            return Ok(());
        }
        match node {
            Node::Object(object) if object.record.is_none() && !object.hidden => {
                reader.null(&object.bears, key, false)
            }
            Node::List(list) if list.hidden => Ok(()),
            // Nobody is there: that must look as if all in it refused.
            Node::List(list) if is_apart(&list.item) => {
                reader.empty(key, true, list.empty_is_absent)
            }
            Node::Map(map) => reader.empty(key, false, map.empty_is_absent),
            Node::List(list) => reader.null(&list.bears, key, !list.empty_is_absent),
            // The same of a record, which goes as a missing member.
            _ => Ok(()),
        }
        .map_err(stop)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        self.deeper().map_err(stop)?;
        match self.node {
            Node::List(list) => self.list(list, seq),
            _ => {
                self.something_else();
                while seq
                    .next_element_seed(Skip {
                        reader: self.reader,
                        depth: self.depth,
                    })?
                    .is_some()
                {}
                Ok(())
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.deeper().map_err(stop)?;
        match self.node {
            Node::Object(object) => self.object(object, map),
            Node::Map(entries) => self.entries(entries, map),
            _ => {
                self.something_else();
                while map.next_key::<&'de RawValue>()?.is_some() {
                    map.next_value_seed(Skip {
                        reader: self.reader,
                        depth: self.depth,
                    })?;
                }
                Ok(())
            }
        }
    }
}

impl<'de, 'w> At<'de, 'w, '_> {
    /// A record around something that is none by itself.
    fn alone<D: Deserializer<'de>>(self, alone: &'w Alone, from: D) -> Result<(), D::Error> {
        let reader = self.reader;
        let record = reader.open_record(alone.record).map_err(stop)?;
        let group = reader.push(Op::Group { record, close: 0 });
        At {
            reader,
            node: &alone.node,
            key: self.key,
            depth: self.depth,
        }
        .deserialize(from)?;
        reader.close(group).map_err(stop)?;
        reader.close_record();
        Ok(())
    }

    /// Something else stands here than the plan has.
    fn something_else(&mut self) {
        self.reader.other_than(self.node, 0);
        self.reader.absent(self.node, self.key);
    }

    /// An object of which one member says which plan holds.
    fn cases<E: Error>(self, cases: &'w Cases, raw: &'de str) -> Result<(), E> {
        if !raw.starts_with('{') {
            self.reader.other_than(self.node, 0);
            return Ok(());
        }
        let mut json = serde_json::Deserializer::from_str(raw);
        let found = Decisive { by: &cases.by }
            .deserialize(&mut json)
            .map_err(E::custom)?;
        let value = match found {
            Found::Twice => {
                return Err(stop(self.reader.refuse(AnswerRefused::Twice {
                    member: cases.by.to_string(),
                })));
            }
            Found::Once(raw) => self.reader.text_of(raw),
            Found::Never => None,
        };
        let fitting = value.and_then(|value| {
            let mut all = cases.cases.iter();
            all.find(|(known, _)| **known == *value)
        });
        let Some((_, node)) = fitting else {
            self.reader.seen.unforeseen += 1;
            return Ok(());
        };
        let mut json = serde_json::Deserializer::from_str(raw);
        At { node, ..self }
            .deserialize(&mut json)
            .map_err(E::custom)
    }

    /// Goes into an object or a list.
    fn deeper(&mut self) -> Result<(), Stopped> {
        if self.depth >= Walk::DEPTH {
            return Err(self.reader.refuse(AnswerRefused::TooDeep));
        }
        self.depth += 1;
        Ok(())
    }

    fn object<A: MapAccess<'de>>(self, object: &'w Object, mut map: A) -> Result<(), A::Error> {
        let At {
            reader, key, depth, ..
        } = self;
        let was_hidden = reader.hidden;
        reader.hidden |= object.hidden;
        let record = match object.record {
            Some(kind) => Some(reader.open_record(kind).map_err(stop)?),
            None => None,
        };
        let opened = reader.open_object(object, key, record);
        let mut met = 0_u128;
        let mut expected = 0;
        while let Some(member) = map.next_key_seed(Name { object, expected })? {
            let known = match member {
                Member::Named(n) => object.members.get(n).map(|member| (n, member)),
                Member::Dropped => None,
                Member::Undeclared => {
                    reader.seen.undeclared += 1;
                    None
                }
            };
            let Some((n, member)) = known else {
                map.next_value_seed(Skip { reader, depth })?;
                continue;
            };
            expected = n + 1;
            let bit = 1_u128 << n;
            if met & bit != 0 {
                return Err(stop(reader.refuse(AnswerRefused::Twice {
                    member: member.name.to_string(),
                })));
            }
            met |= bit;
            map.next_value_seed(At {
                reader,
                node: &member.node,
                key: member.key,
                depth,
            })?;
        }
        let absent = object.members.iter().enumerate();
        for (_, member) in absent.filter(|(n, _)| met & (1 << n) == 0) {
            reader.absent(&member.node, member.key);
        }
        reader.close(opened).map_err(stop)?;
        reader.push(Op::Close { list: false });
        if record.is_some() {
            reader.close_record();
        }
        reader.hidden = was_hidden;
        Ok(())
    }

    fn list<A: SeqAccess<'de>>(self, list: &'w List, mut seq: A) -> Result<(), A::Error> {
        let At {
            reader, key, depth, ..
        } = self;
        let was_hidden = reader.hidden;
        reader.hidden |= list.hidden;
        if list.items {
            let opened = reader.open_items(key);
            while elements(reader, list, &mut seq, depth)? {}
            reader.close_items(opened).map_err(stop)?;
        } else {
            let opened = reader.push(Op::Open {
                key,
                list: true,
                bears: list.empty_is_absent,
                record: super::seen::NO_RECORD,
                close: 0,
            });
            let mut met = 0_i64;
            while seq
                .next_element_seed(At {
                    reader,
                    node: &list.item,
                    key: NO_KEY,
                    depth,
                })?
                .is_some()
            {
                met += 1;
            }
            reader.owe(&list.marks, met);
            reader.close(opened).map_err(stop)?;
            reader.push(Op::Close { list: true });
        }
        reader.hidden = was_hidden;
        Ok(())
    }

    fn entries<A: MapAccess<'de>>(self, entries: &'w Map, mut map: A) -> Result<(), A::Error> {
        let At {
            reader, key, depth, ..
        } = self;
        let opened = reader.push(Op::Open {
            key,
            list: false,
            bears: entries.empty_is_absent,
            record: super::seen::NO_RECORD,
            close: 0,
        });
        let mut met = Vec::new();
        while let Some(raw) = map.next_key::<&'de RawValue>()? {
            let raw = raw.get();
            let record = reader.open_record(entries.record).map_err(stop)?;
            met.push(reader.key_of(raw, entries));
            let (start, end) = reader.span(raw).map_err(stop)?;
            // An id of a record is nothing without what is in it.
            let its = if entries.of_records {
                Use::Needed
            } else {
                Use::Identifier
            };
            let datum = reader.datum(entries.category, its).map_err(stop)?;
            if entries.of_records {
                reader.sweep(raw, record, datum);
            }
            let entry = reader.push(Op::Entry {
                start,
                end,
                record,
                close: 0,
            });
            map.next_value_seed(At {
                reader,
                node: &entries.value,
                key: ENTRY_KEY,
                depth,
            })?;
            reader.close(entry).map_err(stop)?;
            reader.close_record();
        }
        met.sort_unstable();
        if met
            .windows(2)
            .any(|pair| matches!(pair, [one, other] if one == other))
        {
            return Err(stop(reader.refuse(AnswerRefused::Twice {
                member: "*".to_owned(),
            })));
        }
        reader.close(opened).map_err(stop)?;
        reader.push(Op::Close { list: false });
        Ok(())
    }
}

/// Whether all that may stand here is in records of its own, so that nothing about those around is said by it.
fn is_apart(node: &Node) -> bool {
    match node {
        Node::Alone(_) | Node::Map(_) => true,
        Node::List(list) => is_apart(&list.item),
        node => of_records(node),
    }
}

/// One element of the list that comes in pages; `false` when there is none.
fn elements<'de, 'w, A: SeqAccess<'de>>(
    reader: &mut Reader<'de, 'w>,
    list: &'w List,
    seq: &mut A,
    depth: usize,
) -> Result<bool, A::Error> {
    if reader.skip > 0 {
        let skipped = seq.next_element_seed(Skip { reader, depth })?.is_some();
        if skipped {
            reader.skip -= 1;
            reader.elements += 1;
        }
        return Ok(skipped);
    }
    let item = reader.begin_element();
    let met = seq
        .next_element_seed(At {
            reader,
            node: &list.item,
            key: NO_KEY,
            depth,
        })?
        .is_some();
    reader.end_element(item);
    reader.elements += u32::from(met);
    Ok(met)
}

/// What a member's name means to the plan.
enum Member {
    /// Its place among [`Object::members`].
    Named(usize),
    /// The document declares it, and the plan does not name it.
    Dropped,
    Undeclared,
}

/// A member's name. Members mostly come in the plan's order.
struct Name<'w> {
    object: &'w Object,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member, D::Error> {
        // One that cannot be decoded is none that the plan has; to refuse the answer for it would let whoever chose the
        // name break it for everybody.
        Ok(text_of(raw(deserializer)?).map_or(Member::Undeclared, |name| self.find(&name)))
    }
}

impl Name<'_> {
    fn find(&self, name: &str) -> Member {
        let members = &self.object.members;
        let is = |n: &usize| members.get(*n).is_some_and(|member| *member.name == *name);
        let found = Some(self.expected)
            .filter(is)
            .or_else(|| (0..members.len()).find(|n| is(n)));
        match found {
            Some(n) => Member::Named(n),
            None if self.object.open_ended => Member::Dropped,
            None if self.object.dropped.iter().any(|known| **known == *name) => Member::Dropped,
            None => Member::Undeclared,
        }
    }
}

/// What the member that decides between cases says.
enum Found<'de> {
    Never,
    Once(&'de str),
    Twice,
}

/// Reads an object for one member.
struct Decisive<'w> {
    by: &'w str,
}

impl<'de> DeserializeSeed<'de> for Decisive<'_> {
    type Value = Found<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Decisive<'_> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let mut found = Found::Never;
        while let Some(is) = map.next_key_seed(Is(self.by))? {
            if !is {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let raw: &'de RawValue = map.next_value()?;
            found = match found {
                Found::Never => Found::Once(raw.get()),
                Found::Once(_) | Found::Twice => Found::Twice,
            };
        }
        Ok(found)
    }
}

/// Whether a member's name is this one.
struct Is<'w>(&'w str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        Ok(text_of(raw(deserializer)?).is_some_and(|name| *name == *self.0))
    }
}

/// What the plan does not name: read for its grammar, and dropped.
struct Skip<'b, 'w, 'r> {
    reader: &'r mut Reader<'b, 'w>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Skip<'de, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let raw = raw(deserializer)?;
        too_deep(self.reader, raw, self.depth).map_err(stop)
    }
}

fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'de str, D::Error> {
    serde::Deserialize::deserialize(deserializer).map(|raw: &'de RawValue| raw.get())
}

/// serde_json passes over what it ignores without counting how deep it goes.
fn too_deep(reader: &mut Reader<'_, '_>, raw: &str, around: usize) -> Result<(), Stopped> {
    if !raw.starts_with(['{', '[']) {
        return Ok(());
    }
    let (mut depth, mut in_text, mut escaped) = (around, false, false);
    for byte in raw.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth -= 1,
            _ => {}
        }
        if depth > Walk::DEPTH {
            return Err(reader.refuse(AnswerRefused::TooDeep));
        }
    }
    Ok(())
}
