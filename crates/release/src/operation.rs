//! One operation of the platform's API, with its plan.

use decide::{Category, Reach, Verb};

/// For whom a partner can call the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBehalf {
    /// For the person who connected it.
    Person,
    /// For nobody: everybody is reached as `directory`.
    Nobody,
}

/// One operation, compiled.
#[derive(Debug)]
pub struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) verb: Verb,
    pub(crate) on_behalf: OnBehalf,
    pub(crate) pairs: Vec<(Category, Reach)>,
    pub(crate) status: u16,
    pub(crate) content_type: String,
}

impl Operation {
    /// The document's `operationId`, or method and path where it has none. No personal data in it: fit for metrics.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `GET`, `POST`, …
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path with its templates.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// By which verb data of people are touched. Only `read` is carried out so far.
    #[must_use]
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// For whom.
    #[must_use]
    pub fn on_behalf(&self) -> OnBehalf {
        self.on_behalf
    }

    /// Every category by every reach that an answer could ask for: what [`decide::preview`] is to be asked.
    #[must_use]
    pub fn pairs(&self) -> &[(Category, Reach)] {
        &self.pairs
    }

    /// Whether anything could pass if exactly these pairs do: if not, the platform need not be asked.
    #[must_use]
    pub fn could_pass(&self, passes: &dyn Fn(&Category, &Reach) -> bool) -> bool {
        self.pairs
            .iter()
            .any(|(category, reach)| passes(category, reach))
    }

    /// The status of the platform's answer that the plan is for. Any other has no plan.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the plan is for answers of this `Content-Type`. An answer of any other is refused.
    #[must_use]
    pub fn is_of_type(&self, content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case(&self.content_type)
    }

    pub(crate) fn matches(&self, _method: &str, _path: &str) -> Option<Vec<String>> {
        None
    }
}
