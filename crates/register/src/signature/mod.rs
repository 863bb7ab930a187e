//! Officers' signatures over one exact version of an agreement (JWS, RFC 7515).

pub mod take_in;

/// Why a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// Not a JWS in compact form.
    #[error(
        "not a signature: expected a JWS in compact form (three parts of base64url joined by dots)"
    )]
    Form,
}
