//! The page of one request, and its answer. A yes is the person's own consent, in the register before anything else; a no
//! is remembered, so that they are not asked again.

use askama::Template;
use decide::{Event, PartnerId, PowerId};
use http::Response;
use register::{Change, Notice};

use super::super::Visit;
use super::super::page::{Failure, html};
use super::super::session::Person;
use super::failed;
use super::notice::Asks;
use crate::asking::{ASKED_PATH, Lacking, Said};
use crate::body::Body;
use crate::oauth::Form;

#[derive(Template)]
#[template(path = "asks.html")]
struct Page<'a> {
    style: &'a str,
    platform: &'a str,
    person: &'a str,
    token: &'a str,
    asks: &'a Asks,
    notice: String,
    all: &'static str,
}

/// Shows what is asked.
pub(super) async fn show(
    visit: &Visit<'_>,
    person: &Person,
    token: &str,
    partner: &PartnerId,
    power: PowerId,
) -> Result<Response<Body>, Failure> {
    let asks = find(visit, person, partner, power).await?;
    let page = Page {
        style: &visit.persons.style.text,
        platform: &visit.persons.login.platform,
        person: person.name.as_deref().unwrap_or(&person.id),
        token,
        notice: asks.hash().to_string(),
        asks: &asks,
        all: ASKED_PATH,
    };
    html(&visit.persons.style, &page, None)
}

/// Takes the answer.
pub(super) async fn answered(
    visit: &Visit<'_>,
    person: &Person,
    form: &Form<'_>,
    partner: PartnerId,
    power: PowerId,
) -> Result<(), Failure> {
    let asks = find(visit, person, &partner, power).await?;
    let whom = Lacking {
        person: person.number,
        partner,
        power,
    };
    let asking = visit.asking()?;
    let said = match form.get("answer") {
        Some("yes") => {
            // A yes is to the words that were read: a page of an older version cannot give it to newer ones.
            if form.get("notice") != Some(asks.hash().to_string().as_str()) {
                return Err(Failure::Withdrawn);
            }
            consent(visit, &whom, &asks).await?;
            let noted = asking.say(whom, Said::Yes(asks.until)).await;
            // It is in the register, which decides; the request stays hidden for as long as it holds.
            return noted.or_else(|error| {
                tracing::error!(%error, "a consent is in force and could not be noted among the requests");
                Ok(())
            });
        }
        Some("no") => asking.say(whom, Said::No(visit.now.day())).await,
        Some("not-this-partner") => asking.not_about(whom.person, whom.partner, true).await,
        Some("nothing") => asking.ask_nothing(whom.person, true).await,
        _ => return Err(Failure::ForeignForm),
    };
    said.map_err(|error| failed(&error))
}

/// The text, and then the consent to it.
async fn consent(visit: &Visit<'_>, whom: &Lacking, asks: &Asks) -> Result<(), Failure> {
    let gateway = visit.gateway;
    let Notice { language, text } = asks.notice();
    let kept = Change::PublishNotice { language, text };
    gateway.write_down(kept).await?;
    let given = Event::ConsentGiven {
        people: vec![whom.person],
        partner: whom.partner.clone(),
        power: whom.power,
        notice: asks.hash(),
        until: asks.until,
    };
    gateway.write_down(Change::Fact(given)).await?;
    Ok(())
}

/// The request, if it is this person's to answer today.
async fn find(
    visit: &Visit<'_>,
    person: &Person,
    partner: &PartnerId,
    power: PowerId,
) -> Result<Asks, Failure> {
    let open = visit.open(person).await?;
    let mut open = open.iter();
    if !open.any(|it| it.partner == *partner && it.power == power) {
        return Err(Failure::NotHere);
    }
    Asks::of(visit, partner, power)
}
