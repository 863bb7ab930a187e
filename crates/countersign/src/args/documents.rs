//! Arguments about documents that a steward writes: agreements, promises, policy, notices.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use decide::{AgreementId, OfficerId, PartnerId, PromiseId};

use super::Door;
use super::keys::Side;

/// `agreement`
#[derive(Debug, Subcommand)]
pub(crate) enum Agreement {
    /// Prints a draft with every member and its meaning.
    Draft {
        /// The agreement's id.
        #[arg(value_name = "AGREEMENT")]
        agreement: AgreementId,
        /// With which partner.
        #[arg(long, value_name = "PARTNER")]
        partner: PartnerId,
    },
    /// Says what is wrong in a document, or what it grants and the ids of its powers.
    Check(AgreementFile),
    /// Signs one exact version; prints the signature (a JWS), which goes with the document.
    Sign(Sign),
    /// Takes a document in, with the signatures there are. Without both, every power in it is inert.
    Offer(Offer),
    /// Lets nothing pass under an agreement until it is resumed.
    Suspend(AgreementOf),
    /// Lets a suspended agreement govern again.
    Resume(AgreementOf),
    /// Ends an agreement for good.
    End(AgreementOf),
}

/// `agreement check`, `promise check`, `policy check`
#[derive(Debug, Args)]
pub(crate) struct AgreementFile {
    /// The document, YAML.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// `agreement sign`
#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// The document, YAML, exactly as it was or will be offered.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The officer's private key, a JWK.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// The officer's id.
    #[arg(long, value_name = "OFFICER")]
    pub(crate) officer: OfficerId,
    #[command(flatten)]
    pub(crate) side: Side,
}

/// `agreement offer`
#[derive(Debug, Args)]
pub(crate) struct Offer {
    /// The document, YAML.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A file with an officer's signature; may be given once for each side.
    #[arg(long = "signature", value_name = "FILE")]
    pub(crate) signatures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) door: Door,
}

/// `agreement suspend`, `resume`, `end`
#[derive(Debug, Args)]
pub(crate) struct AgreementOf {
    /// The agreement's id.
    #[arg(value_name = "AGREEMENT")]
    pub(crate) agreement: AgreementId,
    #[command(flatten)]
    pub(crate) door: Door,
}

/// `promise`
#[derive(Debug, Subcommand)]
pub(crate) enum Promise {
    /// Prints a draft with every member and its meaning.
    Draft {
        /// The promise's id.
        #[arg(value_name = "PROMISE")]
        promise: PromiseId,
    },
    /// Says what is wrong in a document, or what it forbids.
    Check(AgreementFile),
    /// Makes the promise: from here on nobody can override it.
    Make(DocumentIn),
}

/// `policy`
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Says what is wrong in a document.
    Check(AgreementFile),
    /// Sets it; the former one is replaced.
    Set(DocumentIn),
}

/// `promise make`, `policy set`
#[derive(Debug, Args)]
pub(crate) struct DocumentIn {
    /// The document, YAML.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) door: Door,
}

/// `notice`
#[derive(Debug, Subcommand)]
pub(crate) enum Notice {
    /// Publishes a text; prints its hash, by which consents name it.
    Publish {
        /// The exact text.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Its language (BCP 47).
        #[arg(long, value_name = "TAG", default_value = "en")]
        language: String,
        #[command(flatten)]
        door: Door,
    },
}
