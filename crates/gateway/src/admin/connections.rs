//! Connections: a person lets a partner act for them, and ends that.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use decide::{Connection, ConnectionId, Day, Event, NoticeHash, PartnerId, PowerId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::act::{self, Outcome};
use super::door::Asking;
use crate::gateway::Gateway;

/// A connection.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Connection")]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    connection: ConnectionId,
    /// The platform's own id of who connects.
    person: String,
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    partner: PartnerId,
    /// Each that they agreed to.
    #[schemars(with = "Vec<String>", inner(regex(pattern = "^[0-9a-f]{64}$")))]
    powers: BTreeSet<PowerId>,
    /// SHA-256 of the text under which they agreed.
    #[schemars(with = "String", regex(pattern = "^[0-9a-f]{64}$"))]
    notice: NoticeHash,
    /// The day on whose beginning it ends.
    #[schemars(with = "String", extend("format" = "date"))]
    until: Day,
}

/// A person connects a partner, with the powers that they agreed to, each on its own.
pub(super) async fn connect(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
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
    act::fact(&gateway, &asking, Event::Connected { connection }).await
}

/// The person ends a connection. Tokens that rest on it are refused from then on.
pub(super) async fn end(
    State(gateway): State<Arc<Gateway>>,
    Path(connection): Path<String>,
    asking: Asking,
) -> Outcome {
    let connection = act::name(&connection)?;
    act::fact(&gateway, &asking, Event::Disconnected { connection }).await
}
