//! The log itself: opening, appending, reading, publishing. See the crate's own page for the order.

mod blobs;
mod checkpoint;
mod committer;
mod copy;
mod error;
mod handle;
mod look;
mod open;
mod options;
mod publisher;
mod read;
mod record;
mod recorded;
mod recover;
mod remembered;
mod shared;
mod store;
mod verify;
mod wal;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use error::{AppendError, Failure, OpenError, PublishError, ReadError, Shortage};
pub use handle::{Iter, Log};
pub use look::{Look, holder};
pub use options::Options;
pub use record::{IdempotencyKey, Record, Stored};
pub use recorded::Recorded;
pub use verify::{VerifyError, VerifyReport, verify};
