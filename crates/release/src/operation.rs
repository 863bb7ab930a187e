//! One operation of the platform's API, with its plan.

use decide::{Category, Reach, Verb};

use crate::extension::PageNote;
use crate::parameter::{Body, Parameter, Rule, Segment};
use crate::plan::Plan;
use crate::shown::{Row, Uncovered};
use crate::stream::StreamForm;
use crate::write::WritePlan;

/// For whom a partner can call the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
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
    pub(crate) template: Vec<Segment>,
    pub(crate) verb: Verb,
    pub(crate) on_behalf: OnBehalf,
    pub(crate) pairs: Vec<(Category, Reach)>,
    pub(crate) rows: Vec<Row>,
    pub(crate) uncovered: Vec<Uncovered>,
    pub(crate) plan: Plan,
    pub(crate) parameters: Vec<Parameter>,
    /// What a request's body may hold. `None`: there is none.
    pub(crate) body: Option<Body>,
    /// What is asked before it is carried out, where it is no read.
    pub(crate) write: Option<WritePlan>,
    pub(crate) page: Option<PageNote>,
    /// 0: no answer is walked.
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// The answer is a stream of records.
    pub(crate) stream: Option<StreamForm>,
    /// For how many seconds the platform may keep the gateway waiting beyond what is usual; 0: it does not.
    pub(crate) wait: u32,
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

    /// By which verb data of people are touched.
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
        let open = |row: &Row| {
            row.people
                .iter()
                .all(|reaches| reaches.iter().any(|reach| passes(&row.category, reach)))
        };
        self.rows.iter().filter(|row| row.needed).all(open) && self.rows.iter().any(open)
    }

    /// Whether a request can have a body, in JSON. Where not, one that has is refused.
    #[must_use]
    pub fn takes_body(&self) -> bool {
        self.body.is_some()
    }

    /// Whether requests to the platform have a query parameter of this name whatever the partner says: those that are
    /// always sent, and those by which pages are asked for.
    #[must_use]
    pub fn always_sends(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| {
            let sent = matches!(parameter.rule, Rule::Always(_) | Rule::Size | Rule::Cursor);
            sent && !parameter.in_path && parameter.name == name
        })
    }

    /// The status of the platform's answer that the plan is for. Any other has no plan.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the answer is a stream of records, each to be walked, decided and recorded by itself, and how they are
    /// told apart.
    #[must_use]
    pub fn stream(&self) -> Option<StreamForm> {
        self.stream
    }

    /// The media type of the platform's answer, as the document writes it; empty where none is walked.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// For how many seconds the platform may keep the answer back until there is something to tell (long polling),
    /// beyond what any other answer may take. 0 for most.
    #[must_use]
    pub fn wait(&self) -> u32 {
        self.wait
    }

    /// Whether a request can name by its path what it asks for, so that an unknown id must look like somebody who
    /// refuses.
    #[must_use]
    pub fn names_what_is_asked_for(&self) -> bool {
        self.parameters.iter().any(Parameter::names_it)
    }

    /// Whether the plan is for answers of this `Content-Type`. An answer of any other is refused.
    #[must_use]
    pub fn is_of_type(&self, content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case(&self.content_type)
    }
}
