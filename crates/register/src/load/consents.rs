//! Loading consents that people gave before, elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use decide::{Day, Event, Happened, NoticeHash, PartnerId, PersonNo, PowerId, Time};
use serde::Deserialize;

use super::lines::{self, Wrong};
use super::{LoadError, Progress};
use crate::change::Change;
use crate::error::Refused;
use crate::marks::Statement;
use crate::register::Register;

const EXPECTED: &str = "{\"person\":\"…\",\"partner\":\"…\",\"power\":\"64 hexadecimal digits\",\"notice\":\"64 hexadecimal digits\",\"until\":\"2027-01-31\"}";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    person: String,
    partner: PartnerId,
    power: PowerId,
    notice: NoticeHash,
    until: Day,
}

/// Loads consents (NDJSON). A line that was loaded before is passed over, whatever has become of the consent since: who
/// has withdrawn is not asked by a file. Blocks; must not be called from async code.
///
/// # Errors
/// The first broken line, or a batch that contradicts the facts; see the module's page for what is in then.
pub fn consents(
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
        let statement = (row.partner, row.power, row.notice, row.until);
        if !register.stated(&statement, person) {
            possible(register, at, given(statement.clone(), vec![person]))?;
        }
        Ok(Some((statement, person)))
    };
    let take =
        |rows: Vec<(Statement, PersonNo)>, done: &mut Progress| take(register, at, rows, done);
    lines::in_batches(file, source, &mut done, judge, take, told)?;
    Ok(done)
}

/// One entry per statement of the batch.
fn take(
    register: &Register,
    at: Time,
    rows: Vec<(Statement, PersonNo)>,
    done: &mut Progress,
) -> Result<(), Refused> {
    let all = rows.len() as u64;
    let mut by_statement: BTreeMap<Statement, BTreeSet<PersonNo>> = BTreeMap::new();
    for (statement, person) in rows {
        if !register.stated(&statement, person) {
            by_statement.entry(statement).or_default().insert(person);
        }
    }
    let mut taken = 0;
    for (statement, people) in by_statement {
        taken += people.len() as u64;
        let event = given(statement, people.into_iter().collect());
        lines::append(register, at, Change::Fact(event))?;
    }
    done.taken += taken;
    done.known += all.saturating_sub(taken);
    done.position = register.position();
    Ok(())
}

fn given((partner, power, notice, until): Statement, people: Vec<PersonNo>) -> Event {
    Event::ConsentGiven {
        people,
        partner,
        power,
        notice,
        until,
    }
}

/// Asked line by line, so that an error has its line.
pub(super) fn possible(register: &Register, at: Time, event: Event) -> Result<(), Wrong> {
    let checked = register.facts().check(&Happened { at, event });
    checked.map_err(|invalid| {
        Wrong::new(
            invalid.to_string(),
            "what the register's agreements, notices and policy allow",
        )
    })
}

/// The parser's own message could repeat what stands in the line.
pub(super) fn broken(error: &serde_json::Error, expected: &'static str) -> Wrong {
    let what = match error.classify() {
        serde_json::error::Category::Data => "a member is missing, unknown or not of its kind",
        _ => "not JSON",
    };
    Wrong::new(format!("{what} (column {})", error.column()), expected)
}

pub(super) fn stranger() -> Wrong {
    Wrong::new(
        "nobody has joined by this person's id, or they have left",
        "the id of a person who has joined: load people first",
    )
}
