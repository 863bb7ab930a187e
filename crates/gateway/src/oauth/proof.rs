//! DPoP proofs (RFC 9449): whoever sends a token shows, for this one request, that it holds the key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::Time;
use http::{HeaderMap, Method};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::fault::ProofFault;
use super::jws::{Jws, JwsFault, PublicKey};

/// How far a proof's `iat` may lie from the present, either way.
const WINDOW_MS: i64 = 60_000;

/// For how long the id of a proof must be remembered: as long as its `iat` can be in the window.
pub(crate) const KEEP_MS: i64 = 2 * WINDOW_MS + 1000;

/// The request that a proof must have been made for.
pub(crate) struct Proven<'a> {
    /// Its method.
    pub(crate) method: &'a Method,
    /// Its address as partners know it, without query.
    pub(crate) target: &'a str,
    /// The access token that goes along, if there is one yet.
    pub(crate) token: Option<&'a str>,
}

/// A proof that holds for its request. Whether it was used before, and whether its key is the right one, is still to
/// be checked.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The thumbprint of its key.
    pub(crate) key: [u8; 32],
    /// Its id.
    pub(crate) id: String,
    /// The nonce that it carries.
    pub(crate) nonce: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    htm: String,
    htu: String,
    iat: i64,
    jti: String,
    ath: Option<String>,
    nonce: Option<String>,
}

/// Checks the request's DPoP header against the request itself (RFC 9449 section 4.3, in its order).
pub(crate) fn check(
    headers: &HeaderMap,
    request: &Proven<'_>,
    now: Time,
) -> Result<Proof, ProofFault> {
    let mut given = headers.get_all("dpop").iter();
    let (Some(text), None) = (given.next(), given.next()) else {
        return Err(ProofFault::NotOne);
    };
    let text = text.to_str().map_err(|_| ProofFault::Malformed)?;
    let jws = Jws::read(text)?;
    if jws.header.typ.as_deref() != Some("dpop+jwt") {
        return Err(ProofFault::Type);
    }
    if !jws.has_known_algorithm() {
        return Err(ProofFault::Algorithm);
    }
    let jwk = jws.header.jwk.as_ref().ok_or(ProofFault::Key)?;
    let key = PublicKey::of(jwk).ok_or(ProofFault::Key)?;
    let claims: Claims = jws.verify(&key)?;
    claims.fit(request, now)?;
    Ok(Proof {
        key: key.thumbprint(),
        id: claims.jti,
        nonce: claims.nonce,
    })
}

impl Claims {
    fn fit(&self, request: &Proven<'_>, now: Time) -> Result<(), ProofFault> {
        if self.htm != request.method.as_str() {
            return Err(ProofFault::Method);
        }
        if !same_target(&self.htu, request.target) {
            return Err(ProofFault::Target);
        }
        if self.iat.saturating_mul(1000).abs_diff(now.0) > WINDOW_MS.unsigned_abs() {
            return Err(ProofFault::Time);
        }
        if !(8..=256).contains(&self.jti.len()) {
            return Err(ProofFault::NoId);
        }
        let hash = request
            .token
            .map(|token| URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
        if hash.is_some() && self.ath != hash {
            return Err(ProofFault::TokenHash);
        }
        Ok(())
    }
}

/// Whether two addresses are the same: scheme and host in any case, everything else byte for byte. A proof's query or
/// fragment is no part of the comparison (RFC 9449 section 4.3, step 9).
fn same_target(claimed: &str, actual: &str) -> bool {
    let bare = claimed.split(['?', '#']).next().unwrap_or_default();
    let path_at = |text: &str| {
        let after = text.find("://").map_or(text.len(), |at| at + 3);
        text.get(after..)
            .and_then(|rest| rest.find('/'))
            .map_or(text.len(), |at| after + at)
    };
    let (a, b) = (path_at(bare), path_at(actual));
    match (bare.split_at_checked(a), actual.split_at_checked(b)) {
        (Some((origin, path)), Some((its_origin, its_path))) => {
            origin.eq_ignore_ascii_case(its_origin) && path == its_path
        }
        _ => false,
    }
}

impl From<JwsFault> for ProofFault {
    fn from(fault: JwsFault) -> Self {
        match fault {
            JwsFault::Malformed => Self::Malformed,
            JwsFault::Critical => Self::Critical,
            JwsFault::Algorithm => Self::Algorithm,
            JwsFault::Signature => Self::Signature,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_in_scheme_and_host_whatever_the_case_and_in_the_path_exactly() {
        let here = "https://partners.sample.example/v1/me";
        for same in [
            here,
            "HTTPS://Partners.Sample.example/v1/me",
            "https://partners.sample.example/v1/me?x=1#y",
        ] {
            assert!(same_target(same, here), "{same}");
        }
        for other in [
            "",
            "https://partners.sample.example/v1/Me",
            "https://partners.sample.example/v1/me/",
            "https://partners.sample.example:8443/v1/me",
            "http://partners.sample.example/v1/me",
            "https://partners.sample.example",
            "/v1/me",
        ] {
            assert!(!same_target(other, here), "{other}");
        }
    }
}
