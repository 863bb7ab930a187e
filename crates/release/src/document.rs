//! Documents as values: JSON or YAML, with no key twice, and JSON pointers into them.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::LoadError;

/// Reads JSON, or YAML where the name ends in `.yaml` or `.yml`.
pub(crate) fn read(bytes: &[u8], name: &str) -> Result<Value, LoadError> {
    let error = |at: String, problem: String, expected: &str, remedy: &str| LoadError {
        file: name.to_owned(),
        at,
        problem,
        expected: expected.to_owned(),
        remedy: remedy.to_owned(),
    };
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let at = format!("byte {}", e.valid_up_to());
        error(
            at,
            "the file is not UTF-8".to_owned(),
            "UTF-8",
            "save it as UTF-8",
        )
    })?;
    let yaml = [".yaml", ".yml"].iter().any(|end| name.ends_with(end));
    let strict: Result<Strict, (String, String)> = if yaml {
        // As YAML 1.2 and OpenAPI have it, `no`, `n` and the like are text.
        let options = serde_saphyr::options! { strict_booleans: true };
        serde_saphyr::from_str_with_options(text, options).map_err(|e| {
            let at = e.location().map_or(String::from("somewhere"), |l| {
                format!("line {}, column {}", l.line(), l.column())
            });
            (at, e.without_snippet().to_string())
        })
    } else {
        serde_json::from_str(text).map_err(|e| {
            (
                format!("line {}, column {}", e.line(), e.column()),
                bare(&e.to_string()),
            )
        })
    };
    strict.map(|strict| strict.0).map_err(|(at, problem)| {
        let (expected, remedy) = if yaml {
            ("YAML without repeated keys", "correct the file there")
        } else {
            (
                "JSON without repeated keys",
                "correct the file there; YAML is read from files named .yaml",
            )
        };
        error(at, problem, expected, remedy)
    })
}

/// serde_json's message without the place, which we give ourselves.
fn bare(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message.get(..end).unwrap_or(message).to_owned()
}

/// A value that was read without letting a key stand twice in one object: the second would silently win.
struct Strict(Value);

struct StrictVisitor;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strict, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, it: bool) -> Result<Strict, E> {
        Ok(Strict(Value::Bool(it)))
    }

    fn visit_i64<E>(self, it: i64) -> Result<Strict, E> {
        Ok(Strict(it.into()))
    }

    fn visit_u64<E>(self, it: u64) -> Result<Strict, E> {
        Ok(Strict(it.into()))
    }

    fn visit_f64<E>(self, it: f64) -> Result<Strict, E> {
        Ok(Strict(it.into()))
    }

    fn visit_str<E>(self, it: &str) -> Result<Strict, E> {
        Ok(Strict(it.into()))
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strict, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            list.push(item);
        }
        Ok(Strict(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Strict, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let Strict(value) = access.next_value()?;
            if map.contains_key(&key) {
                return Err(serde::de::Error::custom(format!(
                    "the key {key:?} stands twice in one object"
                )));
            }
            map.insert(key, value);
        }
        Ok(Strict(Value::Object(map)))
    }
}

/// A pointer one step further, with the step escaped as RFC 6901 asks.
pub(crate) fn step(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The pointer of a `$ref` into the same document.
pub(crate) fn local(reference: &str) -> Option<String> {
    let pointer = reference.strip_prefix('#')?;
    (pointer.is_empty() || pointer.starts_with('/')).then(|| percent_decoded(pointer))?
}

/// Percent-decoding for a fragment; `None` where it is not UTF-8 or not encoded well.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub(crate) fn percent_encoded(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                out.push(digit.to_ascii_uppercase());
            }
        }
    }
}
