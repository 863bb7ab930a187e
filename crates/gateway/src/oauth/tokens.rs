//! Access tokens: 256 random bits that mean nothing outside this process, kept as hashes, gone after some minutes.
//!
//! A token holds who asks, for whom and what for. It holds no consent: that is read live, for every record.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::{Behalf, PartnerId, Purpose, Time};
use jsonwebtoken::jwk::AlgorithmParameters;
use sha2::{Digest as _, Sha256};

use crate::entropy::{Entropy, NoEntropy};

/// What stands behind a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Who asks.
    pub(crate) partner: PartnerId,
    /// For whom.
    pub(crate) behalf: Behalf,
    /// What for: one purpose a token.
    pub(crate) purpose: Purpose,
    /// The enrolled key, without its name, by which the client showed who it is. Not [`Grant::key`]: that is any key of the
    /// client's own choosing.
    pub(crate) by: AlgorithmParameters,
    /// The thumbprint (RFC 7638) of the key that must prove each request.
    pub(crate) key: [u8; 32],
    /// The first moment at which it is no longer valid.
    pub(crate) until: Time,
}

/// What is kept of a token: its SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TokenHash([u8; 32]);

impl TokenHash {
    pub(crate) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

/// The tokens that are out.
pub(crate) struct Tokens {
    lifetime_ms: i64,
    most_per_partner: usize,
    held: RwLock<Held>,
}

#[derive(Default)]
struct Held {
    grants: HashMap<TokenHash, Arc<Grant>>,
    /// In the order of issue, which is the order of expiry, since all live equally long.
    by_expiry: VecDeque<(Time, TokenHash)>,
    of_partner: HashMap<PartnerId, usize>,
}

/// Why no token was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotIssued {
    /// The partner holds as many as it may.
    TooMany,
    /// No random bytes.
    NoEntropy,
}

impl From<NoEntropy> for NotIssued {
    fn from(_: NoEntropy) -> Self {
        Self::NoEntropy
    }
}

impl Tokens {
    pub(crate) fn new(lifetime_ms: i64, most_per_partner: usize) -> Self {
        Self {
            lifetime_ms,
            most_per_partner,
            held: RwLock::default(),
        }
    }

    /// How long a token lives, in whole seconds, as the token endpoint says it.
    pub(crate) fn lifetime_seconds(&self) -> i64 {
        self.lifetime_ms / 1000
    }

    /// Issues a token for what `grant` says; its `until` is set here.
    pub(crate) fn issue(
        &self,
        grant: Grant,
        entropy: &Entropy,
        now: Time,
    ) -> Result<String, NotIssued> {
        let token = URL_SAFE_NO_PAD.encode(entropy.bytes::<32>()?);
        let hash = TokenHash::of(&token);
        let until = Time(now.0.saturating_add(self.lifetime_ms));
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.forget_expired(now);
        let count = held.of_partner.entry(grant.partner.clone()).or_default();
        if *count >= self.most_per_partner {
            return Err(NotIssued::TooMany);
        }
        *count += 1;
        held.by_expiry.push_back((until, hash));
        held.grants.insert(hash, Arc::new(Grant { until, ..grant }));
        Ok(token)
    }

    /// What stands behind a token, if it is valid at this moment.
    pub(crate) fn find(&self, token: TokenHash, now: Time) -> Option<Arc<Grant>> {
        // Looked up by hash: how long that takes says nothing about any token that exists.
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let grant = held.grants.get(&token)?;
        (now < grant.until).then(|| grant.clone())
    }

    /// Ends one token of this partner's, and nothing else: the connection behind it goes on. Another partner's token
    /// stays as it is.
    pub(crate) fn revoke(&self, token: &str, partner: &PartnerId) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let hash = TokenHash::of(token);
        if held
            .grants
            .get(&hash)
            .is_some_and(|grant| grant.partner == *partner)
        {
            held.forget(&hash);
        }
    }

    /// How many are held, expired ones that nobody has cleared away included.
    pub(crate) fn len(&self) -> usize {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.grants.len()
    }
}

impl Held {
    fn forget_expired(&mut self, now: Time) {
        while let Some((until, hash)) = self.by_expiry.front().copied()
            && until <= now
        {
            self.by_expiry.pop_front();
            self.forget(&hash);
        }
    }

    fn forget(&mut self, hash: &TokenHash) {
        let Some(grant) = self.grants.remove(hash) else {
            return;
        };
        if let Some(count) = self.of_partner.get_mut(&grant.partner) {
            *count = count.saturating_sub(1);
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    fn entropy() -> Entropy {
        let next = AtomicU64::new(1);
        Entropy::from_fill(move |bytes| {
            let n = next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            bytes
                .iter_mut()
                .zip(n.iter().cycle())
                .for_each(|(b, n)| *b = *n);
            Ok(())
        })
    }

    fn grant(partner: &str) -> Grant {
        Grant {
            partner: partner.parse().unwrap(),
            behalf: Behalf::Nobody,
            purpose: "dpv:ServiceProvision".parse().unwrap(),
            by: serde_json::from_value(
                serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "x": "x" }),
            )
            .unwrap(),
            key: [7; 32],
            until: Time(0),
        }
    }

    #[test]
    fn a_token_is_good_until_its_last_moment_and_not_after() {
        let (tokens, entropy) = (Tokens::new(1000, 10), entropy());
        let token = tokens.issue(grant("findr"), &entropy, Time(5)).unwrap();
        assert_eq!(token.len(), 43);
        assert!(tokens.find(TokenHash::of(&token), Time(1004)).is_some());
        assert_eq!(tokens.find(TokenHash::of(&token), Time(1005)), None);
        assert_eq!(tokens.find(TokenHash::of("AAAA"), Time(5)), None);
    }

    #[test]
    fn only_the_partner_that_holds_a_token_can_revoke_it() {
        let (tokens, entropy) = (Tokens::new(1000, 10), entropy());
        let token = tokens.issue(grant("findr"), &entropy, Time(0)).unwrap();
        tokens.revoke(&token, &"shopfront".parse().unwrap());
        assert!(tokens.find(TokenHash::of(&token), Time(1)).is_some());
        tokens.revoke(&token, &"findr".parse().unwrap());
        assert_eq!(tokens.find(TokenHash::of(&token), Time(1)), None);
    }

    #[test]
    fn a_partner_holds_so_many_tokens_and_gets_more_when_some_have_ended() {
        let (tokens, entropy) = (Tokens::new(1000, 2), entropy());
        let first = tokens.issue(grant("findr"), &entropy, Time(0)).unwrap();
        tokens.issue(grant("findr"), &entropy, Time(500)).unwrap();
        let third = tokens.issue(grant("findr"), &entropy, Time(600));
        assert_eq!(third, Err(NotIssued::TooMany));
        assert!(
            tokens
                .issue(grant("shopfront"), &entropy, Time(600))
                .is_ok()
        );
        tokens.revoke(&first, &"findr".parse().unwrap());
        assert!(tokens.issue(grant("findr"), &entropy, Time(600)).is_ok());
        assert!(tokens.issue(grant("findr"), &entropy, Time(1500)).is_ok());
        assert_eq!(tokens.len(), 3); // those of 600 (two) and 1500; that of 500 was cleared away
    }

    #[test]
    fn without_randomness_there_is_no_token() {
        let tokens = Tokens::new(1000, 2);
        let broken = Entropy::from_fill(|_| Err(NoEntropy));
        let issued = tokens.issue(grant("findr"), &broken, Time(0));
        assert_eq!(issued, Err(NotIssued::NoEntropy));
    }
}
