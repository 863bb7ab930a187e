//! Loading connections that people made before, elsewhere.

use std::collections::BTreeSet;
use std::io::BufRead;

use decide::{Connection, ConnectionId, Day, Event, NoticeHash, PartnerId, PowerId, Time};
use serde::Deserialize;

use super::consents::{broken, possible, stranger};
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
        let person = register.people().number(&row.person).ok_or_else(stranger)?;
        let connection = Connection {
            connection: row.connection,
            person,
            partner: row.partner,
            powers: row.powers,
            notice: row.notice,
            until: row.until,
        };
        match register.facts().connection(&connection.connection) {
            None => possible(
                register,
                at,
                Event::Connected {
                    connection: connection.clone(),
                },
            )?,
            Some(known) if same(&known, &connection) => {}
            Some(_) => {
                return Err(Wrong::new(
                    "the connection's id is known, for another person or partner",
                    "an id of its own for each connection",
                ));
            }
        }
        Ok(Some(connection))
    };
    let take = |all: Vec<Connection>, done: &mut Progress| take(register, at, all, done);
    lines::in_batches(file, source, &mut done, judge, take, told)?;
    Ok(done)
}

fn take(
    register: &Register,
    at: Time,
    all: Vec<Connection>,
    done: &mut Progress,
) -> Result<(), Refused> {
    let (mut taken, mut known) = (0, 0);
    for connection in all {
        match register.facts().connection(&connection.connection) {
            Some(before) if same(&before, &connection) => known += 1,
            _ => {
                lines::append(register, at, Change::Fact(Event::Connected { connection }))?;
                taken += 1;
            }
        }
    }
    done.taken += taken;
    done.known += known;
    done.position = register.position();
    Ok(())
}

/// Whether it is the same connection; what became of its powers and whether it has ended does not matter.
fn same(known: &Connection, other: &Connection) -> bool {
    known.person == other.person && known.partner == other.partner
}
