//! The gateway as its partners, its platform, people and its staff see it. One program: what it is linked with is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests may fail loudly, their helpers too; the counts are for whoever reads the run"
)]

mod admin;
mod asking;
mod attacks;
mod config;
mod connect;
mod edge;
mod law;
mod matrix;
mod partners;
mod server;
mod staff;
mod streams;
mod support;
mod tokens;
mod town;
mod watched;
mod withdrawal;
mod writes;
