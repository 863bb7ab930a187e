//! The rule, from outside: against the plain model, by properties, by the corpus, by the clock, event by event. One
//! program, because testing mutants links it once for each of them.

#![allow(clippy::arithmetic_side_effects, reason = "tests may fail loudly")]

mod clock;
mod corpus;
mod events;
mod model;
mod properties;
mod support;
