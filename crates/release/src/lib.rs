//! From the platform's API to people and categories, and back to an answer that obeys the rule.
//!
//! [`Api::load`] compiles the platform's OpenAPI document and an overlay with `x-countersign` (see
//! `specs/x-countersign.md`) to one plan per operation. What no plan names does not leave. A request then goes through
//! these types, and through no others:
//!
//! 1. [`Api::route`] and [`Route::prepare`]: which operation, are its parameters named, what to ask the platform;
//! 2. [`Walk`]: the platform's answer, walked once along the plan, becomes one [`decide::Question`];
//! 3. [`Settled`]: cut to exactly the page that can be answered;
//! 4. [`Judged`]: with the rule's [`decide::Permit`], and still without any byte to read;
//! 5. [`ledger::Recorded`]: its entry is durable;
//! 6. [`Reduced`]: the answer. It is the only one that shows bytes, and only [`reduce`] makes it.
//!
//! A write, delete or import goes through others:
//!
//! 1. [`Route::want`]: a [`Wanted`], of which it becomes known whom it is about;
//! 2. [`Intended`]: the rule lets all of it pass, and still nothing of it can be sent;
//! 3. [`ledger::Recorded`]: the intent is durable;
//! 4. [`Confirmed`]: nothing was taken away meanwhile. It is the only one that shows what to send, and only [`confirm`]
//!    makes it.
//!
//! [`answers`] goes the same way with recorded answers, to count what would leave; it returns no byte of them. [`try_out`]
//! goes it with an answer that the one who looks has made up, and gives that one back what is left of it.
//!
//! No HTTP, no clock, no randomness in here.

mod answers;
mod api;
mod check;
mod compile;
mod cursor;
mod document;
mod error;
mod extension;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod judged;
mod load;
mod operation;
mod overlay;
mod paging;
mod parameter;
mod plan;
mod reduce;
mod request;
mod sandbox;
mod shown;
mod stream;
mod swagger;
mod sweep;
#[cfg(test)]
mod tests;
mod walk;
mod write;

pub use answers::{
    Answer, AnswerFile, Answers, Finding, Kind, Member, Misfit, Noted, Operated, Outcome,
    Recognised, Refusing, Settings, Strange, Unforeseen, Unreadable, answers,
};
pub use api::{Api, Me, Route, Routed, Unmapped};
pub use check::{DatumReport, OperationReport, ParameterReport, Report, report};
pub use cursor::{CursorKey, Nonce};
pub use error::{AnswerRefused, LoadError, LoadErrors, NotThisQuestion, RequestRefused};
pub use judged::{Drift, Judged};
pub use operation::{OnBehalf, Operation};
pub use reduce::{Reduced, reduce};
pub use request::{Call, Prepared};
pub use sandbox::{
    Against, Cause, Example, Invented, KeptOut, Trial, Tried, Untried, asks_for_people,
    can_be_tried, example, try_out,
};
pub use stream::{RecordTooLong, Splitter, StreamForm};
pub use walk::{Settled, Walk};
pub use write::{Confirmed, Declined, Intended, TakenAway, Wanted, confirm};
