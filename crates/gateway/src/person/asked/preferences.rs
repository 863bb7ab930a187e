//! Standing preferences: what a person wants to be asked at all, and which partners get nothing whatever anybody asks.
//!
//! None of them grants. To mute is a matter of being asked and stands in the file of requests; to refuse a partner is a
//! bar, so it is the rule's and stands in the register.

use decide::{Bar, Event, PartnerId};
use register::Change;

use super::super::Visit;
use super::super::page::Failure;
use super::super::session::Person;
use super::{Group, failed};
use crate::oauth::Form;

/// Beyond so many partners the page offers no list of all of them.
const MOST_LISTED: usize = 300;

/// What stands, with names.
pub(super) struct Standing {
    pub(super) nothing: bool,
    pub(super) muted: Vec<Named>,
    pub(super) refused: Vec<Named>,
    /// Partners that can be refused here: all in the register, or where they are many, those that ask.
    pub(super) others: Vec<Named>,
}

/// A partner.
pub(super) struct Named {
    pub(super) id: PartnerId,
    pub(super) name: String,
}

impl Standing {
    pub(super) async fn of(
        visit: &Visit<'_>,
        person: &Person,
        groups: &[Group],
    ) -> Result<Self, Failure> {
        let preferences = visit.asking()?.preferences(person.number).await;
        let preferences = preferences.map_err(|error| failed(&error))?;
        let (book, facts) = (
            visit.gateway.register.book(),
            visit.gateway.register.facts(),
        );
        let named = |id: PartnerId| {
            let known = book.partners.get(&id);
            let name = known.map_or_else(|| id.to_string(), |known| known.name.clone());
            Named { id, name }
        };
        let bars = facts.bars_of(person.number).into_iter();
        let refused = bars.filter_map(|bar| match bar {
            Bar::Partner(partner) => Some(named(partner)),
            _ => None,
        });
        let refused: Vec<Named> = refused.collect();
        let mut others: Vec<PartnerId> = if book.partners.len() <= MOST_LISTED {
            book.partners.keys().cloned().collect()
        } else {
            groups.iter().map(|group| group.partner.clone()).collect()
        };
        others.retain(|id| refused.iter().all(|known| known.id != *id));
        Ok(Self {
            nothing: preferences.nothing,
            muted: preferences.not_about.into_iter().map(named).collect(),
            others: others.into_iter().map(named).collect(),
            refused,
        })
    }
}

/// Sets or lifts one.
pub(super) async fn set(
    visit: &Visit<'_>,
    person: &Person,
    form: &Form<'_>,
) -> Result<(), Failure> {
    let (asking, number) = (visit.asking()?, person.number);
    let partner = || -> Result<PartnerId, Failure> {
        let id = form.get("partner").and_then(|id| id.parse().ok());
        let book = visit.gateway.register.book();
        id.filter(|id| book.partners.contains_key(id))
            .ok_or(Failure::ForeignForm)
    };
    let done = match form.get("do") {
        Some("ask-nothing") => asking.ask_nothing(number, true).await,
        Some("ask-again") => asking.ask_nothing(number, false).await,
        Some("mute") => asking.not_about(number, partner()?, true).await,
        Some("unmute") => asking.not_about(number, partner()?, false).await,
        Some(way @ ("refuse" | "admit")) => {
            let (person, bar) = (number, Bar::Partner(partner()?));
            let event = match way {
                "refuse" => Event::BarSet { person, bar },
                _ => Event::BarLifted { person, bar },
            };
            visit.gateway.write_down(Change::Fact(event)).await?;
            Ok(())
        }
        _ => return Err(Failure::ForeignForm),
    };
    done.map_err(|error| failed(&error))
}
