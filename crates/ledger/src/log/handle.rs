//! The log as its users hold it.

use super::committer::{Committer, Request};
use super::error::{AppendError, Failure, OpenError, PublishError, ReadError, Shortage, Trouble};
use super::open;
use super::publisher::{Publisher, Upkeep};
use super::read::{Bundle, read, read_entry};
use super::shared::Shared;
use super::store::{Store, Subtrees, at};
use super::wal::{BatchWriter, SEGMENT_HEAD, Spare, record_length};
use super::{Checkpoint, Options, Record, Recorded, Stored};
use crate::Hash;
use crate::proof::{prove_consistency, prove_inclusion};
use crate::tile::MAX_ENTRY;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::sync::{mpsc, oneshot};

/// The smallest segment; below it a record of ordinary size would find no room.
const MIN_SEGMENT: u64 = 4096;

/// An open log. Share it in an `Arc`; dropping the last one stops its threads without publishing
/// (call [`Log::publish_now`] before a graceful stop).
#[derive(Debug)]
pub struct Log {
    shared: Arc<Shared>,
    queue: Option<mpsc::Sender<Request>>,
    publisher: Arc<Mutex<Publisher>>,
    threads: Vec<JoinHandle<()>>,
    largest: usize,
    /// Held as long as the log is open.
    _lock: File,
}

impl Log {
    /// Makes a new, empty log in a missing or empty directory, and opens it.
    pub fn create(dir: &Path, mut options: Options) -> Result<Self, OpenError> {
        options.segment_bytes = options.segment_bytes.max(MIN_SEGMENT);
        if dir.exists() && !at(dir, options.files.list(dir))?.is_empty() {
            return Err(OpenError::NotEmpty {
                dir: dir.to_owned(),
            });
        }
        at(dir, options.files.create_dirs(dir))?;
        let lock = open::lock(dir)?;
        let store = Store {
            dir: dir.to_owned(),
            files: options.files.clone(),
        };
        open::create(&store, &options)?;
        Self::start(store, options, lock)
    }

    /// Opens the log in `dir`; a missing one is an error. Checks what can be checked quickly; a torn
    /// end that was never acknowledged is cut, anything else that does not add up is an error.
    pub fn open(dir: &Path, mut options: Options) -> Result<Self, OpenError> {
        options.segment_bytes = options.segment_bytes.max(MIN_SEGMENT);
        if !dir.join("format").exists() {
            return Err(OpenError::Missing {
                dir: dir.to_owned(),
            });
        }
        let lock = open::lock(dir)?;
        let store = Store {
            dir: dir.to_owned(),
            files: options.files.clone(),
        };
        Self::start(store, options, lock)
    }

    fn start(store: Store, options: Options, lock: File) -> Result<Self, OpenError> {
        let opened = open::open(&store, &options)?;
        let dir = store.dir.clone();
        let shared = Arc::new(Shared::new(store, opened.state));
        let (sender, queue) = mpsc::channel(options.queue.max(1));
        let committer = Committer {
            shared: shared.clone(),
            queue,
            tree: opened.tree,
            remembered: opened.remembered,
            segment: opened.segment,
            end: opened.end,
            segment_bytes: options.segment_bytes,
            reserve: options.reserve,
        };
        let publisher = Arc::new(Mutex::new(Publisher {
            shared: shared.clone(),
            signer: options.signer,
            anchor: options.anchor,
            edge: opened.edge,
        }));
        let largest =
            options.segment_bytes.saturating_sub(SEGMENT_HEAD) as usize - BatchWriter::OVERHEAD;
        let mut log = Self {
            shared: shared.clone(),
            queue: Some(sender),
            publisher,
            threads: Vec::new(),
            largest,
            _lock: lock,
        };
        let upkeep = Upkeep {
            shared,
            publisher: log.publisher.clone(),
            every: options.publish_every,
            segment_bytes: options.segment_bytes,
            spares: options.reserve + 1,
            keep_free: options.keep_free,
        };
        upkeep.look_at_room();
        let threads = [
            thread::Builder::new()
                .name("ledger-commit".into())
                .spawn(move || committer.run()),
            thread::Builder::new()
                .name("ledger-publish".into())
                .spawn(move || upkeep.run()),
        ];
        for thread in threads {
            log.threads.push(at(&dir, thread)?);
        }
        Ok(log)
    }

