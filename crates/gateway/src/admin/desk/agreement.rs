//! One agreement: what it grants, what the platform gets, what stands against it, and what each decision would do.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use decide::{AgreementId, Digest, Facts, Party, Reach, Reason, StaffId, Time};
use register::documents::agreement::{self, Agreement};
use register::documents::promise;
use register::signature::conflicts;
use register::{Book, Draft, Offered, Verdict};

use super::overview::{self, State as Stands};
use super::session::Visit;
use super::{Frame, as_text};
use crate::admin::door::Caller;
use crate::admin::effect::{self, Decision, Effect};
use crate::config::Role;
use crate::gateway::Gateway;
use crate::person::words;

#[derive(Template)]
#[template(path = "steward/agreement.html")]
struct Page<'a> {
    frame: Frame<'a>,
    id: &'a AgreementId,
    partner: String,
    stands: Stands,
    may: May,
    draft: Option<Drafted>,
    offered: Option<Unsigned>,
    governing: Option<Version>,
    /// What could be decided about what governs.
    stop: Option<Told>,
    resume: Option<Told>,
    versions: Vec<Past>,
}

/// What the visitor may do here. The door asks again; this is only what is shown.
struct May {
    steward: bool,
    reviewer: bool,
    stops: bool,
}

/// What a version says.
struct Version {
    number: u32,
    in_return: String,
    role: &'static str,
    term: String,
    powers: Vec<PowerLine>,
}

struct PowerLine {
    what: String,
    in_words: String,
    more: String,
    /// Why it cannot be used now, where it cannot.
    against: String,
    lapses: String,
}

struct Drafted {
    version: Version,
    digest: Digest,
    by: StaffId,
    at: Time,
    state: Stands,
    note: Option<(StaffId, String)>,
    approved: bool,
    sent_back: bool,
    /// Whether the visitor drafted any text of it, and so cannot review it.
    own: bool,
    against: Vec<Against>,
    told: Option<Told>,
}

/// A version that waits for a signature.
struct Unsigned {
    version: Version,
    partner: decide::PartnerId,
    digest: Digest,
    lacks: &'static str,
    by_platform: bool,
    officers: String,
    against: Vec<Against>,
    told: Option<Told>,
}

/// A promise that covers powers of it, with its words.
struct Against {
    promise: String,
    made: String,
    summary: String,
    address: String,
    forbids: bool,
    powers: Vec<String>,
}

/// What a decision would do, in sentences.
struct Told {
    sentence: String,
    lines: Vec<effect::Line>,
    at_most: bool,
}

/// A version and who had a hand in it.
struct Past {
    number: u32,
    offered: String,
    hands: String,
    signatures: String,
}

/// Shows it.
pub(super) async fn show(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    visit: Visit,
) -> Response {
    let book = gateway.register.book();
    let Some(id) = id.parse().ok().filter(|id| is_known(&book, id)) else {
        return visit.nothing("There is no agreement of this name.");
    };
    let now = gateway.clock.about_now();
    let counting = (gateway.clone(), AgreementId::clone(&id));
    // It walks over all connections: on a thread of its own, so that nobody who is served waits.
    let counted =
        tokio::task::spawn_blocking(move || effect::of(&counting.0, &counting.1, now)).await;
    let mut effects = counted.unwrap_or_default();
    let mut take = |decision| {
        let place = effects.iter().position(|it| it.decision == decision)?;
        Some(told(effects.swap_remove(place)))
    };
    let (sign, stop, resume) = (
        take(Decision::Sign),
        take(Decision::Stop),
        take(Decision::Resume),
    );
    let facts = gateway.register.facts();
    let versions = book.agreements.get(&id).map_or(&[][..], Vec::as_slice);
    let latest = versions.last();
    let unsigned = latest.filter(|latest| overview::lacks(latest).is_some());
    let draft = book.drafts.get(&id);
    let (of_draft, of_offer) = match draft {
        Some(_) => (sign, None),
        None => (None, sign),
    };
    let stands = facts.stands(&id, now);
    let over = stands.is_some_and(|stands| stands.ended);
    visit.page(&Page {
        frame: visit.frame(id.as_str()),
        partner: partner(&book, draft, latest),
        stands: overview::state(stands, latest.map(|latest| &**latest)),
        may: May::of(&visit.caller, over),
        draft: draft.and_then(|draft| drafted(&book, draft, &visit.caller, of_draft, now)),
        offered: unsigned.and_then(|offered| waiting(&book, offered, of_offer, now)),
        governing: governing(&book, facts, &id, now),
        stop,
        resume,
        versions: versions.iter().rev().map(|it| past(it)).collect(),
        id: &id,
    })
}

