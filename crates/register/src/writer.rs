//! The one writer: a thread, so that a caller that goes away cannot leave a change half done.

use std::sync::Arc;

use decide::{StaffId, Time};
use ledger::{AppendError, IdempotencyKey, Log};
use tokio::sync::{mpsc, oneshot};

use crate::change::{Change, Position};
use crate::entry::{self, About, Asked, Clear, Part, Salts};
use crate::error::Refused;
use crate::options::Fill;
use crate::prepare::{Prepared, Step, prepare};
use crate::seal::RegisterKey;
use crate::snapshot::Copied;
use crate::state::State;

/// What callers send to the writer.
#[expect(clippy::large_enum_variant, reason = "nearly all are appends")]
pub(crate) enum Request {
    Append {
        at: Time,
        by: Option<StaffId>,
        change: Change,
        key: IdempotencyKey,
        reply: oneshot::Sender<Result<Position, Refused>>,
    },
    /// A copy of the state between two changes.
    Copy { reply: oneshot::Sender<Copied> },
}

pub(crate) struct Writer {
    pub(crate) state: Arc<State>,
    pub(crate) log: Arc<Log>,
    pub(crate) key: Arc<RegisterKey>,
    pub(crate) fill: Arc<Fill>,
    pub(crate) remember: usize,
    /// Why nothing is taken in any more. After a failed append nobody knows whether the entry is durable.
    pub(crate) stopped: Option<String>,
}

impl Writer {
    /// Serves until every sender is gone.
    pub(crate) fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        while let Some(request) = requests.blocking_recv() {
            // A caller that has gone away does not matter: its change stands.
            match request {
                Request::Append {
                    at,
                    by,
                    change,
                    key,
                    reply,
                } => drop(reply.send(self.append(at, by, change, key))),
                Request::Copy { reply } => drop(reply.send(Copied::of(&self.state))),
            }
        }
    }

    pub(crate) fn append(
        &mut self,
        at: Time,
        by: Option<StaffId>,
        change: Change,
        key: IdempotencyKey,
    ) -> Result<Position, Refused> {
        if let Some(why) = &self.stopped {
            return Err(Refused::Stopped(why.clone()));
        }
        let asked = Asked::of(&change)?;
        if let Some((position, before)) = self.state.marks().position_of(key) {
            return if before == asked {
                Ok(position)
            } else {
                Err(Refused::KeyUsed(position))
            };
        }
        match prepare(&self.state, &*self.fill, at, by, change, asked)? {
            Step::Nothing => Ok(self.position()),
            Step::Gone(asked) => {
                let position = self.position();
                self.state
                    .marks()
                    .remember(key, position, asked, self.remember);
                Ok(position)
            }
            Step::Append(prepared) => self.commit(*prepared, key),
        }
    }

    fn position(&self) -> Position {
        Position(self.state.facts.position())
    }

    /// Durable first, then applied.
    fn commit(&mut self, prepared: Prepared, key: IdempotencyKey) -> Result<Position, Refused> {
        let Prepared { kind, body, about } = prepared;
        let mut salts = Salts {
            details: [0; 32],
            blind: [0; 32],
        };
        (self.fill)(&mut salts.details)?;
        (self.fill)(&mut salts.blind)?;
        let record = entry::seal(&self.key, &salts, kind, body.clone(), &about, key)
            .map_err(|error| Refused::TooLarge(error.to_string()))?;
        let joined = match about {
            About::Joining(slots) => slots.into_iter().map(Part::There).collect(),
            _ => Vec::new(),
        };
        let recorded = if kind.takes_away() {
            self.log.record_reserved_blocking(record, ())
        } else {
            self.log.record_blocking(record, ())
        };
        let recorded = recorded.map_err(|error| self.failed(error))?;
        let clear = Clear { body, joined };
        let folded = self.state.fold(clear, key, self.remember);
        match folded {
            Ok(position) if position.0 == recorded.index() + 1 => Ok(position),
            Ok(position) => Err(self.stop(format!(
                "entry {} was folded in as position {}",
                recorded.index(),
                position.0
            ))),
            Err(invalid) => Err(self.stop(format!(
                "an entry that had been checked was refused: {invalid}"
            ))),
        }
    }

    fn failed(&mut self, error: AppendError) -> Refused {
        match error {
            AppendError::TooLarge { .. } => Refused::TooLarge(error.to_string()),
            AppendError::KeyUsed { index } => Refused::KeyUsed(Position(index + 1)),
            AppendError::NoSpace(_) => Refused::NoSpace(error.to_string()),
            AppendError::Stopped(why) => self.stop(why.to_string()),
        }
    }

    fn stop(&mut self, why: String) -> Refused {
        tracing::error!(%why, "the register has stopped");
        self.stopped = Some(why.clone());
        Refused::Stopped(why)
    }
}
