//! How a log is opened.

use crate::files::{Files, RealFiles};
use crate::note::Signer;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How a log is opened or created. Start from [`Options::new`] and change what differs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Signs checkpoints. Its name is the log's origin line (a schema-less address such as
    /// `countersign.sample.example/ledger`), which never changes for a log.
    pub signer: Arc<Signer>,
    /// A copy of the last checkpoint, kept outside the log's directory (best on another disk), so
    /// that a directory restored from an old image is noticed. `None`: such a restore goes unnoticed.
    pub anchor: Option<PathBuf>,
    /// Bytes of one segment of the write-ahead log, preallocated and zeroed; also bounds one record.
    pub segment_bytes: u64,
    /// How many segments are kept on disk, made and zeroed, beside the one made ahead: only what is recorded by
    /// [`Log::record_reserved`](crate::Log::record_reserved) goes into them, when there is no room for others.
    pub reserve: usize,
    /// Free bytes of the file system below which only reserved records are taken; 0: nobody asks how much is free.
    pub keep_free: u64,
    /// How often tiles and a checkpoint are published when the log has grown.
    pub publish_every: Duration,
    /// Records that may wait for the committer; further callers wait (see [`Log::record`](crate::Log::record)).
    pub queue: usize,
    /// How many of the last records are remembered by their idempotency key.
    pub remember: usize,
    /// The file operations; anything but [`RealFiles`] is for tests.
    pub files: Arc<dyn Files>,
}

impl Options {
    /// The defaults: 16 MiB segments, no reserve and no bytes kept free, published every second, 1,024 waiting, 262,144 keys remembered, no anchor.
    pub fn new(signer: Signer) -> Self {
        Self {
            signer: Arc::new(signer),
            anchor: None,
            segment_bytes: 16 << 20,
            reserve: 0,
            keep_free: 0,
            publish_every: Duration::from_secs(1),
            queue: 1024,
            remember: 1 << 18,
            files: Arc::new(RealFiles),
        }
    }
}
