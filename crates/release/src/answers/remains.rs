//! Whether somebody who refuses is still named in what would leave.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::trail::{Step, Trail};
use crate::sweep::{Forms, scan};

/// What somebody is called.
#[derive(Clone, Debug, Default)]
pub(super) struct Called {
    /// The platform's id.
    pub(super) id: String,
    /// Other identifiers of theirs, in the sweep's normal form.
    pub(super) also: HashSet<String>,
}

/// An id that is at least so long is looked for within texts too; shorter ones would be found everywhere.
const WITHIN: usize = 5;

/// The places at which a body still holds an identifier of somebody.
pub(super) fn remains(body: &[u8], called: &Called, forms: &Forms) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let mut trail = Trail::default();
        look(&value, &mut trail, &mut |trail, text| {
            if called.is_in(text, forms) {
                places.insert(trail.general());
            }
        });
    }
    places
}

fn look(value: &Value, trail: &mut Trail, each: &mut dyn FnMut(&Trail, &str)) {
    match value {
        Value::String(text) => each(trail, text),
        Value::Number(number) => each(trail, &number.to_string()),
        Value::Array(list) => {
            for (n, element) in list.iter().enumerate() {
                trail.push(Step::Element(n));
                look(element, trail, each);
                trail.pop();
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                trail.push(Step::Key);
                each(trail, name);
                trail.pop();
                trail.push(Step::Name(name.clone()));
                look(member, trail, each);
                trail.pop();
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

impl Called {
    fn is_in(&self, text: &str, forms: &Forms) -> bool {
        if text == self.id || (self.id.len() >= WITHIN && stands_in(&self.id, text)) {
            return true;
        }
        let mut found = false;
        scan(text, forms, &mut |occurrence| {
            found |= occurrence.readings.iter().any(|reading| {
                *reading.exact == self.id
                    || *reading.key == self.id
                    || self.also.contains(&*reading.key)
            });
        });
        found
    }
}

/// Whether an id stands in a text, and not as a part of a longer word or number.
fn stands_in(id: &str, text: &str) -> bool {
    text.match_indices(id).any(|(at, _)| {
        let edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let end = at.saturating_add(id.len());
        let after = text.get(end..).and_then(|it| it.chars().next());
        edge(before) && edge(after)
    })
}
