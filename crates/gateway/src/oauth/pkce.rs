//! Proof Key for Code Exchange (RFC 7636), by S256 alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::fault::GrantFault;

/// The hash of a secret that only the partner's own session knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Challenge([u8; 32]);

impl Challenge {
    /// Reads a challenge. Left out, `plain`, or of another length: refused, so nothing can be lowered.
    pub(crate) fn read(challenge: Option<&str>, method: Option<&str>) -> Result<Self, GrantFault> {
        if method != Some("S256") {
            return Err(GrantFault::Challenge);
        }
        let bytes = challenge.and_then(bytes_of).ok_or(GrantFault::Challenge)?;
        Ok(Self(bytes))
    }

    /// Whether this is the secret.
    pub(crate) fn is_met_by(self, verifier: &str) -> bool {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        (43..=128).contains(&verifier.len())
            && verifier.bytes().all(unreserved)
            && <[u8; 32]>::from(Sha256::digest(verifier)) == self.0
    }
}

/// 32 bytes in base64url, as challenges and thumbprints are.
pub(super) fn bytes_of(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; // RFC 7636, appendix B
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn the_challenge_of_rfc_7636_is_met_by_its_verifier_and_by_no_other() {
        let challenge = Challenge::read(Some(CHALLENGE), Some("S256")).unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        for other in ["", CHALLENGE, &VERIFIER[1..], &VERIFIER.to_lowercase()] {
            assert!(!challenge.is_met_by(other), "{other}");
        }
    }

    #[test]
    fn a_challenge_by_another_method_or_by_none_is_none() {
        for (challenge, method) in [
            (Some(CHALLENGE), None),
            (Some(CHALLENGE), Some("plain")),
            (Some(VERIFIER), Some("s256")),
            (None, Some("S256")),
            (Some("short"), Some("S256")),
        ] {
            assert_eq!(
                Challenge::read(challenge, method),
                Err(GrantFault::Challenge)
            );
        }
    }
}
