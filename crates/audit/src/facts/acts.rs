//! The acts that occur in logs and agreements, numbered.

use std::sync::{PoisonError, RwLock};

use decide::{Days, Event, Happened, PartnerId, PowerId, Time};
use rustc_hash::FxHashMap;

use crate::report::Act;

/// The number of one partner's act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActNo(pub u32);

/// Acts by their numbers, and the other way round.
type Numbered = (FxHashMap<(PartnerId, Act), u32>, Vec<(PartnerId, Act)>);

/// All acts met so far.
#[derive(Debug, Default)]
pub(crate) struct Acts {
    all: RwLock<Numbered>,
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

/// Uses that nobody can know of: before the logs begin every power counts as used, so that none is said to have lapsed
/// because of what the logs do not cover. Disuse is counted from the first day of the logs.
pub(crate) fn uses_before(standing: &[Happened], first_day: Time) -> Vec<Happened> {
    let mut powers: Vec<(PartnerId, PowerId)> = Vec::new();
    let (mut from, mut after) = (None, Days(1));
    for happened in standing {
        match &happened.event {
            Event::PolicySet { policy } => after = policy.power_lapses_after,
            Event::AgreementOffered { offer } => {
                powers.extend(
                    offer
                        .powers
                        .iter()
                        .map(|power| (offer.partner.clone(), power.id())),
                );
            }
            Event::AgreementSigned { .. } => from = from.or(Some(happened.at)),
            _ => {}
        }
    }
    let mut uses = Vec::new();
    let Some(mut at) = from.filter(|from| *from <= first_day) else {
        return uses;
    };
    loop {
        let all = powers.iter().cloned();
        uses.extend(all.map(|(partner, power)| Happened {
            at,
            event: Event::PowerUsed { partner, power },
        }));
        if at == first_day {
            return uses;
        }
        at = at.plus(Days(after.0.max(1))).min(first_day);
    }
}
