//! The one thread that writes: drain the queue, write, sync, acknowledge. No timers.

use super::Record;
use super::error::{AppendError, Failure, Trouble};
use super::recorded::Synced;
use super::remembered::Remembered;
use super::shared::{Shared, TailRecord};
use super::store::{at, at_sync};
use super::wal::{BatchWriter, SEGMENT_HEAD, Segment, Spare, record_length};
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
    /// Whether the reserve is there for it.
    pub(super) reserved: bool,
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
    /// How many of the spare segments are for reserved records only.
    pub(super) reserve: usize,
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
            if let Err(refused) = self.make_room(&first) {
                drop(first.answer.send(Err(refused)));
                continue;
            }
            let mut batch = Batch {
                writer: BatchWriter::new(),
                places: Vec::new(),
                waiting: Vec::new(),
            };
            held_over = self.draw(first, &mut batch);
            self.commit(batch);
        }
    }

    /// Sees to it that the segment has room for this record at least; the one before it was full. Before anything is
    /// drawn, so that where there is none nothing has to be taken back.
    fn make_room(&mut self, first: &Request) -> Result<(), AppendError> {
        let needed = BatchWriter::new().length_with(&first.record);
        let fits = self.end + needed as u64 <= self.segment.length;
        if fits || self.remembered.find(first.record.key).is_some() {
            return Ok(());
        }
        if let Some(failure) = self.shared.failure() {
            return Err(AppendError::Stopped(failure));
        }
        match self.next_segment(first.reserved) {
            Ok(()) => Ok(()),
            Err(Trouble::NoSpace(shortage)) => {
                self.shared.set_shortage(Some(shortage.clone()));
                Err(AppendError::NoSpace(shortage))
            }
            Err(Trouble::Failed(failure)) => Err(AppendError::Stopped(self.shared.fail(failure))),
        }
    }

    /// Takes what the queue holds into the batch; gives back what found no room in it, or in the segment.
    fn draw(&mut self, first: Request, batch: &mut Batch) -> Option<Request> {
        let room = self.segment.length.saturating_sub(self.end) as usize;
        let mut next = Some(first);
        while let Some(request) = next {
            let length = batch.writer.length_with(&request.record);
            let too_long = length > room || (length > BATCH_BYTES && !batch.places.is_empty());
            if too_long && self.remembered.find(request.record.key).is_none() {
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
            ..
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
        let handle = &self.segment.handle;
        let files = &self.shared.store.files;
        at(&handle.path, files.write_at(handle, self.end, &bytes)).map_err(Failure::new)?;
        at_sync(&handle.path, files.sync_data(handle)).map_err(Failure::new)?;
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
        state.end = self.end;
        Ok(())
    }

    fn next_segment(&mut self, reserved: bool) -> Result<(), Trouble> {
        let kept = if reserved { 0 } else { self.reserve };
        let spare = {
            let mut state = self.shared.state();
            let many = state.spares.len();
            if many > kept {
                state.spares.pop_front()
            } else {
                None
            }
        };
        let store = &self.shared.store;
        let spare = match spare {
            Some(spare) => spare,
            None => Spare::make(store, self.segment_bytes)?,
        };
        // Here a full disk is a failure like any other: nobody knows which name the segment has now.
        self.segment = spare
            .install(store, self.segment.number + 1)
            .map_err(|at| Trouble::Failed(Failure::new(at)))?;
        let next_index = self.tree.size();
        self.end = SEGMENT_HEAD;
        let mut state = self.shared.state();
        if let Some((_, end)) = state.segments.back_mut() {
            *end = Some(next_index);
        }
        state.segments.push_back((self.segment.clone(), None));
        state.end = self.end;
        drop(state);
        self.shared.wake.notify_all();
        Ok(())
    }
}
