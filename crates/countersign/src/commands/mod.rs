//! What each command does. One file a command or a family of them.

mod accept_loss;
mod agreement;
mod audit;
mod backup;
mod breach;
mod call;
mod case;
mod check;
mod desk;
mod doctor;
mod documents;
mod init;
mod key;
mod keys;
mod load;
mod people;
mod restore;
mod serve;
mod sign;
mod unknowns;
mod verify;

use decide::Event;
use register::{Change, People, Position};
use serde_json::json;

pub(crate) use accept_loss::accept_loss;
pub(crate) use agreement::agreement;
pub(crate) use audit::audit;
pub(crate) use backup::backup;
pub(crate) use breach::breach;
pub(crate) use call::{call, gateway_at};
pub(crate) use case::case;
pub(crate) use check::check;
pub(crate) use desk::desk;
pub(crate) use doctor::doctor;
pub(crate) use documents::{notice, notice_hash, policy, promise};
pub(crate) use init::{init, make};
pub(crate) use key::{generate, key, write_pair};
pub(crate) use keys::{officer, partner};
pub(crate) use load::load;
pub(crate) use people::{connection, consent, withdraw};
pub(crate) use restore::restore;
pub(crate) use serve::{runtime, serve, told_to_stop};
pub(crate) use sign::of_pair;
pub(crate) use unknowns::unknowns;
pub(crate) use verify::verify;

use crate::args::Door;
use crate::door::{Step, Way};
use crate::exit::{Exit, Failure};
use crate::output::{Format, print, print_json};

/// Takes one change in and says where it stands now.
fn take(door: &Door, step: &Step<'_>, format: Format, done: &str) -> Result<Exit, Failure> {
    let position = Way::of(door)?.take(step)?;
    say(position, format, done)
}

/// Says that something is in the register.
fn say(position: Position, format: Format, done: &str) -> Result<Exit, Failure> {
    match format {
        Format::Json => print_json(&json!({ "done": done, "position": position.0 }))?,
        Format::Plain => print(&format!("{}\n", position.0))?,
        Format::Human => print(&format!("{done} (register position {})\n", position.0))?,
    }
    Ok(Exit::Done)
}

/// The number of the person whom the platform calls so.
fn person(people: &People, id: &str) -> Result<decide::PersonNo, Failure> {
    people.number(id).ok_or_else(|| {
        Exit::No.because(format_args!(
            "the platform's id {id:?} belongs to nobody in the register\n  to do: let them join first (`countersign load people`)"
        ))
    })
}

/// An event that stands for itself, as a change.
fn fact(event: Event) -> Change {
    Change::Fact(event)
}
