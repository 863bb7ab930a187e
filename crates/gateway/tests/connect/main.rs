//! A partner asks, a person answers, and the partner gets what they agreed to: the whole way over HTTP, with a browser
//! that keeps cookies, the platform's own login, and the platform's API behind the gateway.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly, their helpers too"
)]

mod attacks;
mod browser;
mod clients;
mod desk;
mod disclosed;
mod flow;
mod looks;
mod partner_side;
mod published;
mod pushed;
mod record;
mod signal;
#[allow(dead_code, reason = "tests/asking uses the rest of it")]
mod stage;
#[path = "../support/mod.rs"]
mod support;
