//! The cells of a row of text, by the columns that somebody wants: from CSV or from a JSON object.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::moment::NoMoment;

/// A cell; several texts where JSON has a list. What Parquet has as numbers or times stays so, where the column is
/// wanted as such: millions of texts would be made and read again otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    Text(Cow<'a, str>),
    List(Vec<Cow<'a, str>>),
    /// An id that is a whole number.
    Id(u64),
    /// In milliseconds since 1970, or why it is no moment.
    Moment(Result<i64, NoMoment>),
}

/// The wanted members of one JSON object, in the order of `names`. Of a member that comes twice nobody knows which
/// holds, so that is an error.
pub(crate) fn of_json<'a>(
    line: &'a str,
    names: &[&str],
    out: &mut Vec<Option<Cell<'a>>>,
) -> Result<(), serde_json::Error> {
    out.clear();
    out.resize(names.len(), None);
    let mut from = serde_json::Deserializer::from_str(line);
    Row { names, out }.deserialize(&mut from)?;
    from.end()
}

struct Row<'n, 'o, 'a> {
    names: &'n [&'n str],
    out: &'o mut Vec<Option<Cell<'a>>>,
}

impl<'de> DeserializeSeed<'de> for Row<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let place = self.names.iter().position(|wanted| *wanted == name.0);
            let Some(slot) = place.and_then(|place| self.out.get_mut(place)) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if slot.is_some() {
                return Err(serde::de::Error::custom("a member twice"));
            }
            *slot = map.next_value_seed(Value)?;
        }
        Ok(())
    }
}

/// A member's name, borrowed where it holds no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Name<'de>, D::Error> {
        match Value.deserialize(from)? {
            Some(Cell::Text(text)) => Ok(Name(text)),
            _ => Err(serde::de::Error::custom("a name is text")),
        }
    }
}

/// A cell, or nothing for null.
struct Value;

impl<'de> DeserializeSeed<'de> for Value {
    type Value = Option<Cell<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value {
    type Value = Option<Cell<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, or a list of these")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cell::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cell::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cell::Text(Cow::Owned(number.to_string()))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cell::Text(Cow::Owned(number.to_string()))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        // Seconds with a fraction: three places are kept.
        Ok(Some(Cell::Text(Cow::Owned(format!("{number:.3}")))))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Some(Cell::Text(Cow::Borrowed(if truth {
            "true"
        } else {
            "false"
        }))))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element_seed(Value)? {
            match item {
                Some(Cell::Text(text)) => list.push(text),
                _ => return Err(serde::de::Error::custom("a list of texts or numbers")),
            }
        }
        Ok(Some(Cell::List(list)))
    }
}

/// A cell of CSV: empty is nothing.
pub(crate) fn of_csv(text: &str) -> Option<Cell<'_>> {
    (!text.is_empty()).then_some(Cell::Text(Cow::Borrowed(text)))
}

impl<'a> Cell<'a> {
    /// The text; of anything else there is none.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) => Some(text),
            Cell::List(_) | Cell::Id(_) | Cell::Moment(_) => None,
        }
    }

    /// All texts, of a list or of a text with separators.
    pub(crate) fn each<'s>(&'s self, separator: char) -> Box<dyn Iterator<Item = &'s str> + 's> {
        match self {
            Cell::Text(text) => Box::new(
                text.split(separator)
                    .map(str::trim)
                    .filter(|one| !one.is_empty()),
            ),
            Cell::List(list) => Box::new(list.iter().map(AsRef::as_ref)),
            Cell::Id(_) | Cell::Moment(_) => Box::new(std::iter::empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_members_are_found_whatever_stands_around_them() {
        let mut out = Vec::new();
        let line = r#"{"x":{"time":1},"time":"a\"b","who":7,"none":null,"all":[1,"b"],"at":1.5}"#;
        assert!(
            of_json(
                line,
                &["who", "time", "none", "all", "at", "missing"],
                &mut out
            )
            .is_ok()
        );
        let text = |text: &str| Some(Cell::Text(Cow::Owned(text.to_owned())));
        let list = Some(Cell::List(vec!["1".into(), "b".into()]));
        assert_eq!(
            out,
            [text("7"), text("a\"b"), None, list, text("1.500"), None]
        );
    }

    #[test]
    fn what_is_not_one_object_is_an_error() {
        let mut out = Vec::new();
        for line in [
            "",
            "[]",
            "{",
            r#"{"a":1} {"a":2}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":{}}"#,
        ] {
            assert!(of_json(line, &["a"], &mut out).is_err(), "{line}");
        }
    }
}
