//! From what is asked to what is written: every check that must come before the log.

mod desk;
mod join;

use decide::{Event, Facts, Happened, PersonNo, StaffId, Time, Watch};
use jsonwebtoken::jwk::Jwk;
use ledger::Hash;
use ledger::entry::{Minute, Tag};

use crate::book::{Book, Document};
use crate::change::{Change, Side};
use crate::documents;
use crate::entry::{About, Asked, Body, Kind, PersonSlot};
use crate::error::Refused;
use crate::options::Fill;
use crate::signature;
use crate::state::State;

use desk::Desk;
pub(crate) use join::{PEOPLE_AT_MOST, unfit};

/// A change that has passed every check, ready to be sealed.
pub(crate) struct Prepared {
    pub(crate) kind: Kind,
    pub(crate) body: Body,
    pub(crate) about: About,
}

/// What is to be done about a change.
pub(crate) enum Step {
    /// It holds already.
    Nothing,
    /// It takes away what is gone already. Nothing is written, but its key is remembered as if it were: sent again later, it
    /// must not undo what came in between.
    Gone(Asked),
    Append(Box<Prepared>),
}

impl Asked {
    pub(crate) fn of(change: &Change) -> Result<Asked, Refused> {
        let bytes = serde_json::to_vec(change).map_err(|e| Refused::TooLarge(e.to_string()))?;
        let half = Hash::of(&bytes).0.first_chunk::<16>().copied();
        Ok(Asked(u128::from_be_bytes(half.unwrap_or_default())))
    }
}

/// Checks a change against everything that is known, and works out what it means for the facts.
pub(crate) fn prepare(
    state: &State,
    fill: &Fill,
    at: Time,
    by: Option<StaffId>,
    change: Change,
    asked: Asked,
) -> Result<Step, Refused> {
    let kind = Kind::of(&change);
    let at = clamped(&state.facts, at, kind);
    let book = state.book.load();
    let desk = Desk {
        book: &book,
        facts: &state.facts,
        at,
        by: by.as_ref(),
    };
    let (fact, change, slots) = match change {
        Change::Fact(event) => match fresh(state, at, event)? {
            Some(event) => (Some(event), None, None),
            None => return Ok(Step::Nothing),
        },
        Change::Join { ids } => {
            let (event, slots) = join::join(state, fill, &ids)?;
            (Some(event), None, Some(slots))
        }
        Change::RenewConsent {
            person,
            partner,
            power,
            notice,
            until,
        } => {
            // Here, where one change is taken in after the other, and nowhere earlier.
            if !state.facts.consents(person, &partner, power, at.day()) {
                return Err(Refused::NotGiven);
            }
            let people = vec![person];
            let given = Event::ConsentGiven {
                people,
                partner,
                power,
                notice,
                until,
            };
            (Some(given), None, None)
        }
        change => match desk::governs_nothing(&desk, &change)
            .unwrap_or_else(|| by_name(&book, at, &change))?
        {
            Meaning::HoldsAlready => return Ok(Step::Nothing),
            Meaning::Fact(event) => (Some(event), Some(change), None),
            Meaning::BookOnly => (None, Some(change), None),
        },
    };
    if let Some(event) = &fact {
        let event = event.clone();
        let happened = Happened { at, event };
        state.facts.check(&happened)?;
        // Whatever takes away may use the disk's last reserve and comes before others' withdrawals in the queue. Nobody
        // gets that for saying again what holds.
        if state.facts.already(&happened.event) {
            return Ok(Step::Gone(asked));
        }
    }
    let about = match slots {
        Some(slots) => About::Joining(slots),
        None => about(state, at, fact.as_ref())?,
    };
    let body = Body {
        at,
        asked,
        fact,
        change,
        by,
    };
    Ok(Step::Append(Box::new(Prepared { kind, body, about })))
}

