//! Authorization codes: good once, for a minute, for whom they were made.

use decide::{ConnectionId, PartnerId, Time};

use super::par::Bound;
use super::redirect::Redirect;
use crate::entropy::{Entropy, NoEntropy};
use crate::shelf::{Shelf, mark};

/// How long a code is good.
const GOOD_MS: i64 = 60_000;
/// How long one is remembered, so that it is noticed when it comes again: as long as a token got by it can live.
const REMEMBERED_MS: i64 = 660_000;
const MOST_PER_PARTNER: usize = 20_000;

/// What a code is for.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) connection: ConnectionId,
    pub(crate) redirect: Redirect,
    pub(crate) bound: Bound,
}

struct Kept {
    code: Code,
    partner: PartnerId,
    until: Time,
    /// It has been brought, whatever came of it.
    tried: bool,
}

/// Codes that are out, or were lately.
pub(crate) struct Codes(Shelf<PartnerId, Kept>);

/// What a code comes to.
#[derive(Debug)]
pub(crate) enum Brought {
    /// It may be looked at, by this client, now and never again.
    First(Code),
    /// Its own client has brought it before: whatever it gave must end (RFC 6749 section 4.1.2).
    Again(ConnectionId),
    /// Unknown, expired, or another client's.
    Nothing,
}

impl Codes {
    pub(crate) fn new() -> Self {
        Self(Shelf::new(REMEMBERED_MS, MOST_PER_PARTNER))
    }

    /// Makes a code.
    pub(crate) fn make(
        &self,
        partner: &PartnerId,
        code: Code,
        entropy: &Entropy,
        now: Time,
    ) -> Result<String, NoEntropy> {
        let kept = Kept {
            code,
            partner: partner.clone(),
            until: Time(now.0.saturating_add(GOOD_MS)),
            tried: false,
        };
        self.0.put(partner.clone(), kept, entropy, now)
    }

    /// The connection that a code is for, if this client could bring it now. Looking does not use it up, and what comes of
    /// it must say nothing about redirect, verifier and key: those are asked about when it is brought.
    pub(crate) fn look(&self, code: &str, partner: &PartnerId, now: Time) -> Option<ConnectionId> {
        let look = |kept: &mut Kept| {
            let good = kept.partner == *partner && !kept.tried && now < kept.until;
            good.then(|| kept.code.connection.clone())
        };
        self.0.with(&mark(code), now, look).flatten()
    }

    /// A client brings a code. Whoever brings it uses it up: a verifier cannot be guessed twice.
    pub(crate) fn bring(&self, code: &str, partner: &PartnerId, now: Time) -> Brought {
        let look = |kept: &mut Kept| {
            let first = !std::mem::replace(&mut kept.tried, true);
            match (kept.partner == *partner, first) {
                (true, true) if now < kept.until => Brought::First(kept.code.clone()),
                (true, false) => Brought::Again(kept.code.connection.clone()),
                _ => Brought::Nothing,
            }
        };
        let brought = self.0.with(&mark(code), now, look);
        brought.unwrap_or(Brought::Nothing)
    }
}
