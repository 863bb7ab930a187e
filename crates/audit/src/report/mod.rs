//! What an audit found: one value, written as JSON, as a table, as CSV and as a page.
//!
//! Everything that counts people counts each once within its own line; lines cannot be added up, since the same person
//! may stand in several. Everything that counts accesses counts rows of the logs; a row stands in as many findings as
//! it has faults, so those cannot be added up either. [`Totals`] has each row once.

mod finding;
mod month;
mod open;
mod promise;
mod source;

use decide::Time;
use serde::{Deserialize, Serialize};

pub use finding::{Act, Finding, Kind, Words};
pub use month::{Against, Month, MonthLine, Side};
pub use open::{NotJudged, Open, Place, Question, Remark};
pub use promise::PromiseLine;
pub use source::{Role, Source};

/// The name of this form of a report; a change that breaks readers gets another number.
pub const FORM: &str = "countersign-audit/1";

/// All that an audit found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Report {
    /// [`FORM`].
    pub form: String,
    /// When the audit was made, by the clock of whoever made it; not a moment in the logs.
    pub made: Time,
    /// The first and the last access that could be dated; `None` when there is none.
    pub period: Option<Period>,
    /// Each row of the logs counted once.
    pub totals: Totals,
    /// What was found, by partner, then power, then kind. Empty: nothing was, which is not the same as "all was well"
    /// while [`Report::not_judged`] or [`Report::open`] have lines.
    pub findings: Vec<Finding>,
    /// Rows on which no verdict is possible, by reason.
    pub not_judged: Vec<NotJudged>,
    /// Questions that stayed open on rows which were judged otherwise.
    pub open: Vec<Open>,
    /// What else the auditor should know about the files: clocks that jumped, mixed time zones.
    pub remarks: Vec<Remark>,
    /// The promises, also those against which nothing was found and those that nobody can judge.
    pub promises: Vec<PromiseLine>,
    /// Month by month and partner by partner, for pictures.
    pub months: Vec<MonthLine>,
    /// The files that were read.
    pub sources: Vec<Source>,
}

/// From when to when, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first moment.
    pub first: Time,
    /// The last moment.
    pub last: Time,
}

/// Each row counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Totals {
    /// All rows of the access logs: `permitted + refused + not_judged`.
    pub rows: u64,
    /// Rows that the rule would have let through, as far as they could be judged.
    pub permitted: u64,
    /// Rows against which something stands.
    pub refused: u64,
    /// Rows on which no verdict is possible; see [`Report::not_judged`].
    pub not_judged: u64,
    /// Of the permitted rows, those on which a question stayed open; see [`Report::open`]. A row on which several did
    /// counts once.
    pub open: u64,
    /// Different people about whom data left, as far as the logs and lists tell.
    pub people: u64,
    /// Different partners in the logs.
    pub partners: u64,
}

/// What an audit came to, as the program's exit code tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was judged, and nothing stands against any of it.
    Clean,
    /// Something was found.
    Findings,
    /// Nothing was found, but rows could not be judged or questions stayed open.
    NotJudged,
}

impl Report {
    /// What it came to. Findings outweigh what could not be judged.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if !self.findings.is_empty() {
            Outcome::Findings
        } else if self.not_judged.is_empty() && self.open.is_empty() {
            Outcome::Clean
        } else {
            Outcome::NotJudged
        }
    }
}
