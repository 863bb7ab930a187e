//! `people-from`: the people of a record whom another call to the platform lists.

use serde_json::{Map, Value};

use super::note::Note;
use super::words::kind;
use super::{IdAt, LeftNote, PeopleFromNote, TimeForm, With};

const KEYS: &[&str] = &[
    "call", "with", "items", "item", "id", "left", "complete", "reach",
];
const LEFT_KEYS: &[&str] = &["at", "is", "when", "format", "undated"];
const BELOW: &str = "people-from";

impl<'a> Note<'a> {
    /// At an object: one call.
    pub(super) fn people_from(&mut self) -> Option<PeopleFromNote> {
        self.call(self.map.get(BELOW)?)
    }

    /// At an operation that is no read: one call, or several.
    pub(super) fn people_from_calls(&mut self) -> Vec<PeopleFromNote> {
        let calls: Vec<&Value> = match self.map.get(BELOW) {
            None => Vec::new(),
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
        };
        calls
            .into_iter()
            .filter_map(|call| self.call(call))
            .collect()
    }

    fn call(&mut self, value: &'a Value) -> Option<PeopleFromNote> {
        let Some(map) = value.as_object() else {
            self.wrong(
                BELOW,
                &format!("`{BELOW}` is {}", kind(value)),
                "an object",
                "write it as an object",
            );
            return None;
        };
        self.only(map, BELOW, KEYS);
        if map.get("complete") != Some(&Value::Bool(true)) {
            self.wrong(
                BELOW,
                "nothing says that the list is complete",
                "`complete: true`: everybody who ever was among them is listed, also who left",
                "use a call that lists those who left too; who was there when something was sent is unknown otherwise, and unknown means refused",
            );
        }
        let call = self.text(map, BELOW, "call");
        if call.is_none_or(|call| !call.starts_with('/')) {
            self.wrong(
                BELOW,
                "`call` is no path",
                "the path to ask for, such as /threads/{thread}/members",
                "begin it with a slash",
            );
        }
        let (items, item) = (
            self.text(map, BELOW, "items"),
            self.text(map, BELOW, "item"),
        );
        if items.is_some() && item.is_some() {
            self.wrong(
                BELOW,
                "`items` and `item`",
                "`items`, where the answer lists people, or `item`, where it names one",
                "keep the one that is true",
            );
        }
        let id = match self.text(map, BELOW, "id") {
            Some(".") => IdAt::Element,
            Some("key") => IdAt::Key,
            Some(path) => IdAt::Member(steps(path)),
            None => {
                self.wrong(
                    BELOW,
                    "`id` is missing",
                    "the member of each element that holds the id, `.` where the elements are ids, `key` where keys are",
                    "add `id`",
                );
                IdAt::Element
            }
        };
        let with = self.with(map, call.unwrap_or_default());
        let left = map.get("left").and_then(|value| self.left(value));
        Some(PeopleFromNote {
            call: call?.to_owned(),
            with,
            items: items.or(item).map(steps).unwrap_or_default(),
            one: item.is_some(),
            id,
            left,
            reach: self.parsed_in(map, BELOW, "reach"),
        })
    }

    /// The sources of the placeholders in the call: each has to be there, and none besides.
    fn with(&mut self, map: &'a Map<String, Value>, call: &str) -> Vec<(String, Vec<With>)> {
        let empty = Map::new();
        let given = map.get("with").map_or(Some(&empty), Value::as_object);
        let names = placeholders(call);
        let mut out = Vec::new();
        let given = given.unwrap_or(&empty);
        for name in &names {
            let sources = match given.get(name) {
                Some(Value::Array(list)) if !list.is_empty() => list.iter().map(source).collect(),
                Some(one) => source(one).map(|one| vec![one]),
                None => None,
            };
            match sources {
                Some(sources) => out.push((name.clone(), sources)),
                None => self.wrong(
                    &format!("{BELOW}/with"),
                    &format!("nothing says what stands for {{{name}}}"),
                    "{parameter: NAME}, {at: MEMBER}, `key` or `element`, or a list of these of which the first that is there counts",
                    "add it",
                ),
            }
        }
        for name in given.keys().filter(|name| !names.contains(name)) {
            self.wrong(
                &format!("{BELOW}/with"),
                &format!("there is no {{{name}}} in the call"),
                "the placeholders of `call`",
                "correct the spelling",
            );
        }
        out
    }

    fn left(&mut self, value: &'a Value) -> Option<LeftNote> {
        let below = "people-from/left";
        let Some(map) = value.as_object() else {
            self.wrong(
                below,
                &format!("`left` is {}", kind(value)),
                "an object",
                "write it as an object",
            );
            return None;
        };
        self.only(map, below, LEFT_KEYS);
        let at = self.text(map, below, "at").map(steps);
        let is = self.texts(map, below, "is");
        let when = self.text(map, below, "when").map(steps);
        let form = match map.get("format").and_then(Value::as_str) {
            Some("milliseconds") => Some(TimeForm::Milliseconds),
            Some("seconds") => Some(TimeForm::Seconds),
            Some("date-time") => Some(TimeForm::Text),
            _ => None,
        };
        let undated = map.get("undated");
        if undated.is_some_and(|undated| undated != "now") {
            self.wrong(
                below,
                "`undated` is not its word",
                "now: a record without a time is of now, and who has left does not count for it",
                "write `now`, or remove it: who has left counts for undated records then",
            );
        }
        if at.is_none() || is.is_empty() || when.is_none() || form.is_none() {
            self.wrong(
                below,
                "it does not say who has left, and when",
                "`at` (the member that tells), `is` (its values), `when` (the member with the moment), `format` (date-time, milliseconds or seconds)",
                "add what is missing, or remove `left`: everybody listed counts always then",
            );
        }
        Some(LeftNote {
            at: at?,
            is,
            when: when?,
            form: form?,
            undated_is_now: undated.is_some(),
        })
    }
}

/// The steps of a path such as `/a/b` or `a/b`.
fn steps(path: &str) -> Vec<String> {
    let steps = path.split('/').filter(|step| !step.is_empty());
    steps
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect()
}

fn source(value: &Value) -> Option<With> {
    match value.as_str() {
        Some("key") => return Some(With::Key),
        Some("element") => return Some(With::Element),
        _ => {}
    }
    let map = value.as_object().filter(|map| map.len() == 1)?;
    let (key, inner) = map.iter().next()?;
    let inner = inner.as_str().filter(|inner| !inner.is_empty())?.to_owned();
    match key.as_str() {
        "parameter" => Some(With::Parameter(inner)),
        "at" => Some(With::At(inner)),
        _ => None,
    }
}

/// The names between braces.
pub(crate) fn placeholders(call: &str) -> Vec<String> {
    let parts = call.split('{').skip(1);
    parts
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}
