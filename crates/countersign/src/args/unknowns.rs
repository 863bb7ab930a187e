//! What nobody knows the outcome of.

use clap::{Args, ValueEnum};

use super::Door;

/// `unknowns`
#[derive(Debug, Args)]
pub(crate) struct Unknowns {
    /// The ledger entry of one about which something was found out. Without it all are listed.
    #[arg(long, value_name = "ENTRY", requires_all = ["outcome", "note"])]
    pub(crate) resolve: Option<u64>,
    /// What became of it.
    #[arg(long, value_enum, requires = "resolve")]
    pub(crate) outcome: Option<Found>,
    /// How that was found out. It is recorded, encrypted, beside the outcome.
    #[arg(long, value_name = "TEXT", requires = "resolve")]
    pub(crate) note: Option<String>,
    #[command(flatten)]
    pub(crate) door: Door,
}

/// What an operator has found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Found {
    /// The platform has done it.
    Done,
    /// The platform has not done it.
    NotDone,
}
