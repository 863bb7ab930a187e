//! Documents that are taken in as they are, byte for byte: agreements, signatures, promises, policy, notices.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use decide::{Event, Promise, Time};
use register::Change;
use schemars::JsonSchema;
use serde::Deserialize;

use super::act::{self, Outcome};
use super::door::Asking;
use super::drafts;
use crate::gateway::Gateway;

/// A notice.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Notice {
    /// Its language (BCP 47).
    language: String,
    /// The exact text.
    text: String,
}

/// What a promise becomes, and when.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Weakened {
    /// What holds then, as `{"promise": …, "form": …, "scope": {…}}`; null, written out: nothing.
    #[schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")]
    to: Option<Promise>,
    /// From when; at least 30 days from now.
    #[schemars(with = "String", extend("format" = "date-time"))]
    effective: Time,
}

/// A version of an agreement is offered; the body is its YAML.
pub(super) async fn agreement(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let document = act::text(&body)?;
    drafts::may_offer(&gateway, &document)?;
    act::change(&gateway, &asking, Change::OfferAgreement { document }).await
}

/// An officer's signature over an offered version; the body is a JWS in compact form.
pub(super) async fn signature(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let jws = act::text(&body)?.trim().to_owned();
    act::change(&gateway, &asking, Change::SignAgreement { jws }).await
}

/// A promise in public; the body is its YAML.
pub(super) async fn promise(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let document = act::text(&body)?;
    act::change(&gateway, &asking, Change::MakePromise { document }).await
}

/// A promise is weakened, in public, 30 days from now at the earliest.
pub(super) async fn weaken(
    State(gateway): State<Arc<Gateway>>,
    Path(promise): Path<String>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let promise = act::name(&promise)?;
    let Weakened { to, effective } = act::json(&body)?;
    act::fact(
        &gateway,
        &asking,
        Event::PromiseWeakened {
            promise,
            to,
            effective,
        },
    )
    .await
}

/// The platform's settings for the rule; the body is their YAML.
pub(super) async fn policy(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let document = act::text(&body)?;
    act::change(&gateway, &asking, Change::SetPolicy { document }).await
}

/// A notice text that consents can name by its SHA-256.
pub(super) async fn notice(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let Notice { language, text } = act::json(&body)?;
    act::change(&gateway, &asking, Change::PublishNotice { language, text }).await
}
