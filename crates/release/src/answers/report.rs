//! What `countersign check --answers` tells: counts and places, and never a value.

use decide::{Category, Reach};
use serde::Serialize;

/// What recorded answers say about an overlay.
///
/// No value of an answer is in here: only names of members, places, kinds and counts. Keys of maps are written `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answers {
    /// Every recorded answer that could be read, in order, and what became of it.
    pub answers: Vec<Answer>,
    /// What could not be read.
    pub unreadable: Vec<Unreadable>,
    /// How many different people were recognised in all of them.
    pub people: usize,
    /// By operation, in the document's order.
    pub operations: Vec<Operated>,
    /// What somebody should look at, the gravest first.
    pub findings: Vec<Finding>,
}

/// One recorded answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answer {
    /// In which file.
    pub file: String,
    /// In a file of many, its line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// It also served as the list of a record's people, as an overlay's `people-from` asks for it.
    pub lists_people: bool,
}

/// What became of a recorded answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// It was walked by its operation's plan.
    #[serde(rename_all = "kebab-case")]
    Walked {
        /// Whose plan.
        operation: String,
        /// Records in it, records within records included.
        records: usize,
        /// How many of them leave if everybody agrees.
        leave: usize,
        /// Different people recognised in it.
        people: usize,
    },
    /// No operation of the overlay is meant: a partner who asks so is refused.
    Unmapped,
    /// The operation is not a read; its answers are not walked.
    NotARead,
    /// The operation's plan is for another status.
    #[serde(rename_all = "kebab-case")]
    WrongStatus {
        /// Whose plan.
        operation: String,
        /// What was recorded.
        status: u16,
        /// What the plan is for.
        expected: u16,
    },
    /// The answer, or the request, is refused whole; a finding says why.
    #[serde(rename_all = "kebab-case")]
    Refused {
        /// Whose plan.
        operation: String,
    },
}

/// A file, or a line of one, that holds no recorded answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Unreadable {
    /// Which file.
    pub file: String,
    /// Which line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
    /// What was expected.
    pub expected: String,
}

/// All recorded answers of one operation together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Operated {
    /// The document's `operationId`.
    pub id: String,
    /// `GET`, …
    pub method: String,
    /// With its templates.
    pub path: String,
    /// How many answers were walked.
    pub answers: usize,
    /// For lists in pages: how many of them say, where the overlay looks for it, that another page follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_follows: Option<usize>,
    /// Records in them, records within records included.
    pub records: usize,
    /// How many of them leave if everybody agrees.
    pub leave: usize,
    /// Every member that the overlay gives a category, if answers have it.
    pub members: Vec<Member>,
    /// Members that the document declares and the overlay does not cover.
    pub dropped: Vec<Strange>,
    /// Members that the document does not declare.
    pub undeclared: Vec<Strange>,
    /// Objects whose deciding member said nothing that the document foresees.
    pub unforeseen: Vec<Unforeseen>,
    /// Objects and lists where something else stands; dropped.
    pub misfits: Vec<Misfit>,
    /// Who was recognised, and how.
    pub recognised: Vec<Recognised>,
    /// What of the recorded requests partners could not ask.
    pub refused_requests: Vec<Noted>,
    /// What goes when somebody refuses.
    pub refusing: Refusing,
}

/// A member that the overlay gives a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Member {
    /// Where: `/data/*/name`.
    pub member: String,
    /// What kind; several where a deciding member says which.
    pub categories: Vec<Category>,
    /// How often it stands in the answers.
    pub there: u64,
    /// How often it leaves if everybody agrees.
    pub leaves: u64,
}

/// A member that the plan does not name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Strange {
    /// Where; a name that is itself an identifier of somebody is written `*`.
    pub member: String,
    /// How often.
    pub count: u64,
    /// What stands there: `text`, `number`, `object`, …
    pub kinds: Vec<&'static str>,
    /// How often it holds what looks like an identifier of a person.
    pub names_people: u64,
    /// How often one of those is of somebody whom no record around it names.
    pub names_others: u64,
    /// The document says that any member may stand in this object.
    pub allowed: bool,
}

