//! My record: all that a person has said, and what partners were told, as a page, as JSON, and for printing.

mod build;
mod form;

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use decide::{Event, PartnerId, Time};
use http::{HeaderValue, Response, header};

use super::disclosed::{self, Partner, Read};
use super::page::{Failure, html};
use super::session::{Person, Session};
use super::told::{self, Told};
use super::{Visit, moments, words};
use crate::body::Body;
use crate::trail::{By, Said, Trail};

use build::Builder;
use form::{Consent, Disclosures, Document, Party, SCHEMA};

/// Records on the page; the JSON has all.
const ON_THE_PAGE: usize = 40;

/// The form of a person's record, as a JSON Schema (2020-12) that ends in a line break.
#[must_use]
pub fn schema() -> String {
    format!("{:#}\n", schemars::schema_for!(Document).as_value())
}

#[derive(Template)]
#[template(path = "record.html")]
struct Page<'a> {
    style: &'a str,
    platform: &'a str,
    person: &'a str,
    id: &'a str,
    token: &'a str,
    made: String,
    records: Vec<Shown>,
    /// Older ones that are in the JSON only.
    left_out: usize,
    refusals: Vec<String>,
    told: Vec<Partner>,
    whole: bool,
}

/// A record in words.
struct Shown {
    partner: String,
    /// Whether it is a connection, or a consent to be reached through others.
    connection: bool,
    lines: Vec<String>,
    notice: String,
    events: Vec<String>,
}

/// Shows the page.
pub(super) async fn show(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let session = visit.session()?;
    let person = session.person.as_ref().ok_or(Failure::NoSession)?;
    let (said, trail) = look(visit, person).await?;
    html(
        &visit.persons.style,
        &page(visit, &session, person, &said, trail),
        None,
    )
}

/// Answers with the JSON.
pub(super) async fn json(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let session = visit.session()?;
    let person = session.person.as_ref().ok_or(Failure::NoSession)?;
    let (said, trail) = look(visit, person).await?;
    let document = document(visit, person, &said, trail);
    let text = serde_json::to_vec_pretty(&document).map_err(|_| Failure::Internal)?;
    let mut response = Response::new(Body::from(text));
    for (name, value) in [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"my-record.json\"",
        ),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

async fn look(visit: &Visit<'_>, person: &Person) -> Result<(Vec<Said>, Arc<Trail>), Failure> {
    let (gateway, number, now) = (visit.gateway.clone(), person.number, visit.now);
    let looked = tokio::task::spawn_blocking(move || {
        let trails = gateway.trails.as_ref();
        trails.map(|trails| trails.said(number, now))
    });
    let said = match looked.await {
        Ok(Some(Ok(said))) => said,
        Ok(Some(Err(error))) => {
            tracing::error!(%error, "what a person has said cannot be shown");
            return Err(Failure::NoTrail);
        }
        Ok(None) | Err(_) => return Err(Failure::NoTrail),
    };
    Ok((said, visit.trail(number).await?))
}

fn builder<'a>(visit: &Visit<'a>, person: &'a Person) -> Builder<'a> {
    Builder {
        facts: visit.gateway.register.facts(),
        person: &person.id,
        public: visit.gateway.config.listen.public_url.as_str(),
        now: visit.now,
    }
}

fn page<'a>(
    visit: &Visit<'a>,
    session: &'a Session,
    person: &'a Person,
    said: &[Said],
    trail: Arc<Trail>,
) -> Page<'a> {
    let told = Told::new(visit.gateway.register.book());
    let mut records = builder(visit, person).records(said);
    records.reverse();
    let left_out = records.len().saturating_sub(ON_THE_PAGE);
    let whole = trail.whole;
    Page {
        style: &visit.persons.style.text,
        platform: &visit.persons.login.platform,
        person: person.name.as_deref().unwrap_or(&person.id),
        id: &person.id,
        token: &session.token,
        made: moments::calendar(visit.now.day()),
        records: records
            .iter()
            .take(ON_THE_PAGE)
            .map(|record| shown(visit, record, &told))
            .collect(),
        left_out,
        refusals: refused(said),
        // Nothing is marked as new here.
        told: disclosed::sums(&Read::new(visit, &told, trail), u32::MAX),
        whole,
    }
}

