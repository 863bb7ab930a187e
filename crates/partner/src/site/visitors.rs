//! Who visits, by a cookie, and what they have granted to which shop.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, header};

use super::Shop;
use crate::grant::{Asking, Granted};

/// So many visitors are remembered; then the oldest is forgotten.
const MOST: usize = 1000;
const COOKIE: &str = "visitor";

#[derive(Default)]
pub(super) struct Visitors(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    /// Oldest first.
    known: VecDeque<String>,
    /// By visitor and shop.
    places: BTreeMap<(String, String), Place>,
}

/// How far a visitor has come with a shop.
enum Place {
    Away(Asking),
    Connected(Granted),
}

/// One visitor at one shop.
pub(super) struct Visit<'a> {
    visitors: &'a Visitors,
    key: (String, String),
}

impl Visitors {
    /// A cookie for somebody who has none.
    pub(super) fn cookie(&self, shop: &Shop) -> String {
        let handle = shop.client.handle();
        let mut inside = self.inside();
        if inside.known.len() >= MOST
            && let Some(oldest) = inside.known.pop_front()
        {
            inside.places.retain(|(visitor, _), _| *visitor != oldest);
        }
        inside.known.push_back(handle.clone());
        format!("{COOKIE}={handle}; Path=/; HttpOnly; SameSite=Lax")
    }

    /// Who sends this, if we gave them a cookie.
    pub(super) fn find(&self, headers: &HeaderMap, shop: &str) -> Option<Visit<'_>> {
        let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
        let mut pairs = cookies.split("; ").filter_map(|pair| pair.split_once('='));
        let (_, handle) = pairs.find(|(name, _)| *name == COOKIE)?;
        let known = self.inside().known.iter().any(|known| known == handle);
        known.then(|| Visit {
            visitors: self,
            key: (handle.to_owned(), shop.to_owned()),
        })
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit<'_> {
    pub(super) fn ask(&self, asking: Asking) {
        self.put(Place::Away(asking));
    }

    pub(super) fn grant(&self, granted: Granted) {
        self.put(Place::Connected(granted));
    }

    pub(super) fn forget(&self) {
        self.visitors.inside().places.remove(&self.key);
    }

    /// What was asked, once: whoever comes back a second time was not sent.
    pub(super) fn asked(&self) -> Option<Asking> {
        let mut inside = self.visitors.inside();
        match inside.places.remove(&self.key)? {
            Place::Away(asking) => Some(asking),
            connected => {
                inside.places.insert(self.key.clone(), connected);
                None
            }
        }
    }

    pub(super) fn granted(&self) -> Option<Granted> {
        match self.visitors.inside().places.get(&self.key)? {
            Place::Connected(granted) => Some(granted.clone()),
            Place::Away(_) => None,
        }
    }

    fn put(&self, place: Place) {
        self.visitors
            .inside()
            .places
            .insert(self.key.clone(), place);
    }
}
