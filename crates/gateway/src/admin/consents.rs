//! Consents: given by people to one power of one partner, and withdrawn.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use decide::{Day, Event, NoticeHash, PartnerId, PowerId};
use serde::Deserialize;

use super::act::{self, Outcome};
use crate::gateway::Gateway;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    people: Vec<String>,
    partner: PartnerId,
    power: PowerId,
    notice: NoticeHash,
    until: Day,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawn {
    person: String,
    partner: PartnerId,
    power: PowerId,
}

/// People consent, each for themselves.
pub(super) async fn give(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let given: Given = act::json(&body)?;
    let event = Event::ConsentGiven {
        people: act::people(&gateway, &given.people)?,
        partner: given.partner,
        power: given.power,
        notice: given.notice,
        until: given.until,
    };
    act::fact(&gateway, &headers, event).await
}

/// A person withdraws. When this has answered, no later answer holds their data under the power.
pub(super) async fn withdraw(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let withdrawn: Withdrawn = act::json(&body)?;
    let event = Event::ConsentWithdrawn {
        person: act::person(&gateway, &withdrawn.person)?,
        partner: withdrawn.partner,
        power: withdrawn.power,
    };
    act::fact(&gateway, &headers, event).await
}
