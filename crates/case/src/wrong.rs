//! Why a case cannot be told.

/// A case's own documents are wrong, or contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// No case has this name.
    #[error("there is no case {name:?}\n  expected: one of {known}")]
    NoSuchCase {
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A document in the register's forms is not sound.
    #[error(transparent)]
    Document(#[from] register::documents::Problems),
    /// A file of the case's own form cannot be read.
    #[error("{file}: {what}")]
    File {
        /// Which.
        file: String,
        /// What is wrong, with its place.
        what: String,
    },
    /// A row names something that the case does not have.
    #[error("{row}: {what}")]
    Row {
        /// Which.
        row: String,
        /// What is missing.
        what: String,
    },
    /// The documents of a row make no history that the rule would take.
    #[error("{row} on {day}: {invalid}")]
    History {
        /// Which row.
        row: String,
        /// On which day it was asked.
        day: decide::Day,
        /// What the fold said.
        invalid: decide::Invalid,
    },
}
