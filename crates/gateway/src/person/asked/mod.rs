//! What a person is asked because somebody else has connected a partner: a page with all of it, one for each request, and
//! what they want to be asked at all.
//!
//! A request is named by partner and power and is looked for among the person's own, so nobody can come to another's.

mod notice;
mod preferences;
mod request;

use askama::Template;
use decide::{PartnerId, PowerId};
use http::{HeaderMap, Response, header};

use super::page::{Failure, html, see};
use super::session::Person;
use super::{Visit, login};
use crate::asking::{ASKED_PATH, Asking, Open};
use crate::body::Body;
use crate::oauth::Form;
pub(super) use notice::{Asks, lasting};
use preferences::Standing;

#[derive(Template)]
#[template(path = "asked.html")]
struct Page<'a> {
    style: &'a str,
    platform: &'a str,
    person: &'a str,
    token: &'a str,
    groups: Vec<Group>,
    standing: Standing,
}

/// What one partner asks.
struct Group {
    partner: PartnerId,
    name: String,
    requests: Vec<Asks>,
}

/// One address below [`ASKED_PATH`].
enum Place {
    All,
    One(PartnerId, PowerId),
}

/// Shows a page, or leads to the login first: before it, no address is told apart from another.
pub(super) async fn show(visit: &Visit<'_>) -> Result<Response<Body>, Failure> {
    let persons = visit.persons;
    let Ok(session) = visit.session() else {
        let entropy = &visit.gateway.entropy;
        let cookie = persons.sessions.begin(None, entropy, visit.now)?;
        let mut response = see(visit.path)?;
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        return Ok(response);
    };
    let Some(person) = &session.person else {
        return login::begin(visit).await;
    };
    match place(visit)? {
        Place::All => all(visit, person, &session.token).await,
        Place::One(partner, power) => {
            request::show(visit, person, &session.token, &partner, power).await
        }
    }
}

/// A button was pressed.
pub(super) async fn act(
    visit: &Visit<'_>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response<Body>, Failure> {
    let form = Form::read(headers, body).map_err(|_| Failure::ForeignForm)?;
    let session = visit.session()?;
    let person = visit.sender(&session, &form)?;
    match place(visit)? {
        Place::All => preferences::set(visit, person, &form).await?,
        Place::One(partner, power) => {
            request::answered(visit, person, &form, partner, power).await?;
        }
    }
    see(ASKED_PATH)
}

fn place(visit: &Visit<'_>) -> Result<Place, Failure> {
    let below = visit.path.strip_prefix(ASKED_PATH).unwrap_or_default();
    let mut parts = below.split('/').skip(1);
    match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => Ok(Place::All),
        (Some(partner), Some(power), None) => match (partner.parse(), power.parse()) {
            (Ok(partner), Ok(power)) => Ok(Place::One(partner, power)),
            _ => Err(Failure::NotHere),
        },
        _ => Err(Failure::NotHere),
    }
}

async fn all(visit: &Visit<'_>, person: &Person, token: &str) -> Result<Response<Body>, Failure> {
    let mut groups: Vec<Group> = Vec::new();
    for Open { partner, power, .. } in visit.open(person).await? {
        let Ok(asks) = Asks::of(visit, &partner, power) else {
            continue; // a version that does not govern any more
        };
        match groups.last_mut().filter(|group| group.partner == partner) {
            Some(group) => group.requests.push(asks),
            None => groups.push(Group {
                name: asks.partner.clone(),
                requests: vec![asks],
                partner,
            }),
        }
    }
    let page = Page {
        style: &visit.persons.style.text,
        platform: &visit.persons.login.platform,
        person: person.name.as_deref().unwrap_or(&person.id),
        token,
        standing: Standing::of(visit, person, &groups).await?,
        groups,
    };
    html(&visit.persons.style, &page, None)
}

impl Visit<'_> {
    fn asking(&self) -> Result<&Asking, Failure> {
        self.gateway.asking.as_deref().ok_or(Failure::NotHere)
    }

    /// What this person can answer today.
    async fn open(&self, person: &Person) -> Result<Vec<Open>, Failure> {
        let open = self
            .asking()?
            .open_for(self.gateway, person.number, self.now);
        open.await.map_err(|error| failed(&error))
    }
}

pub(super) fn failed(error: &redb::Error) -> Failure {
    tracing::error!(%error, "the file of who waits to be asked failed");
    Failure::Closed
}
