//! Messages sent and deleted while the platform runs: in memory only, gone when it stops.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

use crate::threads::{Message, Thread, ThreadKey};
use crate::world::{PersonNo, World};

/// What was changed, thread by thread.
#[derive(Debug)]
pub(crate) struct Edits {
    threads: Mutex<HashMap<ThreadKey, ThreadEdits>>,
    /// Every message as it is sent.
    sent: broadcast::Sender<(Thread, Message)>,
}

/// So many messages wait for somebody who listens slowly.
const WAITING: usize = 1024;

impl Default for Edits {
    fn default() -> Self {
        Self {
            threads: Mutex::default(),
            sent: broadcast::Sender::new(WAITING),
        }
    }
}

#[derive(Debug, Default)]
struct ThreadEdits {
    sent: Vec<Message>,
    deleted: BTreeSet<u64>,
}

/// The seconds that pass between one message and the next one sent: the world's clock stands still,
/// so that the same requests get the same answers.
const PAUSE: u64 = 60;

impl Edits {
    /// A thread's messages as they are now, oldest first.
    pub(crate) fn messages(&self, world: &World, thread: &Thread) -> Vec<Message> {
        let mut messages = world.messages(thread);
        if let Some(edits) = self.lock().get(&thread.key) {
            messages.extend(edits.sent.iter().cloned());
            messages.retain(|message| !edits.deleted.contains(&message.index));
        }
        messages
    }

    /// The latest message of a thread; `None` when all are deleted.
    pub(crate) fn last(&self, world: &World, thread: &Thread) -> Option<Message> {
        if self.lock().contains_key(&thread.key) {
            return self.messages(world, thread).pop();
        }
        world.message(thread, world.message_count(thread).checked_sub(1)?)
    }

    /// Adds a message and says what it became.
    pub(crate) fn send(
        &self,
        world: &World,
        thread: &Thread,
        from: PersonNo,
        text: String,
    ) -> Message {
        let made = world.message_count(thread);
        let mut all = self.lock();
        let edits = all.entry(thread.key).or_default();
        let before = match edits.sent.last() {
            Some(last) => last.sent,
            None => world
                .message(thread, made.saturating_sub(1))
                .map_or(0, |last| last.sent),
        };
        let message = Message {
            index: made + edits.sent.len() as u64,
            from,
            sent: before + PAUSE,
            text,
        };
        edits.sent.push(message.clone());
        // Under the lock, so that they are heard in their order. Nobody listening is no error.
        let _ = self.sent.send((thread.clone(), message.clone()));
        message
    }

    /// Deletes the message at this place; false when there is none.
    pub(crate) fn delete(&self, world: &World, thread: &Thread, index: u64) -> bool {
        let mut all = self.lock();
        let edits = all.entry(thread.key).or_default();
        index < world.message_count(thread) + edits.sent.len() as u64 && edits.deleted.insert(index)
    }

    /// Hears every message that is sent from here on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<(Thread, Message)> {
        self.sent.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ThreadKey, ThreadEdits>> {
        // A panic elsewhere leaves the map whole: every change to it is one call.
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