    /// Appends `record` and gives `carry` back once the record is durable.
    ///
    /// Waits while the queue is full, so callers bound the wait. Dropping the future once it was
    /// polled does not undo the append. A record appended before (same key, same entry) is given its
    /// first index; the same key with another entry is [`AppendError::KeyUsed`].
    pub async fn record<T>(&self, record: Record, carry: T) -> Result<Recorded<T>, AppendError> {
        self.send(record, carry, false).await
    }

    /// [`Log::record`] for what must get in also when there is no room for anything else: it may use the segments that
    /// are kept in reserve. Only what takes away, or closes what was begun, has a place here.
    pub async fn record_reserved<T>(
        &self,
        record: Record,
        carry: T,
    ) -> Result<Recorded<T>, AppendError> {
        self.send(record, carry, true).await
    }

    async fn send<T>(
        &self,
        record: Record,
        carry: T,
        reserved: bool,
    ) -> Result<Recorded<T>, AppendError> {
        let (request, answer) = self.request(record, reserved)?;
        let queue = self.queue.as_ref().ok_or_else(|| self.stopped())?;
        queue.send(request).await.map_err(|_| self.stopped())?;
        let synced = answer.await.map_err(|_| self.stopped())??;
        Ok(Recorded::new(synced, carry))
    }

    /// [`Log::record`] for threads. It panics when called from async code, where it would block others.
    pub fn record_blocking<T>(&self, record: Record, carry: T) -> Result<Recorded<T>, AppendError> {
        self.send_blocking(record, carry, false)
    }

    /// [`Log::record_reserved`] for threads; see [`Log::record_blocking`].
    pub fn record_reserved_blocking<T>(
        &self,
        record: Record,
        carry: T,
    ) -> Result<Recorded<T>, AppendError> {
        self.send_blocking(record, carry, true)
    }

    fn send_blocking<T>(
        &self,
        record: Record,
        carry: T,
        reserved: bool,
    ) -> Result<Recorded<T>, AppendError> {
        let (request, answer) = self.request(record, reserved)?;
        let queue = self.queue.as_ref().ok_or_else(|| self.stopped())?;
        queue.blocking_send(request).map_err(|_| self.stopped())?;
        let synced = answer.blocking_recv().map_err(|_| self.stopped())??;
        Ok(Recorded::new(synced, carry))
    }

    fn request(&self, record: Record, reserved: bool) -> Result<(Request, Answer), AppendError> {
        self.shared.admit(reserved)?;
        let found = record.entry.len();
        if found > MAX_ENTRY {
            return Err(AppendError::TooLarge {
                part: "entry",
                found,
                limit: MAX_ENTRY,
            });
        }
        let found = record_length(&record);
        if found > self.largest {
            return Err(AppendError::TooLarge {
                part: "entry, tags and details",
                found,
                limit: self.largest,
            });
        }
        let leaf = Hash::leaf(&record.entry);
        let (sender, answer) = oneshot::channel();
        Ok((
            Request {
                record,
                leaf,
                reserved,
                answer: sender,
            },
            answer,
        ))
    }

    fn stopped(&self) -> AppendError {
        AppendError::Stopped(
            self.shared
                .failure()
                .unwrap_or_else(|| Failure::new("its committer has ended")),
        )
    }

    /// How many entries are durable.
    pub fn size(&self) -> u64 {
        self.shared.state().size
    }

    /// Size and root of the tree over all durable entries.
    pub fn tree(&self) -> (u64, Hash) {
        let state = self.shared.state();
        (state.size, state.root)
    }

    /// The root of the tree over all durable entries.
    pub fn root(&self) -> Hash {
        self.tree().1
    }

    /// The last checkpoint that was signed and published.
    pub fn published(&self) -> Checkpoint {
        self.shared.state().published.clone()
    }

    /// The log's name.
    pub fn origin(&self) -> String {
        self.published().origin
    }

    /// Publishes tiles and a checkpoint over all that is durable now. Blocks.
    pub fn publish_now(&self) -> Result<Checkpoint, PublishError> {
        self.publisher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .publish()
            .map_err(|trouble| match trouble {
                Trouble::NoSpace(shortage) => PublishError::NoSpace(shortage),
                Trouble::Failed(failure) => PublishError::Stopped(failure),
            })
    }

    /// One record.
    pub fn read(&self, index: u64) -> Result<Stored, ReadError> {
        read(&self.shared, index, &mut None)
    }

