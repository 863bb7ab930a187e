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
        // The empty pointer is the whole answer (RFC 6901, section 5): a list at its root.
        let whole = map.get("items").is_some_and(|items| items == "");
        let items = if whole {
            Some(String::new())
        } else {
            pointer("items")
        };
        let link = map.get("next").is_some_and(|next| next == "link");
        let after = pointer("after");
        let next = if link { None } else { pointer("next") };
        if whole && (after.is_some() || next.is_some()) {
            self.wrong(
                "page",
                "a list at the root has nothing around it",
                "`next: link`, where the platform tells the next page in its `Link` header",
                "correct `next`, and remove `after`",
            );
        }
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
        if after.is_none() && next.is_none() && !link {
            self.wrong(
                "page",
                "neither `after` nor `next` is given",
                "where the answer has its next cursor (`after`) or a link with it (`next`), or `next: link` for the `Link` header",
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
            link,
        })
    }

    pub(super) fn people(&mut self) -> Vec<PersonNote> {
        match self.map.get("people") {
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
        }
    }

    pub(super) fn object(&mut self) -> ObjectNote {
        let people = self.people();
        let keys = self.map.get("keys").and_then(|value| self.keys(value));
        ObjectNote {
            record: self.flag("record", false),
            people,
            inherit: self.flag("inherit", true),
            own_among: self.flag("own-among", false),
            keys,
            people_from: self.people_from(),
            identified_by: self.texts(self.map, "", "identified-by"),
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
                    "{\"at\": \"id\", \"reach\": \"friend\"}, {\"parameter\": \"person\"} or \"own\"",
                    "say where the id stands",
                );
                return None;
            }
        };
        self.only(
            map,
            &below,
            &["at", "reach", "optional", "form", "parameter"],
        );
        let reach = self.parsed_in(map, &below, "reach");
        let optional = self.flag_in(map, &below, "optional");
        let form = self.text(map, &below, "form").map(str::to_owned);
        if let Some(name) = self.text(map, &below, "parameter") {
            if map.contains_key("at") || optional || form.is_some() {
                self.wrong(
                    &below,
                    "a person is named by the request or by the answer",
                    "`parameter` with `reach`, or `at` with `reach`, `optional` and `form`",
                    "keep the one that is true",
                );
            }
            return Some(PersonNote::Parameter {
                name: name.to_owned(),
                reach,
            });
        }
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
            optional,
            form,
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
        self.only(map, "keys", &["category", "reach", "names", "also"]);
        let of_records = match map.get("names").map(|it| it.as_str()) {
            None | Some(Some("person")) => false,
            Some(Some("record")) => true,
            Some(_) => {
                self.wrong(
                    "keys/names",
                    "`names` is neither of its words",
                    "person or record",
                    "write one of these words",
                );
                false
            }
        };
        let also_own = match map.get("also").map(|it| it.as_str()) {
            None => false,
            Some(Some("own")) => true,
            Some(_) => {
                self.wrong(
                    "keys/also",
                    "`also` is not its word",
                    "own",
                    "write `own`, or remove it",
                );
                false
            }
        };
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
            of_records,
            also_own,
        })
    }
}