fn is_known(book: &Book, id: &AgreementId) -> bool {
    book.agreements.contains_key(id) || book.drafts.contains_key(id)
}

impl May {
    fn of(caller: &Caller, over: bool) -> Self {
        let steward = caller.is(Role::Steward) && !over;
        Self {
            steward,
            reviewer: caller.is(Role::Reviewer),
            stops: steward || caller.is(Role::Operator) && !over,
        }
    }
}

fn partner(book: &Book, draft: Option<&Arc<Draft>>, latest: Option<&Arc<Offered>>) -> String {
    let of_draft = draft.map(|draft| &draft.offer.partner);
    let id = latest.map(|it| &it.offer.partner).or(of_draft);
    let known = id.and_then(|id| book.partners.get(id));
    known.map_or_else(String::new, |known| known.name.clone())
}

fn version(document: &Agreement) -> Version {
    Version {
        number: document.version,
        in_return: document.in_return.clone(),
        role: words::role(document.claimed_role),
        term: format!("{} to {}", document.term.from, document.term.until),
        powers: document.powers.iter().map(line).collect(),
    }
}

fn line(granted: &agreement::Granted) -> PowerLine {
    let power = &granted.power;
    let purpose = words::spelled(power.purpose.as_str());
    let whom = of_whom(&power.reach);
    let needed = if granted.needed {
        "needed"
    } else {
        "can be refused"
    };
    PowerLine {
        what: format!("{} of {whom}, for {purpose}", words::act(power)),
        in_words: granted.in_words.clone(),
        more: format!(
            "{}; for {}, {needed}",
            words::limits(power),
            granted.feature
        ),
        against: String::new(),
        lapses: String::new(),
    }
}

/// Whom a reach means, to those at the platform.
fn of_whom(reach: &Reach) -> String {
    match reach {
        Reach::Own => "whoever connects it",
        Reach::Friend => "their friends",
        Reach::FriendOfFriend => "their friends' friends",
        Reach::Participant => "people in their conversations",
        Reach::Contact => "people in their contact books",
        Reach::Directory => "people in the directory",
        Reach::Named(name) => return format!("people reached as {}", words::spelled(name)),
    }
    .to_owned()
}

fn drafted(
    book: &Book,
    draft: &Draft,
    caller: &Caller,
    told: Option<Told>,
    now: Time,
) -> Option<Drafted> {
    let document = agreement::parse("draft", &draft.document.text).ok()?;
    let review = draft.review.as_ref();
    Some(Drafted {
        version: version(&document),
        digest: draft.document.digest,
        by: draft.by.clone(),
        at: draft.at,
        state: overview::state_of_draft(draft),
        note: review.map(|review| (review.by.clone(), review.note.clone())),
        approved: draft.approved(),
        sent_back: review.is_some_and(|review| review.verdict == Verdict::SentBack),
        own: caller
            .name
            .as_ref()
            .is_none_or(|name| draft.authors.contains(name)),
        against: against(book, &draft.offer, now),
        told,
    })
}

fn waiting(book: &Book, offered: &Offered, told: Option<Told>, now: Time) -> Option<Unsigned> {
    let document = agreement::parse("agreement", &offered.document.text).ok()?;
    let officers = document.signatories(Party::Platform).iter();
    let officers: Vec<String> = officers
        .map(|it| format!("{} ({}, {})", it.officer, it.name, it.title))
        .collect();
    Some(Unsigned {
        version: version(&document),
        partner: offered.offer.partner.clone(),
        digest: offered.document.digest,
        lacks: overview::lacks(offered)?,
        by_platform: offered.signed_by(Party::Platform),
        officers: officers.join(", "),
        against: against(book, &offered.offer, now),
        told,
    })
}

