//! The rule, from outside: against the plain model, by properties, by the corpus, by the clock, event by event. One
//! program, because testing mutants links it once for each of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests and what helps them may fail loudly, and say what they saw"
)]

mod asking;
mod clock;
mod corpus;
mod events;
mod model;
mod properties;
mod support;
