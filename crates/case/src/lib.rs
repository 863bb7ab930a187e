//! Public cases told with their own records.
//!
//! A case is a directory of documents: agreements, promises and a policy in the forms that the register takes, and
//! rows that say what is on record about each power, with dates, both sides' words and sources. [`judge`] builds the
//! facts that these documents would have made, asks the rule itself (`decide::decide`) on every date that matters, and
//! sets its answers beside the record. Nothing here decides.
//!
//! The cases are part of the program: they need no file beside it.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "tests may fail loudly"
    )
)]

mod dates;
mod files;
mod history;
mod judge;
mod outcome;
mod page;
mod read;
mod record;
mod wrong;

pub use self::page::html;
pub use dates::{Mark, Standing};
pub use files::{NAMES, open};
pub use judge::{Asked, judge};
pub use outcome::{About, DateOutcome, Outcome, RowOutcome, Verdict, in_words};
pub use read::{Case, Row, Version};
pub use record::{
    Actor, Confidence, Deal, Figure, Knew, Moment, Person, RowRecord, Setting, Source, SourceId,
    Subjects, Used,
};
pub use wrong::Wrong;
