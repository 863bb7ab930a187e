//! What partners really got, or did: out of the ledger, for the person it is about and nobody else.
//!
//! What went through somebody else is told by the day, when the day is over, and never through whom: a page that said
//! more would tell one person which partners another has.

mod list;
mod sum;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use decide::{PartnerId, PersonNo, Power, PowerId};
use http::{HeaderMap, Response};

use super::page::{Failure, html, see};
use super::told::Told;
use super::{DESK_PATH, Visit, moments, words};
use crate::body::Body;
use crate::oauth::Form;
use crate::trail::{By, Row, Trail, What};

pub(super) use list::{ByDay, Single, by_day, single};
pub(super) use sum::{Partner, sums};

/// Single disclosures on a page.
const SINGLE: usize = 40;
/// Lines of days on a page, at least; days are whole.
const OF_DAYS: usize = 40;

/// A trail with what its words mean, for one page.
pub(super) struct Read<'a> {
    pub(super) trail: Arc<Trail>,
    pub(super) told: &'a Told,
    /// The minute that it is.
    pub(super) now: u32,
    powers: HashMap<(PartnerId, PowerId), Power>,
}

impl<'a> Read<'a> {
    pub(super) fn new(visit: &Visit<'_>, told: &'a Told, trail: Arc<Trail>) -> Self {
        let facts = visit.gateway.register.facts();
        let mut powers = HashMap::new();
        for what in &trail.whats {
            let partner = what.partner.iter();
            for (partner, id) in partner.flat_map(|it| what.powers.iter().map(move |id| (it, id))) {
                let known = facts.power(partner, *id);
                powers.extend(known.map(|power| ((partner.clone(), *id), power)));
            }
        }
        Self {
            trail,
            told,
            now: moments::minute(visit.now),
            powers,
        }
    }

    /// What may be told now, oldest first. What was certainly never done is not among it.
    fn rows(&self) -> impl DoubleEndedIterator<Item = (&Row, &What)> {
        let rows = self.trail.rows.iter();
        let rows = rows.filter_map(|row| Some((row, self.trail.what(row)?)));
        rows.filter(|(row, what)| what.is_told(row, self.now) && !what.deed.was_refused())
    }

    /// To whom.
    fn name(&self, what: &What) -> String {
        match &what.partner {
            Some(partner) => self.told.name(partner),
            None => "a partner that is no longer known".to_owned(),
        }
    }

    fn power(&self, what: &What, id: PowerId) -> Option<&Power> {
        let partner = what.partner.clone()?;
        self.powers.get(&(partner, id))
    }

    /// What was done, power by power: "see name".
    fn acts(&self, what: &What) -> String {
        let acts = what.powers.iter().map(|id| {
            let power = self.power(what, *id);
            power.map_or_else(unknown, words::act)
        });
        let mut acts: Vec<String> = acts.collect();
        acts.sort();
        acts.dedup();
        let acts = if acts.is_empty() {
            unknown()
        } else {
            acts.join(", ")
        };
        format!("{acts}{}", words::became(what.deed))
    }

    fn purpose(what: &What) -> String {
        let purpose = what.purpose.as_ref();
        purpose.map_or_else(
            || "not on record any more".to_owned(),
            |purpose| words::spelled(purpose.as_str()),
        )
    }

    /// By which way: "as yourself", "through a friend".
    fn way(&self, what: &What) -> String {
        let reaches = what.powers.iter();
        let reach = reaches.filter_map(|id| Some(&self.power(what, *id)?.reach));
        words::by(what.by, reach.max())
    }
}

fn unknown() -> String {
    "what it was is not on record any more".to_owned()
}

impl Visit<'_> {
    /// The person's trail, as far as it can be read now. What is left is read behind the answer.
    pub(super) async fn trail(&self, person: PersonNo) -> Result<Arc<Trail>, Failure> {
        let (gateway, now) = (self.gateway.clone(), self.now);
        let looked = tokio::task::spawn_blocking(move || {
            let trails = gateway.trails.as_ref();
            trails.map(|trails| trails.of(person, now))
        });
        match looked.await {
            Ok(Some(Ok(trail))) => {
                if !trail.whole {
                    self.gateway.read_behind(person, self.now);
                }
                Ok(Arc::new(trail))
            }
            Ok(Some(Err(error))) => {
                tracing::error!(%error, "a person's trail cannot be shown");
                Err(Failure::NoTrail)
            }
            Ok(None) | Err(_) => Err(Failure::NoTrail),
        }
    }
}

#[derive(Template)]
#[template(path = "disclosed.html")]
struct Page<'a> {
    style: &'a str,
    platform: &'a str,
    person: &'a str,
    token: &'a str,
    whole: bool,
    single: Vec<Single>,
    /// The place before which the next page of single ones begins.
    older: Option<u64>,
    days: Vec<ByDay>,
    /// The day before which the next page of days begins.
    earlier: Option<String>,
    /// What the other list's link has to carry on.
    before: Option<u64>,
    before_day: Option<String>,
}

/// Shows every single one, page by page.
pub(super) async fn show(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let session = visit.session()?;
    let person = session.person.as_ref().ok_or(Failure::NoSession)?;
    let query = Form::of_query(visit.query).map_err(|_| Failure::NoPage)?;
    let before = query.get("before").map(str::parse).transpose();
    let before: Option<u64> = before.map_err(|_| Failure::NoPage)?;
    let before_day = query.get("before-day").map(str::parse).transpose();
    let before_day: Option<decide::Day> = before_day.map_err(|_| Failure::NoPage)?;
    let trail = visit.trail(person.number).await?;
    let told = Told::new(visit.gateway.register.book());
    let read = Read::new(visit, &told, trail);
    let (single, older) = list::single(&read, before, SINGLE);
    let (days, earlier) = list::by_day(&read, before_day, OF_DAYS);
    let page = Page {
        style: &visit.persons.style.text,
        platform: &visit.persons.login.platform,
        person: person.name.as_deref().unwrap_or(&person.id),
        token: &session.token,
        whole: read.trail.whole,
        single,
        older,
        days,
        earlier: earlier.map(|day| day.to_string()),
        before,
        before_day: before_day.map(|day| day.to_string()),
    };
    html(&visit.persons.style, &page, None)
}

/// The person has seen what the page told them of first disclosures.
pub(super) async fn seen(
    visit: &Visit<'_>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response<Body>, Failure> {
    let form = Form::read(headers, body).map_err(|_| Failure::ForeignForm)?;
    let session = visit.session()?;
    let person = visit.sender(&session, &form)?.number;
    let until = form.get("until").and_then(|until| until.parse().ok());
    let until: u32 = until.ok_or(Failure::ForeignForm)?;
    // Nobody sees ahead.
    let until = until.min(moments::minute(visit.now));
    let gateway = visit.gateway.clone();
    let marked = tokio::task::spawn_blocking(move || {
        let trails = gateway.trails.as_ref();
        trails.map(|trails| trails.mark_seen(person, until))
    });
    match marked.await {
        Ok(Some(Ok(()))) => see(DESK_PATH),
        _ => Err(Failure::Internal),
    }
}

/// Whether a row through others, or of a directory, was told after this minute was seen.
fn is_new(what: &What, row: &Row, seen: u32) -> bool {
    match what.by {
        By::Themselves => false,
        By::Nobody => row.minute >= seen,
        // Told when its day was over.
        By::Another => moments::day(row.minute) >= moments::day(seen),
    }
}
