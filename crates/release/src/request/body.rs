//! The body of a request: read strictly, and written anew from what the plan names. Not a byte of the partner's own
//! reaches the platform.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::api::Me;
use crate::document::step;
use crate::error::RequestRefused;
use crate::parameter::{Body, Holds, Kind, Named, Sort, Values, in_words};
use crate::plan::OWN;

/// What a body says beside what the platform gets.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The categories that it touches: of a read that it shows, of a write that it holds.
    pub(crate) touches: Vec<u16>,
    /// Whom it names, each by the platform's id and how they are reached.
    pub(crate) people: Vec<(String, u8)>,
}

/// The body for the platform; what it says beside goes into `said`.
pub(crate) fn rebuilt(
    plan: Option<&Body>,
    sent: Option<&[u8]>,
    me: Option<&Me>,
    said: &mut Said,
) -> Result<Option<Value>, RequestRefused> {
    let Some(plan) = plan else {
        return match sent {
            None => Ok(None),
            Some(_) => Err(RequestRefused::BodyNotTaken),
        };
    };
    let sent = match sent {
        Some(bytes) => serde_json::from_slice(bytes).map_err(|e| RequestRefused::BodyNotJson {
            line: e.line(),
            column: e.column(),
        })?,
        None if plan.required => return Err(RequestRefused::BodyMissing),
        None => Sent::Object(Vec::new()),
    };
    let mut writer = Writer { me, said };
    let object = writer.object(&plan.members, sent, "")?;
    Ok(Some(Value::Object(object)))
}

struct Writer<'a> {
    me: Option<&'a Me>,
    said: &'a mut Said,
}

impl Writer<'_> {
    fn object(
        &mut self,
        plan: &[Named],
        sent: Sent,
        at: &str,
    ) -> Result<Map<String, Value>, RequestRefused> {
        let Sent::Object(sent) = sent else {
            return Err(bad(at, "an object"));
        };
        let mut given: Vec<(String, Sent)> = Vec::new();
        for (name, value) in sent {
            let here = || step(at, &name);
            if given.iter().any(|(known, _)| *known == name) {
                return Err(RequestRefused::RepeatedMember { at: here() });
            }
            let known = plan.iter().find(|member| member.name == name);
            if known.is_none_or(|member| matches!(member.holds, Holds::Always(_))) {
                return Err(RequestRefused::UnnamedMember { at: here() });
            }
            given.push((name, value));
        }
        let mut out = Map::new();
        for member in plan {
            let at = step(at, &member.name);
            let place = given.iter().position(|(name, _)| *name == member.name);
            let value = match place.map(|place| given.swap_remove(place).1) {
                Some(value) => self.value(&member.holds, value, &at)?,
                // An object that holds what is always sent is there also when the partner leaves it out.
                None if member.holds.is_always_sent() => {
                    self.value(&member.holds, Sent::Object(Vec::new()), &at)?
                }
                None if member.required => return Err(RequestRefused::MissingMember { at }),
                None => continue,
            };
            out.insert(member.name.clone(), value);
        }
        Ok(out)
    }

    fn value(&mut self, holds: &Holds, sent: Sent, at: &str) -> Result<Value, RequestRefused> {
        match holds {
            Holds::Always(value) => Ok(value.clone()),
            Holds::Members(members) => self.object(members, sent, at).map(Value::Object),
            Holds::Items(members) => {
                let Sent::List(list) = sent else {
                    return Err(bad(at, "a list of objects"));
                };
                let items = list.into_iter().enumerate();
                let items = items.map(|(n, item)| self.object(members, item, &format!("{at}/{n}")));
                let items: Result<Vec<_>, _> = items.map(|item| item.map(Value::Object)).collect();
                Ok(Value::Array(items?))
            }
            Holds::Pass { values, many } => passed(values, *many, sent, at),
            Holds::Record { many } => {
                let (one, list) = ("an id", "a list of ids");
                listed(*many, sent, is_id).ok_or_else(|| bad(at, if *many { list } else { one }))
            }
            Holds::Person { reach, many } => self.people(*reach, *many, sent, at),
            Holds::Touches { categories, kind } => {
                self.said.touches.extend(categories);
                let many = matches!(
                    (kind, &sent),
                    (Kind::Many(_), _) | (Kind::Either, Sent::List(_))
                );
                let sort = match kind {
                    Kind::One(sort) | Kind::Many(sort) => *sort,
                    Kind::Either => Sort::Any,
                };
                let fits = listed(many, sent, |value| sort.is_of(value));
                fits.ok_or_else(|| bad(at, &kind.shown()))
            }
        }
    }

    /// Ids of people, each of whom the write is about. `me` becomes the id of whoever connected.
    fn people(
        &mut self,
        reach: u8,
        many: bool,
        sent: Sent,
        at: &str,
    ) -> Result<Value, RequestRefused> {
        let (one, list) = ("the id of a person", "a list of ids of people");
        let mut ids =
            listed(many, sent, is_id).ok_or_else(|| bad(at, if many { list } else { one }))?;
        let each = match &mut ids {
            Value::Array(list) => list.as_mut_slice(),
            one => std::slice::from_mut(one),
        };
        for id in each {
            if let Some(me) = self.me.filter(|_| *id == "me") {
                *id = me.id.as_str().into();
            }
            let words = in_words(id);
            if reach == OWN && self.me.is_none_or(|me| me.id != words) {
                return Err(RequestRefused::NotTheirOwn {
                    name: at.to_owned(),
                });
            }
            self.said.people.push((words, reach));
        }
        Ok(ids)
    }
}

