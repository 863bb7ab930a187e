//! Facts, people, book and marks together, and the one way in which an entry changes them: live and at a restart.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use decide::{Event, Facts, Happened};
use ledger::IdempotencyKey;

use crate::book::Book;
use crate::change::Position;
use crate::entry::Clear;
use crate::marks::Marks;
use crate::people::People;

/// All that is folded from the log.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) facts: Arc<Facts>,
    pub(crate) people: Arc<People>,
    pub(crate) book: ArcSwap<Book>,
    pub(crate) marks: Mutex<Marks>,
}

impl State {
    /// Folds the next entry in. The fact goes last: once it shows, everything that it rests on is there.
    ///
    /// A person who leaves is the other way round: the fact first, so that nobody is unknown and still a member.
    pub(crate) fn fold(
        &self,
        clear: Clear,
        key: IdempotencyKey,
        remember: usize,
    ) -> Result<Position, decide::Invalid> {
        let Clear { body, joined } = clear;
        let happened = body.fact.as_ref().map(|event| Happened {
            at: body.at,
            event: event.clone(),
        });
        self.people.join(joined);
        if Book::concerns(&body) {
            let mut book = self.book.load_full();
            Arc::make_mut(&mut book).learn(&body);
            self.book.store(book);
        }
        match &happened {
            Some(happened) => self.facts.apply(happened)?,
            None => self.facts.pass_over(),
        }
        if let Some(Event::PersonLeft { person }) = &body.fact {
            self.people.leave(*person);
        }
        let position = Position(self.facts.position());
        self.marks()
            .note(&body, position, key, remember, &self.people);
        Ok(position)
    }

    pub(crate) fn marks(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
