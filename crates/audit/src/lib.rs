//! The third door to the rule: access logs that some other system wrote, judged afterwards.
//!
//! A privacy officer, a regulator or a journalist has agreements, promises, lists of consents and a platform's logs,
//! and asks what should never have left. Nothing here decides by itself: every verdict is an answer of the crate
//! `decide` (see `docs/audit.md` for how that is kept so at a hundred million rows).
//!
//! What could not be judged is counted and shown, with file and line; it is never left out.

pub mod report;

pub use report::{Finding, Kind, Report};