/// Callers' moments may overtake each other by a little on the way here; a larger step back is refused by the fold. Not so
/// where something is taken away: nobody's withdrawal fails because it came late, or because a clock stepped back.
fn clamped(facts: &Facts, at: Time, kind: Kind) -> Time {
    match facts.latest() {
        Some(latest)
            if at < latest && (kind.takes_away() || latest.0 - at.0 <= Watch::CLAMPED_MS) =>
        {
            latest
        }
        _ => at,
    }
}

/// Lets events through that stand for themselves, each as often as it may be written: activity once a day a person,
/// use once a day a power.
fn fresh(state: &State, at: Time, event: Event) -> Result<Option<Event>, Refused> {
    match event {
        Event::PeopleJoined { .. } => {
            Err(Refused::OtherWay("Change::Join, with the platform's ids"))
        }
        Event::PartnerEnrolled { .. } => Err(Refused::OtherWay(
            "Change::EnrolPartner, with name and keys",
        )),
        Event::AgreementOffered { .. } => Err(Refused::OtherWay(
            "Change::OfferAgreement, with the document",
        )),
        Event::AgreementSigned { .. } => Err(Refused::OtherWay(
            "Change::SignAgreement, with the signature",
        )),
        Event::NoticePublished { .. } => {
            Err(Refused::OtherWay("Change::PublishNotice, with the text"))
        }
        Event::PromiseMade { .. } => {
            Err(Refused::OtherWay("Change::MakePromise, with the document"))
        }
        Event::PolicySet { .. } => Err(Refused::OtherWay("Change::SetPolicy, with the document")),
        Event::PeopleActive { mut people } => {
            people.sort_unstable();
            people.dedup();
            people.retain(|person| state.people.active_on(*person) != Some(at.day()));
            Ok((!people.is_empty()).then_some(Event::PeopleActive { people }))
        }
        Event::PowerUsed { partner, power } => {
            let used = state.marks().used_on(&partner, power) == Some(at.day());
            Ok((!used).then_some(Event::PowerUsed { partner, power }))
        }
        Event::ConsentGiven { ref people, .. } if people.is_empty() => Err(Refused::Nobody),
        Event::ConsentGiven { ref people, .. } if people.len() > PEOPLE_AT_MOST => {
            Err(Refused::TooMany {
                found: people.len(),
                limit: PEOPLE_AT_MOST,
            })
        }
        event => Ok(Some(event)),
    }
}

/// What a change by name, document or signature comes to.
#[expect(clippy::large_enum_variant, reason = "one at a time, for one call")]
enum Meaning {
    Fact(Event),
    BookOnly,
    HoldsAlready,
}

fn by_name(book: &Book, at: Time, change: &Change) -> Result<Meaning, Refused> {
    match change {
        Change::EnrolPartner { partner, .. } => Ok(Meaning::Fact(Event::PartnerEnrolled {
            partner: partner.clone(),
        })),
        Change::PartnerKeys { partner, .. } => match book.partners.get(partner) {
            Some(_) => Ok(Meaning::BookOnly),
            None => Err(decide::Invalid::UnknownPartner(partner.clone()).into()),
        },
        Change::EnrolOfficer { side, officer, key } => {
            check_key(book, side, key)?;
            match book
                .officer(side, officer)
                .and_then(|known| known.in_force())
            {
                None => Ok(Meaning::BookOnly),
                Some(_) => Err(Refused::OfficerKnown(officer.clone())),
            }
        }
        Change::RotateOfficerKey { side, officer, key } => {
            check_key(book, side, key)?;
            known(book, side, officer)
        }
        Change::RevokeOfficer { side, officer } => known(book, side, officer),
        Change::OfferAgreement { document } => {
            let offer = documents::agreement::parse("agreement", document)?.offer(document);
            Ok(Meaning::Fact(Event::AgreementOffered { offer }))
        }
        Change::SignAgreement { jws } => sign(book, at, jws),
        Change::MakePromise { document } => {
            let promise = documents::promise::parse("promise", document)?.promise;
            Ok(Meaning::Fact(Event::PromiseMade { promise }))
        }
        Change::SetPolicy { document } => {
            let policy = documents::policy::parse("policy", document)?;
            Ok(Meaning::Fact(Event::PolicySet { policy }))
        }
        Change::PublishNotice { text, .. } => {
            let notice = decide::NoticeHash(Document::of(text).digest.0);
            if book.notices.contains_key(&notice) {
                return Ok(Meaning::HoldsAlready);
            }
            Ok(Meaning::Fact(Event::NoticePublished { notice }))
        }
        Change::Fact(_)
        | Change::Join { .. }
        | Change::RenewConsent { .. }
        | Change::DraftAgreement { .. }
        | Change::ReviewDraft { .. }
        | Change::ProposePromise { .. }
        | Change::AnswerProposal { .. } => Err(Refused::OtherWay("the other path")),
    }
}

