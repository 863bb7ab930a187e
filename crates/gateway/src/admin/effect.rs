//! What a decision about an agreement would do to people: whose data opens or closes, and how many they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use decide::{
    AgreementId, AgreementVersion, PartnerId, Party, Power, PowerId, Reached, Reason, Time,
};
use register::Book;
use schemars::JsonSchema;
use serde::Serialize;

use super::act::{self, Problem};
use crate::gateway::Gateway;

/// Every decision that could be taken about an agreement now, each with what it would do.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Effects")]
pub(super) struct Told {
    #[schemars(with = "String")]
    agreement: AgreementId,
    decisions: Vec<Effect>,
}

/// What one decision would do.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Effect {
    /// The decision.
    pub(super) decision: Decision,
    /// The version that it is about.
    pub(super) version: u32,
    /// Every power that is there before or after.
    pub(super) lines: Vec<Line>,
    /// How many different people's data opens under powers that are not usable now; at most, where a line says so.
    pub(super) opens: u64,
    /// How many different people's data closes.
    pub(super) closes: u64,
    /// Whether one of the two numbers is only a bound.
    pub(super) at_most: bool,
}

/// A decision about an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Decision {
    /// Both sides have signed this version, and its term has begun.
    Sign,
    /// It is suspended or ended: the same today, one of them for good.
    Stop,
    /// It is resumed.
    Resume,
}

/// What becomes of one power.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "EffectOnPower")]
pub(super) struct Line {
    #[schemars(with = "String")]
    pub(super) power: PowerId,
    /// What it is, for people.
    pub(super) what: String,
    /// Whether it is usable now.
    pub(super) before: bool,
    /// Whether it is afterwards.
    pub(super) after: bool,
    /// How many people's data can leave under it while it is usable, as people's own word stands now.
    pub(super) people: u64,
    /// Whether that is only a bound: who is whose friend, or in which thread, stands in no register.
    pub(super) at_most: bool,
    /// People with a live connection that covers it.
    pub(super) connected: u64,
    /// People who have agreed to it themselves.
    pub(super) agreed: u64,
    /// Of those whom it would reach, the ones whose own bar stands against it.
    pub(super) barred: u64,
}

/// Tells all of it.
pub(super) async fn tell(
    State(gateway): State<Arc<Gateway>>,
    Path(agreement): Path<String>,
) -> Result<Json<Told>, Problem> {
    let agreement: AgreementId = act::name(&agreement)?;
    let now = act::moment(&gateway)?;
    let counting = agreement.clone();
    // It walks over all connections: on a thread of its own, so that nobody who is served waits.
    let counted = tokio::task::spawn_blocking(move || of(&gateway, &counting, now)).await;
    let decisions = counted.map_err(|error| Problem::Ledger(error.to_string()))?;
    Ok(Json(Told {
        agreement,
        decisions,
    }))
}

/// What could be decided about an agreement now, and what it would do.
pub(super) fn of(gateway: &Gateway, agreement: &AgreementId, now: Time) -> Vec<Effect> {
    let facts = gateway.register.facts();
    let book = gateway.register.book();
    let stands = facts.stands(agreement, now);
    if stands.is_some_and(|stands| stands.ended) {
        return Vec::new();
    }
    let governing = facts.held_now(agreement, now);
    let usable_but = |ignored: Option<&Reason>| {
        let open = governing.iter().filter(|it| {
            let mut reasons = it.reasons.iter();
            reasons.all(|reason| Some(reason) == ignored)
        });
        open.map(|it| it.power.clone()).collect::<Vec<Power>>()
    };
    let before = usable_but(None);
    let mut effects = Vec::new();
    let suspended = stands.is_some_and(|stands| stands.suspended);
    if let Some(offer) = unsigned(&book, agreement) {
        // While it is suspended a signature opens nothing; resuming does.
        let nothing: &[Power] = &[];
        let after = if suspended {
            nothing
        } else {
            offer.powers.as_slice()
        };
        let to = (Decision::Sign, offer.version);
        let sides = (before.as_slice(), after);
        effects.push(effect(gateway, &offer.partner, to, sides, now));
    }
    let partner = book.agreements.get(agreement).and_then(|all| all.first());
    let version = stands.and_then(|stands| stands.governing);
    if let (Some(partner), Some(version)) = (partner.map(|it| &it.offer.partner), version) {
        let after = usable_but(Some(&Reason::Suspended));
        let (decision, after) = match suspended {
            true => (Decision::Resume, after),
            false => (Decision::Stop, Vec::new()),
        };
        let sides = (before.as_slice(), after.as_slice());
        effects.push(effect(gateway, partner, (decision, version), sides, now));
    }
    effects
}

/// The latest version that is not signed by both: a draft before an offer.
fn unsigned(book: &Book, agreement: &AgreementId) -> Option<AgreementVersion> {
    if let Some(draft) = book.drafts.get(agreement) {
        return Some(draft.offer.clone());
    }
    let latest = book.agreements.get(agreement)?.last()?;
    let signed = latest.signed_by(Party::Platform) && latest.signed_by(Party::Partner);
    (!signed).then(|| latest.offer.clone())
}

fn effect(
    gateway: &Gateway,
    partner: &PartnerId,
    (decision, version): (Decision, u32),
    (before, after): (&[Power], &[Power]),
    now: Time,
) -> Effect {
    let powers: BTreeSet<&Power> = before.iter().chain(after).collect();
    let powers: Vec<Power> = powers.into_iter().cloned().collect();
    let reached = gateway.register.facts().census(partner, &powers, now);
    let (mut lines, mut opening, mut closing) = (Vec::new(), Vec::new(), Vec::new());
    for (power, reached) in powers.iter().zip(&reached) {
        let (was, is) = (before.contains(power), after.contains(power));
        match (was, is) {
            (false, true) => opening.push(reached),
            (true, false) => closing.push(reached),
            _ => {}
        }
        lines.push(line(power, reached, was, is));
    }
    let bound = |all: &[&Reached]| all.iter().any(|it| it.bound && it.people() > 0);
    Effect {
        decision,
        version,
        lines,
        at_most: bound(&opening) || bound(&closing),
        opens: Reached::together(opening),
        closes: Reached::together(closing),
    }
}

fn line(power: &Power, reached: &Reached, before: bool, after: bool) -> Line {
    Line {
        power: power.id(),
        what: power.in_words(),
        before,
        after,
        people: reached.people(),
        at_most: reached.bound,
        connected: reached.connected,
        agreed: reached.agreed,
        barred: reached.barred,
    }
}
