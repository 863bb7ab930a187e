//! Lists about people: who agreed, refused, connected, did something, belongs to the platform, and who is behind whom.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use decide::{Bar, Day, PartnerId, PowerId};

use super::cells::Cell;
use super::faults::Faults;
use super::met::Met;
use super::moment::{NoMoment, day, list_moment};
use super::open::{Form, Packing};
use super::table::{self, Wanted};
use crate::bystanders::Bystanders;
use crate::facts::{BarRow, ConnectionRow, ConsentRow, Lists, NEVER, People, number};
use crate::report::{Act, Role};

/// A power that documents know, with what it is.
pub(crate) type Known = (PartnerId, PowerId, Act);

/// Where rows go, and what their texts are looked up in.
pub(crate) struct Reading<'r> {
    pub(crate) people: &'r People,
    pub(crate) powers: &'r [Known],
    pub(crate) lists: &'r mut Lists,
    pub(crate) faults: &'r mut Faults,
}

fn text<'c>(row: &'c [Option<Cell<'_>>], place: usize) -> Option<&'c str> {
    row.get(place).and_then(Option::as_ref).and_then(Cell::text)
}

fn needed<'c>(row: &'c [Option<Cell<'_>>], place: usize, name: &str) -> Result<&'c str, String> {
    text(row, place).ok_or_else(|| format!("the row has no {name}"))
}

fn parsed<T: std::str::FromStr>(text: &str, name: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("the {name} is none"))
}

/// Whom a cell means.
fn who(row: &[Option<Cell<'_>>], place: usize, name: &str, people: &People) -> Result<u32, String> {
    match row.get(place).and_then(Option::as_ref) {
        Some(Cell::Id(id)) => Ok(people.by_number(*id)),
        Some(Cell::Text(id)) => Ok(people.by_text(id)),
        _ => Err(format!("the row has no {name}")),
    }
}

/// A moment; `otherwise` where there is none.
fn at(row: &[Option<Cell<'_>>], place: usize, name: &str, otherwise: i64) -> Result<i64, String> {
    let read = match row.get(place).and_then(Option::as_ref) {
        None => return Ok(otherwise),
        Some(Cell::Moment(at)) => *at,
        Some(Cell::Text(text)) => match list_moment(text) {
            // A date is its first moment in UTC.
            Err(NoMoment::Form) => day(text)
                .map(|day| Day(day).begins().0)
                .ok_or(NoMoment::Form),
            other => other.map(|at| at.0),
        },
        Some(Cell::List(_) | Cell::Id(_)) => Err(NoMoment::Form),
    };
    read.map_err(|no| match no {
        NoMoment::Form => format!("{name} is no moment"),
        NoMoment::Zone | NoMoment::Date => format!("{name}: {}", no.reason()),
    })
}

/// The midnight of a day: a consent that runs until a day ends when that day begins.
fn midnight(row: &[Option<Cell<'_>>], place: usize, name: &str) -> Result<i64, String> {
    let at = at(row, place, name, NEVER)?;
    Ok(if at == NEVER {
        NEVER
    } else {
        decide::Time(at).day().begins().0
    })
}

/// Reads one list into [`Lists`]. Gives back its rows.
pub(crate) fn lists(
    role: Role,
    path: &Path,
    file: &str,
    form: (Form, Packing),
    reading: Reading<'_>,
) -> Result<u64, String> {
    let Reading {
        people,
        powers,
        lists,
        faults,
    } = reading;
    match role {
        Role::Consents => {
            let mut rows = lists.consents.take().unwrap_or_default();
            let mut met = Met::default();
            let wanted = [
                Wanted::Id("person"),
                Wanted::Text("partner"),
                Wanted::Text("power"),
                Wanted::Text("verb"),
                Wanted::Text("category"),
                Wanted::Text("reach"),
                Wanted::Text("purpose"),
                Wanted::Moment("given"),
                Wanted::Moment("until"),
                Wanted::Moment("withdrawn"),
            ];
            let count = table::read(path, file, form, &wanted, faults, |row| {
                let person = who(row, 0, "person", people)?;
                let given = at(row, 7, "given", i64::MIN)?;
                let (until, withdrawn) =
                    (midnight(row, 8, "until")?, at(row, 9, "withdrawn", NEVER)?);
                let grants = met.of(row.get(1..7).unwrap_or(&[]), || {
                    let partner: PartnerId = parsed(needed(row, 1, "partner")?, "partner")?;
                    let powers = named_powers(row, 2, &partner, powers)?;
                    let number = |power| number(&mut lists.grants, &(partner.clone(), power));
                    Ok(powers.into_iter().map(number).collect::<Arc<[u32]>>())
                })?;
                rows.extend(grants.iter().map(|grant| ConsentRow {
                    grant: *grant,
                    person,
                    given,
                    until,
                    withdrawn,
                }));
                Ok(())
            });
            lists.consents = Some(rows);
            count
        }
        Role::Bars => {
            let mut rows = lists.barred.take().unwrap_or_default();
            let wanted = [
                Wanted::Id("person"),
                Wanted::Text("bar"),
                Wanted::Text("reach"),
                Wanted::Text("partner"),
                Wanted::Moment("set"),
                Wanted::Moment("lifted"),
            ];
            let count = table::read(path, file, form, &wanted, faults, |row| {
                let person = who(row, 0, "person", people)?;
                let bar =
                    match needed(row, 1, "bar")? {
                        "everything" => Bar::Everything,
                        "through" => Bar::Through(parsed(needed(row, 2, "reach")?, "reach")?),
                        "partner" => Bar::Partner(parsed(needed(row, 3, "partner")?, "partner")?),
                        "global-privacy-control" => Bar::GlobalPrivacyControl,
                        _ => return Err(
                            "the bar is not everything, through, partner or global-privacy-control"
                                .into(),
                        ),
                    };
                let (set, lifted) = (at(row, 4, "set", i64::MIN)?, at(row, 5, "lifted", NEVER)?);
                rows.push(BarRow {
                    bar: number(&mut lists.bars, &bar),
                    person,
                    set,
                    lifted,
                });
                Ok(())
            });
            lists.barred = Some(rows);
            count
        }
        Role::Connections => {
            let mut rows = lists.connections.take().unwrap_or_default();
            let mut met = Met::default();
            let wanted = [
                Wanted::Id("person"),
                Wanted::Text("partner"),
                Wanted::Text("powers"),
                Wanted::Moment("from"),
                Wanted::Moment("until"),
                Wanted::Moment("ended"),
            ];
            let count = table::read(path, file, form, &wanted, faults, |row| {
                let person = who(row, 0, "person", people)?;
                let (partner, set) = met.of(row.get(1..3).unwrap_or(&[]), || {
                    let partner: PartnerId = parsed(needed(row, 1, "partner")?, "partner")?;
                    let set = set_of_powers(row.get(2).and_then(Option::as_ref), &partner, powers)?;
                    Ok((
                        number(&mut lists.partners, &partner),
                        number(&mut lists.sets, &set),
                    ))
                })?;
                rows.push(ConnectionRow {
                    partner,
                    person,
                    from: at(row, 3, "from", i64::MIN)?,
                    until: midnight(row, 4, "until")?,
                    ended: at(row, 5, "ended", NEVER)?,
                    powers: set,
                });
                Ok(())
            });
            lists.connections = Some(rows);
            count
        }
        Role::Activity => {
            let mut rows = lists.activity.take().unwrap_or_default();
            let wanted = [Wanted::Id("person"), Wanted::Moment("day")];
            let count = table::read(path, file, form, &wanted, faults, |row| {
                let person = who(row, 0, "person", people)?;
                let at = at(row, 1, "day", i64::MIN)?;
                if at == i64::MIN {
                    return Err("the row has no day".into());
                }
                rows.push((person, decide::Time(at).day().0));
                Ok(())
            });
            lists.activity = Some(rows);
            count
        }
        _ => {
            let mut rows = lists.people.take().unwrap_or_default();
            let wanted = [
                Wanted::Id("person"),
                Wanted::Moment("joined"),
                Wanted::Moment("left"),
            ];
            let count = table::read(path, file, form, &wanted, faults, |row| {
                rows.push((
                    who(row, 0, "person", people)?,
                    at(row, 1, "joined", i64::MIN)?,
                    at(row, 2, "left", NEVER)?,
                ));
                Ok(())
            });
            lists.people = Some(rows);
            count
        }
    }
}

/// The powers that a connection names; where it says nothing of powers, all that the partner ever had.
fn set_of_powers(
    cell: Option<&Cell<'_>>,
    partner: &PartnerId,
    powers: &[Known],
) -> Result<BTreeSet<PowerId>, String> {
    match cell {
        Some(cell) => cell.each(';').map(|it| parsed(it, "power")).collect(),
        None => {
            let of_partner = powers.iter().filter(|(of, ..)| of == partner);
            Ok(of_partner.map(|(_, power, _)| *power).collect())
        }
    }
}

/// The powers that a row names: by id, or by verb, category, reach and purpose. In words it names every power of the
/// partner's that is described by them, whatever its limits.
fn named_powers(
    row: &[Option<Cell<'_>>],
    place: usize,
    partner: &PartnerId,
    powers: &[Known],
) -> Result<Vec<PowerId>, String> {
    if let Some(id) = text(row, place) {
        return Ok(vec![parsed(id, "power")?]);
    }
    let word = |n: usize| text(row, place.saturating_add(n));
    let fits = |act: &Act| {
        word(1).is_none_or(|it| it == act.verb.as_str())
            && word(2) == Some(act.category.as_str())
            && word(3) == Some(act.reach.as_str())
            && word(4).is_none_or(|it| it == act.purpose.as_str())
    };
    let found: Vec<PowerId> = powers
        .iter()
        .filter(|(of, _, act)| of == partner && fits(act))
        .map(|(_, power, _)| *power)
        .collect();
    if found.is_empty() {
        return Err("no agreement with the partner has such a power (name it by power, or by verb, category, reach and purpose)".into());
    }
    Ok(found)
}

/// Reads a list of bystanders. With `keys` its keys are no people; edges go both ways.
pub(crate) fn bystanders(
    name: &str,
    path: &Path,
    file: &str,
    form: (Form, Packing),
    people: &People,
    keys: Option<Arc<People>>,
    faults: &mut Faults,
) -> Result<(Bystanders, u64), String> {
    let mut pairs = Vec::new();
    let names = if keys.is_some() {
        ["key", "person"]
    } else {
        ["person", "other"]
    };
    // Everything else that has keys looks them up by their text.
    let of_key: &People = keys.as_deref().unwrap_or(people);
    let count = table::read(path, file, form, &names.map(Wanted::Id), faults, |row| {
        let one = who(row, 0, names[0], of_key)?;
        let other = who(row, 1, names[1], people)?;
        pairs.push((one, other));
        if keys.is_none() {
            pairs.push((other, one));
        }
        Ok(())
    })?;
    Ok((Bystanders::of(name.to_owned(), keys, pairs), count))
}
