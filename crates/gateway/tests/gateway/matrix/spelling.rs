//! An id of a person, however it is spelt. Plain and slow on purpose, and nothing of it is the sweep's.

use serde_json::Value;

/// The text as it is, and as it becomes when what is encoded in it is decoded, in lower case.
pub(crate) fn readings(text: &str) -> Vec<String> {
    let mut readings = vec![text.to_owned()];
    for _ in 0..3 {
        let more: Vec<String> = readings
            .iter()
            .flat_map(|text| [percent(text), escapes(text), entities(text)])
            .collect();
        readings.extend(more);
        readings.sort();
        readings.dedup();
    }
    readings.iter().map(|text| text.to_lowercase()).collect()
}

/// Which of these ids are spelt in a text.
pub(crate) fn spelt<'i>(text: &str, ids: &[&'i str]) -> Vec<&'i str> {
    if !text.contains(['@', '%', '\\', '&', ':']) {
        return Vec::new();
    }
    let readings = readings(text);
    let lower = |id: &str| id.to_lowercase();
    let found = ids
        .iter()
        .filter(|id| readings.iter().any(|text| text.contains(&lower(id))));
    found.copied().collect()
}

/// All strings and keys of a value.
pub(crate) fn texts(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(list) => list.iter().for_each(|one| texts(one, each)),
        Value::Object(map) => {
            for (key, inner) in map {
                each(key);
                texts(inner, each);
            }
        }
        _ => {}
    }
}

fn percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let two = text
            .get(at + 1..at + 3)
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match (bytes[at], two) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn escapes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u") {
        out.push_str(before);
        let code = after
            .get(..4)
            .and_then(|four| u32::from_str_radix(four, 16).ok());
        match code.and_then(char::from_u32) {
            Some(letter) => {
                out.push(letter);
                rest = &after[4..];
            }
            None => rest = after,
        }
    }
    out + rest
}

fn entities(text: &str) -> String {
    let named = text.replace("&commat;", "@").replace("&colon;", ":");
    let mut out = String::new();
    let mut rest = named.as_str();
    while let Some((before, after)) = rest.split_once("&#") {
        out.push_str(before);
        let code = after
            .split_once(';')
            .and_then(|(code, after)| match code.strip_prefix('x') {
                Some(hex) => Some((u32::from_str_radix(hex, 16).ok()?, after)),
                None => Some((code.parse().ok()?, after)),
            });
        match code.and_then(|(code, after)| Some((char::from_u32(code)?, after))) {
            Some((letter, after)) => {
                out.push(letter);
                rest = after;
            }
            None => rest = after,
        }
    }
    out + rest
}
