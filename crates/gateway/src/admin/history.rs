//! Who did what to the register.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use decide::{StaffId, Time};
use register::{Deed, Position};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::act::Problem;
use crate::gateway::Gateway;

/// How many entries are looked at for one page of history.
pub(super) const AT_ONCE: u64 = 300;

/// From where back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    pub(super) before: Option<u64>,
}

/// A page of history.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "History")]
pub(super) struct Told {
    /// The last first. Activity, use and people who join are left out.
    pub(super) deeds: Vec<One>,
    /// Where the page before this one begins, as `before`; null: there is none.
    pub(super) before: Option<u64>,
}

/// One change.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Deed")]
pub(super) struct One {
    /// How many entries the register held with it.
    pub(super) position: u64,
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) at: Time,
    /// Who of the staff; null: a person, a partner or the gateway itself.
    #[schemars(with = "Option<String>")]
    pub(super) by: Option<StaffId>,
    /// What was done, in words.
    pub(super) what: String,
    /// To what.
    pub(super) about: String,
}

/// Shows it.
pub(super) async fn tell(
    State(gateway): State<Arc<Gateway>>,
    Query(From { before }): Query<From>,
) -> Result<Json<Told>, Problem> {
    Ok(Json(page(&gateway, before).await?))
}

/// A page of it that ends below this position.
pub(super) async fn page(gateway: &Arc<Gateway>, before: Option<u64>) -> Result<Told, Problem> {
    let last = gateway.register.position().0;
    let last = before.map_or(last, |before| before.saturating_sub(1).min(last));
    let register = gateway.register.clone();
    // It reads the disk: on a thread of its own, so that nobody who is served waits.
    let read = tokio::task::spawn_blocking(move || register.deeds(Position(last), AT_ONCE)).await;
    let deeds = read
        .map_err(|error| Problem::History(error.to_string()))?
        .map_err(Problem::History)?;
    let first = last.saturating_sub(AT_ONCE);
    Ok(Told {
        deeds: deeds.into_iter().map(One::of).collect(),
        before: (first > 0).then_some(first.saturating_add(1)),
    })
}

impl One {
    fn of(deed: Deed) -> Self {
        One {
            position: deed.position.0,
            at: deed.at,
            by: deed.by,
            what: deed.what,
            about: deed.about,
        }
    }
}
