//! Mistakes as they are found, each once.

use std::collections::HashSet;

use crate::error::LoadError;
use crate::extension::Mistake;

/// Collects mistakes about one document with its overlay.
#[derive(Debug)]
pub(crate) struct Problems {
    pub(crate) file: String,
    list: Vec<LoadError>,
    /// Those about a note's own form.
    grammar: Vec<LoadError>,
    known: HashSet<(String, String)>,
}

impl Problems {
    pub(crate) fn new(file: &str) -> Problems {
        Problems {
            file: file.to_owned(),
            list: Vec::new(),
            grammar: Vec::new(),
            known: HashSet::new(),
        }
    }

    pub(crate) fn add(&mut self, at: &str, problem: &str, expected: &str, remedy: &str) {
        if let Some(error) = self.new_error(at, problem, expected, remedy) {
            self.list.push(error);
        }
    }

    fn new_error(
        &mut self,
        at: &str,
        problem: &str,
        expected: &str,
        remedy: &str,
    ) -> Option<LoadError> {
        let new = self.known.insert((at.to_owned(), problem.to_owned()));
        new.then(|| LoadError {
            file: self.file.clone(),
            at: at.to_owned(),
            problem: problem.to_owned(),
            expected: expected.to_owned(),
            remedy: remedy.to_owned(),
        })
    }

    /// Mistakes within a note that stands at this pointer.
    pub(crate) fn add_all(&mut self, note: &str, mistakes: Vec<Mistake>) {
        for mistake in mistakes {
            let at = if mistake.key.is_empty() {
                note.to_owned()
            } else {
                format!("{note}/{}", mistake.key)
            };
            let error = self.new_error(&at, &mistake.problem, &mistake.expected, &mistake.remedy);
            self.grammar.extend(error);
        }
    }

    /// Where notes cannot be read, only that is told: what seems wrong beside them often follows from it.
    pub(crate) fn into_list(self) -> Vec<LoadError> {
        if self.grammar.is_empty() {
            self.list
        } else {
            self.grammar
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.grammar.is_empty()
    }
}
