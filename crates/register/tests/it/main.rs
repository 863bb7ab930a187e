//! The register as its users see it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod common;
mod documents;
mod durable;
mod histories;
mod loading;
mod signatures;
