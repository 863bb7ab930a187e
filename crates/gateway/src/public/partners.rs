//! The register of partners and powers, in plain words.

use std::ops::Bound;

use askama::Template;
use decide::{AgreementId, Day, PartnerId};
use http::Response;
use register::Offered;
use serde::Serialize;

use super::Look;
use crate::body::Body;
use crate::oauth::Form;
use crate::paper::{self, Paper, State};
use crate::person::page::Failure;

/// Partners on one page; more would make it heavy.
const A_PAGE: usize = 150;

#[derive(Template)]
#[template(path = "public_partners.html")]
struct List<'a> {
    look: &'a Look<'a>,
    data: &'a ListData,
}

#[derive(Serialize)]
struct ListData {
    partners: Vec<Row>,
    /// The last one here, where more follow: `?after=` it.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_after: Option<PartnerId>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Row {
    partner: PartnerId,
    name: String,
    known_since: Day,
    agreements: usize,
    live_powers: usize,
}

/// `partners`
pub(super) fn list(look: &Look<'_>) -> Result<Response<Body>, Failure> {
    let query = Form::of_query(look.query).map_err(|_| Failure::NoSuchPage)?;
    let after: Option<PartnerId> = match query.get("after").map(str::parse) {
        None => None,
        Some(id) => Some(id.map_err(|_| Failure::NoSuchPage)?),
    };
    let (book, facts) = (look.gateway.register.book(), look.gateway.register.facts());
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut rest = book.partners.range((from, Bound::Unbounded));
    let rows: Vec<Row> = rest
        .by_ref()
        .take(A_PAGE)
        .map(|(id, partner)| Row {
            partner: id.clone(),
            name: partner.name.clone(),
            known_since: partner.since.day(),
            agreements: agreements(&paper::versions(&book, id)),
            live_powers: paper::live(facts, &book, id, look.now).len(),
        })
        .collect();
    let last = rows.last().map(|row| row.partner.clone());
    let data = ListData {
        more_after: last.filter(|_| rest.next().is_some()),
        partners: rows,
    };
    look.told(&List { look, data: &data }, &data)
}

fn agreements(versions: &[&std::sync::Arc<Offered>]) -> usize {
    let mut ids: Vec<&AgreementId> = versions.iter().map(|it| &it.offer.agreement).collect();
    ids.dedup();
    ids.len()
}

#[derive(Template)]
#[template(path = "public_partner.html")]
struct One<'a> {
    look: &'a Look<'a>,
    data: &'a OneData,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OneData {
    partner: PartnerId,
    name: String,
    known_since: Day,
    /// The versions that govern or wait for something.
    present: Vec<Paper>,
    /// All others, without their powers.
    past: Vec<Past>,
}

#[derive(Serialize)]
struct Past {
    agreement: AgreementId,
    version: u32,
    #[serde(flatten)]
    state: State,
    until: Day,
}

/// `partners/{id}`
pub(super) fn one(look: &Look<'_>, id: &str) -> Result<Response<Body>, Failure> {
    let id: PartnerId = id.parse().map_err(|_| Failure::NoSuchPage)?;
    let (book, facts) = (look.gateway.register.book(), look.gateway.register.facts());
    let partner = book.partners.get(&id).ok_or(Failure::NoSuchPage)?;
    let (mut present, mut past) = (Vec::new(), Vec::new());
    for offered in paper::versions(&book, &id) {
        let state = paper::of_version(facts, offered, look.now);
        if matches!(state.state, "ended" | "term-over" | "superseded") {
            past.push(Past {
                agreement: offered.offer.agreement.clone(),
                version: offered.offer.version,
                until: offered.offer.term.until.day(),
                state,
            });
        } else {
            present.push(Paper::of(facts, offered, look.now).ok_or(Failure::Internal)?);
        }
    }
    let data = OneData {
        name: partner.name.clone(),
        known_since: partner.since.day(),
        partner: id,
        present,
        past,
    };
    look.told(&One { look, data: &data }, &data)
}

#[derive(Template)]
#[template(path = "public_agreement.html")]
struct Version<'a> {
    look: &'a Look<'a>,
    name: &'a str,
    paper: &'a Paper,
}

/// `agreements/{id}/{version}`
pub(super) fn agreement(
    look: &Look<'_>,
    id: &str,
    version: &str,
) -> Result<Response<Body>, Failure> {
    let id: AgreementId = id.parse().map_err(|_| Failure::NoSuchPage)?;
    let version: u32 = version.parse().map_err(|_| Failure::NoSuchPage)?;
    let (book, facts) = (look.gateway.register.book(), look.gateway.register.facts());
    let offered = book.version(&id, version).ok_or(Failure::NoSuchPage)?;
    let paper = Paper::of(facts, offered, look.now).ok_or(Failure::Internal)?;
    let partner = book.partners.get(&paper.partner);
    let page = Version {
        look,
        name: partner.map_or(paper.partner.as_str(), |known| &known.name),
        paper: &paper,
    };
    look.told(&page, &paper)
}
