//! Who sends a request to the API, by token and proof.

use std::sync::Arc;

use decide::{Behalf, PartnerId, Purpose, Time};
use http::request::Parts;
use http::{HeaderMap, header};

use super::endpoint::connection_lives;
use super::fault::{ProofFault, TokenFault};
use super::proof::{self, Proof, Proven};
use super::tokens::{Grant, TokenHash};
use crate::gateway::Gateway;
use crate::problem::Problem;

/// A partner who has shown that a request is its own.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    grant: Arc<Grant>,
    token: TokenHash,
}

impl Caller {
    /// Which partner.
    pub(crate) fn partner(&self) -> &PartnerId {
        &self.grant.partner
    }

    /// For whom it acts.
    pub(crate) fn behalf(&self) -> &Behalf {
        &self.grant.behalf
    }

    /// What for.
    pub(crate) fn purpose(&self) -> &Purpose {
        &self.grant.purpose
    }
}

/// Checks token and proof of a request. Its proof counts as used from here on.
pub(crate) fn authenticate(gateway: &Gateway, parts: &Parts, now: Time) -> Result<Caller, Problem> {
    let token = token(&parts.headers)?;
    let hash = TokenHash::of(token);
    let grant = valid(gateway, hash, now).ok_or(TokenFault::Unknown)?;
    let target = format!("{}{}", gateway.config.listen.public_url, parts.uri.path());
    let request = Proven {
        method: &parts.method,
        target: &target,
        token: Some(token),
    };
    let proof = proof::check(&parts.headers, &request, now)?;
    if proof.key != grant.key {
        return Err(ProofFault::OtherKey.into());
    }
    check_nonce(gateway, &proof, now)?;
    let first = gateway
        .memory
        .proofs
        .first_use(&grant.partner, &proof.id, now);
    first.map_err(|_| ProofFault::Replayed)?;
    Ok(Caller { grant, token: hash })
}

/// What stands behind a token, if it is valid at this moment and its partner still publishes the key by which it was got:
/// whoever replaces a key that was stolen ends what was got by it, whatever other key that is bound to.
///
/// Connections and refresh tokens go on. A refresh token is worth nothing without a key that stands now.
pub(super) fn valid(gateway: &Gateway, token: TokenHash, now: Time) -> Option<Arc<Grant>> {
    let grant = gateway.tokens.find(token, now)?;
    let book = gateway.register.book();
    let published = &book.partners.get(&grant.partner)?.jwks.keys;
    let stands = published.iter().any(|key| key.algorithm == grant.by);
    stands.then_some(grant)
}

/// Whether the token of somebody whose answer is still going on is good: not expired, not given back, and its key not
/// replaced.
pub(crate) fn still_holds(gateway: &Gateway, caller: &Caller, now: Time) -> bool {
    valid(gateway, caller.token, now).is_some()
}

/// Refuses a partner whose connection has ended since it got its token. Who it is has been shown: this refusal counts
/// against it and its limits, not among the strangers.
pub(crate) fn still_connected(
    gateway: &Gateway,
    Caller { grant, .. }: &Caller,
    now: Time,
) -> Result<(), Problem> {
    if grant.behalf != Behalf::Nobody
        && !connection_lives(gateway, &grant.partner, &grant.behalf, &grant.purpose, now)?
    {
        return Err(TokenFault::ConnectionEnded.into());
    }
    Ok(())
}

/// Refuses a proof without one of this server's nonces, where they are demanded.
pub(super) fn check_nonce(gateway: &Gateway, proof: &Proof, now: Time) -> Result<(), Problem> {
    if !gateway.config.tokens.nonce {
        return Ok(());
    }
    let nonces = &gateway.memory.nonces;
    match &proof.nonce {
        Some(nonce) if nonces.accepts(nonce, now) => Ok(()),
        _ => Err(Problem::UseNonce(nonces.at(now))),
    }
}

/// The one token of the request. A second Authorization header is refused: two readers could each take another.
fn token(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (given.next(), given.next()) {
        (None, _) => return Err(Problem::NoToken),
        (Some(value), None) => value,
        (Some(_), Some(_)) => return Err(TokenFault::NotOne.into()),
    };
    let text = value.to_str().map_err(|_| TokenFault::Scheme)?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("DPoP") => Ok(token),
        _ => Err(TokenFault::Scheme.into()),
    }
}
