//! The promises an audit was given, and what became of them.

use decide::{Form, PromiseId, Scope, Time};
use serde::{Deserialize, Serialize};

use super::finding::Words;

/// One promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PromiseLine {
    /// What was said, when, and where it can be read.
    pub words: Words,
    /// What it says about itself; one that is not judgeable is listed and never counted as kept or broken.
    pub form: Form,
    /// What it covers.
    pub scope: Scope,
    /// From when it holds.
    pub from: Time,
    /// The first moment from which it no longer holds; `None`: no end.
    pub until: Option<Time>,
    /// Rows against it.
    pub accesses: u64,
}

impl PromiseLine {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &PromiseId {
        &self.words.promise
    }
}
