//! The extension `x-countersign` as typed notes. `specs/x-countersign.md` is its description for people.

use decide::{Category, Reach, Verb};
use serde_json::{Map, Value};

use crate::operation::OnBehalf;

/// The member under which notes stand.
pub(crate) const KEY: &str = "x-countersign";

/// A mistake in a note: the key below the note, what is wrong, what was expected, what to do.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) key: String,
    pub(crate) problem: String,
    pub(crate) expected: String,
    pub(crate) remedy: String,
}

/// At an operation.
#[derive(Debug)]
pub(crate) struct OperationNote {
    pub(crate) verb: Verb,
    pub(crate) reach: Option<Reach>,
    pub(crate) on_behalf: OnBehalf,
    pub(crate) page: Option<PageNote>,
    pub(crate) order: Vec<Category>,
    /// What a write, delete or import is about.
    pub(crate) concerns: Vec<Category>,
    pub(crate) empty_is_nothing: bool,
}

/// How the operation's answer comes in pages.
#[derive(Clone, Debug)]
pub(crate) struct PageNote {
    pub(crate) items: String,
    pub(crate) size: Option<String>,
    pub(crate) default_size: u32,
    pub(crate) max_size: u32,
    pub(crate) cursor: String,
    pub(crate) after: Option<String>,
    pub(crate) next: Option<String>,
}

/// At a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ParameterNote {
    /// The person who connected.
    PersonOwn,
    /// Names the record that the answer is about; whose it is the answer says.
    Record,
    /// Filtering or sorting by it shows these categories.
    Touches(Vec<Category>),
    /// Says nothing about anybody.
    Pass,
}

/// At a property, for its value.
#[derive(Debug, Default)]
pub(crate) struct SiteNote {
    pub(crate) structure: bool,
    pub(crate) category: Option<Category>,
    pub(crate) identifies: bool,
    pub(crate) also_own: bool,
    pub(crate) nullable: bool,
    pub(crate) time: bool,
}

/// At an object schema, wherever it is used.
#[derive(Clone, Debug)]
pub(crate) struct ObjectNote {
    pub(crate) record: bool,
    pub(crate) people: Vec<PersonNote>,
    pub(crate) inherit: bool,
    pub(crate) own_among: bool,
    pub(crate) keys: Option<KeysNote>,
}

/// Where a record names one of its people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PersonNote {
    /// The person who connected, whom the answer does not name.
    Own,
    /// A pointer from the object.
    At { at: String, reach: Option<Reach> },
}

/// People as keys of a map.
#[derive(Clone, Debug)]
pub(crate) struct KeysNote {
    pub(crate) category: Category,
    pub(crate) reach: Option<Reach>,
}

const OPERATION_KEYS: &[&str] = &[
    "verb",
    "reach",
    "on-behalf",
    "page",
    "order",
    "concerns",
    "empty",
];
const PAGE_KEYS: &[&str] = &[
    "items",
    "size",
    "default-size",
    "max-size",
    "cursor",
    "after",
    "next",
];
const PARAMETER_KEYS: &[&str] = &["person", "record", "touches", "pass"];
const SITE_KEYS: &[&str] = &[
    "structure",
    "category",
    "identifies",
    "also",
    "nullable",
    "time",
];
const OBJECT_KEYS: &[&str] = &["record", "people", "inherit", "own-among", "keys"];

impl OperationNote {
    pub(crate) fn read(value: &Value) -> Result<OperationNote, Vec<Mistake>> {
        let mut note = Note::open(value, OPERATION_KEYS)?;
        let verb = note.word("verb", &["read", "write", "delete", "import"]);
        let verb = match verb {
            Some("read") => Verb::Read,
            Some("write") => Verb::Write,
            Some("delete") => Verb::Delete,
            Some("import") => Verb::Import,
            _ => {
                note.missing("verb", "one of read, write, delete, import");
                Verb::Read
            }
        };
        let out = OperationNote {
            verb,
            reach: note.parsed("reach"),
            on_behalf: match note.word("on-behalf", &["person", "nobody"]) {
                Some("nobody") => OnBehalf::Nobody,
                _ => OnBehalf::Person,
            },
            page: note.page(),
            order: note.categories("order"),
            concerns: note.categories("concerns"),
            empty_is_nothing: note.word("empty", &["list", "not-found"]) == Some("not-found"),
        };
        match (verb, out.concerns.is_empty()) {
            (Verb::Read, false) => note.wrong(
                "concerns",
                "`concerns` at a read",
                "no `concerns`: the answer's own notes say what is read",
                "remove it",
            ),
            (Verb::Read, true) | (_, false) => {}
            (_, true) => note.missing(
                "concerns",
                "the categories that are written, deleted or imported",
            ),
        }
        note.close(out)
    }
}

