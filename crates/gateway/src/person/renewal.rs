//! What somebody agreed to as a bystander, renewed before it ends: one page for each partner and power.
//!
//! Nobody is asked to: it stands on their desk when it is near its end. Whoever connected the partner renews by connecting
//! again, and stands in none of this. A renewal is the same consent given again, under a text that is kept; it counts only
//! while the former one is in force when the register takes it in, so that no withdrawal is undone by a page that was open.

use askama::Template;
use decide::{Day, Days, LegalBasis, PartnerId, PersonNo, PowerId, Reach, Reason};
use http::{HeaderMap, Response, StatusCode};
use register::{Change, Notice};

use super::asked::{self, Asks};
use super::page::{Failure, html, message, see};
use super::screen::longest;
use super::session::Person;
use super::{DESK_PATH, RENEW_PATH, Visit, moments, standing, words};
use crate::asking::{Lacking, Said};
use crate::body::Body;
use crate::oauth::Form;

/// An end that is nearer than this is told of, and what ends so soon can be renewed.
pub(super) const SOON: Days = Days(30);

/// One consent, as the address names it. Whose it is the session says.
struct Place {
    partner: PartnerId,
    power: PowerId,
}

/// How a consent that is in force stands today towards being renewed.
pub(super) enum Stands {
    /// It can be.
    Renewable,
    /// Nothing passes by it now.
    Closed(Vec<Reason>),
    /// A yes of today would end no later.
    NoLonger,
    /// It is not near its end: from this day on it can be.
    Early(Day),
}

#[derive(Template)]
#[template(path = "renew.html")]
struct Page<'a> {
    style: &'a str,
    platform: &'a str,
    person: &'a str,
    token: &'a str,
    asks: &'a Asks,
    notice: String,
    /// When it ends as it is, and in how long.
    ends: String,
    left: String,
    /// When it ends with a yes.
    then: String,
    place: &'a Place,
}

/// Whether an address is that of such a page.
pub(super) fn is_there(path: &str) -> bool {
    let below = path.strip_prefix(RENEW_PATH);
    below.is_some_and(|below| below.starts_with('/'))
}

/// The page of one consent.
pub(super) fn address(partner: &PartnerId, power: PowerId) -> String {
    format!("{RENEW_PATH}/{partner}/{power}")
}

/// When a consent of this person's ends, and whether it can be renewed; `None` where they have none that could ever be.
pub(super) fn stands(
    visit: &Visit<'_>,
    person: PersonNo,
    partner: &PartnerId,
    id: PowerId,
) -> Option<(Day, Stands)> {
    let (facts, today) = (visit.gateway.register.facts(), visit.now.day());
    let power = facts.power(partner, id)?;
    // About oneself one renews by connecting again.
    if power.reach == Reach::Own || power.legal_basis != LegalBasis::Consent {
        return None;
    }
    let ends = facts.consent_until(person, partner, id, today)?;
    let against = standing::of_consent(facts, person, partner, &power, visit.now);
    if !against.is_empty() {
        return Some((ends, Stands::Closed(against)));
    }
    if ends.since(today) > SOON {
        let soon = i32::try_from(SOON.0).unwrap_or(i32::MAX);
        return Some((ends, Stands::Early(Day(ends.0.saturating_sub(soon)))));
    }
    let then = until(visit, partner, id);
    let stands = match then.is_some_and(|then| ends < then) {
        true => Stands::Renewable,
        false => Stands::NoLonger,
    };
    Some((ends, stands))
}

/// The day on whose beginning a yes of today would end, as [`Asks::again`] tells it.
fn until(visit: &Visit<'_>, partner: &PartnerId, power: PowerId) -> Option<Day> {
    let days = longest(&visit.gateway.register.book()).ok()?;
    let (_, end) = asked::lasting(visit, partner, power)?;
    let latest = visit.now.day().plus(days);
    Some(latest.min(end.day()))
}

/// What is found at an address.
enum Found {
    /// A consent that can be renewed, with its end and what is told.
    Open(Day, Box<Asks>),
    /// One that cannot, with the page that says why.
    Shut(Response<Body>),
}

