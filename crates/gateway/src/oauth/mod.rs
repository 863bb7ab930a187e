//! Who asks: client authentication, tokens, and the proof that a token is held by its owner.
//!
//! The profile is FAPI 2.0's: private_key_jwt (RFC 7523), pushed requests (RFC 9126), PKCE, DPoP (RFC 9449), opaque
//! tokens. Powers travel as authorization details (RFC 9396) of one exact agreement version. What a person sees and
//! answers in between is not here but in `person`.
//!
//! A token is good for one `purpose`, a parameter of ours, and acts for one connection or for nobody. Besides by code
//! and by refresh token it can be asked for by `client_credentials` with the `connection`'s name.

mod assertion;
mod authenticate;
mod client;
mod codes;
mod details;
mod endpoint;
mod fault;
mod form;
mod introspect;
mod jws;
mod metadata;
mod nonce;
mod par;
mod pkce;
mod proof;
mod redirect;
mod refresh;
mod replay;
mod tokens;

pub(crate) use assertion::read as read_key;
pub(crate) use authenticate::{Caller, authenticate, still_connected, still_holds};
pub(crate) use client::{asked_for, told};
pub(crate) use codes::Code;
pub(crate) use details::{Wanted, look, powers_of};
pub(crate) use endpoint::{revoke, token};
pub(crate) use fault::{AssertionFault, GrantFault, ProofFault, TokenFault};
pub(crate) use form::Form;
pub(crate) use introspect::introspect;
pub(crate) use jws::{ALGORITHMS, Jwk, Jws, PublicKey};
pub(crate) use metadata::metadata;
pub(crate) use par::{PREFIX, Pushed, push};
pub(crate) use redirect::is_loopback;
pub(crate) use tokens::Tokens;

use codes::Codes;
use nonce::Nonces;
use par::Requests;
use refresh::RefreshTokens;
use replay::Replays;

use crate::entropy::{Entropy, NoEntropy};

/// Where tokens are given out, below the public address.
pub(crate) const TOKEN_PATH: &str = "/oauth/token";
/// Where tokens are given back.
pub(crate) const REVOKE_PATH: &str = "/oauth/revoke";
/// Where a client asks what a token is good for.
pub(crate) const INTROSPECT_PATH: &str = "/oauth/introspect";
/// Where requests are pushed.
pub(crate) const PAR_PATH: &str = "/oauth/par";
/// Where a person's browser is sent with a pushed request.
pub(crate) const AUTHORIZE_PATH: &str = "/oauth/authorize";

/// What the protocols have to remember.
pub(crate) struct Memory {
    assertions: Replays,
    proofs: Replays,
    nonces: Nonces,
    refresh: RefreshTokens,
    /// Pushed requests that wait for a person.
    pub(crate) requests: Requests,
    /// Codes on their way through a browser.
    pub(crate) codes: Codes,
}

impl Memory {
    /// `secret` is what refresh tokens are derived from.
    pub(crate) fn new(entropy: &Entropy, secret: &[u8; 32]) -> Result<Self, NoEntropy> {
        Ok(Self {
            assertions: Replays::new(assertion::KEEP_MS, 1 << 14),
            proofs: Replays::new(proof::KEEP_MS, 1 << 18),
            nonces: Nonces::new(entropy.bytes()?),
            refresh: RefreshTokens::new(secret),
            requests: par::requests(),
            codes: Codes::new(),
        })
    }
}
