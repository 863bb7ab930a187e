//! Loading connections that people made before, elsewhere.

use std::collections::BTreeSet;
use std::io::BufRead;

use decide::{Connection, ConnectionId, Day, Event, NoticeHash, PartnerId, PowerId, Time};
use serde::Deserialize;

use super::consents::{broken, stranger};
use super::lines::{self, Wrong};
use super::{LoadError, Progress};
use crate::change::Change;
use crate::error::Refused;
use crate::register::Register;

const EXPECTED: &str = "{\"connection\":\"…\",\"person\":\"…\",\"partner\":\"…\",\"powers\":[\"64 hexadecimal digits\"],\"notice\":\"64 hexadecimal digits\",\"until\":\"2027-01-31\"}";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    connection: ConnectionId,
    person: String,
    partner: PartnerId,
    powers: BTreeSet<PowerId>,
    notice: NoticeHash,
    until: Day,
}

/// Loads connections (NDJSON), each an entry of its own. One whose id is known is passed over, also when it has ended
/// since; the same id for another person or partner is an error. Blocks; must not be called from async code.
///
/// # Errors
/// The first broken line, or a connection that contradicts the facts; see the module's page for what is in then.
pub fn connections(
    register: &Register,
    file: &str,
    source: impl BufRead,
    at: Time,
    told: impl FnMut(&Progress),
) -> Result<Progress, LoadError> {
    let mut done = Progress::default();
    let judge = |text: &str, _| {
        let row: Row = serde_json::from_str(text).map_err(|error| broken(&error, EXPECTED))?;
        let person = register
            .people()
            .number(&row.person)
            .ok_or_else(|| stranger())?;
        let connection = Connection {
            connection: row.connection,
            person,
            partner: row.partner,
            powers: row.powers,
            notice: row.notice,
            until: row.until,
        };
        match register.facts().connection(&connection.connection) {
            Some(known)
                if known.person != connection.person || known.partner != connection.partner =>
            {
                Err(Wrong::new(
                    "the connection's id is known, for another person or partner",
                    "an id of its own for each connection",
                ))
            }
            _ => Ok(Some(connection)),
        }
    };
    let take = |all: Vec<Connection>, done: &mut Progress| take(register, at, all, done);
    lines::in_batches(file, source, &mut done, judge, take, told)?;
    Ok(done)
}

/// All are checked before the first is written, so that a batch is in whole or not.
fn take(
    register: &Register,
    at: Time,
    all: Vec<Connection>,
    done: &mut Progress,
) -> Result<(), Refused> {
    let mut seen = BTreeSet::new();
    let mut new = Vec::with_capacity(all.len());
    for connection in all {
        let known = register
            .facts()
            .connection(&connection.connection)
            .is_some();
        if known || !seen.insert(connection.connection.clone()) {
            done.known += 1;
            continue;
        }
        let event = Event::Connected { connection };
        let happened = decide::Happened { at, event };
        register.facts().check(&happened)?;
        new.push(happened.event);
    }
    for event in new {
        lines::append(register, at, Change::Fact(event))?;
        done.taken += 1;
    }
    done.position = register.position();
    Ok(())
}
