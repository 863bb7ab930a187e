//! Partners and their keys, and officers of both sides.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use decide::{OfficerId, PartnerId};
use register::{Change, Side};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::act::{self, Outcome, Problem};
use super::door::Asking;
use crate::gateway::Gateway;

/// A partner to be known.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Partner")]
#[serde(deny_unknown_fields)]
pub(super) struct Enrolled {
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    partner: PartnerId,
    /// Its name, as people read it.
    name: String,
    /// Its public keys.
    #[schemars(with = "KeySet")]
    jwks: Value,
}

/// An officer with a key.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Officer {
    /// `"platform"`, or `{"partner": id}`.
    #[schemars(with = "SideForm")]
    side: Side,
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    officer: OfficerId,
    /// A public key (JWK): Ed25519 or P-256.
    #[schemars(with = "serde_json::Map<String, Value>")]
    key: Value,
}

/// An officer.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "OfficerRevoked")]
#[serde(deny_unknown_fields)]
pub(super) struct Revoked {
    /// `"platform"`, or `{"partner": id}`.
    #[schemars(with = "SideForm")]
    side: Side,
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    officer: OfficerId,
}

/// A set of public keys (JWKS, RFC 7517).
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its form is used, by the API's document")]
pub(super) struct KeySet {
    /// The keys.
    keys: Vec<serde_json::Map<String, Value>>,
}

/// On which side an officer stands, as it is written.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Side")]
#[expect(dead_code, reason = "only its form is used, by the API's document")]
enum SideForm {
    /// The platform.
    Platform,
    /// This partner.
    Partner(String),
}

/// A partner becomes known. It has no power by that.
pub(super) async fn enrol(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
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
        &asking,
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
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let partner = act::name(&partner)?;
    let jwks = keys_of(act::json(&body)?)?;
    act::change(&gateway, &asking, Change::PartnerKeys { partner, jwks }).await
}

/// An officer may sign from here on.
pub(super) async fn enrol_officer(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let Officer { side, officer, key } = act::json(&body)?;
    let key = keys_of(key)?;
    act::change(
        &gateway,
        &asking,
        Change::EnrolOfficer { side, officer, key },
    )
    .await
}

/// An officer signs with another key from here on.
pub(super) async fn rotate_officer(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let Officer { side, officer, key } = act::json(&body)?;
    let key = keys_of(key)?;
    act::change(
        &gateway,
        &asking,
        Change::RotateOfficerKey { side, officer, key },
    )
    .await
}

/// An officer may not sign any more.
pub(super) async fn revoke_officer(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let Revoked { side, officer } = act::json(&body)?;
    act::change(&gateway, &asking, Change::RevokeOfficer { side, officer }).await
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
