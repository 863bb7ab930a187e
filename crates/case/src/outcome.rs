//! What the rule said of a case, beside what the record says: one value, written as text, JSON and a page.

use decide::{Bar, Category, ClaimedRole, Day, Purpose, Reach, Reason, Verb};
use serde::Serialize;

use crate::dates::{Mark, Standing};

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// Which case.
    pub case: String,
    /// What every partner was said to be, if not what its row says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_as: Option<ClaimedRole>,
    /// Row by row.
    pub rows: Vec<RowOutcome>,
}

/// Of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RowOutcome {
    /// Which.
    pub row: String,
    /// What the partner is said to be; without effect.
    pub claimed_role: ClaimedRole,
    /// On every date that matters.
    pub dates: Vec<DateOutcome>,
    /// For a power that no document can express: what reading such a document said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

/// On one date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DateOutcome {
    /// Which.
    pub day: Day,
    /// Why it matters.
    pub marks: Vec<Mark>,
    /// What the record says of the power on it.
    pub standing: Standing,
    /// What the rule says, question by question.
    pub verdicts: Vec<Verdict>,
}

/// The rule's answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The question in words.
    pub ask: String,
    /// What is done.
    pub verb: Verb,
    /// With what kind of data.
    pub category: Category,
    /// What for.
    pub purpose: Purpose,
    /// Whether it may pass.
    pub passes: bool,
    /// Everything that stands against it, whoever because of.
    pub reasons: Vec<Reason>,
    /// Person by person.
    pub about: Vec<About>,
}

/// What stands against a datum because of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// Who.
    pub who: String,
    /// How they are reached.
    pub reach: Reach,
    /// What stands against it.
    pub against: Vec<Reason>,
}

impl Outcome {
    /// Every verdict, with its row and day.
    pub fn verdicts(&self) -> impl Iterator<Item = (&RowOutcome, &DateOutcome, &Verdict)> {
        self.rows.iter().flat_map(|row| {
            let of_dates = row.dates.iter();
            of_dates.flat_map(move |date| date.verdicts.iter().map(move |it| (row, date, it)))
        })
    }
}

impl Verdict {
    /// Whether it is about somebody other than the one who connected: friends, threads, contacts.
    #[must_use]
    pub fn reaches_others(&self) -> bool {
        self.about.iter().any(|about| about.reach != Reach::Own)
    }
}

/// A reason in words for people.
#[must_use]
pub fn in_words(reason: &Reason) -> String {
    match reason {
        Reason::Barred(Bar::Everything) => "has refused everything".to_owned(),
        Reason::Barred(Bar::Through(reach)) => format!("has refused everything through {reach}"),
        Reason::Barred(Bar::Partner(_)) => "has refused this partner".to_owned(),
        Reason::Barred(Bar::GlobalPrivacyControl) => "has refused by browser signal".to_owned(),
        Reason::NotCovered => "the person who logged in had not agreed".to_owned(),
        Reason::Promised(id) => format!("promised not to ({})", id.as_str().to_uppercase()),
        other => other.to_string(),
    }
}
