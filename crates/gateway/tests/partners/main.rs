//! What everybody can read of partners and promises, and what a partner does at its own desk: over HTTP, without a login
//! of people, with Sample Social behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]

mod attacks;
#[path = "../connect/browser.rs"]
#[allow(
    dead_code,
    reason = "the browser that people's tests have; not all of it is needed here"
)]
mod browser;
mod counted;
mod desk;
mod looks;
mod partner_side;
mod public;
mod sandbox;
mod signing;
mod stage;
#[path = "../support/mod.rs"]
mod support;
