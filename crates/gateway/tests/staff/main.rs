//! The people at the administration: who may do what, who did what, and the desk on which an agreement goes from a draft to
//! a signature.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]

mod api;
#[path = "../connect/browser.rs"]
#[allow(dead_code, reason = "shared with the tests of people's pages")]
mod browser;
mod counts;
mod desk;
mod door;
mod drafts;
mod looks;
mod proposals;
mod renewals;
mod stage;
#[path = "../support/mod.rs"]
mod support;
mod weaken;
