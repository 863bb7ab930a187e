//! The parts of notes that are objects themselves: pages, people, keys.

use serde_json::Value;

use super::note::Note;
use super::read::PAGE_KEYS;
use super::words::{kind, path, shown};
use super::{KeysNote, ObjectNote, PageNote, PersonNote};

impl<'a> Note<'a> {
    pub(super) fn page(&mut self) -> Option<PageNote> {
        let value = self.map.get("page")?;
        let Some(map) = value.as_object() else {
            self.wrong(
                "page",
                &format!("`page` is {}", kind(value)),
                "an object",
                "write it as an object",
            );
            return None;
        };
        self.only(map, "page", PAGE_KEYS);
        let mut pointer = |key: &str| {
            let text = self.text(map, "page", key)?;
            if !text.starts_with('/') {
                self.wrong(
                    &path("page", key),
                    &format!("{text:?} is not a pointer"),
                    "a JSON pointer into the answer, such as /data",
                    "begin it with a slash",
                );
            }
            Some(text.to_owned())
        };
        let (items, after, next) = (pointer("items"), pointer("after"), pointer("next"));
        let size = self.text(map, "page", "size").map(str::to_owned);
        let cursor = self.text(map, "page", "cursor").map(str::to_owned);
        let mut number = |key: &str, default: u32| match map.get(key) {
            None => default,
            Some(value) => {
                let number = value
                    .as_u64()
                    .and_then(|n| u32::try_from(n).ok())
                    .filter(|n| (1..=10_000).contains(n));
                if number.is_none() {
                    self.wrong(
                        &path("page", key),
                        &format!("`{key}` is {}", shown(value)),
                        "a number from 1 to 10000",
                        "correct it",
                    );
                }
                number.unwrap_or(default)
            }
        };
        let default_size = number("default-size", 25);
        let max_size = number("max-size", 100);
        if items.is_none() {
            self.wrong(
                "page",
                "`items` is missing",
                "the pointer of the list in the answer, such as /data",
                "add `items`",
            );
        }
        if cursor.is_none() {
            self.wrong(
                "page",
                "`cursor` is missing",
                "the name of the query parameter that takes the cursor",
                "add `cursor`",
            );
        }
        if after.is_none() && next.is_none() {
            self.wrong(
                "page",
                "neither `after` nor `next` is given",
                "where the answer has its next cursor (`after`) or a link with it (`next`)",
                "add one of them",
            );
        }
        if default_size > max_size {
            self.wrong(
                "page",
                "`default-size` is more than `max-size`",
                "at most max-size",
                "correct one of them",
            );
        }
        Some(PageNote {
            items: items?,
            size,
            default_size,
            max_size,
            cursor: cursor?,
            after,
            next,
        })
    }

    pub(super) fn object(&mut self) -> ObjectNote {
        let people = match self.map.get("people") {
            None => Vec::new(),
            Some(Value::Array(list)) if !list.is_empty() => list
                .iter()
                .enumerate()
                .filter_map(|(n, value)| self.person(n, value))
                .collect(),
            Some(other) => {
                self.wrong(
                    "people",
                    &format!("`people` is {}", shown(other)),
                    "a list such as [{\"at\": \"id\"}]",
                    "name at least one place where a person's id stands",
                );
                Vec::new()
            }
        };
        let keys = self.map.get("keys").and_then(|value| self.keys(value));
        ObjectNote {
            record: self.flag("record", false),
            people,
            inherit: self.flag("inherit", true),
            own_among: self.flag("own-among", false),
            keys,
        }
    }

    fn person(&mut self, n: usize, value: &'a Value) -> Option<PersonNote> {
        let below = format!("people/{n}");
        let map = match value {
            Value::String(word) if word == "own" => return Some(PersonNote::Own),
            Value::Object(map) => map,
            other => {
                self.wrong(
                    &below,
                    &format!("{} names nobody", shown(other)),
                    "{\"at\": \"id\", \"reach\": \"friend\"} or \"own\"",
                    "say where the id stands",
                );
                return None;
            }
        };
        self.only(map, &below, &["at", "reach"]);
        let reach = self.parsed_in(map, &below, "reach");
        let Some(at) = self.text(map, &below, "at") else {
            self.wrong(
                &below,
                "`at` is missing",
                "a pointer from this object, such as id or participants/*/id",
                "add `at`",
            );
            return None;
        };
        if at.starts_with('/') || at.split('/').any(str::is_empty) {
            self.wrong(
                &path(&below, "at"),
                &format!("{at:?} is not a pointer from this object"),
                "names of members with slashes between, * for every element of a list",
                "write it without a leading slash",
            );
            return None;
        }
        Some(PersonNote::At {
            at: at.to_owned(),
            reach,
        })
    }

    fn keys(&mut self, value: &'a Value) -> Option<KeysNote> {
        let Some(map) = value.as_object() else {
            self.wrong(
                "keys",
                &format!("`keys` is {}", kind(value)),
                "{\"category\": …, \"reach\": …}",
                "write it as an object",
            );
            return None;
        };
        self.only(map, "keys", &["category", "reach"]);
        let category = self.parsed_in(map, "keys", "category");
        let reach = self.parsed_in(map, "keys", "reach");
        if category.is_none() && !map.contains_key("category") {
            self.wrong(
                "keys",
                "`category` is missing",
                "the category of the ids that are the keys",
                "add `category`",
            );
        }
        Some(KeysNote {
            category: category?,
            reach,
        })
    }
}
