//! The promises as a report lists them.

use decide::{Event, Form, Promise, PromiseId, Time};

use crate::facts::Material;
use crate::judge::MonthRows;
use crate::report::PromiseLine;

/// A line for each promise, with the rows against it over all months.
pub(crate) fn lines(
    material: &Material,
    months: &[MonthRows],
    order: &[PromiseId],
) -> Vec<PromiseLine> {
    let made = material.standing.iter().filter_map(|it| match &it.event {
        Event::PromiseMade { promise } => Some((it.at, promise)),
        _ => None,
    });
    made.filter_map(|(at, promise)| line(material, months, order, at, promise))
        .collect()
}

fn line(
    material: &Material,
    months: &[MonthRows],
    order: &[PromiseId],
    at: Time,
    promise: &Promise,
) -> Option<PromiseLine> {
    let number = order.iter().position(|id| *id == promise.promise)?;
    let (from, until) = match promise.form {
        Form::Dated { from, until } => (from.unwrap_or(at), until),
        Form::Absolute | Form::UnlessConsented | Form::NotJudgeable => (at, None),
    };
    let given_up = material.standing.iter().find_map(|it| match &it.event {
        Event::PromiseWeakened {
            promise: id,
            to: None,
            effective,
        } if *id == promise.promise => Some(*effective),
        _ => None,
    });
    let until = [until, given_up].into_iter().flatten().min();
    Some(PromiseLine {
        words: material.words.get(&promise.promise)?.clone(),
        form: promise.form,
        scope: promise.scope.clone(),
        from,
        until,
        accesses: months
            .iter()
            .filter_map(|rows| rows.against.get(number))
            .sum(),
    })
}
