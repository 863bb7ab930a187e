//! The operator's list of what nobody knows the outcome of, and the operator's word about one.

use decide::{Asker, Behalf, Time};
use ledger::entry::{Became, Digest16, Ending, Entry, Intents, Known};
use ledger::{Hash, ReadError};
use serde::{Deserialize, Serialize};

use super::ended::Ended;
use super::entry::Intent;
use crate::answer::recount::{RecountError, details};
use crate::gateway::Gateway;

/// One of which nobody knows what became.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct UnknownOne {
    /// The place of its intent in the ledger.
    pub(crate) index: u64,
    /// When it was decided.
    pub(crate) at: Time,
    pub(crate) partner: String,
    pub(crate) operation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connection: Option<String>,
    /// What the platform got in its own idempotency header, if the configuration names one.
    pub(crate) sent_as: String,
}

#[derive(Deserialize)]
struct Written {
    at: Time,
    operation: String,
    asker: Asker,
}

/// Why there is no list, or no word is taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnknownError {
    #[error(transparent)]
    Read(#[from] RecountError),
    #[error("ledger entry {0} is no intent whose outcome is unknown")]
    NotUnknown(u64),
    #[error("the ledger did not take it: {0}")]
    Ledger(String),
}

impl From<ReadError> for UnknownError {
    fn from(error: ReadError) -> Self {
        Self::Read(error.into())
    }
}

impl Gateway {
    /// All of which nobody knows what became, oldest first. Reads the whole ledger, without its blobs: not for every
    /// minute, and not on a thread that serves.
    pub(crate) fn unknowns(&self) -> Result<Vec<UnknownOne>, UnknownError> {
        let intents = self.all_intents()?;
        intents
            .unknown()
            .map(|(index, _)| self.unknown(index))
            .collect()
    }

    fn all_intents(&self) -> Result<Intents, UnknownError> {
        let mut intents = Intents::default();
        for entry in self.ledger.entries(0) {
            let (index, bytes) = entry?;
            let entry = Entry::parse(&bytes).map_err(|_| RecountError::Details(index))?;
            // What does not fit is for `countersign verify` to tell.
            let _ = intents.take(index, &entry, Hash::leaf(&bytes));
        }
        Ok(intents)
    }

    fn unknown(&self, index: u64) -> Result<UnknownOne, UnknownError> {
        let stored = self.ledger.read(index)?;
        let entry = Entry::parse(&stored.record.entry).map_err(|_| RecountError::Details(index))?;
        let written: Written = details(&stored, &self.scribe.key, entry.header())?;
        let connection = match written.asker.behalf {
            Behalf::Connection(id) => Some(id.as_str().to_owned()),
            Behalf::Nobody => None,
        };
        Ok(UnknownOne {
            index,
            at: written.at,
            partner: written.asker.partner.as_str().to_owned(),
            operation: written.operation,
            connection,
            sent_as: hex::encode(stored.record.key.0),
        })
    }

    /// Takes in what an operator has found out about one: a further outcome entry, by which it is unknown no more. Who
    /// repeats the request with its key is told so from now on.
    pub(crate) async fn resolve(
        self: &std::sync::Arc<Self>,
        index: u64,
        done: bool,
        note: String,
    ) -> Result<(), UnknownError> {
        let _one_at_a_time = self.writes.resolving.lock().await;
        let gateway = self.clone();
        let looked = tokio::task::spawn_blocking(move || gateway.all_intents()).await;
        let intents = looked.map_err(|error| UnknownError::Ledger(error.to_string()))??;
        let unknown = intents.unknown().find(|(known, _)| *known == index);
        let (_, leaf) = unknown.ok_or(UnknownError::NotUnknown(index))?;
        let one = self.unknown(index)?;
        let became = if done { Became::Done } else { Became::Refused };
        let ending = Ending::new(became, Known::Operator).ok_or(UnknownError::NotUnknown(index))?;
        let intent = Intent {
            index,
            leaf,
            partner: Digest16::of_partner(&one.partner),
            operation: Digest16::of_operation(&one.operation),
        };
        let recorded = self
            .record_outcome(&intent, Ended::new(ending), Some(note))
            .await;
        let told = recorded.map_err(UnknownError::Ledger)?;
        self.writes.keys.resolve(index, &told);
        Ok(())
    }
}
