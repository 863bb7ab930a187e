//! What can be wrong with an assertion, a proof, a token or a token request, in the words that a partner reads.
//!
//! All of it depends on the partner's own keys and requests, so all of it may be told. One thing is kept vague: an
//! unknown client, an unknown key and a wrong signature sound the same.

/// What is wrong with a client assertion (RFC 7523).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AssertionFault {
    #[error(
        "No client assertion: send `client_assertion_type` urn:ietf:params:oauth:client-assertion-type:jwt-bearer and `client_assertion`, each once. There are no client secrets here."
    )]
    Missing,
    #[error("The client assertion is not a signed JWT in compact form of at most 8192 characters.")]
    Malformed,
    #[error(
        "The client assertion's `alg` must be the one of the enrolled key: ES256, EdDSA or PS256. `none` and HMAC are never accepted."
    )]
    Algorithm,
    #[error(
        "The client assertion has a `crit` header; this server understands no critical extensions."
    )]
    Critical,
    #[error(
        "No key that is enrolled for this client verifies the client assertion. Check `iss`, `kid` and the key set you enrolled."
    )]
    Unverified,
    #[error(
        "`iss` and `sub` of the client assertion must both be your client id, and equal to `client_id` if you send that."
    )]
    Subject,
    #[error(
        "`aud` of the client assertion must be this server's issuer or its token endpoint, and nothing else."
    )]
    Audience,
    #[error(
        "The client assertion has expired. Make a new one for each request, and check your clock."
    )]
    Expired,
    #[error("The client assertion runs longer than 5 minutes. Set `exp` to a minute from now.")]
    TooLong,
    #[error("The client assertion is dated in the future (`iat` or `nbf`). Check your clock.")]
    NotYet,
    #[error("The client assertion needs a `jti` of 8 to 256 characters.")]
    NoId,
    #[error(
        "This client assertion was used before. Make a new one, with a new `jti`, for each request."
    )]
    Replayed,
}

/// What is wrong with a DPoP proof (RFC 9449 section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProofFault {
    #[error("Send exactly one DPoP header, with a proof made for this request.")]
    NotOne,
    #[error("The DPoP proof is not a signed JWT in compact form of at most 8192 characters.")]
    Malformed,
    #[error("The DPoP proof's `typ` must be dpop+jwt.")]
    Type,
    #[error(
        "The DPoP proof's `alg` must fit its key: ES256, EdDSA or PS256. `none` and HMAC are never accepted."
    )]
    Algorithm,
    #[error("The DPoP proof has a `crit` header; this server understands no critical extensions.")]
    Critical,
    #[error(
        "The DPoP proof's `jwk` must be one public key: EC P-256, OKP Ed25519, or RSA of 2048 to 8192 bits. Never send the private part."
    )]
    Key,
    #[error("The DPoP proof's signature does not fit its `jwk`.")]
    Signature,
    #[error("`htm` of the DPoP proof is not this request's method.")]
    Method,
    #[error("`htu` of the DPoP proof is not this request's address without query and fragment.")]
    Target,
    #[error(
        "`iat` of the DPoP proof is more than a minute away from the present. Make a new proof for each request, and check your clock."
    )]
    Time,
    #[error("`ath` of the DPoP proof is not the SHA-256 of the access token in base64url.")]
    TokenHash,
    #[error("The DPoP proof needs a `jti` of 8 to 256 characters.")]
    NoId,
    #[error("This DPoP proof was used before. Make a new one, with a new `jti`, for each request.")]
    Replayed,
    #[error("The access token is bound to another key than the one of this DPoP proof.")]
    OtherKey,
}

/// What is wrong with an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenFault {
    #[error("Send exactly one Authorization header.")]
    NotOne,
    #[error(
        "Tokens are bound to a key here: send `Authorization: DPoP <token>`, not Bearer or anything else."
    )]
    Scheme,
    #[error("The access token is unknown, has expired or was revoked. Ask for a new one.")]
    Unknown,
    #[error(
        "The connection behind the access token has ended. The token will not come back; ask the person to connect again."
    )]
    ConnectionEnded,
}

/// What is wrong with a token request whose client is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GrantFault {
    #[error(
        "Send a form (application/x-www-form-urlencoded) in which every parameter stands once."
    )]
    Form,
    #[error(
        "Unknown parameter. This endpoint knows grant_type, client_id, client_assertion_type, client_assertion, connection and purpose; for revocation token and token_type_hint in their place."
    )]
    Parameter,
    #[error("`grant_type` must be client_credentials.")]
    GrantType,
    #[error(
        "Powers are not scopes: leave `scope` out. What a token can do is what the agreement and the people allow."
    )]
    Scope,
    #[error("Name one `purpose` of your agreement, for example dpv:ServicePersonalisation.")]
    Purpose,
    #[error("`connection` is not a live connection of yours.")]
    Connection,
    #[error("You hold too many tokens. Use the ones you have, or revoke them.")]
    TooMany,
    #[error("Send the `token` to be revoked.")]
    NoToken,
}

impl GrantFault {
    /// The code of RFC 6749 section 5.2.
    pub(crate) fn error(self) -> &'static str {
        match self {
            Self::Form | Self::Parameter | Self::Purpose | Self::NoToken => "invalid_request",
            Self::GrantType => "unsupported_grant_type",
            Self::Scope => "invalid_scope",
            Self::Connection => "invalid_grant",
            Self::TooMany => "temporarily_unavailable",
        }
    }

    /// The HTTP status.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::TooMany => 429,
            _ => 400,
        }
    }
}
