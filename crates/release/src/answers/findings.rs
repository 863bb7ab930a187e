//! What is to be looked at, each kind of thing at each place once.

use std::collections::BTreeMap;

use super::recording::Recording;
use super::report::{Finding, Kind};

/// Findings while they come in.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<(Kind, String, String, String), Finding>);

/// A finding without where it was.
pub(super) struct Found<'a> {
    pub(super) kind: Kind,
    pub(super) operation: &'a str,
    pub(super) member: String,
    pub(super) what: String,
    /// In the answer itself.
    pub(super) at: String,
}

impl Findings {
    pub(super) fn add(&mut self, in_answer: &Recording, found: Found<'_>) {
        let Found {
            kind,
            operation,
            member,
            what,
            at,
        } = found;
        let key = (kind, operation.to_owned(), member.clone(), what.clone());
        let finding = self.0.entry(key).or_insert_with(|| Finding {
            kind,
            operation: operation.to_owned(),
            member,
            what,
            count: 0,
            file: in_answer.file.clone(),
            line: in_answer.line,
            at,
        });
        finding.count = finding.count.saturating_add(1);
    }

    pub(super) fn all(self) -> Vec<Finding> {
        self.0.into_values().collect()
    }
}