impl ParameterNote {
    pub(crate) fn read(value: &Value) -> Result<ParameterNote, Vec<Mistake>> {
        let mut note = Note::open(value, PARAMETER_KEYS)?;
        let person = note.word("person", &["own"]).is_some();
        let record = note.flag("record", false);
        let pass = note.flag("pass", false);
        let touches = note.categories("touches");
        let all = [
            person.then_some(ParameterNote::PersonOwn),
            record.then_some(ParameterNote::Record),
            pass.then_some(ParameterNote::Pass),
            (!touches.is_empty()).then_some(ParameterNote::Touches(touches)),
        ];
        let mut given = all.into_iter().flatten();
        let first = given.next();
        if (first.is_none() || given.next().is_some()) && note.mistakes.is_empty() {
            note.wrong(
                "",
                "a parameter is one thing",
                "exactly one of `person: own`, `record: true`, `touches: [categories]`, `pass: true`",
                "keep the one that is true; without a note the parameter is refused",
            );
        }
        note.close(first.unwrap_or(ParameterNote::Pass))
    }
}

/// Splits a note at a schema into what is for this use of it and what is for the object wherever it is used.
pub(crate) fn read_schema(
    value: &Value,
) -> Result<(Option<SiteNote>, Option<ObjectNote>), Vec<Mistake>> {
    let all: Vec<&str> = SITE_KEYS.iter().chain(OBJECT_KEYS).copied().collect();
    let mut note = Note::open(value, &all)?;
    let has = |keys: &[&str]| keys.iter().any(|key| note.map.contains_key(*key));
    let (site, object) = (has(SITE_KEYS), has(OBJECT_KEYS));
    let site = site.then(|| SiteNote {
        structure: note.flag("structure", false),
        category: note.parsed("category"),
        identifies: note.flag("identifies", false),
        also_own: note.word("also", &["own"]).is_some(),
        nullable: note.flag("nullable", true),
        time: note.flag("time", false),
    });
    let object = object.then(|| note.object());
    if site.is_none() && object.is_none() && note.mistakes.is_empty() {
        note.wrong(
            "",
            "the note says nothing",
            &format!("at least one of {}", all.join(", ")),
            "say what it is, or remove the note",
        );
    }
    note.close((site, object))
}

/// A note while it is read: what was wrong so far.
struct Note<'a> {
    map: &'a Map<String, Value>,
    mistakes: Vec<Mistake>,
}

impl<'a> Note<'a> {
    fn open(value: &'a Value, keys: &[&str]) -> Result<Note<'a>, Vec<Mistake>> {
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

    fn only(&mut self, map: &Map<String, Value>, below: &str, keys: &[&str]) {
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

    fn close<T>(self, out: T) -> Result<T, Vec<Mistake>> {
        if self.mistakes.is_empty() {
            Ok(out)
        } else {
            Err(self.mistakes)
        }
    }

    fn wrong(&mut self, key: &str, problem: &str, expected: &str, remedy: &str) {
        self.mistakes.push(Mistake {
            key: key.to_owned(),
            problem: problem.to_owned(),
            expected: expected.to_owned(),
            remedy: remedy.to_owned(),
        });
    }

    fn missing(&mut self, key: &str, expected: &str) {
        if !self.mistakes.iter().any(|mistake| mistake.key == key) {
            self.wrong(
                "",
                &format!("`{key}` is missing"),
                expected,
                &format!("add `{key}`"),
            );
        }
    }

    fn flag(&mut self, key: &str, default: bool) -> bool {
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

    fn word(&mut self, key: &str, words: &[&str]) -> Option<&'a str> {
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

    fn text(&mut self, map: &'a Map<String, Value>, below: &str, key: &str) -> Option<&'a str> {
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

    fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(&mut self, key: &str) -> Option<T> {
        self.parsed_in(self.map, "", key)
    }

    fn parsed_in<T: std::str::FromStr<Err: std::fmt::Display>>(
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
    fn categories(&mut self, key: &str) -> Vec<Category> {
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

    fn page(&mut self) -> Option<PageNote> {
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

    fn object(&mut self) -> ObjectNote {
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

fn path(below: &str, key: &str) -> String {
    if below.is_empty() {
        key.to_owned()
    } else {
        format!("{below}/{key}")
    }
}

pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
        other => other.to_string(),
    }
}

/// The known word that is at most two edits away.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|known| (edits(word, known), *known))
        .filter(|(edits, _)| *edits <= 2)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, known)| known)
}

/// Levenshtein distance.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (n, a) in one.chars().enumerate() {
        let mut diagonal = n;
        let mut left = n + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&other) {
            let here = (diagonal + usize::from(a != *b))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = n + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
