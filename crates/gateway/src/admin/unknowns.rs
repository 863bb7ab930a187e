//! Writes, deletes and imports of which nobody knows what became: the list, and the operator's word about one.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::act::{self, Problem};
use super::door::Asking;
use crate::answer::unknowns::UnknownOne;
use crate::gateway::Gateway;

/// The longest note.
const LONGEST: usize = 2_000;

/// The list.
#[derive(Serialize, JsonSchema)]
pub(super) struct Unknowns {
    #[schemars(with = "Vec<UnknownForm>")]
    unknowns: Vec<UnknownOne>,
}

/// A write of which nobody knows what became.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Unknown")]
#[expect(dead_code, reason = "only its form is used, by the API's document")]
struct UnknownForm {
    /// The place of its intent in the ledger.
    index: u64,
    /// When it was decided (RFC 3339).
    at: String,
    partner: String,
    /// The `operationId` of the platform's document.
    operation: String,
    connection: Option<String>,
    /// What the platform got in its own idempotency header, if the configuration names one.
    sent_as: String,
}

/// Which one is known now.
#[derive(Serialize, JsonSchema)]
pub(super) struct Resolved {
    resolved: u64,
}

/// All of them, oldest first. Nothing of what was written is in it, and nobody's name: moment, partner, operation and the
/// place in the ledger.
pub(super) async fn list(State(gateway): State<Arc<Gateway>>) -> Result<Json<Unknowns>, Problem> {
    // The whole ledger is read: on a thread of its own, so that nobody who is served waits.
    let listed = tokio::task::spawn_blocking(move || gateway.unknowns()).await;
    let unknowns = listed.map_err(|error| Problem::Ledger(error.to_string()))??;
    Ok(Json(Unknowns { unknowns }))
}

/// `{"outcome": "done" | "not-done", "note": "…"}`: what an operator has found out about one.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FoundOut")]
pub(super) struct Word {
    /// What became of it.
    outcome: Found,
    /// How that was found out.
    note: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Found {
    Done,
    NotDone,
}

/// Takes the word in, as a further outcome entry.
pub(super) async fn resolve(
    State(gateway): State<Arc<Gateway>>,
    Path(index): Path<u64>,
    asking: Asking,
    body: Bytes,
) -> Result<Json<Resolved>, Problem> {
    let Word { outcome, note } = act::json(&body)?;
    if note.trim().is_empty() || note.len() > LONGEST {
        return Err(Problem::Body(format!(
            "`note` says how it was found out: expected 1 to {LONGEST} bytes of text"
        )));
    }
    // Who found it out belongs to how it was found out, and the ledger keeps both.
    let note = format!("{}: {note}", asking.caller.name());
    gateway
        .resolve(index, matches!(outcome, Found::Done), note)
        .await?;
    Ok(Json(Resolved { resolved: index }))
}
