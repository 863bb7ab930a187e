//! The one thread that writes: drain the queue, write, sync, acknowledge. No timers.

use super::error::{AppendError, Failure};
use super::recorded::Synced;
use super::remembered::Remembered;
use super::shared::{Shared, TailRecord};
use super::wal::{BatchWriter, SEGMENT_HEAD, Segment, Spare, record_length};
use super::{Record, store::at};
use crate::Hash;
use crate::tree::Frontier;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// A batch stops growing at this many bytes, to bound how long the first caller in it waits.
const BATCH_BYTES: usize = 4 << 20;

/// A record waiting to be committed.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) record: Record,
    /// The leaf hash, computed by the caller's thread.
    pub(super) leaf: Hash,
    pub(super) answer: oneshot::Sender<Result<Synced, AppendError>>,
}

/// Everything that only the committer touches.
#[derive(Debug)]
pub(super) struct Committer {
    pub(super) shared: Arc<Shared>,
    pub(super) queue: mpsc::Receiver<Request>,
    pub(super) tree: Frontier,
    pub(super) remembered: Remembered,
    pub(super) segment: Segment,
    /// Where in the segment the next batch goes.
    pub(super) end: u64,
    /// The size of segments to come.
    pub(super) segment_bytes: u64,
}

/// Those who wait for a batch, each with the index they will be told.
type Waiting = Vec<(oneshot::Sender<Result<Synced, AppendError>>, u64)>;

/// A batch being drawn from the queue.
struct Batch {
    writer: BatchWriter,
    places: Vec<(usize, usize, Hash)>,
    waiting: Waiting,
}

impl Committer {
    /// Runs until the log is dropped.
    pub(super) fn run(mut self) {
        let mut held_over = None;
        while let Some(first) = held_over.take().or_else(|| self.queue.blocking_recv()) {
            let mut batch = Batch {
                writer: BatchWriter::new(),
                places: Vec::new(),
                waiting: Vec::new(),
            };
            held_over = self.draw(first, &mut batch);
            self.commit(batch);
        }
    }

    /// Takes what the queue holds into the batch; gives back what found no room in it.
    fn draw(&mut self, first: Request, batch: &mut Batch) -> Option<Request> {
        let limit = BATCH_BYTES.min(self.segment_bytes.saturating_sub(SEGMENT_HEAD) as usize);
        let mut next = Some(first);
        while let Some(request) = next {
            let length = batch.writer.finished_length()
                + record_length(&request.record)
                + BatchWriter::OVERHEAD;
            if !batch.places.is_empty() && length > limit {
                return Some(request);
            }
            self.take(request, batch);
            next = self.queue.try_recv().ok();
        }
        None
    }

    fn take(&mut self, request: Request, batch: &mut Batch) {
        let Request {
            record,
            leaf,
            answer,
        } = request;
        match self.remembered.find(record.key) {
            // Told only after this batch's sync, like everybody: the first may be in this very batch.
            Some((index, first)) if first == leaf => batch.waiting.push((answer, index)),
            Some((index, _)) => drop(answer.send(Err(AppendError::KeyUsed { index }))),
            None => {
                let index = self.tree.size();
                let start = batch.writer.push(&record);
                batch.places.push((start, record_length(&record), leaf));
                self.tree.push(leaf);
                self.remembered.insert(record.key, index, leaf);
                batch.waiting.push((answer, index));
            }
        }
    }

    /// Makes the batch durable and tells those who wait, or stops the log.
    fn commit(&mut self, batch: Batch) {
        let Batch {
            writer,
            places,
            waiting,
        } = batch;
        let written = match self.shared.failure() {
            Some(failure) => Err(failure),
            None if places.is_empty() => Ok(()),
            None => self
                .write(writer, places)
                .map_err(|failure| self.shared.fail(failure)),
        };
        for (answer, index) in waiting {
            // A caller that no longer listens has lost nothing: an entry means "this may have left".
            let _ = answer.send(match &written {
                Ok(()) => Ok(Synced::after_sync(index)),
                Err(failure) => Err(AppendError::Stopped(failure.clone())),
            });
        }
    }

    fn write(
        &mut self,
        writer: BatchWriter,
        places: Vec<(usize, usize, Hash)>,
    ) -> Result<(), Failure> {
        let first_index = self.tree.size() - places.len() as u64;
        let bytes = writer.finish(first_index);
        if self.end + bytes.len() as u64 > self.segment.length {
            self.next_segment(first_index)?;
        }
        let handle = &self.segment.handle;
        let files = &self.shared.store.files;
        at(&handle.path, files.write_at(handle, self.end, &bytes)).map_err(Failure::new)?;
        at(&handle.path, files.sync_data(handle)).map_err(Failure::new)?;
        let mut state = self.shared.state();
        state.size = self.tree.size();
        state.root = self.tree.root();
        state
            .tail
            .extend(places.into_iter().map(|(start, length, leaf)| TailRecord {
                handle: handle.clone(),
                offset: self.end + start as u64,
                length: length as u32,
                leaf,
            }));
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn next_segment(&mut self, next_index: u64) -> Result<(), Failure> {
        let spare = self.shared.state().spare.take();
        let store = &self.shared.store;
        let spare = match spare {
            Some(spare) => spare,
            None => Spare::make(store, self.segment_bytes).map_err(Failure::new)?,
        };
        self.segment = spare
            .install(store, self.segment.number + 1)
            .map_err(Failure::new)?;
        self.end = SEGMENT_HEAD;
        let mut state = self.shared.state();
        if let Some((_, end)) = state.segments.back_mut() {
            *end = Some(next_index);
        }
        state.segments.push_back((self.segment.clone(), None));
        drop(state);
        self.shared.wake.notify_all();
        Ok(())
    }
}
