//! An agreement's version as pages tell it, in plain words and in data: one value for both, so that they cannot differ.
//!
//! Whether something is in force is asked of the rule (`decide::Facts::held`) and never worked out here.

use std::sync::Arc;

use decide::{
    AgreementId, ClaimedRole, Day, Digest, Facts, Held, PartnerId, Party, Power, PowerId, Reach,
    Reason, Time,
};
use register::documents::agreement::{self, Agreement};
use register::{Book, Offered};
use serde::Serialize;

use crate::person::words;
use crate::refusals::of_reason;

/// One version.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Paper {
    pub(crate) agreement: AgreementId,
    pub(crate) version: u32,
    pub(crate) partner: PartnerId,
    /// SHA-256 of the exact document that the officers sign.
    pub(crate) digest: Digest,
    #[serde(flatten)]
    pub(crate) state: State,
    pub(crate) claimed_role: ClaimedRole,
    /// What the platform gets.
    pub(crate) in_return: String,
    pub(crate) from: Time,
    pub(crate) until: Time,
    /// When it was offered.
    pub(crate) offered: Day,
    pub(crate) signatures: Vec<Signature>,
    pub(crate) approvals: Vec<Approval>,
    pub(crate) powers: Vec<PowerTold>,
}

/// How something stands: a word that never changes, for programs, and the same for people.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct State {
    /// For programs.
    pub(crate) state: &'static str,
    /// For people.
    #[serde(rename = "state-in-words")]
    pub(crate) words: String,
}

/// A signature that the register holds.
#[derive(Debug, Serialize)]
pub(crate) struct Signature {
    pub(crate) by: Party,
    pub(crate) officer: String,
    /// The function that the document names; names of people are left out.
    pub(crate) title: String,
    pub(crate) at: Time,
}

#[derive(Debug, Serialize)]
pub(crate) struct Approval {
    pub(crate) by: String,
    pub(crate) on: Day,
}

/// One power of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct PowerTold {
    pub(crate) id: PowerId,
    pub(crate) power: Power,
    #[serde(flatten)]
    pub(crate) state: State,
    /// The names of everything that keeps it from being used, whoever the people are.
    pub(crate) against: Vec<&'static str>,
    /// "See email address: about friends of whoever connected it".
    pub(crate) what: String,
    /// What people are told about it.
    pub(crate) in_words: String,
    pub(crate) feature: String,
    pub(crate) needed: bool,
    /// Purpose, limits and legal basis, in a line.
    #[serde(skip)]
    pub(crate) more: String,
    pub(crate) usable_since: Option<Time>,
    pub(crate) last_used: Option<Day>,
    /// The first day on which it has lapsed, if nothing passes by it before.
    pub(crate) lapses: Option<Day>,
}

impl Paper {
    /// The version as it stands at this moment. `None`: its document cannot be read, which the register does not take in.
    pub(crate) fn of(facts: &Facts, offered: &Offered, at: Time) -> Option<Self> {
        let offer = &offered.offer;
        let document = agreement::parse("agreement", &offered.document.text).ok()?;
        let held = facts.held(&offer.agreement, offer.version, at);
        let powers = document.powers.iter().zip(&held).map(|(granted, held)| {
            let power = &granted.power;
            PowerTold {
                id: held.id,
                state: of_power(&held.reasons),
                against: held.reasons.iter().map(|it| of_reason(it).1).collect(),
                what: what(power),
                in_words: granted.in_words.clone(),
                feature: granted.feature.clone(),
                needed: granted.needed,
                more: more(power),
                usable_since: held.since,
                last_used: held.used,
                lapses: held.lapses.filter(|_| held.reasons.is_empty()),
                power: power.clone(),
            }
        });
        Some(Self {
            powers: powers.collect(),
            agreement: offer.agreement.clone(),
            version: offer.version,
            partner: offer.partner.clone(),
            digest: offer.digest,
            state: of_version(facts, offered, at),
            claimed_role: offer.claimed_role,
            in_return: document.in_return.trim().to_owned(),
            from: offer.term.from,
            until: offer.term.until,
            offered: offered.at.day(),
            signatures: signatures(offered, &document),
            approvals: approvals(&document),
        })
    }

    pub(crate) fn role(&self) -> &'static str {
        words::role(self.claimed_role)
    }
}

impl PowerTold {
    /// Whether giving it up would change anything.
    pub(crate) fn may_be_handed_back(&self) -> bool {
        !matches!(self.state.state, "ended" | "superseded" | "handed-back")
    }
}

impl State {
    /// The class of its mark on a page.
    pub(crate) fn tag(&self) -> &'static str {
        match self.state {
            "live" | "governs" => "ok",
            "unsigned" | "not-started" => "open",
            "forbidden" => "no",
            _ => "past",
        }
    }
}

fn state(state: &'static str, words: impl Into<String>) -> State {
    let words = words.into();
    State { state, words }
}

/// Every version that governs now, of whosever agreement.
pub(crate) fn governing<'a>(
    book: &'a Book,
    facts: &'a Facts,
    now: Time,
) -> impl Iterator<Item = &'a Arc<Offered>> {
    let all = book.agreements.keys();
    all.filter_map(move |id| book.version(id, facts.governing(id, now)?))
}

