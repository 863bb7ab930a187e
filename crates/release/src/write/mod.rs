//! Writes, deletes and imports: what a partner asks the platform to do, from its request to what may be sent.
//!
//! The order is a matter of types, as it is for answers, and it is another: what is done cannot be taken back, so
//! everything is asked before. [`Wanted`] → the rule → [`Intended`] → the ledger → [`confirm`] → [`Confirmed`], which
//! alone has what the platform is to get.

mod confirmed;
mod intended;
#[cfg(test)]
mod tests;
mod wanted;

pub use confirmed::{Confirmed, TakenAway, confirm};
pub use intended::{Declined, Intended};
pub use wanted::Wanted;

/// What is asked before it is carried out. The calls that list people are the plan's lookups.
#[derive(Debug, Default)]
pub(crate) struct WritePlan {
    /// What it is about in any case: places of the plan's categories.
    pub(crate) needed: Vec<u16>,
    /// Path parameters that name people, with their reaches.
    pub(crate) asked: Vec<(Box<str>, u8)>,
    /// Pointers into the body from which calls take their values, as [`crate::plan::CallPart::Told`] numbers them.
    pub(crate) tells: Vec<String>,
    /// The person who connected must be among those whom each call lists.
    pub(crate) own_among: bool,
    /// Where the platform's answer has the id of what was made.
    pub(crate) made: Option<String>,
}
