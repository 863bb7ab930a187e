//! One note while it is read, with what was wrong so far.

use decide::Category;
use serde_json::{Map, Value};

use super::Mistake;
use super::words::{kind, nearest, path, shown};

/// A note while it is read: what was wrong so far.
pub(super) struct Note<'a> {
    pub(super) map: &'a Map<String, Value>,
    pub(super) mistakes: Vec<Mistake>,
}

impl<'a> Note<'a> {
    pub(super) fn open(value: &'a Value, keys: &[&str]) -> Result<Note<'a>, Vec<Mistake>> {
        let Some(map) = value.as_object() else {
            return Err(vec![Mistake {
                key: String::new(),
                problem: format!("the note is {}", kind(value)),
                expected: format!("an object with {}", keys.join(", ")),
                remedy: "write it as an object".to_owned(),
            }]);
        };
        let mut note = Note {
            map,
            mistakes: Vec::new(),
        };
        note.only(map, "", keys);
        Ok(note)
    }

    pub(super) fn only(&mut self, map: &Map<String, Value>, below: &str, keys: &[&str]) {
        for key in map.keys().filter(|key| !keys.contains(&key.as_str())) {
            let near = nearest(key, keys).map_or_else(
                || "remove it".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let at = if below.is_empty() {
                key.clone()
            } else {
                format!("{below}/{key}")
            };
            self.wrong(
                &at,
                &format!("unknown key `{key}`"),
                &format!("one of {}", keys.join(", ")),
                &near,
            );
        }
    }

    pub(super) fn close<T>(self, out: T) -> Result<T, Vec<Mistake>> {
        if self.mistakes.is_empty() {
            Ok(out)
        } else {
            Err(self.mistakes)
        }
    }

    pub(super) fn wrong(&mut self, key: &str, problem: &str, expected: &str, remedy: &str) {
        self.mistakes.push(Mistake {
            key: key.to_owned(),
            problem: problem.to_owned(),
            expected: expected.to_owned(),
            remedy: remedy.to_owned(),
        });
    }

    pub(super) fn missing(&mut self, key: &str, expected: &str) {
        if !self.mistakes.iter().any(|mistake| mistake.key == key) {
            self.wrong(
                "",
                &format!("`{key}` is missing"),
                expected,
                &format!("add `{key}`"),
            );
        }
    }

    pub(super) fn flag(&mut self, key: &str, default: bool) -> bool {
        match self.map.get(key) {
            None => default,
            Some(Value::Bool(it)) => *it,
            Some(other) => {
                self.wrong(
                    key,
                    &format!("`{key}` is {}", kind(other)),
                    "true or false",
                    "write true or false, without quotes",
                );
                default
            }
        }
    }

    pub(super) fn flag_in(&mut self, map: &'a Map<String, Value>, below: &str, key: &str) -> bool {
        match map.get(key) {
            None => false,
            Some(Value::Bool(it)) => *it,
            Some(other) => {
                self.wrong(
                    &path(below, key),
                    &format!("`{key}` is {}", kind(other)),
                    "true or false",
                    "write true or false, without quotes",
                );
                false
            }
        }
    }

    pub(super) fn word(&mut self, key: &str, words: &[&str]) -> Option<&'a str> {
        let value = self.map.get(key)?;
        let word = value.as_str().filter(|word| words.contains(word));
        if word.is_none() {
            self.wrong(
                key,
                &format!("`{key}` is {}", shown(value)),
                &words.join(" or "),
                "write one of these words",
            );
        }
        word
    }

    pub(super) fn text(
        &mut self,
        map: &'a Map<String, Value>,
        below: &str,
        key: &str,
    ) -> Option<&'a str> {
        let value = map.get(key)?;
        let text = value.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.wrong(
                &path(below, key),
                &format!("`{key}` is {}", kind(value)),
                "text",
                "write it as text",
            );
        }
        text
    }

    pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        key: &str,
    ) -> Option<T> {
        self.parsed_in(self.map, "", key)
    }

    pub(super) fn parsed_in<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        map: &'a Map<String, Value>,
        below: &str,
        key: &str,
    ) -> Option<T> {
        let text = self.text(map, below, key)?;
        match text.parse() {
            Ok(it) => Some(it),
            Err(error) => {
                let problem = error.to_string();
                let (problem, expected) = problem
                    .split_once(": expected ")
                    .unwrap_or((&problem, "another value"));
                self.wrong(&path(below, key), problem, expected, "correct the spelling");
                None
            }
        }
    }

    /// One category, or a list of them.
    pub(super) fn categories(&mut self, key: &str) -> Vec<Category> {
        let texts: Vec<&Value> = match self.map.get(key) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
        };
        let mut out = Vec::new();
        for value in &texts {
            match value
                .as_str()
                .and_then(|text| text.parse::<Category>().ok())
            {
                Some(category) => out.push(category),
                None => self.wrong(
                    key,
                    &format!("{} is not a category", shown(value)),
                    "prefix:Term, for example pd:Name",
                    "correct the spelling",
                ),
            }
        }
        if texts.is_empty() {
            self.wrong(
                key,
                &format!("`{key}` is empty"),
                "at least one category",
                "name one, or remove the key",
            );
        }
        out
    }
}
