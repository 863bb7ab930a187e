//! The register as its users see it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may fail loudly"
)]

mod common;
mod documents;
mod durable;
mod faults;
mod formats;
mod histories;
mod loading;
mod prepared;
mod signatures;
