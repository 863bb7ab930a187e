//! Documents that a steward writes and reviews in version control.

mod problem;

pub use problem::{Problem, Problems};
