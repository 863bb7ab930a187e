//! Drafts of agreements and their reviews by a second person.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use decide::{AgreementId, Digest, PartnerId, StaffId, Time};
use register::signature::{Conflict, conflicts};
use register::{Change, Draft, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::act::{self, Outcome, Problem};
use super::door::Asking;
use crate::gateway::Gateway;

/// What a second person says to a draft.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReviewGiven")]
pub(super) struct Judged {
    /// SHA-256 of the draft that was read.
    #[schemars(with = "String", regex(pattern = "^[0-9a-f]{64}$"))]
    digest: Digest,
    /// Whether it may be offered.
    #[schemars(with = "String", extend("enum" = ["approved", "sent-back"]))]
    verdict: Verdict,
    /// What is said to it; must say something where it is sent back.
    #[serde(default)]
    note: String,
}

/// All drafts.
#[derive(Serialize, JsonSchema)]
pub(super) struct Drafts {
    drafts: Vec<One>,
}

/// A draft.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Draft")]
struct One {
    #[schemars(with = "String")]
    agreement: AgreementId,
    version: u32,
    #[schemars(with = "String")]
    partner: PartnerId,
    /// SHA-256 of the exact text.
    #[schemars(with = "String")]
    digest: Digest,
    /// Who drafted this text.
    #[schemars(with = "String")]
    by: StaffId,
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Time,
    /// Everybody who drafted any text of this version: none of them can review it.
    #[schemars(with = "Vec<String>")]
    authors: Vec<StaffId>,
    review: Option<Reviewed>,
    /// Promises that cover a power of it. The platform cannot sign while one of them forbids.
    against: Vec<Against>,
    /// The exact text.
    document: String,
}

/// What a second person found.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Review")]
struct Reviewed {
    #[schemars(with = "String")]
    by: StaffId,
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Time,
    #[schemars(with = "String", extend("enum" = ["approved", "sent-back"]))]
    verdict: Verdict,
    note: String,
}

/// A promise that covers powers of a draft.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PromiseAgainst")]
struct Against {
    promise: String,
    /// Whether it forbids them outright.
    forbids: bool,
    powers: Vec<String>,
}

/// What is being prepared.
pub(super) async fn list(State(gateway): State<Arc<Gateway>>) -> Result<Json<Drafts>, Problem> {
    let now = act::moment(&gateway)?;
    let book = gateway.register.book();
    let drafts = book.drafts.values();
    let drafts = drafts.map(|draft| One::of(draft, conflicts(&draft.offer, &book, now)));
    Ok(Json(Drafts {
        drafts: drafts.collect(),
    }))
}

impl One {
    fn of(draft: &Draft, against: Vec<Conflict>) -> Self {
        let review = draft.review.as_ref();
        One {
            agreement: draft.offer.agreement.clone(),
            version: draft.offer.version,
            partner: draft.offer.partner.clone(),
            digest: draft.document.digest,
            by: draft.by.clone(),
            at: draft.at,
            authors: draft.authors.iter().cloned().collect(),
            review: review.map(|review| Reviewed {
                by: review.by.clone(),
                at: review.at,
                verdict: review.verdict,
                note: review.note.clone(),
            }),
            against: against
                .into_iter()
                .map(|conflict| Against {
                    promise: conflict.promise.to_string(),
                    forbids: conflict.forbids,
                    powers: conflict.powers,
                })
                .collect(),
            document: draft.document.text.clone(),
        }
    }
}

/// The next version of an agreement is drafted; the body is its YAML.
pub(super) async fn draft(
    State(gateway): State<Arc<Gateway>>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let document = act::text(&body)?;
    act::change(&gateway, &asking, Change::DraftAgreement { document }).await
}

/// A second person approves a draft or sends it back.
pub(super) async fn review(
    State(gateway): State<Arc<Gateway>>,
    Path(agreement): Path<String>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let agreement = act::name(&agreement)?;
    let Judged {
        digest,
        verdict,
        note,
    } = act::json(&body)?;
    let change = Change::ReviewDraft {
        agreement,
        digest,
        verdict,
        note,
    };
    act::change(&gateway, &asking, change).await
}

/// Whether this text may be offered. Where there is staff, only what one person has drafted and another has approved.
pub(super) fn may_offer(gateway: &Gateway, document: &str) -> Result<(), Problem> {
    if !gateway.staffed.has_staff() {
        return Ok(());
    }
    let digest = register::documents::agreement::digest(document.as_bytes());
    let book = gateway.register.book();
    let drafts = book.drafts.values();
    let offered = book.agreements.values().flatten();
    let approved = drafts
        .chain(offered.filter_map(|offered| offered.prepared.as_ref()))
        .any(|draft| draft.document.digest == digest && draft.approved());
    if approved {
        return Ok(());
    }
    Err(Problem::NotReviewed)
}
