//! What checking the signature of a DPoP proof costs alone, with the library that the gateway uses.

use anyhow::{Context, Result};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use partner::{Algorithm, Key, Proven};

use crate::timing::{Spread, per_call};

const RUNS: usize = 5;
const CALLS: u32 = 2_000;

/// Microseconds of CPU for one check of a proof's signature by this algorithm, the key's reading included.
pub(crate) fn verifying(algorithm: Algorithm) -> Result<Spread> {
    let key = Key::from_secret(algorithm, [7; 32])?;
    let jwk = key.public_jwk();
    let part = |name: &str| {
        jwk.get(name)
            .and_then(|part| B64.decode(part.as_str()?).ok())
            .context("a JWK without x")
    };
    let (how, point): (&'static dyn VerificationAlgorithm, Vec<u8>) = match algorithm {
        Algorithm::Es256 => (
            &ECDSA_P256_SHA256_FIXED,
            [vec![4], part("x")?, part("y")?].concat(),
        ),
        Algorithm::EdDsa => (&ED25519, part("x")?),
    };
    let address = "http://127.0.0.1:8080/v1/people/u_23456789abcd/friends";
    let request = Proven {
        method: &http::Method::GET,
        address,
        token: Some("a-token"),
        nonce: None,
    };
    let proof = partner::proof(&key, request, 1_800_000_000, "a-proof-of-22-letters-")?;
    let (message, signature) = proof
        .rsplit_once('.')
        .context("a proof without a signature")?;
    let signature = B64.decode(signature)?;
    let spent = per_call(RUNS, CALLS, |_| {
        let key = UnparsedPublicKey::new(how, &point);
        assert!(
            key.verify(message.as_bytes(), &signature).is_ok(),
            "a proof of our own does not hold"
        );
    });
    Ok(spent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_of_either_algorithm_hold() {
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
            assert!(verifying(algorithm).unwrap().median() > 1.0);
        }
    }
}
