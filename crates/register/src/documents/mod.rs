//! Documents that a steward writes and reviews in version control: agreements, promises, the platform's policy.
//!
//! YAML, read strictly: an unknown key, a key twice, a value of another kind is an error with file, line and column,
//! what was expected there and what to do. A document's digest is SHA-256 of its exact bytes; that is what officers
//! sign. The published JSON Schemas (`specs/schema/`) describe the same forms for editors.

pub mod agreement;
pub mod policy;
pub mod promise;
pub mod schema;

mod problem;
mod sheet;
mod terms;

pub use problem::{Problem, Problems};