/// How a version stands, the most lasting first.
pub(crate) fn of_version(facts: &Facts, offered: &Offered, at: Time) -> State {
    let offer = &offered.offer;
    let stands = facts.stands(&offer.agreement, at);
    let suspended = stands.is_some_and(|stands| stands.suspended);
    let ended = stands.is_none_or(|stands| stands.ended);
    let governing = stands.and_then(|stands| stands.governing);
    if ended {
        return state("ended", "the agreement has been ended");
    }
    if offer.term.until <= at {
        return state("term-over", "its term is over");
    }
    if governing.is_some_and(|governing| governing > offer.version) {
        return state("superseded", "a newer version governs");
    }
    match (
        offered.signed_by(Party::Platform),
        offered.signed_by(Party::Partner),
    ) {
        (true, true) => {}
        (false, true) => return state("unsigned", "inert: the platform has not signed"),
        (true, false) => return state("unsigned", "inert: the partner has not signed"),
        (false, false) => return state("unsigned", "inert: nobody has signed"),
    }
    if suspended {
        return state("suspended", "suspended: nothing passes under it");
    }
    if governing == Some(offer.version) {
        return state("governs", "signed by both sides, and governs");
    }
    state(
        "not-started",
        "signed by both sides; its term has not begun",
    )
}

/// How a power stands: by whatever has to be undone first.
fn of_power(reasons: &[Reason]) -> State {
    let has = |wanted: &[Reason]| wanted.iter().any(|it| reasons.contains(it));
    if reasons.is_empty() {
        return state("live", "live");
    }
    let promised = reasons.iter().find_map(|reason| match reason {
        Reason::Promised(promise) => Some(promise),
        _ => None,
    });
    if has(&[Reason::Ended]) {
        return state("ended", "over");
    }
    if has(&[Reason::Superseded]) {
        return state("superseded", "superseded by a newer version");
    }
    if has(&[Reason::HandedBack]) {
        return state("handed-back", "handed back");
    }
    if has(&[Reason::NotSignedByPartner, Reason::NotSignedByPlatform]) {
        return state("unsigned", "inert: not signed by both sides");
    }
    if let Some(promise) = promised {
        return state("forbidden", format!("forbidden by promise {promise}"));
    }
    if has(&[Reason::Suspended]) {
        return state("suspended", "suspended");
    }
    if has(&[Reason::Lapsed]) {
        return state("lapsed", "lapsed from disuse");
    }
    if has(&[Reason::NotStarted]) {
        return state("not-started", "its term has not begun");
    }
    let words: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    state("refused", words.join("; "))
}

fn what(power: &Power) -> String {
    let act = words::act(power);
    let mut letters = act.chars();
    let first = letters.next().map(|letter| letter.to_uppercase());
    let act: String = first.into_iter().flatten().chain(letters).collect();
    format!("{act}: about {}", whom(&power.reach))
}

/// Whom a reach means, to somebody who is none of them.
fn whom(reach: &Reach) -> String {
    match reach {
        Reach::Own => "whoever has connected it",
        Reach::Friend => "their friends",
        Reach::FriendOfFriend => "friends of their friends",
        Reach::Participant => "people who are in a conversation with them",
        Reach::Contact => "people in their contact book",
        Reach::Directory => "people in the directory",
        Reach::Named(name) => return format!("people reached as {}", words::spelled(name)),
    }
    .to_owned()
}

fn more(power: &Power) -> String {
    let basis = match &power.legal_basis {
        decide::LegalBasis::Consent => "with the consent of everybody concerned".to_owned(),
        decide::LegalBasis::Other(term) => format!("legal basis: {term}, not consent"),
    };
    format!(
        "Purpose: {}; {}; {basis}.",
        words::spelled(power.purpose.as_str()),
        words::limits(power)
    )
}

fn signatures(offered: &Offered, document: &Agreement) -> Vec<Signature> {
    let all = offered.signatures.iter().map(|signed| {
        let mut officers = document.signatories(signed.by).iter();
        let officer = officers.find(|it| it.officer == signed.officer);
        Signature {
            by: signed.by,
            officer: signed.officer.to_string(),
            title: officer.map_or_else(String::new, |it| it.title.clone()),
            at: signed.at,
        }
    });
    all.collect()
}

impl Signature {
    /// For which side, in a word.
    pub(crate) fn side(&self) -> &'static str {
        match self.by {
            Party::Platform => "the platform",
            Party::Partner => "the partner",
        }
    }
}

fn approvals(document: &Agreement) -> Vec<Approval> {
    let all = document.approvals.iter().map(|approval| Approval {
        by: approval.by.clone(),
        on: approval.on,
    });
    all.collect()
}

/// All versions of the partner's agreements, the newest of each first.
pub(crate) fn versions<'b>(book: &'b Book, partner: &PartnerId) -> Vec<&'b Arc<Offered>> {
    let agreements = book.agreements.values();
    let theirs = agreements.flat_map(|versions| versions.iter().rev());
    theirs
        .filter(|offered| offered.offer.partner == *partner)
        .collect()
}

/// The powers of the partner's that are live, each once.
pub(crate) fn live(facts: &Facts, book: &Book, partner: &PartnerId, at: Time) -> Vec<Held> {
    let governing = versions(book, partner).into_iter().filter(|offered| {
        let offer = &offered.offer;
        facts.governing(&offer.agreement, at) == Some(offer.version)
    });
    let held = governing.flat_map(|it| facts.held(&it.offer.agreement, it.offer.version, at));
    let mut live: Vec<Held> = held.filter(|held| held.reasons.is_empty()).collect();
    live.sort_by_key(|held| held.id);
    live.dedup_by_key(|held| held.id);
    live
}
