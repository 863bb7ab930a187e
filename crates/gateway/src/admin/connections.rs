//! Connections: a person lets a partner act for them, and ends that.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use decide::{Connection, ConnectionId, Day, Event, NoticeHash, PartnerId, PowerId};
use serde::Deserialize;

use super::act::{self, Outcome};
use crate::gateway::Gateway;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    connection: ConnectionId,
    person: String,
    partner: PartnerId,
    powers: BTreeSet<PowerId>,
    notice: NoticeHash,
    until: Day,
}

/// A person connects a partner, with the powers that they agreed to, each on its own.
pub(super) async fn connect(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let asked: Asked = act::json(&body)?;
    let connection = Connection {
        person: act::person(&gateway, &asked.person)?,
        connection: asked.connection,
        partner: asked.partner,
        powers: asked.powers,
        notice: asked.notice,
        until: asked.until,
    };
    act::fact(&gateway, &headers, Event::Connected { connection }).await
}

/// The person ends a connection. Tokens that rest on it are refused from then on.
pub(super) async fn end(
    State(gateway): State<Arc<Gateway>>,
    Path(connection): Path<String>,
    headers: HeaderMap,
) -> Outcome {
    let connection = act::name(&connection)?;
    act::fact(&gateway, &headers, Event::Disconnected { connection }).await
}
