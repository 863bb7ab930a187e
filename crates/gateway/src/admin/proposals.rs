//! Proposals of promises, answered by a steward.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use decide::{Day, Digest, PromiseId, Time};
use register::{Answer, Change, Proposed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::act::{self, Outcome, Problem};
use super::door::Asking;
use crate::gateway::Gateway;

/// All proposals.
#[derive(Serialize, JsonSchema)]
pub(super) struct Proposals {
    proposals: Vec<One>,
}

/// A proposal, with its answer if there is one.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Proposal")]
struct One {
    /// SHA-256 of it: its receipt.
    #[schemars(with = "String")]
    digest: Digest,
    #[schemars(with = "String", extend("format" = "date-time"))]
    at: Time,
    wording: String,
    address: String,
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    made: Option<Day>,
    #[schemars(with = "Option<AnswerForm>")]
    answer: Option<Answer>,
}

/// An answer, as it is written.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Answer")]
#[expect(dead_code, reason = "only its form is used, by the API's document")]
enum AnswerForm {
    /// The promise that it became; make that first.
    Accepted(String),
    /// Why not, in public.
    Rejected(String),
}

/// An answer to be given.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AnswerGiven")]
pub(super) struct Given {
    #[schemars(with = "AnswerForm")]
    answer: Answer,
    /// Whether the proposal's words are shown in public with it. Not where they are about a person, or may not be repeated.
    shown: bool,
}

/// Lists them, the oldest first.
pub(super) async fn list(State(gateway): State<Arc<Gateway>>) -> Json<Proposals> {
    let book = gateway.register.book();
    let mut all: Vec<(&Digest, &Arc<Proposed>)> = book.proposals.iter().collect();
    all.sort_by_key(|(digest, proposed)| (proposed.at, **digest));
    let proposals = all.into_iter().map(|(digest, proposed)| One {
        digest: *digest,
        at: proposed.at,
        wording: proposed.proposal.wording.clone(),
        address: proposed.proposal.address.clone(),
        made: proposed.proposal.made,
        answer: proposed.answered.as_ref().map(|it| it.answer.clone()),
    });
    Json(Proposals {
        proposals: proposals.collect(),
    })
}

/// Answers one, in public.
pub(super) async fn answer(
    State(gateway): State<Arc<Gateway>>,
    Path(digest): Path<String>,
    asking: Asking,
    body: Bytes,
) -> Outcome {
    let digest: Digest = digest.parse().map_err(Problem::Body)?;
    let Given { answer, shown } = act::json(&body)?;
    let change = answered(&gateway, digest, answer, shown);
    act::change(&gateway, &asking, change).await
}

/// The change that gives an answer.
pub(super) fn answered(gateway: &Gateway, digest: Digest, answer: Answer, shown: bool) -> Change {
    let book = gateway.register.book();
    let proposed = book.proposals.get(&digest).filter(|_| shown);
    Change::AnswerProposal {
        digest,
        answer,
        shown: proposed.map(|proposed| proposed.proposal.clone()),
    }
}

/// The promise that a proposal could become, as a document to begin from.
pub(super) fn as_document(proposed: &Proposed, promise: &PromiseId) -> String {
    let made = proposed.proposal.made.unwrap_or(proposed.at.day());
    // Both are strangers' words: as JSON they are YAML strings, whatever is in them.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    format!(
        "promise: {promise}                  # never changes\nmade: {made}\nsummary: {}\naddress: {}\n\
         # absolute, unless-consented, dated (with from, until), or not-judgeable\nform: not-judgeable\n\
         scope:                            # a key that is left out covers everything of its kind\n  verbs: [read]\n",
        quoted(&proposed.proposal.wording),
        quoted(&proposed.proposal.address),
    )
}
