//! Writes, deletes and imports of which nobody knows what became: the list, and the operator's word about one.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::act::{self, Problem};
use crate::gateway::Gateway;

/// The longest note.
const LONGEST: usize = 2_000;

/// All of them, oldest first. Nothing of what was written is in it, and nobody's name: moment, partner, operation and the
/// place in the ledger.
pub(super) async fn list(State(gateway): State<Arc<Gateway>>) -> Result<Json<Value>, Problem> {
    // The whole ledger is read: on a thread of its own, so that nobody who is served waits.
    let listed = tokio::task::spawn_blocking(move || gateway.unknowns()).await;
    let unknowns = listed.map_err(|error| Problem::Ledger(error.to_string()))??;
    Ok(Json(json!({ "unknowns": unknowns })))
}

/// `{"outcome": "done" | "not-done", "note": "…"}`: what an operator has found out about one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    outcome: Found,
    note: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Found {
    Done,
    NotDone,
}

/// Takes the word in, as a further outcome entry.
pub(super) async fn resolve(
    State(gateway): State<Arc<Gateway>>,
    Path(index): Path<u64>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    let Word { outcome, note } = act::json(&body)?;
    if note.trim().is_empty() || note.len() > LONGEST {
        return Err(Problem::Body(format!(
            "`note` says how it was found out: expected 1 to {LONGEST} bytes of text"
        )));
    }
    gateway
        .resolve(index, matches!(outcome, Found::Done), note)
        .await?;
    Ok(Json(json!({ "resolved": index })))
}
