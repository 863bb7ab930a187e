//! What has to be renewed, power by power and purpose by purpose.
//!
//! A version that was drafted here runs for a year at most, and its term is the rule's own: when it is over, nothing
//! passes, and there is no way to extend it. To renew a power is to have it in the next version, which both sides sign;
//! unchanged, it keeps its id and everybody's consents.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use decide::{AgreementId, Day, Days, PowerId, Purpose, Time};
use register::Book;
use schemars::JsonSchema;
use serde::Serialize;

use super::act::{self, Problem};
use crate::gateway::Gateway;

/// So long before its end a power's renewal is due.
pub(super) const DUE: Days = Days(60);

/// Every power that governs, with when it ends.
#[derive(Serialize, JsonSchema)]
pub(super) struct Renewals {
    pub(super) renewals: Vec<Renewal>,
}

/// A power for a purpose, and when it ends unless it is renewed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Renewal {
    #[schemars(with = "String")]
    pub(super) agreement: AgreementId,
    pub(super) version: u32,
    #[schemars(with = "String")]
    pub(super) power: PowerId,
    /// What it is, for people.
    pub(super) what: String,
    #[schemars(with = "String")]
    pub(super) purpose: Purpose,
    /// The day on which the agreement's term is over, and the power with it.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(super) ends: Day,
    /// Whether it ends within 60 days and no signed version goes on with it.
    pub(super) due: bool,
    /// What is under way, or settled.
    pub(super) next: Next,
    /// The last day on which it was used; null: never.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) used: Option<Day>,
    /// The day on which it lapses if it is not used before.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub(super) lapses: Option<Day>,
    /// Whether it cannot be used now: lapsed, handed back, suspended, forbidden by a promise.
    pub(super) stopped: bool,
}

/// Whether a further version has the power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Next {
    /// No further version has it: it ends.
    Ends,
    /// A draft has it.
    Drafted,
    /// An offer that lacks a signature has it.
    Offered,
    /// A version that both have signed goes on with it.
    Renewed,
}

/// Lists them, those that end first first.
pub(super) async fn list(State(gateway): State<Arc<Gateway>>) -> Result<Json<Renewals>, Problem> {
    let now = act::moment(&gateway)?;
    let renewals = all(&gateway, now);
    Ok(Json(Renewals { renewals }))
}

/// All of them at this moment.
pub(super) fn all(gateway: &Gateway, now: Time) -> Vec<Renewal> {
    let book = gateway.register.book();
    let ids = book.agreements.keys();
    let mut all: Vec<Renewal> = ids.flat_map(|id| of(gateway, &book, id, now)).collect();
    all.sort_by(|a, b| (a.ends, &a.agreement, &a.what).cmp(&(b.ends, &b.agreement, &b.what)));
    all
}

fn of(gateway: &Gateway, book: &Book, id: &AgreementId, now: Time) -> Vec<Renewal> {
    let facts = gateway.register.facts();
    let over = |stands: decide::Stands| stands.ended || stands.run_out;
    let stands = facts.stands(id, now).filter(|stands| !over(*stands));
    let version = stands.and_then(|stands| stands.governing);
    let Some(governing) = version.and_then(|version| book.version(id, version)) else {
        return Vec::new();
    };
    let offer = &governing.offer;
    let ends = offer.term.until.day();
    let soon = ends <= now.day().plus(DUE);
    let powers = facts.held_now(id, now).into_iter();
    let lines = powers.map(|it| {
        let power = it.id;
        let next = next(book, id, offer.version, power);
        Renewal {
            agreement: id.clone(),
            version: offer.version,
            power,
            what: it.power.in_words(),
            purpose: it.power.purpose.clone(),
            ends,
            due: soon && next != Next::Renewed,
            next,
            used: it.used,
            lapses: it.lapses,
            stopped: !it.reasons.is_empty(),
        }
    });
    lines.collect()
}

fn next(book: &Book, id: &AgreementId, governing: u32, power: PowerId) -> Next {
    let has = |powers: &[decide::Power]| powers.iter().any(|it| it.id() == power);
    let later = book.agreements.get(id).into_iter().flatten();
    let later = later.filter(|it| it.offer.version > governing && has(&it.offer.powers));
    let mut best = match book.drafts.get(id) {
        Some(draft) if has(&draft.offer.powers) => Next::Drafted,
        _ => Next::Ends,
    };
    for offered in later {
        match super::desk::lacks(offered) {
            None => return Next::Renewed,
            Some(_) => best = Next::Offered,
        }
    }
    best
}
