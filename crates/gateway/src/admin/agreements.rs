//! Agreements that are suspended, resumed or ended, and powers that partners hand back.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use decide::{Event, PartnerId, PowerId};
use serde::Deserialize;

use super::act::{self, Outcome};
use crate::gateway::Gateway;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HandedBack {
    partner: PartnerId,
    power: PowerId,
}

/// Nothing passes under the agreement until it is resumed.
pub(super) async fn suspend(
    State(gateway): State<Arc<Gateway>>,
    Path(agreement): Path<String>,
    headers: HeaderMap,
) -> Outcome {
    let agreement = act::name(&agreement)?;
    act::fact(&gateway, &headers, Event::AgreementSuspended { agreement }).await
}

/// The agreement governs again.
pub(super) async fn resume(
    State(gateway): State<Arc<Gateway>>,
    Path(agreement): Path<String>,
    headers: HeaderMap,
) -> Outcome {
    let agreement = act::name(&agreement)?;
    act::fact(&gateway, &headers, Event::AgreementResumed { agreement }).await
}

/// The agreement is over for good.
pub(super) async fn end(
    State(gateway): State<Arc<Gateway>>,
    Path(agreement): Path<String>,
    headers: HeaderMap,
) -> Outcome {
    let agreement = act::name(&agreement)?;
    act::fact(&gateway, &headers, Event::AgreementEnded { agreement }).await
}

/// A partner gives a power up.
pub(super) async fn hand_back(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let HandedBack { partner, power } = act::json(&body)?;
    act::fact(
        &gateway,
        &headers,
        Event::PowerHandedBack { partner, power },
    )
    .await
}