/// The promises that cover a power of it, with what they say in public.
fn against(book: &Book, offer: &decide::AgreementVersion, now: Time) -> Vec<Against> {
    let each = conflicts(offer, book, now).into_iter().map(|conflict| {
        let kept = book.promises.get(&conflict.promise);
        let document = kept.and_then(|kept| promise::parse("promise", &kept.document.text).ok());
        let (made, summary, address) = document.map_or_else(Default::default, |document| {
            (
                document.made.to_string(),
                document.summary,
                document.address,
            )
        });
        Against {
            promise: conflict.promise.to_string(),
            made,
            summary,
            address,
            forbids: conflict.forbids,
            powers: conflict.powers,
        }
    });
    each.collect()
}

fn governing(book: &Book, facts: &Facts, id: &AgreementId, now: Time) -> Option<Version> {
    let offered = book.version(id, facts.governing(id, now)?)?;
    let document = agreement::parse("agreement", &offered.document.text).ok()?;
    let mut version = version(&document);
    for (line, governing) in version.powers.iter_mut().zip(facts.held_now(id, now)) {
        let against = governing.reasons.iter().map(why);
        line.against = against.collect::<Vec<_>>().join("; ");
        line.lapses = governing
            .lapses
            .map_or_else(String::new, |day| day.to_string());
    }
    Some(version)
}

fn why(reason: &Reason) -> String {
    match reason {
        Reason::Ended => "its term is over, or it was ended".to_owned(),
        Reason::Suspended => "suspended".to_owned(),
        Reason::HandedBack => "handed back by the partner".to_owned(),
        Reason::Lapsed => "lapsed: not used for too long".to_owned(),
        other => other.to_string(),
    }
}

fn told(effect: Effect) -> Told {
    let Effect {
        decision,
        lines,
        opens,
        closes,
        at_most,
        ..
    } = effect;
    let people = |n: u64| match n {
        0 => "nobody".to_owned(),
        1 => "1 person".to_owned(),
        n => format!("{n} people"),
    };
    let most = if at_most { "at most " } else { "" };
    let opens = match opens {
        0 => "opens for nobody".to_owned(),
        n => format!("opens for {most}{}", people(n)),
    };
    let closes = match closes {
        0 => "closes for nobody".to_owned(),
        n => format!("closes for {most}{}", people(n)),
    };
    let sentence = match decision {
        Decision::Sign => format!("{opens}, {closes}"),
        Decision::Stop => closes,
        Decision::Resume => opens,
    };
    Told {
        sentence,
        lines,
        at_most,
    }
}

fn past(offered: &Offered) -> Past {
    let mut hands = Vec::new();
    if let Some(draft) = &offered.prepared {
        hands.push(format!("drafted by {}", draft.by));
        let review = draft.review.as_ref();
        hands.extend(review.map(|review| format!("approved by {}", review.by)));
    }
    hands.extend(
        offered
            .offered_by
            .as_ref()
            .map(|by| format!("offered by {by}")),
    );
    let signatures = offered.signatures.iter().map(|signed| {
        let side = match signed.by {
            Party::Platform => "the platform",
            Party::Partner => "the partner",
        };
        format!("{} for {side} on {}", signed.officer, signed.at)
    });
    Past {
        number: offered.offer.version,
        offered: offered.at.to_string(),
        hands: hands.join(", "),
        signatures: signatures.collect::<Vec<_>>().join("; "),
    }
}

/// The exact text of a version that was offered.
pub(super) async fn document(
    State(gateway): State<Arc<Gateway>>,
    Path((id, number)): Path<(String, u32)>,
    visit: Visit,
) -> Response {
    let book = gateway.register.book();
    let offered = id.parse().ok().and_then(|id| book.version(&id, number));
    match offered {
        Some(offered) => as_text(&format!("{id}-{number}"), &offered.document.text),
        None => visit.nothing("There is no such version."),
    }
}
