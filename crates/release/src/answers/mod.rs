//! Recorded answers under an overlay, offline: what would leave, what would go, what the document never declared, who was
//! recognised and how, and where the sweep had to help.
//!
//! Nobody's data is needed from a register: every id at a place of people is somebody. Each answer is judged twice over, by
//! the walk, the rule and the writer that serve partners: once with everybody's consent, and then with one person after
//! the other refusing. What comes of it is counts and places; no value of an answer leaves this module.

mod causes;
mod counting;
mod findings;
pub(crate) mod people;
mod recording;
mod refusing;
mod remains;
mod report;
mod run;
mod shown;
mod tally;
#[cfg(test)]
mod tests;
pub(crate) mod town;
mod trail;
mod visit;
pub(crate) mod written;

pub use recording::AnswerFile;
pub use report::{
    Answer, Answers, Finding, Kind, Member, Misfit, Noted, Operated, Outcome, Recognised, Refusing,
    Strange, Unforeseen, Unreadable,
};
pub use run::{Settings, answers};