/// A discriminator that said something unforeseen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Unforeseen {
    /// The object.
    pub at: String,
    /// What its deciding member says; `None` where it has none, or where what it says names somebody.
    pub said: Option<String>,
    /// How often. All of these objects are dropped.
    pub count: u64,
}

/// Something else than an object or list that the document declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Misfit {
    /// Where.
    pub at: String,
    /// What stands there.
    pub what: String,
    /// How often.
    pub count: u64,
}

/// A way in which people were recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Recognised {
    /// The member that holds the id, `{parameter}`, or the call that lists them.
    pub by: String,
    /// How they are reached.
    pub reach: Reach,
    /// How many different people.
    pub people: usize,
    /// How often.
    pub times: u64,
}

/// Something told once, with how often it was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Noted {
    /// What.
    pub what: String,
    /// How often.
    pub count: u64,
}

/// What goes when each of some people refuses, one after the other, and everybody else agrees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Refusing {
    /// How many times somebody refused in an answer.
    pub runs: usize,
    /// How many people of the answers were not tried.
    pub not_tried: usize,
    /// How many records went, over all runs.
    pub records_gone: u64,
    /// The most that went in one run.
    pub most_gone: u64,
    /// Runs in which nothing went.
    pub nothing_gone: usize,
    /// Runs in which an identifier of theirs was still in what leaves. Anything but 0 is a finding.
    pub still_named: usize,
}

/// What kind of finding, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Somebody refused, and an identifier of theirs is still in what leaves.
    StillNamed,
    /// With everybody's consent the sweep took a record away: somebody stands in it whom the overlay does not name.
    Swept,
    /// A member that does not leave names somebody whom no record around it names.
    Unnamed,
    /// An id at a place of people that is missing or no id.
    NotRecognised,
    /// A call for the people of records that was not recorded.
    CallNotRecorded,
    /// The answer or the request is refused whole.
    NoPlanFits,
}

impl Kind {
    /// All, the gravest first.
    pub const ALL: [Kind; 6] = [
        Kind::StillNamed,
        Kind::Swept,
        Kind::Unnamed,
        Kind::NotRecognised,
        Kind::CallNotRecorded,
        Kind::NoPlanFits,
    ];

    /// In a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Kind::StillNamed => "still named after refusing",
            Kind::Swept => "taken away by the sweep",
            Kind::Unnamed => "somebody whom the overlay does not name",
            Kind::NotRecognised => "somebody who could not be recognised",
            Kind::CallNotRecorded => "a call that was not recorded",
            Kind::NoPlanFits => "an answer that no plan fits",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Kind::StillNamed => {
                "name them in `people` there, leave the member out, or write its form into `identifiers`"
            }
            Kind::Swept => {
                "is somebody forgotten in `people`? if the text is free, it is right that it goes"
            }
            Kind::Unnamed => {
                "does the record concern them? then name them in `people` (declare the member in the overlay first)"
            }
            Kind::NotRecognised => {
                "correct the place in `people`, or make it `optional: true` if answers may lack it; the record goes otherwise"
            }
            Kind::CallNotRecorded => {
                "record this call beside the answer; without it the records' people are unknown and they go"
            }
            Kind::NoPlanFits => "correct document or overlay: to partners this is an error",
        }
    }
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// What kind.
    pub kind: Kind,
    /// In answers of which operation.
    pub operation: String,
    /// Where, as plans name places; empty for an answer as a whole.
    pub member: String,
    /// What, in a sentence.
    pub what: String,
    /// How often.
    pub count: u64,
    /// The first: its file.
    pub file: String,
    /// Its line, in a file of many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Its place in that very answer.
    pub at: String,
}
