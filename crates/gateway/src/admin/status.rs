//! How the gateway is: positions, checkpoints, clock, metrics.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use decide::{Now, Time};
use ledger::Log;
use schemars::JsonSchema;
use serde::Serialize;

use super::door::Asking;
use crate::gateway::Gateway;
use crate::server;

/// How the gateway is.
#[derive(Serialize, JsonSchema)]
pub(super) struct Status {
    clock: ClockStatus,
    /// How many people the register ever took in.
    people: u32,
    register: LogStatus,
    ledger: LogStatus,
    /// Access tokens in force.
    tokens: usize,
}

/// What is believed about the present moment.
#[derive(Serialize, JsonSchema)]
struct ClockStatus {
    believed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    time: Option<Time>,
    /// Why it is not believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

/// How a log is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct LogStatus {
    /// Durable ones.
    entries: u64,
    /// Of the tree over them, in base64.
    root: String,
    published: Published,
    /// Why it has stopped.
    failure: Option<String>,
    /// Why it has no room.
    shortage: Option<String>,
    /// What lies ready for takings-away.
    ready_bytes: u64,
}

/// Up to where a log is published.
#[derive(Serialize, JsonSchema)]
struct Published {
    entries: u64,
    root: String,
}

/// Whether disclosures can be made.
#[derive(Serialize, JsonSchema)]
pub(super) struct Health {
    well: bool,
    /// Every reason why not.
    wrong: Vec<String>,
}

/// The moment that is believed from now on.
#[derive(Serialize, JsonSchema)]
pub(super) struct Confirmed {
    #[schemars(with = "String", extend("format" = "date-time"))]
    time: Time,
}

/// Positions, checkpoints and the clock, for an operator or a script.
pub(super) async fn status(State(gateway): State<Arc<Gateway>>) -> Json<Status> {
    let not_believed = |why| ClockStatus {
        believed: false,
        time: None,
        why: Some(why),
    };
    let clock = match gateway.clock.now() {
        Now::At(time) => ClockStatus {
            believed: true,
            time: Some(time),
            why: None,
        },
        Now::WentBack => not_believed("it went back"),
        Now::JumpedAhead => not_believed("it jumped ahead; POST /clock/confirm if it is right"),
    };
    Json(Status {
        clock,
        people: gateway.register.people().len(),
        register: of_log(gateway.register.log()),
        ledger: of_log(&gateway.ledger),
        tokens: gateway.tokens.len(),
    })
}

fn of_log(log: &Log) -> LogStatus {
    let (entries, root) = log.tree();
    let published = log.published();
    LogStatus {
        entries,
        root: root.to_base64(),
        published: Published {
            entries: published.size,
            root: published.root.to_base64(),
        },
        failure: log.failure().map(|failure| failure.to_string()),
        shortage: log.shortage().map(|shortage| shortage.to_string()),
        ready_bytes: log.reserve(),
    }
}

/// Whether disclosures can be made: 200, or 503 with every reason why not. For whoever restarts or calls somebody.
pub(super) async fn health(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    let mut wrong = Vec::new();
    for (name, log) in [
        ("ledger", &gateway.ledger),
        ("register", gateway.register.log()),
    ] {
        if let Some(failure) = log.failure() {
            wrong.push(format!("the {name} has stopped: {failure}"));
        }
        if let Some(shortage) = log.shortage() {
            wrong.push(format!("the {name} has no room: {shortage}"));
        }
    }
    match gateway.clock.now() {
        Now::At(_) => {}
        Now::WentBack => wrong.push("the clock went back".to_owned()),
        Now::JumpedAhead => {
            wrong.push("the clock jumped ahead; POST /clock/confirm if it is right".to_owned());
        }
    }
    let status = if wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(Health {
            well: wrong.is_empty(),
            wrong,
        }),
    )
}

/// An operator has looked at the clock, and it is right.
pub(super) async fn confirm_clock(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
) -> Json<Confirmed> {
    let time = gateway.clock.confirm();
    tracing::warn!(%time, by = asking.caller.name(), "an operator confirmed the clock");
    Json(Confirmed { time })
}

/// Everything measured, for Prometheus.
pub(super) async fn metrics(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    server::set_gauges(&gateway);
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    (
        [(header::CONTENT_TYPE, content_type)],
        gateway.metrics.text(),
    )
}
