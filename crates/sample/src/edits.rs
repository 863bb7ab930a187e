//! What was sent, deleted and imported while the platform runs: in memory only, gone when it stops.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

use crate::contacts::ContactEntry;
use crate::posts::Post;
use crate::threads::{Message, Thread, ThreadKey};
use crate::world::{PersonNo, World};

/// What was changed.
#[derive(Debug)]
pub(crate) struct Edits {
    threads: Mutex<HashMap<ThreadKey, ThreadEdits>>,
    /// Posts that are gone: whose, and which.
    posts: Mutex<BTreeSet<(PersonNo, u64)>>,
    /// Lines added to contact books.
    contacts: Mutex<HashMap<PersonNo, Vec<ContactEntry>>>,
    /// Every message as it is sent.
    sent: broadcast::Sender<(Thread, Message)>,
}

/// So many messages wait for somebody who listens slowly.
const WAITING: usize = 1024;

impl Default for Edits {
    fn default() -> Self {
        Self {
            threads: Mutex::default(),
            posts: Mutex::default(),
            contacts: Mutex::default(),
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

    /// Whether a post is still there.
    pub(crate) fn has_post(&self, post: &Post) -> bool {
        !locked(&self.posts).contains(&(post.author, post.index))
    }

    /// Deletes a post; false when it was deleted before.
    pub(crate) fn delete_post(&self, post: &Post) -> bool {
        locked(&self.posts).insert((post.author, post.index))
    }

    /// The lines that were added to somebody's contact book, oldest first.
    pub(crate) fn contacts(&self, owner: PersonNo) -> Vec<ContactEntry> {
        locked(&self.contacts)
            .get(&owner)
            .cloned()
            .unwrap_or_default()
    }

    /// Adds lines to somebody's contact book; `line` makes each of its place among those that were added.
    pub(crate) fn import<T>(
        &self,
        owner: PersonNo,
        new: Vec<T>,
        line: impl Fn(u64, T) -> ContactEntry,
    ) {
        let mut all = locked(&self.contacts);
        let lines = all.entry(owner).or_default();
        for one in new {
            let place = lines.len() as u64;
            lines.push(line(place, one));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ThreadKey, ThreadEdits>> {
        locked(&self.threads)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere leaves what is in it whole: every change to it is one call.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
