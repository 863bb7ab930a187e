//! Refresh tokens: the name of a connection, under a keyed hash. They hold nothing, so nothing has to be stored for them
//! and no restart forgets them; they end with the connection, which the register knows.
//!
//! Of use to nobody but the client that they were given to, which must show its own key with each (RFC 6749 section 6).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use decide::{ConnectionId, PartnerId};

/// Makes and recognises refresh tokens.
pub(crate) struct RefreshTokens(hmac::Key);

impl RefreshTokens {
    /// Under a key derived from `secret`, which may have other uses.
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = hmac::sign(&secret, b"countersign/refresh-token/v1");
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// The one refresh token of a connection.
    pub(crate) fn of(&self, partner: &PartnerId, connection: &ConnectionId) -> String {
        // Neither name can hold a dot, so no two pairs are signed as one text.
        let tag = hmac::sign(&self.0, format!("{partner}.{connection}").as_bytes());
        format!("{connection}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// Which connection a refresh token of this partner's is for. Whether it lives is to be asked.
    pub(crate) fn connection(&self, token: &str, partner: &PartnerId) -> Option<ConnectionId> {
        let (connection, _) = token.split_once('.')?;
        let connection: ConnectionId = connection.parse().ok()?;
        let expected = self.of(partner, &connection);
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), token.as_bytes())
            .ok()?;
        Some(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_is_its_partners_own_and_nobody_can_make_one() {
        let tokens = RefreshTokens::new(&[1; 32]);
        let (findr, reelbox) = ("findr".parse().unwrap(), "reelbox".parse().unwrap());
        let connection: ConnectionId = "c-1".parse().unwrap();
        let token = tokens.of(&findr, &connection);
        assert_eq!(tokens.connection(&token, &findr), Some(connection));
        assert_eq!(tokens.connection(&token, &reelbox), None);
        for other in [
            "",
            "c-1",
            "c-1.",
            "c-2.AAAA",
            &token.replace("c-1", "c-2"),
            &format!("{token}A"),
        ] {
            assert_eq!(tokens.connection(other, &findr), None, "{other}");
        }
        assert_eq!(
            RefreshTokens::new(&[2; 32]).connection(&token, &findr),
            None
        );
    }
}