fn sign(book: &Book, at: Time, jws: &str) -> Result<Meaning, Refused> {
    let claims = signature::judge(jws, book, None, at)?;
    let version = book.version(&claims.agreement, claims.version);
    let twice = version.is_some_and(|offered| {
        let same = |signed: &crate::book::Signed| {
            signed.by == claims.party && signed.officer == claims.officer
        };
        offered.signatures.iter().any(same)
    });
    if twice {
        return Ok(Meaning::HoldsAlready);
    }
    Ok(Meaning::Fact(Event::AgreementSigned {
        agreement: claims.agreement,
        version: claims.version,
        digest: claims.digest,
        by: claims.party,
        officer: claims.officer,
    }))
}

/// An officer's key must be one that can sign here, and a partner's officer's one that the partner itself publishes.
fn check_key(book: &Book, side: &Side, key: &Jwk) -> Result<(), Refused> {
    signature::algorithm(key)?;
    let Side::Partner(partner) = side else {
        return Ok(());
    };
    let published = &book
        .partners
        .get(partner)
        .ok_or_else(|| decide::Invalid::UnknownPartner(partner.clone()))?
        .jwks;
    let same = |other: &Jwk| other.algorithm == key.algorithm;
    if published.keys.iter().any(same) {
        Ok(())
    } else {
        Err(Refused::ForeignKey(partner.clone()))
    }
}

fn known(book: &Book, side: &Side, officer: &decide::OfficerId) -> Result<Meaning, Refused> {
    match book
        .officer(side, officer)
        .and_then(|known| known.in_force())
    {
        Some(_) => Ok(Meaning::BookOnly),
        None => Err(Refused::OfficerUnknown(officer.clone())),
    }
}

/// Whom a fact concerns, as tags of its month. Activity is written without tags: a record of every person's days, even
/// under tags, would tell more than it proves.
fn about(state: &State, at: Time, fact: Option<&Event>) -> Result<About, Refused> {
    let people: &[PersonNo] = match fact {
        Some(Event::PeopleActive { .. }) => &[],
        Some(Event::ConsentGiven { people, .. }) => people,
        Some(
            Event::PersonLeft { person }
            | Event::ConsentWithdrawn { person, .. }
            | Event::BarSet { person, .. }
            | Event::BarLifted { person, .. },
        ) => &[*person],
        Some(Event::Connected { connection }) => &[connection.person],
        Some(Event::Disconnected { connection }) => {
            let connection = state.facts.connection(connection);
            &[connection.ok_or(Refused::Nobody)?.person]
        }
        _ => return Ok(About::Nobody),
    };
    let period = u32::try_from(at.0.div_euclid(60_000))
        .map_or(Minute(0), Minute)
        .period();
    let tag = |person: &PersonNo| -> Result<Tag, Refused> {
        let key = state.people.key(*person);
        let key = key.ok_or(decide::Invalid::UnknownPerson(person.0))?;
        Ok(key.tag_key().tag(period))
    };
    Ok(About::People(
        people.iter().map(tag).collect::<Result<_, _>>()?,
    ))
}
