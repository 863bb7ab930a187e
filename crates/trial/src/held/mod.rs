//! What the ledger holds, opened with the deployment's own keys, and whether every answer that a client received is on
//! it.

mod deeds;
mod matching;
mod read;

use std::collections::{BTreeMap, HashMap};

use crate::cast::PARTNERS;
use crate::people::People;
use crate::place::connection_id;
use crate::work::Receipt;

pub(crate) use deeds::{Settled, settle};
pub(crate) use read::{Disclosed, Held, Intended, read};

/// What the comparison came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compared {
    /// Received answers, each with an entry of its own that says at least as much.
    pub(crate) matched: u64,
    /// Received answers without one. There must be none.
    pub(crate) unmatched: u64,
    /// Disclosures that nobody received: overstated, as a crash may leave them.
    pub(crate) beyond: u64,
}

/// One answer to be found on the ledger, or one entry: where and for whom.
type Group = (usize, &'static str, usize);

/// Compares everything received with everything held. Each answer needs an entry of its own, of the same partner,
/// operation and connection, made between the asking and the end of the answer, whose people are at least those in the
/// answer. Answers about nobody have an entry without people, known to the minute only.
pub(crate) fn compare(
    receipts: &[Receipt],
    held: &Held,
    complain: &mut dyn FnMut(String),
) -> Compared {
    let mut compared = Compared::default();
    let mut answers: BTreeMap<Group, Vec<&Receipt>> = BTreeMap::new();
    for receipt in receipts {
        answers
            .entry((receipt.partner, receipt.operation, receipt.connected))
            .or_default()
            .push(receipt);
    }
    let groups = named(answers.keys());
    let mut entries: BTreeMap<Group, Vec<&Disclosed>> = BTreeMap::new();
    for disclosed in &held.disclosed {
        let Disclosed {
            partner,
            operation,
            connection,
            ..
        } = disclosed.clone();
        if let Some(group) = groups.get(&(partner, operation, connection)) {
            entries.entry(*group).or_default().push(disclosed);
        }
    }
    let mut about_nobody: Vec<&Receipt> = Vec::new();
    let mut used = 0;
    for (group, answers) in answers {
        let entries = entries.remove(&group).unwrap_or_default();
        let pairs = matching::pair(&answers, &entries);
        for (answer, entry) in answers.iter().zip(pairs) {
            match entry {
                Some(_) => used += 1,
                None if answer.people.is_empty() => about_nobody.push(answer),
                None => {
                    compared.unmatched += 1;
                    complain(format!("received and not on the ledger: {answer:?}"));
                }
            }
        }
    }
    let found = matching::by_the_minute(&about_nobody, &held.empty);
    let missing = about_nobody.len().saturating_sub(found);
    for _ in 0..missing {
        complain("an answer about nobody was received and has no entry".to_owned());
    }
    compared.unmatched += wide(missing);
    compared.matched = used + wide(found);
    compared.beyond = wide(held.disclosed.len()).saturating_sub(used);
    compared
}

/// Looks through everything that the ledger holds for decisions that let something about somebody pass who was out, by
/// the very position of the register that the decision cites. How many times somebody who wavers was in one at all.
pub(crate) fn nobody_out(held: &Held, people: &People, complain: &mut dyn FnMut(String)) -> u64 {
    let mut looked = 0;
    let intents = held.intended.values().map(|intended| &intended.about);
    for decided in held.disclosed.iter().chain(intents) {
        let partner = PARTNERS
            .iter()
            .position(|partner| partner.id == decided.partner);
        let places = decided
            .people
            .iter()
            .filter_map(|person| people.place(*person));
        for wavering in places.filter_map(|place| people.wavering.get(place)) {
            looked += 1;
            if partner.is_some_and(|partner| wavering.was_out_at(partner, decided.register)) {
                let id = &wavering.id;
                complain(format!(
                    "{id} was out, and something about them passed: {decided:?}"
                ));
            }
        }
    }
    looked
}

/// The groups by what an entry says of itself.
fn named<'a>(groups: impl Iterator<Item = &'a Group>) -> HashMap<(String, String, String), Group> {
    let name = |group: &Group| {
        let (partner, operation, connected) = *group;
        let partner = PARTNERS.get(partner)?;
        let connection = connection_id(partner, connected).ok()?.to_string();
        Some((
            (partner.id.to_owned(), operation.to_owned(), connection),
            *group,
        ))
    };
    groups.filter_map(name).collect()
}

fn wide(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}