    /// Records from `from` to the present end, read as they are asked for; one bundle of 256 entries
    /// is in memory at a time, blobs one by one. Entries are checked against their tiles on the way.
    pub fn iter(&self, from: u64) -> Iter<'_> {
        Iter {
            shared: &self.shared,
            next: from,
            end: self.size(),
            kept: None,
        }
    }

    /// The records at these places, in the order given; a bundle is opened once where the next place is in it too.
    pub fn picked(
        &self,
        places: impl IntoIterator<Item = u64>,
    ) -> impl Iterator<Item = Result<Stored, ReadError>> {
        let mut kept = None;
        let places = places.into_iter();
        places.map(move |index| read(&self.shared, index, &mut kept))
    }

    /// As [`Log::iter`], without the blobs: the entries alone, with their places. For who looks through many for few.
    pub fn entries(&self, from: u64) -> impl Iterator<Item = Result<(u64, Vec<u8>), ReadError>> {
        let (end, mut kept, mut failed) = (self.size(), None, false);
        (from..end).map_while(move |index| {
            if failed {
                return None; // nothing after the first error
            }
            let entry = read_entry(&self.shared, index, &mut kept);
            failed = entry.is_err();
            Some(entry.map(|entry| (index, entry)))
        })
    }

    /// The inclusion proof of an entry in a published tree of `size`; `None` if it has no such entry
    /// or no tree of that size is published yet.
    pub fn prove_inclusion(&self, index: u64, size: u64) -> Result<Option<Vec<Hash>>, ReadError> {
        self.with_tiles(size, |subtrees| {
            prove_inclusion(index, size, &mut |h, i| subtrees.root(h, i))
        })
    }

    /// The proof that the tree of `old` is a prefix of the published tree of `new`; `None` if it is
    /// larger or `new` is not published yet.
    pub fn prove_consistency(&self, old: u64, new: u64) -> Result<Option<Vec<Hash>>, ReadError> {
        self.with_tiles(new, |subtrees| {
            prove_consistency(old, new, &mut |h, i| subtrees.root(h, i))
        })
    }

    fn with_tiles<P>(
        &self,
        size: u64,
        prove: impl FnOnce(&mut Subtrees<'_>) -> Result<Option<P>, ReadError>,
    ) -> Result<Option<P>, ReadError> {
        // No publication meanwhile: it removes partial tiles that have become full.
        let publisher = self
            .publisher
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let published = self.published().size;
        let proof = if size <= published {
            prove(&mut Subtrees::new(&self.shared.store, published))?
        } else {
            None
        };
        drop(publisher);
        Ok(proof)
    }

    /// Why there is no room for anything but reserved records, while that is so. It passes by itself: when the disk has
    /// room again, the next publication finds out.
    pub fn shortage(&self) -> Option<Shortage> {
        self.shared.shortage()
    }

    /// How many bytes of segments lie ready on disk for what is recorded by [`Log::record_reserved`], whatever the disk
    /// says: the rest of the one in use, and those made ahead.
    pub fn reserve(&self) -> u64 {
        let state = self.shared.state();
        let ahead = state.spares.iter().map(Spare::length).sum::<u64>();
        let last = state
            .segments
            .back()
            .map_or(0, |(segment, _)| segment.length);
        ahead.saturating_add(last.saturating_sub(state.end))
    }

    /// Why the log stopped, if it did.
    pub fn failure(&self) -> Option<Failure> {
        self.shared.failure()
    }

    /// Waits until the log stops by a failure; the program then ends, for nothing is retried.
    pub async fn failed(&self) -> Failure {
        let mut watch = self.shared.watch_failure();
        let seen = watch.wait_for(Option::is_some).await;
        seen.ok()
            .and_then(|failure| failure.clone())
            .unwrap_or_else(|| Failure::new("stopped"))
    }
}

type Answer = oneshot::Receiver<Result<super::recorded::Synced, AppendError>>;

impl Drop for Log {
    fn drop(&mut self) {
        self.queue = None;
        self.shared.state().closing = true;
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join(); // a panic there was already reported by the thread itself
        }
    }
}

/// Records in order; see [`Log::iter`].
#[derive(Debug)]
pub struct Iter<'a> {
    shared: &'a Shared,
    next: u64,
    end: u64,
    kept: Option<Bundle>,
}

impl Iterator for Iter<'_> {
    type Item = Result<Stored, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let item = read(self.shared, self.next, &mut self.kept);
        self.next = if item.is_ok() {
            self.next + 1
        } else {
            self.end
        }; // nothing after the first error
        Some(item)
    }
}