fn find(visit: &Visit<'_>, person: &Person, place: &Place) -> Result<Found, Failure> {
    let Place { partner, power } = place;
    let (ends, stands) = stands(visit, person.number, partner, *power).ok_or(Failure::NotGiven)?;
    let day = moments::calendar(ends);
    let platform = &visit.persons.login.platform;
    let (title, text) = match stands {
        Stands::Renewable => {
            let asks = Asks::again(visit, partner, *power)?;
            return Ok(Found::Open(ends, Box::new(asks)));
        }
        Stands::Closed(against) => {
            let why = against.iter().map(|reason| words::closed(reason, platform));
            let why: Vec<String> = why.collect();
            let text = format!(
                "Nothing passes by it now: {}. It ends on {day}, unless you take it back before.",
                why.join("; ")
            );
            ("This cannot be renewed now", text)
        }
        Stands::NoLonger => {
            let text = format!(
                "It runs until {day}, and with a yes of today it would run no longer: not longer than {platform} lets any yes run, and not longer than its agreement with the partner. It can be renewed when both have signed one that goes on."
            );
            ("This cannot be renewed yet", text)
        }
        Stands::Early(from) => {
            let text = format!(
                "It runs until {day}, and can be renewed from {} on.",
                moments::calendar(from)
            );
            ("It is too early to renew this", text)
        }
    };
    let text = format!("{text} Nothing has changed.");
    Ok(Found::Shut(shut(
        visit,
        title,
        &text,
        (DESK_PATH, "Your page"),
    )?))
}

/// A page that says why nothing is done.
fn shut(
    visit: &Visit<'_>,
    title: &str,
    text: &str,
    link: (&str, &str),
) -> Result<Response<Body>, Failure> {
    let mut response = message(&visit.persons.style, title, text, Some(link))?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

/// Shows what can be renewed, or why it cannot.
pub(super) fn show(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let session = visit.session()?;
    let person = session.person.as_ref().ok_or(Failure::NoSession)?;
    let place = place(visit.path)?;
    let (ends, asks) = match find(visit, person, &place)? {
        Found::Open(ends, asks) => (ends, asks),
        Found::Shut(page) => return Ok(page),
    };
    let page = Page {
        style: &visit.persons.style.text,
        platform: &visit.persons.login.platform,
        person: person.name.as_deref().unwrap_or(&person.id),
        token: &session.token,
        notice: asks.hash().to_string(),
        ends: moments::calendar(ends),
        left: page::between(visit.now.day(), ends),
        then: moments::calendar(asks.until),
        asks: &asks,
        place: &place,
    };
    html(&visit.persons.style, &page, None)
}

/// Takes the answer.
pub(super) async fn act(
    visit: &Visit<'_>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response<Body>, Failure> {
    let form = Form::read(headers, body).map_err(|_| Failure::ForeignForm)?;
    let session = visit.session()?;
    let person = visit.sender(&session, &form)?;
    let place = place(visit.path)?;
    let (ends, asks) = match find(visit, person, &place)? {
        Found::Open(ends, asks) => (ends, asks),
        Found::Shut(page) => return Ok(page),
    };
    let whom = Lacking {
        partner: place.partner,
        power: place.power,
        person: person.number,
    };
    match form.get("answer") {
        Some("yes") if form.get("notice") == Some(asks.hash().to_string().as_str()) => {
            renew(visit, whom, &asks).await?;
            see(DESK_PATH)
        }
        // A yes is to the words that were read.
        Some("yes") => shut(
            visit,
            "The text is another one now",
            "While you were reading, what you would agree to has changed. What you agreed to before stands as it was, and nothing is renewed. Read it again and answer.",
            (&asks.address, "Read it again"),
        ),
        Some("no") => {
            if let Some(asking) = &visit.gateway.asking {
                let said = asking.say(whom, Said::No(visit.now.day())).await;
                said.map_err(|error| asked::failed(&error))?;
            }
            let text = format!(
                "Nothing is renewed. What you agreed to goes on until {}, and then ends by itself. If it should end now, take it back on your page.",
                moments::calendar(ends)
            );
            let link = Some((DESK_PATH, "Your page"));
            message(&visit.persons.style, "You have said no", &text, link)
        }
        _ => Err(Failure::ForeignForm),
    }
}

/// The text, and then the consent to it, in the place of the former one.
async fn renew(visit: &Visit<'_>, whom: Lacking, asks: &Asks) -> Result<(), Failure> {
    let gateway = visit.gateway;
    let Notice { language, text } = asks.notice();
    let kept = Change::PublishNotice { language, text };
    gateway.write_down(kept).await?;
    let renewed = Change::RenewConsent {
        person: whom.person,
        partner: whom.partner.clone(),
        power: whom.power,
        notice: asks.hash(),
        until: asks.until,
    };
    if !gateway.write_down_if_given(renewed).await? {
        return Err(Failure::NotGiven);
    }
    if let Some(asking) = &gateway.asking
        && let Err(error) = asking.say(whom, Said::Yes(asks.until)).await
    {
        // It is in the register, which decides.
        tracing::error!(%error, "a consent was renewed and that could not be noted among the requests");
    }
    Ok(())
}

fn place(path: &str) -> Result<Place, Failure> {
    let below = path.strip_prefix(RENEW_PATH).unwrap_or_default();
    let mut parts = below.split('/').skip(1);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(partner), Some(power), None) => match (partner.parse(), power.parse()) {
            (Ok(partner), Ok(power)) => Ok(Place { partner, power }),
            _ => Err(Failure::NotGiven),
        },
        _ => Err(Failure::NotGiven),
    }
}
