//! The overlay, applied to the platform's document (OpenAPI Overlay 1.0 and 1.1).
//!
//! By the specification an action that finds nothing is no mistake. Here it is one: it means that a member is thought
//! to be covered and is not.

use enumset::EnumSet;
use roas_overlay::apply::{Apply, ApplyErrorKind, ApplyOptions};
use roas_overlay::validation::Validate;
use roas_overlay::{v1_0, v1_1};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::LoadError;
use crate::extension::nearest;

const ROOT_KEYS: &[&str] = &["overlay", "info", "extends", "actions"];
const ACTION_KEYS: &[&str] = &["target", "description", "update", "copy", "remove"];

/// An overlay that has been read, action by action.
pub(crate) struct Overlay<'o> {
    name: &'o str,
    value: &'o Value,
}

impl<'o> Overlay<'o> {
    /// Checks the form of the whole.
    pub(crate) fn read(value: &'o Value, name: &'o str) -> Result<Overlay<'o>, Vec<LoadError>> {
        let overlay = Overlay { name, value };
        let mut errors = Vec::new();
        let version = value
            .get("overlay")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !version.starts_with("1.0.") && !version.starts_with("1.1.") {
            let problem = format!("the version is {version:?}");
            errors.push(overlay.error(
                "/overlay",
                &problem,
                "an overlay of version 1.0 or 1.1, such as 1.1.0",
                "is this the overlay?",
            ));
            return Err(errors);
        }
        overlay.only(value, "", ROOT_KEYS, &mut errors);
        for (n, action) in overlay.actions().iter().enumerate() {
            overlay.only(action, &format!("actions[{n}]"), ACTION_KEYS, &mut errors);
        }
        if let Err(problem) = overlay.validated(value) {
            errors.extend(problem.into_iter().map(|(at, problem)| {
                overlay.error(
                    &at,
                    &problem,
                    "an overlay as its specification describes it",
                    "correct the action",
                )
            }));
        }
        if errors.is_empty() {
            Ok(overlay)
        } else {
            Err(errors)
        }
    }

    fn actions(&self) -> &'o [Value] {
        self.value
            .get("actions")
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    fn error(&self, at: &str, problem: &str, expected: &str, remedy: &str) -> LoadError {
        LoadError {
            file: self.name.to_owned(),
            at: at.to_owned(),
            problem: problem.to_owned(),
            expected: expected.to_owned(),
            remedy: remedy.to_owned(),
        }
    }

    fn only(&self, value: &Value, at: &str, keys: &[&str], errors: &mut Vec<LoadError>) {
        let unknown = value
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key.as_str());
        for key in unknown.filter(|key| !keys.contains(key) && !key.starts_with("x-")) {
            let near = nearest(key, keys).map_or_else(
                || "remove it".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            errors.push(self.error(
                at,
                &format!("unknown key `{key}`"),
                &format!("one of {}", keys.join(", ")),
                &near,
            ));
        }
    }

    fn is_1_0(&self) -> bool {
        self.value
            .get("overlay")
            .and_then(Value::as_str)
            .is_some_and(|version| version.starts_with("1.0."))
    }

    fn validated(&self, value: &Value) -> Result<(), Vec<(String, String)>> {
        if self.is_1_0() {
            validate::<v1_0::Overlay>(value)
        } else {
            validate::<v1_1::Overlay>(value)
        }
    }

    /// Applies all actions.
    pub(crate) fn apply(&self, document: &mut Value) -> Result<(), Vec<LoadError>> {
        if self.run(self.value, document).is_ok() {
            return Ok(());
        }
        // Again, one by one, to tell every action that does not work.
        let mut errors = Vec::new();
        for (n, action) in self.actions().iter().enumerate() {
            if let Err(kind) = self.run(&self.alone(action), document) {
                let target = action
                    .get("target")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                errors.push(self.explain(n, target, &kind));
            }
        }
        Err(errors)
    }

    /// The last action that changed what is at this pointer.
    pub(crate) fn origin(&self, document: &Value, pointer: &str) -> Option<usize> {
        let mut working = document.clone();
        let mut origin = None;
        for (n, action) in self.actions().iter().enumerate() {
            let before = working.pointer(pointer).cloned();
            let applied = self.run(&self.alone(action), &mut working).is_ok();
            if applied && working.pointer(pointer) != before.as_ref() {
                origin = Some(n);
            }
        }
        origin
    }

    fn alone(&self, action: &Value) -> Value {
        json!({ "overlay": self.value.get("overlay"), "info": self.value.get("info"), "actions": [action] })
    }

    fn run(&self, overlay: &Value, document: &mut Value) -> Result<(), ApplyErrorKind> {
        if self.is_1_0() {
            run::<v1_0::Overlay>(overlay, document)
        } else {
            run::<v1_1::Overlay>(overlay, document)
        }
    }

    fn explain(&self, n: usize, target: &str, kind: &ApplyErrorKind) -> LoadError {
        let at = format!("actions[{n}]");
        match kind {
            ApplyErrorKind::ZeroMatch => self.error(
                &at,
                &format!("the target {target} matches nothing in the document"),
                "a JSONPath (RFC 9535) that matches at least one place",
                "correct the path; brackets are needed around names with slashes: $.paths['/people'].get",
            ),
            other => self.error(&at, &format!("{target}: {other}"), "an action that can be applied", "correct the action"),
        }
    }
}

fn validate<O: DeserializeOwned + Validate>(value: &Value) -> Result<(), Vec<(String, String)>> {
    let overlay =
        O::deserialize(value).map_err(|error| vec![(String::new(), error.to_string())])?;
    overlay.validate(EnumSet::empty()).map_err(|found| {
        found
            .errors
            .into_iter()
            .map(|error| {
                (
                    error.path.trim_start_matches("#.").to_owned(),
                    error.message,
                )
            })
            .collect()
    })
}

fn run<O: DeserializeOwned + Apply>(
    overlay: &Value,
    document: &mut Value,
) -> Result<(), ApplyErrorKind> {
    let overlay = O::deserialize(overlay)
        .map_err(|error| ApplyErrorKind::InvalidJsonPath(error.to_string()))?;
    let strict = ApplyOptions::ErrorOnZeroMatch | ApplyOptions::ErrorOnMixedKindMatch;
    overlay
        .apply(document, strict)
        .map(|_| ())
        .map_err(|error| error.kind)
}
