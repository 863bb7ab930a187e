//! Documents that are taken in as they are, byte for byte: agreements, signatures, promises, policy, notices.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use decide::{Event, Promise, Time};
use register::Change;
use serde::Deserialize;

use super::act::{self, Outcome};
use crate::gateway::Gateway;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notice {
    language: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Weakened {
    to: Option<Promise>,
    effective: Time,
}

/// A version of an agreement is offered; the body is its YAML.
pub(super) async fn agreement(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let document = act::text(&body)?;
    act::change(&gateway, &headers, Change::OfferAgreement { document }).await
}

/// An officer's signature over an offered version; the body is a JWS in compact form.
pub(super) async fn signature(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let jws = act::text(&body)?.trim().to_owned();
    act::change(&gateway, &headers, Change::SignAgreement { jws }).await
}

/// A promise in public; the body is its YAML.
pub(super) async fn promise(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let document = act::text(&body)?;
    act::change(&gateway, &headers, Change::MakePromise { document }).await
}

/// A promise is weakened, in public, 30 days from now at the earliest.
pub(super) async fn weaken(
    State(gateway): State<Arc<Gateway>>,
    Path(promise): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let promise = act::name(&promise)?;
    let Weakened { to, effective } = act::json(&body)?;
    act::fact(
        &gateway,
        &headers,
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
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let document = act::text(&body)?;
    act::change(&gateway, &headers, Change::SetPolicy { document }).await
}

/// A notice text that consents can name by its SHA-256.
pub(super) async fn notice(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Bytes,
) -> Outcome {
    let Notice { language, text } = act::json(&body)?;
    act::change(&gateway, &headers, Change::PublishNotice { language, text }).await
}
