//! Loading consents that people gave before, elsewhere.

use std::collections::BTreeMap;
use std::io::BufRead;

use decide::{Day, Event, NoticeHash, PartnerId, PersonNo, PowerId, Time};
use serde::Deserialize;

use super::lines::{self, Wrong};
use super::{LoadError, Progress};
use crate::change::Change;
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
        let person = register
            .people()
            .number(&row.person)
            .ok_or_else(|| stranger())?;
        Ok(Some((
            (row.partner, row.power, row.notice, row.until),
            person,
        )))
    };
    let take =
        |rows: Vec<(Statement, PersonNo)>, done: &mut Progress| take(register, at, rows, done);
    lines::in_batches(file, source, &mut done, judge, take, told)?;
    Ok(done)
}

/// One entry per statement of the batch. All are checked before the first is written, so that a batch is in whole or not.
fn take(
    register: &Register,
    at: Time,
    rows: Vec<(Statement, PersonNo)>,
    done: &mut Progress,
) -> Result<(), crate::error::Refused> {
    let all = rows.len() as u64;
    let mut by_statement: BTreeMap<Statement, Vec<PersonNo>> = BTreeMap::new();
    for (statement, person) in rows {
        if !register.stated(&statement, person) {
            by_statement.entry(statement).or_default().push(person);
        }
    }
    let mut events = Vec::with_capacity(by_statement.len());
    for ((partner, power, notice, until), mut people) in by_statement {
        people.sort_unstable();
        people.dedup();
        let event = Event::ConsentGiven {
            people,
            partner,
            power,
            notice,
            until,
        };
        let happened = decide::Happened { at, event };
        register.facts().check(&happened)?;
        events.push(happened.event);
    }
    let mut taken = 0;
    for event in events {
        if let Event::ConsentGiven { people, .. } = &event {
            taken += people.len() as u64;
        }
        done.position = lines::append(register, at, Change::Fact(event))?;
    }
    done.taken += taken;
    done.known += all.saturating_sub(taken);
    done.position = register.position();
    Ok(())
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
