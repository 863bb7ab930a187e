//! The desk itself: agreements and powers as they stand, what will lapse and when, keys and officers. As data, too.

use askama::Template;
use decide::{AgreementId, Day, OfficerId, PartnerId, Party, PowerId};
use http::Response;
use register::{Book, Partner, Side};
use serde::Serialize;
use serde_json::{Value, json};

use super::Visit;
use super::failure::Failure;
use super::holder::{Holder, described};
use super::session::Session;
use crate::body::Body;
use crate::paper::{self, Paper};
use crate::person::page;

/// A power that lapses within so many days is marked.
const SOON: u32 = 21;

#[derive(Template)]
#[template(path = "partner_desk.html")]
struct Page<'a> {
    visit: &'a Visit<'a>,
    token: &'a str,
    data: &'a Data,
}

/// All that stands on the desk.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Data {
    partner: PartnerId,
    name: String,
    /// By which key the visitor came in.
    key: Holder,
    agreements: Vec<OnDesk>,
    /// The live powers, the first to lapse first.
    clocks: Vec<Clock>,
    keys: Vec<KeyTold>,
    /// The same, as published.
    jwks: Value,
    officers: Vec<OfficerTold>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OnDesk {
    #[serde(flatten)]
    paper: Paper,
    /// The partner has not signed it, and it could still govern.
    to_sign: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Clock {
    agreement: AgreementId,
    version: u32,
    power: PowerId,
    what: String,
    last_used: Option<Day>,
    /// The first day on which it has lapsed, if nothing passes by it before.
    lapses: Day,
    soon: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct KeyTold {
    kid: Option<String>,
    algorithm: Option<&'static str>,
    thumbprint: Option<String>,
    officer: Option<OfficerId>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OfficerTold {
    officer: OfficerId,
    /// Since when the present key holds.
    since: Option<Day>,
    /// When the last key ended, where none holds.
    ended: Option<Day>,
    keys_before: usize,
}

/// The page.
pub(super) fn page(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let (session, holder) = visit.inside()?;
    let data = told(visit, &session, holder)?;
    let page = Page {
        visit,
        token: &session.token,
        data: &data,
    };
    Ok(page::html(&visit.desk.style, &page, None)?)
}

/// The same as JSON.
pub(super) fn data(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let (session, holder) = visit.inside()?;
    let data = told(visit, &session, holder)?;
    let text = serde_json::to_string(&data).map_err(|_| Failure::Internal)?;
    Ok(page::data(text))
}

fn told(visit: &Visit<'_>, session: &Session, key: Holder) -> Result<Data, Failure> {
    let (book, facts) = (
        visit.gateway.register.book(),
        visit.gateway.register.facts(),
    );
    let known = book
        .partners
        .get(&session.partner)
        .ok_or(Failure::KeyEnded)?;
    let mut agreements = Vec::new();
    for offered in paper::versions(&book, &session.partner) {
        let paper = Paper::of(facts, offered, visit.now).ok_or(Failure::Internal)?;
        let waiting = matches!(paper.state.state, "unsigned" | "suspended");
        agreements.push(OnDesk {
            to_sign: waiting && !offered.signed_by(Party::Partner),
            paper,
        });
    }
    Ok(Data {
        clocks: clocks(&agreements, visit.now.day()),
        keys: keys(&book, &session.partner, known),
        officers: officers(&book, &session.partner),
        partner: session.partner.clone(),
        name: known.name.clone(),
        jwks: json!(known.jwks),
        key,
        agreements,
    })
}

fn clocks(agreements: &[OnDesk], today: Day) -> Vec<Clock> {
    let papers = agreements.iter().map(|it| &it.paper);
    let all = papers.flat_map(|paper| {
        let running = paper
            .powers
            .iter()
            .filter_map(|power| Some((power, power.lapses?)));
        running.map(move |(power, lapses)| Clock {
            agreement: paper.agreement.clone(),
            version: paper.version,
            power: power.id,
            what: power.what.clone(),
            last_used: power.last_used,
            soon: lapses.since(today).0 <= SOON,
            lapses,
        })
    });
    let mut clocks: Vec<Clock> = all.collect();
    clocks.sort_by(|one, other| (one.lapses, &one.what).cmp(&(other.lapses, &other.what)));
    clocks
}

fn keys(book: &Book, partner: &PartnerId, known: &Partner) -> Vec<KeyTold> {
    let all = known.jwks.keys.iter().map(|jwk| {
        let (algorithm, thumbprint) = described(jwk).unzip();
        let holder = super::holder::print(jwk).and_then(|it| Holder::of(book, partner, &it));
        KeyTold {
            kid: jwk.common.key_id.clone(),
            algorithm,
            thumbprint,
            officer: holder.and_then(|holder| holder.officer),
        }
    });
    all.collect()
}

fn officers(book: &Book, partner: &PartnerId) -> Vec<OfficerTold> {
    let side = Side::Partner(partner.clone());
    let all = book.officers.get(&side).into_iter().flatten();
    all.map(|(id, officer)| OfficerTold {
        officer: id.clone(),
        since: officer.in_force().map(|key| key.since.day()),
        ended: match officer.in_force() {
            Some(_) => None,
            None => officer.keys.last().and_then(|key| Some(key.ended?.day())),
        },
        keys_before: officer.keys.len().saturating_sub(1),
    })
    .collect()
}
