//! Tells the register that a power was used, at most once a day each, so that it does not lapse.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use decide::{Asker, Day, Decision, Event, PartnerId, PowerId, Time};
use register::{Change, IdempotencyKey, Register};
use sha2::{Digest as _, Sha256};

/// The uses of today that the register has been told.
#[derive(Debug, Default)]
pub(crate) struct Used(Mutex<Today>);

#[derive(Debug, Default)]
struct Today {
    day: Option<Day>,
    told: HashSet<(PartnerId, PowerId)>,
}

impl Used {
    /// Notes the powers by which something passed. Does not wait: an answer never hangs on this event, and one that
    /// was lost is made up for by the next use of the day.
    pub(crate) fn note(&self, register: &Arc<Register>, asker: &Asker, decision: &Decision) {
        let Some(at) = decision.at() else {
            return;
        };
        for power in decision.powers_that_passed() {
            if self.first_today(&asker.partner, power, at.day()) {
                tell(register.clone(), asker.partner.clone(), power, at);
            }
        }
    }

    fn first_today(&self, partner: &PartnerId, power: PowerId, day: Day) -> bool {
        let mut today = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if today.day != Some(day) {
            *today = Today {
                day: Some(day),
                told: HashSet::new(),
            };
        }
        today.told.insert((partner.clone(), power))
    }
}

fn tell(register: Arc<Register>, partner: PartnerId, power: PowerId, at: Time) {
    let key = key(&partner, power, at.day());
    tokio::spawn(async move {
        let event = Event::PowerUsed {
            partner: partner.clone(),
            power,
        };
        if let Err(error) = register.append(at, Change::Fact(event), key).await {
            tracing::warn!(%error, %partner, %power, "the register was not told of a power's use");
        }
    });
}

/// The same use of the same day is the same event, also after a restart.
fn key(partner: &PartnerId, power: PowerId, day: Day) -> IdempotencyKey {
    let mut hash = Sha256::new();
    hash.update(b"countersign power used v1\n");
    hash.update(partner.as_str());
    hash.update(power.0);
    hash.update(day.0.to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut key = [0; 16];
    key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    IdempotencyKey(key)
}
