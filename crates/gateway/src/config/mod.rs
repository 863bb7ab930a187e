//! The gateway's configuration: one TOML file, read whole, with every file that it names, before a port is bound.
//!
//! Relative paths are relative to the file. Secrets lie in files of their own; nothing in the TOML is one, so it can be
//! kept in version control. `docs/countersign.toml` has every member with its meaning.

mod asking;
mod error;
mod file;
mod login;
mod read;
mod secret;
mod staff;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use http::HeaderName;
use ledger::note::Signer;

pub use error::ConfigError;
pub use file::{Limits, LogFormat, Storage, Telemetry, Tokens};
pub use secret::Secret;
pub use staff::{PROGRAM, Role, Staff};
pub use values::{BaseUrl, Size, Span};

/// Everything that an operator decides, complete and read.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where partners are served.
    pub listen: Listen,
    /// Where the operator is.
    pub admin: Admin,
    /// The platform behind.
    pub platform: Platform,
    /// The log of what happened.
    pub ledger: Ledger,
    /// The log of what governs.
    pub register: Register,
    /// The platform's settings for the rule, as a document to be taken into the register when it has changed.
    pub policy: Document,
    /// The key under which cursors are sealed.
    pub cursor_key: Secret<[u8; 32]>,
    /// How people log in; `None`: they do not, and there are no pages for them.
    pub login: Option<Login>,
    /// How people are asked whom others have connected a partner for; `None`: nobody is.
    pub asking: Option<Asking>,
    /// Access tokens.
    pub tokens: Tokens,
    /// Limits.
    pub limits: Limits,
    /// How much of the disk is kept for what takes away.
    pub storage: Storage,
    /// Logs and traces.
    pub telemetry: Telemetry,
}

/// Where and how partners are served.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address to bind.
    pub address: SocketAddr,
    /// How partners reach it: the issuer of tokens, and what DPoP proofs must name.
    pub public_url: BaseUrl,
    /// The certificate; `None` where `plaintext = true` was spelled out.
    pub tls: Option<Tls>,
}

/// A certificate chain and its key, in PEM.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The chain, leaf first.
    pub certificates: Vec<u8>,
    /// Its private key.
    pub key: Secret<Vec<u8>>,
}

/// The administration's listener.
#[derive(Clone, Debug)]
pub struct Admin {
    /// The address to bind; loopback, unless spelled out otherwise.
    pub address: SocketAddr,
    /// The bearer token of the program's own commands and of the platform's systems.
    pub token: Secret<String>,
    /// The people who keep the register, each with a token of their own; nobody: the token above may do everything.
    pub staff: Vec<Staff>,
}

/// The platform's API.
#[derive(Clone, Debug)]
pub struct Platform {
    /// Where it is.
    pub upstream: BaseUrl,
    /// Its OpenAPI document.
    pub document: Document,
    /// The overlay with `x-countersign`.
    pub overlay: Document,
    /// The gateway's own credential: which header, and its whole value.
    pub credential: Option<(HeaderName, Secret<String>)>,
    /// Where the platform is told the id of the person who connected; `None`: it is not told.
    pub person: Option<PersonPlace>,
    /// The header by which the platform recognises a write that it gets twice; `None`: it has none.
    pub idempotency: Option<HeaderName>,
    /// Further certificate authorities to trust, in PEM.
    pub authorities: Option<Vec<u8>>,
}

/// Where a request to the platform says for whom a partner acts. A partner can set neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonPlace {
    /// In this header.
    Header(HeaderName),
    /// In this parameter of the query.
    Parameter(String),
}

/// Where the ledger is.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Its directory.
    pub directory: PathBuf,
    /// Signs its checkpoints; its name is the log's origin.
    pub signer: Arc<Signer>,
    /// Under which the common part of details is encrypted.
    pub details_key: Secret<[u8; 32]>,
    /// Where a copy of the last checkpoint lies.
    pub anchor: Option<PathBuf>,
}

/// Where the register is.
#[derive(Clone, Debug)]
pub struct Register {
    /// Its directory.
    pub directory: PathBuf,
    /// Signs its checkpoints; its name is the log's origin.
    pub signer: Arc<Signer>,
    /// The file with the key of its details; `None`: in its directory.
    pub key_file: Option<PathBuf>,
    /// Where a copy of the last checkpoint lies.
    pub anchor: Option<PathBuf>,
}

/// The platform's own OpenID Connect provider, and what this gateway is there.
#[derive(Clone, Debug)]
pub struct Login {
    /// The platform's name, as people read it.
    pub platform: String,
    /// The provider's issuer, exactly as it writes it itself.
    pub issuer: String,
    /// Under which id this gateway is registered there.
    pub client_id: String,
    /// The secret that goes with it.
    pub client_secret: Secret<String>,
    /// Certificate authorities to trust there, in PEM.
    pub authorities: Option<Vec<u8>>,
    /// The claim of the ID token that holds the platform's own id of a person.
    pub person_claim: String,
}

/// How people are told that partners ask about them, and where it is kept who waits to be asked.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The platform's web hook, which gets the digests.
    pub hook: BaseUrl,
    /// Certificate authorities to trust there, in PEM.
    pub authorities: Option<Vec<u8>>,
    /// The key of the digests' signatures.
    pub secret: Secret<Vec<u8>>,
    /// The file of open requests, answers and preferences.
    pub store: PathBuf,
    /// How many requests and answers are kept, of everybody together.
    pub most: u64,
    /// How many requests of one person can be open.
    pub most_per_person: usize,
}

/// A file that was read, with its path for messages.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where it was.
    pub path: PathBuf,
    /// What was in it.
    pub bytes: Vec<u8>,
}