fn is_id(value: &Value) -> bool {
    Sort::Integer.is_of(value) || value.as_str().is_some_and(|id| !id.is_empty())
}

fn passed(values: &Values, many: bool, sent: Sent, at: &str) -> Result<Value, RequestRefused> {
    let expected = || {
        let of = if many { "a list of " } else { "" };
        format!("{of}{}", values.shown())
    };
    listed(many, sent, |value| values.have(value)).ok_or_else(|| bad(at, &expected()))
}

/// A scalar, or a list of scalars, each of which is as it should be.
fn listed(many: bool, sent: Sent, fits: impl Fn(&Value) -> bool) -> Option<Value> {
    let scalar = |sent: Sent| match sent {
        Sent::Scalar(value) if fits(&value) => Some(value),
        _ => None,
    };
    match sent {
        Sent::List(list) if many => list
            .into_iter()
            .map(scalar)
            .collect::<Option<Vec<Value>>>()
            .map(Value::Array),
        one if !many => scalar(one),
        _ => None,
    }
}

fn bad(at: &str, expected: &str) -> RequestRefused {
    RequestRefused::BadMember {
        at: at.to_owned(),
        expected: expected.to_owned(),
    }
}

/// What was sent, with members that stand twice still there twice.
enum Sent {
    Scalar(Value),
    List(Vec<Sent>),
    Object(Vec<(String, Sent)>),
}

struct SentVisitor;

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sent, D::Error> {
        deserializer.deserialize_any(SentVisitor)
    }
}

impl<'de> Visitor<'de> for SentVisitor {
    type Value = Sent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Sent, E> {
        Ok(Sent::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, it: bool) -> Result<Sent, E> {
        Ok(Sent::Scalar(it.into()))
    }

    fn visit_i64<E>(self, it: i64) -> Result<Sent, E> {
        Ok(Sent::Scalar(it.into()))
    }

    fn visit_u64<E>(self, it: u64) -> Result<Sent, E> {
        Ok(Sent::Scalar(it.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, it: f64) -> Result<Sent, E> {
        // Beyond 2^53 a number would be written as another than was read.
        if it.abs() > 9_007_199_254_740_992.0 {
            return Err(E::custom("a number too large to be kept"));
        }
        Ok(Sent::Scalar(it.into()))
    }

    fn visit_str<E>(self, it: &str) -> Result<Sent, E> {
        Ok(Sent::Scalar(it.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Sent, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element()? {
            list.push(item);
        }
        Ok(Sent::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Sent, A::Error> {
        let mut members: Vec<(String, Sent)> = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(Sent::Object(members))
    }
}
