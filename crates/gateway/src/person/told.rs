//! What the register's documents say about partners and powers, read once for a page.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use decide::{PartnerId, Power, PowerId};
use register::Book;
use register::documents::agreement;

use super::words;

/// A book with the documents of those partners that were asked for.
pub(super) struct Told {
    book: Arc<Book>,
    /// For each partner, what the latest version that has a power says to people about it.
    in_words: RefCell<HashMap<PartnerId, HashMap<PowerId, String>>>,
}

impl Told {
    pub(super) fn new(book: Arc<Book>) -> Self {
        Self {
            book,
            in_words: RefCell::default(),
        }
    }

    /// The partner's name, as people read it.
    pub(super) fn name(&self, partner: &PartnerId) -> String {
        let known = self.book.partners.get(partner);
        known.map_or_else(|| partner.to_string(), |known| known.name.clone())
    }

    /// What the latest version that has the power says to people about it.
    pub(super) fn in_words(&self, partner: &PartnerId, id: PowerId) -> String {
        let mut all = self.in_words.borrow_mut();
        let theirs = all
            .entry(partner.clone())
            .or_insert_with(|| self.read(partner));
        theirs.get(&id).cloned().unwrap_or_default()
    }

    fn read(&self, partner: &PartnerId) -> HashMap<PowerId, String> {
        let versions = self.book.agreements.values().flatten();
        let theirs = versions.filter(|offered| offered.offer.partner == *partner);
        let documents =
            theirs.filter_map(|it| agreement::parse("agreement", &it.document.text).ok());
        // Later versions replace what earlier ones say.
        let powers = documents.flat_map(|document| document.powers);
        powers
            .map(|granted| (granted.power.id(), granted.in_words))
            .collect()
    }
}

/// A power in a line: what, about whom, for what.
pub(super) fn spelled(power: &Power) -> String {
    let whom = words::whom(&power.reach);
    let purpose = words::spelled(power.purpose.as_str());
    format!("{}: about {whom}, for {purpose}", words::act(power))
}
