//! Agreements that are suspended, resumed or ended, and powers that partners hand back.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use decide::{Event, PartnerId, PowerId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::act::{self, Outcome};
use super::door::Asking;
use crate::gateway::Gateway;

/// A power that its partner does not want any more.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HandedBack {
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    partner: PartnerId,
    #[schemars(with = "String", regex(pattern = "^[0-9a-f]{64}$"))]
    power: PowerId,
}

/// Nothing passes under the agreement until it is resumed.
pub(super) async fn suspend(
    State(gateway): State<Arc<Gateway>>,
    Path(agreement): Path<String>,
    asking: Asking,
) -> Outcome {
    let agreement = act::name(&agreement)?;
    act::fact(&gateway, &asking, Event::AgreementSuspended { agreement }).await
}

/// The agreement governs again.
pub(super) async fn resume(
    State(gateway): State<Arc<Gateway>>,
    Path(agreement): Path<String>,
    asking: Asking,
) -> Outcome {
    let agreement = act::name(&agreement)?;
    act::fact(&gateway, &asking, Event::AgreementResumed { agreement }).await
}

/// The agreement is over for good.
pub(super) async fn end(
    State(gateway): State<Arc<Gateway>>,
    Path(agreement): Path<String>,
    asking: Asking,
) -> Outcome {
    let agreement = act::name(&agreement)?;
    act::fact(&gateway, &asking, Event::AgreementEnded { agreement }).await
}

/// A partner gives a power up.
pub(super) async fn hand_back(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let HandedBack { partner, power } = act::json(&body)?;
    act::fact(&gateway, &asking, Event::PowerHandedBack { partner, power }).await
}
