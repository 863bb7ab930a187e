//! A social platform to try Countersign on, which has never heard of it.
//!
//! Sample Social is generated from a seed: nothing is stored per person, and any one person's data
//! is computed when somebody asks for it, so that 100 million people cost no more than ten.

/// Sample Social's own OpenAPI 3.1 document. It is as good as such documents are: real answers hold
/// members that it forgets, and nulls where it says string.
pub const OPENAPI: &str = include_str!("../openapi.json");
