//! Client authentication by a signed assertion (private_key_jwt, RFC 7523): no client has a secret here.

use std::str::FromStr;

use decide::{PartnerId, Time};
use jsonwebtoken::jwk::AlgorithmParameters;
use register::Book;
use serde::Deserialize;

use super::fault::AssertionFault;
use super::jws::{Jwk, Jws, JwsFault, PublicKey};

/// How far a client's clock may be off.
const SKEW_MS: i64 = 10_000;
/// The longest that an assertion may still run.
const LONGEST_MS: i64 = 300_000;

/// For how long the id of an assertion must be remembered.
pub(crate) const KEEP_MS: i64 = LONGEST_MS + 2 * SKEW_MS;

/// An assertion that holds. Whether it was used before is still to be checked.
#[derive(Debug)]
pub(crate) struct Asserted {
    /// Who it is from.
    pub(crate) partner: PartnerId,
    /// Its id.
    pub(crate) id: String,
    /// The thumbprint (RFC 7638) of the enrolled key that verified it.
    pub(crate) key: [u8; 32],
    /// The key itself, as it is enrolled.
    pub(crate) by: AlgorithmParameters,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: Option<String>,
}

/// RFC 7519 allows a list; here it must have one member, so that an assertion is good at one server only.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Whose assertion this is, if the partner's own enrolled key verifies it and it is meant for one of `audiences`, now.
pub(crate) fn check(
    text: &str,
    book: &Book,
    audiences: &[&str],
    now: Time,
) -> Result<Asserted, AssertionFault> {
    let jws = Jws::read(text)?;
    if !jws.has_known_algorithm() {
        return Err(AssertionFault::Algorithm);
    }
    let claimed: Claims = jws.unverified()?;
    let (partner, (key, by), claims) = verify(&jws, &claimed.iss, book)?;
    if claims.iss != claims.sub {
        return Err(AssertionFault::Subject);
    }
    if !claims.aud.is_one_of(audiences) {
        return Err(AssertionFault::Audience);
    }
    claims.fit(now)?;
    let id = claims
        .jti
        .filter(|id| (8..=256).contains(&id.len()))
        .ok_or(AssertionFault::NoId)?;
    Ok(Asserted {
        partner,
        id,
        key,
        by,
    })
}

/// A key's thumbprint, and the key as it is enrolled.
type Enrolled = ([u8; 32], AlgorithmParameters);

fn verify(
    jws: &Jws<'_>,
    issuer: &str,
    book: &Book,
) -> Result<(PartnerId, Enrolled, Claims), AssertionFault> {
    let partner = PartnerId::from_str(issuer).map_err(|_| AssertionFault::Unverified)?;
    let known = book
        .partners
        .get(&partner)
        .ok_or(AssertionFault::Unverified)?;
    let mut fault = AssertionFault::Unverified;
    for enrolled in &known.jwks.keys {
        let Some((jwk, key)) = read(enrolled) else {
            continue;
        };
        if jws.header.kid.is_some() && jws.header.kid != jwk.kid {
            continue;
        }
        match jws.verify(&key) {
            Ok(claims) => {
                let by = (key.thumbprint(), enrolled.algorithm.clone());
                return Ok((partner, by, claims));
            }
            Err(JwsFault::Algorithm) => fault = AssertionFault::Algorithm,
            Err(JwsFault::Signature) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(fault)
}

/// A key as the register keeps it; `None` for one that nothing is verified by here.
///
/// The register's key type and ours read the same JSON; going through it keeps the reading in one place.
pub(crate) fn read(jwk: &impl serde::Serialize) -> Option<(Jwk, PublicKey)> {
    let value = serde_json::to_value(jwk).ok()?;
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    let key = PublicKey::of(&jwk)?;
    Some((jwk, key))
}

impl Claims {
    fn fit(&self, now: Time) -> Result<(), AssertionFault> {
        let from_now = |seconds: i64| seconds.saturating_mul(1000).saturating_sub(now.0);
        let expires = from_now(self.exp);
        if expires <= -SKEW_MS {
            return Err(AssertionFault::Expired);
        }
        if expires > LONGEST_MS + SKEW_MS {
            return Err(AssertionFault::TooLong);
        }
        if [self.iat, self.nbf]
            .into_iter()
            .flatten()
            .any(|begins| from_now(begins) > SKEW_MS)
        {
            return Err(AssertionFault::NotYet);
        }
        Ok(())
    }
}

impl Audience {
    fn is_one_of(&self, audiences: &[&str]) -> bool {
        match self {
            Self::One(audience) => audiences.contains(&audience.as_str()),
            Self::Many(list) => {
                matches!(list.as_slice(), [audience] if audiences.contains(&audience.as_str()))
            }
        }
    }
}

impl From<JwsFault> for AssertionFault {
    fn from(fault: JwsFault) -> Self {
        match fault {
            JwsFault::Malformed => Self::Malformed,
            JwsFault::Critical => Self::Critical,
            JwsFault::Algorithm => Self::Algorithm,
            JwsFault::Signature => Self::Unverified,
        }
    }
}
