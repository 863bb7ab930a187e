//! What could not be judged, and what stayed open: counted and shown, never left out.

use std::fmt;

use decide::{PartnerId, Time};
use serde::{Deserialize, Serialize};

use super::finding::Act;

/// Where in the files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The file as the auditor named it.
    pub file: String,
    /// The line counted from 1; in Parquet the row counted from 1. `None`: the file as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// Rows on which no verdict is possible, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotJudged {
    /// Why, in words; names nobody.
    pub reason: String,
    /// How many rows. 0 when nobody can know how many were lost: the rest of a truncated file.
    pub rows: u64,
    /// The first few places.
    pub places: Vec<Place>,
}

/// A question that the material could not answer, on rows that were judged otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// Bystanders: not judgeable. The log does not say whose data was in the answer, and no other file does.
    Bystanders,
    /// The log does not say on whose behalf the partner acted.
    OnWhoseBehalf,
    /// No list of connections was given: whether the person had connected the partner was not judged.
    Connections,
    /// No list of consents was given: whether people had agreed was not judged.
    Consents,
    /// No list of bars was given: whether people had refused was not judged.
    Bars,
    /// No list of activity was given: whether the person had gone quiet was not judged.
    Activity,
    /// The power is limited in how often it may be used; a log does not say which use it was.
    Frequency,
    /// The power is limited to recent data, and the log does not say when the datum was made.
    WhenMade,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Question::Bystanders => "bystanders: not judgeable",
            Question::OnWhoseBehalf => "on whose behalf: not judgeable",
            Question::Connections => "connections: not judgeable",
            Question::Consents => "consents: not judgeable",
            Question::Bars => "bars: not judgeable",
            Question::Activity => "people gone quiet: not judgeable",
            Question::Frequency => "how often: not judgeable",
            Question::WhenMade => "how old the data was: not judgeable",
        })
    }
}

/// An open question, with the rows on which it stayed open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// Which.
    pub question: Question,
    /// Of which partner.
    pub partner: PartnerId,
    /// Under which power.
    pub act: Act,
    /// How many rows.
    pub accesses: u64,
    /// The first of them.
    pub first: Time,
    /// The last.
    pub last: Time,
}

/// Something about the files that the auditor should know; no row is lost by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// Where it was first seen.
    pub place: Place,
    /// What, in words.
    pub what: String,
    /// How often in that file.
    pub times: u64,
}
