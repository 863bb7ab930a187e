//! `connection`, `consent`: about one person at a time, named by the platform's own id.

use decide::{Connection, Event, PartnerId, PowerId};
use http::Method;
use serde_json::json;

use super::{fact, person, take};
use crate::args;
use crate::door::Step;
use crate::exit::{Exit, Failure};
use crate::output::Format;

/// `connection add`, `connection end`
pub(crate) fn connection(args: &args::Connection, format: Format) -> Result<Exit, Failure> {
    match args {
        args::Connection::Add(args) => take(
            &args.door,
            &connect(args)?,
            format,
            "The person has connected the partner",
        ),
        args::Connection::End { connection, door } => {
            let step = Step::new(
                Method::POST,
                format!("/connections/{connection}/end"),
                "",
                |_| {
                    Ok(fact(Event::Disconnected {
                        connection: connection.clone(),
                    }))
                },
            )?;
            take(door, &step, format, "The connection has ended")
        }
    }
}

fn connect(args: &args::AddConnection) -> Result<Step<'_>, Failure> {
    let body = json!({
        "connection": args.connection,
        "person": args.person,
        "partner": args.partner,
        "powers": args.powers,
        "notice": args.notice,
        "until": args.until,
    });
    Step::new(Method::POST, "/connections", body.to_string(), |people| {
        let connection = Connection {
            connection: args.connection.clone(),
            person: person(people, &args.person)?,
            partner: args.partner.clone(),
            powers: args.powers.iter().copied().collect(),
            notice: args.notice,
            until: args.until,
        };
        Ok(fact(Event::Connected { connection }))
    })
}

/// `consent give`, `consent withdraw`
pub(crate) fn consent(args: &args::Consent, format: Format) -> Result<Exit, Failure> {
    match args {
        args::Consent::Give { of, notice, until } => {
            let body = json!({
                "people": [of.person],
                "partner": of.partner,
                "power": of.power,
                "notice": notice,
                "until": until,
            });
            let step = Step::new(Method::POST, "/consents", body.to_string(), |people| {
                Ok(fact(Event::ConsentGiven {
                    people: vec![person(people, &of.person)?],
                    partner: of.partner.clone(),
                    power: of.power,
                    notice: *notice,
                    until: *until,
                }))
            })?;
            take(&of.door, &step, format, "The person has consented")
        }
        args::Consent::Withdraw(of) => {
            let step = withdraw(&of.person, &of.partner, of.power)?;
            take(
                &of.door,
                &step,
                format,
                "Withdrawn; no later answer holds the person's data under that power",
            )
        }
    }
}

/// One person withdraws from one power of one partner.
pub(crate) fn withdraw<'a>(
    id: &'a str,
    partner: &'a PartnerId,
    power: PowerId,
) -> Result<Step<'a>, Failure> {
    let body = json!({ "person": id, "partner": partner, "power": power });
    Step::new(
        Method::POST,
        "/consents/withdraw",
        body.to_string(),
        move |people| {
            Ok(fact(Event::ConsentWithdrawn {
                person: person(people, id)?,
                partner: partner.clone(),
                power,
            }))
        },
    )
}
