//! Idempotency keys (the IETF's draft of `Idempotency-Key`): the same request sent again is told the same and done once.
//!
//! A key belongs to a partner and its connection. What became of its request is remembered for a day, also over a
//! restart, because the ledger has it; of one partner the last [`MOST`] are.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use decide::{Asker, Behalf, PartnerId, Time};
use http::HeaderMap;
use ledger::Hash;
use ledger::entry::Ending;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ended::{Ended, Told};
use crate::problem::Problem;

/// How long a key is remembered, in milliseconds.
pub(super) const REMEMBERED: i64 = 24 * 3_600_000;
/// How many keys of one partner are remembered; beyond, the oldest are forgotten sooner.
const MOST: usize = 200_000;

/// The key of a request, if it has one: a quoted string (RFC 9651), or the same without its quotes, as many send it.
pub(super) fn given(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all("idempotency-key").iter();
    let key = match (given.next(), given.next()) {
        (None, _) => return Ok(None),
        (Some(one), None) => one.to_str().map_err(|_| Problem::BadKey)?.trim(),
        _ => return Err(Problem::BadKey),
    };
    let unquoted = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
    let key = unquoted.unwrap_or(key);
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if (1..=255).contains(&key.len()) && key.bytes().all(plain) {
        Ok(Some(key.to_owned()))
    } else {
        Err(Problem::BadKey)
    }
}

/// What stands for a key, or for a request: a digest. The key itself, which is the partner's, is kept nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct KeyOf([u8; 32]);

impl KeyOf {
    pub(super) fn new(asker: &Asker, key: &str) -> Self {
        let connection = match &asker.behalf {
            Behalf::Connection(id) => id.as_str(),
            Behalf::Nobody => "",
        };
        let mut hash = Sha256::new();
        hash.update(b"countersign idempotency v1\n");
        for part in [asker.partner.as_str(), connection, key] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

impl From<KeyOf> for String {
    fn from(key: KeyOf) -> String {
        hex::encode(key.0)
    }
}

impl TryFrom<String> for KeyOf {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)?;
        Ok(Self(bytes))
    }
}

/// All keys that are remembered.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    known: HashMap<KeyOf, Known>,
    /// Of each partner, oldest first.
    order: HashMap<PartnerId, VecDeque<(Time, KeyOf)>>,
}

#[derive(Clone, Debug)]
struct Known {
    request: Hash,
    at: Time,
    /// The place of its intent in the ledger, once it is there.
    intent: Option<u64>,
    /// `None`: it is being carried out.
    told: Option<Told>,
}

/// What a key stands for when a request comes with it.
pub(super) enum Claimed {
    /// It is new, and this request's.
    Fresh(Claim),
    /// The same request was carried out.
    Ended(Told),
    /// Another request has it.
    OtherRequest,
    /// The same request is being carried out.
    Underway,
}

impl Keys {
    pub(super) fn claim(
        self: &Arc<Self>,
        partner: &PartnerId,
        key: KeyOf,
        request: Hash,
        now: Time,
    ) -> Claimed {
        let mut memory = self.lock();
        memory.forget(partner, now);
        match memory.known.get(&key) {
            Some(known) if known.request != request => return Claimed::OtherRequest,
            Some(Known { told: None, .. }) => return Claimed::Underway,
            Some(Known {
                told: Some(told), ..
            }) => return Claimed::Ended(told.clone()),
            None => {}
        }
        let fresh = Known {
            request,
            at: now,
            intent: None,
            told: None,
        };
        memory.insert(partner, key, fresh);
        Claimed::Fresh(Claim {
            keys: Arc::clone(self),
            key,
            request,
        })
    }

    /// What the ledger says of a key, after a restart.
    pub(super) fn remember(
        &self,
        partner: &PartnerId,
        about: &About,
        intent: u64,
        at: Time,
        told: Told,
    ) {
        let known = Known {
            request: Hash(about.request.0),
            at,
            intent: Some(intent),
            told: Some(told),
        };
        self.lock().insert(partner, about.of, known);
    }

    /// An operator has found out what became of an intent.
    pub(super) fn resolve(&self, intent: u64, told: &Told) {
        let mut memory = self.lock();
        let mut known = memory.known.values_mut();
        if let Some(known) = known.find(|known| known.intent == Some(intent)) {
            known.told = Some(told.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn insert(&mut self, partner: &PartnerId, key: KeyOf, known: Known) {
        let order = self.order.entry(partner.clone()).or_default();
        order.push_back((known.at, key));
        self.known.insert(key, known);
    }

    /// Forgets what is too old, or too much.
    fn forget(&mut self, partner: &PartnerId, now: Time) {
        let Some(order) = self.order.get_mut(partner) else {
            return;
        };
        while let Some((at, key)) = order.front().copied() {
            let old = at.0 < now.0.saturating_sub(REMEMBERED) || order.len() >= MOST;
            let known = self.known.get(&key);
            if !old || known.is_some_and(|known| known.told.is_none()) {
                return; // young enough, or being carried out
            }
            // The key may stand for a later request by now.
            if known.is_some_and(|known| known.at == at) {
                self.known.remove(&key);
            }
            order.pop_front();
        }
    }
}

/// What an intent's details say of its key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct About {
    /// The digest of the key, with partner and connection in it.
    pub(super) of: KeyOf,
    /// The digest of the request.
    pub(super) request: KeyOf,
}

/// A key that a request has for itself. If it is dropped, nothing was begun and the key is free again; or, with an intent
/// on the ledger, nobody knows what became of it.
#[derive(Debug)]
pub(super) struct Claim {
    keys: Arc<Keys>,
    key: KeyOf,
    request: Hash,
}

impl Claim {
    pub(super) fn about(&self) -> About {
        About {
            of: self.key,
            request: KeyOf(self.request.0),
        }
    }

    /// Its intent is on the ledger.
    pub(super) fn intended(&self, index: u64) {
        if let Some(known) = self.keys.lock().known.get_mut(&self.key) {
            known.intent = Some(index);
        }
    }

    /// What became of it is on the ledger.
    pub(super) fn ended(self, told: &Told) {
        let mut memory = self.keys.lock();
        if let Some(known) = memory.known.get_mut(&self.key) {
            known.told = Some(told.clone());
            if !told.was_sent() {
                memory.known.remove(&self.key);
            }
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut memory = self.keys.lock();
        match memory.known.get_mut(&self.key) {
            Some(known) if known.told.is_none() && known.intent.is_some() => {
                let ended = Ended::new(Ending::NO_ANSWER);
                known.told = Some(Told::read_back(ended));
            }
            Some(known) if known.told.is_none() => {
                memory.known.remove(&self.key);
            }
            _ => {}
        }
    }
}
