//! Judging: the rule asked once per act, piece of time and standing of a person; rows looked up in its answers.

mod batch;
mod march;
mod slots;
mod sum;
mod tally;
mod worker;

pub use batch::{Batch, Kinds, NOBODY, Part, Whose};
pub use march::{Judge, TooManyPromises, Uses};
pub use sum::Summed;
pub(crate) use sum::sum;
pub(crate) use tally::{MonthRows, Reached};
pub use worker::{Told, Worker};
