//! What is being carried out: counted, so that a stop can wait for it, and never lost track of between intent and outcome.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use decide::{Now, Time};
use ledger::entry::Ending;
use tokio::sync::Notify;

use super::ended::{Ended, Told};
use super::entry::{Intent, Positions};
use super::keys::Keys;
use crate::gateway::Gateway;

/// All writes, deletes and imports of this process.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    pub(super) keys: Arc<Keys>,
    underway: AtomicUsize,
    one_less: Notify,
    /// Intents on the ledger whose outcome is not, and of which nobody takes care any more.
    left: Mutex<Vec<(Intent, Ending)>>,
    /// One operator's word at a time.
    pub(super) resolving: tokio::sync::Mutex<()>,
}

impl Writes {
    pub(super) fn leave(&self, intent: Intent, ending: Ending) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.push((intent, ending));
    }

    fn take_left(&self) -> Vec<(Intent, Ending)> {
        std::mem::take(&mut *self.left.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until nothing is being carried out any more, or this long.
    pub(crate) async fn finished(&self, patience: Duration) {
        let all = async {
            loop {
                let less = self.one_less.notified();
                if self.underway.load(Ordering::SeqCst) == 0 {
                    return;
                }
                less.await;
            }
        };
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::warn!("writes were cut off: what became of them will be recorded as unknown");
        }
    }
}

/// One that is being carried out and has no intent on the ledger yet.
pub(super) struct Underway(Arc<Writes>);

/// One whose intent is on the ledger. If it is dropped without an outcome, that nobody knows what became of it is recorded
/// soon: see [`clear`].
pub(super) struct Awaiting {
    underway: Underway,
    intent: Option<Intent>,
}

impl Underway {
    pub(super) fn begin(writes: &Arc<Writes>) -> Self {
        writes.underway.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(writes))
    }

    pub(super) fn intended(self, intent: Intent) -> Awaiting {
        Awaiting {
            underway: self,
            intent: Some(intent),
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.underway.fetch_sub(1, Ordering::SeqCst);
        self.0.one_less.notify_waiters();
    }
}

impl Drop for Awaiting {
    fn drop(&mut self) {
        if let Some(intent) = self.intent.take() {
            self.underway.0.leave(intent, Ending::NO_ANSWER);
        }
    }
}

impl Gateway {
    /// Records what became of an intent.
    ///
    /// # Errors
    /// It could not be recorded; that nobody knows will be, if the ledger ever takes it.
    pub(super) async fn conclude(
        &self,
        mut awaiting: Awaiting,
        ended: Ended,
        note: Option<String>,
    ) -> Result<Told, String> {
        let intent = awaiting.intent.ok_or("there is no intent")?;
        let told = self.record_outcome(&intent, ended, note).await?;
        awaiting.intent = None;
        Ok(told)
    }

    pub(super) async fn record_outcome(
        &self,
        intent: &Intent,
        ended: Ended,
        note: Option<String>,
    ) -> Result<Told, String> {
        let positions = Positions {
            register: self.register.position().0,
            ledger: self.ledger.size(),
        };
        let at = match self.clock.now() {
            Now::At(at) => at,
            // What happened has to be recorded, also while the clock is not believed.
            Now::WentBack | Now::JumpedAhead => self.register.facts().latest().unwrap_or(Time(0)),
        };
        let record = self.scribe.outcome(intent, &ended, note, at, positions);
        let record = record.map_err(|error| error.to_string());
        let recorded = match record {
            Ok(record) => self
                .ledger
                .record_reserved(record, ended)
                .await
                .map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        let recorded = recorded.inspect_err(|error| {
            tracing::error!(
                error,
                intent = intent.index,
                "an outcome could not be recorded"
            );
        })?;
        Ok(Told::of(recorded))
    }
}

/// Records outcomes of intents that nobody takes care of any more: nobody knows what became of them. The first that cannot
/// be recorded stays, with those behind it, for the next time.
pub(crate) async fn clear(gateway: &Gateway) -> Result<(), String> {
    let mut left = gateway.writes.take_left().into_iter();
    while let Some((intent, ending)) = left.next() {
        let recorded = gateway
            .record_outcome(&intent, Ended::new(ending), None)
            .await;
        if let Err(error) = recorded {
            gateway.writes.leave(intent, ending);
            left.for_each(|(intent, ending)| gateway.writes.leave(intent, ending));
            return Err(error);
        }
        tracing::warn!(
            intent = intent.index,
            "nobody knows what became of an intent"
        );
    }
    Ok(())
}
