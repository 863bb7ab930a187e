//! Tells the register that a power was used, at most once a day each, so that it does not lapse.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use decide::{Asker, Day, Decision, Event, PartnerId, PowerId, Time};
use register::{Change, IdempotencyKey, Register};
use sha2::{Digest as _, Sha256};
use tokio::task::JoinHandle;

/// The uses of today that the register has been told, or is being told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used(Arc<Mutex<Today>>);

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
        // It would be refused, answer after answer; the queue is for those who withdraw.
        if register.log().shortage().is_some() {
            return;
        }
        for power in decision.powers_that_passed() {
            if self.first_today(&asker.partner, power, at.day()) {
                let (used, register) = (self.clone(), register.clone());
                drop(used.tell(register, asker.partner.clone(), power, at));
            }
        }
    }

    fn first_today(&self, partner: &PartnerId, power: PowerId, day: Day) -> bool {
        let mut today = self.today();
        if today.day != Some(day) {
            *today = Today {
                day: Some(day),
                told: HashSet::new(),
            };
        }
        today.told.insert((partner.clone(), power))
    }

    fn tell(
        self,
        register: Arc<Register>,
        partner: PartnerId,
        power: PowerId,
        at: Time,
    ) -> JoinHandle<()> {
        let key = key(&partner, power, at.day());
        tokio::spawn(async move {
            let event = Event::PowerUsed {
                partner: partner.clone(),
                power,
            };
            if let Err(error) = register.append(at, Change::Fact(event), key).await {
                tracing::warn!(%error, %partner, %power, "the register was not told of a power's use");
                self.not_told(partner, power, at.day());
            }
        })
    }

    /// The next use of the day is told in its place.
    fn not_told(&self, partner: PartnerId, power: PowerId, day: Day) {
        let mut today = self.today();
        if today.day == Some(day) {
            today.told.remove(&(partner, power));
        }
    }

    fn today(&self) -> MutexGuard<'_, Today> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::note::Signer;
    use register::{Founding, Options};

    #[tokio::test]
    async fn a_use_that_the_register_was_not_told_of_is_told_by_the_next_one_of_the_day() {
        let begins = Time(1_795_608_000_000);
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("register");
        let found = move || {
            let signer = Signer::from_seed("countersign.sample.example/register", [7; 32]);
            let fill = |bytes: &mut [u8]| {
                bytes.fill(7);
                Ok(())
            };
            let mut options = Options::new(signer.unwrap(), Arc::new(fill));
            options.log.segment_bytes = 1 << 20;
            let founding = Founding {
                at: begins,
                platform_officers: serde_json::from_str(r#"{ "keys": [] }"#).unwrap(),
            };
            let register = Register::create(&home, options, founding).unwrap();
            // Something with a moment, so that what is dated before it is refused.
            let document = "categories: [pd:Name]\npower-lapses-after-days: 90\nconnection-quiet-after-days: 90\nconsent-at-most-days: 365\n";
            let policy = Change::SetPolicy {
                document: document.to_owned(),
            };
            let key = IdempotencyKey([1; 16]);
            register.append_blocking(begins, policy, key).unwrap();
            Arc::new(register)
        };
        let register = tokio::task::spawn_blocking(found).await.unwrap();
        let (used, before) = (Used::default(), register.position());
        let (partner, power): (PartnerId, _) = ("findr".parse().unwrap(), PowerId([3; 32]));
        let first = || used.first_today(&partner, power, begins.day());
        let tell = |at| {
            let telling = used.clone();
            telling.tell(register.clone(), partner.clone(), power, at)
        };
        assert!(first() && !first());
        tell(Time(begins.0 - 60_000)).await.unwrap();
        assert_eq!(register.position(), before, "refused");
        assert!(first(), "so the next one is told");
        tell(begins).await.unwrap();
        assert_eq!(register.position().0, before.0 + 1);
        assert!(!first());
    }
}