fn shown(visit: &Visit<'_>, record: &Consent, told: &Told) -> Shown {
    let first = record.event.first();
    let partner: Option<PartnerId> = first.and_then(|event| event.entity_id.parse().ok());
    let connection = !record.record.record_id.starts_with("register-");
    let facts = visit.gateway.register.facts();
    let purposes = record.pii_processing.purposes.iter();
    let lines = purposes.filter_map(|purpose| {
        let power = facts.power(partner.as_ref()?, purpose.power.parse().ok()?)?;
        let what = if connection {
            told::spelled(&power)
        } else {
            let way = words::by(By::Another, Some(&power.reach));
            let purpose = words::spelled(power.purpose.as_str());
            format!("{}, {way}, for {purpose}", words::act(&power))
        };
        Some(format!("{what}; {}", words::limits(&power)))
    });
    let events = record.event.iter().map(|event| {
        let of = match event.powers.len() {
            0 => "",
            _ => " (one power)",
        };
        let state = words::spelled(event.state);
        format!("{}: {state}{of}", calendar(&event.event_time))
    });
    Shown {
        lines: lines.collect(),
        events: events.collect(),
        connection,
        notice: record.pii_processing.privacy_notice.sha256.clone(),
        partner: partner.map_or_else(String::new, |partner| told.name(&partner)),
    }
}

/// Standing refusals in words, each with what happened to it.
fn refused(said: &[Said]) -> Vec<String> {
    let lines = said.iter().filter_map(|it| {
        let (bar, what) = match &it.event {
            Event::BarSet { bar, .. } => (bar, "set"),
            Event::BarLifted { bar, .. } => (bar, "lifted"),
            _ => return None,
        };
        let (title, _) = words::switch(bar);
        Some(format!("{}: {title}, {what}", moments::of_time(it.at)))
    });
    lines.collect()
}

/// A moment of the file as the page writes it.
fn calendar(event_time: &str) -> String {
    let time = event_time.parse::<Time>();
    time.map_or_else(|_| event_time.to_owned(), moments::of_time)
}

fn document(visit: &Visit<'_>, person: &Person, said: &[Said], trail: Arc<Trail>) -> Document {
    let told = Told::new(visit.gateway.register.book());
    let records = builder(visit, person).records(said);
    let read = Read::new(visit, &told, trail);
    let (single, _) = disclosed::single(&read, None, usize::MAX);
    let (days, _) = disclosed::by_day(&read, None, usize::MAX);
    Document {
        schema_version: SCHEMA,
        created: visit.now.to_string(),
        pii_principal_id: person.id.clone(),
        party_identification: parties(visit, &records, &told),
        records,
        standing_refusals: Builder::refusals(said),
        disclosures: Disclosures {
            complete: read.trail.whole,
            single: single.into_iter().map(form::Told::from).collect(),
            by_day: days.into_iter().map(form::Told::from).collect(),
        },
    }
}

fn parties(visit: &Visit<'_>, records: &[Consent], told: &Told) -> Vec<Party> {
    let events = records.iter().flat_map(|record| &record.event);
    let partners: BTreeSet<&String> = events.map(|event| &event.entity_id).collect();
    let platform = Party {
        party_id: visit.gateway.config.listen.public_url.as_str().to_owned(),
        party_name: visit.persons.login.platform.clone(),
        party_role: "dpv:DataController",
    };
    let partners = partners.into_iter().map(|id| Party {
        party_name: id.parse().map_or_else(|_| id.clone(), |id| told.name(&id)),
        party_id: id.clone(),
        party_role: "dpv:Recipient",
    });
    std::iter::once(platform).chain(partners).collect()
}

impl From<disclosed::Single> for form::Told {
    fn from(it: disclosed::Single) -> Self {
        Self {
            when: Time(i64::from(it.minute) * 60_000).to_string(),
            partner: it.partner,
            what: it.what,
            purpose: it.purpose,
            way: it.way,
            times: 1,
        }
    }
}

impl From<disclosed::ByDay> for form::Told {
    fn from(it: disclosed::ByDay) -> Self {
        Self {
            when: it.day.to_string(),
            partner: it.partner,
            what: it.what,
            purpose: it.purpose,
            way: it.way,
            times: it.count,
        }
    }
}
