//! Bars: a person's own standing refusals.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use decide::{Bar, Event};
use schemars::JsonSchema;
use serde::Deserialize;

use super::act::{self, Outcome};
use super::door::Asking;
use crate::gateway::Gateway;

/// A person and their own standing refusal.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "PersonAndBar")]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// The platform's own id.
    person: String,
    #[schemars(with = "BarForm")]
    bar: Bar,
}

/// A bar, as it is written.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Bar")]
#[expect(dead_code, reason = "only its form is used, by the API's document")]
enum BarForm {
    /// Nothing to any partner.
    Everything,
    /// Nothing through this reach.
    Through(String),
    /// Nothing to this partner.
    Partner(String),
    /// Global Privacy Control.
    GlobalPrivacyControl,
}

/// A person refuses from here on.
pub(super) async fn set(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let Asked { person, bar } = act::json(&body)?;
    let person = act::person(&gateway, &person)?;
    act::fact(&gateway, &asking, Event::BarSet { person, bar }).await
}

/// A person no longer refuses. Grants nothing by itself.
pub(super) async fn lift(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let Asked { person, bar } = act::json(&body)?;
    let person = act::person(&gateway, &person)?;
    act::fact(&gateway, &asking, Event::BarLifted { person, bar }).await
}
