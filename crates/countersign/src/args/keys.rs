//! Arguments about keys and who holds them.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use decide::{OfficerId, PartnerId};

use super::Door;

/// `key`
#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Makes a key pair for an officer or a partner: a JWK that only you can read. Prints the public half.
    New(NewKey),
    /// Makes the signing key of a log. Prints the public half, which verifiers need.
    Log(NewLogKey),
}

/// `key new`
#[derive(Debug, Args)]
pub(crate) struct NewKey {
    /// Where the private key goes; an existing file is never replaced.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Which signature it makes.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) algorithm: Algorithm,
    /// The key's id; for an officer the officer's id. Without it, its thumbprint (RFC 7638).
    #[arg(long, value_name = "ID")]
    pub(crate) kid: Option<String>,
}

/// Which signature.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    #[default]
    Es256,
    /// Ed25519.
    Eddsa,
}

/// `key log`
#[derive(Debug, Args)]
pub(crate) struct NewLogKey {
    /// Where the private key goes; an existing file is never replaced.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The log's origin: an address without scheme, for example partners.sample.example/ledger. Never changes.
    #[arg(value_name = "ORIGIN")]
    pub(crate) origin: String,
}

/// `partner`
#[derive(Debug, Subcommand)]
pub(crate) enum Partner {
    /// Makes a partner known, with its public keys. It has no power by that.
    Enrol(Enrol),
    /// Replaces a partner's public keys.
    Keys(PartnerKeys),
}

/// `partner enrol`
#[derive(Debug, Args)]
pub(crate) struct Enrol {
    /// The partner's id.
    #[arg(value_name = "PARTNER")]
    pub(crate) partner: PartnerId,
    /// Its name, as people read it.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// Its JWK Set of public keys, those of its officers included.
    #[arg(long, value_name = "FILE")]
    pub(crate) jwks: PathBuf,
    #[command(flatten)]
    pub(crate) door: Door,
}

/// `partner keys`
#[derive(Debug, Args)]
pub(crate) struct PartnerKeys {
    /// The partner's id.
    #[arg(value_name = "PARTNER")]
    pub(crate) partner: PartnerId,
    /// Its whole new JWK Set.
    #[arg(long, value_name = "FILE")]
    pub(crate) jwks: PathBuf,
    #[command(flatten)]
    pub(crate) door: Door,
}

/// `officer`
#[derive(Debug, Subcommand)]
pub(crate) enum Officer {
    /// Lets an officer sign from here on.
    Enrol(OfficerKey),
    /// Gives an officer another key; the former one is refused from here on.
    Rotate(OfficerKey),
    /// Lets an officer sign no longer. What was signed before stands.
    Revoke(OfficerOf),
}

/// `officer enrol`, `officer rotate`
#[derive(Debug, Args)]
pub(crate) struct OfficerKey {
    #[command(flatten)]
    pub(crate) of: OfficerOf,
    /// The officer's public key, a JWK (Ed25519 or P-256).
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
}

/// `officer revoke`
#[derive(Debug, Args)]
pub(crate) struct OfficerOf {
    /// The officer's id.
    #[arg(value_name = "OFFICER")]
    pub(crate) officer: OfficerId,
    #[command(flatten)]
    pub(crate) side: Side,
    #[command(flatten)]
    pub(crate) door: Door,
}

/// For whom an officer signs.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Side {
    /// For the platform.
    #[arg(long)]
    pub(crate) platform: bool,
    /// For this partner.
    #[arg(long, value_name = "PARTNER")]
    pub(crate) partner: Option<PartnerId>,
}
