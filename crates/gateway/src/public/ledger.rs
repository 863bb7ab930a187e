//! The signed checkpoints of both logs, and what to do with them.

use std::sync::Arc;

use askama::Template;
use http::Response;
use ledger::note::Signer;
use ledger::{Checkpoint, Log};
use serde::Serialize;

use super::{Look, text};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::person::page::Failure;

/// One of the two logs.
pub(super) struct Which {
    name: &'static str,
    holds: &'static str,
    log: fn(&Gateway) -> &Arc<Log>,
    signer: fn(&Gateway) -> &Arc<Signer>,
}

pub(super) const LEDGER: Which = Which {
    name: "ledger",
    holds: "What happened: every answer about people that may have left to a partner, every write, and every refusal, each recorded before anything left.",
    log: |gateway| &gateway.ledger,
    signer: |gateway| &gateway.config.ledger.signer,
};
pub(super) const REGISTER: Which = Which {
    name: "register",
    holds: "What governs: partners, agreements and their signatures, promises, consents, refusals and connections.",
    log: |gateway| gateway.register.log(),
    signer: |gateway| &gateway.config.register.signer,
};

#[derive(Template)]
#[template(path = "public_ledger.html")]
struct Page<'a> {
    look: &'a Look<'a>,
    logs: &'a [Shown],
}

#[derive(Serialize)]
struct Shown {
    log: &'static str,
    #[serde(skip)]
    holds: &'static str,
    origin: String,
    /// Entries under the checkpoint.
    size: u64,
    root: String,
    /// The public key that the checkpoint is signed by.
    key: String,
    /// The signed note.
    checkpoint: String,
}

impl Shown {
    fn entries(&self) -> String {
        page::thousands(self.size)
    }
}

/// `ledger`
pub(super) fn page(look: &Look<'_>) -> Result<Response<Body>, Failure> {
    let logs = [LEDGER, REGISTER].map(|which| {
        let (published, note) = note(look.gateway, &which);
        Shown {
            log: which.name,
            holds: which.holds,
            origin: published.origin,
            size: published.size,
            root: published.root.to_base64(),
            key: (which.signer)(look.gateway).verifier().to_string(),
            checkpoint: note,
        }
    });
    look.told(&Page { look, logs: &logs }, &logs)
}

/// `ledger/checkpoint`, `register/checkpoint`: the signed note as C2SP's tlog-checkpoint has it.
pub(super) fn checkpoint(gateway: &Gateway, which: &Which) -> Result<Response<Body>, Failure> {
    Ok(text(note(gateway, which).1))
}

/// The last published checkpoint, signed. Signing again gives the same bytes, so no file need be read.
fn note(gateway: &Gateway, which: &Which) -> (Checkpoint, String) {
    let published = (which.log)(gateway).published();
    let note = published.sign((which.signer)(gateway));
    (published, note)
}
