//! Nonces for DPoP proofs (RFC 9449 section 8), without a table: each is a keyed hash of the minute it is for.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::Time;

/// For how long a nonce is handed out; it is accepted for twice as long at most.
const SLOT_MS: i64 = 60_000;

/// Makes and recognises this process's nonces.
pub(crate) struct Nonces(hmac::Key);

impl Nonces {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    /// The nonce to use at this moment.
    pub(crate) fn at(&self, now: Time) -> String {
        self.of_slot(now.0.div_euclid(SLOT_MS))
    }

    /// Whether a nonce is the present one or the one before it.
    pub(crate) fn accepts(&self, nonce: &str, now: Time) -> bool {
        let slot = now.0.div_euclid(SLOT_MS);
        [slot, slot.saturating_sub(1)].iter().any(|slot| {
            let expected = self.of_slot(*slot);
            aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), nonce.as_bytes())
                .is_ok()
        })
    }

    fn of_slot(&self, slot: i64) -> String {
        let tag = hmac::sign(&self.0, &slot.to_be_bytes());
        URL_SAFE_NO_PAD.encode(tag.as_ref().get(..16).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_its_minute_and_the_next() {
        let nonces = Nonces::new([1; 32]);
        let nonce = nonces.at(Time(30_000));
        for moment in [0, 59_999, 60_000, 119_999] {
            assert!(nonces.accepts(&nonce, Time(moment)), "{moment}");
        }
        assert!(!nonces.accepts(&nonce, Time(120_000)));
        assert!(!nonces.accepts("", Time(30_000)));
        assert!(!Nonces::new([2; 32]).accepts(&nonce, Time(30_000)));
    }
}
