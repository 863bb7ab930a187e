//! A question that a history gives an interesting answer to, and some that no caller should ask.

use decide::{
    Behalf, Connection, Days, Draw, Event, Happened, Now, PersonNo, Power, Reach, Time, Who,
};

use super::dice::Dice;
use super::event;
use crate::{Asked, cast};

pub(super) fn question(dice: &mut Dice, history: &[Happened]) -> (Asked, Now) {
    let all: Vec<_> = event::offers(history)
        .into_iter()
        .flat_map(|offer| {
            offer
                .powers
                .iter()
                .map(|power| (offer.partner.clone(), power.clone()))
        })
        .collect();
    let (partner, power) = match dice.one(&all) {
        Some((_, power)) if dice.chance(1, 16) => (event::partner(dice), power.clone()),
        Some((partner, power)) if dice.chance(15, 16) => (partner.clone(), power.clone()),
        _ => (event::partner(dice), event::power(dice)),
    };
    let link = link(dice, history, &partner, &power);
    let mut asked = Asked::by(partner.as_str())
        .to(power.verb)
        .for_purpose(power.purpose.as_str());
    asked.asker.draws = draws(dice, &all);
    if let Some(link) = &link {
        asked = asked.through(&link.connection);
    } else if dice.chance(1, 2) && power.reach != Reach::Directory {
        asked.asker.behalf = Behalf::Connection(event::connection_id(9));
    }
    let (now, at) = clock(dice, history);
    let connected = link.as_ref().map_or(cast::ADA, |link| link.person);
    for _ in 0..1 + dice.below(5) {
        asked = add_datum(dice, asked, &power, connected, at);
    }
    if dice.chance(1, 32) {
        break_something(dice, &mut asked);
    }
    (asked, now)
}

fn link(
    dice: &mut Dice,
    history: &[Happened],
    partner: &decide::PartnerId,
    power: &Power,
) -> Option<Connection> {
    if dice.chance(
        if power.reach == Reach::Directory {
            3
        } else {
            0
        },
        4,
    ) || dice.chance(1, 16)
    {
        return None;
    }
    let all: Vec<_> = history
        .iter()
        .filter_map(|it| match &it.event {
            Event::Connected { connection } => Some(connection),
            _ => None,
        })
        .collect();
    let theirs: Vec<_> = all
        .iter()
        .filter(|link| link.partner == *partner)
        .copied()
        .collect();
    let from = if dice.chance(15, 16) { theirs } else { all };
    dice.one(&from).map(|link| (*link).clone())
}

fn draws(dice: &mut Dice, all: &[(decide::PartnerId, Power)]) -> Vec<Draw> {
    let mut draws = Vec::new();
    for (_, power) in all.iter().filter(|(_, power)| power.frequency.is_some()) {
        if dice.chance(7, 8) {
            draws.push(Draw {
                power: power.id(),
                ordinal: dice.pick(&[0, 1, 1, 1, 2, 2, 2, 3]),
            });
        }
    }
    draws
}

fn clock(dice: &mut Dice, history: &[Happened]) -> (Now, Time) {
    let last = history.last().map_or(cast::BEGINNING, |it| it.at);
    let at = match dice.below(32) {
        0 => return (Now::WentBack, last),
        1 => return (Now::JumpedAhead, last),
        2 => Time(last.0 - 5_001),
        3 => Time(last.0 - 5_000),
        4 => Time(last.0 - 1),
        5..=9 => last.plus(Days(1 + dice.below(30) as u32)),
        10..=11 => last.plus(Days(30 + dice.below(70) as u32)),
        _ => last,
    };
    (Now::At(at), at)
}

fn add_datum(dice: &mut Dice, asked: Asked, power: &Power, connected: PersonNo, at: Time) -> Asked {
    let category = if dice.chance(15, 16) {
        power.category.clone()
    } else {
        event::power(dice).category
    };
    let mut people = Vec::new();
    for _ in 0..dice.pick(&[0, 1, 1, 1, 1, 1, 1, 2, 2, 3, 5]) {
        people.push(subject(dice, power, connected));
    }
    let made = match dice.below(8) {
        0 => None,
        1 => Some(Time(
            at.0 + dice.pick(&[1, 3_600_000, 3_600_001, 90_000_000]),
        )),
        2 => Some(Time(at.minus(Days(10)).0 - dice.pick(&[0, 1]))),
        _ => Some(at.minus(Days(dice.below(14) as u32))),
    };
    asked.datum_of(&category, &people, made)
}

fn subject(dice: &mut Dice, power: &Power, connected: PersonNo) -> (Who, Reach) {
    if dice.chance(1, 24) {
        return (Who::Unresolved, power.reach.clone());
    }
    let to_own = if power.reach == Reach::Own { 7 } else { 2 };
    if dice.chance(to_own, 8) {
        let reach = if dice.chance(3, 4) {
            Reach::Own
        } else {
            power.reach.clone()
        };
        return (Who::Known(connected), reach);
    }
    let who = PersonNo(dice.pick(&[0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 99]));
    let reach = if dice.chance(15, 16) {
        power.reach.clone()
    } else {
        event::power(dice).reach
    };
    (Who::Known(who), reach)
}

/// What a careless caller could hand in: an index or a range that points nowhere.
#[expect(clippy::reversed_empty_ranges, reason = "that is the point")]
fn break_something(dice: &mut Dice, asked: &mut Asked) {
    match dice.below(4) {
        0 => asked.data[0].category = 99,
        1 => asked.data[0].subjects = 0..1_000,
        2 => asked.data[0].subjects = 2..1,
        _ => {
            if let Some(subject) = asked.subjects.first_mut() {
                subject.reach = 99;
            }
        }
    }
}
