//! People are asked whom others have connected a partner for: the whole way over HTTP, from a refusal in a partner's answer
//! to the digest at the platform's hook, the person's page, and the next answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "tests may fail loudly, their helpers too; what is shared with other tests is used in part"
)]

mod answers;
#[path = "../connect/browser.rs"]
mod browser;
mod digests;
mod hook;
mod looks;
#[path = "../connect/partner_side.rs"]
mod partner_side;
mod preferences;
mod quiet;
mod scene;
#[path = "../connect/stage.rs"]
mod stage;
#[path = "../support/mod.rs"]
mod support;
