//! The third door to the rule: access logs that some other system wrote, judged afterwards.
//!
//! A privacy officer, a regulator or a journalist has agreements, promises, lists of consents and a platform's logs,
//! and asks what should never have left. Nothing here decides by itself: every verdict is an answer of the crate
//! `decide` (see `docs/audit.md` for how that is kept so at a hundred million rows).
//!
//! What could not be judged is counted and shown, with file and line; it is never left out.

mod bystanders;
mod facts;
mod judge;
mod page;
pub mod plain;
mod plan;
mod promises;
mod read;
mod run;
mod write;

pub mod report;

pub use self::page::html;
pub use self::write::{csv, whole};
pub use bystanders::Bystanders;
pub use facts::{ActNo, BarRow, ConnectionRow, ConsentRow, Lists, Material, People, Unsound};
pub use judge::{
    Batch, Judge, Kinds, NOBODY, Part, Summed, Told, TooManyPromises, Uses, Whose, Worker,
};
pub use plan::{PlanError, open};
pub use read::{Mapping, MappingError};
pub use report::{Finding, Kind, Report};
pub use run::{Audit, Progress, RunError};
