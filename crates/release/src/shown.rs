//! What `countersign check` shows of a plan, kept from compiling.

use decide::{Category, Reach};

/// A datum that an answer can hold, or that it shows without holding it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Where: `/data/*/name`.
    pub(crate) member: String,
    pub(crate) category: Category,
    /// For each of the people concerned, how they may be reached.
    pub(crate) people: Vec<Vec<Reach>>,
    /// Without it the record goes.
    pub(crate) identifies: bool,
    /// Without it nothing of the answer's outermost records is left.
    pub(crate) needed: bool,
    /// It is written; otherwise the answer only shows it, as by its order.
    pub(crate) leaves: bool,
}

/// A member that the document declares and the overlay does not cover: it is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Uncovered {
    pub(crate) member: String,
    pub(crate) kind: String,
}
