//! What can be wrong with an assertion, a proof, a token or a token request, in the words that a partner reads.
//!
//! All of it depends on the partner's own keys and requests, so all of it may be told. One thing is kept vague: an
//! unknown client, an unknown key and a wrong signature sound the same.

/// An enum of faults, each with what a partner reads, and the list of them all for the documentation.
macro_rules! faults {
    ($(#[$doc:meta])* $name:ident { $($fault:ident: $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
        pub(crate) enum $name {
            $(#[error($text)] $fault,)*
        }

        #[cfg(test)]
        impl $name {
            pub(crate) const ALL: &[Self] = &[$(Self::$fault,)*];
        }
    };
}

faults! {
    /// What is wrong with a client assertion (RFC 7523).
    AssertionFault {
        Missing: "No client assertion: send `client_assertion_type` urn:ietf:params:oauth:client-assertion-type:jwt-bearer and `client_assertion`, each once. There are no client secrets here.",
        Malformed: "The client assertion is not a signed JWT in compact form (at most 8192 characters) with `iss`, `sub`, `aud` and `exp`.",
        Algorithm: "The client assertion's `alg` must be the one of the enrolled key: ES256, EdDSA or PS256. `none` and HMAC are never accepted.",
        Critical: "The client assertion has a `crit` header; this server understands no critical extensions.",
        Unverified: "No key that is enrolled for this client verifies the client assertion. Check `iss`, `kid` and the key set you enrolled.",
        Subject: "`iss` and `sub` of the client assertion must both be your client id, and equal to `client_id` if you send that.",
        Audience: "`aud` of the client assertion must be this server's issuer or its token endpoint, and nothing else.",
        Expired: "The client assertion has expired. Make a new one for each request, and check your clock.",
        TooLong: "The client assertion runs longer than 5 minutes. Set `exp` to a minute from now.",
        NotYet: "The client assertion is dated in the future (`iat` or `nbf`). Check your clock.",
        NoId: "The client assertion needs a `jti` of 8 to 256 characters.",
        Replayed: "This client assertion was used before. Make a new one, with a new `jti`, for each request.",
    }
}

faults! {
    /// What is wrong with a DPoP proof (RFC 9449 section 4.3).
    ProofFault {
        NotOne: "Send exactly one DPoP header, with a proof made for this request.",
        Malformed: "The DPoP proof is not a signed JWT in compact form (at most 8192 characters) with `htm`, `htu`, `iat` and `jti`.",
        Type: "The DPoP proof's `typ` must be dpop+jwt.",
        Algorithm: "The DPoP proof's `alg` must fit its key: ES256, EdDSA or PS256. `none` and HMAC are never accepted.",
        Critical: "The DPoP proof has a `crit` header; this server understands no critical extensions.",
        Key: "The DPoP proof's `jwk` must be one public key: EC P-256, OKP Ed25519, or RSA of 2048 to 8192 bits. Never send the private part.",
        Signature: "The DPoP proof's signature does not fit its `jwk`.",
        Method: "`htm` of the DPoP proof is not this request's method.",
        Target: "`htu` of the DPoP proof is not this request's address without query and fragment.",
        Time: "`iat` of the DPoP proof is more than a minute away from the present. Make a new proof for each request, and check your clock.",
        TokenHash: "`ath` of the DPoP proof is not the SHA-256 of the access token in base64url.",
        NoId: "The DPoP proof needs a `jti` of 8 to 256 characters.",
        Replayed: "This DPoP proof was used before. Make a new one, with a new `jti`, for each request.",
        OtherKey: "The access token is bound to another key than the one of this DPoP proof.",
    }
}

faults! {
    /// What is wrong with an access token.
    TokenFault {
        NotOne: "Send exactly one Authorization header.",
        Scheme: "Tokens are bound to a key here: send `Authorization: DPoP <token>`, not Bearer or anything else.",
        Unknown: "The access token is unknown, has expired or was revoked. Ask for a new one.",
        ConnectionEnded: "The connection behind the access token has ended. The token will not come back; ask the person to connect again.",
    }
}

faults! {
    /// What is wrong with a request whose client is known: for a token, about one, or pushed for a person to answer.
    GrantFault {
        Form: "Send a form (application/x-www-form-urlencoded) in which every parameter stands once.",
        Parameter: "Unknown parameter. Beside client_id, client_assertion_type and client_assertion, the token endpoint knows grant_type, purpose, connection, code, redirect_uri, code_verifier and refresh_token, each with its grant; revocation and introspection know token and token_type_hint; docs/connect.md lists those of a pushed request.",
        GrantType: "`grant_type` must be client_credentials, authorization_code or refresh_token.",
        Scope: "Powers are not scopes: leave `scope` out. What a token can do is what the agreement and the people allow.",
        Purpose: "Name one `purpose` of your agreement, for example dpv:ServicePersonalisation.",
        OnePurpose: "The connection is for several purposes and a token for one: name it as `purpose`.",
        Connection: "`connection` is not a live connection of yours.",
        Code: "The code is unknown, has expired, was brought before, or was made for another client, redirect_uri, code_verifier or DPoP key. It is used up now. Send the person to ask again.",
        Refresh: "The refresh token is none of yours, or the connection behind it has ended. Send the person to ask again.",
        TooMany: "You hold too many tokens. Use the ones you have, or revoke them.",
        NoToken: "Send the `token` that you ask about.",
        RequestObject: "Send the parameters of a pushed request themselves: no `request` and no `request_uri`.",
        ResponseType: "`response_type` must be code.",
        ResponseMode: "`response_mode` must be query, or be left out.",
        Redirect: "`redirect_uri` must be an https address of at most 512 characters, without fragment and user.",
        Challenge: "Send `code_challenge` with `code_challenge_method` S256; nothing else is accepted.",
        Key: "Bind the code to a key: send a DPoP proof with the pushed request, or `dpop_jkt`; where both are there they must be of one key.",
        DetailsForm: "`authorization_details` must be a JSON array of one object with type, agreement, version, powers (1 to 64, each once, as ids or as verb, category, reach and purpose) and, if you like, digest.",
        DetailsType: "The type of `authorization_details` must be countersign_powers.",
        DetailsVersion: "No such version of an agreement of yours governs now, or `digest` is not its document's. A version governs when both sides have signed it, its term has begun, and none signed later has.",
        DetailsPower: "That version of the agreement does not grant a power that you ask for.",
        DetailsNotNow: "A power that you ask for cannot be used now, whoever the people are: the agreement is suspended or over, the power has lapsed or was handed back, its legal basis is not accepted, or a promise of the platform's covers it.",
    }
}

impl GrantFault {
    /// The code of RFC 6749 section 5.2.
    pub(crate) fn error(self) -> &'static str {
        match self {
            Self::Form
            | Self::Parameter
            | Self::Purpose
            | Self::OnePurpose
            | Self::NoToken
            | Self::RequestObject
            | Self::ResponseMode
            | Self::Redirect
            | Self::Challenge
            | Self::Key => "invalid_request",
            Self::ResponseType => "unsupported_response_type",
            Self::DetailsForm
            | Self::DetailsType
            | Self::DetailsVersion
            | Self::DetailsPower
            | Self::DetailsNotNow => "invalid_authorization_details",
            Self::GrantType => "unsupported_grant_type",
            Self::Scope => "invalid_scope",
            Self::Connection | Self::Code | Self::Refresh => "invalid_grant",
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
