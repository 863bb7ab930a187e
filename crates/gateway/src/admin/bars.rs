//! Bars: a person's own standing refusals.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use decide::{Bar, Event};
use serde::Deserialize;

use super::act::{self, Outcome};
use crate::gateway::Gateway;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    person: String,
    bar: Bar,
}

/// A person refuses from here on.
pub(super) async fn set(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let Asked { person, bar } = act::json(&body)?;
    let person = act::person(&gateway, &person)?;
    act::fact(&gateway, &headers, Event::BarSet { person, bar }).await
}

/// A person no longer refuses. Grants nothing by itself.
pub(super) async fn lift(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let Asked { person, bar } = act::json(&body)?;
    let person = act::person(&gateway, &person)?;
    act::fact(&gateway, &headers, Event::BarLifted { person, bar }).await
}
