//! What must hold of every answer that leaves, told from its bytes alone.

use release::fuzzing::is_identifier;
use serde_json::Value;

/// Without sealed cursors, and without objects that hold nothing else: those are ours, and stand also where the platform
/// had none.
pub(crate) fn without_cursors(value: Value) -> Option<Value> {
    match value {
        Value::String(text) if is_sealed(&text) => None,
        Value::Object(map) if !map.is_empty() => {
            let members = map.into_iter();
            let kept: serde_json::Map<String, Value> = members
                .filter_map(|(key, value)| Some((key, without_cursors(value)?)))
                .collect();
            (!kept.is_empty()).then(|| kept.into())
        }
        Value::Array(list) => Some(list.into_iter().filter_map(without_cursors).collect()),
        other => Some(other),
    }
}

/// Whether all of one value stands in the other: members left out of objects, elements out of lists, nothing changed.
pub(crate) fn is_part(part: &Value, of: &Value) -> bool {
    match (part, of) {
        (Value::Object(part), Value::Object(of)) => part
            .iter()
            .all(|(key, value)| of.get(key).is_some_and(|of| is_part(value, of))),
        (Value::Array(part), Value::Array(of)) => {
            let mut of = of.iter();
            part.iter().all(|one| of.any(|of| is_part(one, of)))
        }
        _ => part == of,
    }
}

/// Sealed cursors are long and of an alphabet of their own, alone or at the end of a relative link.
fn is_sealed(text: &str) -> bool {
    let cursor = text.rsplit_once('=').map_or(text, |(_, cursor)| cursor);
    let own = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    cursor.len() > 60 && cursor.bytes().all(own)
}

/// Calls `each` for every string and key.
pub(crate) fn texts(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(list) => list.iter().for_each(|one| texts(one, each)),
        Value::Object(map) => {
            for (key, value) in map {
                each(key);
                texts(value, each);
            }
        }
        _ => {}
    }
}

/// Every word of a text that is an identifier, as it stands and behind percent-encoding.
pub(crate) fn identifiers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for layer in [text.to_owned(), percent_decoded(text)] {
        let words = layer.split(|c: char| c.is_whitespace() || "\"<>(),".contains(c));
        found.extend(words.filter(|word| is_identifier(word)).map(str::to_owned));
    }
    found
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |at: usize| {
            after
                .get(at)
                .and_then(|digit| char::from(*digit).to_digit(16))
        };
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
