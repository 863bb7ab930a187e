//! Partners and their keys, and officers of both sides.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use decide::{OfficerId, PartnerId};
use register::{Change, Side};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::act::{self, Outcome, Problem};
use crate::gateway::Gateway;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolled {
    partner: PartnerId,
    name: String,
    jwks: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Officer {
    side: Side,
    officer: OfficerId,
    key: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoked {
    side: Side,
    officer: OfficerId,
}

/// A partner becomes known. It has no power by that.
pub(super) async fn enrol(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let Enrolled {
        partner,
        name,
        jwks,
    } = act::json(&body)?;
    let jwks = keys_of(jwks)?;
    act::change(
        &gateway,
        &headers,
        Change::EnrolPartner {
            partner,
            name,
            jwks,
        },
    )
    .await
}

/// A partner's whole new key set (JWKS).
pub(super) async fn keys(
    State(gateway): State<Arc<Gateway>>,
    Path(partner): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let partner = act::name(&partner)?;
    let jwks = keys_of(act::json(&body)?)?;
    act::change(&gateway, &headers, Change::PartnerKeys { partner, jwks }).await
}

/// An officer may sign from here on.
pub(super) async fn enrol_officer(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let Officer { side, officer, key } = act::json(&body)?;
    let key = keys_of(key)?;
    act::change(
        &gateway,
        &headers,
        Change::EnrolOfficer { side, officer, key },
    )
    .await
}

/// An officer signs with another key from here on.
pub(super) async fn rotate_officer(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let Officer { side, officer, key } = act::json(&body)?;
    let key = keys_of(key)?;
    act::change(
        &gateway,
        &headers,
        Change::RotateOfficerKey { side, officer, key },
    )
    .await
}

/// An officer may not sign any more.
pub(super) async fn revoke_officer(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let Revoked { side, officer } = act::json(&body)?;
    act::change(&gateway, &headers, Change::RevokeOfficer { side, officer }).await
}

/// A JWK or a JWKS. A private part in it is refused: the register keeps what it is given for good.
fn keys_of<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    let of_set = value.get("keys").and_then(Value::as_array);
    let each: Vec<&Value> = of_set.map_or_else(|| vec![&value], |keys| keys.iter().collect());
    if each
        .iter()
        .any(|key| key.get("d").is_some() || key.get("k").is_some())
    {
        return Err(Problem::Body(
            "a key in it is private or symmetric: send public keys only, and consider that one lost".to_owned(),
        ));
    }
    serde_json::from_value(value).map_err(|error| Problem::Body(error.to_string()))
}
