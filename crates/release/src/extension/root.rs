//! The note at the document's root: what identifies people on this platform, and what must hold of each category.

use decide::Category;
use serde_json::{Map, Value};

use super::note::Note;
use super::words::{kind, path, shown};
use super::{Mistake, Must, RootNote, TimeForm};

const ROOT_KEYS: &[&str] = &["identifiers", "categories"];
const IDENTIFIER_KEYS: &[&str] = &["formats", "addresses"];
/// The longest time for which an answer may be waited for.
const MOST_SECONDS: u64 = 600;
const MUSTS: &[(&str, Must)] = &[
    ("people-from", Must::PeopleFrom),
    ("own-among", Must::OwnAmong),
    ("identifies", Must::Identifies),
    ("also-own", Must::AlsoOwn),
];

impl Must {
    /// Its word in overlays.
    pub(crate) fn word(self) -> &'static str {
        MUSTS
            .iter()
            .find(|(_, must)| *must == self)
            .map_or("", |(word, _)| word)
    }
}

impl RootNote {
    pub(crate) fn read(value: &Value) -> Result<RootNote, Vec<Mistake>> {
        let mut note = Note::open(value, ROOT_KEYS)?;
        let mut out = RootNote::default();
        if let Some(identifiers) = note.inner("identifiers") {
            note.only(identifiers, "identifiers", IDENTIFIER_KEYS);
            out.formats = note.texts(identifiers, "identifiers", "formats");
            out.addresses = note.texts(identifiers, "identifiers", "addresses");
        }
        if let Some(categories) = note.inner("categories") {
            out.categories = Some(note.obligations(categories));
        }
        note.close(out)
    }
}

impl<'a> Note<'a> {
    fn inner(&mut self, key: &str) -> Option<&'a Map<String, Value>> {
        let value = self.map.get(key)?;
        if value.as_object().is_none() {
            self.wrong(
                key,
                &format!("`{key}` is {}", kind(value)),
                "an object",
                "write it as an object",
            );
        }
        value.as_object()
    }

    /// A list of texts; none if it is not there.
    pub(super) fn texts(
        &mut self,
        map: &'a Map<String, Value>,
        below: &str,
        key: &str,
    ) -> Vec<String> {
        let Some(value) = map.get(key) else {
            return Vec::new();
        };
        let texts: Option<Vec<String>> = value.as_array().map(|list| {
            let texts = list.iter().filter_map(Value::as_str).map(str::to_owned);
            texts.filter(|text| !text.is_empty()).collect()
        });
        let whole = value.as_array().map_or(0, Vec::len);
        match texts {
            Some(texts) if texts.len() == whole && whole > 0 => texts,
            _ => {
                self.wrong(
                    &path(below, key),
                    &format!("`{key}` is {}", shown(value)),
                    "a list of texts, at least one",
                    "correct it, or remove the key",
                );
                Vec::new()
            }
        }
    }

    fn obligations(&mut self, map: &'a Map<String, Value>) -> Vec<(Category, Vec<Must>)> {
        let mut out = Vec::new();
        for (name, value) in map {
            let at = format!("categories/{name}");
            let Ok(category) = name.parse::<Category>() else {
                self.wrong(
                    &at,
                    &format!("{name:?} is not a category"),
                    "prefix:Term, for example pd:Name",
                    "correct the spelling",
                );
                continue;
            };
            let Some(inner) = value.as_object() else {
                self.wrong(
                    &at,
                    &format!("it is {}", kind(value)),
                    "{} or {must: [identifies]}",
                    "write it as an object",
                );
                continue;
            };
            self.only(inner, &at, &["must"]);
            let words = self.texts(inner, &at, "must");
            let mut musts = Vec::new();
            for word in words {
                match MUSTS.iter().find(|(known, _)| **known == *word) {
                    Some((_, must)) => musts.push(*must),
                    None => self.wrong(
                        &format!("{at}/must"),
                        &format!("{word:?} is nothing that must hold"),
                        "people-from, own-among, identifies, also-own",
                        "correct the spelling",
                    ),
                }
            }
            out.push((category, musts));
        }
        out
    }

    /// `time`: a flag, or the unit of a number.
    pub(super) fn time(&mut self) -> Option<TimeForm> {
        match self.map.get("time")? {
            Value::Bool(true) => Some(TimeForm::Text),
            Value::Bool(false) => None,
            Value::String(unit) if unit == "milliseconds" => Some(TimeForm::Milliseconds),
            Value::String(unit) if unit == "seconds" => Some(TimeForm::Seconds),
            other => {
                self.wrong(
                    "time",
                    &format!("`time` is {}", shown(other)),
                    "true, milliseconds or seconds",
                    "write `true` for texts, the unit for numbers since 1970",
                );
                None
            }
        }
    }

    /// `names`: a flag, or templates of further forms of the identifier.
    pub(super) fn names(&mut self) -> Option<Vec<String>> {
        match self.map.get("names")? {
            Value::Bool(true) => Some(Vec::new()),
            Value::Bool(false) => None,
            _ => {
                let forms = self.texts(self.map, "", "names");
                if forms.iter().any(|form| form.matches("{}").count() != 1) {
                    self.wrong(
                        "names",
                        "a form without exactly one placeholder",
                        "forms such as {}@social.example, with {} where the value stands",
                        "correct it",
                    );
                }
                Some(forms)
            }
        }
    }

    /// `wait`: seconds.
    pub(super) fn wait(&mut self) -> Option<u32> {
        let value = self.map.get("wait")?;
        let seconds = value.as_u64().filter(|it| (1..=MOST_SECONDS).contains(it));
        if seconds.is_none() {
            self.wrong(
                "wait",
                &format!("`wait` is {}", shown(value)),
                &format!("a whole number of seconds from 1 to {MOST_SECONDS}"),
                "write for how long the platform keeps the answer back at most",
            );
        }
        seconds.and_then(|seconds| u32::try_from(seconds).ok())
    }

    /// `order`: categories, or the word `none`.
    pub(super) fn order(&mut self) -> Vec<Category> {
        if self.map.get("order").is_some_and(|it| it == "none") {
            return Vec::new();
        }
        self.categories("order")
    }
}
