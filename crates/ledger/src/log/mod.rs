//! The log itself: opening, appending, reading, publishing. See the crate's own page for the order.

mod checkpoint;
mod error;
mod handle;
mod options;
mod record;
mod recorded;
mod verify;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use error::{AppendError, Failure, OpenError, PublishError, ReadError};
pub use handle::{Iter, Log};
pub use options::Options;
pub use record::{IdempotencyKey, Record, Stored};
pub use recorded::Recorded;
pub use verify::{VerifyError, VerifyReport, verify};
