//! Consents: given by people to one power of one partner, and withdrawn.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use decide::{Day, Event, NoticeHash, PartnerId, PowerId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::act::{self, Outcome};
use super::door::Asking;
use crate::gateway::Gateway;

/// People who consent.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ConsentGiven")]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    /// The platform's own ids.
    people: Vec<String>,
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    partner: PartnerId,
    #[schemars(with = "String", regex(pattern = "^[0-9a-f]{64}$"))]
    power: PowerId,
    /// SHA-256 of the text under which they agreed.
    #[schemars(with = "String", regex(pattern = "^[0-9a-f]{64}$"))]
    notice: NoticeHash,
    /// The day on whose beginning it expires.
    #[schemars(with = "String", extend("format" = "date"))]
    until: Day,
}

/// A person who withdraws.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ConsentWithdrawn")]
#[serde(deny_unknown_fields)]
pub(super) struct Withdrawn {
    /// The platform's own id.
    person: String,
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    partner: PartnerId,
    #[schemars(with = "String", regex(pattern = "^[0-9a-f]{64}$"))]
    power: PowerId,
}

/// People consent, each for themselves.
pub(super) async fn give(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
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
    act::fact(&gateway, &asking, event).await
}

/// A person withdraws. When this has answered, no later answer holds their data under the power.
pub(super) async fn withdraw(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let withdrawn: Withdrawn = act::json(&body)?;
    let event = Event::ConsentWithdrawn {
        person: act::person(&gateway, &withdrawn.person)?,
        partner: withdrawn.partner,
        power: withdrawn.power,
    };
    act::fact(&gateway, &asking, event).await
}
