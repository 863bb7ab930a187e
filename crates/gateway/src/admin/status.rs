//! How the gateway is: positions, checkpoints, clock, metrics.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use decide::Now;
use ledger::Log;
use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::server;

/// Positions, checkpoints and the clock, for an operator or a script.
pub(super) async fn status(State(gateway): State<Arc<Gateway>>) -> Json<Value> {
    let clock = match gateway.clock.now() {
        Now::At(time) => json!({ "believed": true, "time": time }),
        Now::WentBack => json!({ "believed": false, "why": "it went back" }),
        Now::JumpedAhead => {
            json!({ "believed": false, "why": "it jumped ahead; POST /clock/confirm if it is right" })
        }
    };
    Json(json!({
        "clock": clock,
        "people": gateway.register.people().len(),
        "register": of_log(gateway.register.log()),
        "ledger": of_log(&gateway.ledger),
        "tokens": gateway.tokens.len(),
    }))
}

fn of_log(log: &Log) -> Value {
    let (size, root) = log.tree();
    let published = log.published();
    json!({
        "entries": size,
        "root": root.to_base64(),
        "published": { "entries": published.size, "root": published.root.to_base64() },
        "failure": log.failure().map(|failure| failure.to_string()),
        "shortage": log.shortage().map(|shortage| shortage.to_string()),
        "ready-bytes": log.reserve(),
    })
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
        Json(json!({ "well": wrong.is_empty(), "wrong": wrong })),
    )
}

/// An operator has looked at the clock, and it is right.
pub(super) async fn confirm_clock(State(gateway): State<Arc<Gateway>>) -> Json<Value> {
    let time = gateway.clock.confirm();
    tracing::warn!(%time, "an operator confirmed the clock");
    Json(json!({ "time": time }))
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
