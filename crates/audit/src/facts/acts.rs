//! The acts that occur in logs and agreements, numbered.

use std::sync::{PoisonError, RwLock};

use decide::{Happened, PartnerId};
use rustc_hash::FxHashMap;

use crate::report::Act;

/// The number of one partner's act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActNo(pub u32);

/// All acts met so far.
#[derive(Debug, Default)]
pub(crate) struct Acts {
    all: RwLock<(FxHashMap<(PartnerId, Act), u32>, Vec<(PartnerId, Act)>)>,
}

impl Acts {
    /// The number of an act; a new one if it was not met before.
    pub(crate) fn number(&self, partner: &PartnerId, act: &Act) -> ActNo {
        let key = (partner.clone(), act.clone());
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.0.get(&key) {
            return ActNo(*known);
        }
        let number = u32::try_from(all.1.len()).unwrap_or(u32::MAX);
        all.1.push(key.clone());
        all.0.insert(key, number);
        ActNo(number)
    }

    /// All of them, by number.
    pub(crate) fn all(&self) -> Vec<(PartnerId, Act)> {
        self.all
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .clone()
    }
}

/// The acts that any version of an agreement grants, each once, in the order of the documents.
pub(crate) fn granted(standing: &[Happened]) -> Vec<(PartnerId, Act)> {
    let mut all = Vec::new();
    for happened in standing {
        if let decide::Event::AgreementOffered { offer } = &happened.event {
            for power in &offer.powers {
                let act = Act {
                    verb: power.verb,
                    category: power.category.clone(),
                    reach: power.reach.clone(),
                    purpose: power.purpose.clone(),
                };
                let one = (offer.partner.clone(), act);
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
    }
    all
}
