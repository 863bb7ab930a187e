//! Development only: what tests share.
//!
//! The cast and worlds made in one line ([`World`]), owned questions ([`Asked`]), and for the rule itself random
//! histories and a slow plain model of it that shares nothing with `decide` but the nouns.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests may fail loudly, and should"
)]

mod asked;
pub mod cast;
pub mod model;
pub mod random;
mod world;

pub use asked::Asked;
pub use world::{World, agreement, connection};
