//! After a restart: intents without an outcome, and the keys of the last day with what became of their requests.

use std::collections::HashMap;

use decide::{Asker, Time};
use ledger::entry::{Ending, Entry, Header, Intents, LedgerKey, Minute};
use ledger::{Hash, Log};
use serde::Deserialize;

use super::ended::{Ended, Told};
use super::entry::{Intent, OutcomeDetails};
use super::keys::{About, REMEMBERED};
use super::underway::{Writes, clear};
use crate::answer::recount::{LATE, RecountError, details, first_since};
use crate::gateway::Gateway;

/// What is read of an intent's details.
#[derive(Debug, Deserialize)]
struct Written {
    at: Time,
    asker: Asker,
    #[serde(default)]
    key: Option<About>,
}

/// Looks through the last day of the ledger, counted from its last entry: whatever was being carried out when the process
/// ended is in it, since no request takes a day.
pub(crate) fn reopen(writes: &Writes, log: &Log, key: &LedgerKey) -> Result<(), RecountError> {
    let Some(last) = log.size().checked_sub(1) else {
        return Ok(());
    };
    let Ok(last) = Entry::parse(&log.read(last)?.record.entry) else {
        return Err(RecountError::Details(last));
    };
    let day = u32::try_from(REMEMBERED / 60_000).unwrap_or(u32::MAX);
    let since = last
        .header()
        .minute
        .0
        .saturating_sub(day.saturating_add(LATE));
    let mut intents = Intents::default();
    let mut asked: HashMap<u64, (Written, Header)> = HashMap::new();
    for entry in log.entries(first_since(log, Minute(since))?) {
        let (index, bytes) = entry?;
        let Ok(entry) = Entry::parse(&bytes) else {
            return Err(RecountError::Details(index));
        };
        // An outcome of an intent before this day is nothing to wait for.
        let _ = intents.take(index, &entry, Hash::leaf(&bytes));
        match entry {
            Entry::Intent(it) => {
                let written = details(&log.read(index)?, key, &it.header)?;
                asked.insert(index, (written, it.header));
            }
            Entry::Outcome(outcome) => {
                let Some((written, _)) = asked.get(&outcome.intent) else {
                    continue;
                };
                let said: OutcomeDetails = details(&log.read(index)?, key, &outcome.header)?;
                let ended = Ended {
                    ending: outcome.ending,
                    said: said.said,
                };
                remember(writes, written, outcome.intent, ended);
            }
            Entry::Disclosure(_) | Entry::Refusals(_) => {}
        }
    }
    for (index, leaf) in intents.open() {
        if let Some((written, header)) = asked.get(&index) {
            let (partner, operation) = (header.partner, header.operation);
            writes.leave(
                Intent {
                    index,
                    leaf,
                    partner,
                    operation,
                },
                Ending::RESTARTED,
            );
            remember(writes, written, index, Ended::new(Ending::RESTARTED));
        }
    }
    Ok(())
}

fn remember(writes: &Writes, written: &Written, intent: u64, ended: Ended) {
    let told = Told::read_back(ended);
    if let Some(about) = written.key.as_ref().filter(|_| told.was_sent()) {
        let partner = &written.asker.partner;
        writes
            .keys
            .remember(partner, about, intent, written.at, told);
    }
}

/// Before anybody is served: every intent that a crash left gets its outcome, `unknown`. None is tried again.
///
/// # Errors
/// The ledger does not take them.
pub(crate) async fn settle(gateway: &Gateway) -> Result<(), String> {
    clear(gateway).await
}
