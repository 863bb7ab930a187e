//! Who asks: client authentication, tokens, and the proof that a token is held by its owner.
//!
//! The profile is FAPI 2.0's for servers: private_key_jwt (RFC 7523), DPoP (RFC 9449), opaque tokens. A token is asked for by
//! `client_credentials` with two parameters of ours: `connection`, a connection that a person has made with this
//! partner (without it the partner acts for nobody), and `purpose`, the one purpose that the token is good for.

mod assertion;
mod authenticate;
mod endpoint;
mod fault;
mod form;
mod jws;
mod metadata;
mod nonce;
mod proof;
mod replay;
mod tokens;

pub(crate) use authenticate::{Caller, authenticate, still_connected, still_holds};
pub(crate) use endpoint::{revoke, token};
pub(crate) use fault::{AssertionFault, GrantFault, ProofFault, TokenFault};
pub(crate) use jws::ALGORITHMS;
pub(crate) use metadata::metadata;
pub(crate) use tokens::Tokens;

use nonce::Nonces;
use replay::Replays;

use crate::entropy::{Entropy, NoEntropy};

/// What the protocols have to remember.
pub(crate) struct Memory {
    assertions: Replays,
    proofs: Replays,
    nonces: Nonces,
}

impl Memory {
    pub(crate) fn new(entropy: &Entropy) -> Result<Self, NoEntropy> {
        Ok(Self {
            assertions: Replays::new(assertion::KEEP_MS, 1 << 14),
            proofs: Replays::new(proof::KEEP_MS, 1 << 18),
            nonces: Nonces::new(entropy.bytes()?),
        })
    }
}
