//! What an audit knows, in the form in which rows of any order of time can be judged: people's facts as spans of time.

pub(crate) mod acts;
mod crowd;
mod cuts;
mod lists;
mod material;
mod people;
mod spans;

pub use acts::ActNo;
pub(crate) use acts::Acts;
pub(crate) use crowd::Crowd;
pub(crate) use cuts::Cuts;
pub use lists::{BarRow, ConnectionRow, ConsentRow, Lists};
pub(crate) use lists::{NEVER, number};
pub use material::{Material, Unsound};
pub use people::People;
pub(crate) use spans::{LinkSpan, Span, Sparse};
